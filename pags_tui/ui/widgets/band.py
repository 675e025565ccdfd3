"""The band: the one loud thing, over the full width. It takes no focus, and no key of its own."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Size

from pags_tui.ui.painting import LineWidget, glyphs_of
from pags_tui.ui.renderables.band import band_height, band_lines
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
        high = self._height()
        old, self._row = self._row, row
        if self.is_attached and self._height() != high:
            self.refresh(layout=True)
        self.set_class(row is not None, "-shown")
        for mode in {old.mode if old else None, row.mode if row else None} - {None}:
            self.set_class(row is not None and row.mode is mode, f"-{mode.value}" if mode else "")
        self.repaint()

    def _height(self) -> int:
        """Rows that the present lines ask for; 0 before anything is laid out."""
        width = self.size.width if self.is_attached else 0
        return band_height(self._row, width, glyphs_of(self)) if self._row and width else 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As high as the wrapped lines are, up to what the layout allows."""
        return band_height(self._row, width, glyphs_of(self)) if self._row else 0

    def draw(self, width: int, height: int, glyphs: Glyphs) -> Sequence[Line]:
        """The band's lines."""
        return band_lines(self._row, width, height, glyphs) if self._row else ()
