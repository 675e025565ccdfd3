"""One run's events, folded once, with T at every moment. It answers small questions of the other pieces."""

from __future__ import annotations

import bisect
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pags_tui.core import events as e
from pags_tui.core.conditions import AllSlos, MetricCondition
from pags_tui.core.events import Event
from pags_tui.core.runbook import Runbook
from pags_tui.core.series import Seconds
from pags_tui.core.state import RunState, TClock, fold
from pags_tui.core.units import Unit, show
from pags_tui.report.shapes import Evidence, Value, When

F = TypeVar("F")
CAPTURE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Told:
    """A run as it is told: every event, the state at the end, and the runbook as it was at the beginning."""

    events: tuple[Event, ...]
    state: RunState
    first: Runbook
    """As the run began; `state.runbook` is the last one."""
    until: datetime
    """The last moment that is known of."""
    clock_times: tuple[datetime, ...]
    clocks: tuple[TClock | None, ...]

    @property
    def book(self) -> Runbook:
        """The runbook as last amended."""
        return self.state.runbook

    @property
    def start(self) -> datetime:
        """When the run started."""
        return self.events[0].at

    def when(self, moment: datetime) -> When:
        """The moment on both clocks."""
        index = bisect.bisect_right(self.clock_times, moment) - 1
        clock = self.clocks[index] if index >= 0 else None
        return When(moment, None if clock is None else clock.read(moment))

    def maybe(self, moment: datetime | None) -> When | None:
        """The same for a moment that may not have come."""
        return None if moment is None else self.when(moment)

    def since_start(self, moment: datetime) -> Seconds:
        """Seconds since the run started."""
        return (moment - self.start).total_seconds()

    def of(self, kind: type[F]) -> Iterator[tuple[Event, F]]:
        """The events whose fact is of that class, with it."""
        for event in self.events:
            if isinstance(event.fact, kind):
                yield event, event.fact

    # ------------------------------------------------------------ names

    def step_text(self, step: str) -> str:
        """The step's line with its captured values; its id where no runbook of this run knows it."""
        for book in (self.book, self.first):
            try:
                text = book.step(step).text
            except KeyError:
                continue
            return CAPTURE.sub(lambda found: self.state.captures.get(found[1], found[0]), text)
        return step

    def phase_title(self, phase: str) -> str:
        """The phase's title, else its id."""
        for book in (self.book, self.first):
            try:
                return book.phase(phase).title
            except KeyError:
                continue
        return phase

    def role_title(self, role: str) -> str:
        """The role's title, else its id."""
        known = self.book.roles.get(role)
        return known.title if known else role

    def metric_of(self, gate: str, bound: str) -> str | None:
        """The metric that a gate's verdict speaks of, by its bound; None where that is not certain."""
        try:
            conditions = self.book.step(gate).gate
        except KeyError:
            return None
        parts = [part for one in conditions for part in (one.slos if isinstance(one, AllSlos) else (one,))]
        names = {part.metric for part in parts if isinstance(part, MetricCondition) and str(part.test) == bound}
        return names.pop() if len(names) == 1 else None

    def unit(self, metric: str | None) -> Unit:
        """The metric's unit; a count where it is not known."""
        known = self.book.metrics.get(metric or "")
        return known.unit if known else Unit.COUNT

    def shown(self, value: float | None, metric: str | None) -> str:
        """A value in its unit; empty for none, or of no known metric."""
        return "" if value is None or metric is None else show(value, self.unit(metric))

    def evidence(self, items: Sequence[e.Evidence]) -> tuple[Evidence, ...]:
        """What gates said, with the words for it."""
        return tuple(
            Evidence(
                item.gate, self.step_text(item.gate), item.state, plain(item.value),
                self.shown(item.value, self.metric_of(item.gate, item.bound)), item.bound, item.reason, item.overridden,
            )
            for item in items
        )  # fmt: skip


def tell(events: Sequence[Event], until: datetime | None = None) -> Told:
    """The run that those events are; `until` when something is known of it after the last of them (a tick)."""
    state, times, clocks, first = RunState(), [], [], None
    for event in events:
        before, state = state, fold((event,), state)
        first = first or (state.runbook if isinstance(event.fact, e.RunStarted) else None)
        if state.clock is not before.clock:
            times.append(event.at)
            clocks.append(state.clock)
    last = max(events[-1].at, until or events[-1].at)
    return Told(tuple(events), state, first or state.runbook, last, tuple(times), tuple(clocks))


def plain(value: float | None) -> Value:
    """JSON knows no NaN and no infinity: they are written as Prometheus writes them."""
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"


def seconds(first: datetime, last: datetime | None) -> Seconds | None:
    """How long it was; None where it has no end."""
    return None if last is None else (last - first).total_seconds()
