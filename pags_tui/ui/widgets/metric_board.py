"""The metrics with their recent course. It shows rows and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.renderables.panes import metric_lines
from pags_tui.ui.row_list import RowList
from pags_tui.ui.rows import MetricRow


class MetricBoard(RowList[MetricRow]):
    """Two lines a metric: name, value and judgement; course and limit."""

    ROW_HEIGHT = 2

    def __init__(self, *, id: str | None = "metrics", classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)

    def draw(self, row: MetricRow, width: int, glyphs: Glyphs, chosen: bool) -> Sequence[Line]:
        """Two lines a row."""
        return metric_lines(row, width, glyphs, chosen)
