"""The state of the whole in a word."""

from __future__ import annotations

from datetime import datetime

from pags_tui.core.plan.progress.steps import is_done
from pags_tui.core.state import RunState


def word(state: RunState, now: datetime) -> str:
    """The state in one word or two, as the header shows it. A rollback that is not whole is never called one."""
    if state.ended:
        return state.ended.upper()
    rollback = state.rollback
    if clock_name(state, now) == "rolled-back" and rollback and rollback.verified < len(rollback.moves):
        return f"ROLLBACK {rollback.verified}/{len(rollback.moves)}"
    return WORDS[clock_name(state, now)]


def clock_name(state: RunState, now: datetime | None = None) -> str:
    """The same for scripts: `counting`, `hold`, `rolling-back`, `rolled-back`, `done`, `ended`, `unset`."""
    if state.ended:
        return "ended"
    if state.rolling_back:
        return "rolling-back"
    if state.rollback and state.observing:
        return "rolled-back"
    if state.hold:
        return "hold"
    return "done" if is_done(state, now) else "counting" if state.clock else "unset"


WORDS = {
    "rolling-back": "ROLLING BACK",
    "rolled-back": "ROLLED BACK",
    "hold": "HOLD",
    "done": "DONE",
    "counting": "COUNTING",
    "unset": "T+0 NOT SET",
}
