"""What stands behind a line: a step, a gate with its evidence, a trigger with its clocks, an event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from pags_tui.ui.dialogs.entry import pairs, plain
from pags_tui.ui.present.views import Pairs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.scene import Scene
from pags_tui.ui.screens.page import Page

Detail = Callable[[Scene], Pairs]
"""Asked anew at each refresh. KeyError: it is not there any more."""


class DetailScreen(Page):
    """`enter`."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("a", "act", "act", show=False)]

    def __init__(self, scene: Scene, title: str, detail: Detail, copies: str = "", step: str = "") -> None:
        super().__init__(scene)
        self._title, self._detail, self._copies, self._step = title, detail, copies, step

    def heading(self) -> str:
        return self._title

    def lines(self) -> Sequence[Line]:
        return pairs(self._detail(self.scene)) or [plain("Nothing more is known.", "muted")]

    def copies(self) -> str:
        return self._copies

    def action_act(self) -> None:
        """The same as on the step's own line, with the page out of the way; elsewhere there is nothing to perform."""
        room = self.room
        if not self.leave():
            return
        if self._step:
            self.app.call_later(room.go_and_press, self._step, "act")
        else:
            self.app.call_later(room.tell, "There is no action here: a works on a step of the checklist.", "warn")


__all__ = ["DetailScreen"]
