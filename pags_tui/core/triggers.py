"""Judges the clocks of triggers. A judge sees settings, what the tick showed and the time; it never acts.

    bridge    min(5m, max(`for`, 2 x `every`))
    BAD       first: clock 0, pending. After a gap up to `bridge`: clock += gap. Over `bridge` but up to `for`: the
              clock pauses. Longer: clock 0 (`TriggerVerdict.restarted`). Fires when clock >= `for` on a BAD tick.
    OK        clock 0, inactive
    UNKNOWN   never fires and never clears; after `bridge` without a known reading it shows `unknown`

With steady data the unlatched answer (`now`) agrees tick for tick with `for:` of a Prometheus alerting rule. `state` is
latched: it stays firing until it is unlatched, or, where it fired unable to act, until its first OK.

A memory goes in, a new one comes out; both are plain values. Start with `TriggerMemory()`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pags_tui.core.conditions import Condition, MetricCondition, Quantifier, Test, excess, true_of
from pags_tui.core.gates import Answer, GateContext, find
from pags_tui.core.observe import (
    Sid,
    Sight,
    Sights,
    TriggerState,
    least_true,
    reading_words,
    series_name,
    truest,
)
from pags_tui.core.series import Labels, Seconds
from pags_tui.core.units import show_clock, show_duration

BRIDGE = 300.0
"""Prometheus' own look-back: a shorter gap than this it would not have noticed either."""
WHOLE: Sid = -1
"""Stands for the one clock of all series together."""
NO_SIDS: frozenset[Sid] = frozenset()


@dataclass(frozen=True, slots=True)
class TriggerSpec:
    """A trigger of the runbook."""

    id: str
    conditions: tuple[Condition, ...]
    """Any of these, each with its own clocks."""


@dataclass(frozen=True, slots=True)
class Posture:
    """Whether firing would act. Derived from the run's facts by somebody else."""

    armed: bool = True
    muted: bool = False
    observing: bool = False
    """After a rollback's first write, or by the range's mode."""
    vetoed: bool = False
    """Within the ten minutes of a veto."""

    @property
    def acts(self) -> bool:
        """Firing now is for real: it latches."""
        return self.armed and not (self.muted or self.observing or self.vetoed)


@dataclass(frozen=True, slots=True)
class TriggerContext:
    """What a trigger is judged against besides its metrics."""

    every: Seconds
    """Time between two ticks; in a backtest the smallest spacing of ticks."""
    posture: Posture = Posture()
    places: Mapping[str, Seconds | None] = field(default_factory=dict)
    """When evidence begins for each place that some condition names after `since`; None: not begun."""
    flags: Collection[str] = ()
    """Every flag of the runbook, for `flags readable`."""


@dataclass(frozen=True, slots=True)
class ClockMemory:
    """What is remembered of one condition from tick to tick."""

    of: Condition | None = None
    """The condition that it belongs to: another one (after an amendment) begins anew."""
    starts: Mapping[Sid, Seconds] = field(default_factory=dict)
    """Of each series whose clock runs or is held: the moment from which it would have run without a pause."""
    firm: frozenset[Sid] = NO_SIDS
    """Series that fired for real: latched until `unlatch`."""
    soft: frozenset[Sid] = NO_SIDS
    """Series that fired unarmed, muted, observing, vetoed or back-filled: latched until their first OK."""
    known_at: Seconds | None = None
    """Of one clock for all series: the last tick at which it was known."""
    since: Seconds | None = None


@dataclass(frozen=True, slots=True)
class TriggerMemory:
    """What is remembered of one trigger."""

    parts: tuple[ClockMemory, ...] = ()
    fired_at: Seconds | None = None
    """The last tick at which a series began to fire, able to act or not."""

    @property
    def latched(self) -> bool:
        """Fired for real, and not unlatched since."""
        return any(part.firm for part in self.parts)


@dataclass(frozen=True, slots=True)
class Restart:
    """A clock that began anew at 0 after a gap longer than `for`; for the journal."""

    metric: str
    series: Labels
    gap: Seconds


@dataclass(frozen=True, slots=True)
class ClockVerdict:
    """What is said of one condition of a trigger: that of its worst series."""

    text: str
    """The condition as a sentence."""
    state: TriggerState
    """Latched."""
    now: TriggerState
    """Unlatched."""
    clock: Seconds
    for_: Seconds
    value: float | None
    bound: str
    reason: str
    metric: str | None
    series: Labels | None


@dataclass(frozen=True, slots=True)
class TriggerVerdict:
    """What is said of a trigger. Where its conditions differ it speaks of the worst."""

    id: str
    state: TriggerState
    """Latched."""
    now: TriggerState
    """The present, unlatched answer."""
    clock: Seconds
    """Seconds of the worst series' clock."""
    for_: Seconds
    value: float | None
    """Of the worst series, in the metric's unit; None: no number at this tick."""
    bound: str
    reason: str
    """In words, with both numbers."""
    metric: str | None
    series: Labels | None
    """The worst series; None: none is known."""
    parts: tuple[ClockVerdict, ...]
    metrics: frozenset[str]
    """All metrics that it watches."""
    posture: Posture
    bad: bool
    """Some series fires on this very tick, and the tick is live: what an action has to rest on."""
    latched: bool
    """Fired for real, and not unlatched since."""
    fired: bool
    """It began to fire for real at this tick."""
    would_fire: bool
    """It began to fire at this tick, but may not act."""
    cleared: bool
    """It was firing, and no longer is."""
    restarted: tuple[Restart, ...]
    fired_at: Seconds | None
    """When a series last began to fire, able to act or not."""


@dataclass(frozen=True, slots=True)
class SeriesVerdict:
    """What is said of one series under one condition."""

    part: int
    """Index into `TriggerSpec.conditions`."""
    metric: str
    series: Labels
    state: TriggerState
    now: TriggerState
    clock: Seconds
    value: float | None
    reason: str


def bridge_of(for_: Seconds, every: Seconds) -> Seconds:
    """The longest gap between two known readings that a clock runs on through."""
    return min(BRIDGE, max(for_, 2 * every))


def judge(
    spec: TriggerSpec, memory: TriggerMemory, sights: Sights, context: TriggerContext
) -> tuple[TriggerMemory, TriggerVerdict]:
    """The trigger after this tick. Judge it at every tick, live or back-filled (`sights.live` False), in order."""
    memories, verdicts, restarts = [], [], []
    began = bad = False
    for number, condition in enumerate(spec.conditions):
        before = _remembered(memory, number, condition, context)
        world = _world(condition, before, sights, context)
        starts, again = _clocks(world, before.starts)
        firing = _firing(world, starts)
        after = _latch(world, before, starts, firing, sights.live and context.posture.acts)
        began = began or not firing <= before.firm | before.soft
        bad = bad or bool(firing)
        restarts += again
        memories.append(after)
        verdicts.append(_part(world, after, firing))
    after_all = TriggerMemory(tuple(memories), sights.time if began else memory.fired_at)
    return after_all, _whole(spec, memory, after_all, verdicts, tuple(restarts), context.posture, bad and sights.live)


def unlatch(memory: TriggerMemory) -> TriggerMemory:
    """After a veto or a rollback: the trigger shows its present answer again. Clocks run on."""
    return replace(memory, parts=tuple(
        replace(part, firm=NO_SIDS, soft=part.firm | part.soft) for part in memory.parts
    ))


def series(
    spec: TriggerSpec, memory: TriggerMemory, sights: Sights, context: TriggerContext
) -> tuple[SeriesVerdict, ...]:
    """Every known series under every metric condition, from the memory after the tick and what the tick showed."""
    found: list[SeriesVerdict] = []
    for number, (condition, part) in enumerate(zip(spec.conditions, memory.parts, strict=True)):
        sight = sights.metrics.get(condition.metric) if isinstance(condition, MetricCondition) else None
        if isinstance(condition, MetricCondition) and sight is not None:
            world = _world(condition, part, sights, context)
            held = [sid for sid in part.starts if sid in sight.gone]
            found += (
                _series_verdict(number, world, part, condition, sight, sid)
                for sid in (*sight.values, *sight.unknown, *held)
            )
    return tuple(found)


# ---- one condition as a world of clocks


@dataclass(frozen=True, slots=True)
class _World:
    """What one tick says of one condition's clocks: of each series, or of all together as `WHOLE`."""

    condition: Condition
    now: Seconds
    before: Seconds
    """The tick before, at which every series was known that is in neither `lost` nor `regained`."""
    for_: Seconds
    bridge: Seconds
    bad: Collection[Sid]
    known: Collection[Sid]
    unknown: Mapping[Sid, str]
    lost: Mapping[Sid, Seconds]
    regained: Mapping[Sid, Seconds]
    gone: frozenset[Sid] = NO_SIDS
    void: str | None = None
    sight: Sight | None = None
    words: str = ""
    """What the whole reads, where there is no series to say it of."""

    @property
    def metric(self) -> str | None:
        """The metric, if the condition has one."""
        return self.condition.metric if isinstance(self.condition, MetricCondition) else None


def _remembered(memory: TriggerMemory, number: int, condition: Condition, context: TriggerContext) -> ClockMemory:
    """The part's memory, or a new one where it belongs to another condition or to evidence that counts no more."""
    since = _since_of(condition, context)
    part = memory.parts[number] if number < len(memory.parts) else ClockMemory()
    if part.of is not condition and part.of != condition:
        return ClockMemory(condition, since=since)
    return part if part.since == since else replace(part, starts={}, known_at=None, since=since)


def _since_of(condition: Condition, context: TriggerContext) -> Seconds | None:
    place = getattr(condition, "since", None)
    return float("-inf") if place is None else context.places.get(place)


def _world(condition: Condition, memory: ClockMemory, sights: Sights, context: TriggerContext) -> _World:
    for_ = getattr(condition, "for_", 0.0)
    bridge = bridge_of(for_, context.every)
    before = sights.time if sights.before is None else sights.before
    if memory.since is None or sights.time < memory.since:
        return _World(condition, sights.time, before, for_, bridge, (), (), {}, {}, {}, void="not begun")
    if not isinstance(condition, MetricCondition):
        return _one_clock(*_flag_answer(condition, sights, context), condition, memory, sights, for_, bridge, None)
    sight = sights.metrics.get(condition.metric)
    if sight is None:
        return _World(condition, sights.time, before, for_, bridge, (), (), {}, {}, {}, void="not observed")
    if condition.quantifier is not None:
        answer = _quantified(condition, sight)
        return _one_clock(answer, "", condition, memory, sights, for_, bridge, sight)
    return _World(
        condition, sights.time, before, for_, bridge, _matching(condition.test, sight), sight.values, sight.unknown,
        sight.lost, sight.regained, sight.gone, sight.void, sight,
    )


def _matching(test: Test, sight: Sight) -> Collection[Sid]:
    """The known series for which the test is true. In the usual night that is none, seen from one comparison."""
    sid = truest(test, sight)
    if sid is None or not true_of(test, sight.values[sid]):
        return ()
    sid = least_true(test, sight)
    if sid is not None and true_of(test, sight.values[sid]):
        return sight.values.keys()
    return [sid for sid, value in sight.values.items() if true_of(test, value)]


def _quantified(condition: MetricCondition, sight: Sight) -> bool | None:
    """Whether `any` or `every` is bad; None: unknown."""
    some = condition.quantifier is Quantifier.ANY
    decides = truest(condition.test, sight) if some else least_true(condition.test, sight)
    if decides is not None:
        held = true_of(condition.test, sight.values[decides])
        if held == some or not sight.unknown:
            return held
    return None


def _flag_answer(condition: Condition, sights: Sights, context: TriggerContext) -> tuple[bool | None, str]:
    """Whether a condition without a metric is bad, and what it reads."""
    finding = find(condition, sights, GateContext(context.every, flags=context.flags), None)
    answer = {Answer.OK: True, Answer.BAD: False}.get(finding.answer) if sights.advanced else None
    return answer, finding.reason


def _one_clock(
    answer: bool | None, words: str, condition: Condition, memory: ClockMemory, sights: Sights, for_: Seconds,
    bridge: Seconds, sight: Sight | None,
) -> _World:
    """A world with the one clock `WHOLE`."""
    now, known_at = sights.time, memory.known_at
    last = {} if known_at is None else {WHOLE: known_at}
    if answer is None:
        reason = words or _first_unknown(sight)
        return _World(condition, now, now, for_, bridge, (), (), {WHOLE: reason}, last, {}, sight=sight, words=words)
    known = (WHOLE,)
    bad = known if answer else ()
    return _World(condition, now, now, for_, bridge, bad, known, {}, {}, last, sight=sight, words=words)


def _first_unknown(sight: Sight | None) -> str:
    """The reason of the first unknown series by label."""
    if sight is None or not sight.unknown:
        return (sight.void if sight else None) or "no data"
    return sight.unknown[min(sight.unknown, key=lambda sid: sight.labels[sid])]


# ---- clocks and latches


def _clocks(world: _World, before: Mapping[Sid, Seconds]) -> tuple[Mapping[Sid, Seconds], list[Restart]]:
    """The clocks after the tick: those that are bad run, unknown ones are held, all others are gone."""
    if not world.bad and not before:
        return before, []
    restarts: list[Restart] = []
    now = world.now
    if not world.regained and now - world.before <= world.bridge:
        if len(before) == len(world.bad) and before.keys() >= set(world.bad):
            return before, []
        starts = {sid: before.get(sid, now) for sid in world.bad}
    else:
        starts = {sid: _after_gap(world, sid, before, restarts) for sid in world.bad}
    if len(before) > len(starts) or not before.keys() <= starts.keys():
        starts |= {sid: start for sid, start in before.items() if _held(world, sid)}
    return starts, restarts


def _after_gap(world: _World, sid: Sid, before: Mapping[Sid, Seconds], restarts: list[Restart]) -> Seconds:
    """Where a bad series' clock starts, now that the time since its last known reading is over."""
    start = before.get(sid)
    if start is None:
        return world.now
    gap = round(world.now - world.regained.get(sid, world.before), 3)
    if gap <= world.bridge:
        return start
    if gap <= world.for_:
        return start + gap
    restarts.append(Restart(world.metric or "", _labels(world, sid) or (), gap))
    return world.now


def _held(world: _World, sid: Sid) -> bool:
    """Whether a clock outlives a tick that does not know its series. One that nobody requires to come back is dropped
    once its clock would begin anew anyway."""
    if sid in world.unknown:
        return True
    return sid in world.gone and world.now - world.lost.get(sid, world.now) <= max(world.for_, world.bridge)


def _firing(world: _World, starts: Mapping[Sid, Seconds]) -> frozenset[Sid]:
    """The series that fire: long enough, and bad at this tick."""
    latest = world.now - world.for_ + _HALF_A_MILLISECOND
    if not world.bad or min(map(starts.__getitem__, world.bad)) > latest:
        return NO_SIDS
    return frozenset(sid for sid in world.bad if starts[sid] <= latest)


_HALF_A_MILLISECOND = 0.0005
"""Times are milliseconds, and differences of large floats are not exact."""


def _latch(
    world: _World, before: ClockMemory, starts: Mapping[Sid, Seconds], firing: frozenset[Sid], acts: bool
) -> ClockMemory:
    firm, soft = before.firm, before.soft
    if firing and acts:
        firm = firm if firing <= firm else firm | firing
    elif firing:
        soft = soft if firing <= soft else soft | firing
    if soft:
        soft = frozenset(sid for sid in soft if sid in starts and sid not in firm)
    known_at = world.now if WHOLE in world.known else before.known_at
    if starts is before.starts and firm is before.firm and soft == before.soft and known_at == before.known_at:
        return before
    return ClockMemory(before.of, starts, firm, soft, known_at, before.since)


# ---- words


def _part(world: _World, memory: ClockMemory, firing: frozenset[Sid]) -> ClockVerdict:
    """The worst series speaks for its condition."""
    sid, now, clock = _worst(world, memory.starts, firing)
    latched = memory.firm or memory.soft
    state = TriggerState.FIRING if latched else now
    reason = _reason(world, sid, now, clock)
    if latched and now is not TriggerState.FIRING:
        reason = f"fired; now {reason}"
    shown = _shown_sid(world, sid)
    value = world.sight.raw.get(shown) if world.sight and shown is not None else None
    bound = str(world.condition.test) if isinstance(world.condition, MetricCondition) else ""
    return ClockVerdict(
        str(world.condition), state, now, clock, world.for_, value, bound, reason, world.metric, _labels(world, sid)
    )


def _worst(
    world: _World, starts: Mapping[Sid, Seconds], firing: frozenset[Sid]
) -> tuple[Sid | None, TriggerState, Seconds]:
    """The worst series (firing, pending, unknown, inactive; of equals the longest clock), its answer and its clock."""
    held = [
        (now.rank, clock, sid, now) for sid in starts if sid not in world.known
        for now, clock in (_standing(world, starts, sid),)
    ] if len(starts) > len(world.bad) else []
    if world.bad:
        sid = _longest(world, starts)
        now = TriggerState.FIRING if firing else TriggerState.PENDING
        held.append((now.rank, round(world.now - starts[sid], 3), sid, now))
    worst = max(held, default=None)
    if worst and worst[0] >= TriggerState.PENDING.rank:
        return worst[2], worst[3], worst[1]
    blind = [sid for sid in world.unknown if world.now - world.lost.get(sid, float("-inf")) > world.bridge]
    if blind:
        sid = min(blind, key=lambda each: _labels(world, each) or ())
        return sid, TriggerState.UNKNOWN, _standing(world, starts, sid)[1]
    if worst:
        return worst[2], worst[3], worst[1]
    if world.void is not None:
        return None, TriggerState.UNKNOWN, 0.0
    return _calmest(world), TriggerState.INACTIVE, 0.0


def _longest(world: _World, starts: Mapping[Sid, Seconds]) -> Sid:
    """Of the bad series the one with the longest clock; of equals the one deepest in the bad."""
    earliest = min(map(starts.__getitem__, world.bad))
    condition, sight = world.condition, world.sight
    if not isinstance(condition, MetricCondition) or sight is None or WHOLE in world.bad:
        return WHOLE
    deepest = truest(condition.test, sight)
    if deepest is not None and starts[deepest] == earliest:
        return deepest
    equals = [sid for sid in world.bad if starts[sid] == earliest]
    return max(equals, key=lambda sid: excess(condition.test, sight.values[sid]))


def _calmest(world: _World) -> Sid | None:
    """The series nearest to being bad, where none is."""
    if world.sight is None or not isinstance(world.condition, MetricCondition):
        return WHOLE
    return truest(world.condition.test, world.sight)


def _standing(world: _World, starts: Mapping[Sid, Seconds], sid: Sid) -> tuple[TriggerState, Seconds]:
    """One series' unlatched answer and clock."""
    start = starts.get(sid)
    if sid in world.known:
        if start is None:
            return TriggerState.INACTIVE, 0.0
        clock = round(world.now - start, 3)
    else:
        last = world.lost.get(sid)
        clock = 0.0 if start is None or last is None else round(last - start, 3)
        if last is None or world.now - last > world.bridge:
            return TriggerState.UNKNOWN, clock
        if start is None:
            return TriggerState.INACTIVE, 0.0
    return (TriggerState.FIRING if clock >= world.for_ else TriggerState.PENDING), clock


def _shown_sid(world: _World, sid: Sid | None) -> Sid | None:
    """The series whose value is shown: for the one clock of all, the one nearest to being bad, or deepest in it."""
    if sid != WHOLE:
        return sid
    if world.sight is None or not isinstance(world.condition, MetricCondition):
        return None
    return truest(world.condition.test, world.sight)


def _labels(world: _World, sid: Sid | None) -> Labels | None:
    shown = _shown_sid(world, sid)
    return world.sight.labels[shown] if world.sight and shown is not None else None


def _reason(world: _World, sid: Sid | None, now: TriggerState, clock: Seconds) -> str:
    words = _reading(world, sid)
    if now is TriggerState.FIRING:
        return f"{words} for {show_duration(clock)}" if world.for_ else words
    if now is TriggerState.PENDING:
        return f"{words}, {show_clock(clock)} of {show_clock(world.for_)}"
    return words


def _reading(world: _World, sid: Sid | None) -> str:
    """What is read of a series, in words."""
    condition = world.condition
    if not isinstance(condition, MetricCondition):
        return world.words or (world.void or "")
    labels = _labels(world, sid)
    name = series_name(condition.metric, labels or ())
    if sid is None:
        return f"{name}: {world.void}"
    if sid in world.unknown:
        return f"{name}: {world.unknown[sid]}"
    shown = _shown_sid(world, sid)
    if world.sight is None or shown is None or shown not in world.sight.values:
        return f"{name}: no data"
    return reading_words(condition, name, world.sight.values[shown])


def _series_verdict(
    number: int, world: _World, memory: ClockMemory, condition: MetricCondition, sight: Sight, sid: Sid
) -> SeriesVerdict:
    """A series of its own, or under a clock for all: then bad series show that clock, and the others none."""
    name = series_name(condition.metric, sight.labels[sid])
    if sid in sight.unknown:
        words = f"{name}: {sight.unknown[sid]}"
    elif sid in sight.values:
        words = reading_words(condition, name, sight.values[sid])
    else:
        words = f"{name}: no data"
    now, clock = _standing(world, memory.starts, _clock_of(world, condition, sight, sid))
    if condition.quantifier is not None:
        bad = sid in sight.values and true_of(condition.test, sight.values[sid])
        if sid in sight.unknown:
            now, clock = TriggerState.UNKNOWN, 0.0
        elif not bad:
            now, clock = TriggerState.INACTIVE, 0.0
    latched = sid in memory.firm or sid in memory.soft
    state = TriggerState.FIRING if latched else now
    return SeriesVerdict(number, condition.metric, sight.labels[sid], state, now, clock, sight.raw.get(sid), words)


def _clock_of(world: _World, condition: MetricCondition, sight: Sight, sid: Sid) -> Sid:
    return sid if condition.quantifier is None else WHOLE


def _whole(
    spec: TriggerSpec, before: TriggerMemory, after: TriggerMemory, parts: Sequence[ClockVerdict],
    restarts: tuple[Restart, ...], posture: Posture, bad: bool,
) -> TriggerVerdict:
    worst = max(parts, key=lambda part: (part.state.rank, part.now.rank, part.clock))
    was, is_ = _firing_before(before), _firing_before(after)
    fired = after.latched and not before.latched
    return TriggerVerdict(
        spec.id, worst.state, max((part.now for part in parts), key=lambda now: now.rank), worst.clock, worst.for_,
        worst.value, worst.bound, worst.reason, worst.metric, worst.series, tuple(parts),
        frozenset(c.metric for c in spec.conditions if isinstance(c, MetricCondition)),
        posture, bad, after.latched, fired, is_ and not was and not fired, was and not is_, restarts, after.fired_at,
    )


def _firing_before(memory: TriggerMemory) -> bool:
    return any(part.firm or part.soft for part in memory.parts)
