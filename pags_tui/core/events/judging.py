"""What was judged: gates, triggers, countdowns, vetoes, sources lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pags_tui.core.events.shapes import Mode
from pags_tui.core.series import Labels, Seconds


@dataclass(frozen=True, slots=True)
class GateChanged:
    """A gate has another state than before."""

    gate: str
    state: str
    value: float | None
    bound: str
    reason: str


@dataclass(frozen=True, slots=True)
class TriggerChanged:
    """A trigger has another state than before."""

    trigger: str
    state: str
    value: float | None
    reason: str
    clock: Seconds = 0.0


@dataclass(frozen=True, slots=True)
class TriggerFired:
    """A trigger's clock reached its end on a bad tick. `mode` None: it was not armed, and would have fired."""

    trigger: str
    mode: Mode | None
    value: float | None
    reason: str
    muted: bool = False
    observing: bool = False


@dataclass(frozen=True, slots=True)
class TriggerCleared:
    """A firing trigger is no longer latched."""

    trigger: str
    reason: str


@dataclass(frozen=True, slots=True)
class BandRaised:
    """A fired trigger asks for a rollback; it does nothing by itself."""

    triggers: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CountdownBegan:
    """A rollback will run at `ends` unless vetoed."""

    triggers: tuple[str, ...]
    ends: datetime


@dataclass(frozen=True, slots=True)
class CountdownJoined:
    """A further trigger fired during the countdown."""

    trigger: str


@dataclass(frozen=True, slots=True)
class CountdownEnded:
    """The countdown ran out: `rollback`, or `ask` with the reason why it may not act by itself."""

    how: Literal["rollback", "ask"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Vetoed:
    """Somebody stopped a countdown or put a band away."""

    triggers: tuple[str, ...]
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class TriggerMuted:
    """A trigger only observes until then."""

    trigger: str
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class SeriesRetired:
    """A series that vanished is no longer expected."""

    metric: str
    labels: Labels
    reason: str


@dataclass(frozen=True, slots=True)
class SourceLost:
    """A service stopped answering."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceBack:
    """A service answers again."""

    source: str


@dataclass(frozen=True, slots=True)
class TicksLost:
    """Nobody watched for that long (the guard was dead, or the machine asleep)."""

    seconds: Seconds
    reason: str


JudgingFact = (
    GateChanged
    | TriggerChanged
    | TriggerFired
    | TriggerCleared
    | BandRaised
    | CountdownBegan
    | CountdownJoined
    | CountdownEnded
    | Vetoed
    | TriggerMuted
    | SeriesRetired
    | SourceLost
    | SourceBack
    | TicksLost
)
