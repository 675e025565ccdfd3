"""One tick's say on one condition, as a world of clocks: which run, which are held, since when they were not known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from pags_tui.core.conditions import AllSlos, Condition, MetricCondition, Quantifier, Test, all_true, true_of
from pags_tui.core.gates import FROM_THE_START, Answer, GateContext, find
from pags_tui.core.observe import Sid, Sight, Sights, least_true, truest
from pags_tui.core.series import Labels, Seconds
from pags_tui.core.triggers.shapes import NO_SIDS, ClockMemory, TriggerContext

BRIDGE = 300.0
"""Prometheus' own look-back: a shorter gap than this it would not have noticed either."""
WHOLE: Sid = -1
"""Stands for the one clock of all series together."""


def bridge_of(for_: Seconds, every: Seconds) -> Seconds:
    """The longest gap between two known readings that a clock runs on through."""
    return min(BRIDGE, max(for_, 2 * every))


@dataclass(frozen=True, slots=True)
class World:
    """What one tick says of one condition's clocks: of each series, or of all together as `WHOLE`."""

    condition: Condition
    now: Seconds
    before: Seconds
    """The tick before, at which every series was known that is in neither `lost` nor `regained`."""
    for_: Seconds
    bridge: Seconds
    bad: Collection[Sid] = ()
    known: Collection[Sid] = ()
    unknown: Mapping[Sid, str] = field(default_factory=dict)
    lost: Mapping[Sid, Seconds] = field(default_factory=dict)
    regained: Mapping[Sid, Seconds] = field(default_factory=dict)
    gone: frozenset[Sid] = NO_SIDS
    void: str | None = None
    sight: Sight | None = None
    words: str = ""
    """What the whole reads, where there is no series to say it of."""

    @property
    def metric(self) -> str | None:
        """The metric, if the condition has one."""
        return self.condition.metric if isinstance(self.condition, MetricCondition) else None


def since_of(condition: Condition, context: TriggerContext) -> Seconds | None:
    place = getattr(condition, "since", None)
    return FROM_THE_START if place is None else context.places.get(place)


def world_of(condition: Condition, memory: ClockMemory, sights: Sights, context: TriggerContext) -> World:
    for_ = getattr(condition, "for_", 0.0)
    bridge = bridge_of(for_, context.every)
    before = sights.time if sights.before is None else sights.before
    world = World(condition, sights.time, before, for_, bridge)
    if memory.since is None or sights.time < memory.since:
        return replace(world, void="not begun")
    if not isinstance(condition, MetricCondition):
        return _one_clock(world, memory, *_flag_answer(condition, sights, context))
    sight = sights.metrics.get(condition.metric)
    if sight is None:
        return replace(world, void="not observed")
    if condition.quantifier is not None:
        return _one_clock(replace(world, sight=sight), memory, *_quantified(condition, sight))
    return replace(
        world,
        bad=_matching(condition.test, sight),
        known=sight.values,
        unknown=sight.unknown,
        lost=_since(sight.lost, memory.since),
        regained=sight.regained,
        gone=sight.gone,
        void=sight.void,
        sight=sight,
    )


def _since(lost: Mapping[Sid, Seconds], since: Seconds) -> Mapping[Sid, Seconds]:
    """When series were last known, as far as that counts: before `since` nothing was."""
    return {sid: at for sid, at in lost.items() if at >= since}


def _matching(test: Test, sight: Sight) -> Collection[Sid]:
    """The known series for which the test is true. In the usual night that is none, seen from one comparison."""
    sid = truest(test, sight)
    if sid is None or not true_of(test, sight.values[sid]):
        return ()
    sid = least_true(test, sight)
    if sid is not None and true_of(test, sight.values[sid]):
        return sight.values.keys()
    return all_true(test, sight.values)


def _quantified(condition: MetricCondition, sight: Sight) -> tuple[bool | None, str]:
    """Whether `any` or `every` is bad; None: unknown, with the reason."""
    some = condition.quantifier is Quantifier.ANY
    decides = truest(condition.test, sight) if some else least_true(condition.test, sight)
    if decides is not None:
        held = true_of(condition.test, sight.values[decides])
        if held == some or not sight.unknown:
            return held, ""
    return None, _blind(sight)


def _flag_answer(condition: Condition, sights: Sights, context: TriggerContext) -> tuple[bool | None, str]:
    """Whether a condition without a metric is bad, and what it reads."""
    if isinstance(condition, AllSlos):
        return None, "`all slos` says when all is well, and cannot be bad"
    finding = find(condition, sights, GateContext(context.every, flags=context.flags), None)
    answer = {Answer.OK: True, Answer.BAD: False}.get(finding.answer) if sights.advanced else None
    return answer, finding.reason


def _one_clock(world: World, memory: ClockMemory, answer: bool | None, words: str) -> World:
    """The world with the one clock `WHOLE`, and what that clock reads."""
    last = {} if memory.known_at is None else {WHOLE: memory.known_at}
    if answer is None:
        return replace(world, unknown={WHOLE: words}, lost=last, words=words)
    known = (WHOLE,)
    return replace(world, bad=known if answer else (), known=known, regained=last, words=words)


def _blind(sight: Sight) -> str:
    """Why it is not known whether the whole is bad."""
    first = first_unknown(sight)
    return str(sight.void) if first is None else sight.unknown[first]


def first_unknown(sight: Sight) -> Sid | None:
    """The first unknown series by label."""
    return min(sight.unknown, key=lambda sid: sight.labels[sid], default=None)


def shown_sid(world: World, sid: Sid | None) -> Sid | None:
    """The series whose value is shown: for the one clock of all, the first blind one where that leaves it unknown, else
    the one nearest to being bad, or deepest in it."""
    if sid != WHOLE:
        return sid
    if world.sight is None or not isinstance(world.condition, MetricCondition):
        return None
    return first_unknown(world.sight) if WHOLE in world.unknown else truest(world.condition.test, world.sight)


def labels_of(world: World, sid: Sid | None) -> Labels | None:
    shown = shown_sid(world, sid)
    return world.sight.labels[shown] if world.sight and shown is not None else None
