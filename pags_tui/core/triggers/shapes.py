"""The values that judging a trigger takes and gives."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pags_tui.core.conditions import Condition
from pags_tui.core.observe import Sid, TriggerState
from pags_tui.core.series import Labels, Seconds

NO_SIDS: frozenset[Sid] = frozenset()


@dataclass(frozen=True, slots=True)
class TriggerSpec:
    """A trigger of the runbook."""

    id: str
    conditions: tuple[Condition, ...]
    """Any of these, each with its own clocks."""


@dataclass(frozen=True, slots=True)
class Posture:
    """Whether firing would act. Derived from the run's facts by somebody else."""

    armed: bool = True
    muted: bool = False
    observing: bool = False
    """After a rollback's first write, or by the range's mode."""
    vetoed: bool = False
    """Within the ten minutes of a veto."""

    @property
    def acts(self) -> bool:
        """Firing now is for real: it latches."""
        return self.armed and not (self.muted or self.observing or self.vetoed)


@dataclass(frozen=True, slots=True)
class TriggerContext:
    """What a trigger is judged against besides its metrics."""

    every: Seconds
    """Time between two ticks; in a backtest the smallest spacing of ticks."""
    posture: Posture = Posture()
    places: Mapping[str, Seconds | None] = field(default_factory=dict)
    """When evidence begins for each place that some condition names after `since`; None: not begun."""
    flags: Collection[str] = ()
    """Every flag of the runbook, for `flags readable`."""


@dataclass(frozen=True, slots=True)
class ClockMemory:
    """What is remembered of one condition from tick to tick."""

    of: Condition | None = None
    """The condition that it belongs to: another one (after an amendment) begins anew."""
    starts: Mapping[Sid, Seconds] = field(default_factory=dict)
    """Of each series whose clock runs or is held: the moment from which it would have run without a pause."""
    firm: frozenset[Sid] = NO_SIDS
    """Series that fired for real: latched until `unlatch`."""
    soft: frozenset[Sid] = NO_SIDS
    """Series that fired unarmed, muted, observing, vetoed or back-filled: latched until their first OK."""
    known_at: Seconds | None = None
    """Of one clock for all series: the last tick at which it was known."""
    since: Seconds | None = None


@dataclass(frozen=True, slots=True)
class TriggerMemory:
    """What is remembered of one trigger."""

    parts: tuple[ClockMemory, ...] = ()
    fired_at: Seconds | None = None
    """The last tick at which a series began to fire, able to act or not."""

    @property
    def latched(self) -> bool:
        """Fired for real, and not unlatched since."""
        return any(part.firm for part in self.parts)


@dataclass(frozen=True, slots=True)
class Restart:
    """A clock that began anew at 0 after a gap longer than `for`; for the journal."""

    metric: str
    series: Labels
    gap: Seconds


@dataclass(frozen=True, slots=True)
class ClockVerdict:
    """What is said of one condition of a trigger: that of its worst series."""

    text: str
    """The condition as a sentence."""
    state: TriggerState
    """Latched."""
    now: TriggerState
    """Unlatched."""
    clock: Seconds
    for_: Seconds
    value: float | None
    bound: str
    reason: str
    metric: str | None
    series: Labels | None


@dataclass(frozen=True, slots=True)
class TriggerVerdict:
    """What is said of a trigger. Where its conditions differ it speaks of the worst."""

    id: str
    state: TriggerState
    """Latched."""
    now: TriggerState
    """The present, unlatched answer."""
    clock: Seconds
    """Seconds of the worst series' clock."""
    for_: Seconds
    value: float | None
    """Of the worst series, in the metric's unit; None: no number at this tick."""
    bound: str
    reason: str
    """In words, with both numbers."""
    metric: str | None
    series: Labels | None
    """The worst series; None: none is known."""
    parts: tuple[ClockVerdict, ...]
    metrics: frozenset[str]
    """All metrics that it watches."""
    posture: Posture
    bad: bool
    """Some series fires on this very tick, and the tick is live: what an action has to rest on."""
    latched: bool
    """Fired for real, and not unlatched since."""
    fired: bool
    """It began to fire for real at this tick."""
    would_fire: bool
    """It began to fire at this tick, but may not act."""
    cleared: bool
    """It was firing, and no longer is."""
    restarted: tuple[Restart, ...]
    fired_at: Seconds | None
    """When a series last began to fire, able to act or not."""
    bad_now: bool = False
    """Some series is BAD on this very tick, for however long, and the tick is live."""


@dataclass(frozen=True, slots=True)
class SeriesVerdict:
    """What is said of one series under one condition."""

    part: int
    """Index into `TriggerSpec.conditions`."""
    metric: str
    series: Labels
    state: TriggerState
    now: TriggerState
    clock: Seconds
    value: float | None
    reason: str
