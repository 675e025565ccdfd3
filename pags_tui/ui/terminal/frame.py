"""Sends the terminal only what is not on it already.

Textual paints whole screens: when a dialog opens or closes, and once more at each change below an open one. Here every
update is held against the cells that were sent last, and only those that differ go out. It decides nothing about what
is drawn. After anything else may have written on the terminal, `forget` makes the next frame a whole one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import cast

from rich.cells import get_character_cell_size
from rich.console import Console, RenderableType
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.driver import Driver
from textual.screen import Screen
from textual.strip import Strip

from pags_tui.ui.terminal.app import TerminalApp
from pags_tui.ui.terminal.driver import SteadyDriver

Cell = tuple[str, Style | None]
"""A character (with what combines with it) and its style; an empty text is the second half of a wide one."""

JUMP = 8
"""Unchanged cells that are sent all the same: moving the cursor over fewer costs as much."""

NOWHERE: Cell = ("\0", None)
"""A cell of which nobody knows what it shows."""


@lru_cache(maxsize=4096)
def seen(style: Style) -> Style:
    """The style without what nobody sees: Textual's own marks on it."""
    return style.clear_meta_and_links()


def cells_of(segments: Iterable[Segment]) -> list[Cell]:
    """Segments cell by cell."""
    cells: list[Cell] = []
    for text, style, control in segments:
        if control:
            continue
        style = style and seen(style)
        if text.isascii():
            cells += [(char, style) for char in text]
            continue
        for char in text:
            size = get_character_cell_size(char)
            if size:
                cells.append((char, style))
                cells += [("", style)] * (size - 1)
            elif cells:
                cells[-1] = (cells[-1][0] + char, cells[-1][1])
    return cells


def segments_of(cells: Iterable[Cell]) -> Iterator[Segment]:
    """Cells as segments, one for each run of a style."""
    text, style = "", None
    for char, own in cells:
        if own is not style and text:
            yield Segment(text, style)
            text = ""
        text, style = text + char, own
    if text:
        yield Segment(text, style)


class Frame:
    """What the terminal shows, as far as it is known."""

    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self._lines: list[list[Cell]] = [[NOWHERE] * width for _ in range(height)]

    def changes(self, x: int, y: int, cells: list[Cell]) -> Iterator[tuple[int, list[Cell]]]:
        """The runs of a piece of a line that are not shown yet, each with its column; from now on they are."""
        width, height = self.size
        if not 0 <= y < height:
            return
        line = self._lines[y]
        cells = cells[: max(0, width - x)]
        start = end = -1
        for at, cell in enumerate(cells, x):
            old = line[at]
            if old == cell:
                continue
            if start >= 0 and at - end > JUMP:
                yield self._run(line, cells, x, start, end)
                start = -1
            start, end = (at if start < 0 else start), at + 1
        if start >= 0:
            yield self._run(line, cells, x, start, end)
        line[x : x + len(cells)] = cells

    def _run(self, line: list[Cell], cells: list[Cell], x: int, start: int, end: int) -> tuple[int, list[Cell]]:
        """The run from `start` to `end`, made wider where it would cut a wide character in two."""
        while start > x and not (cells[start - x][0] and line[start][0]):
            start -= 1
        while end < x + len(cells) and not (cells[end - x][0] and line[end][0]):
            end += 1
        return start, cells[start - x : end - x]


class Difference(CompositorUpdate):
    """An update of Textual, reduced to what is not on the terminal already."""

    def __init__(self, frame: Frame, update: LayoutUpdate | ChopsUpdate) -> None:
        self._frame, self._update = frame, update

    def render_segments(self, console: Console) -> str:
        """The escape sequences and texts to send. May be empty."""
        sent: list[str] = []
        for x, y, strip in pieces(self._update):
            for column, cells in self._frame.changes(x, y, cells_of(strip)):
                sent.append(Control.move_to(column, y).segment.text)
                sent.append(Strip(segments_of(cells)).render(console))
        return "".join(sent)


def pieces(update: LayoutUpdate | ChopsUpdate) -> Iterator[tuple[int, int, Iterable[Segment]]]:
    """Each piece of a line that an update paints: column, row, segments."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            yield update.region.x, y, (segment for strip in line for segment in strip)
        return
    for y, start, end in update.spans:
        for until, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x <= end and until > start:
                yield x, y, strip


class FrameDriver(SteadyDriver):
    """The steady driver; what it repaints whole it repaints from nothing."""

    def _repaint(self) -> None:
        if isinstance(self._app, FrameApp):
            self._app.forget()
        super()._repaint()


class FrameApp(TerminalApp):
    """A `TerminalApp` that sends differences only."""

    _frame: Frame | None = None

    def get_driver_class(self) -> type[Driver]:
        """The steady one, told to forget what may not have arrived; in a browser there is nothing to forget."""
        return super().get_driver_class() if self.terminal.browser else FrameDriver

    def forget(self) -> None:
        """Nobody knows what the terminal shows: the next frame is whole."""
        self._frame = None

    def repaint(self) -> None:
        """Draw everything again: something else wrote on the terminal (`ctrl+l`)."""
        self.forget()
        super().repaint()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if isinstance(renderable, LayoutUpdate | ChopsUpdate):
            size = (self.size.width, self.size.height)
            if self._frame is None or self._frame.size != size:
                self._frame = Frame(*size)
                if isinstance(renderable, ChopsUpdate):
                    self.call_later(self.screen.refresh)
            super()._display(screen, cast(RenderableType, Difference(self._frame, renderable)))
            return
        super()._display(screen, renderable)
