"""The timeline: phases, their checkpoints, and the groups that come after them."""

from __future__ import annotations

from collections.abc import Iterable

from pags_tui.core.plan import progress
from pags_tui.core.runbook import Phase, Step
from pags_tui.core.series import Seconds
from pags_tui.ui.present.words import at_text, clean, late, since
from pags_tui.ui.rows import Level, Mark, Status, TimelineRow
from pags_tui.ui.scene import Scene

SUCCESS, FOLLOW_UPS, ROLLBACK = "success", "follow-ups", "rollback"
GROUPS = {SUCCESS: "Success criteria", FOLLOW_UPS: "Follow-ups", ROLLBACK: "Rollback"}
"""Row ids of what comes after the phases."""
CHECKPOINT = "#checkpoint"
"""Ends the row id of a phase's checkpoint."""
WORTH_SAYING: Seconds = 10.0
"""A phase less late than this is on time: two ticks."""

DONE = Status(Mark.PASS, "passed", Level.OK)
NOW = Status(Mark.CURRENT, "now", Level.OK)
TO_COME = Status(Mark.FUTURE, "to come", Level.MUTED)
SIGN = Status(Mark.CHECKPOINT, "checkpoint", Level.CALM)
FAILED = Status(Mark.FAIL, "failed", Level.BAD)


def phase_of_row(row_id: str) -> str:
    """The phase (or group) that a row of the timeline stands for."""
    return row_id.removesuffix(CHECKPOINT)


def timeline(scene: Scene) -> tuple[TimelineRow, ...]:
    """Phases and checkpoints in file order, then the groups that a runbook ends with."""
    present = progress.current_phase(scene.state)
    rows: list[TimelineRow] = []
    for phase in scene.state.runbook.phases:
        rows.append(_phase(scene, phase, present))
        if phase.checkpoint:
            rows.append(_checkpoint(scene, phase, present))
    return (*rows, *_groups(scene))


def _phase(scene: Scene, phase: Phase, present: Phase | None) -> TimelineRow:
    behind = _behind(scene, phase, present)
    return TimelineRow(
        phase.id,
        at_text(phase.at),
        clean(phase.title),
        _status(scene, phase, present),
        late(behind) if behind >= WORTH_SAYING else "",
        Level.WARN if behind >= 60 else Level.CALM,
        current=present is not None and phase.id == present.id,
        overdue=_overdue(scene, phase, present),
    )


def _status(scene: Scene, phase: Phase, present: Phase | None) -> Status:
    state = scene.state
    if any(state.step(step.id).outcome == "failed" for step in progress.blocking_steps(state, phase)):
        return FAILED
    if phase is present or (present is not None and phase.id == present.id):
        return NOW
    if not progress.phase_done(state, phase):
        return Status(Mark.CURRENT, "begun", Level.CALM) if phase.id in state.entered else TO_COME
    monitor = progress.monitor_clock(state, phase, scene.now)
    if phase.monitor and not monitor.over and phase.id in state.entered:
        return Status(Mark.PASS, "monitored", Level.OK)
    return DONE if progress.blocking_steps(state, phase) or phase.id in state.entered else TO_COME


def _behind(scene: Scene, phase: Phase, present: Phase | None) -> Seconds:
    """How late its work began on T; of the present phase, how late the run is now."""
    state = scene.state
    if present is not None and phase.id == present.id:
        return progress.drift(state, scene.now) or 0.0
    return progress.began_late(state, phase, scene.now) if progress.begun_t(state, phase) is not None else 0.0


def _overdue(scene: Scene, phase: Phase, present: Phase | None) -> bool:
    state, t = scene.state, scene.state.t(scene.now)
    if t is None or state.ended or progress.phase_done(state, phase):
        return False
    if present is not None and phase.id == present.id:
        return progress.lateness(state, scene.now) >= WORTH_SAYING
    return phase.id not in state.entered and t > phase.at + WORTH_SAYING and not phase.follows


def _checkpoint(scene: Scene, phase: Phase, present: Phase | None) -> TimelineRow:
    state, t = scene.state, scene.state.t(scene.now)
    at = phase.checkpoint.at if phase.checkpoint and phase.checkpoint.at is not None else phase.ends
    signed = progress.is_signed(state, phase)
    passed = [mark for mark in state.signatures.get(phase.id, ()) if signed]
    behind = since(state.t0_first, max(s.at for s in passed)) - at if passed and state.t0_first else 0.0
    named = phase.checkpoint is not None and phase.checkpoint.at is not None
    return TimelineRow(
        f"{phase.id}{CHECKPOINT}",
        at_text(at) if named else "",
        "checkpoint",
        Status(Mark.PASS, "signed", Level.OK) if signed else SIGN,
        late(behind) if behind >= WORTH_SAYING else "",
        Level.WARN if behind >= 60 else Level.CALM,
        overdue=named and not signed and not state.ended and t is not None and t > at + WORTH_SAYING,
        checkpoint=True,
    )


def _groups(scene: Scene) -> list[TimelineRow]:
    book = scene.state.runbook
    found = ((SUCCESS, book.success_steps), (FOLLOW_UPS, book.follow_up_steps), (ROLLBACK, book.rollback_steps))
    return [TimelineRow(name, "", GROUPS[name], _group(scene, steps)) for name, steps in found if steps]


def _group(scene: Scene, steps: Iterable[Step]) -> Status:
    states = [scene.state.step(step.id) for step in steps if progress.applies(scene.state, step)]
    if any(one.outcome == "failed" for one in states):
        return FAILED
    if states and all(one.settled for one in states):
        return DONE
    return Status(Mark.CURRENT, "begun", Level.CALM) if any(one.outcome for one in states) else TO_COME
