"""Timelines without words, for long histories: what is plain from a tick's ends is not judged at length.

Everything else goes through the live judging, which first takes up what was left out. The answers are those of
`Player`, tick for tick.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from pags_tui.backtest.calm import Clocks, Count, CountedGate, SeenMetric, WatchedTrigger
from pags_tui.backtest.columns import History, Layout
from pags_tui.backtest.ends import ends
from pags_tui.backtest.playing import Player
from pags_tui.backtest.stretches import LENGTH, passes, stretch_at
from pags_tui.core.conditions import MetricCondition, Quantifier
from pags_tui.core.gates import HOLE, GateMemory, TriggerStanding
from pags_tui.core.observe import Sights
from pags_tui.core.series import Reading, Seconds
from pags_tui.core.triggers import TriggerVerdict, bridge_of


class Quick:
    """One backtest of samples, for its timelines alone."""

    def __init__(self, player: Player, history: History, heard: Callable[[Seconds, TriggerVerdict], None]) -> None:
        """`heard` is told of every judged verdict of a trigger."""
        self._player = player
        self._history = history
        self._times = history.times
        self._heard = heard
        self._metrics = {name: SeenMetric(spec) for name, spec in player.rules.metrics.items()}
        self.triggers = [self._watched(name) for name in player.rules.triggers]
        self.gates = [self._gate(name) for name in player.rules.gates]
        rules: list[WatchedTrigger | CountedGate] = [*self.triggers, *self.gates]
        used = {id(metric): metric for rule in rules for metric in rule.metrics}
        self._used = list(used.values())

    def play(self, progress: Callable[[int, int], None] = lambda *_: None) -> None:
        """Fills every `line`, an answer a tick."""
        number = busy = told = 0
        while number < len(self._times):
            if number >= told:
                progress(number, len(self._times))
                told = number + 1000
            if number >= busy:
                stretch = stretch_at(self._history, number)
                if stretch and passes(stretch, self.triggers, self.gates, self._player.armed):
                    number += LENGTH
                    continue
                busy = number + LENGTH
            self._tick(number)
            number += 1

    def _tick(self, number: int) -> None:
        layout, values = self._history.samples(number)
        numbers = not math.isnan(sum(values))
        for metric in self._used:
            metric.look(layout, values, numbers)
        now = self._times[number]
        gap = now - self._times[number - 1] if number else 0.0
        armed = self._player.armed.at(now)
        watched = [one for one in self.triggers if not one.calm(now, gap, armed)]
        judged = [one for one in self.gates if not one.take(now)]
        if watched or judged:
            self._catch_up(number, watched, judged)
            self._judge(number, watched, judged, layout, values)
        for trigger in self.triggers:
            trigger.line.append(trigger.state)
            trigger.now_line.append(trigger.now)

    def _catch_up(self, number: int, watched: Iterable[WatchedTrigger], judged: Iterable[CountedGate]) -> None:
        """Takes up the tick before, where it was left out: of metrics, then of gates."""
        last = number - 1
        behind = [metric for metric in _metrics(watched, judged) if metric.at < last]
        if behind:
            layout, values = self._history.samples(last)
            for metric in behind:
                if metric.at < last:
                    metric.observe(last, self._times, _reading(metric, layout, values), self._player.every)
        for trigger in watched:
            if trigger.skipped and trigger.clocks is not None:
                known = self._player.triggers[trigger.name]
                parts = tuple(one.memory(part) for one, part in zip(trigger.clocks, known.parts, strict=True))
                self._player.triggers[trigger.name] = replace(known, parts=parts)
                trigger.skipped = False
        for gate in judged:
            if gate.skipped and gate.counts is not None:
                self._player.gates[gate.name] = GateMemory(tuple(one.memory(self._times[last]) for one in gate.counts))
                sights = self._sights(last, gate.metrics)
                self._player.judge_gate(gate.name, sights, self._player.gate_context())
                gate.skipped = False

    def _judge(
        self,
        number: int,
        watched: Sequence[WatchedTrigger],
        judged: Sequence[CountedGate],
        layout: Layout,
        values: list[float],
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
        if judged:
            self._player.standings.update({one.name: TriggerStanding(one.state, one.fired_at) for one in self.triggers})
        context = self._player.gate_context()
        for gate in judged:
            state = self._player.judge_gate(gate.name, self._sights(number, gate.metrics), context).state
            gate.line.append(state)
            for one, memory in zip(gate.counts or (), self._player.gates[gate.name].parts, strict=False):
                one.learn(memory)

    def _learn(self, trigger: WatchedTrigger, verdict: TriggerVerdict, layout: Layout, values: list[float]) -> None:
        """What it takes to pass over the next ticks."""
        trigger.state, trigger.now, trigger.armed = verdict.state, verdict.now, verdict.posture.armed
        trigger.fired_at = verdict.fired_at
        memory = self._player.triggers[trigger.name]
        trigger.latched = any(part.firm or part.soft for part in memory.parts)
        for one, part, said in zip(trigger.clocks or (), memory.parts, verdict.parts, strict=False):
            group = layout.get(one.metric.spec.id)
            one.learn(part, group.of(values) if group else (), said.now)

    def _sights(self, number: int, metrics: Iterable[SeenMetric]) -> Sights:
        before = self._times[number - 1] if number else None
        seen = {metric.spec.id: metric.sight for metric in metrics if metric.sight is not None}
        return Sights(self._times[number], before, True, True, seen, {})

    def _watched(self, name: str) -> WatchedTrigger:
        conditions = self._player.rules.triggers[name].conditions
        tests = [one for one in conditions if isinstance(one, MetricCondition)]
        metrics = [self._metrics[metric] for metric in dict.fromkeys(one.metric for one in tests)]
        if len(tests) < len(conditions) or any(one.quantifier is not None for one in tests):
            return WatchedTrigger(name, None, metrics)
        clocks = [
            Clocks(
                self._metrics[one.metric],
                one.test,
                ends(one.test)[0],
                one.for_,
                bridge_of(one.for_, self._player.every),
            )
            for one in tests
        ]
        return WatchedTrigger(name, clocks, metrics)

    def _gate(self, name: str) -> CountedGate:
        parts = self._player.rules.gates[name].parts
        tests = [one for one in parts if isinstance(one, MetricCondition)]
        metrics = [self._metrics[metric] for metric in dict.fromkeys(one.metric for one in tests)]
        return CountedGate(name, [self._counted(one) for one in tests] if len(tests) == len(parts) else None, metrics)

    def _counted(self, part: MetricCondition) -> Count:
        metric = self._metrics[part.metric]
        some, every = ends(part.test)
        hole = max(HOLE, 2 * self._player.every, metric.spec.stale_after)
        good = some if part.quantifier is Quantifier.ANY else every
        return Count(part, metric, good, some, every, hole, part.for_ + 1)


def _reading(metric: SeenMetric, layout: Layout, values: list[float]) -> Reading:
    group = layout.get(metric.spec.id)
    return Reading() if group is None else group.reading(values)


def _metrics(watched: Iterable[WatchedTrigger], judged: Iterable[CountedGate]) -> list[SeenMetric]:
    """What those rules look at, some of it several times."""
    return [metric for one in watched for metric in one.metrics] + [metric for one in judged for metric in one.metrics]
