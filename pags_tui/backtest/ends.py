"""What the lowest and the highest of some values tell of a test of all of them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping

from pags_tui.core.conditions import Comparison, Test

Decide = Callable[[float, float], bool | None]
"""From the lowest and highest value: whether a test holds; None: that does not say."""


def ends(test: Test) -> tuple[Decide, Decide]:
    """Whether the test holds for some series, and whether it does for every one, as far as the two ends tell."""
    if isinstance(test, Comparison) and (compare := COMPARE.get(test.op)) is not None:
        bound = test.bound.value
        if test.op[0] == "<":
            return lambda low, _: compare(low, bound), lambda _, high: compare(high, bound)
        return lambda _, high: compare(high, bound), lambda low, _: compare(low, bound)
    if isinstance(test, Comparison) and test.op == "!=":
        return lambda low, high: _not_all(test, low, high), lambda low, high: _none_equal(test, low, high)
    return lambda low, high: _some_inside(test, low, high), lambda low, high: _all_inside(test, low, high)


COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


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
