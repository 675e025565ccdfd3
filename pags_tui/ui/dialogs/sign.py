"""A checkpoint to be signed: what its gates say, who has signed, what is in the way. The phase's id must be typed."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.core.decide.asks import Ask, Sign
from pags_tui.ui.dialogs.base import Dialog
from pags_tui.ui.dialogs.entry import facts, in_the_way, judged, pairs, plain
from pags_tui.ui.dialogs.questions import Question, word
from pags_tui.ui.painting import glyphs_of
from pags_tui.ui.present import sign_view
from pags_tui.ui.present.views import EvidenceLine, SignView
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.scene import Scene


class SignDialog(Dialog):
    """`s`."""

    def __init__(self, scene: Scene, phase: str = "") -> None:
        super().__init__(scene)
        self.phase = phase

    @property
    def view(self) -> SignView:
        """The checkpoint as things stand. Raises KeyError when there is none any more."""
        view = sign_view(self.scene, self.phase)
        if view is None:
            raise KeyError(self.phase)
        self.phase = view.phase
        return view

    def heading(self) -> str:
        return self.view.title

    def facts(self) -> Sequence[Line]:
        view, glyphs = self.view, glyphs_of(self)
        lines = [facts(view.counts), *evidence(view.evidence, glyphs), *pairs(view.roles), plain(view.note, "warn")]
        lines += [plain(text, "warn") for text in view.early]
        return [line for line in (*lines, *in_the_way(view.blockers)) if line]

    def questions(self) -> Sequence[Question]:
        view = self.view
        if view.blockers or not view.role:
            return ()
        return (word(view.prompt, view.typed),)

    def make(self) -> Ask:
        return Sign(self.view.phase, self.view.role)


def evidence(rows: Sequence[EvidenceLine], glyphs: Glyphs) -> list[Line]:
    """Steps with what their gates say."""
    return [judged(row.status, row.text, glyphs, row.note, wide=11) for row in rows]


__all__ = ["SignDialog", "evidence"]
