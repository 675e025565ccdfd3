"""Which message to people is due, since when and why. Drafts nothing, sends nothing.

A periodic message counts from the last one that went out. A hold, a breach or a rollback after that makes it due at
once; so does nothing else. While the fate of one is not known, no other of its kind is drafted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from pags_tui.core.plan.progress import current_phase
from pags_tui.core.runbook import Message as Planned
from pags_tui.core.series import Seconds
from pags_tui.core.state import Message, RunState
from pags_tui.core.units import show_duration


@dataclass(frozen=True, slots=True)
class Due:
    """When a message is due, and why."""

    at: datetime
    cause: str


# ---------------------------------------------------------------- what became of those before it


def last_sent(state: RunState, comms: str) -> datetime | None:
    """When the last one of that kind went out, by webhook or by hand; None: none did, as far as anybody knows."""
    found = [m.at for m in state.messages.values() if m.comms == comms and m.at and m.result in ("sent", "copied")]
    return max(found, default=None)


def waiting(state: RunState, comms: str) -> Message | None:
    """The newest one of that kind that waits for a person: a draft, one that failed, one that nobody knows of."""
    newest = max((m for m in state.messages.values() if m.comms == comms), key=lambda m: m.number, default=None)
    return newest if newest is not None and newest.result in ("", "failed", "unknown") else None


def in_doubt(state: RunState) -> tuple[Message, ...]:
    """Those of which nobody knows whether they arrived, and nobody has decided."""
    return tuple(m for m in state.messages.values() if m.result == "unknown")


# ---------------------------------------------------------------- when the next one is due


def next_due(state: RunState, planned: Planned) -> Due | None:
    """When a periodic message is due next, and why; None while it is not."""
    begun = _begun(state, planned)
    if planned.every is None or state.ended or begun is None or not _goes_on(state, planned):
        return None
    sent = last_sent(state, planned.id)
    since = max(begun, sent) if sent else begun
    last = "the last one" if sent else "the cutover began"
    due = Due(since + timedelta(seconds=planned.every), f"{show_duration(planned.every)} since {last}")
    found = min(happened(state, since), key=lambda one: one.at, default=None)
    if found is not None and found.at < due.at:
        due = found
    put_off = state.snoozed.get(planned.id)
    return Due(put_off, due.cause) if put_off and put_off > due.at else due


def happened(state: RunState, since: datetime) -> tuple[Due, ...]:
    """Everything after that moment of which people want to hear at once, oldest first."""
    return tuple(sorted((one for one in _troubles(state) if one.at > since), key=lambda one: one.at))


def _troubles(state: RunState) -> Iterator[Due]:
    for held in (*(hold for hold, _ in state.past_holds), *([state.hold] if state.hold else ())):
        if held.cause != "rollback":
            yield Due(held.since, f"T is held{': ' + held.reason if held.reason else ''}")
    for name, firing in state.triggers.items():
        if firing.acted is not None and name in state.runbook.triggers:
            yield Due(firing.acted, f"breach: {state.runbook.triggers[name].title}")
    for rollback in state.rollbacks:
        yield Due(rollback.at, f"rollback{': ' + rollback.cause if rollback.cause else ''}")


def _begun(state: RunState, planned: Planned) -> datetime | None:
    """When the first of its phases was entered."""
    during = planned.during or tuple(phase.id for phase in state.runbook.phases)
    return min((state.entered[phase] for phase in during if phase in state.entered), default=None)


def _goes_on(state: RunState, planned: Planned) -> bool:
    """The phase after its last one was not entered; a rollback that nobody went on from is still news."""
    if not planned.during or state.rolling_back or (state.rollback is not None and state.observing):
        return bool(state.rolling_back or current_phase(state) or (state.rollback and state.observing))
    phases = state.runbook.phases
    last = max(state.runbook.phase_index(phase) for phase in planned.during)
    return not any(phase.id in state.entered for phase in phases[last + 1 :]) and current_phase(state) is not None


# ---------------------------------------------------------------- what drafts itself


def to_draft(state: RunState, now: datetime) -> tuple[tuple[str, str], ...]:
    """Messages that are to be drafted now, each with its cause."""
    if state.ended:
        return ()
    return tuple(
        (planned.id, cause) for planned in state.runbook.comms.values() if (cause := _cause(state, planned, now))
    )


def _cause(state: RunState, planned: Planned, now: datetime) -> str:
    if waiting(state, planned.id) is not None:
        return ""
    due = next_due(state, planned)
    if due is not None and due.at <= now:
        return due.cause
    drafted = [m.drafted for m in state.messages.values() if m.comms == planned.id and m.drafted]
    known = max(drafted, default=None)
    fresh = [one for one in _called_for(state, planned) if known is None or one.at > known]
    return fresh[-1].cause if fresh else ""


def _called_for(state: RunState, planned: Planned) -> Iterator[Due]:
    """What makes a message of `on` draft itself, oldest first."""
    found = []
    if "rollback" in planned.on:
        found += [Due(r.at, f"rollback{': ' + r.cause if r.cause else ''}") for r in state.rollbacks]
    if "major-issue" in planned.on:
        found += [Due(i.at, f"major issue: {i.text}") for i in state.issues if i.severity == "major"]
    yield from sorted(found, key=lambda one: one.at)


def seconds_to_next(state: RunState, now: datetime) -> Seconds:
    """Seconds until a message drafts itself; infinite: none is in sight."""
    waits = [
        (due.at - now).total_seconds()
        for planned in state.runbook.comms.values()
        if waiting(state, planned.id) is None and (due := next_due(state, planned))
    ]
    return max(0.0, min(waits, default=math.inf))


# ---------------------------------------------------------------- whether one is complete

PLACEHOLDER = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}"  # of a template
    r"|\[[A-Za-z][A-Za-z /]*\]"  # [Description], [On Track/Issue/Resolved]
    r"|\bX+(?:\.X+)?(?:%|ms\b|min\b)",  # XXmin, X.X%
    re.S,
)
"""What a text says where somebody was to write something."""


def unresolved(text: str) -> str:
    """The first placeholder that is still in a text; empty: none is."""
    found = PLACEHOLDER.search(text)
    return " ".join(found[0].split()) if found else ""


__all__ = [
    "Due",
    "happened",
    "in_doubt",
    "last_sent",
    "next_due",
    "seconds_to_next",
    "to_draft",
    "unresolved",
    "waiting",
]
