"""How a confirmed rollback goes, in lines for a plain terminal, and what its last words are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pags_tui.cli.common import INCOMPLETE
from pags_tui.cli.planned import by_hand, curl_of, shown
from pags_tui.core.errors import PagsError, said
from pags_tui.core.events import FlagAnswered, RollbackConfirmed
from pags_tui.core.plan.confirmed import last_write, missing_moves, not_made
from pags_tui.core.state import RunState, fold
from pags_tui.core.updates import Began, Happened, Update

if TYPE_CHECKING:
    from pags_tui.cli.bad_line import Teller
    from pags_tui.core.events import Event, Move
    from pags_tui.core.plan.rollback import RollbackPlan
    from pags_tui.core.state import Rollback
    from pags_tui.wiring.rollback import Ground


class Progress:
    """Tells each answer as it came, numbered as things stood then, however many come at once."""

    def __init__(self, teller: Teller, moves: tuple[Move, ...]) -> None:
        self._teller = teller
        self._moves = moves
        self._state = RunState()

    def hear(self, _: RunState, update: Update) -> None:
        """Folds the update event by event."""
        if isinstance(update, Began):
            self._state = fold(update.events)
        for event in update.events if isinstance(update, Happened) else ():
            running = self._state.rolling_back
            self._state = fold([event], self._state)
            if line := answer(self._state, event):
                self._teller.say(line)
            elif running and isinstance(event.fact, RollbackConfirmed) and event.fact.moves != self._moves:
                self._teller.warn(f"Another confirmation takes over: {_named(self._state.rollbacks[-1])}.")


def answer(state: RunState, event: Event) -> str:
    """`5/6 mail true -> false verified`; empty for any other event, and for what no longer counts."""
    if not isinstance(event.fact, FlagAnswered) or state.rollback is None:
        return ""
    change = state.changes[event.fact.change]
    if change != last_write(state, state.rollback, change.flag):
        return ""
    of = len(state.rollback.moves)
    done = of - len(missing_moves(state, state.rollback))
    detail = "" if change.result == "verified" else f": {change.detail}"
    return f"{done}/{of} {change.flag} {shown(change.before)} -> {shown(change.value)} {change.result}{detail}"


def last_words(ground: Ground, plan: RollbackPlan, moves: tuple[Move, ...], state: RunState, teller: Teller) -> int:
    """What is missing as commands, and what a person still has to do; the exit code: 0 when all those moves hold."""
    if state.rollback is None:
        raise PagsError("The rollback cannot be followed any more: look with pags-tui status.")
    missing, other = not_made(state, plan.title, moves)
    of = len({move.flag for move in moves})
    done = f"{of - len(missing)} of {of} done"
    if other is not None:
        _taken_over(done, missing, other, state, teller)
        return INCOMPLETE if missing else 0
    teller.say(done + (", the rest by hand:" if missing else "."))
    for move in missing:
        teller.say(curl_of(ground, move.flag, move.value))
    for line in by_hand(plan):
        teller.say(line)
    if missing and ground.run and state.rollback.finished is None:
        teller.warn("The order stands: a guard of this run goes on with it (pags-tui guard), or this command again.")
    return INCOMPLETE if missing else 0


def result(ground: Ground, plan: RollbackPlan, moves: tuple[Move, ...], state: RunState) -> dict[str, Any]:
    """How it ended, for a script: `complete` when all those moves hold."""
    missing, _ = not_made(state, plan.title, moves)
    of = len({move.flag for move in moves})
    left = [{"flag": one.flag, "value": one.value, "curl": curl_of(ground, one.flag, one.value)} for one in missing]
    manual = [{"step": step.id, "text": step.text, "command": step.command} for step in plan.manual]
    told = {"target": ground.target, "run": ground.run, "title": plan.title, "complete": not missing}
    return {**told, "verified": of - len(missing), "of": of, "missing": left, "manual": manual}


def _taken_over(done: str, missing: tuple[Move, ...], other: Rollback, state: RunState, teller: Teller) -> None:
    """No command by hand then: it would undo what somebody else has just confirmed."""
    teller.say(f"{done}: another confirmation took over, {_named(other)}.")
    for move in missing:
        now = state.flag(move.flag).seen
        teller.say(f"{move.flag} is {shown(now)}; confirmed here was {shown(move.value)}")
    if missing:
        teller.warn("This command again, and its name typed, sets them as confirmed here.")


def _named(rollback: Rollback) -> str:
    return f"'{said(rollback.title)}' by {rollback.by.shown} at {rollback.at:%H:%M:%S} UTC"
