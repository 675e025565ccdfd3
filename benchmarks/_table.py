"""One look for all benchmarks: what was measured, how it spread, what it is held against, and the budget.

A benchmark is a file here with a `TITLE` and `rows(quick)`, which yields `Row`s; `python -m benchmarks` finds it. A row
that has a reference was measured against it in the same run, in turns, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

DIGITS = 3
"""Significant digits of a figure."""


def percentile(values: Sequence[float], part: float) -> float:
    """The value below which that part (0..1) of them lies, between two of them where it falls between."""
    ranked = sorted(values)
    at = (len(ranked) - 1) * part
    low = math.floor(at)
    high = min(low + 1, len(ranked) - 1)
    if ranked[low] == ranked[high]:  # both may be endless
        return ranked[low]
    return ranked[low] + (ranked[high] - ranked[low]) * (at - low)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure in a unit, and between what it lay."""

    value: float
    unit: str
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, values: Sequence[float], unit: str, part: float = 0.5) -> Figure:
        """The median of several, and the 10th and 90th; or a higher percentile, and the median and the last."""
        ends = (0.1, 0.9) if part <= 0.5 else (0.5, 1.0)
        return cls(percentile(values, part), unit, percentile(values, ends[0]), percentile(values, ends[1]))

    def __str__(self) -> str:
        return f"{number(self.value)} {self.unit}".strip() if math.isfinite(self.value) else "never"

    @property
    def spread(self) -> str:
        """`180–212`, or nothing for a single figure."""
        return "" if self.low is None or self.high is None else f"{number(self.low)}–{number(self.high)}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    what: str
    figure: Figure
    reference: str = ""
    """What it is held against, in words; what ran it in the same run."""
    against: Figure | None = None
    most: float | None = None
    """The budget, in the figure's unit."""
    times: float | None = None
    """The budget, as a multiple of the reference."""

    @property
    def ratio(self) -> float | None:
        """How many times the reference."""
        return self.figure.value / self.against.value if self.against and self.against.value else None

    @property
    def budget(self) -> str:
        """The budget in words."""
        said = [f"{number(self.most)} {self.figure.unit}".strip()] if self.most is not None else []
        said += [f"{self.times:g} ×"] if self.times is not None else []
        return "≤ " + ", ".join(said) if said else ""

    @property
    def kept(self) -> bool | None:
        """Whether the budget holds; None where there is none."""
        held = [self.figure.value <= self.most] if self.most is not None else []
        held += [self.ratio is not None and self.ratio <= self.times] if self.times is not None else []
        return all(held) if held else None

    def cells(self) -> tuple[str, ...]:
        """The line's columns."""
        held = f"{self.reference} {self.against}".strip() if self.against else self.reference
        ratio = f"{self.ratio:.2f} ×" if self.ratio is not None else ""
        word = {True: "kept", False: "NOT KEPT", None: ""}[self.kept]
        return self.what, str(self.figure), self.figure.spread, held, ratio, self.budget, word

    def plain(self) -> dict[str, object]:
        """For `--json`."""
        against = self.against.value if self.against else None
        return {
            "what": self.what, "value": self.figure.value, "unit": self.figure.unit, "low": self.figure.low,
            "high": self.figure.high, "reference": self.reference, "against": against, "ratio": self.ratio,
            "budget": self.budget, "kept": self.kept,
        }  # fmt: skip


HEADS = ("what", "measured", "spread", "held against", "ratio", "budget", "")
TO_THE_RIGHT = (1, 2, 4)


def number(value: float) -> str:
    """A figure with three digits that count, without an exponent."""
    if not value or not math.isfinite(value):
        return f"{value:g}"
    places = max(0, DIGITS - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{places}f}".rstrip("0").rstrip(".") if places else f"{value:,.0f}"


def printed(rows: Iterable[Row]) -> str:
    """The table for a terminal."""
    lines = [HEADS, *(row.cells() for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(HEADS))]
    aligned = (
        "  ".join(cell.rjust(wide) if at in TO_THE_RIGHT else cell.ljust(wide)
                  for at, (cell, wide) in enumerate(zip(line, widths, strict=True))).rstrip()
        for line in lines
    )  # fmt: skip
    return "\n".join("  " + line for line in aligned)


def markdown(rows: Iterable[Row]) -> str:
    """The table for a page."""
    rule = "|" + "|".join("---:" if at in TO_THE_RIGHT else "---" for at in range(len(HEADS))) + "|"
    lines = ["| " + " | ".join(line) + " |" for line in (HEADS, *(row.cells() for row in rows))]
    return "\n".join([lines[0], rule, *lines[1:]])


def alone(title: str, rows: Callable[[bool], Iterable[Row]]) -> None:
    """A benchmark by itself: `python -m benchmarks.NAME [--quick] [--json]`."""
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument("--quick", action="store_true", help="few rounds: to see whether it runs")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = list(rows(asked.quick))
    print(json.dumps([row.plain() for row in found]) if asked.json else f"{title}\n{printed(found)}")
