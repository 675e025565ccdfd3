"""Ticks kept as columns: a number for the series and one for the value of each sample. A week fits into memory.

It knows nothing of files and judges nothing.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from pags_tui.core.series import Labels, Point, Reading, Seconds, Tick

MOST_LAYOUTS = 500
"""Layouts remembered: a file that shuffles its series in every tick shall not fill the memory."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a sample's number stands for."""

    metric: str
    labels: Labels = ()
    failed: str | None = None
    """The query's failure, where the line is no sample but says that there is none."""


@dataclass(frozen=True, slots=True)
class Group:
    """The samples of one metric within a tick of a certain layout."""

    metric: str
    rows: slice | tuple[int, ...]
    """Where they stand within the tick."""
    labels: tuple[Labels, ...]
    failed: str | None
    """Set when the query failed; then there are no labels."""
    distinct: bool
    """No series stands twice."""

    def of(self, values: list[float]) -> list[float]:
        """This metric's values out of all values of the tick."""
        return values[self.rows] if isinstance(self.rows, slice) else [values[row] for row in self.rows]

    def reading(self, values: list[float]) -> Reading:
        """What polling the metric answered."""
        if self.failed is not None:
            return Reading(failed=self.failed)
        return Reading(tuple(map(Point, self.labels, self.of(values))))


Layout = Mapping[str, Group]
"""By metric. Ticks of the same series in the same order share one."""


@dataclass(slots=True)
class Columns:
    """Samples in the order in which they came; `ticks` puts them in the order of their times."""

    sources: list[Source] = field(default_factory=list)
    numbers: array[int] = field(default_factory=lambda: array("I"))
    values: array[float] = field(default_factory=lambda: array("d"))
    run_times: array[float] = field(default_factory=lambda: array("d"))
    """Time of each run of samples with the same time."""
    run_starts: array[int] = field(default_factory=lambda: array("Q"))
    """Where each run begins."""

    def source(self, source: Source) -> int:
        """A new number for a source."""
        self.sources.append(source)
        return len(self.sources) - 1

    def at(self, time: Seconds) -> None:
        """What is added from here on is of that time; without anything added the tick is empty."""
        self.run_times.append(time)
        self.run_starts.append(len(self.numbers))

    def history(self) -> History:
        """The ticks in the order of their times."""
        return History(self)


class History:
    """Ticks in order of time, made when they are asked for."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        times = columns.run_times
        self._order: Sequence[int] = range(len(times))
        if any(a > b for a, b in pairwise(times)):
            self._order = sorted(range(len(times)), key=times.__getitem__)
        firsts = [n for n, run in enumerate(self._order) if n == 0 or times[self._order[n - 1]] != times[run]]
        self._firsts = array("Q", [*firsts, len(times)])
        self._layouts: dict[bytes, Layout] = {}
        self.times = array("d", (times[self._order[n]] for n in firsts))
        """Seconds from T+0, each once, ascending."""

    def __len__(self) -> int:
        return len(self.times)

    @cached_property
    def _ends(self) -> array[int]:
        """Where each run ends."""
        return array("Q", [*self._columns.run_starts[1:], len(self._columns.numbers)])

    def samples(self, number: int) -> tuple[Layout, list[float]]:
        """The tick's layout and its values."""
        columns = self._columns
        runs = self._order[self._firsts[number] : self._firsts[number + 1]]
        start, end = columns.run_starts[runs[0]], self._ends[runs[0]]
        numbers, values = columns.numbers[start:end], columns.values[start:end]
        for run in runs[1:]:
            start, end = columns.run_starts[run], self._ends[run]
            numbers += columns.numbers[start:end]
            values += columns.values[start:end]
        key = numbers.tobytes()
        layout = self._layouts.get(key)
        if layout is None:
            if len(self._layouts) >= MOST_LAYOUTS:
                self._layouts.clear()
            layout = self._layouts[key] = self._layout(numbers)
        return layout, values.tolist()

    def alike(self, number: int, count: int) -> tuple[Layout, list[float]] | None:
        """That many ticks from there on, where all have the same layout: it, and their values one after the other."""
        if number + count > len(self.times) or not isinstance(self._order, range):
            return None
        first, last = self._firsts[number], self._firsts[number + count]
        if last - first != count:
            return None
        columns, start, end = self._columns, self._columns.run_starts[first], self._ends[last - 1]
        numbers = columns.numbers[start:end].tobytes()
        tick = columns.numbers[start : self._ends[first]].tobytes()
        if numbers != tick * count:
            return None
        return self.samples(number)[0], columns.values[start:end].tolist()

    def tick(self, number: int) -> Tick:
        """The tick as the live run would have polled it."""
        layout, values = self.samples(number)
        return Tick(self.times[number], {metric: group.reading(values) for metric, group in layout.items()})

    def _layout(self, numbers: array[int]) -> Layout:
        rows: dict[str, list[int]] = {}
        for row, number in enumerate(numbers):
            rows.setdefault(self._columns.sources[number].metric, []).append(row)
        return {metric: self._group(metric, mine, numbers) for metric, mine in rows.items()}

    def _group(self, metric: str, rows: list[int], numbers: array[int]) -> Group:
        sources = [self._columns.sources[numbers[row]] for row in rows]
        failed = next((source.failed for source in sources if source.failed is not None), None)
        labels = () if failed is not None else tuple(source.labels for source in sources)
        first = rows[0]
        together = rows == list(range(first, first + len(rows)))
        where = slice(first, first + len(rows)) if together else tuple(rows)
        return Group(metric, where, labels, failed, len(set(labels)) == len(labels))


def number_of(value: object) -> float | None:
    """A value as Prometheus writes it: a number, or "NaN", "+Inf", "-Inf". None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:  # hundreds of digits: what 1e400 is, too
            return math.inf if value > 0 else -math.inf
    return {"NaN": math.nan, "+Inf": math.inf, "-Inf": -math.inf, "Inf": math.inf}.get(str(value))
