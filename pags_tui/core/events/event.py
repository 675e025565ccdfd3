"""One event: a fact, when it happened, and who did it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pags_tui.core.events.clock import ClockFact
from pags_tui.core.events.flags import FlagFact
from pags_tui.core.events.judging import JudgingFact
from pags_tui.core.events.life import LifeFact
from pags_tui.core.events.messages import MessageFact
from pags_tui.core.events.shapes import Actor
from pags_tui.core.events.work import WorkFact

Fact = LifeFact | ClockFact | WorkFact | FlagFact | JudgingFact | MessageFact


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the journal."""

    seq: int
    """Counted from 1 within the run, without gaps."""
    at: datetime
    """Wall time in UTC that never goes back within a run (a step of the local clock does not show in it)."""
    by: Actor
    fact: Fact
