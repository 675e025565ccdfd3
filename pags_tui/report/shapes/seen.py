"""What was seen: triggers, metrics over the night, gaps in the watch. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pags_tui.core.series import Seconds
from pags_tui.report.shapes.basics import Value, When


@dataclass(frozen=True, slots=True)
class TriggerMoment:
    """Something that happened to a trigger."""

    when: When
    what: str
    """`pending`, `unknown`, `inactive`, `fired`, `would fire`, `cleared`, `muted`, `vetoed`, `countdown`, `asked`,
    `rollback` …"""
    value: Value
    shown: str
    reason: str


@dataclass(frozen=True, slots=True)
class TriggerLine:
    """One trigger, and what followed."""

    id: str
    title: str
    conditions: tuple[str, ...]
    fired: int
    """Times it fired while it was armed."""
    would_have_fired: int
    """Times it fired while unarmed, muted or observing."""
    moments: tuple[TriggerMoment, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which something was not seen."""

    what: str
    """The source, or `the watch itself`."""
    began: When
    ended: datetime | None
    """None: not by the end of the record."""
    seconds: Seconds
    reason: str


@dataclass(frozen=True, slots=True)
class Watched:
    """How much was seen."""

    ticks: int
    failed: int
    """Ticks without any answer."""
    unreadable: int
    """Stored ticks that are damaged and left out; filled in by who read them."""
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """One series over the night, thinned out: of each stretch its lowest and highest value."""

    labels: dict[str, str]
    lowest: Value
    highest: Value
    last: Value
    readings: int
    missing: int
    """Ticks at which it was known to exist and had no number."""
    points: tuple[tuple[Seconds, float, float] | tuple[Seconds, None, None], ...]
    """Seconds since the run started, lowest, highest; nulls: a gap begins."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A line that a chart draws."""

    what: str
    value: float
    shown: str


@dataclass(frozen=True, slots=True)
class MetricLine:
    """One metric."""

    id: str
    title: str
    unit: str
    slo: str
    thresholds: tuple[Threshold, ...]
    courses: tuple[Course, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to mark in every chart."""

    kind: Literal["t0", "flag", "sign-off", "hold", "resume", "trigger", "rollback"]
    seconds: Seconds
    """Since the run started."""
    when: When
    text: str
