"""What of a confirmed rollback is made and what is missing, also where one confirmation took over another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pags_tui.core.events import Move
from pags_tui.core.plan.rollback import same
from pags_tui.core.series import FlagValue
from pags_tui.core.state import Change, Rollback, RunState


def last_write(state: RunState, rollback: Rollback, flag: str) -> Change | None:
    """The newest write of that rollback to that flag.

    One that a rollback made which it took over counts as well, once it was read back after this one was confirmed.
    """
    found = writes(state, rollback, flag)
    return next((c for c in found if c.rollback == rollback.number or (c.answered and c.answered >= rollback.at)), None)


def writes(state: RunState, rollback: Rollback, flag: str) -> Iterator[Change]:
    """The writes of that rollback to that flag, newest first; then those by rollbacks that it took over while they
    ran, as far back as they were of the same value."""
    since = _begun_with(state, rollback)
    value = next((move.value for move in rollback.moves if move.flag == flag), None)
    for change in reversed(tuple(state.changes.values())):
        if change.flag == flag and since <= change.rollback <= rollback.number:
            if change.rollback != rollback.number and not same(change.value, value):
                return
            yield change


def _begun_with(state: RunState, rollback: Rollback) -> int:
    """The first of the confirmations that followed one another before any of them had ended, up to that one."""
    number = rollback.number
    for former in reversed(state.rollbacks):
        if former.number < rollback.number and former.finished is not None:
            break
        number = min(number, former.number)
    return number


def first_known(state: RunState, rollback: Rollback, flag: str) -> FlagValue | None:
    """The value that the flag had before that rollback, by its first write that could read it; None: none could."""
    befores = [change.before for change in writes(state, rollback, flag) if change.before is not None]
    return befores[-1] if befores else None


def not_made(state: RunState, title: str, moves: Iterable[Move]) -> tuple[tuple[Move, ...], Rollback | None]:
    """Of what was confirmed under that title the moves that do not hold, and the confirmation that took over from it.

    Of several moves of one flag the last one counts.
    """
    moves, newest = tuple({move.flag: move for move in moves}.values()), state.rollback
    if newest is None:
        return moves, None
    left = tuple(move for move in moves if not (_has(newest, move) and _is_made(state, newest, move)))
    mine = newest.title == title and all(_has(newest, move) for move in moves)
    return left, None if mine else newest


def _has(rollback: Rollback, move: Move) -> bool:
    return any(one.flag == move.flag and same(one.value, move.value) for one in rollback.moves)


def missing_moves(state: RunState, rollback: Rollback) -> tuple[Move, ...]:
    """The moves of a confirmed rollback that are not verified yet, in written order.

    A write to a service that cannot be read back is done once accepted: nothing more can be known of it.
    """
    return tuple(move for move in rollback.moves if not _is_made(state, rollback, move))


def _is_made(state: RunState, rollback: Rollback, move: Move) -> bool:
    change = last_write(state, rollback, move.flag)
    return change is not None and same(change.value, move.value) and (change.holds or change.result == "unverified")
