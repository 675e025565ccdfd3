"""Every decision of the night, with what was known, who took it, and how what it began came to its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from pags_tui.core import events as e
from pags_tui.core.conditions import show_flag_value
from pags_tui.core.events import Event
from pags_tui.core.series import FlagValue
from pags_tui.core.units import show_offset
from pags_tui.report.shapes import Decision, Evidence
from pags_tui.report.telling import Told, plain, seconds


def decisions(told: Told) -> tuple[Decision, ...]:
    """All of them, in the order of the journal."""
    return tuple(_ended(told, event, found) for event in told.events if (found := _decision(told, event)))


def _decision(told: Told, event: Event) -> Decision | None:
    fact = event.fact
    if isinstance(fact, e.ClockFact):
        found = _clock(told, event, fact)
    elif isinstance(fact, e.WorkFact):
        found = _work(told, fact)
    elif isinstance(fact, e.FlagFact):
        found = _flags(told, fact)
    elif isinstance(fact, e.JudgingFact):
        found = _judging(told, fact)
    else:
        found = _life(fact)
    if found is None:
        return None
    kind, text, reason, evidence = found
    return Decision(event.seq, told.when(event.at), event.by.shown, kind, text, reason, evidence)


Found = tuple[str, str, str, tuple[Evidence, ...]]
"""Kind, text, reason, evidence."""


def _clock(told: Told, event: Event, fact: e.ClockFact) -> Found | None:
    match fact:
        case e.TZeroSet():
            moved = any(other.seq < event.seq for other, _ in told.of(e.TZeroSet))
            return "t-zero", f"T+0 {'moved' if moved else 'set'} to {_stamp(fact.t0)}", fact.reason, ()
        case e.HoldBegan():
            why = {"runbook": "built into the runbook", "rollback": "a rollback"}.get(fact.cause, "")
            return "hold", "T held", fact.reason or why, ()
        case e.HoldExplained():
            return "hold-explained", "Reason of the hold", fact.reason, ()
        case e.Resumed():
            return "resume", "T resumed", fact.reason, ()
        case e.Recycled():
            return "recycle", f"T set back to {show_offset(fact.t)}", fact.reason, ()
        case _:
            return None


def _work(told: Told, fact: e.WorkFact) -> Found | None:
    match fact:
        case e.StepResolved() if fact.outcome != "passed" or any(item.overridden for item in fact.evidence):
            text = f"{told.step_text(fact.step)}: {fact.outcome}"
            return "outcome", text, fact.reason, told.evidence(fact.evidence)
        case e.StepReopened():
            return "reopened", f"{told.step_text(fact.step)}: open again", "", ()
        case e.Signed():
            same = " (same account as another signature)" if fact.same_account else ""
            role, title = told.role_title(fact.role), told.phase_title(fact.phase)
            return "signed", f"{title}: signed by {fact.name} as {role}{same}", "", told.evidence(fact.evidence)
        case e.SignatureVoided():
            role, title = told.role_title(fact.role), told.phase_title(fact.phase)
            return "signature-void", f"{title}: signature of {role} void", fact.reason, ()
        case e.OverrideGiven():
            text = f"{told.step_text(fact.gate)}: gone against, while {fact.state}"
            shown = told.shown(fact.value, fact.metric)
            said = Evidence(fact.gate, told.step_text(fact.gate), fact.state, plain(fact.value), shown, "", "", True)
            return "override", text, fact.reason, (said,)
        case e.PollClosed():
            return "poll", f"Poll {fact.poll} closed", "", ()
        case _:
            return None


def _flags(told: Told, fact: e.FlagFact) -> Found | None:
    match fact:
        case e.FlagAsked() if fact.purpose != "rollback":
            word = "" if fact.purpose == "forward" else " (restore)"
            return "flag", f"{fact.flag}: {_value(fact.before)} → {_value(fact.value)}{word}", fact.reason, ()
        case e.FlagSettled() if change := told.state.changes.get(fact.change):
            how = "taken as it is" if fact.how == "accepted" else "given up"
            text = f"{change.flag} → {_value(change.value)}, which was {change.result or 'without an answer'}: {how}"
            return "settled", text, fact.reason, ()
        case e.DriftAccepted():
            return "drift", f"{fact.flag}: {_value(fact.value)}, set by nobody here, accepted", fact.reason, ()
        case e.RollbackConfirmed():
            text = f"Rollback {fact.rollback} confirmed: {fact.title}, flags: {len(fact.moves)}"
            return "rollback", text, fact.cause, ()
        case _:
            return None


def _judging(told: Told, fact: e.JudgingFact) -> Found | None:
    match fact:
        case e.Vetoed():
            return "veto", f"Veto of {', '.join(fact.triggers)}", fact.reason, ()
        case e.TriggerMuted():
            return "mute", f"{fact.trigger} muted", fact.reason, ()
        case e.SeriesRetired():
            labels = ", ".join(f"{name}={value}" for name, value in fact.labels)
            return "retired", f"{fact.metric} {{{labels}}}: not expected any more", fact.reason, ()
        case e.CountdownEnded():
            return "countdown", "Countdown over: " + ("roll back" if fact.how == "rollback" else "ask"), fact.reason, ()
        case _:
            return None


def _life(fact: e.Fact) -> Found | None:
    match fact:
        case e.LeadTaken():
            return "lead", f"{fact.name or fact.user} took the lead", fact.reason, ()
        case e.RunbookAmended():
            return "amended", f"Runbook amended (sha256 {fact.sha256[:12]})", "", ()
        case e.RunEnded():
            return "ended", f"Run closed as {fact.outcome}", fact.note, ()
        case _:
            return None


# ---------------------------------------------------------------- how it ended


def _ended(told: Told, event: Event, decision: Decision) -> Decision:
    """The decision with the end of what it began."""
    later = told.events[event.seq - told.events[0].seq + 1 :]
    match event.fact:
        case e.HoldBegan():
            reasons = [other.fact.reason for other in _until_resumed(later) if isinstance(other.fact, e.HoldExplained)]
            decision = replace(decision, reason=decision.reason or "; ".join(reasons))
            end = next(((o.at, "resumed") for o in later if isinstance(o.fact, e.Resumed)), None)
        case e.OverrideGiven(gate=gate, until=until):
            end = _override_end(told, gate, until, later)
        case e.Vetoed(until=until) | e.TriggerMuted(until=until):
            end = _run_out(told, until)
        case _:
            return decision
    if end is None:
        return replace(decision, ended_by="not by the end of this record")
    return replace(decision, ended=told.when(end[0]), ended_by=end[1], lasted=seconds(event.at, end[0]))


End = tuple[datetime, str]


def _until_resumed(later: tuple[Event, ...]) -> Iterator[Event]:
    for event in later:
        if isinstance(event.fact, e.Resumed):
            return
        yield event


def _run_out(told: Told, until: datetime) -> End | None:
    return (until, "its time was over") if until <= told.until else None


def _override_end(told: Told, gate: str, until: datetime, later: tuple[Event, ...]) -> End | None:
    for event in later:
        if event.at >= until:
            break
        if isinstance(event.fact, e.OverrideVoided) and event.fact.gate == gate:
            return event.at, event.fact.reason
        if isinstance(event.fact, e.OverrideGiven) and event.fact.gate == gate:
            return event.at, "another override took its place"
    return _run_out(told, until)


def _value(value: FlagValue | None) -> str:
    return "not read" if value is None else show_flag_value(value)


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
