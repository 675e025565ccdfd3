"""One plain sentence per fact, without the name of who did it. For the log, the headless demo and `pags-tui events`."""

from __future__ import annotations

from typing import assert_never

from pags_tui.core import events as e
from pags_tui.core.runbook import Runbook
from pags_tui.core.state import RunState
from pags_tui.core.units import show_clock, show_duration
from pags_tui.ui.present.words import (
    at_text,
    clean,
    flag_text,
    hms,
    plural,
    quoted,
    role_name,
    series_text,
    tail,
    zone_name,
)


def sentence(event: e.Event, runbook: Runbook, state: RunState | None = None) -> str:
    """What happened, in one plain sentence on one line. The runbook gives the names, perhaps of another version.

    With the state after the event (or a later one) an answer names the flag or the message that it is about.
    """
    text = _plain(event, runbook)
    return _named(text, event.fact, runbook, state) if state else text


def _named(text: str, fact: e.Fact, runbook: Runbook, state: RunState) -> str:
    if isinstance(fact, e.FlagAnswered | e.FlagSettled) and (change := state.changes.get(fact.change)):
        before = "?" if change.before is None else flag_text(change.before)
        moved = f"{clean(change.flag)} {before}→{flag_text(change.value)}"
        return text.replace(f"change {fact.change}", moved, 1)
    if isinstance(fact, e.MessageSent) and (message := state.messages.get(fact.message)):
        return text.replace(f"message {fact.message}", f"message {message_name(runbook, message.comms)}", 1)
    return text


def _plain(event: e.Event, runbook: Runbook) -> str:
    fact = event.fact
    if isinstance(fact, e.JudgingFact):
        return _judging(fact, runbook)
    if isinstance(fact, e.WorkFact):
        return _work(fact, runbook)
    if isinstance(fact, e.FlagFact):
        return _flags(fact, runbook)
    if isinstance(fact, e.ClockFact):
        return _clock(fact, runbook)
    if isinstance(fact, e.MessageFact):
        return _messages(fact, runbook)
    return _life(fact, runbook)


def step_name(runbook: Runbook, step: str) -> str:
    """The step's line in quotes; its id where this runbook does not know it."""
    try:
        return quoted(runbook.step(step).text)
    except KeyError:
        return quoted(step)


def phase_name(runbook: Runbook, phase: str) -> str:
    """`T+15 Expand to 50% canary`; its id where this runbook does not know it."""
    try:
        known = runbook.phase(phase)
    except KeyError:
        return clean(phase)
    return f"{at_text(known.at)} {clean(known.title)}"


def _names(triggers: tuple[str, ...]) -> str:
    return ", ".join(clean(trigger) for trigger in triggers) or "no trigger"


def _life(fact: e.LifeFact, runbook: Runbook) -> str:
    match fact:
        case e.RunStarted():
            title = clean(runbook.title or fact.run)
            return f"{fact.kind} run of {title} against {clean(fact.target)} started, lead {clean(fact.lead)}"
        case e.RunbookAmended():
            return f"runbook amended (sha256 {fact.sha256[:12]})"
        case e.RunEnded():
            return f"run closed as {fact.outcome}{tail(fact.note)}"
        case e.GuardStarted():
            return f"guard {fact.pid} on {clean(fact.host)} took the run over"
        case e.GuardStopped():
            return f"guard stopped{tail(fact.reason)}"
        case e.LeadTaken():
            account = f" ({clean(fact.user)})" if fact.user != fact.name else ""
            return f"{clean(fact.name)}{account} has the lead{tail(fact.reason)}"
        case e.RoleNamed():
            return f"{role_name(runbook, fact.role)} is {clean(fact.name) or 'nobody'}"
        case e.ContactNoted():
            known = runbook.contacts.get(fact.contact)
            return f"{clean(known.title if known else fact.contact)} is {clean(fact.value)}"
        case e.RehearsalsCounted():
            runs = plural(len(fact.runs), "earlier rehearsal")
            return f"{runs} counted, for the times of {plural(len(fact.took), 'phase')}"
        case _:
            assert_never(fact)


def _clock(fact: e.ClockFact, runbook: Runbook) -> str:
    match fact:
        case e.TZeroSet():
            local = f"{hms(fact.t0, runbook)} {zone_name(fact.t0, runbook)}"
            return f"T+0 is {local} on {fact.t0:%Y-%m-%d}{tail(fact.reason)}"
        case e.HoldBegan():
            why = {"runbook": " (built into the runbook)", "rollback": " (a rollback)"}.get(fact.cause, "")
            return f"hold: T stands{why if not fact.reason else tail(fact.reason)}"
        case e.HoldExplained():
            return f"held because{tail(fact.reason) or ': no reason given'}"
        case e.Resumed():
            return f"resumed: T runs again{tail(fact.reason)}"
        case e.Recycled():
            return f"recycled: T is set back to {at_text(fact.t)}{tail(fact.reason)}"
        case e.PhaseEntered():
            return f"{phase_name(runbook, fact.phase)} begins"
        case _:
            assert_never(fact)


def _work(fact: e.WorkFact, runbook: Runbook) -> str:
    match fact:
        case e.StepResolved():
            value = f" = {clean(fact.value)}" if fact.value else ""
            return f"{step_name(runbook, fact.step)} {fact.outcome}{value}{tail(fact.reason)}"
        case e.StepReopened():
            return f"{step_name(runbook, fact.step)} is open again"
        case e.NoteAdded():
            about = f"{step_name(runbook, fact.step)}: " if fact.step else ""
            when = f" (happened {hms(fact.happened, runbook)})" if fact.happened else ""
            return f'{about}"{clean(fact.text)}"{when}'
        case e.IssueOpened():
            return f"{fact.severity} issue {fact.issue}: {clean(fact.text)}"
        case e.IssueClosed():
            return f"issue {fact.issue} closed{tail(fact.text)}"
        case e.Signed():
            same = ", same account" if fact.same_account else ""
            role = role_name(runbook, fact.role)
            return f"checkpoint {phase_name(runbook, fact.phase)} signed by {clean(fact.name)} as {role}{same}"
        case e.SignatureVoided():
            role = role_name(runbook, fact.role)
            return f"signature of {role} under {phase_name(runbook, fact.phase)} is void{tail(fact.reason)}"
        case e.OverrideGiven():
            return _override(fact, runbook)
        case e.OverrideVoided():
            return f"override of {step_name(runbook, fact.gate)} ended{tail(fact.reason)}"
        case e.PollOpened() | e.PollAnswered() | e.PollClosed():
            return _poll(fact, runbook)
        case _:
            assert_never(fact)


def _poll(fact: e.PollOpened | e.PollAnswered | e.PollClosed, runbook: Runbook) -> str:
    match fact:
        case e.PollOpened():
            return f"poll {fact.poll}: {clean(fact.question)}"
        case e.PollAnswered():
            voiced = ", said aloud" if fact.voiced else ""
            return f"poll {fact.poll}: {role_name(runbook, fact.role)} {fact.answer}{voiced}{tail(fact.note)}"
        case e.PollClosed():
            return f"poll {fact.poll} closed"
        case _:
            assert_never(fact)


def _override(fact: e.OverrideGiven, runbook: Runbook) -> str:
    of, until = step_name(runbook, fact.gate), hms(fact.until, runbook)
    return f"OVERRIDE of {of}, which is {clean(fact.state)}, until {until}{tail(fact.reason)}"


def _flags(fact: e.FlagFact, runbook: Runbook) -> str:
    match fact:
        case e.FlagAsked():
            before = "?" if fact.before is None else flag_text(fact.before)
            why = {"rollback": f" (rollback {fact.rollback})", "restore": " (restore)"}.get(fact.purpose, "")
            return f"{clean(fact.flag)} {before}→{flag_text(fact.value)}: writing{why}{tail(fact.reason)}"
        case e.FlagAnswered():
            other = f", the service says {flag_text(fact.found)}" if fact.result == "mismatch" else ""
            return f"change {fact.change} is {fact.result}{other}{tail(fact.detail)}"
        case e.FlagSettled():
            how = "taken as it is" if fact.how == "accepted" else "given up"
            return f"change {fact.change} {how}{tail(fact.reason)}"
        case e.FlagSeen():
            if fact.value is None:
                return f"{clean(fact.flag)} cannot be read{tail(fact.failed)}"
            return f"{clean(fact.flag)} is {flag_text(fact.value)}"
        case e.DriftFound():
            return f"{clean(fact.flag)} is {flag_text(fact.found)}, not {flag_text(fact.expected)}: nobody here set it"
        case e.DriftAccepted():
            return f"{clean(fact.flag)} {flag_text(fact.value)} accepted as it is{tail(fact.reason)}"
        case e.RollbackConfirmed():
            cause = f" because of {clean(fact.cause)}" if fact.cause else ""
            return f"ROLLBACK {fact.rollback} confirmed: {clean(fact.title)}, {plural(len(fact.moves), 'flag')}{cause}"
        case e.RollbackFinished():
            return f"rollback {fact.rollback} finished: {fact.verified}/{fact.of} verified"
        case _:
            assert_never(fact)


def _judging(fact: e.JudgingFact, runbook: Runbook) -> str:
    match fact:
        case e.GateChanged():
            return f"gate {step_name(runbook, fact.gate)} {_loud(fact.state)}{tail(fact.reason)}"
        case e.TriggerChanged():
            clock = f" {show_clock(fact.clock)}" if fact.clock else ""
            return f"trigger {clean(fact.trigger)} {_loud(fact.state)}{clock}{tail(fact.reason)}"
        case e.TriggerFired():
            return _fired(fact)
        case e.TriggerCleared():
            return f"trigger {clean(fact.trigger)} fires no longer{tail(fact.reason)}"
        case e.BandRaised():
            return f"{_names(fact.triggers)} asks for a rollback{tail(fact.reason)}"
        case e.CountdownBegan() | e.CountdownJoined() | e.CountdownEnded() | e.Vetoed():
            return _countdown(fact, runbook)
        case e.TriggerMuted():
            return f"{clean(fact.trigger)} muted until {hms(fact.until, runbook)}{tail(fact.reason)}"
        case e.SeriesRetired():
            return f"{series_text(fact.metric, fact.labels)} is not expected any more{tail(fact.reason)}"
        case e.SourceLost():
            return f"{clean(fact.source)} does not answer{tail(fact.reason)}"
        case e.SourceBack():
            return f"{clean(fact.source)} answers again"
        case e.TicksLost():
            return f"nobody watched for {show_duration(fact.seconds)}{tail(fact.reason)}"
        case _:
            assert_never(fact)


def _countdown(fact: e.CountdownBegan | e.CountdownJoined | e.CountdownEnded | e.Vetoed, runbook: Runbook) -> str:
    match fact:
        case e.CountdownBegan():
            return f"COUNTDOWN: {_names(fact.triggers)} rolls back at {hms(fact.ends, runbook)} unless vetoed"
        case e.CountdownJoined():
            return f"{clean(fact.trigger)} joins the countdown"
        case e.CountdownEnded():
            said = "rolling back" if fact.how == "rollback" else "it only asks"
            return f"the countdown ended: {said}{tail(fact.reason)}"
        case e.Vetoed():
            return f"VETO of {_names(fact.triggers)} until {hms(fact.until, runbook)}{tail(fact.reason)}"
        case _:
            assert_never(fact)


SENT = {
    "sent": "sent",
    "copied": "copied by hand",
    "failed": "NOT sent",
    "unknown": "IN DOUBT: nobody knows whether it arrived",
}


def _loud(state: str) -> str:
    """A state's word as the screen writes it."""
    return {"fail": "FAIL", "firing": "FIRING"}.get(state, clean(state))


def _fired(fact: e.TriggerFired) -> str:
    name = clean(fact.trigger)
    if fact.mode is None:
        head = f"trigger {name} would fire (not armed)"
    elif fact.muted or fact.observing:
        head = f"trigger {name} would fire ({'muted' if fact.muted else 'observing'})"
    else:
        head = f"trigger {name} FIRED ({fact.mode})"
    return f"{head}{tail(fact.reason)}"


def _messages(fact: e.MessageFact, runbook: Runbook) -> str:
    match fact:
        case e.MessageDrafted():
            return f"message {message_name(runbook, fact.comms)} drafted{tail(fact.cause)}"
        case e.MessageAsked():
            return f"message {message_name(runbook, fact.comms)} goes out: {clean(fact.text)}"
        case e.MessageSent():
            said = SENT[fact.result]
            return f"message {fact.message} {said}{tail(fact.detail)}"
        case e.MessageSnoozed():
            return f"message {message_name(runbook, fact.comms)} put off until {hms(fact.until, runbook)}"
        case e.Notified():
            if fact.failed:
                return f"{clean(fact.to)} could not be told: {clean(fact.text)} ({clean(fact.failed)})"
            return f"{clean(fact.to)} was told: {clean(fact.text)}"
        case _:
            assert_never(fact)


def message_name(runbook: Runbook, comms: str) -> str:
    """The message's title in quotes."""
    known = runbook.comms.get(comms)
    return quoted(known.title if known else comms)
