"""A list of rows with a cursor, drawn line by line: ten thousand rows cost what the visible ones cost.

It keeps the cursor on the row it was on (by id) when rows come and go. Keys are bound elsewhere; they call the methods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from pags_tui.ui.painting import Painter, glyphs_of, name_frame, refresh_cells
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line, fit


class Row(Protocol):
    """Anything with a name of its own."""

    @property
    def id(self) -> str:
        """Unique within the list."""
        ...


R = TypeVar("R", bound=Row)

KEPT_LINES = 1000
"""Drawn lines kept to compare the next ones with; more than any view holds."""


@dataclass(frozen=True, slots=True)
class Made:
    """The lines of a row, kept until it is another: what is compared with what was drawn need not be made again."""

    row: object
    width: int
    chosen: bool
    glyphs: Glyphs
    lines: tuple[Line, ...]


class RowList(Painter, ScrollView, Generic[R], can_focus=True, can_focus_children=False):
    """Shows rows; moves a cursor among those that can be chosen; opens one on request."""

    ROW_HEIGHT = 1
    """Lines a row takes."""

    FOLLOWS_END = False
    """Whether a cursor on the last row moves with it when rows are added."""

    DEFAULT_CSS = """
    RowList { overflow: hidden hidden; scrollbar-size: 0 0; }
    """

    class Moved(Message):
        """The cursor stands on another row."""

        def __init__(self, pane: RowList[Any], row_id: str) -> None:
            super().__init__()
            self.pane = pane
            self.row_id = row_id

        @property
        def control(self) -> RowList[Any]:
            """The list, so that `@on` can select it by id."""
            return self.pane

    class Opened(Moved):
        """The row under the cursor was asked for."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: tuple[R, ...] = ()
        self._cursor = -1
        self._title = ""
        self._drawn: dict[int, Line] = {}
        self._made: dict[int, Made] = {}

    # ------------------------------------------------------------ what a list of its own kind says

    def draw(self, row: R, width: int, glyphs: Glyphs, chosen: bool) -> Sequence[Line]:
        """The lines of one row, `ROW_HEIGHT` of them."""
        raise NotImplementedError

    def can_choose(self, row: R) -> bool:
        """Whether the cursor may stand on it."""
        return True

    # ------------------------------------------------------------ rows in

    @property
    def rows(self) -> tuple[R, ...]:
        """What is shown."""
        return self._rows

    @rows.setter
    def rows(self, rows: tuple[R, ...]) -> None:
        old = self._rows
        if rows is old:
            return
        at_end = self.FOLLOWS_END and self._cursor >= len(old) - 1
        kept = self.cursor_id
        self._rows = rows
        if len(rows) != len(old):
            self.virtual_size = Size(0, len(rows) * self.ROW_HEIGHT)
        self._keep_cursor(rows[-1].id if at_end and rows else kept)
        self._refresh_changed(old, rows)
        self._say_rest()

    def _keep_cursor(self, row_id: str | None) -> None:
        old = self._cursor
        if row_id is None or not (0 <= old < len(self._rows) and self._rows[old].id == row_id):
            index = next((at for at, row in enumerate(self._rows) if row.id == row_id), None)
            self._cursor = self._nearest(max(0, old)) if index is None else index
        if self._cursor != old:
            self._refresh_row(old)
            self._refresh_row(self._cursor)
            self._show_cursor()

    def _nearest(self, index: int) -> int:
        """The row that can be chosen at or after the index, otherwise before it; -1 when there is none."""
        index = max(0, index)
        after = (at for at in range(index, len(self._rows)) if self.can_choose(self._rows[at]))
        before = (at for at in range(min(index, len(self._rows)) - 1, -1, -1) if self.can_choose(self._rows[at]))
        return next(after, next(before, -1))

    def _refresh_changed(self, old: tuple[R, ...], new: tuple[R, ...]) -> None:
        first, last = self._visible()
        for index in range(first, last):
            if old[index : index + 1] != new[index : index + 1]:
                self._refresh_cells(index)

    def _visible(self) -> tuple[int, int]:
        top = self.scroll_offset.y // self.ROW_HEIGHT
        return top, top + self.size.height // self.ROW_HEIGHT + 2

    def _refresh_cells(self, index: int) -> None:
        """Refresh what differs in a row from what was drawn of it last."""
        lines = self._lines_of(index)
        for part, line in enumerate(lines):
            at = index * self.ROW_HEIGHT + part
            refresh_cells(self, at - self.scroll_offset.y, self._drawn.get(at), line)
        if not lines:
            self._refresh_row(index)

    def _lines_of(self, index: int) -> tuple[Line, ...]:
        """A row's lines, in exactly the width of the view."""
        width = self.size.width
        if not 0 <= index < len(self._rows) or not width:
            return ()
        row, glyphs, chosen = self._rows[index], glyphs_of(self), index == self._cursor and self.has_focus
        made = self._made.get(index)
        if made is None or made.row is not row or (made.width, made.chosen, made.glyphs) != (width, chosen, glyphs):
            lines = tuple(fit(line, width, glyphs) for line in self.draw(row, width, glyphs, chosen))
            made = self._made[index] = Made(row, width, chosen, glyphs, lines)
        return made.lines

    def _refresh_row(self, index: int) -> None:
        if index >= 0:
            y = index * self.ROW_HEIGHT - self.scroll_offset.y
            self.refresh(Region(0, y, self.size.width, self.ROW_HEIGHT))

    # ------------------------------------------------------------ cursor

    @property
    def cursor_id(self) -> str | None:
        """The id of the row under the cursor; None in an empty list."""
        row = self.cursor_row
        return row.id if row is not None else None

    @property
    def cursor_row(self) -> R | None:
        """The row under the cursor."""
        return self._rows[self._cursor] if 0 <= self._cursor < len(self._rows) else None

    def select(self, row_id: str) -> bool:
        """Put the cursor on a row by id; False when it is not there or cannot be chosen."""
        for index, row in enumerate(self._rows):
            if row.id == row_id and self.can_choose(row):
                self._go(index)
                return True
        return False

    def move(self, rows: int) -> None:
        """Move the cursor by so many rows that can be chosen, down when positive."""
        index, step = self._cursor, 1 if rows > 0 else -1
        for _ in range(abs(rows)):
            index = self._next(index, step)
        self._go(index)

    def _next(self, index: int, step: int) -> int:
        at = index + step
        while 0 <= at < len(self._rows):
            if self.can_choose(self._rows[at]):
                return at
            at += step
        return index

    def page(self, pages: int) -> None:
        """Move the cursor by so many heights of the list."""
        index = self._cursor + pages * max(1, self.size.height // self.ROW_HEIGHT - 1)
        self._go(self._nearest(min(max(0, index), len(self._rows) - 1)))

    def first(self) -> None:
        """To the first row."""
        self._go(self._nearest(0))

    def last(self) -> None:
        """To the last row."""
        self._go(self._nearest(len(self._rows)))

    def open(self) -> None:
        """Ask for the row under the cursor."""
        if self.cursor_id is not None:
            self.post_message(self.Opened(self, self.cursor_id))

    def _go(self, index: int) -> None:
        if index == self._cursor or not 0 <= index < len(self._rows):
            return
        old, self._cursor = self._cursor, index
        self._refresh_row(old)
        self._refresh_row(index)
        self._show_cursor()
        self.post_message(self.Moved(self, self._rows[index].id))

    def _show_cursor(self) -> None:
        height = self.size.height
        if not height or self._cursor < 0:
            return
        top, line = self.scroll_offset.y, self._cursor * self.ROW_HEIGHT
        if self._nearest(0) == self._cursor:
            line = 0
        if line < top:
            self._scroll(line)
        elif self._cursor * self.ROW_HEIGHT + self.ROW_HEIGHT > top + height:
            self._scroll(self._cursor * self.ROW_HEIGHT + self.ROW_HEIGHT - height)

    def _scroll(self, line: int) -> None:
        self.scroll_to(y=max(0, line), animate=False, force=True)
        self._say_rest()

    # ------------------------------------------------------------ frame

    def entitle(self, title: str) -> None:
        """The words in the frame. Plain text: cleaned, never markup."""
        self._title = glyphs_of(self).text(title)
        self._say_rest()

    def _say_rest(self) -> None:
        """Say how many rows lie below the view: in the lower edge, or behind the title where there is none."""
        seen = (self.scroll_offset.y + self.size.height) // self.ROW_HEIGHT
        rest = len(self._rows) - seen
        more = f"{glyphs_of(self).end} {rest} more" if rest > 0 and self.size.height else ""
        if self.styles.border_bottom[0]:
            name_frame(self, title=self._title, subtitle=more)
        elif self.styles.border_top[0]:
            name_frame(self, title=f" {self._title} {more} " if more else f" {self._title} ", subtitle="")

    def on_resize(self) -> None:
        """Keep the cursor in view when the terminal changes its size."""
        self._show_cursor()
        self._say_rest()

    def render_line(self, y: int) -> Strip:
        """One line of the view."""
        index, part = divmod(y + self.scroll_offset.y, self.ROW_HEIGHT)
        if not 0 <= index < len(self._rows) or not self.size.width:
            return Strip.blank(self.size.width, self.rich_style)
        lines = self._lines_of(index)
        if part >= len(lines):
            return Strip.blank(self.size.width, self.rich_style)
        if len(self._drawn) > KEPT_LINES:
            self._drawn.clear()
            self._made.clear()
        self._drawn[y + self.scroll_offset.y] = lines[part]
        return self.strip(lines[part], over="cursor" if index == self._cursor and self.has_focus else None)
