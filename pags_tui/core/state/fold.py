"""The fold: one case for each fact. It refuses nothing; what may happen is decided elsewhere.

Live, resume, watch, replay, report and backtest all come through `fold`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar, assert_never

from pags_tui.core import events as e
from pags_tui.core.runbook import load
from pags_tui.core.state.parts import (
    Change,
    Countdown,
    Guard,
    Hold,
    Issue,
    Message,
    Note,
    Override,
    Poll,
    Rollback,
    Run,
    Signature,
    StepState,
    TClock,
)
from pags_tui.core.state.run_state import RunState

K = TypeVar("K")
V = TypeVar("V")


def fold(events: Iterable[e.Event], state: RunState | None = None) -> RunState:
    """The state after those events, from the beginning or from an earlier state on."""
    state = state or RunState()
    for event in events:
        state = replace(_apply(state, event), seq=event.seq, at=event.at)
    return state


def _apply(state: RunState, event: e.Event) -> RunState:
    fact = event.fact
    if isinstance(fact, e.JudgingFact):
        return _judging(state, event, fact)
    if isinstance(fact, e.WorkFact):
        return _work(state, event, fact)
    if isinstance(fact, e.FlagFact):
        return _flags(state, event, fact)
    if isinstance(fact, e.ClockFact):
        return _clock(state, event, fact)
    if isinstance(fact, e.MessageFact):
        return _messages(state, event, fact)
    return _life(state, event, fact)


def put(mapping: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """The mapping with one entry more; the old one stays as it was."""
    return MappingProxyType({**mapping, key: value})


def without(mapping: Mapping[K, V], *keys: K) -> Mapping[K, V]:
    """The mapping without those keys."""
    return MappingProxyType({key: value for key, value in mapping.items() if key not in keys})


def _life(state: RunState, event: e.Event, fact: e.LifeFact) -> RunState:
    match fact:
        case e.RunStarted():
            run = Run(fact.run, fact.kind, fact.target, event.at, fact.file, fact.version)
            book = load(fact.runbook, fact.file)
            return replace(state, run=run, runbook=book, lead=e.Actor(fact.lead_user, fact.lead))
        case e.RunbookAmended():
            return replace(state, runbook=load(fact.runbook, state.run.file if state.run else ""))
        case e.RunEnded():
            return replace(state, ended=fact.outcome, ended_at=event.at)
        case e.GuardStarted():
            return replace(state, guard=Guard(fact.pid, fact.host, fact.token, event.at))
        case e.GuardStopped():
            return replace(state, guard=state.guard and replace(state.guard, stopped=fact.reason))
        case e.LeadTaken():
            return replace(state, lead=e.Actor(fact.user, fact.name))
        case e.RoleNamed():
            return replace(state, roles=put(state.roles, fact.role, fact.name))
        case e.ContactNoted():
            return replace(state, contacts=put(state.contacts, fact.contact, fact.value))
        case _:
            assert_never(fact)


# ---------------------------------------------------------------- the clock


def _clock(state: RunState, event: e.Event, fact: e.ClockFact) -> RunState:
    match fact:
        case e.TZeroSet():
            moved = replace(
                state, clock=TClock(fact.t0, 0.0, running=True), t0=fact.t0, t0_first=state.t0_first or fact.t0
            )
            return _standing(moved, event) if state.hold else moved
        case e.HoldBegan():
            hold = Hold(event.at, fact.cause, fact.reason, event.by)
            return replace(_standing(state, event), hold=state.hold or hold)
        case e.HoldExplained():
            return replace(state, hold=state.hold and replace(state.hold, reason=fact.reason))
        case e.Resumed():
            held = state.held + ((event.at - state.hold.since).total_seconds() if state.hold else 0.0)
            clock = state.clock and replace(state.clock, at=event.at, running=True)
            return replace(state, hold=None, held=held, clock=clock, observing=False)
        case e.Recycled():
            return _recycle(state, event, fact)
        case e.PhaseEntered():
            entered = put(state.entered, fact.phase, event.at)
            t = state.t(event.at)
            times = state.entered_t if t is None else put(state.entered_t, fact.phase, t)
            return replace(state, entered=entered, entered_t=times, ever_entered=state.ever_entered | {fact.phase})
        case _:
            assert_never(fact)


def _standing(state: RunState, event: e.Event) -> RunState:
    """T stands still from this event on."""
    if state.clock is None:
        return state
    return replace(state, clock=TClock(event.at, state.clock.read(event.at), running=False))


def _recycle(state: RunState, event: e.Event, fact: e.Recycled) -> RunState:
    """T is set back: later outcomes and signatures open again, flags and trigger clocks stay."""
    clock = TClock(event.at, fact.t, running=state.hold is None)
    steps = dict(state.steps)
    signatures = dict(state.signatures)
    past = list(state.past_signatures)
    entered = dict(state.entered)
    times = dict(state.entered_t)
    for phase in state.runbook.phases:
        if phase.at >= fact.t:
            entered.pop(phase.id, None)
            times.pop(phase.id, None)
            for step in phase.all_steps:
                steps[step.id] = StepState(reopened=event.seq)
        if phase.checkpoint and (phase.checkpoint.at or phase.at) >= fact.t:
            past += [(phase.id, signature) for signature in signatures.pop(phase.id, ())]
            for step in phase.checkpoint.steps:
                steps[step.id] = StepState(reopened=event.seq)
    return replace(
        state,
        clock=clock,
        steps=MappingProxyType(steps),
        signatures=MappingProxyType(signatures),
        past_signatures=tuple(past),
        entered=MappingProxyType(entered),
        entered_t=MappingProxyType(times),
        observing=False,
    )


# ---------------------------------------------------------------- steps and people


def _work(state: RunState, event: e.Event, fact: e.WorkFact) -> RunState:
    match fact:
        case e.StepResolved():
            old = state.step(fact.step)
            new = StepState(fact.outcome, fact.reason, fact.value, event.by, event.at, fact.evidence, old.reopened)
            return replace(
                state, steps=put(state.steps, fact.step, new), captures=_captured(state, fact.step, fact.value)
            )
        case e.StepReopened():
            return replace(state, steps=put(state.steps, fact.step, StepState(reopened=state.step(fact.step).reopened)))
        case e.NoteAdded():
            note = Note(fact.text, fact.step, event.by, event.at, fact.happened or event.at)
            return replace(state, notes=(*state.notes, note))
        case e.IssueOpened():
            issue = Issue(fact.issue, fact.severity, fact.text, event.by, event.at)
            return replace(state, issues=(*state.issues, issue))
        case e.IssueClosed():
            closed = (replace(i, closed=event.at) if i.number == fact.issue else i for i in state.issues)
            return replace(state, issues=tuple(closed))
        case e.Signed():
            signature = Signature(fact.role, fact.name, fact.user, event.at, fact.evidence, fact.same_account)
            signed = (*state.signatures.get(fact.phase, ()), signature)
            return replace(state, signatures=put(state.signatures, fact.phase, signed))
        case e.SignatureVoided():
            return _void(state, fact)
        case e.OverrideGiven():
            given = Override(fact.gate, fact.state, fact.value, fact.reason, fact.until, event.by, event.at)
            return replace(state, overrides=put(state.overrides, fact.gate, given))
        case e.OverrideVoided():
            return replace(state, overrides=without(state.overrides, fact.gate))
        case e.PollOpened():
            return replace(state, polls=(*state.polls, Poll(fact.poll, fact.question, event.at)))
        case e.PollAnswered():
            answer = (fact.answer, event.by, event.at, fact.voiced)
            return _poll(state, fact.poll, lambda poll: replace(poll, answers=put(poll.answers, fact.role, answer)))
        case e.PollClosed():
            return _poll(state, fact.poll, lambda poll: replace(poll, closed=True))
        case _:
            assert_never(fact)


def _captured(state: RunState, step: str, value: str) -> Mapping[str, str]:
    if not value:
        return state.captures
    name = state.runbook.step(step).capture
    return put(state.captures, name, value) if name else state.captures


def _void(state: RunState, fact: e.SignatureVoided) -> RunState:
    signed = tuple(s for s in state.signatures.get(fact.phase, ()) if s.role != fact.role)
    voided = (
        (fact.phase, replace(s, voided=fact.reason)) for s in state.signatures.get(fact.phase, ()) if s not in signed
    )
    return replace(
        state, signatures=put(state.signatures, fact.phase, signed), past_signatures=(*state.past_signatures, *voided)
    )


def _poll(state: RunState, number: int, change: Callable[[Poll], Poll]) -> RunState:
    return replace(state, polls=tuple(change(poll) if poll.number == number else poll for poll in state.polls))


# ---------------------------------------------------------------- flags


def _flags(state: RunState, event: e.Event, fact: e.FlagFact) -> RunState:
    match fact:
        case e.FlagAsked():
            return _flag_asked(state, event, fact)
        case e.FlagAnswered():
            return _flag_answered(state, event, fact)
        case e.FlagSettled():
            return _flag_settled(state, event, fact)
        case e.FlagSeen():
            flag = state.flag(fact.flag)
            if fact.value is None:
                return replace(state, flags=put(state.flags, fact.flag, replace(flag, failed=fact.failed)))
            first = fact.value if flag.first is None else flag.first
            expected = fact.value if flag.expected is None else flag.expected
            drift = None if fact.value == expected else flag.drift
            seen = replace(
                flag, seen=fact.value, seen_at=event.at, failed="", first=first, expected=expected, drift=drift
            )
            return replace(state, flags=put(state.flags, fact.flag, seen))
        case e.DriftFound():
            drifted = replace(state.flag(fact.flag), drift=fact.found, expected=fact.expected)
            return replace(state, flags=put(state.flags, fact.flag, drifted))
        case e.DriftAccepted():
            flag = replace(state.flag(fact.flag), drift=None, expected=fact.value)
            return replace(state, flags=put(state.flags, fact.flag, flag))
        case e.RollbackConfirmed():
            begun = Rollback(fact.rollback, fact.title, fact.moves, fact.parallel, fact.cause, event.by, event.at)
            for name, firing in state.triggers.items():
                if firing.fired:
                    state = _trigger(state, name, fired=None, mode=None, cleared=event.seq)
            return replace(state, rollbacks=(*state.rollbacks, begun), countdown=None, band=())
        case e.RollbackFinished():
            done = (
                replace(r, finished=event.at, verified=fact.verified) if r.number == fact.rollback else r
                for r in state.rollbacks
            )
            return replace(state, rollbacks=tuple(done))
        case _:
            assert_never(fact)


def _flag_asked(state: RunState, event: e.Event, fact: e.FlagAsked) -> RunState:
    """The write may take effect from now on; an older change of that flag that is still owed is overtaken."""
    changes = {
        number: replace(change, settled="superseded") if change.flag == fact.flag and change.owed else change
        for number, change in state.changes.items()
    }
    changes[fact.change] = Change(
        fact.change,
        event.seq,
        fact.flag,
        fact.value,
        fact.before,
        fact.purpose,
        fact.step,
        fact.rollback,
        event.by,
        event.at,
        fact.reason,
        state.t(event.at),
    )
    observing = state.observing or fact.purpose == "rollback"
    return replace(state, changes=MappingProxyType(changes), observing=observing)


def _flag_answered(state: RunState, event: e.Event, fact: e.FlagAnswered) -> RunState:
    old = state.changes[fact.change]
    change = replace(old, result=fact.result, found=fact.found, detail=fact.detail, curl=fact.curl, answered=event.at)
    state = replace(state, changes=put(state.changes, fact.change, change))
    flag = state.flag(change.flag)
    if fact.result == "verified":
        flag = replace(flag, seen=change.value, seen_at=event.at, failed="", expected=change.value, drift=None)
    elif fact.found is not None:
        flag = replace(flag, seen=fact.found, seen_at=event.at, failed="")
    return replace(state, flags=put(state.flags, change.flag, flag))


def _flag_settled(state: RunState, event: e.Event, fact: e.FlagSettled) -> RunState:
    change = replace(state.changes[fact.change], settled=fact.how)
    flag = state.flag(change.flag)
    value = fact.value if fact.value is not None else change.value if fact.how == "accepted" else flag.seen
    flag = replace(flag, expected=value, drift=None)
    return replace(state, changes=put(state.changes, fact.change, change), flags=put(state.flags, change.flag, flag))


# ---------------------------------------------------------------- judging


def _judging(state: RunState, event: e.Event, fact: e.JudgingFact) -> RunState:
    match fact:
        case e.GateChanged():
            return replace(state, gate_states=put(state.gate_states, fact.gate, fact.state))
        case e.TriggerChanged():
            return replace(state, trigger_states=put(state.trigger_states, fact.trigger, fact.state))
        case e.TriggerFired():
            return _trigger(state, fact.trigger, fired=event.at, mode=fact.mode, last=event.at)
        case e.TriggerCleared():
            return _trigger(state, fact.trigger, fired=None, mode=None, cleared=event.seq)
        case e.BandRaised():
            return replace(state, band=tuple(dict.fromkeys((*state.band, *fact.triggers))))
        case e.CountdownBegan():
            return replace(state, countdown=Countdown(fact.triggers, event.at, fact.ends))
        case e.CountdownJoined():
            countdown = state.countdown
            joined = countdown and replace(countdown, triggers=(*countdown.triggers, fact.trigger))
            return replace(state, countdown=joined)
        case e.CountdownEnded():
            triggers = state.countdown.triggers if state.countdown else ()
            band = state.band if fact.how == "rollback" else tuple(dict.fromkeys((*state.band, *triggers)))
            return replace(state, countdown=None, band=band)
        case e.Vetoed():
            for trigger in fact.triggers:
                state = _trigger(state, trigger, fired=None, vetoed_until=fact.until, cleared=event.seq)
            band = tuple(t for t in state.band if t not in fact.triggers)
            return replace(state, countdown=None, band=band, vetoes=state.vetoes + 1)
        case e.TriggerMuted():
            return _trigger(state, fact.trigger, muted_until=fact.until, muted_why=fact.reason)
        case e.SeriesRetired():
            gone = state.retired.get(fact.metric, frozenset()) | {fact.labels}
            return replace(state, retired=put(state.retired, fact.metric, gone))
        case e.SourceLost():
            return replace(state, lost=put(state.lost, fact.source, fact.reason))
        case e.SourceBack():
            return replace(state, lost=without(state.lost, fact.source))
        case e.TicksLost():
            return state
        case _:
            assert_never(fact)


def _trigger(state: RunState, trigger: str, **changes: object) -> RunState:
    firing = replace(state.firing(trigger), **changes)  # type: ignore[arg-type]
    return replace(state, triggers=put(state.triggers, trigger, firing))


# ---------------------------------------------------------------- messages


def _messages(state: RunState, event: e.Event, fact: e.MessageFact) -> RunState:
    match fact:
        case e.MessageDrafted():
            drafted = Message(fact.message, fact.comms, fact.cause, event.at)
            return replace(state, messages=put(state.messages, fact.message, drafted))
        case e.MessageAsked():
            old = state.messages.get(fact.message, Message(fact.message, fact.comms, "", None))
            asked = replace(old, text=fact.text, asked=event.at)
            return replace(state, messages=put(state.messages, fact.message, asked))
        case e.MessageSent():
            old = state.messages.get(fact.message, Message(fact.message, "", "", None))
            sent = replace(old, result=fact.result, detail=fact.detail, at=event.at)
            return replace(state, messages=put(state.messages, fact.message, sent))
        case e.MessageSnoozed():
            return replace(state, snoozed=put(state.snoozed, fact.comms, fact.until))
        case e.Notified():
            return state
        case _:
            assert_never(fact)
