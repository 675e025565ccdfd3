"""The timeline: phases and checkpoints in their order. It shows rows and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.renderables.panes import timeline_line
from pags_tui.ui.row_list import RowList
from pags_tui.ui.rows import TimelineRow


class Timeline(RowList[TimelineRow]):
    """Phases of the night, the present one marked, with how late each is."""

    def __init__(self, *, id: str | None = "timeline", classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)

    def draw(self, row: TimelineRow, width: int, glyphs: Glyphs, chosen: bool) -> Sequence[Line]:
        """One line a row."""
        return (timeline_line(row, width, glyphs, chosen),)
