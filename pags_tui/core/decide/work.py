"""Asks about steps, notes, issues, signatures, overrides and polls."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.blockers import Blocker, sign_blockers
from pags_tui.core.decide.overrides import busy_trigger
from pags_tui.core.decide.view import OVERRIDE_FOR, View, find_step, touch
from pags_tui.core.errors import Refused
from pags_tui.core.events import Fact
from pags_tui.core.gates import GateState
from pags_tui.core.plan.progress import LEAD_ROLE, applies, is_signed, missing_signatures, signers
from pags_tui.core.runbook import Phase, Step


def decide_work(ask: a.WorkAsk, view: View) -> tuple[Fact, ...]:
    """The facts that the ask leads to. Raises Refused with the next move."""
    if not _is_afterwards(ask, view):
        view.must_be_open()
    polls = view.state.polls
    match ask:
        case a.Resolve():
            return _resolve(ask, view)
        case a.Reopen():
            return _reopen(ask, view)
        case a.Begin():
            return _begin(ask, view)
        case a.AddNote():
            return _note(ask, view)
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
            if polls and not polls[-1].closed:
                raise Refused("A poll is open already. Close it first.")
            return (e.PollOpened(len(polls) + 1, _text(ask.question, "A poll")),)
        case a.AnswerPoll():
            return _answer(ask, view)
        case a.ClosePoll():
            return (e.PollClosed(ask.poll),) if any(p.number == ask.poll and not p.closed for p in polls) else ()
        case _:
            assert_never(ask)


def _is_afterwards(ask: a.WorkAsk, view: View) -> bool:
    """Follow-ups are due after the night: they are worked off in a closed run as well."""
    follow_ups = {step.id for step in view.state.runbook.follow_up_steps}
    return isinstance(ask, a.Resolve | a.Reopen) and ask.step in follow_ups


def _note(ask: a.AddNote, view: View) -> tuple[Fact, ...]:
    if ask.step:
        find_step(view.state, ask.step)
    if ask.happened is not None and ask.happened.tzinfo is None:
        raise Refused("The time of a note needs a time zone.")
    return (e.NoteAdded(_text(ask.text, "A note"), ask.step, ask.happened),)


def _text(text: str, what: str) -> str:
    if not text.strip():
        raise Refused(f"{what} needs a text.")
    return text.strip()


# ---------------------------------------------------------------- steps


def _resolve(ask: a.Resolve, view: View) -> tuple[Fact, ...]:
    step = find_step(view.state, ask.step)
    if not applies(view.state, step):
        raise Refused(f"'{step.text}' is for a {step.when} run only.")
    old, reason, value = view.state.step(step.id), ask.reason.strip(), ask.value.strip()
    if (old.outcome, old.reason, old.value) == (ask.outcome, reason, value):
        return ()
    if ask.outcome == "passed":
        return (*_unsigned(view, step), *_pass(ask, view, step))
    if not reason:
        raise Refused(f"'{ask.outcome}' needs a reason.")
    if ask.outcome == "waived" or step.written:
        view.must_lead(f"mark '{step.text}' as {ask.outcome}")
    resolved = e.StepResolved(step.id, ask.outcome, reason, value, view.evidence((step,)))
    return (*_unsigned(view, step), *touch(view.state, step), resolved)


def _unsigned(view: View, step: Step) -> tuple[Fact, ...]:
    """Another outcome than the one that was signed: refused once all have signed, else the first signatures are void.

    What was open when the others signed (an optional step) may still be resolved.
    """
    phase = view.state.runbook.phase_of(step.id)
    signed = view.state.signatures.get(phase.id, ()) if phase else ()
    if phase is None or not signed or view.state.step(step.id).outcome is None:
        return ()
    if is_signed(view.state, phase):
        raise Refused(f"'{phase.title}' is signed. Recycle to open it again.")
    why = f"'{step.text}' was changed before the next signature"
    return tuple(e.SignatureVoided(phase.id, signature.role, why) for signature in signed)


def _begin(ask: a.Begin, view: View) -> tuple[Fact, ...]:
    """The runbook's author has allowed the mute: who begins the step needs no other leave."""
    step = find_step(view.state, ask.step)
    if step.mutes is None:
        return touch(view.state, step)
    until = view.now + timedelta(seconds=step.mutes.duration)
    awake = [name for name in step.mutes.triggers if (view.state.firing(name).muted_until or view.now) <= view.now]
    return (*touch(view.state, step), *(e.TriggerMuted(name, until, f"for '{step.text}'") for name in awake))


def _pass(ask: a.Resolve, view: View, step: Step) -> tuple[Fact, ...]:
    if step.written and step.section == "rollback":
        raise Refused(f"'{step.text}' changes flags: roll back (F9). The plan shows what is verified.")
    if step.written:
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
    if step.written and view.state.step(step.id).outcome == "passed":
        raise Refused(f"'{step.text}' has changed flags; a tick cannot take that back. Roll back (F9), or recycle.")
    return (*_unsigned(view, step), e.StepReopened(step.id))


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
    evidence = view.evidence(phase.all_steps)
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
        view.must_lead("speak for the lead")
        return
    users = book.roles[role].users
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
    if ask.state not in tuple(GateState):
        raise Refused(f"'{ask.state}' is no state of a gate.")
    if verdict.state.rank > GateState(ask.state).rank:
        raise Refused(
            f"'{step.text}' is {verdict.state} now, worse than the {ask.state} that you saw: {verdict.reason}."
        )
    if not ask.reason.strip():
        raise Refused("An override needs a reason.")
    if verdict.state == "fail" and ask.value is not None and not verdict.no_worse_than(ask.value):
        raise Refused(f"'{step.text}' is worse now than what you saw: {verdict.reason}.")
    if verdict.state == "fail" and (busy := busy_trigger(verdict, view.triggers)):
        raise Refused(f"The trigger {busy} on the same metric is {view.triggers[busy].state}: no override now.")
    given = view.override(step.id)
    if given is not None and given.reason == ask.reason.strip():
        return ()
    until = view.now + OVERRIDE_FOR
    state, reason = str(verdict.state), ask.reason.strip()
    return (e.OverrideGiven(step.id, state, verdict.value, reason, until, verdict.metric),)


# ---------------------------------------------------------------- polls


def _answer(ask: a.AnswerPoll, view: View) -> tuple[Fact, ...]:
    poll = next((poll for poll in view.state.polls if poll.number == ask.poll and not poll.closed), None)
    if poll is None:
        raise Refused("That poll is closed. Open another one (p).")
    if ask.role not in (LEAD_ROLE, *view.state.runbook.roles):
        raise Refused(f"There is no role '{ask.role}' in this runbook.")
    old = poll.answers.get(ask.role)
    if old is not None and (old[0], old[1], old[3]) == (ask.answer, view.by, ask.voiced):
        return ()
    if ask.voiced:
        view.must_lead("record what somebody else said")
    else:
        _may_sign(view, ask.role)
    return (e.PollAnswered(ask.poll, ask.role, ask.answer, ask.note, ask.voiced),)
