"""Questions to a sight: which series decides a test, what one series alone would show, and how a reading is said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from pags_tui.core.conditions import Comparison, MetricCondition, Range, Test, excess, true_of
from pags_tui.core.observe.shapes import Sid, Sight, Sights
from pags_tui.core.series import Labels
from pags_tui.core.units import show, show_apart


def least_true(test: Test, sight: Sight) -> Sid | None:
    """The known series furthest from passing the test: it fails if any does. None without a known series."""
    if isinstance(test, Comparison) and test.op == "!=":
        return min(sight.values, key=lambda sid: excess(test, sight.values[sid]), default=None)
    ends = [sid for sid in (sight.lowest, sight.highest) if sid is not None]
    return min(ends, key=lambda sid: excess(test, sight.values[sid]), default=None)


def truest(test: Test, sight: Sight) -> Sid | None:
    """The known series deepest inside the test: it passes if any does. None without a known series."""
    if isinstance(test, Range) or test.op == "==":
        return max(sight.values, key=lambda sid: excess(test, sight.values[sid]), default=None)
    ends = [sid for sid in (sight.lowest, sight.highest) if sid is not None]
    return max(ends, key=lambda sid: excess(test, sight.values[sid]), default=None)


def narrow(sights: Sights, metric: str, labels: Labels) -> Sights:
    """What the tick would have shown, had this metric only that one series: for judging a series on its own."""
    sight = sights.metrics[metric]
    own = [sid for sid, each in enumerate(sight.labels) if each == labels]
    values = {sid: sight.values[sid] for sid in own if sid in sight.values}
    unknown = {sid: sight.unknown[sid] for sid in own if sid in sight.unknown}
    sid = next(iter(values), None)
    one = replace(
        sight,
        values=values,
        unknown=unknown,
        lowest=sid,
        highest=sid,
        void=None if values or unknown else sight.void or "no data",
    )
    return replace(sights, metrics={**sights.metrics, metric: one})


def series_name(metric: str, labels: Labels) -> str:
    """A series as a reason names it: `queue-depth{queue="mail"}`. The labels are other people's text."""
    if not labels:
        return metric
    pairs = ",".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in labels)
    return f"{metric}{{{pairs}}}"


def reading_words(condition: MetricCondition, name: str, value: float) -> str:
    """A value against its bound, both numbers, as it truly stands: `error-rate 0.62% >= 0.5%`."""
    test, unit = condition.test, condition.unit
    held = true_of(test, value)
    if isinstance(test, Range):
        return f"{name} {show(value, unit)} {'in' if held else 'outside'} {test.low}..{test.high}"
    bound = str(test.bound) if not test.bound.of_slo else f"{test.bound} ({show(test.bound.value, unit)})"
    return f"{name} {show_apart(value, test.bound.value, unit)} {test.op if held else _NOT[test.op]} {bound}"


_NOT: Mapping[str, str] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
