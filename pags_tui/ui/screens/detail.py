"""What stands behind a line: a step, a gate with its evidence, a trigger with its clocks, an event."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pags_tui.ui.dialogs.entry import pairs, plain
from pags_tui.ui.present.views import Pairs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.scene import Scene
from pags_tui.ui.screens.page import Page

Detail = Callable[[Scene], Pairs]
"""Asked anew at each refresh. KeyError: it is not there any more."""


class DetailScreen(Page):
    """`enter`."""

    def __init__(self, scene: Scene, title: str, detail: Detail, copies: str = "") -> None:
        super().__init__(scene)
        self._title, self._detail, self._copies = title, detail, copies

    def heading(self) -> str:
        return self._title

    def lines(self) -> Sequence[Line]:
        return pairs(self._detail(self.scene)) or [plain("Nothing more is known.", "muted")]

    def copies(self) -> str:
        return self._copies


__all__ = ["DetailScreen"]
