"""What happened: decisions, flag changes, rollbacks, messages, notes, issues, polls. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pags_tui.core.events import Purpose, Result
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.report.shapes.basics import Evidence, When


@dataclass(frozen=True, slots=True)
class Decision:
    """Something that a person, or the guard by its orders, decided."""

    seq: int
    when: When
    by: str
    kind: str
    text: str
    reason: str
    evidence: tuple[Evidence, ...] = ()
    ended: When | None = None
    """Of what lasts (hold, override, mute, veto): its end; None: it has none, or had not ended."""
    ended_by: str = ""
    """How it ended."""
    lasted: Seconds | None = None


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One flag write, from the intent to what was read back."""

    number: int
    flag: str
    env: str
    before: FlagValue | None
    value: FlagValue
    purpose: Purpose
    step: str
    rollback: int
    by: str
    reason: str
    asked: When
    result: Result | Literal["no answer"]
    found: FlagValue | None
    answered: When | None
    took: Seconds | None
    settled: str
    detail: str
    curl: str


@dataclass(frozen=True, slots=True)
class DriftLine:
    """A value that nobody in this run set, from when it was found until it was dealt with."""

    flag: str
    expected: FlagValue | None
    found: FlagValue
    when: When
    ended: When | None
    how: str
    """What became of it, in words; empty while it stands."""
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class RollbackFlag:
    """One flag of a rollback."""

    flag: str
    before: FlagValue | None
    value: FlagValue
    result: Result | Literal["no answer", "not tried"]
    found: FlagValue | None
    tries: int
    took: Seconds | None
    """From the rollback's confirmation to the last answer."""
    curl: str


@dataclass(frozen=True, slots=True)
class RollbackLine:
    """One rollback."""

    number: int
    title: str
    cause: str
    by: str
    confirmed: When
    finished: When | None
    verified: int
    of: int
    took: Seconds | None
    flags: tuple[RollbackFlag, ...]


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message that a person sent, or did not."""

    number: int
    title: str
    channel: str
    cause: str
    text: str
    by: str
    when: When
    result: Literal["sent", "copied", "failed", "unknown", "drafted", "no answer"]
    detail: str


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A line or a page that went out by itself, or could not."""

    when: When
    to: str
    text: str
    failed: str


@dataclass(frozen=True, slots=True)
class NoteLine:
    """Something written down."""

    when: When
    happened: datetime
    by: str
    step: str
    text: str


@dataclass(frozen=True, slots=True)
class IssueLine:
    """Something that was wrong."""

    number: int
    severity: Literal["minor", "major"]
    text: str
    by: str
    opened: When
    closed: When | None
    closing: str
    lasted: Seconds | None


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """One role's answer."""

    role: str
    answer: Literal["go", "no-go"]
    by: str
    at: datetime
    voiced: bool


@dataclass(frozen=True, slots=True)
class PollLine:
    """One go/no-go poll."""

    number: int
    question: str
    when: When
    closed: bool
    answers: tuple[PollAnswer, ...]
    missing: tuple[str, ...]
    """Roles that did not answer."""
