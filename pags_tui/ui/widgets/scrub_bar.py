"""Where a replay stands: the run as a bar with its events. It shows one row and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.ui.painting import LineWidget
from pags_tui.ui.renderables.foot import scrub_line
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.rows import ScrubRow


class ScrubBar(LineWidget):
    """One line: playing or not, speed, now, and the way from start to end. Hidden without a row."""

    DEFAULT_CSS = "ScrubBar { display: none; height: 1; } ScrubBar.-shown { display: block; }"

    def __init__(self, *, id: str | None = "scrub", classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._row: ScrubRow | None = None

    @property
    def row(self) -> ScrubRow | None:
        """What is shown; None hides the bar."""
        return self._row

    @row.setter
    def row(self, row: ScrubRow | None) -> None:
        if row != self._row:
            self._row = row
            self.set_class(row is not None, "-shown")
            self.repaint()

    def draw(self, width: int, height: int, glyphs: Glyphs) -> Sequence[Line]:
        """One line."""
        return (scrub_line(self._row, width, glyphs),) if self._row else ()
