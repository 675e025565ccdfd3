"""What people did: steps, notes, issues, signatures, overrides, polls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pags_tui.core.events.shapes import Evidence, Outcome


@dataclass(frozen=True, slots=True)
class StepResolved:
    """A step got its outcome."""

    step: str
    outcome: Outcome
    reason: str = ""
    value: str = ""
    """What was typed for a step that captures a value."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class StepReopened:
    """A tick was taken back."""

    step: str


@dataclass(frozen=True, slots=True)
class NoteAdded:
    """Somebody wrote something down."""

    text: str
    step: str = ""
    happened: datetime | None = None
    """When it happened, where that is not when it was written."""


@dataclass(frozen=True, slots=True)
class IssueOpened:
    """Something is wrong and stays in the header until closed."""

    issue: int
    severity: Literal["minor", "major"]
    text: str


@dataclass(frozen=True, slots=True)
class IssueClosed:
    """An issue is over."""

    issue: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint was signed by one role; the evidence is frozen here."""

    phase: str
    role: str
    name: str
    user: str
    evidence: tuple[Evidence, ...] = ()
    same_account: bool = False
    """A second signature from the same Unix user."""


@dataclass(frozen=True, slots=True)
class SignatureVoided:
    """A signature no longer counts (a gate failed before the next one came)."""

    phase: str
    role: str
    reason: str


@dataclass(frozen=True, slots=True)
class OverrideGiven:
    """The lead goes forward against a gate."""

    gate: str
    state: str
    value: float | None
    reason: str
    until: datetime
    metric: str | None = None
    """What `value` was of; None where the gate spoke of no metric."""


@dataclass(frozen=True, slots=True)
class OverrideVoided:
    """An override ended before its time."""

    gate: str
    reason: str


@dataclass(frozen=True, slots=True)
class PollOpened:
    """A go/no-go poll of all roles."""

    poll: int
    question: str


@dataclass(frozen=True, slots=True)
class PollAnswered:
    """One role's answer; `voiced` when the lead recorded what was said aloud."""

    poll: int
    role: str
    answer: Literal["go", "no-go"]
    note: str = ""
    voiced: bool = False


@dataclass(frozen=True, slots=True)
class PollClosed:
    """The poll is over."""

    poll: int


WorkFact = (
    StepResolved
    | StepReopened
    | NoteAdded
    | IssueOpened
    | IssueClosed
    | Signed
    | SignatureVoided
    | OverrideGiven
    | OverrideVoided
    | PollOpened
    | PollAnswered
    | PollClosed
)
