"""Judges gates. A judge sees settings, what the tick showed and the time; it never fetches, waits or writes.

    fail      some series is bad (`any`: all of them), at once
    unknown   answered, but NaN, empty, little traffic, old, partial, or a series is missing, at once
    stale     the query fails for longer than `stale_after`; until then the last verdict stays, with its age
    settling  OK, but not yet three ticks in a row, or not yet an unbroken `for D`, or from before a change
    pass      proven

A memory goes in, a new one comes out; both are plain values. Start with `GateMemory()`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pags_tui.core.conditions import (
    AllSlos,
    Condition,
    FlagCondition,
    FlagsReadable,
    MetricCondition,
    NoTriggers,
    Quantifier,
    Test,
    excess,
    same_value,
    show_flag_value,
    true_of,
)
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
from pags_tui.core.series import FlagReading, Labels, Seconds
from pags_tui.core.units import show_duration

OK_IN_A_ROW = 3
"""OK ticks before a pass: one good tick is luck."""
HOLE = 300.0
"""Longest time between two OK ticks that still counts as unbroken when no tick lies between: Prometheus' look-back."""
FLAG_STALE_AFTER = 75.0
"""Oldest flag read that still counts: two reads of 30 s, and some."""
FROM_THE_START = float("-inf")
"""A `since` before every tick."""


class GateState(StrEnum):
    """A gate's answer, from best to worst."""

    PASS = "pass"  # noqa: S105  # a gate's word, no secret
    SETTLING = "settling"
    STALE = "stale"
    UNKNOWN = "unknown"
    FAIL = "fail"

    @property
    def rank(self) -> int:
        """0 for the best, 4 for the worst."""
        return _RANKS[self]


_RANKS = {state: rank for rank, state in enumerate(GateState)}


class Answer(StrEnum):
    """What one tick says of a condition or of one series under it."""

    OK = "ok"
    BAD = "bad"
    UNKNOWN = "unknown"
    FAILED = "failed"
    """The query has no answer: the tick is skipped."""
    EARLY = "early"
    """Answered, but from before the evidence counts."""


@dataclass(frozen=True, slots=True)
class GateSpec:
    """A gate of the runbook."""

    id: str
    """`phase/step`."""
    conditions: tuple[Condition, ...]
    """All must hold."""
    parts: tuple[MetricCondition | NoTriggers | FlagCondition | FlagsReadable, ...] = field(init=False, repr=False)
    """What is judged one by one: the conditions, with `all slos` as one part per metric."""

    def __post_init__(self) -> None:
        parts: list[MetricCondition | NoTriggers | FlagCondition | FlagsReadable] = []
        for condition in self.conditions:
            parts += condition.slos if isinstance(condition, AllSlos) else [condition]
        object.__setattr__(self, "parts", tuple(parts))


@dataclass(frozen=True, slots=True)
class TriggerStanding:
    """A trigger as `no triggers` asks for it."""

    state: TriggerState
    """Latched."""
    fired_at: Seconds | None = None
    """When it last began to fire; None: never in this run."""


@dataclass(frozen=True, slots=True)
class GateContext:
    """What a gate is judged against besides its metrics."""

    every: Seconds
    """Time between two ticks."""
    since: Seconds | None = FROM_THE_START
    """Evidence counts from here on; None: not begun, so nothing counts yet."""
    places: Mapping[str, Seconds | None] = field(default_factory=dict)
    """The same for each place that some condition names after `since`."""
    triggers: Mapping[str, TriggerStanding] = field(default_factory=dict)
    flags: Collection[str] = ()
    """Every flag of the runbook, for `flags readable`."""


@dataclass(frozen=True, slots=True)
class PartVerdict:
    """What is said of one condition of a gate."""

    text: str
    """The condition as a sentence."""
    state: GateState
    test: Test | None = field(repr=False)
    """None where the condition is no metric's."""
    reason: str
    """In words, with both numbers."""
    value: float | None = None
    """Of the worst series, in the metric's unit; None: no number."""
    bound: str = ""
    """The test as text; "" where it is no metric's."""
    metric: str | None = None
    series: Labels | None = None
    """The series that decides; None: none is known."""
    row: int = 0
    """Live OK ticks in a row."""
    clock: Seconds = 0.0
    """Unbroken OK seconds."""
    for_: Seconds = 0.0
    """Seconds it has to last."""
    age: Seconds | None = None
    """Since the last answer; None: never answered."""
    data_age: Seconds | None = None
    """Age of the data in that answer, where it is known."""


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What is said of a gate. Where the parts differ it speaks of the worst; `row` and `clock` are the least."""

    id: str
    state: GateState
    reason: str
    value: float | None
    bound: str
    metric: str | None
    series: Labels | None
    row: int
    clock: Seconds
    for_: Seconds
    age: Seconds | None
    data_age: Seconds | None
    parts: tuple[PartVerdict, ...]
    metrics: frozenset[str]
    """All metrics that it looks at."""
    test: Test | None = None
    """What `value` is held against; None where that is no metric's."""

    def no_worse_than(self, value: float | None) -> bool:
        """Whether `self.value` breaks the same test no further than `value` does. Without two numbers: no."""
        if self.test is None or self.value is None or value is None:
            return False
        return excess(self.test, self.value) >= excess(self.test, value)


@dataclass(frozen=True, slots=True)
class PartMemory:
    """What is remembered of one condition from tick to tick."""

    row: int = 0
    start: Seconds | None = None
    """The first tick of the unbroken OK ticks."""
    last_ok: Seconds = 0.0
    answered_at: Seconds | None = None
    since: Seconds | None = None
    last: PartVerdict | None = None
    """The last verdict that rests on an answer."""


@dataclass(frozen=True, slots=True)
class GateMemory:
    """What is remembered of one gate, part by part."""

    parts: tuple[PartMemory, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What this tick alone says of one condition."""

    answer: Answer
    reason: str
    value: float | None = None
    metric: str | None = None
    series: Labels | None = None
    answered_at: Seconds | None = None
    """When what it rests on was read."""
    data_age: Seconds | None = None


@dataclass(frozen=True, slots=True)
class SeriesFinding:
    """What this tick says of one series under one condition of a gate."""

    part: int
    """Index into `GateSpec.parts`."""
    metric: str
    series: Labels
    answer: Answer
    value: float | None
    reason: str


def judge(
    spec: GateSpec, memory: GateMemory, sights: Sights, context: GateContext
) -> tuple[GateMemory, GateVerdict]:
    """The gate after this tick. With `sights.live` False the tick is back-filled: `for` grows, the count does not."""
    known = memory.parts if len(memory.parts) == len(spec.parts) else (PartMemory(),) * len(spec.parts)
    memories, verdicts = [], []
    for part, remembered in zip(spec.parts, known, strict=True):
        after, verdict = _judge_part(part, remembered, sights, context)
        memories.append(after)
        verdicts.append(verdict)
    return GateMemory(tuple(memories)), _whole(spec.id, tuple(verdicts))


def worsen(spec: GateSpec, verdict: GateVerdict, sights: Sights, context: GateContext) -> GateVerdict:
    """The verdict after the reading taken at the moment of confirming. It can only get worse.

    What cannot be read is at best `stale`, so that a pass refuses and an override of `stale` still covers it.
    """
    parts = []
    for part, before in zip(spec.parts, verdict.parts, strict=True):
        finding = find(part, sights, context, _since_of(part, context))
        state = _WORSE.get(finding.answer, before.state)
        if finding.answer is Answer.OK and not sights.advanced:
            state = GateState.STALE
        if state.rank <= before.state.rank:
            parts.append(before)
            continue
        reason = f"read just now: {finding.reason}"
        parts.append(replace(before, state=state, reason=reason, value=finding.value, series=finding.series))
    return _whole(spec.id, tuple(parts))


_WORSE: Mapping[Answer, GateState] = {
    Answer.BAD: GateState.FAIL,
    Answer.UNKNOWN: GateState.UNKNOWN,
    Answer.FAILED: GateState.STALE,
    Answer.EARLY: GateState.SETTLING,
}


def series(spec: GateSpec, sights: Sights) -> tuple[SeriesFinding, ...]:
    """Every series under every metric condition of a gate, as the tick showed it; for the gate's own dialog."""
    found: list[SeriesFinding] = []
    for number, part in enumerate(spec.parts):
        if isinstance(part, MetricCondition) and (sight := sights.metrics.get(part.metric)):
            found += (_series_finding(number, part, sight, sid) for sid in (*sight.values, *sight.unknown))
    return tuple(found)


def _series_finding(number: int, part: MetricCondition, sight: Sight, sid: Sid) -> SeriesFinding:
    labels, value = sight.labels[sid], sight.raw.get(sid)
    name = series_name(part.metric, labels)
    if sid in sight.unknown:
        return SeriesFinding(number, part.metric, labels, Answer.UNKNOWN, value, f"{name}: {sight.unknown[sid]}")
    known = sight.values[sid]
    answer = Answer.OK if true_of(part.test, known) else Answer.BAD
    return SeriesFinding(number, part.metric, labels, answer, known, reading_words(part, name, known))


def _whole(id_: str, parts: tuple[PartVerdict, ...]) -> GateVerdict:
    """The worst part speaks; of equals the one that needs the longest still."""
    worst = max(parts, key=lambda part: (part.state.rank, part.for_ - part.clock))
    return GateVerdict(
        id_, worst.state, worst.reason, worst.value, worst.bound, worst.metric, worst.series,
        min(part.row for part in parts), min(part.clock for part in parts), worst.for_,
        max((part.age for part in parts if part.age is not None), default=None), worst.data_age, parts,
        frozenset(part.metric for part in parts if part.metric), worst.test,
    )


def _since_of(part: Condition, context: GateContext) -> Seconds | None:
    """From when on evidence counts for this part."""
    place = getattr(part, "since", None)
    return context.since if place is None else context.places.get(place)


def _judge_part(
    part: MetricCondition | NoTriggers | FlagCondition | FlagsReadable,
    memory: PartMemory,
    sights: Sights,
    context: GateContext,
) -> tuple[PartMemory, PartVerdict]:
    since = _since_of(part, context)
    if memory.since != since:
        memory = _begin_again(memory, since)
    finding = find(part, sights, context, since)
    if finding.answer is Answer.OK and not sights.advanced:
        finding = replace(finding, answer=Answer.FAILED, reason="the server's time did not advance")
    if finding.answer is Answer.FAILED:
        return _skip(part, memory, finding, sights, context)
    if finding.answer is Answer.OK and since is not None and sights.time >= since:
        return _count(part, memory, finding, sights, context)
    state = _WORSE.get(finding.answer, GateState.SETTLING)
    reason = finding.reason if state is not GateState.SETTLING else f"{finding.reason}; counts from the change on"
    verdict = _verdict(part, state, replace(finding, reason=reason), sights)
    return PartMemory(answered_at=finding.answered_at, since=since, last=verdict), verdict


def _begin_again(memory: PartMemory, since: Seconds | None) -> PartMemory:
    """Evidence counts from another moment: what was proven before it is not any more."""
    last = memory.last
    if last and last.state is GateState.PASS:
        last = replace(last, state=GateState.SETTLING)
    if last:
        last = replace(last, row=0, clock=0.0)
    return PartMemory(answered_at=memory.answered_at, since=since, last=last)


def _skip(
    part: Condition, memory: PartMemory, finding: Finding, sights: Sights, context: GateContext
) -> tuple[PartMemory, PartVerdict]:
    """A failed query: the last verdict stays with its age, then it is stale and the count starts again."""
    last, answered_at = memory.last, memory.answered_at
    if last is None or answered_at is None:
        return memory, _verdict(part, GateState.UNKNOWN, finding, sights)
    age = round(sights.time - answered_at, 3)
    if age <= _stale_after(part, sights):
        return memory, replace(last, age=age)
    reason = f"{finding.reason}, for {show_duration(age)}; last: {last.reason}"
    verdict = replace(last, state=GateState.STALE, reason=reason, value=None, row=0, clock=0.0, age=age)
    return replace(memory, row=0, start=None), verdict


def _stale_after(part: Condition, sights: Sights) -> Seconds:
    if isinstance(part, MetricCondition):
        sight = sights.metrics.get(part.metric)
        return sight.stale_after if sight else 0.0
    return FLAG_STALE_AFTER


def _count(
    part: Condition, memory: PartMemory, finding: Finding, sights: Sights, context: GateContext
) -> tuple[PartMemory, PartVerdict]:
    """One more OK tick."""
    now = sights.time
    start, row = memory.start, memory.row
    if start is None or now - memory.last_ok > max(HOLE, 2 * context.every, _stale_after(part, sights)):
        start, row = now, 0
    row += sights.live
    for_ = getattr(part, "for_", 0.0)
    clock = round(now - start, 3)
    state = GateState.PASS if row >= OK_IN_A_ROW and clock >= for_ else GateState.SETTLING
    verdict = replace(_verdict(part, state, finding, sights), row=row, clock=clock)
    return PartMemory(row, start, now, finding.answered_at, memory.since, verdict), verdict


def _verdict(part: Condition, state: GateState, finding: Finding, sights: Sights) -> PartVerdict:
    age = None if finding.answered_at is None else max(0.0, round(sights.time - finding.answered_at, 3))
    test = part.test if isinstance(part, MetricCondition) else None
    bound = "" if test is None else str(test)
    return PartVerdict(
        str(part), state, test, finding.reason, finding.value, bound, finding.metric, finding.series,
        for_=getattr(part, "for_", 0.0), age=age, data_age=finding.data_age,
    )


def find(part: Condition, sights: Sights, context: GateContext, since: Seconds | None) -> Finding:
    """What this tick alone says of a condition."""
    match part:
        case MetricCondition():
            return _find_metric(part, sights)
        case NoTriggers():
            return _find_triggers(sights, context, since)
        case FlagCondition():
            return _find_flag(part, sights, since)
        case FlagsReadable():
            return _find_flags(sights, context, since)
        case AllSlos():
            raise TypeError("`all slos` is judged metric by metric: see GateSpec.parts")


def _find_metric(part: MetricCondition, sights: Sights) -> Finding:
    """Every series, or for `any` one of them."""
    sight = sights.metrics.get(part.metric)
    if sight is None:
        return Finding(Answer.UNKNOWN, f"{part.metric}: not observed", metric=part.metric)
    if sight.failed is not None:
        reason = sight.void or next(iter(sight.unknown.values()))
        return Finding(Answer.FAILED, f"{part.metric}: {reason}", metric=part.metric)
    some = part.quantifier is Quantifier.ANY
    decides = truest(part.test, sight) if some else least_true(part.test, sight)
    if decides is not None:
        good = true_of(part.test, sight.values[decides])
        if good == some or not sight.unknown:
            return _known(part, sights, sight, decides, Answer.OK if good else Answer.BAD)
    return _unknown(part, sights, sight)


def _known(part: MetricCondition, sights: Sights, sight: Sight, sid: Sid, answer: Answer) -> Finding:
    value = sight.values[sid]
    reason = reading_words(part, series_name(part.metric, sight.labels[sid]), value)
    if answer is Answer.BAD:
        bad = sum(not true_of(part.test, each) for each in sight.values.values())
        reason += f", and {bad - 1} more" if bad > 1 else ""
    return Finding(answer, reason, value, part.metric, sight.labels[sid], sights.time, sight.age)


def _unknown(part: MetricCondition, sights: Sights, sight: Sight) -> Finding:
    """Of the unknown series the first by label speaks."""
    if not sight.unknown:
        return Finding(Answer.UNKNOWN, f"{part.metric}: {sight.void}", None, part.metric, None, sights.time, sight.age)
    sid = min(sight.unknown, key=lambda each: sight.labels[each])
    more = f", and {len(sight.unknown) - 1} more" if len(sight.unknown) > 1 else ""
    reason = f"{series_name(part.metric, sight.labels[sid])}: {sight.unknown[sid]}{more}"
    return Finding(
        Answer.UNKNOWN, reason, sight.raw.get(sid), part.metric, sight.labels[sid], sights.time, sight.age
    )


def _find_triggers(sights: Sights, context: GateContext, since: Seconds | None) -> Finding:
    unknown = None
    for name, standing in context.triggers.items():
        if standing.state in (TriggerState.PENDING, TriggerState.FIRING):
            return Finding(Answer.BAD, f"trigger {name} is {standing.state}", answered_at=sights.time)
        if standing.fired_at is not None and since is not None and standing.fired_at >= since:
            ago = show_duration(sights.time - standing.fired_at)
            return Finding(Answer.BAD, f"trigger {name} fired {ago} ago", answered_at=sights.time)
        if standing.state is TriggerState.UNKNOWN:
            unknown = unknown or name
    if unknown:
        return Finding(Answer.UNKNOWN, f"trigger {unknown} is unknown", answered_at=sights.time)
    return Finding(Answer.OK, "every trigger is inactive", answered_at=sights.time)


def _find_flag(part: FlagCondition, sights: Sights, since: Seconds | None) -> Finding:
    reading = sights.flags.get(part.key)
    blind = _blind(part.key, reading, sights.time)
    if blind or reading is None or reading.value is None:
        return blind or Finding(Answer.UNKNOWN, f"{part.key}: not read yet", answered_at=sights.time)
    equal = same_value(reading.value, part.value)
    reason = f"{part.key} is {show_flag_value(reading.value)}"
    if equal != (part.op == "=="):
        reason += f", not {show_flag_value(part.value)}" if part.op == "==" else ""
        answer = Answer.BAD
    else:
        answer = Answer.OK
    if since is not None and reading.read_at < since:
        answer, reason = Answer.EARLY, f"{reason}, read before the change"
    return Finding(answer, reason, answered_at=reading.read_at)


def _find_flags(sights: Sights, context: GateContext, since: Seconds | None) -> Finding:
    """A flag that cannot be read makes it false; one not yet asked for, unknown."""
    if not context.flags:
        return Finding(Answer.UNKNOWN, "the runbook names no flag", answered_at=sights.time)
    readings = {key: sights.flags.get(key) for key in context.flags}
    for key, reading in readings.items():
        if reading is not None and reading.value is None:
            return Finding(Answer.BAD, f"{key}: {failed_read(reading)}", answered_at=reading.read_at)
    for key, reading in readings.items():
        if blind := _blind(key, reading, sights.time):
            return blind
    oldest = min(reading.read_at for reading in readings.values() if reading is not None)
    if since is not None and oldest < since:
        return Finding(Answer.EARLY, "read before the change", answered_at=oldest)
    return Finding(Answer.OK, f"all {len(readings)} flags can be read", answered_at=oldest)


def _blind(key: str, reading: FlagReading | None, now: Seconds) -> Finding | None:
    """Why a flag's value is not known; None when it is."""
    if reading is None:
        return Finding(Answer.UNKNOWN, f"{key}: not read yet", answered_at=now)
    if reading.value is None:
        return Finding(Answer.FAILED, f"{key}: {failed_read(reading)}")
    if now - reading.read_at > FLAG_STALE_AFTER:
        return Finding(Answer.FAILED, f"{key}: not read any more")
    return None


def failed_read(reading: FlagReading) -> str:
    """Why a flag could not be read."""
    return f"cannot be read: {reading.failed or 'no reason given'}"
