"""The run as a whole: leaving its screen, ending it, reading its corrected runbook."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Sequence

from pags_tui.core.decide.asks import Accepted, Amend, Ask, EndRun, StopGuard
from pags_tui.core.decide.rest import AMEND_WORD
from pags_tui.core.errors import PagsError
from pags_tui.core.plan.arming import anything_armed
from pags_tui.core.plan.progress import outcome_counts
from pags_tui.ui.dialogs.base import Dialog
from pags_tui.ui.dialogs.entry import pairs, plain
from pags_tui.ui.dialogs.questions import Option, Question, word
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.scene import Scene

STOP_WORD, END_WORD = "stop", "end"
SHOWN_DIFFERENCE = 40
"""Lines of a difference that are shown; the rest is counted."""


class LeaveDialog(Dialog):
    """`q`: the guard goes on, or stops. Pressed again, it leaves and the guard goes on."""

    def heading(self) -> str:
        return "Leave this screen"

    @property
    def demo(self) -> bool:
        """Nothing stands behind the screen that could go on without it."""
        run = self.scene.state.run
        return run is not None and run.kind == "demo"

    def facts(self) -> Sequence[Line]:
        state, now = self.scene.state, self.scene.now
        if self.demo:
            return [plain("The demo ends with its screen.")]
        if state.ended:
            return [plain(f"The run was closed as {state.ended}; its guard stops by itself.")]
        if self.scene.gone:
            return [
                plain("There is no guard: nobody watches, whether this screen stays or not.", "bad"),
                plain("pags-tui run starts another one and comes back here."),
            ]
        lines = [
            plain("The guard goes on without a screen: it judges, counts down, sends. Come back with pags-tui run.")
        ]
        if anything_armed(state, now):
            lines.append(plain("Triggers are armed: without a guard nobody watches them.", "bad"))
        if state.rolling_back:
            lines.append(plain("A rollback is running: the guard finishes it in any case.", "warn"))
        return lines

    def questions(self) -> Sequence[Question]:
        if self.demo or self.scene.gone or self.scene.state.ended:
            return (Question("how", "Enter leaves:", empty=True, judge=lambda text: "Enter leaves, escape stays."),)
        stop = f"Enter leaves; or type {STOP_WORD} to stop the guard as well:"
        return (Question("how", stop, empty=True, judge=lambda text: _only(text, STOP_WORD)),)

    def make(self) -> Ask | None:
        return StopGuard() if self.answers["how"] == STOP_WORD else None

    def finish(self) -> None:
        ask = self.make()
        if ask is None:
            self.room.leave()
        else:
            self.send(ask)

    def done(self, accepted: Accepted) -> None:
        self.room.leave()

    def hint(self) -> str:
        return "esc stays"


def _only(text: str, wanted: str) -> str | None:
    return None if text == wanted else f"'{text}' does nothing: enter leaves, {wanted} stops the guard as well."


class EndDialog(Dialog):
    """By name: close the run."""

    DANGER = True

    def heading(self) -> str:
        return "End the run"

    def facts(self) -> Sequence[Line]:
        state = self.scene.state
        run = [("run", state.run.id)] if state.run else []
        counts = outcome_counts(state, state.runbook.phase_steps)
        run.append(("steps", ", ".join(f"{number} {name}" for name, number in counts.items() if number)))
        issues = [("open issues", str(len(state.open_issues)))] if state.open_issues else []
        return [plain("A closed run changes nothing any more; its guard stops."), *pairs([*run, *issues])]

    def questions(self) -> Sequence[Question]:
        options = (Option("done", "everything is finished"), Option("abandoned", "it is given up"))
        how = Question("how", "As:", options=options)
        return (
            how,
            Question("note", "In words (may be empty):", empty=True),
            word(f"Type {END_WORD} to close it:", END_WORD),
        )

    def make(self) -> Ask:
        return EndRun("done" if self.answers["how"] == "done" else "abandoned", self.answers["note"])


class AmendDialog(Dialog):
    """By name: the corrected runbook, as a difference; nothing signed is altered."""

    DANGER = True

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._text = ""
        self._wrong = ""

    def begin(self) -> None:
        """Read the file once: what is confirmed is what was shown."""
        read = self.room.amended
        try:
            self._text = read() if read else ""
        except (PagsError, OSError) as error:
            self._wrong = str(error)
        if read is None:
            self._wrong = "The file is not at hand here: pags-tui amend RUNBOOK does it from a shell."

    def heading(self) -> str:
        return "Amend the runbook"

    def difference(self) -> list[str]:
        """What is new against what is run, as `diff -u` tells it."""
        old = self.scene.state.runbook.text.splitlines()
        lines = difflib.unified_diff(old, self._text.splitlines(), lineterm="", n=1)
        return [line for line in lines if not line.startswith(("---", "+++"))]

    def facts(self) -> Sequence[Line]:
        if self._wrong:
            return [plain(line, "bad") for line in self._wrong.splitlines()]
        lines = self.difference()
        if not lines:
            return [plain("The file is as the run knows it: there is nothing to amend.")]
        rest = len(lines) - SHOWN_DIFFERENCE
        told = [plain(line, {"+": "ok", "-": "bad"}.get(line[:1], "muted")) for line in lines[:SHOWN_DIFFERENCE]]
        return [*told, plain(f"{rest} more lines" if rest > 0 else "", "muted")]

    def questions(self) -> Sequence[Question]:
        if self._wrong or not self.difference():
            return ()
        return (word(f"Type {AMEND_WORD} to take it:", AMEND_WORD),)

    def make(self) -> Ask:
        return Amend(self._text, hashlib.sha256(self._text.encode()).hexdigest(), self.answers["word"])


__all__ = ["AmendDialog", "EndDialog", "LeaveDialog"]
