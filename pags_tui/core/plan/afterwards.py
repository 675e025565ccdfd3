"""What is left to do when a run is over, and by when. Deadlines follow from how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pags_tui.core.plan.progress.steps import done_at, open_steps
from pags_tui.core.plan.progress.writes import applies
from pags_tui.core.runbook import FollowUps, Step
from pags_tui.core.state import RunState


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run came to its end, and when."""

    how: Literal["done", "rolled-back", "abandoned"]
    at: datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """One group of follow-ups that this ending calls for."""

    group: FollowUps
    due: datetime | None
    """None: no time is written."""
    open: tuple[Step, ...]
    """What of it is not resolved."""


def ending(state: RunState, now: datetime) -> Ending | None:
    """How the run ended; None while it goes on. ROLLED BACK until a resume or a recycle, whatever else is resolved."""
    rollback = state.rollback
    if rollback and rollback.finished and state.observing:
        return Ending("rolled-back", rollback.finished)
    if done := done_at(state, now):
        return Ending("done", done)
    return Ending("abandoned", state.ended_at) if state.ended and state.ended_at else None


def counts_from(state: RunState, group: FollowUps, now: datetime) -> datetime | None:
    """The moment from which the group's time counts; None: it has not come, or this ending does not call for it.

    `from = "end"` is called for by every ending, an abandoned run's too.
    """
    over = ending(state, now)
    return over.at if over and group.since in ("end", over.how) else None


def deadlines(state: RunState, now: datetime) -> tuple[Deadline, ...]:
    """The groups of follow-ups that the run's ending calls for, in file order; none while it goes on."""
    found = []
    for group in state.runbook.follow_ups:
        if start := counts_from(state, group, now):
            due = None if group.within is None else start + timedelta(seconds=group.within)
            items = (step for step in group.items if applies(state, step))
            found.append(Deadline(group, due, open_steps(state, items)))
    return tuple(found)


def follow_ups_due(state: RunState, now: datetime) -> bool:
    """The run is over, and something is left to do after it."""
    return any(deadline.open for deadline in deadlines(state, now))
