"""Another outcome for a step, or the value that it captures. All but `passed` need a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from pags_tui.core.decide.asks import Ask, Resolve
from pags_tui.core.events import Outcome
from pags_tui.ui.dialogs.base import Dialog
from pags_tui.ui.dialogs.entry import pairs, plain
from pags_tui.ui.dialogs.questions import Option, Question, first, reason
from pags_tui.ui.present import outcome_view
from pags_tui.ui.present.views import OutcomeView
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.scene import Scene


class OutcomeDialog(Dialog):
    """`x`."""

    def __init__(self, scene: Scene, step: str) -> None:
        super().__init__(scene)
        self.step = step

    @property
    def view(self) -> OutcomeView:
        """The step as things stand."""
        return outcome_view(self.scene, self.step)

    def heading(self) -> str:
        return self.view.title

    def facts(self) -> Sequence[Line]:
        view = self.view
        return [line for line in (plain(view.present, "warn"), *pairs(view.facts)) if line]

    def questions(self) -> Sequence[Question]:
        view = self.view
        options = tuple(Option(one.outcome, "needs a reason" * one.needs_reason, one.why_not) for one in view.choices)
        asked = [Question("outcome", "Outcome:", options=options)]
        chosen = next((one for one in view.choices if one.outcome == self.answers.get("outcome")), None)
        if chosen and chosen.needs_reason:
            asked.append(reason("Reason:"))
        elif chosen and view.capture:
            asked.append(Question("value", f"{view.capture}:"))
        return asked

    def make(self) -> Ask:
        said = self.answers
        outcome = cast(Outcome, said["outcome"])
        return Resolve(self.step, outcome, first(said, "reason"), first(said, "value"))


class CaptureDialog(OutcomeDialog):
    """`space` on a step that captures a value."""

    def questions(self) -> Sequence[Question]:
        return (Question("value", f"{self.view.capture}:"),)

    def make(self) -> Ask:
        return Resolve(self.step, "passed", value=self.answers["value"])


__all__ = ["CaptureDialog", "OutcomeDialog"]
