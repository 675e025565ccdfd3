"""The log: what happened, a line each. It shows rows and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.renderables.panes import log_line
from pags_tui.ui.row_list import RowList
from pags_tui.ui.rows import LogRow


class EventLog(RowList[LogRow]):
    """Events, the newest at the foot; it follows them until the cursor is moved away from the end."""

    FOLLOWS_END = True

    def __init__(self, *, id: str | None = "log", classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)

    def draw(self, row: LogRow, width: int, glyphs: Glyphs, chosen: bool) -> Sequence[Line]:
        """One line a row."""
        return (log_line(row, width, glyphs, chosen),)
