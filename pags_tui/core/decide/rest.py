"""Asks about people, the run itself and triggers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import assert_never

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.view import LONGEST_MUTE, VETO_FOR, View
from pags_tui.core.errors import Refused
from pags_tui.core.events import Fact
from pags_tui.core.plan.progress import current_phase, is_done, overdue_monitor_steps
from pags_tui.core.runbook import Runbook, load
from pags_tui.core.state import RunState

AMEND_WORD = "amend"


def decide_life(ask: a.LifeAsk, view: View) -> tuple[Fact, ...]:
    """The facts that the ask leads to. Raises Refused with the next move."""
    match ask:
        case a.TakeLead():
            return _lead(ask, view)
        case a.NameRole():
            if ask.role not in view.state.runbook.roles:
                raise Refused(f"There is no role '{ask.role}' in this runbook.")
            name = ask.name.strip()
            return () if view.state.roles.get(ask.role) == name else (e.RoleNamed(ask.role, name),)
        case a.NoteContact():
            if ask.contact not in view.state.runbook.contacts:
                raise Refused(f"There is no contact '{ask.contact}' in this runbook.")
            value = ask.value.strip()
            return () if view.state.contacts.get(ask.contact) == value else (e.ContactNoted(ask.contact, value),)
        case a.Amend():
            return _amend(ask, view)
        case a.EndRun():
            return _end(ask, view)
        case a.StopGuard():
            if view.state.rolling_back:
                raise Refused("A rollback is running: the guard ends when it is finished.")
            return (e.GuardStopped(ask.reason or f"stopped by {view.by.shown}"),)
        case _:
            assert_never(ask)


def _lead(ask: a.TakeLead, view: View) -> tuple[Fact, ...]:
    """Anyone attached may take it, journaled; only the lead gives it to somebody else."""
    name, user = ask.name or view.by.shown, ask.user or view.by.user
    if user != view.by.user:
        view.must_lead("give the lead to somebody else")
    if (name, user) == (view.state.lead.name, view.state.lead.user):
        return ()
    return (e.LeadTaken(name, user, ask.reason),)


def _amend(ask: a.Amend, view: View) -> tuple[Fact, ...]:
    view.must_be_open()
    view.must_lead("amend the runbook")
    if ask.typed != AMEND_WORD:
        raise Refused(f"Type {AMEND_WORD} to confirm; '{ask.typed}' changes nothing.")
    if hashlib.sha256(ask.runbook.encode()).hexdigest() != ask.sha256:
        raise Refused("The file changed after the difference was shown. Look at it again.")
    amended = load(ask.runbook, view.state.run.file if view.state.run else "")
    if moved := tuple(_moved(view.state.runbook, amended)):
        raise Refused(
            f"A run keeps what it began with, and the amended runbook changes {', '.join(moved)}. Put it back."
        )
    if gone := tuple(_dropped(view.state, amended)):
        raise Refused(f"The amended runbook drops what this run has begun: {', '.join(gone[:3])}. Put it back.")
    return (e.RunbookAmended(ask.runbook, ask.sha256),)


def _moved(now: Runbook, amended: Runbook) -> Iterator[str]:
    """What the guard holds since it began, so that another one in the file would not be what is written to."""
    if amended.id != now.id:
        yield "the runbook's id"
    if amended.services != now.services:
        yield "[services]"
    both = amended.flags.keys() & now.flags.keys()
    yield from (f"the service of {key}" for key in sorted(both) if amended.flags[key].service != now.flags[key].service)


def _dropped(state: RunState, amended: Runbook) -> Iterator[str]:
    """What the run's story names and the amended runbook no longer knows. Nothing that happened may hang in the air."""
    steps = {step.id for step in amended.steps}
    changed = {change.step for change in state.changes.values() if change.step}
    yield from (step for step, was in state.steps.items() if was.outcome and step not in steps)
    yield from sorted(changed - steps)
    phases = {phase.id for phase in amended.phases}
    yield from (phase for phase in {**state.entered, **state.signatures} if phase not in phases)
    yield from (key for key in dict.fromkeys(c.flag for c in state.changes.values()) if key not in amended.flags)
    yield from (name for name in state.triggers if name not in amended.triggers)


def _end(ask: a.EndRun, view: View) -> tuple[Fact, ...]:
    view.must_lead("end the run")
    if view.state.ended:
        return ()
    if view.state.rolling_back:
        raise Refused("A rollback is running. End the run when it is finished.")
    if ask.outcome == "done" and not is_done(view.state, view.now):
        phase = current_phase(view.state)
        left = phase.title if phase else overdue_monitor_steps(view.state, view.now)[0].text
        raise Refused(f"'{left}' is not finished. Finish it, or end the run as abandoned.")
    return (e.RunEnded(ask.outcome, ask.note.strip()),)


def decide_judging(ask: a.JudgingAsk, view: View) -> tuple[Fact, ...]:
    """The facts that the ask leads to. Raises Refused with the next move."""
    view.must_be_open()
    match ask:
        case a.Veto():
            return _veto(ask, view)
        case a.Mute():
            return _mute(ask, view)
        case a.RetireSeries():
            view.must_lead("retire a series")
            if not ask.reason.strip():
                raise Refused("Retiring a series needs a reason.")
            return (e.SeriesRetired(ask.metric, ask.labels, ask.reason.strip()),)
        case _:
            assert_never(ask)


def _veto(ask: a.Veto, view: View) -> tuple[Fact, ...]:
    counting = view.state.countdown.triggers if view.state.countdown else ()
    triggers = tuple(dict.fromkeys((*counting, *view.state.band)))
    if not triggers:
        raise Refused("Nothing counts down and nothing asks: there is nothing to veto.")
    if not ask.reason.strip():
        raise Refused("A veto needs a reason: a digit, or words.")
    return (e.Vetoed(triggers, ask.reason.strip(), view.now + VETO_FOR),)


def _mute(ask: a.Mute, view: View) -> tuple[Fact, ...]:
    view.must_lead("mute a trigger")
    if ask.trigger not in view.state.runbook.triggers:
        raise Refused(f"There is no trigger '{ask.trigger}' in this runbook.")
    if not 0 < ask.seconds <= LONGEST_MUTE.total_seconds():
        raise Refused("A trigger can be muted for at most 30 minutes.")
    if not ask.reason.strip():
        raise Refused("Muting a trigger needs a reason.")
    return (e.TriggerMuted(ask.trigger, view.now + timedelta(seconds=ask.seconds), ask.reason.strip()),)
