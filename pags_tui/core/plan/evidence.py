"""From when on a gate's readings count. Evidence from before a change never counts for what comes after it."""

from __future__ import annotations

from datetime import datetime

from pags_tui.core.plan.progress import set_at
from pags_tui.core.runbook import Step
from pags_tui.core.state import RunState


def evidence_since(state: RunState, step: Step, since: str | None) -> datetime | None:
    """The moment after which readings count for a gate of that step; None: not yet at all.

    `since`: the phase or step that the condition names. Left out: the last verified forward change that stands before
    the step in the file, else the entry of its phase.
    """
    if since is not None:
        return place_since(state, since)
    for earlier in reversed(state.runbook.changes_before(step.id)):
        if step.section != "rollback" and (at := set_at(state, state.runbook.step(earlier))):
            return at
    if step.section == "rollback":
        return state.rollback.at if state.rollback else None
    phase = state.runbook.phase_of(step.id)
    return state.entered.get(phase.id) if phase else state.run.started if state.run else None


def place_since(state: RunState, place: str) -> datetime | None:
    """A phase's or step's last verified write, else its entry."""
    runbook = state.runbook
    if "/" in place:
        step = runbook.step(place)
        phase = runbook.phase_of(place)
        return set_at(state, step) or state.step(place).at or (state.entered.get(phase.id) if phase else None)
    found = [at for step in runbook.phase(place).changes if (at := set_at(state, step))]
    return max(found) if found else state.entered.get(place)
