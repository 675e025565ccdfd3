"""A gate from tick to tick: OK ticks are counted, failed queries skipped, everything else begins again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pags_tui.core.conditions import MetricCondition, excess
from pags_tui.core.gates.finding import FLAG_STALE_AFTER, find
from pags_tui.core.gates.shapes import (
    Answer,
    Finding,
    GateContext,
    GateMemory,
    GateSpec,
    GateState,
    GateVerdict,
    Part,
    PartMemory,
    PartVerdict,
)
from pags_tui.core.observe import STOOD_STILL, Sights
from pags_tui.core.series import Seconds
from pags_tui.core.units import show_duration

OK_IN_A_ROW = 3
"""OK ticks before a pass: one good tick is luck."""
HOLE = 300.0
"""Longest time between two OK ticks that still counts as unbroken, with failed queries or no tick at all in between:
Prometheus' own look-back, as for triggers' clocks. After a longer one nobody knows, and the count starts again."""


def judge(spec: GateSpec, memory: GateMemory, sights: Sights, context: GateContext) -> tuple[GateMemory, GateVerdict]:
    """The gate after this tick. With `sights.live` False the tick is back-filled: `for` grows, the count does not."""
    known = memory.parts if len(memory.parts) == len(spec.parts) else (PartMemory(),) * len(spec.parts)
    memories, verdicts = [], []
    for part, remembered in zip(spec.parts, known, strict=True):
        after, verdict = _judge_part(part, remembered, sights, context)
        memories.append(after)
        verdicts.append(verdict)
    return GateMemory(tuple(memories)), _whole(spec.id, tuple(verdicts))


def standing(spec: GateSpec, memory: GateMemory, verdict: GateVerdict, context: GateContext) -> GateVerdict:
    """The verdict of the last tick as it stands now: a pass that rests on evidence from before a change that came
    since then, or on another condition, is none any more. `memory`: the gate's after that tick.
    """
    known = memory.parts if len(memory.parts) == len(verdict.parts) else (PartMemory(),) * len(verdict.parts)
    parts = tuple(map(_standing, verdict.parts, known, spec.parts, (_since_of(part, context) for part in spec.parts)))
    return verdict if parts == verdict.parts else _whole(verdict.id, parts)


def _standing(verdict: PartVerdict, memory: PartMemory, part: Part, since: Seconds | None) -> PartVerdict:
    if verdict.state is not GateState.PASS or (memory.of == part and memory.since == since):
        return verdict
    return replace(verdict, state=GateState.SETTLING, reason=f"{verdict.reason}; {_FROM_NOW_ON}", row=0, clock=0.0)


_FROM_NOW_ON = "counts from the change on"


def worsen(spec: GateSpec, verdict: GateVerdict, sights: Sights, context: GateContext) -> GateVerdict:
    """The verdict after the reading taken at the moment of confirming. It can only get worse.

    What cannot be read is at best `stale`, so that a pass refuses and an override of `stale` still covers it.
    """
    parts = []
    for part, before in zip(spec.parts, verdict.parts, strict=True):
        finding = _find_now(part, sights, context, _since_of(part, context))
        state = _WORSE.get(finding.answer, before.state)
        if state.rank < before.state.rank or (state is before.state and not _further_off(before, finding)):
            parts.append(before)
            continue
        reason = f"read just now: {finding.reason}"
        parts.append(replace(before, state=state, reason=reason, value=finding.value, series=finding.series))
    return _whole(spec.id, tuple(parts))


def _further_off(before: PartVerdict, finding: Finding) -> bool:
    """Both are bad, and the fresh value breaks the test further: an override of the old value does not cover it."""
    if finding.answer is not Answer.BAD or before.test is None or before.value is None or finding.value is None:
        return False
    return excess(before.test, finding.value) < excess(before.test, before.value)


_WORSE: Mapping[Answer, GateState] = {
    Answer.BAD: GateState.FAIL,
    Answer.UNKNOWN: GateState.UNKNOWN,
    Answer.FAILED: GateState.STALE,
    Answer.EARLY: GateState.SETTLING,
}


def _whole(id_: str, parts: tuple[PartVerdict, ...]) -> GateVerdict:
    """The worst part speaks; of equals the one that needs the longest still."""
    worst = max(parts, key=lambda part: (part.state.rank, part.for_ - part.clock))
    return GateVerdict(
        id_,
        worst.state,
        worst.reason,
        worst.value,
        worst.bound,
        worst.metric,
        worst.series,
        min(part.row for part in parts),
        min(part.clock for part in parts),
        worst.for_,
        max((part.age for part in parts if part.age is not None), default=None),
        worst.data_age,
        parts,
        frozenset(part.metric for part in parts if part.metric),
        worst.test,
    )


def _since_of(part: Part, context: GateContext) -> Seconds | None:
    """From when on evidence counts for this part."""
    place = getattr(part, "since", None)
    return context.since if place is None else context.places.get(place)


def _judge_part(
    part: Part,
    memory: PartMemory,
    sights: Sights,
    context: GateContext,
) -> tuple[PartMemory, PartVerdict]:
    since = _since_of(part, context)
    if memory.of is not part and memory.of != part:
        memory = PartMemory(part, since=since)
    elif memory.since != since:
        memory = _begin_again(memory, since)
    finding = _find_now(part, sights, context, since)
    if finding.answer is Answer.FAILED:
        return _skip(part, memory, finding, sights)
    if finding.answer is Answer.OK and since is not None and sights.time >= since:
        return _count(part, memory, finding, sights, context)
    state = _WORSE.get(finding.answer, GateState.SETTLING)
    reason = finding.reason if state is not GateState.SETTLING else f"{finding.reason}; {_FROM_NOW_ON}"
    verdict = _verdict(part, state, replace(finding, reason=reason), sights)
    return PartMemory(part, answered_at=finding.answered_at, since=since, last=verdict), verdict


def _find_now(part: Part, sights: Sights, context: GateContext, since: Seconds | None) -> Finding:
    """What the tick says of the condition; nothing good where its time stood still."""
    finding = find(part, sights, context, since)
    if finding.answer is Answer.OK and not sights.advanced:
        return replace(finding, answer=Answer.FAILED, reason=STOOD_STILL)
    return finding


def _begin_again(memory: PartMemory, since: Seconds | None) -> PartMemory:
    """Evidence counts from another moment: what was proven before it is not any more."""
    last = memory.last
    if last:
        state = GateState.SETTLING if last.state is GateState.PASS else last.state
        last = replace(last, state=state, row=0, clock=0.0)
    return PartMemory(memory.of, answered_at=memory.answered_at, since=since, last=last)


def _skip(part: Part, memory: PartMemory, finding: Finding, sights: Sights) -> tuple[PartMemory, PartVerdict]:
    """A failed query: the last verdict stays with its age, then it is stale. The count waits (see HOLE)."""
    last, answered_at = memory.last, memory.answered_at
    if last is None or answered_at is None:
        return memory, _verdict(part, GateState.UNKNOWN, finding, sights)
    age = round(sights.time - answered_at, 3)
    if age <= _stale_after(part, sights):
        return memory, replace(last, age=age)
    reason = f"{finding.reason}, for {show_duration(age)}; last: {last.reason}"
    return memory, replace(last, state=GateState.STALE, reason=reason, value=None, age=age)


def _stale_after(part: Part, sights: Sights) -> Seconds:
    if isinstance(part, MetricCondition):
        return sights.metrics[part.metric].stale_after
    return FLAG_STALE_AFTER


def _count(
    part: Part, memory: PartMemory, finding: Finding, sights: Sights, context: GateContext
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
    return PartMemory(part, row, start, now, finding.answered_at, memory.since, verdict), verdict


def _verdict(part: Part, state: GateState, finding: Finding, sights: Sights) -> PartVerdict:
    age = None if finding.answered_at is None else max(0.0, round(sights.time - finding.answered_at, 3))
    test = part.test if isinstance(part, MetricCondition) else None
    bound = "" if test is None else str(test)
    return PartVerdict(
        str(part),
        state,
        test,
        finding.reason,
        finding.value,
        bound,
        finding.metric,
        finding.series,
        for_=getattr(part, "for_", 0.0),
        age=age,
        data_age=finding.data_age,
    )
