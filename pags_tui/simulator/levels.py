"""Where a metric's values lie on a good night, and where they must go for a trigger to see them. Pure arithmetic.

A runbook says what is good: SLOs, gates, and what triggers must not see. The healthy value lies inside all of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pags_tui.core.conditions import AllSlos, Comparison, Condition, MetricCondition, Range, Test, parse_test
from pags_tui.core.runbook import Metric, Runbook
from pags_tui.core.units import Unit
from pags_tui.simulator.promql import normal

FULL = 1.0
"""A ratio's highest value, unless the runbook itself speaks of more."""

SHARE = {Unit.RATIO: 0.4, Unit.SECONDS: 0.6, Unit.BYTES: 0.5, Unit.COUNT: 0.25, Unit.PER_SECOND: 0.1}
"""How much of an upper bound a healthy metric uses."""

USUAL = {Unit.RATIO: 0.5, Unit.SECONDS: 0.1, Unit.BYTES: 2e8, Unit.COUNT: 20.0, Unit.PER_SECOND: 5.0}
"""A value where the runbook sets no bound at all."""

ROOM = 0.3
"""Of the value: how far weather and traffic move it at most, where the bounds leave that much."""


@dataclass(frozen=True, slots=True)
class Span:
    """The values that are good."""

    low: float = 0.0
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    apart: tuple[float, ...] = ()
    """Single values that are not."""

    @property
    def empty(self) -> bool:
        """Whether no value is left."""
        if self.low == self.high:
            return self.low_open or self.high_open or self.low in self.apart
        return self.low > self.high

    def below(self, bound: float, open_: bool) -> Span:
        """What is left under an upper bound."""
        if bound > self.high or (bound == self.high and self.high_open):
            return self
        return replace(self, high=bound, high_open=open_)

    def above(self, bound: float, open_: bool) -> Span:
        """What is left over a lower bound."""
        if bound < self.low or (bound == self.low and self.low_open):
            return self
        return replace(self, low=bound, low_open=open_)


@dataclass(frozen=True, slots=True)
class Level:
    """A metric's healthy value."""

    base: float
    room: float
    """How far it may move from there, either way, without leaving what is good."""
    rises: bool
    """Whether more traffic moves it up (towards an upper bound) or down."""
    whole: bool
    """Whether it only takes whole values."""
    highest: float
    """The highest value that it can ever take: 1 for an ordinary ratio."""


def tests_of(condition: Condition) -> Iterable[tuple[str, Test]]:
    """The metric tests in a condition."""
    if isinstance(condition, MetricCondition):
        yield condition.metric, condition.test
    elif isinstance(condition, AllSlos):
        yield from ((one.metric, one.test) for one in condition.slos)


def healthy_level(runbook: Runbook, metric: Metric) -> Level:
    """The level that satisfies the SLO, keeps every trigger quiet and passes every gate that it can.

    Where gates contradict one another (a value that must change during the night) the earlier ones count.
    """
    unit = Unit(metric.unit)
    bounds = _bounds(runbook, metric)
    values = [value for test, _ in bounds for value in ends(test)]
    highest = FULL if unit is Unit.RATIO and all(value <= FULL for value in values) else math.inf
    span = Span(low=0.0 if all(value >= 0 for value in values) else -math.inf, high=highest)
    for test, good in bounds:
        narrowed = _narrowed(span, test, good)
        if not narrowed.empty:
            span = narrowed
    return _level(span, unit, highest)


def bad_value(test: Test, highest: float) -> float:
    """A value of which the test is true, well past its bound."""
    if isinstance(test, Range):
        return (test.low.value + test.high.value) / 2
    bound = test.bound.value
    match test.op:
        case ">" | ">=":
            return _past(bound, highest)
        case "<" | "<=":
            return max(0.0, bound - 2 * (1 - bound)) if 0.5 < bound <= FULL else bound * 0.6 if bound > 0 else bound - 1
        case "==":
            return bound
        case "!=":
            return bound - max(1.0, abs(bound) / 2) if bound >= highest else _past(bound, highest)


def broken_value(test: Test, highest: float) -> float:
    """A value of which the test is false, well past its bound."""
    if isinstance(test, Range):
        return test.high.value + (test.high.value - test.low.value)
    opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}[test.op]
    return bad_value(Comparison(opposite, test.bound), highest)  # type: ignore[arg-type]


def _past(bound: float, highest: float) -> float:
    far = bound * 1.6 if bound > 0 else bound + 1
    return far if far <= highest else (bound + highest) / 2


def _bounds(runbook: Runbook, metric: Metric) -> list[tuple[Test, bool]]:
    """Each test on the metric, or on one with the same query, and whether it is good when true. Weightiest first."""
    same = {one.id for one in runbook.metrics.values() if normal(one.query) == normal(metric.query)}
    slos = [
        (parse_test(one.slo, Unit(one.unit)), True) for one in runbook.metrics.values() if one.id in same and one.slo
    ]
    fired = [
        (test, False)
        for trigger in runbook.triggers.values()
        for condition in trigger.when
        for name, test in tests_of(condition)
        if name in same
    ]
    gates = [
        (test, True)
        for step in runbook.steps
        for condition in step.gate
        for name, test in tests_of(condition)
        if name in same
    ]
    return [*slos, *fired, *gates]


def ends(test: Test) -> tuple[float, ...]:
    """The numbers that a test compares with."""
    return (test.low.value, test.high.value) if isinstance(test, Range) else (test.bound.value,)


def _narrowed(span: Span, test: Test, good: bool) -> Span:
    if isinstance(test, Range):
        return _in_range(span, test, good)
    bound, op = test.bound.value, test.op
    if not good:
        op = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}[op]  # type: ignore[assignment]
    match op:
        case "<" | "<=":
            return span.below(bound, op == "<")
        case ">" | ">=":
            return span.above(bound, op == ">")
        case "==":
            return span.below(bound, False).above(bound, False)
        case _:
            return replace(span, apart=(*span.apart, bound))


def _in_range(span: Span, test: Range, good: bool) -> Span:
    if good:
        return span.above(test.low.value, False).below(test.high.value, False)
    under = span.below(test.low.value, True)
    return span.above(test.high.value, True) if under.empty else under


def _level(span: Span, unit: Unit, highest: float) -> Level:
    base = _base(span, unit, highest)
    whole = unit is Unit.COUNT and _holds(span, float(round(base)))
    base = float(round(base)) if whole else base
    while base in span.apart:
        base = (base + (span.high if math.isfinite(span.high) else base + 2)) / 2
    apart = [abs(base - one) for one in span.apart]
    room = min(base - span.low, span.high - base, ROOM * abs(base), *apart)
    return Level(base, 0.8 * max(0.0, room), span.high < highest or span.low <= 0, whole, highest)


def _base(span: Span, unit: Unit, highest: float) -> float:
    bounded_above = span.high < highest
    bounded_below = span.low > 0 or span.low_open
    if span.low == span.high:
        return span.low
    if bounded_above and bounded_below:
        return (span.low + span.high) / 2
    if bounded_above:
        return span.high * SHARE[unit] if span.high > 0 else span.high - max(1.0, abs(span.high))
    if bounded_below:
        return span.low + 0.75 * (highest - span.low) if math.isfinite(highest) else span.low * 1.5 + (span.low <= 0)
    return USUAL[unit]


def _holds(span: Span, value: float) -> bool:
    above = value > span.low or (value == span.low and not span.low_open)
    below = value < span.high or (value == span.high and not span.high_open)
    return above and below and value not in span.apart
