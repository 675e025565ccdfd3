"""Asks about steps, notes, issues, signatures, overrides and polls."""

from __future__ import annotations

from typing import assert_never

from pags_tui.core import events as e
from pags_tui.core.conditions import MetricCondition
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.blockers import Blocker, sign_blockers
from pags_tui.core.decide.view import OVERRIDE_FOR, View, find_step, metrics_of, touch
from pags_tui.core.errors import Refused
from pags_tui.core.events import Fact
from pags_tui.core.gates import GateState
from pags_tui.core.plan.progress import LEAD_ROLE, applies, blocking_steps, missing_signatures, signers
from pags_tui.core.runbook import Phase, Step


def decide_work(ask: a.WorkAsk, view: View) -> tuple[Fact, ...]:
    """The facts that the ask leads to. Raises Refused with the next move."""
    view.must_be_open()
    match ask:
        case a.Resolve():
            return _resolve(ask, view)
        case a.Reopen():
            return _reopen(ask, view)
        case a.AddNote():
            return (e.NoteAdded(_text(ask.text, "A note"), ask.step, ask.happened),)
        case a.OpenIssue():
            return (e.IssueOpened(len(view.state.issues) + 1, ask.severity, _text(ask.text, "An issue")),)
        case a.CloseIssue():
            if ask.issue not in {issue.number for issue in view.state.open_issues}:
                raise Refused(f"There is no open issue {ask.issue}.")
            return (e.IssueClosed(ask.issue, ask.text),)
        case a.Sign():
            return _sign(ask, view)
        case a.GiveOverride():
            return _override(ask, view)
        case a.OpenPoll():
            if view.state.polls and not view.state.polls[-1].closed:
                raise Refused("A poll is open already. Close it first.")
            return (e.PollOpened(len(view.state.polls) + 1, _text(ask.question, "A poll")),)
        case a.AnswerPoll():
            return _answer(ask, view)
        case a.ClosePoll():
            return (e.PollClosed(ask.poll),)
        case _:
            assert_never(ask)


def _text(text: str, what: str) -> str:
    if not text.strip():
        raise Refused(f"{what} needs a text.")
    return text.strip()


# ---------------------------------------------------------------- steps


def _resolve(ask: a.Resolve, view: View) -> tuple[Fact, ...]:
    step = find_step(view.state, ask.step)
    if not applies(view.state, step):
        raise Refused(f"'{step.text}' is for a {step.when} run only.")
    old = view.state.step(step.id)
    if (old.outcome, old.reason, old.value) == (ask.outcome, ask.reason, ask.value):
        return ()
    if ask.outcome == "passed":
        return _pass(ask, view, step)
    if not ask.reason.strip():
        raise Refused(f"'{ask.outcome}' needs a reason.")
    if ask.outcome == "waived" or (step.set and step.written):
        view.must_lead(f"mark '{step.text}' as {ask.outcome}")
    evidence = view.evidence((step,))
    return (*touch(view.state, step), e.StepResolved(step.id, ask.outcome, ask.reason.strip(), ask.value, evidence))


def _pass(ask: a.Resolve, view: View, step: Step) -> tuple[Fact, ...]:
    if step.set and step.written:
        raise Refused(f"'{step.text}' changes flags: perform it (a). It ticks itself once they are verified.")
    entering = touch(view.state, step)
    if not view.gate_ok(step):
        if entering:
            return entering
        raise Refused(f"'{step.text}' is {view.gate_words(step)}. Wait, or override it with a reason (o).")
    if step.capture and not ask.value.strip():
        raise Refused(f"'{step.text}' needs the value that it captures ({step.capture}).")
    evidence = view.evidence((step,))
    return (*entering, e.StepResolved(step.id, "passed", ask.reason, ask.value.strip(), evidence))


def _reopen(ask: a.Reopen, view: View) -> tuple[Fact, ...]:
    step = find_step(view.state, ask.step)
    if view.state.step(step.id).outcome is None:
        return ()
    phase = view.state.runbook.phase_of(step.id)
    if step.set and step.written and view.state.step(step.id).outcome == "passed":
        raise Refused(f"'{step.text}' has changed flags; a tick cannot take that back. Roll back (F9), or recycle.")
    if phase and view.state.signatures.get(phase.id):
        raise Refused(f"'{phase.title}' is signed. Recycle to open it again.")
    return (e.StepReopened(step.id),)


# ---------------------------------------------------------------- signatures


def _sign(ask: a.Sign, view: View) -> tuple[Fact, ...]:
    phase = find_phase(view, ask.phase)
    role = ask.role or _first_role(view, phase)
    if role not in signers(phase, view.state.runbook):
        raise Refused(f"'{phase.title}' is signed by {', '.join(signers(phase, view.state.runbook))}, not by {role}.")
    if role not in missing_signatures(view.state, phase):
        return ()
    _may_sign(view, role)
    if found := sign_blockers(view, phase):
        raise Refused(_sentence(f"'{phase.title}' cannot be signed yet", found))
    others = {signature.user for signature in view.state.signatures.get(phase.id, ())}
    name = view.by.name or view.state.roles.get(role, "") or view.by.user
    evidence = view.evidence(blocking_steps(view.state, phase))
    return (e.Signed(phase.id, role, name, view.by.user, evidence, view.by.user in others),)


def find_phase(view: View, phase: str) -> Phase:
    """The phase of that id. Raises Refused for an unknown one or one without a checkpoint."""
    try:
        found = view.state.runbook.phase(phase)
    except KeyError:
        raise Refused(f"There is no phase '{phase}' in this runbook.") from None
    if found.checkpoint is None:
        raise Refused(f"'{found.title}' has no checkpoint to sign.")
    return found


def _first_role(view: View, phase: Phase) -> str:
    missing = missing_signatures(view.state, phase)
    return missing[0] if missing else signers(phase, view.state.runbook)[0]


def _may_sign(view: View, role: str) -> None:
    book = view.state.runbook
    if role in (LEAD_ROLE, book.lead):
        view.must_lead("sign as the lead")
        return
    users = book.roles[role].users if role in book.roles else None
    if users is not None and view.by.user not in users:
        raise Refused(f"{view.by.shown} may not sign as {role}; {', '.join(users)} may.")


def _sentence(head: str, found: tuple[Blocker, ...]) -> str:
    rest = f" (and {len(found) - 3} more: w lists them)" if len(found) > 3 else ""
    return f"{head}: {'; '.join(blocker.text for blocker in found[:3])}{rest}."


# ---------------------------------------------------------------- overrides


def _override(ask: a.GiveOverride, view: View) -> tuple[Fact, ...]:
    view.must_lead("override a gate")
    step = find_step(view.state, ask.gate)
    verdict = view.gates.get(step.id)
    if verdict is None or not step.judged:
        raise Refused(f"'{step.text}' has no gate that is judged.")
    if verdict.state == "pass":
        raise Refused(f"'{step.text}' passes: there is nothing to override.")
    if step.hard:
        raise Refused(f"'{step.text}' is a hard gate: nobody may override it.")
    if verdict.state.rank > GateState(ask.state).rank:
        raise Refused(
            f"'{step.text}' is {verdict.state} now, worse than the {ask.state} that you saw: {verdict.reason}."
        )
    if not ask.reason.strip():
        raise Refused("An override needs a reason.")
    if verdict.state == "fail" and (busy := _triggers_on(view, metrics_of(verdict))):
        raise Refused(f"The trigger {busy} on the same metric is {view.triggers[busy].state}: no override now.")
    until = view.now + OVERRIDE_FOR
    given = e.OverrideGiven(step.id, str(verdict.state), verdict.value, ask.reason.strip(), until)
    return (*touch(view.state, step), given)


def _triggers_on(view: View, metrics: frozenset[str]) -> str | None:
    """The first trigger on one of those metrics that is pending or firing."""
    for name, verdict in view.triggers.items():
        on = {c.metric for c in view.state.runbook.triggers[name].when if isinstance(c, MetricCondition)}
        if verdict.state in ("pending", "firing") and metrics & on:
            return name
    return None


# ---------------------------------------------------------------- polls


def _answer(ask: a.AnswerPoll, view: View) -> tuple[Fact, ...]:
    poll = next((poll for poll in view.state.polls if poll.number == ask.poll and not poll.closed), None)
    if poll is None:
        raise Refused("That poll is closed. Open another one (p).")
    if ask.voiced:
        view.must_lead("record what somebody else said")
    else:
        _may_sign(view, ask.role)
    return (e.PollAnswered(ask.poll, ask.role, ask.answer, ask.note, ask.voiced),)
