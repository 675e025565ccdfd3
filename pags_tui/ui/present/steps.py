"""The checklist of a phase, or of a group at the end of a runbook."""

from __future__ import annotations

from datetime import datetime, timedelta

from pags_tui.core.plan import progress
from pags_tui.core.plan.afterwards import counts_from
from pags_tui.core.plan.progress import MonitorClock, applies
from pags_tui.core.runbook import FollowUps, Phase, Step
from pags_tui.core.state import Signature, StepState
from pags_tui.core.units import show_clock
from pags_tui.ui.present.phases import FOLLOW_UPS, GROUPS, ROLLBACK, SUCCESS, phase_of_row
from pags_tui.ui.present.verdicts import gate_note, gate_status, overridden, verdict_of
from pags_tui.ui.present.words import at_text, clean, flag_text, hm, hms, step_text, who
from pags_tui.ui.present.writes import step_change
from pags_tui.ui.rows import NO_STATUS, ChecklistRow, Fact, Kind, Level, Mark, Status
from pags_tui.ui.scene import Scene

OUTCOMES = {
    "passed": Status(Mark.PASS, "passed", Level.OK),
    "failed": Status(Mark.FAIL, "failed", Level.BAD),
    "skipped": Status(Mark.SKIPPED, "skipped", Level.MUTED),
    "n/a": Status(Mark.SKIPPED, "n/a", Level.MUTED),
    "waived": Status(Mark.WAIVED, "waived", Level.WARN),
    "deferred": Status(Mark.HELD, "deferred", Level.WARN),
}


def shown_phase(scene: Scene, phase_id: str | None) -> Phase | str | None:
    """The phase or group that a checklist shows. After the last phase: the success criteria, where there are any."""
    name = phase_of_row(phase_id) if phase_id else ""
    found = next((phase for phase in scene.state.runbook.phases if phase.id == name), None)
    if found or name in GROUPS:
        return found or name
    present = progress.current_phase(scene.state)
    if present is not None:
        return present
    if scene.state.runbook.success and scene.state.runbook.phases:
        return SUCCESS
    return scene.state.runbook.phases[-1] if scene.state.runbook.phases else None


def checklist_title(scene: Scene, phase_id: str | None = None) -> str:
    """`T+15 Expand to 50% canary`."""
    shown = shown_phase(scene, phase_id)
    if isinstance(shown, Phase):
        return f"{at_text(shown.at)} {clean(shown.title)}"
    return GROUPS.get(shown or "", "")


def checklist_odd(scene: Scene, phase_id: str | None = None) -> str:
    """`1 waived, 2 deferred`: outcomes of that phase which are neither open nor passed, each counted for itself."""
    shown = shown_phase(scene, phase_id)
    if not isinstance(shown, Phase):
        return ""
    counts = progress.outcome_counts(scene.state, shown.all_steps)
    return ", ".join(f"{number} {name}" for name, number in counts.items() if number and name not in ("passed", "open"))


def checklist_heading(scene: Scene, phase_id: str | None = None) -> str:
    """What stands over the checklist: its title, what is odd in it, and the way back from another phase."""
    odd = checklist_odd(scene, phase_id)
    named = f"2 {checklist_title(scene, phase_id)}" + (f" · {odd}" if odd else "")
    return named if phase_id is None else f"{named} (2: the present phase)"


def open_step(scene: Scene, rows: tuple[ChecklistRow, ...]) -> str:
    """The row of a checklist at which there is something to do next; empty without steps."""
    steps = [row for row in rows if row.kind is Kind.STEP]
    todo = next((row for row in steps if not scene.state.step(row.id).outcome and not row.disabled), None)
    return (todo or steps[0]).id if steps else ""


def checklist(scene: Scene, phase_id: str | None = None) -> tuple[ChecklistRow, ...]:
    """The rows of that phase or group (`success`, `follow-ups`, `rollback`); None: the present phase."""
    shown = shown_phase(scene, phase_id)
    if isinstance(shown, Phase):
        return tuple(_phase(scene, shown))
    rows = {SUCCESS: _success, FOLLOW_UPS: _follow_ups, ROLLBACK: _rollback}
    return tuple(rows[shown](scene)) if shown else ()


# ---------------------------------------------------------------- headings


def _section(id_: str, text: str, note: str = "", part: float | None = None, role: str = "") -> ChecklistRow:
    return ChecklistRow(id_, text, Kind.SECTION, note=note, progress=part, role=role)


def _phase(scene: Scene, phase: Phase) -> list[ChecklistRow]:
    rows: list[ChecklistRow] = []
    if phase.steps:
        acts = any(step.kind == "action" for step in phase.steps)
        rows.append(_section(f"{phase.id}#steps", "ACTION" if acts else "CHECK"))
        rows += [step_row(scene, step) for step in phase.steps]
    if phase.monitor:
        rows.append(_monitor(scene, phase))
        rows += [step_row(scene, step, phase.monitor.role) for step in phase.monitor.steps]
    if phase.checkpoint:
        rows.append(_checkpoint(scene, phase))
        rows += [step_row(scene, step) for step in phase.checkpoint.steps]
    return rows


def monitor_note(clock: MonitorClock) -> str:
    """`04:12 of 30:00`; empty for a monitor without a time."""
    if not clock.of:
        return ""
    if clock.began is None:
        return f"not begun, {show_clock(clock.of)}"
    return f"{show_clock(clock.elapsed)} of {show_clock(clock.of)}"


def _monitor(scene: Scene, phase: Phase) -> ChecklistRow:
    clock = progress.monitor_clock(scene.state, phase, scene.now)
    part = clock.elapsed / clock.of if clock.of and clock.began else None
    return _section(f"{phase.id}#monitor", "MONITOR", monitor_note(clock), part)


def _checkpoint(scene: Scene, phase: Phase) -> ChecklistRow:
    point = phase.checkpoint
    at = f" {at_text(point.at)}" if point and point.at is not None else ""
    signed = scene.state.signatures.get(phase.id, ())
    missing = progress.missing_signatures(scene.state, phase)
    note = f"signed by {', '.join(signed_by(scene, one) for one in signed)}" if signed else ""
    return _section(f"{phase.id}#checkpoint", f"CHECKPOINT{at}", note, None, clean(", ".join(missing)))


def signed_by(scene: Scene, signature: Signature) -> str:
    """`ana 22:15:20`, with `same account` where that is so."""
    same = " (same account)" if signature.same_account else ""
    return f"{clean(signature.name)} {hms(signature.at, scene.state.runbook)}{same}"


# ---------------------------------------------------------------- steps


def step_row(scene: Scene, step: Step, role: str | None = None) -> ChecklistRow:
    """One step with what became of it, what its gate says and what its flags do."""
    state = scene.state.step(step.id)
    off = not applies(scene.state, step)
    verdict = step.judged and not off
    return ChecklistRow(
        step.id,
        step_text(scene, step),
        status=NO_STATUS if off else outcome_status(state),
        verdict=gate_status(scene, step) if verdict else None,
        verdict_note=_verdict_note(scene, step) if verdict else "",
        change=Fact() if off else step_change(scene, step),
        who=who(state.by) if state.outcome else "",
        role=clean(step.role or role or ""),
        note=_note(scene, step, state, off),
        optional=step.optional,
        not_yet=not state.outcome and not off and not_yet(scene, step),
        disabled=off or state.outcome == "n/a",
    )


def outcome_status(state: StepState) -> Status:
    """What became of a step; no mark while it is open."""
    return OUTCOMES[state.outcome] if state.outcome else NO_STATUS


def _verdict_note(scene: Scene, step: Step) -> str:
    covered = overridden(scene, step.id)
    return f"overridden {covered}" if covered else gate_note(scene, verdict_of(scene, step))


def _note(scene: Scene, step: Step, state: StepState, off: bool) -> str:
    said = []
    if off:
        said.append(f"{step.when} only")
    if state.reason:
        said.append(clean(state.reason))
    if step.capture and state.value:
        said.append(f"{clean(step.capture)} = {clean(state.value)}")
    if step.stage and not state.outcome:
        said.append("next: " + ", ".join(f"{clean(key)} {flag_text(value)}" for key, value in step.stage.items()))
    if step.at is not None and not state.outcome:
        said.append(f"due {at_text(step.at)}")
    return " · ".join(said)


def not_yet(scene: Scene, step: Step) -> bool:
    """It waits for something before it: its phase, its monitor period, its own time."""
    state, phase, t = scene.state, scene.state.runbook.phase_of(step.id), scene.state.t(scene.now)
    if phase is None:
        return step.section == "rollback" and state.rollback is None
    present = progress.current_phase(state)
    if phase.id not in state.entered and (present is None or present.id != phase.id):
        return True
    if step.at is not None and (t is None or t < step.at):
        return True
    if step.section != "checkpoint":
        return False
    return not progress.monitor_clock(state, phase, scene.now).over


# ---------------------------------------------------------------- what comes after the phases


def _success(scene: Scene) -> list[ChecklistRow]:
    rows: list[ChecklistRow] = []
    for group in scene.state.runbook.success:
        done = sum(scene.state.step(step.id).settled for step in group.criteria)
        rows.append(_section(f"success.{group.id}#", clean(group.title), f"{done}/{len(group.criteria)}"))
        rows += [step_row(scene, step) for step in group.criteria]
    return rows


def _follow_ups(scene: Scene) -> list[ChecklistRow]:
    rows: list[ChecklistRow] = []
    for group in scene.state.runbook.follow_ups:
        rows.append(_section(f"follow-ups.{group.id}#", clean(group.title), _due(scene, group)))
        rows += [step_row(scene, step) for step in group.items]
    return rows


def follow_up_start(scene: Scene, group: FollowUps) -> datetime | None:
    """The moment that its time counts from; None while that has not come."""
    return counts_from(scene.state, group, scene.now)


def _due(scene: Scene, group: FollowUps) -> str:
    if group.within is None:
        return ""
    start = follow_up_start(scene, group)
    if start is None:
        return f"counts from: {group.since.replace('-', ' ')}"
    due = start + timedelta(seconds=group.within)
    still = any(not scene.state.step(step.id).settled for step in group.items)
    text = hm(due, scene.now, scene.state.runbook)
    return f"OVERDUE since {text}" if still and due < scene.now else f"due {text}"


def _rollback(scene: Scene) -> list[ChecklistRow]:
    rows: list[ChecklistRow] = []
    options = scene.state.runbook.rollback.every_option if scene.state.runbook.rollback else ()
    for option in options:
        name = f"rollback.{option.id}" if option.id else "rollback"
        rows.append(_section(f"{name}#", "ACTION", clean(option.title)))
        rows += [step_row(scene, step) for step in option.steps]
        if option.checkpoint:
            roles = clean(", ".join(option.checkpoint.sign_off))
            rows.append(_section(f"{name}#checkpoint", "CHECKPOINT", clean(option.checkpoint.title), None, roles))
            rows += [step_row(scene, step) for step in option.checkpoint.steps]
    return rows
