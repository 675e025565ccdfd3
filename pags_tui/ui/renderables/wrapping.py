"""Lines broken at blanks into rows of so many cells."""

from __future__ import annotations

from collections.abc import Iterable

from pags_tui.ui.renderables.clean import width as cells_of
from pags_tui.ui.renderables.line import Line, Span, gap, width_of

INDENT = 2
"""Cells by which a continued line is set in."""


def wrap(line: Line, cells: int) -> list[Line]:
    """The line in rows of so many cells, broken at blanks; what continues is set in."""
    if cells <= INDENT or width_of(line) <= cells:
        return [line]
    rows: list[list[Span]] = [[]]
    for text, role in _words(line):
        if rows[-1] and width_of(rows[-1]) + cells_of(text.rstrip()) > cells:
            rows.append([gap(INDENT)])
            text = text.lstrip()
        while cells_of(text.rstrip()) > cells - INDENT and text.strip():
            room = max(1, cells - width_of(rows[-1]))
            rows[-1].append((text[:room], role))
            rows.append([gap(INDENT)])
            text = text[room:]
        if text:
            rows[-1].append((text, role))
    return [_trimmed(row) for row in rows if any(text.strip() for text, _ in row)]


def _trimmed(row: list[Span]) -> Line:
    """The row without the blanks at its end."""
    while row and not row[-1][0].strip():
        row = row[:-1]
    return (*row[:-1], (row[-1][0].rstrip(), row[-1][1]))


def _words(line: Line) -> Iterable[Span]:
    """Word by word, each with the blanks behind it."""
    for text, role in line:
        word = ""
        for char in text:
            if word.endswith(" ") and char != " ":
                yield word, role
                word = ""
            word += char
        if word:
            yield word, role
