"""Timelines without words, for long histories: what cannot have changed since the tick before is not judged again.

A tick in which every series of a metric is there, as at the tick before, is seen by its lowest and highest value alone.
Where these say that a gate's parts are all good or bad, only its OK ticks are counted; where the bad series of a
trigger are the same and no clock comes due, nothing happens to it at all. Everything else goes through the live
judging, which first takes up what was left out. The answers are those of `Player`, tick for tick.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from pags_tui.backtest.columns import History, Layout
from pags_tui.backtest.playing import Player
from pags_tui.core.conditions import Comparison, MetricCondition, Quantifier, Test, all_true, true_of
from pags_tui.core.gates import FROM_THE_START, HOLE, OK_IN_A_ROW, GateMemory, GateState, PartMemory
from pags_tui.core.observe import MetricSpec, MetricWatch, Sight, Sights, TriggerState, Watch, observe
from pags_tui.core.series import Labels, Reading, Seconds, Tick
from pags_tui.core.triggers import TriggerVerdict, bridge_of

Decide = Callable[[float, float], bool | None]
"""From the lowest and highest value: whether a test holds; None: that does not say."""


@dataclass(slots=True, eq=False)
class _Metric:
    """One metric, as it was last observed and as the present tick shows it."""

    spec: MetricSpec
    watch: MetricWatch | None = None
    at: int = -1
    """The tick at which it was last observed."""
    sight: Sight | None = None
    steady: tuple[Labels, ...] | None = None
    """The series, when all that were ever seen had a value then; None: it has to be observed."""
    values: Sequence[float] = ()
    low: float = math.nan
    high: float = math.nan
    calm: bool = False
    """Those series and no others have a value in the present tick."""

    def look(self, layout: Layout, values: array[float]) -> None:
        """The present tick."""
        self.calm = False
        group = layout.get(self.spec.id)
        if group is None or self.steady is None:
            return
        if group.labels is not self.steady and group.labels != self.steady:
            return
        mine = self.values = group.of(values)
        self.low, self.high = min(mine), max(mine)
        self.calm = not math.isnan(sum(mine))

    def observe(self, number: int, times: Sequence[Seconds], reading: Reading, every: Seconds) -> None:
        """One tick through the live observing. All ticks between the last one and this were calm."""
        name = self.spec.id
        before = Watch() if number == 0 else Watch(times[number - 1], {name: self.watch} if self.watch else {})
        after, sights = observe({name: self.spec}, before, Tick(times[number], {name: reading}), every=every)
        self.watch, self.sight, self.at = after.metrics[name], sights.metrics[name], number
        labels = tuple(point.labels for point in reading.points)
        sight = self.sight
        whole = len(sight.values) == len(labels) == len(self.watch.seen)
        blind = sight.unknown or sight.lost or sight.gone or sight.failed is not None
        self.steady = labels if whole and labels and not blind else None


@dataclass(slots=True, eq=False)
class _Clocks:
    """One condition of a trigger whose series have clocks of their own."""

    metric: _Metric
    test: Test
    some: Decide
    for_: Seconds
    bridge: Seconds
    bad: list[int] | None = None
    """The bad series at the last judging, by their place; None: their clocks are not all that there is."""
    due: Seconds = math.inf
    """When the next clock fires, if they run on."""

    def calm(self, now: Seconds, gap: Seconds) -> bool:
        """Nothing can happen to it at this tick."""
        metric, bad = self.metric, self.bad
        if bad is None or not metric.calm:
            return False
        if not bad:
            return self.some(metric.low, metric.high) is False
        return gap <= self.bridge and now < self.due and bad == self.matching()

    def matching(self) -> list[int]:
        """The places of the series that are bad in the present tick."""
        return all_true(self.test, dict(enumerate(self.metric.values)))


@dataclass(slots=True, eq=False)
class _Watched:
    """One trigger."""

    name: str
    clocks: list[_Clocks] | None
    """None: it is judged at every tick."""
    metrics: list[_Metric]
    state: TriggerState = TriggerState.UNKNOWN
    now: TriggerState = TriggerState.UNKNOWN
    armed: bool | None = None
    line: list[TriggerState] = field(default_factory=list)
    now_line: list[TriggerState] = field(default_factory=list)

    def calm(self, now: Seconds, gap: Seconds, armed: bool) -> bool:
        """It says what it said before."""
        return self.armed is armed and self.clocks is not None and all(one.calm(now, gap) for one in self.clocks)


@dataclass(slots=True, eq=False)
class _Count:
    """One part of a gate, and its OK ticks in a row."""

    part: MetricCondition
    metric: _Metric
    good: Decide
    hole: Seconds
    ok: bool = False
    row: int = 0
    start: Seconds = 0.0
    last: Seconds = -math.inf

    def count(self, ok: bool, now: Seconds) -> GateState:
        """One more tick. As the live judging counts."""
        self.ok = ok
        if not ok:
            self.row = 0
            return GateState.FAIL
        if not self.row or now - self.last > self.hole:
            self.row, self.start = 0, now
        self.row += 1
        self.last = now
        held = self.row >= OK_IN_A_ROW and round(now - self.start, 3) >= self.part.for_
        return GateState.PASS if held else GateState.SETTLING

    def memory(self, now: Seconds) -> PartMemory:
        """What the live judging would have remembered before the tick of `now`, the last one counted here."""
        if self.ok and self.row > 1:
            return PartMemory(self.part, self.row - 1, self.start, now, since=FROM_THE_START)
        return PartMemory(self.part, since=FROM_THE_START)

    def learn(self, memory: PartMemory) -> None:
        """Goes on from what the live judging remembers."""
        self.row, self.start, self.last = memory.row, memory.start or 0.0, memory.last_ok
        if memory.start is None:
            self.row = 0


@dataclass(slots=True, eq=False)
class _Judged:
    """One gate."""

    name: str
    counts: list[_Count] | None
    """None: it is judged at every tick."""
    metrics: list[_Metric]
    skipped: bool = False
    """The tick before was counted here, and the memory of the live judging is behind."""
    line: list[GateState] = field(default_factory=list)

    def answers(self) -> list[bool] | None:
        """Whether each part is good; None where that is not plain."""
        found = []
        for one in self.counts or ():
            good = one.good(one.metric.low, one.metric.high) if one.metric.calm else None
            if good is None:
                return None
            found.append(good)
        return found or None


class Quick:
    """One backtest of samples, for its timelines alone."""

    def __init__(self, player: Player, history: History, heard: Callable[[Seconds, TriggerVerdict], None]) -> None:
        """`heard` is told of every judged verdict of a trigger."""
        self._player = player
        self._history = history
        self._times = history.times
        self._heard = heard
        self._metrics = {name: _Metric(spec) for name, spec in player.rules.metrics.items()}
        self.triggers = [self._watched(name) for name in player.rules.triggers]
        self.gates = [self._gate(name) for name in player.rules.gates]
        rules: list[_Watched | _Judged] = [*self.triggers, *self.gates]
        used = {id(metric): metric for rule in rules for metric in rule.metrics}
        self._used = list(used.values())

    def play(self, progress: Callable[[int, int], None] = lambda *_: None) -> None:
        """Fills every `line`, an answer a tick."""
        for number in range(len(self._times)):
            if number % 1000 == 0:
                progress(number, len(self._times))
            self._tick(number)

    def _tick(self, number: int) -> None:
        layout, values = self._history.samples(number)
        for metric in self._used:
            metric.look(layout, values)
        now = self._times[number]
        gap = now - self._times[number - 1] if number else 0.0
        armed = self._player.armed.at(now)
        watched = [one for one in self.triggers if not one.calm(now, gap, armed)]
        judged = [one for one in self.gates if not self._count(one, now)]
        if watched or judged:
            self._catch_up(number, watched, judged)
            self._judge(number, watched, judged, layout, values)
        for trigger in self.triggers:
            trigger.line.append(trigger.state)
            trigger.now_line.append(trigger.now)

    def _count(self, gate: _Judged, now: Seconds) -> bool:
        """Whether the gate could be counted without judging it."""
        answers = gate.answers()
        if answers is None or gate.counts is None:
            return False
        states = [one.count(good, now) for one, good in zip(gate.counts, answers, strict=True)]
        gate.line.append(max(states, key=_rank) if len(states) > 1 else states[0])
        gate.skipped = True
        return True

    def _catch_up(self, number: int, watched: Iterable[_Watched], judged: Iterable[_Judged]) -> None:
        """Takes up the tick before, where it was left out: of metrics, then of gates."""
        last = number - 1
        behind = [metric for metric in _metrics(watched, judged) if metric.at < last]
        if behind:
            layout, values = self._history.samples(last)
            for metric in behind:
                if metric.at < last:
                    metric.observe(last, self._times, _reading(metric, layout, values), self._player.every)
        for gate in judged:
            if gate.skipped and gate.counts is not None:
                parts = tuple(one.memory(self._times[last]) for one in gate.counts)
                self._player.gates[gate.name] = GateMemory(parts)
                sights = self._sights(last, gate.metrics)
                self._player.judge_gate(gate.name, sights, self._player.gate_context())
                gate.skipped = False

    def _judge(
        self, number: int, watched: Sequence[_Watched], judged: Sequence[_Judged], layout: Layout, values: array[float]
    ) -> None:
        """The present tick through the live judging."""
        for metric in _metrics(watched, judged):
            if metric.at < number:
                metric.observe(number, self._times, _reading(metric, layout, values), self._player.every)
        now = self._times[number]
        for trigger in watched:
            verdict = self._player.judge_trigger(trigger.name, self._sights(number, trigger.metrics), now)
            self._heard(now, verdict)
            self._learn(trigger, verdict, layout, values)
        context = self._player.gate_context()
        for gate in judged:
            state = self._player.judge_gate(gate.name, self._sights(number, gate.metrics), context).state
            gate.line.append(state)
            for one, memory in zip(gate.counts or (), self._player.gates[gate.name].parts, strict=False):
                one.learn(memory)

    def _learn(self, trigger: _Watched, verdict: TriggerVerdict, layout: Layout, values: array[float]) -> None:
        """What it takes to pass over the next ticks."""
        trigger.state, trigger.now, trigger.armed = verdict.state, verdict.now, verdict.posture.armed
        for one, memory in zip(trigger.clocks or (), self._player.triggers[trigger.name].parts, strict=False):
            one.bad = None
            if one.metric.steady is None:
                continue
            one.metric.values = layout[one.metric.spec.id].of(values)
            bad = one.matching()
            if len(bad) == len(memory.starts):
                one.bad = bad
                waiting = (start for sid, start in memory.starts.items() if sid not in memory.firm | memory.soft)
                one.due = min(waiting, default=math.inf) + one.for_ - 0.001

    def _sights(self, number: int, metrics: Iterable[_Metric]) -> Sights:
        before = self._times[number - 1] if number else None
        seen = {metric.spec.id: metric.sight for metric in metrics if metric.sight is not None}
        return Sights(self._times[number], before, True, True, seen, {})

    def _watched(self, name: str) -> _Watched:
        conditions = self._player.rules.triggers[name].conditions
        tests = [one for one in conditions if isinstance(one, MetricCondition)]
        metrics = [self._metrics[metric] for metric in dict.fromkeys(one.metric for one in tests)]
        if len(tests) < len(conditions) or any(one.quantifier is not None for one in tests):
            return _Watched(name, None, metrics)
        clocks = [
            _Clocks(
                self._metrics[one.metric], one.test, ends(one.test)[0], one.for_,
                bridge_of(one.for_, self._player.every),
            )
            for one in tests
        ]
        return _Watched(name, clocks, metrics)

    def _gate(self, name: str) -> _Judged:
        parts = self._player.rules.gates[name].parts
        tests = [one for one in parts if isinstance(one, MetricCondition)]
        metrics = [self._metrics[metric] for metric in dict.fromkeys(one.metric for one in tests)]
        return _Judged(name, [self._counted(one) for one in tests] if len(tests) == len(parts) else None, metrics)

    def _counted(self, part: MetricCondition) -> _Count:
        metric = self._metrics[part.metric]
        some, every = ends(part.test)
        hole = max(HOLE, 2 * self._player.every, metric.spec.stale_after)
        return _Count(part, metric, some if part.quantifier is Quantifier.ANY else every, hole)


def _reading(metric: _Metric, layout: Layout, values: array[float]) -> Reading:
    group = layout.get(metric.spec.id)
    return Reading() if group is None else group.reading(values)


def _metrics(watched: Iterable[_Watched], judged: Iterable[_Judged]) -> list[_Metric]:
    """What those rules look at, some of it several times."""
    return [metric for one in watched for metric in one.metrics] + [metric for one in judged for metric in one.metrics]


def _rank(state: GateState) -> int:
    return state.rank


def ends(test: Test) -> tuple[Decide, Decide]:
    """Whether the test holds for some series, and whether it does for every one, as far as the two ends tell."""
    if isinstance(test, Comparison) and test.op in ("<", "<="):
        return lambda low, _: true_of(test, low), lambda _, high: true_of(test, high)
    if isinstance(test, Comparison) and test.op in (">", ">="):
        return lambda _, high: true_of(test, high), lambda low, _: true_of(test, low)
    if isinstance(test, Comparison) and test.op == "!=":
        return lambda low, high: _not_all(test, low, high), lambda low, high: _none_equal(test, low, high)
    return lambda low, high: _some_inside(test, low, high), lambda low, high: _all_inside(test, low, high)


def _span(test: Test) -> tuple[float, float]:
    """The values of which the test is true; of `!=`, the one of which it is not."""
    return (test.bound.value, test.bound.value) if isinstance(test, Comparison) else (test.low.value, test.high.value)


def _not_all(test: Test, low: float, high: float) -> bool | None:
    return not low == high == _span(test)[0]


def _none_equal(test: Test, low: float, high: float) -> bool | None:
    bound = _span(test)[0]
    if low < bound < high:
        return None
    return bound not in (low, high)


def _some_inside(test: Test, low: float, high: float) -> bool | None:
    first, last = _span(test)
    if high < first or low > last:
        return False
    return True if first <= low <= last or first <= high <= last else None


def _all_inside(test: Test, low: float, high: float) -> bool | None:
    first, last = _span(test)
    return first <= low and high <= last
