"""The arithmetic of a course in one row of cells: scale, gaps, the limit, the moments at which a flag moved.

What is not known is never drawn as a value, least of all as zero: a gap stays blank. The limits are always within the
scale, so that a full swing never comes from noise far below them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line, Span
from pags_tui.ui.rows import Bound

FLAT = 0.05
"""The least span of a scale, as a part of its largest value: below it, differences are noise."""

SMALLEST, LARGEST = 1e-300, 1e300
"""What a scale reaches: beyond these the difference of two values is no longer a number to divide by."""

Value = float | None


def known(value: Value) -> bool:
    """Whether there is a reading (±Inf is one; None and NaN are not)."""
    return value is not None and not math.isnan(value)


def scale(values: Sequence[Value], bounds: Sequence[Bound]) -> tuple[float, float]:
    """The lowest and the highest value of the scale; the limits are always in view."""
    finite = [value for value in values if value is not None and math.isfinite(value)]
    finite += [bound.value for bound in bounds if math.isfinite(bound.value)]
    if not finite:
        return 0.0, 1.0
    low, high = max(-LARGEST, min(finite)), min(LARGEST, max(finite))
    if max(abs(low), abs(high)) < SMALLEST:
        return 0.0, 1.0
    least = FLAT * max(abs(low), abs(high))
    if high - low >= least and high > low:
        return low, high
    middle = (low + high) / 2
    return middle - least / 2, middle + least / 2


def beyond(value: Value, bounds: Sequence[Bound]) -> bool:
    """Whether a value lies on the bad side of a limit (drawing only: gates judge)."""
    low, high = _ends(bounds)
    return value is not None and (value > high or value < low)


def _ends(bounds: Sequence[Bound]) -> tuple[float, float]:
    """Below the one and above the other it is bad."""
    above = [bound.value for bound in bounds if bound.bad_above]
    below = [bound.value for bound in bounds if not bound.bad_above]
    return max(below, default=-math.inf), min(above, default=math.inf)


def resample(values: Sequence[Value], cells: int, bounds: Sequence[Bound] = ()) -> tuple[Value, ...]:
    """One value a cell, the newest at the right. Of several the worst is kept; a gap only where all are unknown."""
    if cells <= 0:
        return ()
    if len(values) <= cells:
        return (None,) * (cells - len(values)) + tuple(values)
    worst = max if not bounds or bounds[0].bad_above else min
    edges = [cell * len(values) // cells for cell in range(cells + 1)]
    out: list[Value] = []
    for start, stop in pairwise(edges):
        there = [value for value in values[start:stop] if value is not None and not math.isnan(value)]
        out.append(worst(there) if there else None)
    return tuple(out)


def cells_of(indices: Sequence[int], count: int, cells: int) -> frozenset[int]:
    """The cells in which the values of these indices are drawn."""
    if count <= cells:
        return frozenset(index + cells - count for index in indices if 0 <= index < count)
    return frozenset(_cell(index, count, cells) for index in indices if 0 <= index < count)


def _cell(index: int, count: int, cells: int) -> int:
    """The cell whose share of the values holds the index (the inverse of the edges of `resample`)."""
    return min(cells - 1, ((index + 1) * cells - 1) // count)


def height(value: float, low: float, high: float, steps: int) -> int:
    """The step (0..steps-1) at which a value is drawn; beyond the scale at its end."""
    if math.isinf(value):
        return steps - 1 if value > 0 else 0
    part = min(1.0, max(0.0, (value - low) / (high - low)))
    return int(part * (steps - 1) + 0.5)


def sparkline(
    values: Sequence[Value], cells: int, glyphs: Glyphs, bounds: Sequence[Bound] = (), marks: Sequence[int] = ()
) -> Line:
    """A course as a line of exactly so many cells: role `bar`, beyond a limit `over`, a moved flag `mark`."""
    shown = resample(tuple(values), cells, bounds)
    low, high = scale(shown, bounds)
    moved = cells_of(marks, len(values), cells)
    least, most = _ends(bounds)
    spans: list[Span] = []
    for cell, value in enumerate(shown):
        if cell in moved:
            _add(spans, glyphs.moved, "mark")
        elif value is None or value != value:
            _add(spans, " ", "bar")
        else:
            bar = glyphs.bars[height(value, low, high, len(glyphs.bars))]
            _add(spans, bar, "over" if value > most or value < least else "bar")
    return tuple(spans)


def _add(spans: list[Span], text: str, role: str) -> None:
    """Join equal neighbours: few segments are few bytes."""
    if spans and spans[-1][1] == role:
        spans[-1] = (spans[-1][0] + text, role)
    else:
        spans.append((text, role))


def limit(bounds: Sequence[Bound], glyphs: Glyphs) -> str:
    """The label of the limits: `┄ 0.5%`."""
    said = " ".join(glyphs.text(bound.text) for bound in bounds)
    return f"{glyphs.bound} {said}" if said else ""
