"""Sends the terminal only what is not on it already.

Textual paints whole screens: when a dialog opens or closes, and once more at each change below an open one. Here every
update is held against the cells that were sent last, and only those that differ go out. It decides nothing about what
is drawn. After anything else may have written on the terminal, `forget` makes the next frame a whole one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.console import Console, RenderableType
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.driver import Driver
from textual.screen import Screen

from pags_tui.ui.terminal.app import TerminalApp
from pags_tui.ui.terminal.driver import SteadyDriver
from pags_tui.ui.terminal.pen import SEEN_ON_BLANKS, Cell, Pen

JUMP = 4
"""Unchanged cells that are sent all the same: moving the cursor over fewer costs as much."""

AT_ONCE = 512
"""Characters of a frame that a terminal draws in one go, marked as one or not."""

NOWHERE: Cell = ("\0", None)
"""A cell of which nobody knows what it shows."""


@lru_cache(maxsize=4096)
def seen(style: Style) -> Style:
    """The style without what nobody sees: Textual's own marks on it."""
    return style.clear_meta_and_links()


@lru_cache(maxsize=4096)
def on_blanks(style: Style) -> Style:
    """What of the style is seen where no character stands: mostly the ground, so that a blank is like the next one."""
    return style if style._attributes & SEEN_ON_BLANKS else Style(bgcolor=style.bgcolor)


def cells_of(segments: Iterable[Segment]) -> list[Cell]:
    """Segments cell by cell."""
    cells: list[Cell] = []
    for text, style, control in segments:
        if control:
            continue
        style = style and seen(style)
        blank = style and on_blanks(style)
        if text.isascii():
            cells += [(char, style if char != " " else blank) for char in text]
            continue
        for char in text:
            size = get_character_cell_size(char)
            if size:
                cells.append((char, style if char != " " else blank))
                cells += [("", style)] * (size - 1)
            elif cells:
                cells[-1] = (cells[-1][0] + char, cells[-1][1])
    return cells


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

    def __init__(self, frame: Frame, update: LayoutUpdate | ChopsUpdate, erases: bool = True) -> None:
        self._frame, self._update, self._erases = frame, update, erases

    def render_segments(self, console: Console) -> str:
        """The escape sequences and texts to send. May be empty."""
        pen = Pen(console._color_system or ColorSystem.TRUECOLOR, self._erases)
        sent = [
            pen.write(column, y, cells)
            for x, y, strip in pieces(self._update)
            for column, cells in self._frame.changes(x, y, cells_of(strip))
        ]
        return "".join([*sent, pen.end()])


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

    def show(self, frame: str) -> None:
        """Write a frame: it may be dropped where too much waits."""
        if self._writer is not None:
            self._writer.write(frame, frame=True)

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
        if isinstance(renderable, LayoutUpdate | ChopsUpdate) and not self.terminal.browser:
            size = (self.size.width, self.size.height)
            if self._frame is None or self._frame.size != size:
                self._frame = Frame(*size)
                if isinstance(renderable, ChopsUpdate):
                    self.call_later(self.screen.refresh)
            self._show(Difference(self._frame, renderable, self.terminal.erases))
            return
        super()._display(screen, renderable)

    def _show(self, difference: Difference) -> None:
        """Send a frame, as one write: nothing when nothing differs, and no marks around what arrives at once anyway.

        The place of Textual's own `_display`, which marks every frame and moves the (hidden) cursor behind it.
        """
        driver, paints = self._driver, self._running and not self._closed and not self._batch_count
        if paints and isinstance(driver, FrameDriver):
            data = difference.render_segments(self.console)
            if self._typing:
                data += Control.move_to(*self.screen.outer_size.clamp_offset(self.cursor_position)).segment.text
            driver.show(f"{SYNC_START}{data}{SYNC_END}" if self._sync_available and len(data) > AT_ONCE else data)
        self.post_display_hook()

    @property
    def _typing(self) -> bool:
        """Somebody types: what composes letters (an input method) looks for the cursor where they go."""
        return hasattr(self.focused, "selection")
