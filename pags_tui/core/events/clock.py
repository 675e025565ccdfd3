"""T: set, held, set back, and the phases that it reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pags_tui.core.series import Seconds


@dataclass(frozen=True, slots=True)
class TZeroSet:
    """T+0 was set, or moved, to this wall time."""

    t0: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HoldBegan:
    """T stopped."""

    reason: str = ""
    cause: Literal["operator", "runbook", "rollback"] = "operator"


@dataclass(frozen=True, slots=True)
class HoldExplained:
    """A reason that followed a hold."""

    reason: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """T runs again."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Recycled:
    """T was set back; what lies after it is open again, signatures before it stay as history."""

    t: Seconds
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PhaseEntered:
    """T reached the phase, or its first step was touched."""

    phase: str


ClockFact = TZeroSet | HoldBegan | HoldExplained | Resumed | Recycled | PhaseEntered
