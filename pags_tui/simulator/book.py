"""Answers the queries of one runbook, each known by its text. It is no PromQL engine.

A text that is no PromQL is refused in Prometheus' words; one that is but belongs to no metric answers no series, as a
Prometheus does that scrapes nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pags_tui.core.runbook import Runbook
from pags_tui.core.series import Labels, Seconds
from pags_tui.simulator.promql import Binary, Call, Expr, Number, PromqlError, answer_labels, is_scalar, normal, parse
from pags_tui.simulator.weather import Weather

Series = dict[Labels, float]
Query = Callable[[Seconds], Series]

AGE = 8.0
"""Seconds since the last scrape, about: what `fresh` answers."""

COMPARES = (">", ">=", "<", "<=", "==", "!=")


@dataclass(frozen=True, slots=True)
class Found:
    """One answer at one time."""

    kind: str
    """`vector` or `scalar`."""
    series: Series
    """A scalar has one, without labels."""


class Book:
    """The queries of a runbook and what they answer at a simulated time."""

    def __init__(self, runbook: Runbook, weather: Weather) -> None:
        self._known: dict[str, Query] = {}
        for id_, metric in reversed(runbook.metrics.items()):
            self._known[normal(metric.query)] = _values(weather, id_)
            ages = _ages(weather, id_, metric.max_age)
            self._known[normal(f"time() - timestamp({metric.query})")] = ages
            if metric.fresh is not None:
                self._known[normal(metric.fresh)] = ages
        for metric in runbook.metrics.values():
            if metric.enough is not None:
                self._known.setdefault(normal(metric.enough), _enough(metric.enough, weather))
        self._texts: dict[str, Query | Expr] = {}

    def ask(self, text: str, at: Seconds) -> Found:
        """The answer at a simulated time. Raises PromqlError for what is no PromQL."""
        meant = self._texts.get(text)
        if meant is None:
            meant = self._texts[text] = self._known.get(normal(text)) or parse(text)
        if callable(meant):
            return Found("vector", meant(at))
        if is_scalar(meant):
            return Found("scalar", {(): number_of(meant, at)})
        if isinstance(meant, Call) and meant.name == "vector" and is_scalar(meant.args[0]):
            return Found("vector", {(): number_of(meant.args[0], at)})
        return Found("vector", {})


def number_of(expr: Expr, at: Seconds) -> float:
    """A scalar expression's value: numbers, `time()` and arithmetic."""
    match expr:
        case Number(value=value):
            return value
        case Call(name="time"):
            return at
        case Binary(op=op, left=left, right=right) if op in ("+", "-", "*", "/"):
            one, other = number_of(left, at), number_of(right, at)
            if op == "/":
                return one / other if other else float("nan") if not one else one * float("inf")
            return {"+": one + other, "-": one - other, "*": one * other}[op]
    return float("nan")


def _values(weather: Weather, metric: str) -> Query:
    return lambda at: weather.values(metric, at)


def _ages(weather: Weather, metric: str, max_age: Seconds) -> Query:
    return lambda at: dict.fromkeys(weather.series(metric), min(AGE + at % 5, max_age / 3))


def _enough(text: str, weather: Weather) -> Query:
    """`X >= 100` answers X where it holds, `X >= bool 100` answers 1: there is always traffic enough."""
    try:
        expr = parse(text)
    except PromqlError:
        return lambda at: {(): 1.0}
    groups, fixed = answer_labels(expr)
    labels = tuple(sorted((fixed | {label: f"{label}-1" for label in groups}).items()))
    if isinstance(expr, Binary) and expr.op in COMPARES and isinstance(expr.right, Number) and not expr.bool_:
        bound, upwards = expr.right.value, expr.op in (">", ">=")
        return lambda at: {labels: weather.traffic_of(bound, at) if upwards else bound / 2}
    return lambda at: {labels: 1.0}


__all__ = ["Book", "Found", "number_of"]
