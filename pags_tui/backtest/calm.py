"""What can be said of a tick from the lowest and the highest value alone, without the live judging.

A metric is calm at a tick when the very series that were there before are there again, all with a value. Then a
gate's part is good or bad as its ends are, and only OK ticks are counted; and a trigger's clocks begin and end, as long
as none fires anew. The rest is for the live judging; each of these gives back what that would have remembered.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pags_tui.backtest.columns import Layout
from pags_tui.backtest.ends import Decide
from pags_tui.core.conditions import MetricCondition, Test, all_true
from pags_tui.core.gates import FROM_THE_START, OK_IN_A_ROW, GateState, PartMemory
from pags_tui.core.observe import MetricSpec, MetricWatch, Sid, Sight, TriggerState, Watch, observe
from pags_tui.core.series import Labels, Reading, Seconds, Tick
from pags_tui.core.triggers import ClockMemory


@dataclass(slots=True, eq=False)
class SeenMetric:
    """One metric, as it was last observed and as the present tick shows it."""

    spec: MetricSpec
    watch: MetricWatch | None = None
    at: int = -1
    """The tick at which it was last observed."""
    sight: Sight | None = None
    steady: tuple[Labels, ...] | None = None
    """The series, when all that were ever seen had a value then; None: it has to be observed."""
    sids: tuple[Sid, ...] = ()
    """Their numbers in the watch."""
    values: Sequence[float] = ()
    low: float = math.nan
    high: float = math.nan
    calm: bool = False
    """Those series and no others have a value in the present tick."""

    def look(self, layout: Layout, values: list[float], numbers: bool) -> None:
        """The present tick. `numbers`: its values are, all of them, and their sum is one."""
        self.calm = False
        group = layout.get(self.spec.id)
        if group is None or self.steady is None:
            return
        if group.labels is not self.steady and group.labels != self.steady:
            return
        mine = self.values = group.of(values)
        self.low, self.high = min(mine), max(mine)
        self.calm = numbers or not math.isnan(sum(mine))

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
        self.sids = tuple(map(self.watch.index.__getitem__, self.steady or ()))


Starts = dict[int, Seconds]
"""When the clock of each bad series began; a series is told by its place in the tick."""


@dataclass(slots=True, eq=False)
class Clocks:
    """One condition of a trigger whose series have clocks of their own."""

    metric: SeenMetric
    test: Test
    some: Decide
    for_: Seconds
    bridge: Seconds
    known: bool = False
    """What follows is all that there is to know of it."""
    starts: Starts = field(default_factory=dict)
    fired: frozenset[int] = frozenset()
    """Latched: for real, or (`soft`) until the first OK."""
    soft: frozenset[int] = frozenset()
    then: Starts = field(default_factory=dict)
    """The clocks after the present tick, where it is calm."""
    now: TriggerState = TriggerState.UNKNOWN

    def calm(self, now: Seconds, gap: Seconds) -> bool:
        """Clocks may begin and end at this tick, but none fires anew, none unlatches, and no gap matters."""
        metric, starts = self.metric, self.starts
        if not (self.known and metric.calm):
            return False
        bad = () if self.some(metric.low, metric.high) is False else self.matching()
        if not bad:
            self.then, self.now = NO_STARTS, TriggerState.INACTIVE
            return not self.soft
        if starts and gap > self.bridge:
            return False
        then = self.then = {place: starts.get(place, now) for place in bad}
        self.now = TriggerState.PENDING
        if min(then.values()) > now - self.for_ + 0.001:
            return not self.soft
        self.now = TriggerState.FIRING
        return self.soft <= then.keys() and all(
            place in self.fired for place, start in then.items() if start <= now - self.for_ + 0.001
        )

    def matching(self) -> list[int]:
        """The places of the series that are bad in the present tick."""
        return all_true(self.test, dict(enumerate(self.metric.values)))

    def memory(self, known: ClockMemory) -> ClockMemory:
        """What the live judging would have remembered after the last calm tick; `known`: what it remembers."""
        sids = self.metric.sids
        return replace(known, starts={sids[place]: start for place, start in self.starts.items()})

    def learn(self, memory: ClockMemory, values: Sequence[float], now: TriggerState) -> None:
        """Goes on from what the live judging remembers."""
        self.known = False
        if self.metric.steady is None:
            return
        self.metric.values = values
        places = {sid: place for place, sid in enumerate(self.metric.sids)}
        held = {place for sid, place in places.items() if sid in memory.starts}
        if len(held) == len(memory.starts):
            self.known, self.now = True, now
            self.starts = {places[sid]: start for sid, start in memory.starts.items()}
            self.soft = frozenset(places[sid] for sid in memory.soft if sid in places)
            self.fired = self.soft | {places[sid] for sid in memory.firm if sid in places}


NO_STARTS: Starts = {}


@dataclass(slots=True, eq=False)
class WatchedTrigger:
    """One trigger."""

    name: str
    clocks: list[Clocks] | None
    """None: it is judged at every tick."""
    metrics: list[SeenMetric]
    state: TriggerState = TriggerState.UNKNOWN
    now: TriggerState = TriggerState.UNKNOWN
    latched: bool = False
    fired_at: Seconds | None = None
    armed: bool | None = None
    skipped: bool = False
    """The memory of the live judging is behind."""
    line: list[TriggerState] = field(default_factory=list)
    now_line: list[TriggerState] = field(default_factory=list)

    def calm(self, now: Seconds, gap: Seconds, armed: bool) -> bool:
        """Whether the tick needs no judging; then it is taken in."""
        if self.clocks is None or self.armed is not armed:
            return False
        for one in self.clocks:
            if not one.calm(now, gap):
                return False
        for one in self.clocks:
            if one.starts is not one.then:
                one.starts, self.skipped = one.then, True
        self.now = self.clocks[0].now if len(self.clocks) == 1 else max((one.now for one in self.clocks), key=rank)
        self.state = TriggerState.FIRING if self.latched else self.now
        return True


@dataclass(slots=True, eq=False)
class Count:
    """One part of a gate, and its OK ticks in a row."""

    part: MetricCondition
    metric: SeenMetric
    good: Decide
    some: Decide
    """Whether the test is true of some series, and of every one."""
    every: Decide
    hole: Seconds
    long: Seconds
    """Longer than `for`, beyond any doubt of rounding."""
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
        if self.row < OK_IN_A_ROW:
            return GateState.SETTLING
        clock = now - self.start
        held = clock > self.long or round(clock, 3) >= self.part.for_
        return GateState.PASS if held else GateState.SETTLING

    def repeat(self, ticks: int, last: Seconds) -> None:
        """So many more ticks of the same answer, up to `last`."""
        if self.ok:
            self.row += ticks
            self.last = last

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
class CountedGate:
    """One gate."""

    name: str
    counts: list[Count] | None
    """None: it is judged at every tick."""
    metrics: list[SeenMetric]
    skipped: bool = False
    """The tick before was counted here, and the memory of the live judging is behind."""
    line: list[GateState] = field(default_factory=list)

    def take(self, now: Seconds) -> bool:
        """Whether the tick needs no judging; then it is counted."""
        if self.counts is None:
            return False
        answers = []
        for one in self.counts:
            metric = one.metric
            good = one.good(metric.low, metric.high) if metric.calm else None
            if good is None:
                return False
            answers.append(good)
        if len(answers) == 1:
            self.line.append(self.counts[0].count(answers[0], now))
        else:
            states = [one.count(good, now) for one, good in zip(self.counts, answers, strict=True)]
            self.line.append(max(states, key=rank))
        self.skipped = True
        return True


def rank(state: GateState | TriggerState) -> int:
    return state.rank
