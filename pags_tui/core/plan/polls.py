"""What a go/no-go poll means: one no-go blocks, and who has not answered is named after a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from pags_tui.core.plan.progress import LEAD_ROLE
from pags_tui.core.state import Poll, RunState

NAMED_AFTER = timedelta(minutes=3)
"""How long a role may stay silent in an open poll before it is named."""


def asked(state: RunState) -> tuple[str, ...]:
    """The roles that a poll asks."""
    return tuple(state.runbook.roles) or (state.runbook.lead or LEAD_ROLE,)


def last(state: RunState) -> Poll | None:
    """The newest poll; those before it count no more."""
    return state.polls[-1] if state.polls else None


def against(state: RunState) -> tuple[str, ...]:
    """The roles that said no-go in the newest poll, open or closed, and have not said go since."""
    poll = last(state)
    return tuple(role for role, answer in poll.answers.items() if answer[0] == "no-go") if poll else ()


def silent(state: RunState, now: datetime) -> tuple[str, ...]:
    """The roles to be named: the poll is open, its time is over, and they have not answered."""
    poll = last(state)
    if poll is None or poll.closed or now - poll.at < NAMED_AFTER:
        return ()
    return tuple(role for role in asked(state) if role not in poll.answers)


__all__ = ["NAMED_AFTER", "against", "asked", "last", "silent"]
