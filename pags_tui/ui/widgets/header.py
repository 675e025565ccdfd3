"""The header: what is visible at every size. It shows one row and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.ui.painting import LineWidget
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.header import facts_line, header_lines
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.rows import HeaderRow


class Header(LineWidget):
    """Two lines at 80 columns, three from 100 on."""

    def __init__(self, *, id: str | None = "header", classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._row = HeaderRow()

    @property
    def row(self) -> HeaderRow:
        """What is shown; setting it repaints the lines that changed."""
        return self._row

    @row.setter
    def row(self, row: HeaderRow) -> None:
        if row != self._row:
            self._row = row
            self.repaint()

    def draw(self, width: int, height: int, glyphs: Glyphs) -> Sequence[Line]:
        """The header's lines."""
        return header_lines(self._row, width, height, glyphs)


class Facts(Header):
    """What the two narrow lines leave out, in one line of its own; hidden where the header has three."""

    def __init__(self, *, id: str | None = "facts", classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)

    def draw(self, width: int, height: int, glyphs: Glyphs) -> Sequence[Line]:
        """One line."""
        return (facts_line(self._row, width, glyphs),)
