"""From when on a gate's readings count. Evidence from before a change never counts for what comes after it."""

from __future__ import annotations

from datetime import datetime

from pags_tui.core.plan.progress.writes import last_write
from pags_tui.core.runbook import Step
from pags_tui.core.state import RunState


def evidence_since(state: RunState, step: Step, since: str | None) -> datetime | None:
    """The moment after which readings count for a gate of that step; None: not yet at all.

    `since`: the phase or step that the condition names. Left out: the last verified forward change that stands before
    the step in the file, else the entry of its phase. In a rollback: that rollback's last verified write.
    """
    if since is not None:
        return place_since(state, since)
    if step.section == "rollback":
        return _rolled_back(state)
    runbook = state.runbook
    earlier = (runbook.step(name) for name in runbook.changes_before(step.id))
    if written := [at for one in earlier if (at := last_write(state, one))]:
        return max(written)
    phase = runbook.phase_of(step.id)
    return state.entered.get(phase.id) if phase else state.run.started if state.run else None


def _rolled_back(state: RunState) -> datetime | None:
    """The last verified write of the last rollback, else its confirmation; None: there was none."""
    rollback = state.rollback
    if rollback is None:
        return None
    answers = (c.answered for c in state.changes.values() if c.purpose == "rollback" and c.holds and c.answered)
    return max((at for at in answers if at >= rollback.at), default=rollback.at)


def place_since(state: RunState, place: str) -> datetime | None:
    """A phase's or step's last verified write, else its entry: when the step was ticked, or its phase entered."""
    runbook = state.runbook
    if "/" in place:
        step = runbook.step(place)
        phase = runbook.phase_of(place)
        return last_write(state, step) or state.step(place).at or (state.entered.get(phase.id) if phase else None)
    found = [at for step in runbook.phase(place).changes if (at := last_write(state, step))]
    return max(found) if found else state.entered.get(place)
