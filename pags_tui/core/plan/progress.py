"""Where the night stands: phases, checkpoints, monitor periods, the word for the whole. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pags_tui.core.runbook import Phase, Runbook, Step
from pags_tui.core.series import Seconds
from pags_tui.core.state import Change, RunState

LEAD_ROLE = "lead"
"""The role that signs where a checkpoint names none."""


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


def applies(state: RunState, step: Step) -> bool:
    """Whether the step is done in this kind of run; a demo counts as live."""
    if step.when is None or state.run is None:
        return True
    return (step.when == "rehearsal") == (state.run.kind == "rehearsal")


def blocking_steps(state: RunState, phase: Phase) -> tuple[Step, ...]:
    """The steps that the run waits for: not the optional ones, nor those of a monitor without a checkpoint."""
    monitor = phase.monitor.steps if phase.monitor and phase.checkpoint else ()
    checkpoint = phase.checkpoint.steps if phase.checkpoint else ()
    return tuple(s for s in (*phase.steps, *monitor, *checkpoint) if not s.optional and applies(state, s))


def open_steps(state: RunState, steps: Iterable[Step]) -> tuple[Step, ...]:
    """Those not resolved in a way that lets the run go on."""
    return tuple(step for step in steps if not state.step(step.id).settled)


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


def phase_done(state: RunState, phase: Phase) -> bool:
    """Nothing in it holds the run up any more."""
    return not open_steps(state, blocking_steps(state, phase)) and is_signed(state, phase)


def current_phase(state: RunState) -> Phase | None:
    """The first phase that is not done; None when all are."""
    return next((phase for phase in state.runbook.phases if not phase_done(state, phase)), None)


def is_done(state: RunState) -> bool:
    """Every step that counts is resolved and every checkpoint signed."""
    return bool(state.runbook.phases) and current_phase(state) is None


# ---------------------------------------------------------------- flag writes of a step


def changes_of(state: RunState, step: Step) -> tuple[Change, ...]:
    """The forward writes for that step since it was last opened, oldest first."""
    since = state.step(step.id).reopened
    return tuple(c for c in state.changes.values() if c.step == step.id and c.purpose != "rollback" and c.seq > since)


def latest_change(state: RunState, step: Step, flag: str) -> Change | None:
    """The last of those writes to that flag."""
    return next((c for c in reversed(changes_of(state, step)) if c.flag == flag), None)


def missing_flags(state: RunState, step: Step) -> tuple[str, ...]:
    """The flags of the step that do not hold its value yet, in written order."""
    latest = {key: latest_change(state, step, key) for key in step.set}
    return tuple(key for key, change in latest.items() if change is None or not change.holds)


def set_at(state: RunState, step: Step) -> datetime | None:
    """When the last of the step's flags was verified (or accepted); None while one is missing."""
    if not step.set or missing_flags(state, step):
        return None
    answered = [change.answered for change in changes_of(state, step) if change.holds and change.answered]
    return max(answered, default=None)


# ---------------------------------------------------------------- monitor periods


def monitor_clock(state: RunState, phase: Phase, now: datetime) -> MonitorClock:
    """The phase's monitor period: from its last verified write, without one from its last action, else its entry."""
    of = (phase.monitor.period or 0.0) if phase.monitor else 0.0
    began = _monitor_began(state, phase)
    elapsed = (now - began).total_seconds() if began else 0.0
    return MonitorClock(began, max(0.0, min(elapsed, of)), of)


def _monitor_began(state: RunState, phase: Phase) -> datetime | None:
    writes = [step for step in phase.steps if step.set and step.written and applies(state, step)]
    if writes:
        times = [set_at(state, step) for step in writes if state.step(step.id).outcome not in ("skipped", "n/a")]
        return None if None in times or not times else max(t for t in times if t)
    actions = [step for step in phase.steps if step.kind == "action" and applies(state, step)]
    if actions:
        done = [state.step(step.id) for step in actions]
        return None if any(d.at is None for d in done) else max(d.at for d in done if d.at)
    return state.entered.get(phase.id)


# ---------------------------------------------------------------- the whole night


def word(state: RunState, now: datetime) -> str:
    """The state in one word or two, as the header shows it."""
    if state.ended:
        return state.ended.upper()
    if state.rolling_back:
        return "ROLLING BACK"
    if state.rollback and state.observing:
        return "ROLLED BACK"
    if state.hold:
        return "HOLD"
    if is_done(state):
        return "DONE"
    return "COUNTING" if state.clock else "T+0 NOT SET"


def clock_name(state: RunState) -> str:
    """The same for scripts: `counting`, `hold`, `rolling-back`, `rolled-back`, `done`, `ended`, `unset`."""
    if state.ended:
        return "ended"
    if state.rolling_back:
        return "rolling-back"
    if state.rollback and state.observing:
        return "rolled-back"
    if state.hold:
        return "hold"
    return "done" if is_done(state) else "counting" if state.clock else "unset"


def due_at(phase: Phase, step: Step) -> Seconds:
    """T at which a step is due: its own, its checkpoint's, else its phase's."""
    if step.at is not None:
        return step.at
    if step.section == "checkpoint" and phase.checkpoint and phase.checkpoint.at is not None:
        return phase.checkpoint.at
    return phase.at


def drift(state: RunState, now: datetime) -> Seconds | None:
    """Seconds behind the plan: what holds and moves cost so far, and how late the present phase is on T."""
    t = state.t(now)
    if t is None or state.t0_first is None:
        return None
    lost = (now - state.t0_first).total_seconds() - t
    return lost + lateness(state, now)


def lateness(state: RunState, now: datetime) -> Seconds:
    """How far T has run past what is still open in the present phase; 0 when nothing is overdue."""
    t, phase = state.t(now), current_phase(state)
    if t is None or phase is None:
        return 0.0
    undone = open_steps(state, blocking_steps(state, phase))
    due = min((due_at(phase, step) for step in undone), default=_sign_due(phase))
    return max(0.0, t - max(due, phase.at + _planned_work(phase, undone)))


def _sign_due(phase: Phase) -> Seconds:
    return phase.checkpoint.at if phase.checkpoint and phase.checkpoint.at is not None else phase.ends


def _planned_work(phase: Phase, undone: tuple[Step, ...]) -> Seconds:
    """How long the phase may take by the plan before it counts as late."""
    if undone and undone[0].section == "monitor" and phase.monitor:
        return phase.monitor.period or 0.0
    return 0.0


def expected_finish(state: RunState, now: datetime) -> datetime | None:
    """When the last phase should be done, if the rest takes as long as planned."""
    if state.clock is None or not state.runbook.phases:
        return None
    phases = state.runbook.phases
    end = max(phase.ends for phase in phases)
    if is_done(state):
        return None
    t = state.clock.read(now)
    return now + timedelta(seconds=max(0.0, end - t) + lateness(state, now))


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
    """How long the default rollback takes: as the runbook says, else 5 s a flag (the longest that one write may hold it)."""
    option = state.runbook.rollback.default if state.runbook.rollback else None
    if option is None:
        return 0.0
    return option.duration if option.duration is not None else 5.0 * len(option.flags)


def next_checkpoint(state: RunState) -> tuple[Phase, Seconds] | None:
    """The next unsigned checkpoint and the T at which it is due."""
    for phase in state.runbook.phases:
        if phase.checkpoint and not is_signed(state, phase):
            return phase, _sign_due(phase)
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
