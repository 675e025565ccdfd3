"""The flag writes of a step: which were made, which are missing, when the last one held."""

from __future__ import annotations

from datetime import datetime

from pags_tui.core.conditions import same_value
from pags_tui.core.runbook import Step
from pags_tui.core.state import Change, RunState


def applies(state: RunState, step: Step) -> bool:
    """Whether the step is done in this kind of run; a demo counts as live."""
    if step.when is None or state.run is None:
        return True
    return (step.when == "rehearsal") == (state.run.kind == "rehearsal")


def changes_of(state: RunState, step: Step) -> tuple[Change, ...]:
    """The forward writes for that step since it was last opened, oldest first."""
    since = state.step(step.id).reopened
    return tuple(c for c in state.changes.values() if c.step == step.id and c.purpose != "rollback" and c.seq > since)


def latest_change(state: RunState, step: Step, flag: str) -> Change | None:
    """The last of those writes to that flag."""
    return next((c for c in reversed(changes_of(state, step)) if c.flag == flag), None)


def missing_flags(state: RunState, step: Step) -> tuple[str, ...]:
    """The flags of the step that do not hold its value yet, or were taken back since, in written order."""
    latest = {key: latest_change(state, step, key) for key in step.set}
    return tuple(
        key for key, change in latest.items() if change is None or not change.holds or taken_back(state, change)
    )


def taken_back(state: RunState, change: Change) -> bool:
    """A later write of a rollback, or by hand, may have put another value in its place."""
    return any(
        c.flag == change.flag
        and c.seq > change.seq
        and c.purpose != "forward"
        and c.may_have_acted
        and not same_value(c.value, change.value)
        for c in state.changes.values()
    )


def set_at(state: RunState, step: Step) -> datetime | None:
    """When the last of the step's flags was verified (or accepted); None while one was not."""
    latest = [latest_change(state, step, key) for key in step.set]
    if not latest or any(change is None or not change.holds for change in latest):
        return None
    return last_write(state, step)


def last_write(state: RunState, step: Step) -> datetime | None:
    """When a flag of the step was last verified (or accepted), all of them or not.

    A step whose flags are set by hand: when it was ticked.
    """
    if step.set and not step.written:
        done = state.step(step.id)
        return done.at if done.outcome == "passed" else None
    answered = [change.answered for change in changes_of(state, step) if change.holds and change.answered]
    return max(answered, default=None)
