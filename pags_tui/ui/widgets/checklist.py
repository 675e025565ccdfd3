"""The checklist of a phase. It shows rows, moves a cursor and opens a step; it ticks nothing by itself."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.renderables.panes import checklist_line
from pags_tui.ui.row_list import RowList
from pags_tui.ui.rows import ChecklistRow, Kind


class Checklist(RowList[ChecklistRow]):
    """The steps of a phase under their headings; headings take no cursor."""

    def __init__(self, *, id: str | None = "checklist", classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)

    def draw(self, row: ChecklistRow, width: int, glyphs: Glyphs, chosen: bool) -> Sequence[Line]:
        """One line a row."""
        return (checklist_line(row, width, glyphs, chosen),)

    def can_choose(self, row: ChecklistRow) -> bool:
        """Steps only."""
        return row.kind is Kind.STEP
