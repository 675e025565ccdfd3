"""A gate to be gone against: what it says, what an override covers and how long. The reason must be typed."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.core.decide.asks import Ask, GiveOverride
from pags_tui.ui.dialogs.base import Dialog
from pags_tui.ui.dialogs.entry import pairs, plain
from pags_tui.ui.dialogs.questions import Question, reason
from pags_tui.ui.painting import glyphs_of
from pags_tui.ui.present import override_view
from pags_tui.ui.present.views import OverrideView
from pags_tui.ui.renderables.line import Line, status
from pags_tui.ui.scene import Scene


class OverrideDialog(Dialog):
    """`o`."""

    DANGER = True

    def __init__(self, scene: Scene, step: str) -> None:
        super().__init__(scene)
        self.step = step

    @property
    def view(self) -> OverrideView:
        """The gate as things stand."""
        return override_view(self.scene, self.step)

    def heading(self) -> str:
        return self.view.title

    def facts(self) -> Sequence[Line]:
        view = self.view
        lines = [
            status(view.status, glyphs_of(self)),
            *pairs(view.facts),
            plain(view.covers),
            plain(view.refused, "bad"),
        ]
        return [line for line in lines if line]

    def questions(self) -> Sequence[Question]:
        return () if self.view.refused else (reason("Reason for going on:"),)

    def make(self) -> Ask:
        view = self.view
        return GiveOverride(view.step, view.state, view.value, self.answers["reason"])


__all__ = ["OverrideDialog"]
