"""What is due when, how late the run is, when it should be over. Due times and drift are on T, the rest on wall time.

A hold costs no drift: T stands, and so does the plan. What it costs shows in the expected finish.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

from pags_tui.core.plan.progress.known import once_a_state
from pags_tui.core.plan.progress.monitors import monitor_clock
from pags_tui.core.plan.progress.steps import (
    blocking_steps,
    current_phase,
    is_done,
    is_signed,
    open_steps,
    phase_done,
)
from pags_tui.core.plan.progress.writes import applies, changes_of
from pags_tui.core.runbook import Phase, Step
from pags_tui.core.series import Seconds
from pags_tui.core.state import RunState


def due_at(phase: Phase, step: Step) -> Seconds:
    """T at which a step is due: its own, its checkpoint's, else its phase's."""
    if step.at is not None:
        return step.at
    if step.section == "checkpoint" and phase.checkpoint and phase.checkpoint.at is not None:
        return phase.checkpoint.at
    return phase.at


def sign_due(phase: Phase) -> Seconds:
    """T at which its checkpoint is due: as written, else the phase's planned end."""
    return phase.checkpoint.at if phase.checkpoint and phase.checkpoint.at is not None else phase.ends


# ---------------------------------------------------------------- drift


def drift(state: RunState, now: datetime) -> Seconds | None:
    """Seconds that the run is behind its plan, on T; None while T+0 is unknown. Never ahead: T waits for nobody."""
    return None if state.clock is None else lateness(state, now)


def lateness(state: RunState, now: datetime) -> Seconds:
    """How late the present phase began, or how far T has run past what is still open in it; 0 when all is in time."""
    t, phase = state.t(now), current_phase(state)
    if t is None or phase is None:
        return 0.0
    return max([began_late(state, phase, now), *(t - due for due in _overdue(state, phase)), 0.0])


def began_late(state: RunState, phase: Phase, now: datetime) -> Seconds:
    """How late a phase's work began on T, or would begin now. Only where that moves its end: an action, or a length."""
    t = state.t(now)
    if t is None or not _timed(state, phase):
        return 0.0
    began = begun_t(state, phase)
    return max(0.0, (t if began is None else began) - phase.at)


@once_a_state
def begun_t(state: RunState, phase: Phase) -> Seconds | None:
    """T at which the work of a phase began: its first action tried or ticked; without actions, its first outcome."""
    actions = _actions(state, phase)
    steps = actions or phase.all_steps
    asked = [change.t for step in steps for change in changes_of(state, step)]
    done = [state.step(step.id).t for step in steps]
    return min((t for t in (*asked, *done) if t is not None), default=None)


def _actions(state: RunState, phase: Phase) -> tuple[Step, ...]:
    return tuple(s for s in phase.steps if s.kind == "action" and not s.optional and applies(state, s))


@once_a_state
def _timed(state: RunState, phase: Phase) -> bool:
    """It has an action, or takes a time that the runbook names."""
    signed = phase.checkpoint is not None and (sign_due(phase) > phase.at or phase.monitor is not None)
    return signed or any(step.duration for step in phase.steps) or bool(_actions(state, phase))


def _overdue(state: RunState, phase: Phase) -> Iterator[Seconds]:
    """The T that each open thing of the phase had to be done by."""
    undone = open_steps(state, blocking_steps(state, phase))
    yield from (step.at for step in undone if step.at is not None)
    if phase.checkpoint and phase.checkpoint.at is not None:
        yield phase.checkpoint.at
    else:
        yield max(phase.ends, _next_at(state, phase))


def _next_at(state: RunState, phase: Phase) -> Seconds:
    """T of the phase after it, which is the latest that anything of this one may take."""
    following = state.runbook.phases[state.runbook.phase_index(phase.id) + 1 :]
    return following[0].at if following else phase.ends


# ---------------------------------------------------------------- the end


MEDIAN, SLOW = 0.5, 0.9
"""Of earlier rehearsals: as long as half of them took, and as long as all but the slowest tenth."""


def expected_finish(state: RunState, now: datetime, share: float = MEDIAN) -> datetime | None:
    """When the last phase should be done, if the rest takes as long as in that share of the earlier rehearsals; what
    none of them tells, as long as planned. None when nothing is left.

    Past the planned end it is now: the work at hand takes no time that anybody planned.
    """
    t, phase = state.t(now), current_phase(state)
    if t is None or phase is None or is_done(state, now):
        return None
    end = _expected_end(state, phase, t, now, share)
    for later in state.runbook.phases[state.runbook.phase_index(phase.id) + 1 :]:
        if not phase_done(state, later):
            start = end if later.follows else max(end, later.at)
            end = start + lasts(state, later, share)
    return now + timedelta(seconds=end - t)


def lasts(state: RunState, phase: Phase, share: float) -> Seconds:
    """Seconds on T that a phase takes: by the rehearsals, otherwise as planned."""
    times = sorted(state.rehearsed.get(phase.id, ()))
    return times[math.ceil(share * len(times)) - 1] if times else max(0.0, phase.ends - phase.at)


def _expected_end(state: RunState, phase: Phase, t: Seconds, now: datetime, share: float) -> Seconds:
    """T at which the present phase should be over: counted from its beginning, with its monitor period."""
    planned = max(sign_due(phase), phase.ends)
    if phase.id in state.rehearsed:
        planned = phase.at + lasts(state, phase, share)
    end = max(t, planned + began_late(state, phase, now))
    clock = monitor_clock(state, phase, now)
    left = clock.of - clock.elapsed if phase.checkpoint else 0.0
    return max(end, t + left)


def window_end(state: RunState) -> datetime | None:
    """The end of the agreed change window, pinned to wall time by T+0 as first set."""
    if state.runbook.window is None or state.t0_first is None:
        return None
    return state.t0_first + timedelta(seconds=state.runbook.window[1])


def last_safe_rollback(state: RunState, now: datetime) -> Seconds | None:
    """Seconds left in which a rollback still ends within the window; None without a window."""
    end = window_end(state)
    if end is None:
        return None
    return (end - now).total_seconds() - rollback_takes(state)


def rollback_takes(state: RunState) -> Seconds:
    """How long the default rollback takes: as written, else 5 s a flag (the longest that one write may hold it up)."""
    option = state.runbook.rollback.default if state.runbook.rollback else None
    if option is None:
        return 0.0
    return option.duration if option.duration is not None else 5.0 * len(option.flags)


# ---------------------------------------------------------------- what comes next


def next_checkpoint(state: RunState) -> tuple[Phase, Seconds] | None:
    """The next unsigned checkpoint and the T at which it is due."""
    for phase in state.runbook.phases:
        if phase.checkpoint and not is_signed(state, phase):
            return phase, sign_due(phase)
    return None


def to_enter(state: RunState, now: datetime) -> tuple[Phase, ...]:
    """Phases whose `at` has been reached and which nobody has touched yet."""
    t = state.t(now)
    if t is None:
        return ()
    due = []
    for before, phase in zip((None, *state.runbook.phases), state.runbook.phases, strict=False):
        reached = phase_done(state, before) if phase.follows and before else phase.at <= t
        if reached and phase.id not in state.entered:
            due.append(phase)
    return tuple(due)


def next_due(state: RunState, now: datetime) -> Seconds:
    """Seconds until time brings something: the next T of the plan, or the end of a monitor period; infinite: nothing.

    In a hold only monitor periods run.
    """
    t, waits = state.t(now), []
    if t is not None and not state.hold:
        waits += [due - t for due in _due_times(state) if due > t]
    for phase in state.runbook.phases:
        clock = monitor_clock(state, phase, now)
        if clock.began is not None and not clock.over:
            waits.append(clock.of - clock.elapsed)
    return min(waits, default=math.inf)


def _due_times(state: RunState) -> Iterator[Seconds]:
    for phase in state.runbook.phases:
        yield phase.at
        yield from (due_at(phase, step) for step in phase.all_steps)
        if phase.checkpoint:
            yield sign_due(phase)
