"""Clocks and latches of one condition, from one tick to the next."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set

from pags_tui.core.observe import Sid
from pags_tui.core.series import Seconds
from pags_tui.core.triggers.shapes import NO_SIDS, ClockMemory, Restart
from pags_tui.core.triggers.world import WHOLE, World, labels_of


def clocks(world: World, before: Mapping[Sid, Seconds]) -> tuple[Mapping[Sid, Seconds], list[Restart]]:
    """The clocks after the tick: those that are bad run, unknown ones are held, all others are gone."""
    if not world.bad and not before:
        return before, []
    restarts: list[Restart] = []
    now = world.now
    if not world.regained and now - world.before <= world.bridge:
        if len(before) == len(world.bad) and before.keys() >= as_set(world.bad):
            return before, []
        starts = {sid: before.get(sid, now) for sid in world.bad}
    else:
        starts = {sid: _after_gap(world, sid, before, restarts) for sid in world.bad}
    if len(before) > len(starts) or not before.keys() <= starts.keys():
        starts |= {sid: start for sid, start in before.items() if _held(world, sid)}
    return starts, restarts


def as_set(sids: Collection[Sid]) -> Set[Sid]:
    """The same as a set; the keys of a mapping are one already."""
    return sids if isinstance(sids, Set) else set(sids)


def _after_gap(world: World, sid: Sid, before: Mapping[Sid, Seconds], restarts: list[Restart]) -> Seconds:
    """Where a bad series' clock starts, now that the time since its last known reading is over."""
    start = before.get(sid)
    if start is None:
        return world.now
    gap = round(world.now - world.regained.get(sid, world.before), 3)
    if gap <= world.bridge:
        return start
    if gap <= world.for_:
        return start + gap
    restarts.append(Restart(world.metric or "", labels_of(world, sid) or (), gap))
    return world.now


def _held(world: World, sid: Sid) -> bool:
    """Whether a clock outlives a tick that does not know its series. One that nobody requires to come back is dropped
    once its clock would begin anew anyway."""
    if sid in world.unknown:
        return True
    return sid in world.gone and world.now - world.lost[sid] <= max(world.for_, world.bridge)


def firing_of(world: World, starts: Mapping[Sid, Seconds]) -> frozenset[Sid]:
    """The series that fire: long enough, and bad at this tick."""
    latest = world.now - world.for_ + _HALF_A_MILLISECOND
    if not world.bad or earliest(world, starts) > latest:
        return NO_SIDS
    if len(starts) == len(world.bad) and max(starts.values()) <= latest:
        return frozenset(world.bad)
    return frozenset(sid for sid in world.bad if starts[sid] <= latest)


def earliest(world: World, starts: Mapping[Sid, Seconds]) -> Seconds:
    """The start of the longest clock of those that are bad now."""
    return min(starts.values() if len(starts) == len(world.bad) else map(starts.__getitem__, world.bad))


_HALF_A_MILLISECOND = 0.0005
"""Times are milliseconds, and differences of large floats are not exact."""


def latch(
    world: World, before: ClockMemory, starts: Mapping[Sid, Seconds], new: frozenset[Sid], acts: bool
) -> ClockMemory:
    """The memory after the tick. `new`: the series that fire and have not fired for real yet."""
    firm, soft = before.firm, before.soft
    if new and acts:
        firm = firm | new
    elif new:
        soft = soft | new
    if soft:
        soft = frozenset(sid for sid in soft if sid in starts and sid not in firm)
    known_at = world.now if WHOLE in world.known else before.known_at
    if starts is before.starts and firm is before.firm and soft == before.soft and known_at == before.known_at:
        return before
    return ClockMemory(before.of, starts, firm, soft, known_at, before.since)
