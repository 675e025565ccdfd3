"""Plays ticks through the judging of the live run: the same observing, gates and triggers, tick after tick.

What a run's state says live is simple here: evidence counts from the first tick, and triggers are armed throughout
unless a range is given. It opens nothing, waits for nothing and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Protocol

from pags_tui.core import gates, triggers
from pags_tui.core.gates import FROM_THE_START, GateContext, GateMemory, GateSpec, GateVerdict, TriggerStanding
from pags_tui.core.judge import Rules, rules_of
from pags_tui.core.observe import Sid, Sights, Watch, observe
from pags_tui.core.runbook import Runbook
from pags_tui.core.series import Labels, Seconds, Tick
from pags_tui.core.triggers import Posture, SeriesVerdict, TriggerContext, TriggerMemory, TriggerSpec, TriggerVerdict

EVERY = 5.0
"""Where there is one tick only, and the runbook says nothing."""
UNARMED = Posture(armed=False)


class Feed(Protocol):
    """Ticks, in the order in which they were taken."""

    @property
    def times(self) -> Sequence[Seconds]:
        """When each was taken, in seconds from T+0."""
        ...

    def tick(self, number: int) -> Tick:
        """One of them, counted from 0."""
        ...


@dataclass(frozen=True, slots=True)
class Ticks:
    """Ticks that are all there already."""

    times: Sequence[Seconds]
    ticks: Sequence[Tick]

    def tick(self, number: int) -> Tick:
        """One of them."""
        return self.ticks[number]


@dataclass(frozen=True, slots=True)
class Armed:
    """When triggers are armed, in seconds from T+0, both ends included."""

    first: Seconds = float("-inf")
    last: Seconds = float("inf")

    def at(self, t: Seconds) -> bool:
        """Whether they are."""
        return self.first <= t <= self.last

    def same(self, start: Seconds, end: Seconds) -> bool:
        """Whether they are throughout that time, or at no moment of it."""
        return (self.at(start) and self.at(end)) or end < self.first or self.last < start


@dataclass(frozen=True, slots=True)
class SeriesState:
    """One series under a gate or a trigger."""

    metric: str
    labels: Labels
    state: str
    now: str
    clock: Seconds
    value: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One tick, judged."""

    number: int
    t: Seconds
    gates: Mapping[str, GateVerdict]
    triggers: Mapping[str, TriggerVerdict]
    gate_series: Mapping[str, Sequence[SeriesState]]
    """By gate, where series were asked for."""
    trigger_series: Mapping[str, Sequence[SeriesState]]


def spacing(times: Sequence[Seconds], runbook: Runbook) -> Seconds:
    """The smallest spacing of ticks; of a single tick, what the runbook says."""
    service = runbook.services.prometheus
    gaps = (round(b - a, 3) for a, b in pairwise(times))
    return min((gap for gap in gaps if gap > 0), default=service.every if service else EVERY)


class Player:
    """The memory of one backtest."""

    def __init__(self, runbook: Runbook, every: Seconds, armed: Armed | None = None) -> None:
        self.rules: Rules = rules_of(runbook, every, manual=True)
        self.every = every
        self.armed = armed or Armed()
        self.flags = tuple(runbook.flags)
        self.places = dict.fromkeys(self.rules.places, FROM_THE_START)
        self.watch = Watch()
        self.gates: dict[str, GateMemory] = dict.fromkeys(self.rules.gates, GateMemory())
        self.triggers: dict[str, TriggerMemory] = dict.fromkeys(self.rules.triggers, TriggerMemory())
        self.standings: dict[str, TriggerStanding] = {}
        self._alone: dict[tuple[str, int, Labels], GateMemory] = {}

    def play(self, feed: Feed, *, series: bool = False) -> Iterator[Moment]:
        """Every tick of the feed, judged. `series`: each series under each gate and trigger as well."""
        for number, t in enumerate(feed.times):
            self.watch, sights = observe(self.rules.metrics, self.watch, feed.tick(number), every=self.every)
            said = {name: self.judge_trigger(name, sights, t) for name in self.rules.triggers}
            context = self.gate_context()
            judged = {name: self.judge_gate(name, sights, context) for name in self.rules.gates}
            if series:
                alone = {name: self._gate_series(spec, sights, context) for name, spec in self.rules.gates.items()}
                watched = {name: self._trigger_series(spec, sights, t) for name, spec in self.rules.triggers.items()}
                yield Moment(number, t, judged, said, alone, watched)
            else:
                yield Moment(number, t, judged, said, {}, {})

    def judge_trigger(self, name: str, sights: Sights, t: Seconds) -> TriggerVerdict:
        """The trigger after this tick."""
        spec = self.rules.triggers[name]
        self.triggers[name], verdict = triggers.judge(spec, self.triggers[name], sights, self.trigger_context(t))
        self.standings[name] = TriggerStanding(verdict.state, verdict.fired_at)
        return verdict

    def judge_gate(self, name: str, sights: Sights, context: GateContext) -> GateVerdict:
        """The gate after this tick; triggers are judged before."""
        self.gates[name], verdict = gates.judge(self.rules.gates[name], self.gates[name], sights, context)
        return verdict

    def trigger_context(self, t: Seconds) -> TriggerContext:
        """What triggers are judged against at `t`."""
        posture = Posture() if self.armed.at(t) else UNARMED
        return TriggerContext(self.every, posture, self.places, self.flags)

    def gate_context(self) -> GateContext:
        """What gates are judged against now."""
        return GateContext(self.every, FROM_THE_START, self.places, self.standings, self.flags)

    def _trigger_series(self, spec: TriggerSpec, sights: Sights, t: Seconds) -> list[SeriesState]:
        found = triggers.series(spec, self.triggers[spec.id], sights, self.trigger_context(t))
        ranked = sorted(found, key=lambda one: (one.state.rank, one.now.rank, one.clock), reverse=True)
        return _each_once(map(_of_trigger, ranked))

    def _gate_series(self, spec: GateSpec, sights: Sights, context: GateContext) -> list[SeriesState]:
        """Each series judged as if it were the gate's only one."""
        found: list[tuple[int, SeriesState]] = []
        for number, part in enumerate(spec.parts):
            metric = getattr(part, "metric", None)
            sight = sights.metrics.get(metric) if metric else None
            for sid in (*sight.values, *sight.unknown) if sight else ():
                labels = sight.labels[sid] if sight else ()
                one = GateSpec(spec.id, (part,))
                memory = self._alone.get((spec.id, number, labels), GateMemory())
                memory, verdict = gates.judge(one, memory, _alone(sights, str(metric), sid), context)
                self._alone[spec.id, number, labels] = memory
                state = SeriesState(
                    str(metric), labels, verdict.state, verdict.state, verdict.clock, verdict.value, verdict.reason
                )
                found.append((verdict.state.rank, state))
        return _each_once(state for _, state in sorted(found, key=lambda one: one[0], reverse=True))


def _alone(sights: Sights, metric: str, sid: Sid) -> Sights:
    """What the tick would have shown, had this metric only that one series."""
    sight = sights.metrics[metric]
    values = {sid: sight.values[sid]} if sid in sight.values else {}
    unknown = {sid: sight.unknown[sid]} if sid in sight.unknown else {}
    known = sid if values else None
    one = replace(sight, values=values, unknown=unknown, lowest=known, highest=known)
    return replace(sights, metrics={metric: one})


def _of_trigger(one: SeriesVerdict) -> SeriesState:
    return SeriesState(one.metric, one.series, one.state, one.now, one.clock, one.value, one.reason)


def _each_once(states: Iterable[SeriesState]) -> list[SeriesState]:
    """One line a series, though several conditions look at it: the worst, which comes first. In the order of labels."""
    worst: dict[tuple[str, Labels], SeriesState] = {}
    for state in states:
        worst.setdefault((state.metric, state.labels), state)
    return [worst[key] for key in sorted(worst)]
