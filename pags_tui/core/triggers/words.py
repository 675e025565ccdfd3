"""What is said of a trigger: the worst series speaks for its condition, and the worst condition for the whole."""

from __future__ import annotations

import math
from collections.abc import Mapping

from pags_tui.core.conditions import MetricCondition, excess, true_of
from pags_tui.core.observe import Sid, Sight, TriggerState, reading_words, series_name, truest
from pags_tui.core.series import Seconds
from pags_tui.core.triggers.clocks import earliest
from pags_tui.core.triggers.shapes import ClockMemory, ClockVerdict, SeriesVerdict
from pags_tui.core.triggers.world import WHOLE, World, labels_of, shown_sid
from pags_tui.core.units import show_clock, show_duration


def part_verdict(world: World, memory: ClockMemory, firing: frozenset[Sid]) -> ClockVerdict:
    """The worst series speaks for its condition."""
    sid, now, clock = _worst(world, memory.starts, firing)
    latched = memory.firm or memory.soft
    state = TriggerState.FIRING if latched else now
    reason = _reason(world, sid, now, clock)
    if latched and now is not TriggerState.FIRING:
        reason = f"fired; now {reason}"
    shown = shown_sid(world, sid)
    value = world.sight.raw.get(shown) if world.sight and shown is not None else None
    bound = str(world.condition.test) if isinstance(world.condition, MetricCondition) else ""
    return ClockVerdict(
        str(world.condition), state, now, clock, world.for_, value, bound, reason, world.metric, labels_of(world, sid)
    )


def _worst(
    world: World, starts: Mapping[Sid, Seconds], firing: frozenset[Sid]
) -> tuple[Sid | None, TriggerState, Seconds]:
    """The worst series (firing, pending, unknown, inactive; of equals the longest clock), its answer and its clock."""
    held = (
        [
            (now.rank, clock, sid, now)
            for sid in starts
            if sid not in world.known
            for now, clock in (_standing(world, starts, sid),)
        ]
        if len(starts) > len(world.bad)
        else []
    )
    if world.bad:
        sid = _longest(world, starts)
        now = TriggerState.FIRING if firing else TriggerState.PENDING
        held.append((now.rank, round(world.now - starts[sid], 3), sid, now))
    worst = max(held, default=None)
    if worst and worst[0] >= TriggerState.PENDING.rank:
        return worst[2], worst[3], worst[1]
    blind = [sid for sid in world.unknown if world.now - world.lost.get(sid, -math.inf) > world.bridge]
    if blind:
        sid = min(blind, key=lambda each: labels_of(world, each) or ())
        return sid, TriggerState.UNKNOWN, _standing(world, starts, sid)[1]
    if worst:
        return worst[2], worst[3], worst[1]
    if world.void is not None:
        return None, TriggerState.UNKNOWN, 0.0
    return _calmest(world), TriggerState.INACTIVE, 0.0


def _longest(world: World, starts: Mapping[Sid, Seconds]) -> Sid:
    """Of the bad series the one with the longest clock; of equals the one deepest in the bad."""
    condition, sight = world.condition, world.sight
    if not isinstance(condition, MetricCondition) or sight is None or WHOLE in world.bad:
        return WHOLE
    first = earliest(world, starts)
    deepest = truest(condition.test, sight)
    if deepest is not None and starts[deepest] == first:
        return deepest
    equals = [sid for sid in world.bad if starts[sid] == first]
    return max(equals, key=lambda sid: excess(condition.test, sight.values[sid]))


def _calmest(world: World) -> Sid | None:
    """The series nearest to being bad, where none is; where none can be read, one that cannot, not for long yet."""
    if world.sight is None or not isinstance(world.condition, MetricCondition):
        return WHOLE
    found = truest(world.condition.test, world.sight)
    if found is None and world.unknown:
        return min(world.unknown, key=lambda each: labels_of(world, each) or ())
    return found


def _standing(world: World, starts: Mapping[Sid, Seconds], sid: Sid) -> tuple[TriggerState, Seconds]:
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


def _reason(world: World, sid: Sid | None, now: TriggerState, clock: Seconds) -> str:
    words = _reading(world, sid)
    if now is TriggerState.FIRING:
        return f"{words} for {show_duration(clock)}" if world.for_ else words
    if now is TriggerState.PENDING:
        return f"{words}, {show_clock(clock)} of {show_clock(world.for_)}"
    return words


def _reading(world: World, sid: Sid | None) -> str:
    """What is read of a series, in words."""
    condition = world.condition
    if not isinstance(condition, MetricCondition):
        return world.words
    labels = labels_of(world, sid)
    name = series_name(condition.metric, labels or ())
    if sid is None:
        return f"{name}: {world.void}"
    if sid in world.unknown:
        return f"{name}: {world.unknown[sid]}"
    shown = shown_sid(world, sid)
    if world.sight is None or shown is None or shown not in world.sight.values:
        return f"{name}: no data"
    return reading_words(condition, name, world.sight.values[shown])


def series_verdict(
    number: int, world: World, memory: ClockMemory, condition: MetricCondition, sight: Sight, sid: Sid
) -> SeriesVerdict:
    """A series of its own, or under a clock for all: then bad series show that clock, and the others none."""
    name = series_name(condition.metric, sight.labels[sid])
    if sid in sight.unknown:
        words = f"{name}: {sight.unknown[sid]}"
    elif sid in sight.values:
        words = reading_words(condition, name, sight.values[sid])
    else:
        words = f"{name}: no data"
    now, clock = _standing(world, memory.starts, sid if condition.quantifier is None else WHOLE)
    if condition.quantifier is not None:
        bad = sid in sight.values and true_of(condition.test, sight.values[sid])
        if sid in sight.unknown:
            now, clock = TriggerState.UNKNOWN, 0.0
        elif not bad:
            now, clock = TriggerState.INACTIVE, 0.0
    latched = sid in memory.firm or sid in memory.soft
    state = TriggerState.FIRING if latched else now
    return SeriesVerdict(number, condition.metric, sight.labels[sid], state, now, clock, sight.raw.get(sid), words)
