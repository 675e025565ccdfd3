"""What one tick read from the metric service: series of points, or the reason why there are none.

A reading never guesses. A query that failed is `failed`; one that answered nothing has no points; NaN stays NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Seconds = float
"""A duration or a moment on a clock, in seconds."""

Labels = tuple[tuple[str, str], ...]
"""The labels of one series as (name, value) pairs, sorted by name. `()` is the series without labels."""

FlagValue = bool | int | float | str
"""What a flag may hold. JSON types are kept apart: `True` is not 1."""

NOTHING: Mapping[str, object] = MappingProxyType({})


def labels_of(labels: Mapping[str, str]) -> Labels:
    """The label mapping of an answer as a sorted, hashable tuple (`__name__` left out)."""
    return tuple(sorted((name, value) for name, value in labels.items() if name != "__name__"))


@dataclass(frozen=True, slots=True)
class Point:
    """One series' value at the time of the tick. ±Inf and NaN are kept as they came."""

    labels: Labels
    value: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What one metric's queries answered at one tick."""

    points: tuple[Point, ...] = ()
    """Empty when the query answered with no series."""
    failed: str | None = None
    """Why the query has no answer (time-out, refused, HTML …); None when it answered."""
    warnings: tuple[str, ...] = ()
    """Warnings of the answer: it may be partial."""
    enough: bool | None = None
    """The metric's `enough` condition at this tick; None when it has none (False: too little traffic)."""
    ages: tuple[Point, ...] | None = None
    """Age of the data in seconds per series of the `fresh` query; None when not asked or not known."""


@dataclass(frozen=True, slots=True)
class FlagReading:
    """What the flag service said of one flag at its last read."""

    value: FlagValue | None
    """None when it could not be read."""
    failed: str | None
    """Why it could not be read; None when it was."""
    read_at: Seconds
    """When, on the same time axis as `Tick.time`."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Everything polled at one moment."""

    time: Seconds
    """Server time in seconds since the epoch, passed as `time=` to every query of the tick."""
    readings: Mapping[str, Reading] = field(default_factory=dict)
    """By metric id. A metric of the runbook that is not named here answered nothing."""
    flags: Mapping[str, FlagReading] = field(default_factory=dict)
    """The latest read of each flag, by key."""
    failed: str | None = None
    """Set when the whole tick failed: no server time, or a time that did not advance."""
