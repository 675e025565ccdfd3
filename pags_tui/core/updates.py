"""What a run tells its screens: the whole story so far, then every event and every tick. Pure values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pags_tui.core.events import Event, Seated
from pags_tui.core.judge import Judged
from pags_tui.core.state import RunState


@dataclass(frozen=True, slots=True)
class Began:
    """The whole story so far. Everything known before is forgotten: the first update, and after a jump of a replay."""

    events: tuple[Event, ...]
    ticks: Sequence[Judged]
    """The last ticks, oldest first, as far as they are kept for the graphs; never changed afterwards."""
    now: datetime
    state: RunState | None = None
    """The fold of the events, where somebody has it at hand already."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Further events, in order."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Ticked:
    """One more tick."""

    judged: Judged


@dataclass(frozen=True, slots=True)
class Present:
    """Who sits at a screen of the run, on whatever host."""

    people: tuple[Seated, ...]


@dataclass(frozen=True, slots=True)
class Gone:
    """Nobody stands behind the desk any more, or for the moment; the desk goes on trying unless `final`."""

    reason: str
    final: bool = False


Update = Began | Happened | Ticked | Present | Gone
