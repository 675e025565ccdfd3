"""Which steps and signatures the run waits for, and where it stands among its phases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from pags_tui.core.plan.progress.known import once_a_state
from pags_tui.core.plan.progress.monitors import monitor_clock
from pags_tui.core.plan.progress.writes import applies
from pags_tui.core.runbook import Phase, Runbook, Step
from pags_tui.core.state import RunState

LEAD_ROLE = "lead"
"""The role that signs where a checkpoint names none."""


@once_a_state
def blocking_steps(state: RunState, phase: Phase) -> tuple[Step, ...]:
    """The steps that the run waits for: not the optional ones, nor those of a monitor without a checkpoint."""
    monitor = phase.monitor.steps if phase.monitor and phase.checkpoint else ()
    checkpoint = phase.checkpoint.steps if phase.checkpoint else ()
    return tuple(s for s in (*phase.steps, *monitor, *checkpoint) if not s.optional and applies(state, s))


def monitor_steps(state: RunState, phase: Phase) -> tuple[Step, ...]:
    """The steps of a monitor without a checkpoint, which runs beside later phases; not the optional ones."""
    steps = phase.monitor.steps if phase.monitor and not phase.checkpoint else ()
    return tuple(step for step in steps if not step.optional and applies(state, step))


def open_steps(state: RunState, steps: Iterable[Step]) -> tuple[Step, ...]:
    """Those not resolved in a way that lets the run go on."""
    return tuple(step for step in steps if not state.step(step.id).settled)


COUNTED = ("passed", "failed", "skipped", "n/a", "waived", "deferred", "open")
"""Outcomes as they are counted: each for itself, so that nothing deferred hides in what is done."""


def outcome_counts(state: RunState, steps: Iterable[Step]) -> dict[str, int]:
    """How many of the steps have which outcome, in that order; `open` are those without one."""
    found: Counter[str] = Counter(state.step(step.id).outcome or "open" for step in steps)
    return {name: found[name] for name in COUNTED}


def signers(phase: Phase, runbook: Runbook) -> tuple[str, ...]:
    """The roles that sign that checkpoint; the lead where it names none."""
    if phase.checkpoint is None:
        return ()
    return phase.checkpoint.sign_off or (runbook.lead or LEAD_ROLE,)


def missing_signatures(state: RunState, phase: Phase) -> tuple[str, ...]:
    """The roles that have not signed yet."""
    signed = {signature.role for signature in state.signatures.get(phase.id, ())}
    return tuple(role for role in signers(phase, state.runbook) if role not in signed)


def is_signed(state: RunState, phase: Phase) -> bool:
    """Every signature is there (a phase without a checkpoint needs none)."""
    return not missing_signatures(state, phase)


@once_a_state
def phase_done(state: RunState, phase: Phase) -> bool:
    """Nothing in it holds the run up any more."""
    return not open_steps(state, blocking_steps(state, phase)) and is_signed(state, phase)


def current_phase(state: RunState) -> Phase | None:
    """The first phase that is not done; None when all are."""
    return next((phase for phase in state.runbook.phases if not phase_done(state, phase)), None)


def overdue_monitor_steps(state: RunState, now: datetime) -> tuple[Step, ...]:
    """Open steps of monitors without a checkpoint that do not run any more: all that may be left before DONE."""
    return tuple(
        step
        for phase in state.runbook.phases
        if monitor_clock(state, phase, now).over
        for step in open_steps(state, monitor_steps(state, phase))
    )


def is_done(state: RunState, now: datetime | None = None) -> bool:
    """Every checkpoint is signed, and every step resolved outside a running monitor without a checkpoint.

    `now` left out: as at the last event.
    """
    if not state.runbook.phases or current_phase(state) is not None:
        return False
    moment = now or state.at
    return moment is None or not overdue_monitor_steps(state, moment)


def done_at(state: RunState, now: datetime | None = None) -> datetime | None:
    """When the last of it was resolved or signed; None while the run is not DONE."""
    if not is_done(state, now):
        return None
    phases = state.runbook.phases
    signed = [signature.at for phase in phases for signature in state.signatures.get(phase.id, ())]
    steps = [step for phase in phases for step in blocking_steps(state, phase)]
    resolved = [at for step in steps if (at := state.step(step.id).at)]
    return max((*signed, *resolved), default=state.at)
