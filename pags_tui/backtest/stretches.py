"""Stretches of ticks in which nothing begins and nothing ends: told from their lowest and highest values at once.

Over a whole stretch the very same series have values, no trigger's test is true of any of them, and a gate's test is
true of all of them, or of none. Then every tick of it says the same, but for gates that still count.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pags_tui.backtest.calm import NO_STARTS, Count, CountedGate, SeenMetric, WatchedTrigger, rank
from pags_tui.backtest.columns import History, Layout
from pags_tui.backtest.playing import Armed
from pags_tui.core.gates import GateState
from pags_tui.core.observe import TriggerState
from pags_tui.core.series import Seconds

LENGTH = 64
"""Ticks looked at together: long enough to be worth it, and short beside the time between two incidents."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some ticks of the same layout, one after the other."""

    times: Sequence[Seconds]
    longest_gap: Seconds
    """Between two of them, and from the tick before to the first."""
    layout: Layout
    ends: Mapping[str, tuple[float, float]]
    """By metric, the lowest and the highest value of any series at any tick."""


def stretch_at(history: History, number: int) -> Stretch | None:
    """The stretch that begins with this tick; None where the ticks differ, or some value is NaN."""
    found = history.alike(number, LENGTH)
    if number == 0 or found is None:
        return None
    layout, values = found
    if math.isnan(sum(values)):
        return None
    times = history.times[number - 1 : number + LENGTH]
    width = len(values) // LENGTH
    ends = {}
    for metric, group in layout.items():
        rows = range(width)[group.rows] if isinstance(group.rows, slice) else group.rows
        columns = [values[row::width] for row in rows]
        ends[metric] = min(map(min, columns)), max(map(max, columns))
    return Stretch(times[1:], max(after - before for before, after in pairwise(times)), layout, ends)


def passes(stretch: Stretch, triggers: Sequence[WatchedTrigger], gates: Sequence[CountedGate], armed: Armed) -> bool:
    """Whether nothing begins or ends in it; then every trigger's and gate's line is as long as the stretch more."""
    if not all(_quiet(stretch, trigger, armed) for trigger in triggers):
        return False
    answers = {gate.name: _steady(stretch, gate) for gate in gates}
    if any(answer is None for answer in answers.values()):
        return False
    for trigger in triggers:
        _rest(stretch, trigger)
    for gate in gates:
        _count(stretch, gate, answers[gate.name] or ())
    return True


def _quiet(stretch: Stretch, trigger: WatchedTrigger, armed: Armed) -> bool:
    """Whether the trigger is inactive at every tick, and no latch ends."""
    first, last = stretch.times[0], stretch.times[-1]
    if trigger.clocks is None or not armed.same(first, last) or trigger.armed is not armed.at(first):
        return False
    for one in trigger.clocks:
        ends = _ends(stretch, one.metric)
        if ends is None or not one.known or one.soft or one.some(*ends) is not False:
            return False
    return True


def _ends(stretch: Stretch, metric: SeenMetric) -> tuple[float, float] | None:
    """The metric's lowest and highest value, if its series are those that it had when it was last observed."""
    group = stretch.layout.get(metric.spec.id)
    return stretch.ends[metric.spec.id] if group and group.labels and group.labels == metric.steady else None


def _steady(stretch: Stretch, gate: CountedGate) -> list[bool] | None:
    """Whether each part of the gate is good at every tick, or bad at every tick; None: neither can be said."""
    answers = []
    for one in gate.counts or ():
        ends = _ends(stretch, one.metric)
        answer = None if ends is None else _good(one, *ends)
        if answer is None or stretch.longest_gap > one.hole:
            return None
        answers.append(answer)
    return answers if gate.counts else None


def _good(one: Count, low: float, high: float) -> bool | None:
    """Whether the part is good at every tick (True), or bad at every tick (False)."""
    if one.every(low, high) is True:
        return True
    return False if one.some(low, high) is False else None


def _rest(stretch: Stretch, trigger: WatchedTrigger) -> None:
    """Nothing is bad at any of the ticks."""
    for one in trigger.clocks or ():
        if one.starts:
            trigger.skipped = True
        one.starts = one.then = NO_STARTS
        one.now = TriggerState.INACTIVE
    trigger.now = TriggerState.INACTIVE
    trigger.state = TriggerState.FIRING if trigger.latched else TriggerState.INACTIVE
    trigger.line += [trigger.state] * len(stretch.times)
    trigger.now_line += [trigger.now] * len(stretch.times)


def _count(stretch: Stretch, gate: CountedGate, good: Sequence[bool]) -> None:
    """Counts the ticks, one by one until they all say the same."""
    counts = gate.counts or ()
    for number, now in enumerate(stretch.times):
        state = max((one.count(answer, now) for one, answer in zip(counts, good, strict=True)), key=rank)
        gate.line.append(state)
        if state is GateState.PASS or not any(good):
            left = len(stretch.times) - number - 1
            for one in counts:
                one.repeat(left, stretch.times[-1])
            gate.line += [state] * left
            break
    gate.skipped = True
