"""Gates in one line, for terminals without room for a board. It shows rows and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.ui.painting import LineWidget, glyphs_of, name_frame
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.renderables.panes import strip_line
from pags_tui.ui.rows import GateRow, MetricRow


class GateStrip(LineWidget):
    """`error 0.42% ✓ · queue 612 ✗ >500`, in the order given; what does not fit is counted."""

    def __init__(self, *, id: str | None = "gate-strip", classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: tuple[GateRow | MetricRow, ...] = ()

    @property
    def rows(self) -> tuple[GateRow | MetricRow, ...]:
        """What is shown, the worst first."""
        return self._rows

    @rows.setter
    def rows(self, rows: tuple[GateRow | MetricRow, ...]) -> None:
        if rows != self._rows:
            self._rows = rows
            self.repaint()

    def entitle(self, title: str) -> None:
        """The words in the frame. Plain text: cleaned, never markup."""
        name_frame(self, title=f" {glyphs_of(self).text(title)} ")

    def draw(self, width: int, height: int, glyphs: Glyphs) -> Sequence[Line]:
        """One line."""
        return (strip_line(self._rows, width, glyphs),)
