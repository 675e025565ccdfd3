"""Flags: writes asked and answered, values seen, drift, rollbacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pags_tui.core.events.shapes import Move, Purpose, Result
from pags_tui.core.series import FlagValue


@dataclass(frozen=True, slots=True)
class FlagAsked:
    """A write is about to be tried. Journaled before the write; what has no answer after it is owed."""

    change: int
    """Number of the change within the run."""
    flag: str
    value: FlagValue
    before: FlagValue | None
    """Read from the service just before; None when it could not be read (a rollback goes on all the same)."""
    purpose: Purpose
    step: str = ""
    rollback: int = 0
    """Number of the rollback that it belongs to."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FlagAnswered:
    """What became of a write: never the status code alone, but what was read back."""

    change: int
    result: Result
    found: FlagValue | None = None
    """What the read-back found; None when there was none."""
    detail: str = ""
    curl: str = ""
    """The command by hand, for a rollback write that is not verified (no secret in it)."""


@dataclass(frozen=True, slots=True)
class FlagSettled:
    """A person decided about a change that was not verified."""

    change: int
    how: Literal["accepted", "given-up"]
    value: FlagValue | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FlagSeen:
    """A read told something new about a flag: its first value, a change, or that it cannot be read."""

    flag: str
    value: FlagValue | None
    failed: str = ""


@dataclass(frozen=True, slots=True)
class DriftFound:
    """A flag has a value that nobody here set."""

    flag: str
    expected: FlagValue | None
    found: FlagValue


@dataclass(frozen=True, slots=True)
class DriftAccepted:
    """The lead takes somebody else's value as it is."""

    flag: str
    value: FlagValue
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RollbackConfirmed:
    """The word was typed, or the countdown ran out: a standing order from here on."""

    rollback: int
    title: str
    moves: tuple[Move, ...]
    cause: str = ""
    """The trigger, or the consideration, that led to it."""
    parallel: tuple[str, ...] = ()
    """Steps whose flags are written together; the rest go one after another."""


@dataclass(frozen=True, slots=True)
class RollbackFinished:
    """Every write of the rollback has its answer, and the late second read is over."""

    rollback: int
    verified: int
    of: int


FlagFact = (
    FlagAsked
    | FlagAnswered
    | FlagSettled
    | FlagSeen
    | DriftFound
    | DriftAccepted
    | RollbackConfirmed
    | RollbackFinished
)
