"""Whether triggers act now, and how. By fact, not by clock: what may have taken effect and what has been signed."""

from __future__ import annotations

from datetime import datetime

from pags_tui.core.events import Mode
from pags_tui.core.plan.progress import blocking_steps, is_signed, monitor_clock, monitor_steps, open_steps
from pags_tui.core.runbook import ArmedRange, Phase, Trigger
from pags_tui.core.state import RunState

STRENGTH: dict[Mode, int] = {"observe": 0, "ask": 1, "countdown": 2}


def armed_mode(state: RunState, trigger: Trigger, now: datetime) -> Mode | None:
    """What the trigger does if it fires now; None while it is not armed."""
    mode = range_mode(state, now)
    return None if mode is None else trigger.auto or mode


def range_mode(state: RunState, now: datetime) -> Mode | None:
    """The mode of the ranges that are on: the strongest of them; between two ranges the earlier one stays."""
    if state.runbook.rollback is None or state.ended:
        return None
    ranges = sorted(state.runbook.rollback.armed, key=lambda r: state.runbook.phase_index(r.phases[0]))
    begun = [n for n, r in enumerate(ranges) if has_begun(state, state.runbook.phase(r.phases[0]))]
    on = [ranges[n].mode for n in begun if not has_ended(state, ranges[n], now)]
    if on:
        return max(on, key=STRENGTH.__getitem__)
    return ranges[begun[-1]].mode if begun and begun[-1] + 1 < len(ranges) else None


def has_begun(state: RunState, phase: Phase) -> bool:
    """A `set` of the phase may have taken effect; a phase without one was entered."""
    writes = {step.id for step in phase.changes if step.written}
    if writes:
        return any(c.step in writes and c.purpose == "forward" and c.may_have_acted for c in state.changes.values())
    return phase.id in state.ever_entered


def has_ended(state: RunState, armed: ArmedRange, now: datetime) -> bool:
    """The range's last phase is signed; without a checkpoint: its steps are resolved and its monitor period is over."""
    last = state.runbook.phase(armed.phases[-1])
    if last.checkpoint:
        return is_signed(state, last)
    steps = (*blocking_steps(state, last), *monitor_steps(state, last))
    return last.id in state.entered and not open_steps(state, steps) and monitor_clock(state, last, now).over


def anything_armed(state: RunState, now: datetime) -> bool:
    """At least one trigger acts now."""
    return bool(state.runbook.triggers) and range_mode(state, now) is not None and not state.observing
