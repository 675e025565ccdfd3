"""Gates and triggers with their states and clocks. It shows rows and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.renderables.panes import board_line
from pags_tui.ui.row_list import RowList
from pags_tui.ui.rows import BoardRow, HeadingRow


class GateBoard(RowList[BoardRow]):
    """Gates of the present phase, then the rollback triggers."""

    def __init__(self, *, id: str | None = "gates", classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)

    def draw(self, row: BoardRow, width: int, glyphs: Glyphs, chosen: bool) -> Sequence[Line]:
        """One line a row."""
        return (board_line(row, width, glyphs, chosen),)

    def can_choose(self, row: BoardRow) -> bool:
        """Gates and triggers, not headings."""
        return not isinstance(row, HeadingRow)
