"""The band: the one loud thing, over the full width. It takes no focus, and no key of its own."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.ui.painting import LineWidget
from pags_tui.ui.renderables.band import band_lines
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.rows import BandRow


class Band(LineWidget):
    """A countdown, a question, a warning; gone when there is none."""

    DEFAULT_CSS = "Band { display: none; } Band.-shown { display: block; }"

    def __init__(self, *, id: str | None = "band", classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._row: BandRow | None = None

    @property
    def row(self) -> BandRow | None:
        """What is shown; None hides the band."""
        return self._row

    @row.setter
    def row(self, row: BandRow | None) -> None:
        if row == self._row:
            return
        old, self._row = self._row, row
        self.set_class(row is not None, "-shown")
        for mode in {old.mode if old else None, row.mode if row else None} - {None}:
            self.set_class(row is not None and row.mode is mode, f"-{mode.value}" if mode else "")
        self.repaint()

    def draw(self, width: int, height: int, glyphs: Glyphs) -> Sequence[Line]:
        """The band's lines."""
        return band_lines(self._row, width, height, glyphs) if self._row else ()
