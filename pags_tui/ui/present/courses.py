"""The recent course of a metric, evenly spaced in time, and what its newest reading says. A gap stays a gap."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, pairwise
from statistics import median
from typing import overload

from pags_tui.core.conditions import AllSlos, Comparison, Condition, MetricCondition, Range, Test, excess, true_of
from pags_tui.core.conditions import Bound as WrittenBound
from pags_tui.core.gates import GateState
from pags_tui.core.judge import Judged
from pags_tui.core.observe import TriggerState
from pags_tui.core.runbook import Metric
from pags_tui.core.series import Labels, Point, Reading, Seconds
from pags_tui.core.tape import told_values
from pags_tui.core.units import Unit, show, show_duration
from pags_tui.ui.present.verdicts import fresh, gates_now, silence
from pags_tui.ui.present.words import bound_text, clean, since
from pags_tui.ui.rows import FAIL, NO_STATUS, PASS, STALE, UNKNOWN, Bound, Level, Mark, Status
from pags_tui.ui.scene import Scene

KEPT = 240
"""Points of a small course: 20 minutes at five seconds, more than any pane has cells."""
STEADY = 2.0
"""Ticks closer than so many steps have no gap between them."""
DOUBTFUL = frozenset({GateState.UNKNOWN, GateState.STALE, TriggerState.UNKNOWN})
NOT_ASKED = Status(Mark.NONE, "not asked", Level.MUTED)


@dataclass(frozen=True, slots=True)
class Limit:
    """A test of a metric, and what it means when it is true."""

    test: Test
    good: bool
    """True: it ought to hold (an SLO, a gate). False: it ought not to (a trigger)."""
    unit: Unit = Unit.COUNT

    def ok(self, value: float) -> bool:
        """Whether the value is as it should be."""
        return true_of(self.test, value) == self.good

    def badness(self, value: float) -> float:
        """The higher, the worse."""
        return -excess(self.test, value) if self.good else excess(self.test, value)

    def text(self, *, broken: bool = False) -> str:
        """As the screen writes it: what ought to hold, or, broken, what holds instead."""
        return bound_text(self.written(), broken=broken if self.good else not broken)

    def written(self) -> str:
        """The test with its ends as numbers: `> 600ms`, not `> 200% of slo`."""
        if isinstance(self.test, Range):
            return f"in {self.end(self.test.low)}..{self.end(self.test.high)}"
        return f"{self.test.op} {self.end(self.test.bound)}"

    def end(self, bound: WrittenBound) -> str:
        """One end as it is written, or, where that is a part of the SLO, in the metric's unit."""
        return show(bound.value, self.unit) if bound.text.endswith("slo") else clean(bound.text)


def limits(scene: Scene) -> Mapping[str, tuple[Limit, ...]]:
    """Every test of each metric, the one that speaks for it first: its SLO, gates that count now, triggers, others."""
    book = scene.state.runbook
    found: dict[str, list[Limit]] = {
        name: [Limit(metric.slo_test, True, metric.unit)] if metric.slo_test else []
        for name, metric in book.metrics.items()
    }
    now = [(step.gate, True) for step in gates_now(scene)]
    back = [(one.when, False) for one in book.triggers.values()]
    rest = [(step.gate, True) for step in book.phase_steps]
    for conditions, good in (*now, *back, *rest):
        for part in _parts(conditions):
            if part.metric in found:
                found[part.metric].append(Limit(part.test, good, book.metrics[part.metric].unit))
    return {name: tuple(dict.fromkeys(tests)) for name, tests in found.items()}


def _parts(conditions: Sequence[Condition]) -> Iterator[MetricCondition]:
    for condition in conditions:
        if isinstance(condition, MetricCondition):
            yield condition
        elif isinstance(condition, AllSlos):
            yield from condition.slos


def bounds(found: Sequence[Limit], most: int = 4) -> tuple[Bound, ...]:
    """The limits as lines: each value once, those that speak first."""
    lines: dict[float, Bound] = {}
    for limit in found:
        for bound in _lines(limit):
            lines.setdefault(bound.value, bound)
    return tuple(lines.values())[:most]


def _lines(limit: Limit) -> tuple[Bound, ...]:
    test = limit.test
    if isinstance(test, Range):
        low, high = test.low, test.high
        return Bound(low.value, limit.end(low), not limit.good), Bound(high.value, limit.end(high), limit.good)
    if test.op in ("==", "!="):
        below = (test.op == "==") == limit.good and test.bound.value > 0
        return (Bound(test.bound.value, limit.end(test.bound), not below),)
    return (Bound(test.bound.value, limit.end(test.bound), (test.op in ("<", "<=")) == limit.good),)


# ---------------------------------------------------------------- one reading


def worst(points: Sequence[Point], limit: Limit | None) -> Point | None:
    """The series that is worst by the limit (without one: the highest); None when no number is known."""
    known = [point for point in points if point.value == point.value]
    if len(known) < 2:
        return known[0] if known else None
    value = _worst_value(limit)([point.value for point in known])
    return next(point for point in known if point.value == value)


def _worst_value(limit: Limit | None) -> Callable[[Sequence[float]], float]:
    """What finds the worst of some known values by that limit."""
    if limit is None:
        return max
    if isinstance(limit.test, Comparison) and limit.test.op not in ("==", "!="):
        return max if (limit.test.op[0] == "<") == limit.good else min
    key = limit.badness
    return lambda values: values[0] if len(set(values)) == 1 else max(values, key=key)


class Course(Sequence[float | None]):
    """The worst value of a metric at each place of a grid; None where none is known.

    It is worked out when somebody looks: most metrics lie below the edge of their pane.
    """

    __slots__ = ("_found", "_limit", "_metric", "_places")

    def __init__(self, places: Grid, metric: str, limit: Limit | None) -> None:
        self._places, self._metric, self._limit = places, metric, limit
        self._found: tuple[float | None, ...] | None = None

    def _values(self) -> tuple[float | None, ...]:
        if self._found is None:
            self._found = self._made()
        return self._found

    def _made(self) -> tuple[float | None, ...]:
        of = _worst_value(self._limit)
        said = told_values((judged.tick if judged else None for judged in self._places.places), self._metric)
        if any(map(math.isnan, map(sum, said))):
            said = [[value for value in values if value == value] for values in said]
        return tuple([of(values) if values else None for values in said])

    def __len__(self) -> int:
        return len(self._places.places)

    @overload
    def __getitem__(self, at: int) -> float | None: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[float | None, ...]: ...
    def __getitem__(self, at: int | slice) -> float | tuple[float | None, ...] | None:
        return self._values()[at]

    def __iter__(self) -> Iterator[float | None]:
        return iter(self._values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._values() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._values())


def usable(judged: Judged, metric: str) -> Reading | None:
    """The reading, where it says something; None for a failed query, a failed tick, too little traffic."""
    reading = judged.tick.readings.get(metric)
    if judged.tick.failed or reading is None or reading.failed is not None or reading.enough is False:
        return None
    return reading


@dataclass(frozen=True, slots=True)
class Look:
    """What the newest reading of a metric says."""

    status: Status
    value: float | None = None
    labels: Labels = ()
    series: int = 0
    note: str = ""


def look(scene: Scene, metric: Metric, limit: Limit | None, known: Mapping[str, tuple[str, str]] | None = None) -> Look:
    """The newest reading, judged by that limit; never good while anything about it is in doubt.

    `known`: the `doubts` of the last tick, where somebody has them at hand.
    """
    if scene.state.runbook.services.prometheus is None:
        return Look(NOT_ASKED, note="by hand")
    if scene.last is None:
        return Look(UNKNOWN, note="no data yet")
    reading = usable(scene.last, metric.id)
    found = _blind(scene, scene.last, metric, limit) if reading is None else _seen(reading, limit)
    if found.status in (PASS, NO_STATUS):
        found = _doubted(metric, found, doubts(scene.last) if known is None else known)
    if not fresh(scene) and found.status in (PASS, NO_STATUS):
        return Look(STALE, found.value, found.labels, found.series, f"data {show_duration(silence(scene) or 0)} old")
    return found


def _blind(scene: Scene, last: Judged, metric: Metric, limit: Limit | None) -> Look:
    """No reading to go by: the last known value, called stale, or unknown with the reason."""
    reading = last.tick.readings.get(metric.id)
    if reading is not None and reading.failed is None and last.tick.failed is None:
        return Look(UNKNOWN, series=len(reading.points), note="little traffic")
    for judged in reversed(scene.ticks):
        before = usable(judged, metric.id)
        point = worst(before.points, limit) if before else None
        if before and point:
            age = show_duration(since(judged.at, scene.now))
            return Look(STALE, point.value, point.labels, len(before.points), f"no answer {age}")
    why = last.tick.failed or (reading.failed if reading else None) or "no data"
    return Look(UNKNOWN, note=clean(why))


def _seen(reading: Reading, limit: Limit | None) -> Look:
    point = worst(reading.points, limit)
    if point is None:
        return Look(UNKNOWN, series=len(reading.points), note="NaN" if reading.points else "no data")
    bad = limit is not None and not limit.ok(point.value)
    status, note = FAIL if bad else NO_STATUS if limit is None else PASS, ""
    if not bad and reading.warnings:
        status, note = UNKNOWN, "partial answer"
    if not bad and any(math.isnan(each.value) for each in reading.points):
        status, note = UNKNOWN, "a series is NaN"
    return Look(status, point.value, point.labels, len(reading.points), note)


def doubts(last: Judged | None) -> Mapping[str, tuple[str, str]]:
    """What the judges do not know of each metric: series that are missing, data that is old. Word and reason."""
    if last is None:
        return {}
    gates = ((p.state, p.metric, p.reason) for verdict in last.gates.values() for p in verdict.parts)
    triggers = ((p.now, p.metric, p.reason) for verdict in last.triggers.values() for p in verdict.parts)
    found: dict[str, tuple[str, str]] = {}
    for word, name, reason in chain(gates, triggers):
        if name is not None and word in DOUBTFUL:
            found.setdefault(name, (str(word), reason))
    return found


def _doubted(metric: Metric, found: Look, known: Mapping[str, tuple[str, str]]) -> Look:
    if metric.id not in known:
        return found
    word, reason = known[metric.id]
    status = STALE if word == "stale" else UNKNOWN
    return Look(status, found.value, found.labels, found.series, clean(reason))


# ---------------------------------------------------------------- evenly spaced


@dataclass(frozen=True, slots=True)
class Grid:
    """Ticks on even places in time."""

    start: datetime
    step: Seconds
    places: tuple[Judged | None, ...]
    """Oldest first; None where nobody looked."""

    def index(self, moment: datetime) -> int | None:
        """The place of a moment; None when it lies outside."""
        at = round((moment - self.start).total_seconds() / self.step)
        return at if 0 <= at < len(self.places) else None

    def moment(self, index: int) -> datetime:
        """The moment of a place."""
        return self.start + timedelta(seconds=index * self.step)


def grid(scene: Scene, most: int = KEPT) -> Grid | None:
    """The last ticks on even places, up to now; None before the first."""
    ticks = scene.ticks[-most:]
    if not ticks:
        return None
    step, last = _step(scene, ticks), ticks[-1].at
    back = {round((last - judged.at).total_seconds() / step): judged for judged in ticks}
    quiet = int((scene.now - last).total_seconds() / step)
    quiet = quiet if quiet > STEADY else 0
    length = min(most, max(back) + 1 + quiet)
    places = [_place(back, length - 1 - quiet - at, step) for at in range(length)]
    return Grid(last - timedelta(seconds=(length - 1 - quiet) * step), step, tuple(places))


def _step(scene: Scene, ticks: Sequence[Judged]) -> Seconds:
    """The usual time between two ticks: as asked for, or as it truly is where that is longer."""
    prometheus = scene.state.runbook.services.prometheus
    asked = prometheus.every if prometheus else 5.0
    gaps = [(b.at - a.at).total_seconds() for a, b in pairwise(ticks)]
    return max(asked, median(gaps)) if gaps else asked


def _place(back: Mapping[int, Judged], at: int, step: Seconds) -> Judged | None:
    """The tick so many places back. Between two close ones the later stands twice: a late tick is no gap."""
    if at in back or at < 0:
        return back.get(at)
    before, after = back.get(at + 1), back.get(at - 1)
    close = before and after and (after.at - before.at).total_seconds() < STEADY * step
    return after if close else None
