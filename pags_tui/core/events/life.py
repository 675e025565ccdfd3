"""The run itself: begun, amended, ended, and who works it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pags_tui.core.events.shapes import Kind
from pags_tui.core.series import Seconds


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The first fact of every run. Carries the runbook whole, so that a recording needs no other file."""

    run: str
    kind: Kind
    runbook: str
    """The text of the runbook file."""
    sha256: str
    file: str
    """The runbook's file name, for messages (no folder)."""
    target: str
    """What the screen names and a confirmation makes you type."""
    lead: str
    lead_user: str
    version: str


@dataclass(frozen=True, slots=True)
class RunbookAmended:
    """The runbook was re-read during the run."""

    runbook: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RunEnded:
    """Somebody closed the run."""

    outcome: Literal["done", "abandoned"]
    note: str = ""


@dataclass(frozen=True, slots=True)
class GuardStarted:
    """A process took the run over; `token` fences off every earlier one."""

    pid: int
    host: str
    token: int
    version: str = ""


@dataclass(frozen=True, slots=True)
class GuardStopped:
    """The guard left in good order."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeadTaken:
    """The lead's seat changed hands."""

    name: str
    user: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RoleNamed:
    """Somebody was named for a role."""

    role: str
    name: str


@dataclass(frozen=True, slots=True)
class ContactNoted:
    """A contact left empty in the runbook was filled in."""

    contact: str
    value: str


@dataclass(frozen=True, slots=True)
class RehearsalsCounted:
    """How long the phases took in earlier rehearsals of this runbook, as the journal knew when the run began."""

    runs: tuple[str, ...]
    """Their ids, the newest first."""
    took: tuple[tuple[str, tuple[Seconds, ...]], ...]
    """Phase by phase: seconds on T in each rehearsal that finished it."""


LifeFact = (
    RunStarted
    | RunbookAmended
    | RunEnded
    | GuardStarted
    | GuardStopped
    | LeadTaken
    | RoleNamed
    | ContactNoted
    | RehearsalsCounted
)
