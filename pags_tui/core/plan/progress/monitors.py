"""Monitor periods: from when they run, how far they are. On wall time, also in a hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pags_tui.core.plan.progress.writes import applies, set_at
from pags_tui.core.runbook import Phase
from pags_tui.core.series import Seconds
from pags_tui.core.state import RunState


@dataclass(frozen=True, slots=True)
class MonitorClock:
    """How far a monitor period has run, on wall time."""

    began: datetime | None
    """None: nothing has started it yet."""
    elapsed: Seconds
    of: Seconds

    @property
    def over(self) -> bool:
        """The period has passed (or has no length)."""
        return self.of == 0 or (self.began is not None and self.elapsed >= self.of)


def monitor_clock(state: RunState, phase: Phase, now: datetime) -> MonitorClock:
    """The phase's monitor period: from its last verified write, without one from its last action, else its entry."""
    of = (phase.monitor.period or 0.0) if phase.monitor else 0.0
    began = monitor_began(state, phase)
    elapsed = (now - began).total_seconds() if began else 0.0
    return MonitorClock(began, max(0.0, min(elapsed, of)), of)


def monitor_began(state: RunState, phase: Phase) -> datetime | None:
    """What the period counts from; None: its write, or its action, is still to come.

    A write that was set aside (skipped, waived) starts nothing; nobody waits for an optional one.
    """
    steps = [step for step in phase.steps if applies(state, step)]
    writes = [step for step in steps if step.set and step.written]
    if verified := [at for step in writes if (at := set_at(state, step))]:
        return max(verified)
    if any(not step.optional and not state.step(step.id).settled for step in writes):
        return None
    actions = [step for step in steps if step.kind == "action" and step not in writes]
    if done := [at for step in actions if (at := state.step(step.id).at)]:
        return max(done)
    if any(not step.optional for step in actions):
        return None
    return state.entered.get(phase.id)
