"""The rows of timeline, checklist, metrics, gates and triggers, and log. Immutable; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from pags_tui.ui.rows.words import ARMED, NO_FACT, NO_STATUS, Fact, Level, Status


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """A phase, or a checkpoint of one."""

    id: str
    at: str
    """`T+15`."""
    title: str
    status: Status = NO_STATUS
    drift: str = ""
    """`+3:10`."""
    drift_level: Level = Level.CALM
    current: bool = False
    overdue: bool = False
    checkpoint: bool = False


class Kind(Enum):
    """What a line of the checklist is."""

    STEP = "step"
    SECTION = "section"
    """A heading: no cursor, no outcome."""


@dataclass(frozen=True, slots=True)
class ChecklistRow:
    """A step, or the heading of a section (ACTION, MONITOR, CHECKPOINT)."""

    id: str
    text: str
    kind: Kind = Kind.STEP
    status: Status = NO_STATUS
    """The outcome: passed, failed, skipped …; mark NONE while open."""
    verdict: Status | None = None
    """Its gate's state; None for a step without a gate."""
    verdict_note: str = ""
    """Behind the verdict: `45s`, `612 > 500`."""
    change: Fact = NO_FACT
    """A value change: `10→50 verified`."""
    who: str = ""
    role: str = ""
    """The role that must do it; of a CHECKPOINT section: who signs."""
    note: str = ""
    """Behind a heading (`04:12 of 30:00`), or beside a step (a reason, a captured value)."""
    progress: float | None = None
    """0..1, the bar behind a MONITOR heading."""
    optional: bool = False
    not_yet: bool = False
    """Waits for something before it."""
    disabled: bool = False
    """Does not apply here (`when`, n/a)."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit of a metric, in the metric's unit."""

    value: float
    text: str
    """`0.5%`."""
    bad_above: bool = True
    """True: bad lies above it; False: below."""


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric with its recent course."""

    id: str
    title: str
    value: str
    """`0.42%`; a dash where there is none."""
    status: Status = NO_STATUS
    bound: str = ""
    """`<0.5%`."""
    spark: Sequence[float | None] = ()
    """Oldest first, evenly spaced in time; None or NaN where nothing is known."""
    bounds: tuple[Bound, ...] = ()
    marks: tuple[int, ...] = ()
    """Indices into `spark` at which a flag moved."""
    series: int = 1
    """How many series it has; the worst is shown."""
    note: str = ""
    """`data 40s old`, `little traffic`."""


@dataclass(frozen=True, slots=True)
class GateRow:
    """A gate of the present phase."""

    id: str
    title: str
    status: Status
    value: str = ""
    bound: str = ""
    reason: str = ""
    overridden: str = ""
    """`by ana 12:10 left`."""
    hard: bool = False


@dataclass(frozen=True, slots=True)
class TriggerRow:
    """A rollback trigger."""

    id: str
    title: str
    status: Status
    clock: str = ""
    """`04:12/15:00`."""
    part: float | None = None
    """The clock as 0..1."""
    arming: Fact = ARMED
    """armed, unarmed, muted 12:10, observing."""
    now: Status | None = None
    """The unlatched answer, where it differs from a latched `firing`."""
    value: str = ""
    bound: str = ""


@dataclass(frozen=True, slots=True)
class HeadingRow:
    """A line between groups."""

    id: str
    text: str
    note: str = ""


BoardRow = GateRow | TriggerRow | HeadingRow


@dataclass(frozen=True, slots=True)
class LogRow:
    """One event, told in a line."""

    id: str
    wall: str
    text: str
    level: Level = Level.CALM
    who: str = ""
