"""Views for dialogs about steps, signatures, gates and T."""

from __future__ import annotations

from typing import get_args

from pags_tui.core.decide.blockers import sign_blockers
from pags_tui.core.decide.clock import not_passing
from pags_tui.core.decide.view import OVERRIDE_FOR
from pags_tui.core.events import Outcome
from pags_tui.core.plan import progress
from pags_tui.core.plan.rollback import flags_at_t, same
from pags_tui.core.runbook import Phase, Step
from pags_tui.core.series import Seconds
from pags_tui.core.units import show_clock, show_t
from pags_tui.ui.present.details import gate_detail, step_detail
from pags_tui.ui.present.steps import OUTCOMES, outcome_status, signed_by
from pags_tui.ui.present.verdicts import counts, gate_note, gate_status, overridden, trigger_of, verdict_of
from pags_tui.ui.present.views import (
    EvidenceLine,
    OutcomeChoice,
    OutcomeView,
    OverrideView,
    RecycleLine,
    RecycleView,
    ResumeView,
    SignView,
    WhyRow,
)
from pags_tui.ui.present.waits import why_rows
from pags_tui.ui.present.words import (
    at_text,
    clean,
    flag_text,
    hms,
    minutes,
    plural,
    role_name,
    since,
    step_text,
    tail,
    who,
)
from pags_tui.ui.rows import UNKNOWN, Level, Mark, Status
from pags_tui.ui.scene import Scene

AS_THEN = Status(Mark.PASS, "as then", Level.OK)
DIFFERS = Status(Mark.FAIL, "differs", Level.BAD)

# ---------------------------------------------------------------- signatures


def sign_view(scene: Scene, phase: str = "") -> SignView | None:
    """A checkpoint (empty: the next unsigned one); None when there is none."""
    due = progress.next_checkpoint(scene.state)
    found = next((one for one in scene.state.runbook.phases if one.id == phase), None) if phase else due and due[0]
    if not isinstance(found, Phase) or found.checkpoint is None:
        return None
    missing = progress.missing_signatures(scene.state, found)
    steps = progress.blocking_steps(scene.state, found)
    at = found.checkpoint.at
    return SignView(
        found.id,
        f"Sign {at_text(at) + ' ' if at is not None else ''}{clean(found.title)}",
        missing[0] if missing else "",
        tuple((role_name(scene.state.runbook, role), _signed(scene, found, role)) for role in _roles(scene, found)),
        tuple(evidence_line(scene, step) for step in steps),
        counts(scene, [step for step in steps if step.judged]),
        f"Type  {found.id}  to sign:",
        found.id,
        (*_cannot(scene, missing), *why_rows(sign_blockers(scene.view, found))),
        _same_account(scene, found),
        _early(scene, found),
    )


def _early(scene: Scene, phase: Phase) -> tuple[str, ...]:
    t, at = scene.state.t(scene.now), phase.checkpoint.at if phase.checkpoint else None
    if t is None or at is None or t >= at:
        return ()
    phases = scene.state.runbook.phases
    after = phases[phases.index(phase) + 1 :][:1]
    due = [f"{at_text(one.at)} " if one.at is not None else "" for one in after]
    begins = [
        f"what comes next may begin at once: {when}{clean(one.title)}" for when, one in zip(due, after, strict=True)
    ]
    left = f"{show_clock(at - t)} before its time, {at_text(at)}: once signed, the rest is not waited for"
    return (left, *(begins or ["no phase comes after it"]))


def _roles(scene: Scene, phase: Phase) -> tuple[str, ...]:
    return progress.signers(phase, scene.state.runbook)


def _signed(scene: Scene, phase: Phase, role: str) -> str:
    marks = [one for one in scene.state.signatures.get(phase.id, ()) if one.role == role]
    return f"signed by {signed_by(scene, marks[-1])}" if marks else "not yet"


def _cannot(scene: Scene, missing: tuple[str, ...]) -> tuple[WhyRow, ...]:
    """Why this person may not sign now."""
    if not missing:
        return (WhyRow("it is signed"),)
    state, rows = scene.state, []
    lead = progress.LEAD_ROLE, state.runbook.lead
    mine = [role for role in missing if role not in lead or scene.view.is_lead]
    if not mine:
        rows.append(WhyRow(f"only the lead ({who(state.lead)}) may sign it", "lead", "take the lead, or ask for it"))
    return tuple(rows)


def _same_account(scene: Scene, phase: Phase) -> str:
    users = {mark.user for mark in scene.state.signatures.get(phase.id, ())}
    if scene.me.user not in users:
        return ""
    return 'your account has signed already: a second signature will be marked "same account"'


def evidence_line(scene: Scene, step: Step) -> EvidenceLine:
    """A step with what its gate says; without a gate, with its outcome."""
    state = scene.state.step(step.id)
    if not step.judged:
        return EvidenceLine(step.id, step_text(scene, step), outcome_status(state), clean(state.reason or state.value))
    covered = overridden(scene, step.id)
    note = f"overridden {covered}" if covered else gate_note(scene, verdict_of(scene, step))
    return EvidenceLine(step.id, step_text(scene, step), gate_status(scene, step), note)


# ---------------------------------------------------------------- overrides and outcomes


def override_view(scene: Scene, step: str) -> OverrideView:
    """A gate to go against. KeyError for an unknown step."""
    known = scene.state.runbook.step(step)
    verdict = verdict_of(scene, known)
    state = str(verdict.state) if verdict else ""
    minutes_ = round(OVERRIDE_FOR.total_seconds() / 60)
    limit = " while the value gets no worse" if state == "fail" else ""
    return OverrideView(
        known.id,
        f"Override {step_text(scene, known)}",
        gate_status(scene, known),
        gate_detail(scene, known.id),
        state,
        verdict.value if verdict else None,
        f"covers {state} and better for {minutes_} minutes{limit}, until the next forward change is verified",
        _no_override(scene, known),
    )


def _no_override(scene: Scene, step: Step) -> str:
    verdict = verdict_of(scene, step)
    if not scene.view.is_lead:
        return f"only the lead ({who(scene.state.lead)}) may override a gate"
    if verdict is None or not step.judged:
        return "it has no gate that is judged"
    if verdict.state == "pass":
        return "it passes: there is nothing to override"
    if step.hard:
        return "it is a hard gate: nobody may override it"
    for name in scene.state.runbook.triggers:
        trigger = trigger_of(scene, name)
        busy = trigger is not None and trigger.state in ("pending", "firing") and verdict.metrics & trigger.metrics
        if verdict.state == "fail" and trigger is not None and busy:
            return f"the trigger {clean(name)} on the same metric is {trigger.state}: no override now"
    return ""


def outcome_view(scene: Scene, step: str) -> OutcomeView:
    """Another outcome for a step. KeyError for an unknown one."""
    known = scene.state.runbook.step(step)
    state = scene.state.step(known.id)
    present = ""
    if state.outcome and state.at:
        when = hms(state.at, scene.state.runbook)
        present = f"{OUTCOMES[state.outcome].word} by {who(state.by)} {when}{tail(state.reason)}"
    return OutcomeView(
        known.id,
        step_text(scene, known),
        present,
        tuple(_choice(scene, known, outcome) for outcome in get_args(Outcome)),
        clean(known.capture or ""),
        clean(state.value),
        step_detail(scene, known.id),
    )


def _choice(scene: Scene, step: Step, outcome: Outcome) -> OutcomeChoice:
    why = ""
    writes, lead = bool(step.set and step.written), who(scene.state.lead)
    if not progress.applies(scene.state, step):
        why = f"it is for a {step.when} run only"
    elif outcome == "passed" and writes:
        why = "perform it: it ticks itself once its flags are verified"
    elif outcome == "passed" and not scene.view.gate_ok(step):
        why = f"its gate is {gate_status(scene, step).word}"
    elif outcome != "passed" and (outcome == "waived" or writes) and not scene.view.is_lead:
        why = f"only the lead ({lead}) may"
    return OutcomeChoice(outcome, outcome != "passed", why)


# ---------------------------------------------------------------- T


def resume_view(scene: Scene) -> ResumeView:
    """T to run again."""
    state, hold = scene.state, scene.state.hold
    waiting = not_passing(scene.view)
    t = state.t(scene.now)
    facts = [("T", show_t(t) if t is not None else "T+0 is not set")]
    if hold:
        since_when = f"{hms(hold.since, state.runbook)} by {who(hold.by)}, {minutes(since(hold.since, scene.now))}"
        facts += [("held since", since_when), ("because", clean(hold.reason) or "no reason given")]
    if state.observing:
        facts.append(("triggers", "only observe since the rollback; resuming arms them again"))
    refused = ""
    if hold is None:
        refused = "T is not held"
    elif state.rolling_back:
        refused = "a rollback is running: T stands until it is finished"
    elif not scene.view.is_lead:
        refused = f"only the lead ({who(state.lead)}) may resume"
    lines = tuple(evidence_line(scene, step) for step in waiting)
    return ResumeView("Let T run again", tuple(facts), lines, bool(waiting), refused)


def recycle_view(scene: Scene, t: Seconds | None = None) -> RecycleView:
    """T to be set back to `t` (None: to the time of the newest phase that was entered)."""
    choices = recycle_choices(scene)
    wanted = t if t is not None else choices[0][0] if choices else 0.0
    return RecycleView(
        wanted,
        f"Recycle to {at_text(wanted)}",
        tuple(_recycle_lines(scene, wanted)),
        _reopened(scene, wanted),
        choices,
        _no_recycle(scene, wanted),
    )


def recycle_choices(scene: Scene) -> tuple[tuple[Seconds, str], ...]:
    """The phases entered so far that lie before T, newest first."""
    now = scene.state.t(scene.now)
    entered = [phase for phase in scene.state.runbook.phases if phase.id in scene.state.entered]
    before = [phase for phase in reversed(entered) if now is not None and phase.at < now]
    return tuple((phase.at, f"{at_text(phase.at)} {clean(phase.title)}") for phase in before)


def _recycle_lines(scene: Scene, t: Seconds) -> list[RecycleLine]:
    lines = []
    for key, then in flags_at_t(scene.state, t).items():
        now = scene.state.flag(key).seen
        equal = same(then, now)
        status = UNKNOWN if now is None else AS_THEN if equal else DIFFERS
        lines.append(RecycleLine(clean(key), flag_text(then), flag_text(now), equal, status))
    return lines


def _reopened(scene: Scene, t: Seconds) -> str:
    """What opens again, counted as the fold does it."""
    state, outcomes, marks = scene.state, 0, 0
    for phase in state.runbook.phases:
        point = phase.checkpoint
        steps = phase.all_steps if phase.at >= t else point.steps if point and (point.at or phase.at) >= t else ()
        outcomes += sum(state.step(step.id).outcome is not None for step in steps)
        marks += len(state.signatures.get(phase.id, ())) if point and (point.at or phase.at) >= t else 0
    return f"{plural(outcomes, 'outcome')} and {plural(marks, 'signature')} open again; flags stay as they are"


def _no_recycle(scene: Scene, t: Seconds) -> str:
    now = scene.state.t(scene.now)
    if now is None:
        return "T+0 is not set: there is nothing to go back from"
    if scene.state.rolling_back:
        return "a rollback is running: recycle when it is finished"
    if not scene.view.is_lead:
        return f"only the lead ({who(scene.state.lead)}) may recycle"
    return "" if t < now else f"{at_text(t)} is not before the present T ({show_t(now)})"
