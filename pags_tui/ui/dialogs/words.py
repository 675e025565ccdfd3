"""Notes and issues: a few words, written down."""

from __future__ import annotations

from collections.abc import Sequence

from pags_tui.core.decide.asks import AddNote, Ask, CloseIssue, OpenIssue
from pags_tui.ui.dialogs.base import Dialog
from pags_tui.ui.dialogs.entry import plain
from pags_tui.ui.dialogs.questions import Option, Question, first
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.scene import Scene


class NoteDialog(Dialog):
    """`n`: beside the step under the cursor, or of the run where there is none."""

    def __init__(self, scene: Scene, step: str = "") -> None:
        super().__init__(scene)
        self.step = step

    def heading(self) -> str:
        return "Note"

    def facts(self) -> Sequence[Line]:
        if not self.step:
            return ()
        return [(("beside  ", "muted"), (self.scene.state.runbook.step(self.step).text, "calm"))]

    def questions(self) -> Sequence[Question]:
        return (Question("text", "Note:"),)

    def make(self) -> Ask:
        return AddNote(self.answers["text"], self.step)


class IssueDialog(Dialog):
    """`i`: open one, minor or major; or close one."""

    def heading(self) -> str:
        return "Issue"

    def facts(self) -> Sequence[Line]:
        found = self.scene.state.open_issues
        if not found:
            return [plain("No issue is open.", "muted")]
        return [
            ((f"{issue.number}  ", "muted"), (issue.severity, "bad" if issue.severity == "major" else "warn"),
             (f"  {issue.text}", "calm"), (f"  {issue.by.shown}", "muted"))
            for issue in found
        ]  # fmt: skip

    def questions(self) -> Sequence[Question]:
        closing = (Option(f"close {issue.number}", issue.text) for issue in self.scene.state.open_issues)
        options = (
            Option("minor", "stays in the header"),
            Option("major", "drafts an escalation where the runbook has one"),
            *closing,
        )
        kind = Question("kind", "What:", options=options)
        if first(self.answers, "kind").startswith("close"):
            return kind, Question("text", "How it ended (may be empty):", empty=True)
        return kind, Question("text", "What is wrong:")

    def make(self) -> Ask:
        kind, text = self.answers["kind"], self.answers["text"]
        if kind.startswith("close "):
            return CloseIssue(int(kind.removeprefix("close ")), text)
        return OpenIssue("major" if kind == "major" else "minor", text)


__all__ = ["IssueDialog", "NoteDialog"]
