"""The footer: the keys that matter here. It shows them; they are declared and bound elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.ui.painting import LineWidget
from pags_tui.ui.renderables.foot import footer_line
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.rows import FooterKey


class Footer(LineWidget):
    """Keys in the order of their need; what does not fit is left out, the rollback key never."""

    def __init__(self, *, id: str | None = "footer", classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._keys: tuple[FooterKey, ...] = ()

    @property
    def keys(self) -> tuple[FooterKey, ...]:
        """What is shown."""
        return self._keys

    @keys.setter
    def keys(self, keys: tuple[FooterKey, ...]) -> None:
        if keys != self._keys:
            self._keys = keys
            self.repaint()

    def draw(self, width: int, height: int, glyphs: Glyphs) -> Sequence[Line]:
        """One line."""
        return (footer_line(self._keys, width, glyphs),)
