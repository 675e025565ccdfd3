"""The time in which nobody watched, filled in from what the metric service remembers. Such ticks are never live."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pags_tui.core.errors import EdgeError
from pags_tui.core.judge import Judged
from pags_tui.core.ports import Metrics
from pags_tui.core.runbook import Metric, Runbook
from pags_tui.core.series import Point, Reading, Seconds, Tick
from pags_tui.driver.threads import in_thread

MISSED = 2.5
"""A pause of more than so many intervals is a hole."""
LONGEST: Seconds = 6 * 3600.0
"""Longest hole that is filled in; what lies before it has no bearing on any clock."""


@dataclass(frozen=True, slots=True)
class Hole:
    """From the last tick to now."""

    start: datetime
    end: datetime
    offset: Seconds
    """What to add to our time to get the server's."""

    @property
    def seconds(self) -> Seconds:
        """Its length."""
        return (self.end - self.start).total_seconds()


def hole(ticks: Sequence[Judged], now: datetime, every: Seconds) -> Hole | None:
    """The time since the last kept tick, when it is long enough to be one."""
    if not ticks or (now - ticks[-1].at).total_seconds() <= MISSED * every:
        return None
    last = ticks[-1]
    return Hole(last.at, now, last.tick.time - last.at.timestamp())


async def past_ticks(metrics: Metrics, runbook: Runbook, gap: Hole, every: Seconds) -> list[tuple[Tick, datetime]]:
    """The ticks that would have been taken; a metric that cannot be asked has failed readings in all of them."""
    first = max(gap.start + timedelta(seconds=every), gap.end - timedelta(seconds=LONGEST))
    count = int((gap.end - first).total_seconds() // every)
    moments = [first + timedelta(seconds=every * n) for n in range(count)]
    if not moments:
        return []
    times = [moment.timestamp() + gap.offset for moment in moments]
    answers = await asyncio.gather(*(_past(metrics, metric, times, every) for metric in runbook.metrics.values()))
    columns = dict(zip(runbook.metrics, answers, strict=True))
    return [
        (Tick(time, {name: column[n] for name, column in columns.items()}), at)
        for n, (time, at) in enumerate(zip(times, moments, strict=True))
    ]


async def _past(metrics: Metrics, metric: Metric, times: list[Seconds], every: Seconds) -> list[Reading]:
    """One metric at those times."""
    try:
        found = await in_thread(lambda: metrics.query_range(metric.query, times[0], times[-1], every))
        enough = await _enough(metrics, metric, times, every)
    except EdgeError as error:
        return [Reading(failed=str(error))] * len(times)
    rows: list[list[Point]] = [[] for _ in times]
    for labels, samples in found:
        for time, value in samples:
            rows[_index(times, time, every)].append(Point(labels, value))
    return [Reading(tuple(row), enough=ok) for row, ok in zip(rows, enough, strict=True)]


async def _enough(metrics: Metrics, metric: Metric, times: list[Seconds], every: Seconds) -> list[bool | None]:
    query = metric.enough
    if query is None:
        return [None] * len(times)
    found = await in_thread(lambda: metrics.query_range(query, times[0], times[-1], every))
    there = {_index(times, time, every) for _, samples in found for time, value in samples if value != 0}
    return [n in there for n in range(len(times))]


def _index(times: list[Seconds], time: Seconds, every: Seconds) -> int:
    return max(0, min(len(times) - 1, round((time - times[0]) / every)))
