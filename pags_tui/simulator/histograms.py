"""Histograms with given quantiles: bucket bounds, and how much falls below each. Pure arithmetic.

Prometheus' `histogram_quantile` interpolates linearly inside the bucket in which the rank falls; this turns it around.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

STEP = 1.3
"""From one bound to the next: fine enough that two quantiles seldom share a bucket."""

REACH = 25.0
"""How far the bounds go below the lowest and above the highest value."""


def bounds_for(values: Sequence[float]) -> tuple[float, ...]:
    """Bucket bounds, low to high, that hold these values with room on both sides."""
    positive = [value for value in values if value > 0 and math.isfinite(value)] or [1.0]
    low, high = min(positive) / REACH, max(positive) * REACH
    count = math.ceil(math.log(high / low) / math.log(STEP)) + 1
    return tuple(float(f"{low * STEP**index:.3g}") for index in range(count))


def shares_below(bounds: Sequence[float], quantiles: Sequence[tuple[float, float]]) -> list[float] | None:
    """The share of all events below each bound, for (q, value) pairs; None where two fall into one bucket.

    Each share is at least the one before, and `histogram_quantile(q)` gives the value back exactly.
    """
    marks = sorted(quantiles)
    shares: dict[int, float] = {}
    for number, (q, value) in enumerate(marks):
        under = (marks[number - 1][0] + q) / 2 if number else 0.0
        over = (q + marks[number + 1][0]) / 2 if number + 1 < len(marks) else 1.0
        upper = min(max(bisect_left(bounds, value), 0), len(bounds) - 1)
        low = bounds[upper - 1] if upper else 0.0
        part = min(1.0, max(1e-6, (value - low) / (bounds[upper] - low)))
        width = min((q - under) / part, (over - q) / (1 - part) if part < 1 else math.inf)
        begin, end = q - part * width, q + (1 - part) * width
        if upper in shares or (upper - 1 in shares and shares[upper - 1] > begin + 1e-12):
            return None
        if upper:
            shares[upper - 1] = begin
        shares[upper] = end
    filled, last = [], 0.0
    for index in range(len(bounds)):
        last = max(last, shares.get(index, last))
        filled.append(last)
    return filled
