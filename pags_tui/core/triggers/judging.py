"""A trigger from tick to tick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pags_tui.core.conditions import Condition, MetricCondition
from pags_tui.core.observe import Sights
from pags_tui.core.triggers.clocks import clocks, firing_of, latch
from pags_tui.core.triggers.shapes import (
    NO_SIDS,
    ClockMemory,
    ClockVerdict,
    Posture,
    Restart,
    SeriesVerdict,
    TriggerContext,
    TriggerMemory,
    TriggerSpec,
    TriggerVerdict,
)
from pags_tui.core.triggers.words import part_verdict, series_verdict
from pags_tui.core.triggers.world import since_of, world_of


def judge(
    spec: TriggerSpec, memory: TriggerMemory, sights: Sights, context: TriggerContext
) -> tuple[TriggerMemory, TriggerVerdict]:
    """The trigger after this tick. Judge it at every tick, live or back-filled (`sights.live` False), in order."""
    memories, verdicts, restarts = [], [], []
    began = bad = bad_now = False
    for number, condition in enumerate(spec.conditions):
        before = _remembered(memory, number, condition, context)
        world = world_of(condition, before, sights, context)
        starts, again = clocks(world, before.starts)
        firing = firing_of(world, starts)
        new = firing - before.firm
        after = latch(world, before, starts, new, sights.live and context.posture.acts)
        began = began or not new <= before.soft
        bad, bad_now = bad or bool(firing), bad_now or bool(world.bad)
        restarts += again
        memories.append(after)
        verdicts.append(part_verdict(world, after, firing))
    after_all = TriggerMemory(tuple(memories), sights.time if began else memory.fired_at)
    whole = _whole(spec, memory, after_all, verdicts, tuple(restarts), context.posture, bad and sights.live)
    return after_all, replace(whole, bad_now=True) if bad_now and sights.live else whole


def unlatch(memory: TriggerMemory) -> TriggerMemory:
    """After a veto or a rollback: the trigger shows its present answer again. Clocks run on."""
    return replace(
        memory, parts=tuple(replace(part, firm=NO_SIDS, soft=part.firm | part.soft) for part in memory.parts)
    )


def series(
    spec: TriggerSpec, memory: TriggerMemory, sights: Sights, context: TriggerContext
) -> tuple[SeriesVerdict, ...]:
    """Every known series under every metric condition, from the memory after the tick and what the tick showed."""
    found: list[SeriesVerdict] = []
    for number, (condition, part) in enumerate(zip(spec.conditions, memory.parts, strict=True)):
        sight = sights.metrics.get(condition.metric) if isinstance(condition, MetricCondition) else None
        if isinstance(condition, MetricCondition) and sight is not None:
            world = world_of(condition, part, sights, context)
            held = [sid for sid in part.starts if sid in sight.gone]
            found += (
                series_verdict(number, world, part, condition, sight, sid)
                for sid in (*sight.values, *sight.unknown, *held)
            )
    return tuple(found)


def _remembered(memory: TriggerMemory, number: int, condition: Condition, context: TriggerContext) -> ClockMemory:
    """The part's memory, or a new one where it belongs to another condition or to evidence that counts no more."""
    since = since_of(condition, context)
    part = memory.parts[number] if number < len(memory.parts) else ClockMemory()
    if part.of is not condition and part.of != condition:
        return ClockMemory(condition, since=since)
    return part if part.since == since else replace(part, starts={}, known_at=None, since=since)


def _whole(
    spec: TriggerSpec,
    before: TriggerMemory,
    after: TriggerMemory,
    parts: Sequence[ClockVerdict],
    restarts: tuple[Restart, ...],
    posture: Posture,
    bad: bool,
) -> TriggerVerdict:
    worst = max(parts, key=lambda part: (part.state.rank, part.now.rank, part.clock))
    was, is_ = _firing_before(before), _firing_before(after)
    fired = after.latched and not before.latched
    return TriggerVerdict(
        spec.id,
        worst.state,
        max((part.now for part in parts), key=lambda now: now.rank),
        worst.clock,
        worst.for_,
        worst.value,
        worst.bound,
        worst.reason,
        worst.metric,
        worst.series,
        tuple(parts),
        frozenset(c.metric for c in spec.conditions if isinstance(c, MetricCondition)),
        posture,
        bad,
        after.latched,
        fired,
        is_ and not was and not fired,
        was and not is_,
        restarts,
        after.fired_at,
    )


def _firing_before(memory: TriggerMemory) -> bool:
    return any(part.firm or part.soft for part in memory.parts)
