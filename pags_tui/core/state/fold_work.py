"""The facts about people's work, folded: steps, signatures, overrides, issues, polls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import assert_never

from pags_tui.core import events as e
from pags_tui.core.state.draft import Draft, add, put, without
from pags_tui.core.state.parts import Issue, Note, Override, Poll, Signature, StepState


def fold_work(draft: Draft, event: e.Event, fact: e.WorkFact) -> None:
    """What people did."""
    match fact:
        case e.StepResolved():
            _resolved(draft, event, fact)
        case e.StepReopened():
            draft.steps = put(draft.steps, fact.step, StepState(reopened=draft.step(fact.step).reopened))
        case e.NoteAdded():
            note = Note(fact.text, fact.step, event.by, event.at, fact.happened or event.at)
            draft.notes = add(draft.notes, note)
        case e.IssueOpened():
            draft.issues = add(draft.issues, Issue(fact.issue, fact.severity, fact.text, event.by, event.at))
        case e.IssueClosed():
            draft.issues = [replace(i, closed=event.at) if i.number == fact.issue else i for i in draft.issues]
        case e.Signed():
            given = (fact.role, fact.name, fact.user, event.at, fact.evidence, fact.same_account)
            signature = Signature(*given, t=draft.t(event.at), seq=event.seq)
            draft.signatures = put(draft.signatures, fact.phase, (*draft.signatures.get(fact.phase, ()), signature))
        case e.SignatureVoided():
            _void(draft, fact)
        case e.OverrideGiven():
            named = (fact.gate, fact.state, fact.value, fact.reason, fact.until)
            override = Override(*named, event.by, event.at, fact.metric, seq=event.seq)
            draft.overrides = put(draft.overrides, fact.gate, override)
        case e.OverrideVoided():
            draft.overrides = without(draft.overrides, fact.gate)
        case e.PollOpened():
            draft.polls = (*draft.polls, Poll(fact.poll, fact.question, event.at))
        case e.PollAnswered():
            answer = (fact.answer, event.by, event.at, fact.voiced)
            _poll(draft, fact.poll, lambda p: replace(p, answers=MappingProxyType({**p.answers, fact.role: answer})))
        case e.PollClosed():
            _poll(draft, fact.poll, lambda poll: replace(poll, closed=True))
        case _:
            assert_never(fact)


def _resolved(draft: Draft, event: e.Event, fact: e.StepResolved) -> None:
    reopened, t = draft.step(fact.step).reopened, draft.t(event.at)
    new = StepState(fact.outcome, fact.reason, fact.value, event.by, event.at, fact.evidence, reopened, t)
    draft.steps = put(draft.steps, fact.step, new)
    if fact.value and (name := _capture(draft, fact.step)):
        draft.captures = put(draft.captures, name, fact.value)


def _capture(draft: Draft, step: str) -> str | None:
    """What the step notes a value as; nothing for one that the runbook does not have, as in a damaged journal."""
    try:
        return draft.runbook.step(step).capture
    except KeyError:
        return None


def _void(draft: Draft, fact: e.SignatureVoided) -> None:
    """The role's signature is history, with the reason."""
    kept = []
    for signature in draft.signatures.get(fact.phase, ()):
        if signature.role == fact.role:
            draft.past_signatures = add(draft.past_signatures, (fact.phase, replace(signature, voided=fact.reason)))
        else:
            kept.append(signature)
    draft.signatures = put(draft.signatures, fact.phase, tuple(kept))


def _poll(draft: Draft, number: int, change: Callable[[Poll], Poll]) -> None:
    draft.polls = tuple(change(poll) if poll.number == number else poll for poll in draft.polls)
