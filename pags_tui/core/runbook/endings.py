"""The ways a run ends: rolling back, success criteria, follow-ups. Resolved, and never acted on here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pags_tui.core.runbook.base import Duration, FlagKey, Mode, Part, Path, PhaseId, Text
from pags_tui.core.runbook.steps import Checkpoint, Step
from pags_tui.core.series import FlagValue


class RollbackOption(Part):
    """One way back: the default one, or `[rollback.<name>]`."""

    id: str
    """Its name; empty for the default one."""
    title: Text
    """Heading."""
    steps: tuple[Step, ...] = ()
    """In written order, which is the order of execution."""
    loses: str | None = None
    """What is lost by it."""
    valid: tuple[PhaseId, ...] = ()
    """The phases in which it applies; empty: all."""
    duration: Duration | None = None
    """How long it takes, in seconds."""
    checkpoint: Checkpoint | None = None
    """How we know that it worked."""
    path: Path = ()
    """Where it stands in the file."""

    @property
    def flags(self) -> dict[FlagKey, FlagValue]:
        """Every flag it writes and the value it leaves, in order of the last write."""
        last: dict[FlagKey, FlagValue] = {}
        for step in self.steps:
            for key, value in step.set.items():
                last.pop(key, None)
                last[key] = value
        return last


class ArmedRange(Part):
    """Phases in which triggers act, and how."""

    phases: tuple[PhaseId, ...]
    """In file order, without a gap."""
    mode: Mode
    """What a firing trigger does."""


class Rollback(Part):
    """`[rollback]`: the way back, and when triggers may take it."""

    title: Text = "Rollback"
    """Heading."""
    auto: Mode = "ask"
    """What a firing trigger does where `armed` says nothing."""
    countdown: Annotated[Duration, Field(gt=0)] = 60.0
    """Length of a countdown, in seconds."""
    armed: tuple[ArmedRange, ...] = ()
    """Where triggers act. Never empty in a loaded runbook with phases: the default range is filled in."""
    considerations: tuple[Text, ...] = ()
    """What people weigh before rolling back by hand."""
    default: RollbackOption | None = None
    """What F9 and a countdown do; None when only named options are given."""
    options: tuple[RollbackOption, ...] = ()
    """The named ones, in file order."""

    @property
    def every_option(self) -> tuple[RollbackOption, ...]:
        """The default one first, then the named ones."""
        return (*((self.default,) if self.default else ()), *self.options)


class SuccessGroup(Part):
    """`[[success]]`: criteria to judge the night by."""

    id: str
    """Made from the title when not given."""
    title: Text
    """Heading."""
    criteria: tuple[Step, ...] = ()
    """In file order."""


class FollowUps(Part):
    """`[[follow_ups]]`: what is left to do afterwards."""

    id: str
    """Made from the title when not given."""
    title: Text
    """Heading."""
    within: Duration | None = None
    """Due so many seconds after `since`; None: no due time."""
    since: Literal["done", "rolled-back", "end"] = Field(default="end", alias="from")
    """The moment it counts from; `end` is either of the two."""
    items: tuple[Step, ...] = ()
    """In file order."""


__all__ = ["ArmedRange", "FollowUps", "Rollback", "RollbackOption", "SuccessGroup"]
