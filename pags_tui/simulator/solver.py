"""Finds numbers, none negative, that satisfy a few linear conditions. Knows nothing of metrics.

Phase one of the simplex method with Bland's rule (which cannot run in circles), in plain Python: the systems here have
some dozens of unknowns. Source: any textbook on linear programming, such as Chvátal, chapters 3 and 8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Row:
    """`sum of factor * unknown == total`, or `>= total`."""

    factors: Mapping[int, float]
    total: float
    at_least: bool = False


def solve(rows: Sequence[Row], unknowns: Iterable[int]) -> dict[int, float] | None:
    """A value for every unknown, none negative; None when no such values satisfy all rows."""
    columns = {name: index for index, name in enumerate(unknowns)}
    width = len(columns) + sum(row.at_least for row in rows)
    table, slack = [], len(columns)
    for number, row in enumerate(rows):
        line = [0.0] * (width + len(rows) + 1)
        for name, factor in row.factors.items():
            line[columns[name]] += factor
        if row.at_least:
            line[slack] = -1.0
            slack += 1
        line[-1] = row.total
        # An equation may be scaled; factors of about 1 keep the rounding of one row out of the others.
        scale = max(map(abs, line[:-1])) or 1.0
        line = [value / (-scale if row.total < 0 else scale) for value in line]
        line[width + number] = 1.0
        table.append(line)
    basis = list(range(width, width + len(rows)))
    if not _pivot_out(table, basis, width):
        return None
    values = {basis[index]: max(0.0, line[-1]) for index, line in enumerate(table)}
    return {name: values.get(index, 0.0) for name, index in columns.items()}


def _pivot_out(table: list[list[float]], basis: list[int], width: int) -> bool:
    """Drives the artificial unknowns (those from `width` on) to zero; False when that cannot be."""
    close = TINY * max(1.0, *(line[-1] for line in table)) if table else 0.0
    while True:
        wrong = [index for index, name in enumerate(basis) if name >= width]
        if sum(table[index][-1] for index in wrong) <= close:
            return True
        # The gain of bringing an unknown in is what it takes off the artificial ones.
        entering = next((at for at in range(width) if sum(table[index][at] for index in wrong) > TINY), None)
        if entering is None:
            return False
        ratios = [(line[-1] / line[entering], basis[index], index) for index, line in enumerate(table)
                  if line[entering] > TINY]  # fmt: skip
        _, _, leaving = min(ratios)
        _pivot(table, leaving, entering)
        basis[leaving] = entering


def _pivot(table: list[list[float]], leaving: int, entering: int) -> None:
    pivot = table[leaving][entering]
    table[leaving] = top = [value / pivot for value in table[leaving]]
    for index, line in enumerate(table):
        factor = line[entering]
        if index != leaving and factor:
            table[index] = [value - factor * above for value, above in zip(line, top, strict=True)]
