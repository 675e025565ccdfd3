"""Asks about T: hold, resume, recycle, set or move T+0."""

from __future__ import annotations

import math
from typing import assert_never

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.view import View
from pags_tui.core.errors import Refused
from pags_tui.core.events import Fact
from pags_tui.core.plan.progress import applies, current_phase, monitor_clock, monitor_steps
from pags_tui.core.plan.rollback import flags_at_t, same
from pags_tui.core.runbook import Step
from pags_tui.core.units import show_offset


def decide_clock(ask: a.ClockAsk, view: View) -> tuple[Fact, ...]:
    """The facts that the ask leads to. Raises Refused with the next move."""
    view.must_be_open()
    match ask:
        case a.HoldClock():
            return _hold(ask, view)
        case a.Resume():
            return _resume(ask, view)
        case a.Recycle():
            return _recycle(ask, view)
        case a.SetTZero():
            return _t_zero(ask, view)
        case _:
            assert_never(ask)


def _hold(ask: a.HoldClock, view: View) -> tuple[Fact, ...]:
    if view.state.hold is None:
        return (e.HoldBegan(ask.reason.strip()),)
    reason = ask.reason.strip()
    return (e.HoldExplained(reason),) if reason and reason != view.state.hold.reason else ()


def _resume(ask: a.Resume, view: View) -> tuple[Fact, ...]:
    view.must_lead("resume")
    if view.state.hold is None:
        return ()
    if view.state.rolling_back:
        raise Refused("A rollback is running. T stands until it is finished.")
    if (waiting := not_passing(view)) and not ask.reason.strip():
        names = ", ".join(f"'{step.text}'" for step in waiting[:3])
        raise Refused(f"{len(waiting)} gates do not pass ({names}): resuming needs a reason.")
    return (e.Resumed(ask.reason.strip()),)


def not_passing(view: View) -> tuple[Step, ...]:
    """The gates of the present phase, and of monitors that run beside it, that neither pass nor are overridden."""
    state, present = view.state, current_phase(view.state)
    steps: list[Step] = []
    for phase in state.runbook.phases:
        if phase.id not in state.entered:
            continue
        if present is not None and phase.id == present.id:
            steps += phase.all_steps
        elif not monitor_clock(state, phase, view.now).over:
            steps += monitor_steps(state, phase)
    return tuple(step for step in steps if applies(state, step) and not view.gate_ok(step))


def _recycle(ask: a.Recycle, view: View) -> tuple[Fact, ...]:
    """T goes back; a flag that was not so at that T drifts until it is restored or accepted."""
    view.must_lead("recycle")
    t = view.state.t(view.now)
    if t is None:
        raise Refused("T+0 is not set: there is nothing to go back from.")
    if view.state.rolling_back:
        raise Refused("A rollback is running. Recycle when it is finished.")
    if not (math.isfinite(ask.t) and ask.t < t):
        wanted = show_offset(ask.t) if math.isfinite(ask.t) else str(ask.t)
        raise Refused(f"{wanted} is not before the present T ({show_offset(t)}).")
    if not ask.reason.strip():
        raise Refused("Recycling needs a reason.")
    drifted = []
    for key, then in flags_at_t(view.state, ask.t).items():
        now = view.state.flag(key).seen
        if now is not None and not same(then, now):
            drifted.append(e.DriftFound(key, then, now))
    return (e.Recycled(ask.t, ask.reason.strip()), *drifted)


def _t_zero(ask: a.SetTZero, view: View) -> tuple[Fact, ...]:
    view.must_lead("set T+0")
    if ask.t0.tzinfo is None:
        raise Refused("T+0 needs a time zone: write it like 2026-11-24T22:00Z.")
    if view.state.t0 == ask.t0:
        return ()
    if view.state.t0 is not None and not ask.reason.strip():
        raise Refused("Moving T+0 needs a reason.")
    return (e.TZeroSet(ask.t0, ask.reason.strip()),)
