"""The past of a metric service as ticks: what polling it would have answered at each of those times. Judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pags_tui.backtest.playing import Ticks
from pags_tui.core.errors import BadAnswer
from pags_tui.core.observe.ages import ASKED_EVERY
from pags_tui.core.ports import Metrics
from pags_tui.core.runbook import Metric, Runbook
from pags_tui.core.series import Labels, Point, Reading, Seconds, Tick

Series = Sequence[tuple[Labels, Sequence[tuple[Seconds, float]]]]
Progress = Callable[[str, int, int], None]
"""Told before each metric: its id, how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Span:
    """The times of the ticks, in seconds since the epoch: `start`, then every `step` up to `end`."""

    start: Seconds
    end: Seconds
    step: Seconds

    @property
    def times(self) -> list[Seconds]:
        """All of them."""
        count = int((self.end - self.start) / self.step + 1e-9) + 1
        return [round(self.start + n * self.step, 3) for n in range(count)]

    def index(self, time: Seconds) -> int:
        """Which tick a sample of the answer belongs to."""
        return round((time - self.start) / self.step)


def ranged(
    metrics: Metrics, runbook: Runbook, span: Span, t0: Seconds, progress: Progress = lambda *_: None
) -> tuple[Ticks, tuple[str, ...]]:
    """The ticks of that span, and a sentence for each metric that the service refuses to answer.

    Raises Unreachable when nobody answers. A refused query is a failed reading in every tick, as it would be live.
    """
    times = span.times
    columns: dict[str, list[Reading]] = {}
    refused = []
    for number, metric in enumerate(runbook.metrics.values()):
        progress(metric.id, number, len(runbook.metrics))
        try:
            columns[metric.id] = _column(metrics, metric, span, len(times))
        except BadAnswer as error:
            refused.append(f"{metric.id}: {error}")
            columns[metric.id] = [Reading(failed=str(error))] * len(times)
    ticks = [
        Tick(time, {name: column[number] for name, column in columns.items()}) for number, time in enumerate(times)
    ]
    return Ticks([round(time - t0, 3) for time in times], ticks), tuple(refused)


def _column(metrics: Metrics, metric: Metric, span: Span, count: int) -> list[Reading]:
    """One metric's readings; the age of the data is asked as rarely as live."""

    def ask(query: str) -> list[list[Point]]:
        return _rows(metrics.query_range(query, span.start, span.end, span.step), span, count)

    points = ask(metric.query)
    enough = ask(metric.enough) if metric.enough else None
    ages = ask(metric.fresh_query) if metric.fresh_query else None
    return [
        Reading(
            tuple(points[n]),
            enough=None if enough is None else _holds(enough[n]),
            ages=None if ages is None or n % ASKED_EVERY else tuple(ages[n]),
        )
        for n in range(count)
    ]


def _rows(found: Series, span: Span, count: int) -> list[list[Point]]:
    """The answer of a range, turned round: what was there at each time."""
    rows: list[list[Point]] = [[] for _ in range(count)]
    for labels, samples in found:
        for time, value in samples:
            if 0 <= (number := span.index(time)) < count:
                rows[number].append(Point(labels, value))
    return rows


def _holds(points: Iterable[Point]) -> bool:
    """`x >= 20` answers nothing when it does not hold, `x >= bool 20` answers 0. NaN holds nothing."""
    values = [point.value for point in points]
    return bool(values) and all(value != 0 and value == value for value in values)
