"""What was seen: triggers and what followed, every metric over the night, the marks of a chart, and the gaps."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from pags_tui.core import events as e
from pags_tui.core.conditions import Comparison, MetricCondition, show_flag_value
from pags_tui.core.conditions import Test as Bounds
from pags_tui.core.events import Event
from pags_tui.core.judge import Judged
from pags_tui.core.runbook import Metric, Trigger
from pags_tui.core.series import Labels, Reading, Seconds
from pags_tui.core.units import show
from pags_tui.report.shapes import Course, Gap, Mark, MetricLine, Threshold, TriggerLine, TriggerMoment, Watched
from pags_tui.report.telling import Told, plain

STRETCHES = 240
"""Points of a chart: each stretch of the night keeps its lowest and its highest value."""
MISSED = 4
"""So many ticks' time without one is a gap."""
RECENT = 9
"""So many ticks tell how far apart ticks are (a demo takes them farther apart than its runbook says)."""

# ---------------------------------------------------------------- triggers


def triggers(told: Told) -> tuple[TriggerLine, ...]:
    """Every trigger of the runbook, in file order."""
    return tuple(_trigger(told, trigger) for trigger in told.book.triggers.values())


def _trigger(told: Told, trigger: Trigger) -> TriggerLine:
    fired = [fact for _, fact in told.of(e.TriggerFired) if fact.trigger == trigger.id]
    real = sum(fact.mode is not None and not (fact.muted or fact.observing) for fact in fired)
    metrics = {getattr(condition, "metric", None) for condition in trigger.when}
    metric = metrics.pop() if len(metrics) == 1 else None
    moments = (_moment(told, event, trigger, metric) for event in told.events)
    found = tuple(moment for moment in moments if moment)
    return TriggerLine(trigger.id, trigger.title, tuple(map(str, trigger.when)), real, len(fired) - real, found)


def _moment(told: Told, event: Event, of: Trigger, metric: str | None) -> TriggerMoment | None:
    name = of.id
    value: float | None = None
    match event.fact:
        case e.TriggerChanged(trigger=trigger, state=what, value=value, reason=reason) if trigger == name:
            pass
        case e.TriggerFired(trigger=trigger, value=value, reason=reason) if trigger == name:
            what = _fired(event.fact)
        case e.TriggerCleared(trigger=trigger, reason=reason) if trigger == name:
            what = "cleared"
        case e.TriggerMuted(trigger=trigger, reason=reason) if trigger == name:
            what = "muted"
        case e.Vetoed(triggers=names, reason=reason) if name in names:
            what = f"vetoed by {event.by.shown}"
        case e.BandRaised(triggers=names, reason=reason) if name in names:
            what = "asked for a rollback"
        case e.CountdownBegan(triggers=names, ends=ends) if name in names:
            what, reason = "countdown began", f"ends {ends:%H:%M:%S} UTC"
        case e.CountdownJoined(trigger=trigger) if trigger == name:
            what, reason = "joined the countdown", ""
        case e.RollbackConfirmed(cause=cause, title=reason) if of.title in cause or cause == name:
            what = "rollback"
        case _:
            return None
    return TriggerMoment(told.when(event.at), what, plain(value), told.shown(value, metric), reason)


def _fired(fact: e.TriggerFired) -> str:
    if fact.mode is None:
        return "would fire (not armed)"
    return f"would fire ({'muted' if fact.muted else 'observing'})" if fact.muted or fact.observing else "fired"


# ---------------------------------------------------------------- gaps


def gaps(told: Told) -> Iterator[Gap]:
    """Sources that were lost, and times in which nobody watched."""
    open_: dict[str, tuple[datetime, str]] = {}
    for event in told.events:
        match event.fact:
            case e.SourceLost(source=source, reason=reason):
                open_.setdefault(source, (event.at, reason))
            case e.SourceBack(source=source) if source in open_:
                began, reason = open_.pop(source)
                yield Gap(source, told.when(began), event.at, (event.at - began).total_seconds(), reason)
            case e.TicksLost(seconds=lost, reason=reason):
                yield Gap("the watch itself", told.when(event.at - timedelta(seconds=lost)), event.at, lost, reason)
            case _:
                pass
    for source, (began, reason) in open_.items():
        yield Gap(source, told.when(began), None, (told.until - began).total_seconds(), reason)


# ---------------------------------------------------------------- metrics


@dataclass(slots=True)
class _Thinning:
    """One series while it is read: one stretch at a time."""

    stretch: Seconds
    points: list[tuple[Seconds, float, float] | tuple[Seconds, None, None]] = field(default_factory=list)
    index: int = -1
    at: Seconds = 0.0
    low: float = math.inf
    high: float = -math.inf
    lowest: float = math.inf
    highest: float = -math.inf
    last: float | None = None
    readings: int = 0
    missing: int = 0
    broken: int = -1

    def add(self, at: Seconds, value: float) -> None:
        """One number."""
        self.readings += 1
        self.last = value
        if not math.isfinite(value):
            self.gap(at)
            return
        if int(at // self.stretch) != self.index:
            self._close()
            self.index, self.at, self.low, self.high = int(at // self.stretch), at, math.inf, -math.inf
        self.low, self.high = min(self.low, value), max(self.high, value)
        self.lowest, self.highest = min(self.lowest, value), max(self.highest, value)

    def gap(self, at: Seconds) -> None:
        """Nothing is known from here on; once a stretch is enough."""
        stretch = int(at // self.stretch)
        self.missing += 1
        if stretch == self.broken:
            return
        self._close()
        self.broken, self.index = stretch, -1
        if self.points and self.points[-1][1] is not None:
            self.points.append((round(at, 3), None, None))

    def _close(self) -> None:
        if self.index >= 0 and self.low <= self.high:
            self.points.append((round(self.at, 3), self.low, self.high))
        self.low, self.high = math.inf, -math.inf

    def course(self, labels: Labels) -> Course:
        """What is left of it at the end."""
        self._close()
        low, high = (self.lowest, self.highest) if self.lowest <= self.highest else (None, None)
        points = tuple(self.points)
        return Course(dict(labels), low, high, plain(self.last), self.readings, self.missing, points)


class Seen:
    """The ticks of a run, read once."""

    def __init__(self, told: Told, every: Seconds) -> None:
        self.told = told
        self.every = every
        self.ticks = self.failed = 0
        self._stretch = max((told.until - told.start).total_seconds() / STRETCHES, every, 1.0)
        self._series: dict[str, dict[Labels, _Thinning]] = {}
        self._last: datetime | None = None
        self._apart: deque[Seconds] = deque(maxlen=RECENT)

    def read(self, ticks: Iterable[Judged]) -> None:
        """Takes in every tick, in order."""
        for judged in ticks:
            self._tick(judged)

    def _tick(self, judged: Judged) -> None:
        at = self.told.since_start(judged.at)
        self.ticks += 1
        self.failed += judged.tick.failed is not None
        if self._last is not None:
            self._step(self.told.since_start(self._last), at)
        self._last = judged.at
        for metric in self.told.book.metrics:
            self._metric(metric, None if judged.tick.failed else judged.tick.readings.get(metric), at)

    def _step(self, before: Seconds, at: Seconds) -> None:
        """From one tick to the next: a gap where that took much longer than it lately did."""
        usual = max(self.every, median(self._apart or [at - before]))
        if at - before > MISSED * usual:
            self._gap(before + usual)
        self._apart.append(at - before)

    def _gap(self, at: Seconds) -> None:
        for series in self._series.values():
            for one in series.values():
                one.gap(at)
                one.missing -= 1

    def _metric(self, metric: str, reading: Reading | None, at: Seconds) -> None:
        series = self._series.setdefault(metric, {})
        points = reading.points if reading is not None and reading.failed is None else ()
        there = set()
        for point in points:
            there.add(point.labels)
            if point.labels not in series:
                series[point.labels] = _Thinning(self._stretch)
            series[point.labels].add(at, point.value)
        for labels, one in series.items():
            if labels not in there:
                one.gap(at)

    def watched(self) -> Watched:
        """How much was seen."""
        return Watched(self.ticks, self.failed, 0, tuple(gaps(self.told)))

    def metrics(self) -> tuple[MetricLine, ...]:
        """Every metric of the runbook, in file order."""
        return tuple(self._line(metric) for metric in self.told.book.metrics.values())

    def _line(self, metric: Metric) -> MetricLine:
        series = self._series.get(metric.id, {})
        courses = tuple(one.course(labels) for labels, one in sorted(series.items()))
        thresholds = tuple(_thresholds(self.told, metric))
        return MetricLine(metric.id, metric.title, str(metric.unit), metric.slo or "", thresholds, courses)


def _thresholds(told: Told, metric: Metric) -> Iterator[Threshold]:
    """The bounds of the SLO, then of each trigger on that metric; each value once."""
    tests = [("SLO", metric.slo_test)] if metric.slo_test else []
    for trigger in told.book.triggers.values():
        of = (c for c in trigger.when if isinstance(c, MetricCondition) and c.metric == metric.id)
        tests += [(f"trigger {trigger.id}", condition.test) for condition in of]
    done: set[float] = set()
    for what, test in tests:
        for value in _values(test):
            if value not in done and math.isfinite(value):
                done.add(value)
                yield Threshold(what, value, show(value, metric.unit))


def _values(test: Bounds) -> tuple[float, ...]:
    return (test.bound.value,) if isinstance(test, Comparison) else (test.low.value, test.high.value)


# ---------------------------------------------------------------- marks


def marks(told: Told) -> tuple[Mark, ...]:
    """What every chart is marked with, in order of time."""
    found = [mark for event in told.events if (mark := _mark(told, event))]
    if told.state.t0 and told.start <= told.state.t0 <= told.until:
        found.append(_marked(told, "t0", told.state.t0, "T+0"))
    return tuple(sorted(found, key=lambda mark: mark.seconds))


def _mark(told: Told, event: Event) -> Mark | None:
    match event.fact:
        case e.FlagAnswered(change=number, result=result):
            change = told.state.changes.get(number)
            if change is None or change.purpose == "rollback":
                return None
            text = f"{change.flag} → {show_flag_value(change.value)}"
            return _marked(told, "flag", event.at, text if result == "verified" else f"{text}: {result}")
        case e.Signed(phase=phase, name=name):
            return _marked(told, "sign-off", event.at, f"{told.phase_title(phase)} signed by {name}")
        case e.HoldBegan(reason=reason, cause=cause):
            return (
                None if cause == "rollback" else _marked(told, "hold", event.at, f"hold{': ' * bool(reason)}{reason}")
            )
        case e.Resumed():
            return _marked(told, "resume", event.at, "resumed")
        case e.TriggerFired(trigger=trigger):
            return _marked(told, "trigger", event.at, f"{trigger} {_fired(event.fact)}")
        case e.RollbackConfirmed(title=title):
            return _marked(told, "rollback", event.at, f"rollback: {title}")
        case _:
            return None


def _marked(told: Told, kind: str, at: datetime, text: str) -> Mark:
    return Mark(kind, told.since_start(at), told.when(at), text)  # type: ignore[arg-type]  # one of its names
