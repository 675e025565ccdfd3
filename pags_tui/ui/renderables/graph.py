"""A metric over the whole screen: courses in dots, the limits as lines, moved flags, labels on both axes.

Dots are braille (two by four a cell) or one character a cell where only ASCII can be drawn. A gap stays a gap.
"""

from __future__ import annotations

import math

from pags_tui.ui.renderables import clean
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line, Span, ends, fit, gap, status
from pags_tui.ui.renderables.sparkline import Value, beyond, height, resample, scale
from pags_tui.ui.rows import GraphRow

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a braille cell, by row and column (Unicode, block U+2800)."""

HEADROOM = 0.05
"""Room above and below the extremes, as a part of the span, so that a limit is not the frame's edge."""

Cell = tuple[str, str]


def graph_lines(row: GraphRow, cells: int, rows: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """Title, plot with labels at its left, time axis: exactly `rows` lines."""
    title = ends(
        ((f" {glyphs.text(row.title)}", "head"), *_names(row, glyphs)),
        ((f"{glyphs.text(row.value)}  ", "strong"), *status(row.status, glyphs), gap(1)),
        cells,
        glyphs,
    )
    if rows < 4:
        return (title,)[:rows]
    plot_rows = rows - 2 - bool(row.marks)
    low, high = span_of(row)
    labels = _labels(row, low, high, plot_rows, glyphs)
    gutter = min(cells // 3, max(map(clean.width, labels.values()), default=0)) + 2
    width = cells - gutter
    if width < 2:
        return (title,)
    grid = plot(row, width, plot_rows, glyphs)
    body = [(*_label(labels.get(y, ""), gutter, glyphs), *_join(line)) for y, line in enumerate(grid)]
    foot = [((" " * gutter, "muted"), (_axis(row, width, glyphs), "muted"))]
    if row.marks:
        foot.insert(0, ((" " * gutter, "muted"), (_mark_names(row, width, glyphs), "mark")))
    return tuple(fit(line, cells, glyphs) for line in (title, *body, *foot))


def span_of(row: GraphRow) -> tuple[float, float]:
    """The scale of the plot: all courses and limits, and a little room."""
    low, high = scale([value for line in row.lines for value in line.values], row.bounds)
    room = (high - low) * HEADROOM
    return (0.0 if 0 <= low < room else low - room), high + room


def plot(row: GraphRow, width: int, rows: int, glyphs: Glyphs) -> list[list[Cell]]:
    """The plot as cells, top row first."""
    low, high = span_of(row)
    grid: list[list[Cell]] = [[(" ", "calm")] * width for _ in range(rows)]
    for bound in row.bounds:
        y = rows - 1 - height(bound.value, low, high, rows * 4) // 4
        grid[y] = [(glyphs.bound, "bound")] * width
    for x in {_column(mark.index, row, width) for mark in row.marks}:
        for line in grid:
            line[x] = (glyphs.moved, "mark")
    for course in row.lines:
        role = "bar" if course.level.value == "calm" else course.level.value
        _draw(grid, course.values, row, role, glyphs)
    return grid


def _draw(grid: list[list[Cell]], values: tuple[Value, ...], row: GraphRow, role: str, glyphs: Glyphs) -> None:
    low, high = span_of(row)
    rows, width = len(grid), len(grid[0])
    across, down = (2, 4) if glyphs.braille else (1, 1)
    shown = _stretch(values, width * across, row)
    bits: dict[tuple[int, int], int] = {}
    over: set[tuple[int, int]] = set()
    before: int | None = None
    for dot, value in enumerate(shown):
        if value is None or math.isnan(value):
            before = None
            continue
        at = rows * down - 1 - height(value, low, high, rows * down)
        for y in _between(before, at):
            cell = (y // down, dot // across)
            bits[cell] = bits.get(cell, 0) | DOTS[y % down][dot % across]
            over |= {cell} if beyond(value, row.bounds) else set()
        before = at
    for (y, x), mask in bits.items():
        char = chr(0x2800 + mask) if glyphs.braille else "*"
        grid[y][x] = (char, "over" if (y, x) in over else role)


def _stretch(values: tuple[Value, ...], dots: int, row: GraphRow) -> tuple[Value, ...]:
    """One value a dot: the worst of many, or each held over several."""
    if len(values) >= dots or not values:
        return resample(values, dots, row.bounds)
    return tuple(values[dot * len(values) // dots] for dot in range(dots))


def _between(before: int | None, at: int) -> range:
    """The rows of dots that join one value to the next."""
    if before is None or before == at:
        return range(at, at + 1)
    return range(before + 1, at + 1) if before < at else range(at, before)


def _count(row: GraphRow) -> int:
    return max((len(line.values) for line in row.lines), default=0)


def _column(index: int, row: GraphRow, width: int) -> int:
    count = max(1, _count(row))
    return min(width - 1, max(0, index * width // count))


def _labels(row: GraphRow, low: float, high: float, rows: int, glyphs: Glyphs) -> dict[int, str]:
    """What stands at the left, by row: the ends of the scale, its middle, and each limit in its own words."""
    said = {0: high, rows - 1: low}
    if rows >= 7:
        said[rows // 2] = high - (high - low) * (rows // 2) / (rows - 1)
    labels = {y: glyphs.text(row.number(value)) for y, value in said.items()}
    for bound in row.bounds:
        labels[rows - 1 - height(bound.value, low, high, rows * 4) // 4] = glyphs.text(bound.text)
    return labels


def _label(text: str, gutter: int, glyphs: Glyphs) -> Line:
    return ((clean.right(text, gutter - 1, glyphs.end) + " ", "muted"),)


def _axis(row: GraphRow, width: int, glyphs: Glyphs) -> str:
    return _place([(_column(index, row, width), glyphs.text(text)) for index, text in row.ticks], width)


def _mark_names(row: GraphRow, width: int, glyphs: Glyphs) -> str:
    return _place([(_column(mark.index, row, width), glyphs.text(mark.text)) for mark in row.marks], width)


def _place(labels: list[tuple[int, str]], width: int) -> str:
    """Texts at their columns in one line; one that would run into the text before it is left out."""
    line = ""
    for column, text in sorted(labels):
        start = min(column, width - clean.width(text))
        if start >= clean.width(line) + bool(line):
            line += " " * (start - clean.width(line)) + text
    return clean.left(line, width)


def _names(row: GraphRow, glyphs: Glyphs) -> list[Span]:
    if len(row.lines) < 2:
        return []
    return [span for line in row.lines for span in (gap(2), (glyphs.text(line.name), line.level.value))]


def _join(cells: list[Cell]) -> list[Span]:
    spans: list[Span] = []
    for char, role in cells:
        if spans and spans[-1][1] == role:
            spans[-1] = (spans[-1][0] + char, role)
        else:
            spans.append((char, role))
    return spans
