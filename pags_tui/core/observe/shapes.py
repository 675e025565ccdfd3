"""The values that observing takes and gives."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pags_tui.core.series import FlagReading, Labels, Seconds

Sid = int
"""The number of a series within its metric's watch."""


class TriggerState(StrEnum):
    """A trigger's answer."""

    INACTIVE = "inactive"
    UNKNOWN = "unknown"
    PENDING = "pending"
    FIRING = "firing"

    @property
    def rank(self) -> int:
        """From quiet to loud: inactive 0, unknown 1, pending 2, firing 3."""
        return _RANKS[self]


_RANKS = {state: rank for rank, state in enumerate(TriggerState)}


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """What observing one metric takes."""

    id: str
    max_age: Seconds = 75.0
    """Oldest data that still counts: five scrapes of 15 s."""
    stale_after: Seconds = 30.0
    """How long a gate's verdict outlives failing queries."""
    expect: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Label to values. With several labels every combination is required."""

    def expected(self) -> tuple[Labels, ...]:
        """The label pairs that must each be matched by some series; `()` when no series is required by name."""
        if not self.expect:
            return ()
        names = sorted(self.expect)
        combinations = itertools.product(*(self.expect[name] for name in names))
        return tuple(tuple(zip(names, values, strict=True)) for values in combinations)


@dataclass(frozen=True, slots=True)
class MetricWatch:
    """What is remembered of one metric from tick to tick."""

    labels: tuple[Labels, ...] = ()
    """By sid. Expected series that never came stand here with the label pairs they were expected with."""
    index: Mapping[Labels, Sid] = field(default_factory=dict)
    seen: frozenset[Sid] = frozenset()
    """Those that were really there at some tick."""
    gone: frozenset[Sid] = frozenset()
    """Those that vanished from a good answer and are not required."""
    known: Mapping[Sid, float] = field(default_factory=dict)
    """The values known at the last tick."""
    lost: Mapping[Sid, Seconds] = field(default_factory=dict)
    """Series known before, but not at the last tick: when last."""
    ages: Mapping[Sid, Seconds] = field(default_factory=dict)
    """Age of the data when last asked."""
    asked_at: Seconds = 0.0
    expected: tuple[tuple[Sid, tuple[Sid, ...]], ...] = ()
    """Each required series' own sid, with the sids seen so far that match it."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The memory of a run's observing. Begin with `Watch()`; replaying recorded ticks builds the same one again."""

    time: Seconds | None = None
    """The latest tick's time; None before the first."""
    metrics: Mapping[str, MetricWatch] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known of one metric at one tick."""

    labels: Sequence[Labels]
    """By sid."""
    values: Mapping[Sid, float]
    """Series with a value that counts. ±Inf is a value, NaN is not."""
    unknown: Mapping[Sid, str]
    """Series that ought to be known and are not, with the reason."""
    raw: Mapping[Sid, float]
    """Every number that was answered, NaN and those that do not count too."""
    lowest: Sid | None
    """The series with the least of `values`; None without any."""
    highest: Sid | None
    """The series with the greatest of `values`; None without any."""
    lost: Mapping[Sid, Seconds]
    """When each series that is not known now was last known; those never known are missing."""
    regained: Mapping[Sid, Seconds]
    """Series known now but not at the last tick, and known before: when they were last."""
    gone: frozenset[Sid] = frozenset()
    """Vanished series that nobody requires."""
    failed: str | None = None
    """Why the query has no answer; then every series is unknown."""
    void: str | None = None
    """Why nothing at all can be said, where there is no series to say it of."""
    age: Seconds | None = None
    """Age of the oldest data, as far as known."""
    stale_after: Seconds = 30.0


@dataclass(frozen=True, slots=True)
class Sights:
    """Everything that one tick showed."""

    time: Seconds
    before: Seconds | None
    """The time of the tick before; None at the first."""
    advanced: bool
    """False when the time did not move on: nothing of this tick counts as evidence."""
    live: bool
    """False for a past tick that is replayed after a restart."""
    metrics: Mapping[str, Sight]
    flags: Mapping[str, FlagReading]
