"""The fold: one case for each fact. It refuses nothing; what may happen is decided elsewhere.

Live, resume, watch, replay, report and backtest all come through `fold`. The families of facts have a file each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any, assert_never, get_args

from pags_tui.core import events as e
from pags_tui.core.runbook import load
from pags_tui.core.state.draft import Draft, put
from pags_tui.core.state.fold_clock import fold_clock
from pags_tui.core.state.fold_flags import fold_flags
from pags_tui.core.state.fold_judging import fold_judging
from pags_tui.core.state.fold_messages import fold_messages
from pags_tui.core.state.fold_work import fold_work
from pags_tui.core.state.parts import Guard, Run
from pags_tui.core.state.run_state import RunState

known = lru_cache(maxsize=32)(load)
"""A runbook by its text, parsed once: many runs are of one file, and a runbook never changes."""


def fold(events: Iterable[e.Event], state: RunState | None = None) -> RunState:
    """The state after those events, from the beginning or from an earlier state on.

    Raises RunbookError for a runbook that this version cannot read.
    """
    before = state or RunState()
    draft = Draft(before)
    event = None
    for event in events:
        FAMILIES[type(event.fact)](draft, event, event.fact)
    if event is None:
        return before
    draft.seq, draft.at = event.seq, event.at
    return draft.frozen()


def fold_life(draft: Draft, event: e.Event, fact: e.LifeFact) -> None:
    """The run itself."""
    match fact:
        case e.RunStarted():
            draft.run = Run(fact.run, fact.kind, fact.target, event.at, fact.file, fact.version)
            draft.runbook = known(fact.runbook, fact.file)
            draft.lead = e.Actor(fact.lead_user, fact.lead)
        case e.RunbookAmended():
            draft.runbook = known(fact.runbook, draft.run.file if draft.run else "")
        case e.RunEnded():
            draft.ended, draft.ended_at = fact.outcome, event.at
        case e.GuardStarted():
            draft.guard = Guard(fact.pid, fact.host, fact.token, event.at)
        case e.GuardStopped():
            draft.guard = draft.guard and replace(draft.guard, stopped=fact.reason)
        case e.LeadTaken():
            draft.lead = e.Actor(fact.user, fact.name)
        case e.RoleNamed():
            draft.roles = put(draft.roles, fact.role, fact.name)
        case e.ContactNoted():
            draft.contacts = put(draft.contacts, fact.contact, fact.value)
        case e.RehearsalsCounted():
            draft.rehearsed = dict(fact.took)
        case _:
            assert_never(fact)


FAMILIES: dict[type, Callable[[Draft, e.Event, Any], None]] = {
    kind: fold_family
    for family, fold_family in (
        (e.LifeFact, fold_life),
        (e.ClockFact, fold_clock),
        (e.WorkFact, fold_work),
        (e.FlagFact, fold_flags),
        (e.JudgingFact, fold_judging),
        (e.MessageFact, fold_messages),
    )
    for kind in get_args(family)
}
"""Who folds which class of fact."""
