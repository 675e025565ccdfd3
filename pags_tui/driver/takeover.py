"""What a guard that takes a run over makes of what the one before it left half done. Values in, facts out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pags_tui.core.decide.flags import show
from pags_tui.core.events import Fact, FlagAnswered, FlagAsked, MessageAsked, MessageSent, StepResolved
from pags_tui.core.plan.progress import changes_of, missing_flags
from pags_tui.core.series import FlagReading
from pags_tui.core.state import Change, RunState

SILENT = "not tried: the journal's database went silent before it was known to be recorded"


def unanswered(state: RunState) -> tuple[Change, ...]:
    """Forward writes whose answer nobody got."""
    return tuple(change for change in state.owed if change.result is None and change.purpose != "rollback")


def orphaned(changes: Iterable[Change], flags: Mapping[str, FlagReading]) -> tuple[Fact, ...]:
    """Those are unknown, with what the service says now. None of them is tried again by itself."""
    found: list[Fact] = []
    for change in changes:
        reading = flags.get(change.flag)
        value = reading.value if reading else None
        says = "the flag cannot be read" if value is None else f"the service says {show(value)}"
        found.append(FlagAnswered(change.number, "unknown", value, f"the guard died before the answer came; {says}"))
    return tuple(found)


def not_tried(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """What becomes of intents that may be recorded or not: they are recorded as given up, and nothing was tried."""
    found: list[Fact] = []
    for fact in facts:
        match fact:
            case FlagAsked(change=change):
                found.append(FlagAnswered(change, "refused", detail=SILENT))
            case MessageAsked(message=message):
                found.append(MessageSent(message, "failed", SILENT))
    return tuple(found)


def unticked(state: RunState) -> tuple[Fact, ...]:
    """Steps whose last flag was verified by a guard that died before it could tick them."""
    steps = (s for s in state.runbook.phase_steps if s.written and s.set and state.step(s.id).outcome is None)
    done = (step for step in steps if changes_of(state, step) and not missing_flags(state, step))
    return tuple(StepResolved(step.id, "passed") for step in done)
