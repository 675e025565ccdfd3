"""What the pieces of a report share: moments, values, evidence. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pags_tui.core.events import Outcome
from pags_tui.core.series import Seconds

SHAPE = 1
"""Version of the published JSON: raised when a field is renamed, dropped or means something else."""

Value = float | Literal["NaN", "+Inf", "-Inf"] | None
StepOutcome = Outcome | Literal["open", "not-in-this-run"]


@dataclass(frozen=True, slots=True)
class When:
    """A moment, on both clocks."""

    at: datetime
    t: Seconds | None
    """None while T+0 was unknown."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a gate said when somebody ticked, confirmed or signed."""

    gate: str
    text: str
    """The gate's step as the runbook words it."""
    state: str
    value: Value
    shown: str
    """The value in its unit, as the screen writes it; empty: no number."""
    bound: str
    reason: str
    overridden: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """One role's signature under a checkpoint."""

    role: str
    name: str
    user: str
    when: When
    same_account: bool
    voided: str
    """Why it no longer counts; empty while it does."""
    evidence: tuple[Evidence, ...]
