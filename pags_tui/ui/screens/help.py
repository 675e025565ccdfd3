"""Help for where I am: what is shown here, the keys that work here, the marks and what they say."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.ui import keys
from pags_tui.ui.dialogs.entry import pairs, plain
from pags_tui.ui.painting import glyphs_of
from pags_tui.ui.present import help_view
from pags_tui.ui.present.views import HelpView
from pags_tui.ui.renderables.line import Line, gap, status, width_of
from pags_tui.ui.rows import FooterKey
from pags_tui.ui.scene import Scene
from pags_tui.ui.screens.page import Page

MARK_ROOM = 14


class HelpScreen(Page):
    """`?`."""

    def __init__(self, scene: Scene, where: str) -> None:
        super().__init__(scene)
        self.where = where

    @property
    def view(self) -> HelpView:
        """The help of that place."""
        found = [key for key in keys.keys_for(self.scene.seat) if key.keys]
        found.sort(key=lambda key: key.group != "Replay")  # those of a replay before all others, where they exist
        told = tuple(FooterKey(key.shown_in(self.scene), key.text, key.why_not(self.scene)) for key in found)
        return help_view(self.scene, self.where, told)

    def heading(self) -> str:
        return self.view.title

    def lines(self) -> Sequence[Line]:
        view, glyphs = self.view, glyphs_of(self)
        marks = [status(mark, glyphs) for mark, _ in view.marks]
        told = [
            (*line, gap(max(2, MARK_ROOM - width_of(line))), (text, "muted"))
            for line, (_, text) in zip(marks, view.marks, strict=True)
        ]
        return [*(plain(text) for text in view.here), (), *pairs(view.keys), (), *told]


__all__ = ["HelpScreen"]
