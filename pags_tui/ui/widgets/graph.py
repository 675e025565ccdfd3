"""A metric as a graph over the whole room it is given. It shows one row and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.ui.painting import LineWidget
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.graph import graph_lines
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.rows import GraphRow


class Graph(LineWidget):
    """Courses, limits, moved flags and both axes."""

    def __init__(self, *, id: str | None = "graph", classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._row: GraphRow | None = None

    @property
    def row(self) -> GraphRow | None:
        """What is shown."""
        return self._row

    @row.setter
    def row(self, row: GraphRow | None) -> None:
        if row != self._row:
            self._row = row
            self.repaint()

    def draw(self, width: int, height: int, glyphs: Glyphs) -> Sequence[Line]:
        """The graph's lines."""
        return graph_lines(self._row, width, height, glyphs) if self._row else ()
