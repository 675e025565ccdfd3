"""The facts about flags, folded: writes, values, drift, rollbacks."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from pags_tui.core import events as e
from pags_tui.core.conditions import same_value
from pags_tui.core.series import FlagValue
from pags_tui.core.state.draft import Draft, put
from pags_tui.core.state.parts import Change, Flag, Rollback, StepState


def fold_flags(draft: Draft, event: e.Event, fact: e.FlagFact) -> None:
    """Flags, and the rollbacks that move them."""
    match fact:
        case e.FlagAsked():
            _asked(draft, event, fact)
        case e.FlagAnswered():
            _answered(draft, event, fact)
        case e.FlagSettled():
            _settled(draft, event, fact)
        case e.FlagSeen():
            _seen(draft, event, fact)
        case e.DriftFound():
            drifted = replace(draft.flag(fact.flag), drift=fact.found, expected=fact.expected)
            draft.flags = put(draft.flags, fact.flag, drifted)
        case e.DriftAccepted():
            flag = draft.flag(fact.flag)
            history = draft.rightly(flag, fact.value, event.seq, event.at)
            draft.flags = put(draft.flags, fact.flag, replace(flag, drift=None, expected=fact.value, history=history))
        case e.RollbackConfirmed():
            _rollback(draft, event, fact)
        case e.RollbackFinished():
            draft.rollbacks = tuple(
                replace(r, finished=event.at, verified=fact.verified) if r.number == fact.rollback else r
                for r in draft.rollbacks
            )
        case _:
            assert_never(fact)


def _asked(draft: Draft, event: e.Event, fact: e.FlagAsked) -> None:
    """The write may take effect from now on; an older change of that flag that is still owed is overtaken."""
    for number, change in tuple(draft.changes.items()):
        if change.flag == fact.flag and change.owed:
            draft.changes = put(draft.changes, number, replace(change, settled="superseded"))
    change = Change(
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
        draft.t(event.at),
    )
    draft.changes = put(draft.changes, fact.change, change)
    draft.observing = draft.observing or fact.purpose == "rollback"


def _answered(draft: Draft, event: e.Event, fact: e.FlagAnswered) -> None:
    """What was read back. Of a change that a later one has overtaken, it says nothing of the flag any more."""
    old = draft.changes.get(fact.change)
    if old is None:  # of a damaged journal, whose beginning is lost
        return
    change = replace(old, result=fact.result, found=fact.found, detail=fact.detail, curl=fact.curl)
    change = replace(change, answered=event.at, held_seq=event.seq if fact.result == "verified" else 0)
    draft.changes = put(draft.changes, fact.change, change)
    if _overtaken(draft, change):
        return
    flag = draft.flag(change.flag)
    if fact.result == "verified":
        history = draft.rightly(flag, change.value, event.seq, event.at)
        flag = replace(flag, expected=change.value, drift=None, history=history)
    found = change.value if fact.result == "verified" else fact.found
    if found is not None:
        flag = replace(flag, seen=found, seen_at=event.at, failed="")
    draft.flags = put(draft.flags, change.flag, flag)


def _overtaken(draft: Draft, change: Change) -> bool:
    """A later write to the same flag may have taken effect."""
    return any(c.flag == change.flag and c.seq > change.seq and c.may_have_acted for c in draft.changes.values())


def _settled(draft: Draft, event: e.Event, fact: e.FlagSettled) -> None:
    """Accepted, the flag rightly has the change's value; given up, the one last read."""
    old = draft.changes.get(fact.change)
    if old is None:
        return
    change = replace(old, settled=fact.how, held_seq=event.seq if fact.how == "accepted" else 0)
    draft.changes = put(draft.changes, fact.change, change)
    flag = draft.flag(change.flag)
    value = fact.value if fact.value is not None else change.value if fact.how == "accepted" else flag.seen
    history = flag.history if value is None else draft.rightly(flag, value, event.seq, event.at)
    draft.flags = put(draft.flags, change.flag, replace(flag, expected=value, drift=None, history=history))


def _seen(draft: Draft, event: e.Event, fact: e.FlagSeen) -> None:
    flag = draft.flag(fact.flag)
    if fact.value is None:
        draft.flags = put(draft.flags, fact.flag, replace(flag, failed=fact.failed))
        return
    if flag.expected is None:
        flag = replace(flag, expected=fact.value, history=draft.rightly(flag, fact.value, event.seq, event.at))
    draft.flags = put(draft.flags, fact.flag, _read(flag, event, fact.value))


def _read(flag: Flag, event: e.Event, value: FlagValue) -> Flag:
    """The flag was read. Back at what it should be, it drifts no more."""
    back = flag.expected is not None and same_value(value, flag.expected)
    first = value if flag.first is None else flag.first
    return replace(flag, seen=value, seen_at=event.at, failed="", first=first, drift=None if back else flag.drift)


def _rollback(draft: Draft, event: e.Event, fact: e.RollbackConfirmed) -> None:
    """A standing order: nothing counts down any more, no trigger stays latched, its own checks are open."""
    running = bool(draft.rollbacks) and draft.rollbacks[-1].finished is None
    begun = Rollback(fact.rollback, fact.title, fact.moves, fact.parallel, fact.cause, event.by, event.at)
    draft.rollbacks = (*draft.rollbacks, begun)
    draft.countdown, draft.band = None, ()
    for name, firing in tuple(draft.triggers.items()):
        if firing.fired:
            draft.trigger(name, fired=None, mode=None, cleared=event.seq)
    for step in () if running else draft.runbook.rollback_steps:
        if draft.step(step.id).outcome is not None:
            draft.steps = put(draft.steps, step.id, StepState(reopened=event.seq))
