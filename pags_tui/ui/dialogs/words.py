"""Notes and issues: a few words, written down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pags_tui.core.decide.asks import AddNote, Ask, CloseIssue, OpenIssue
from pags_tui.core.errors import PagsError
from pags_tui.core.units import parse_duration, parse_offset
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
        earlier = plain("Something that happened earlier begins with when: 22:14, -5m or T+12m.", "muted")
        if not self.step:
            return (earlier,)
        return [(("beside  ", "muted"), (self.scene.state.runbook.step(self.step).text, "calm")), earlier]

    def questions(self) -> Sequence[Question]:
        return (Question("text", "Note:"),)

    def make(self) -> Ask:
        text, happened = earlier_note(self.answers["text"], self.scene)
        return AddNote(text, self.step, happened)


WHEN = re.compile(r"(?P<clock>\d{1,2}:\d{2}(?::\d{2})?)\s+|-(?P<ago>\d+[smhd])\s+|(?P<t>T[+-]\d\S*)\s+")
"""A time before a note."""


def earlier_note(text: str, scene: Scene) -> tuple[str, datetime | None]:
    """The words of a note, and when it happened where it begins with a time that is past; None: now."""
    found = WHEN.match(text)
    if found is None:
        return text, None
    try:
        moment = _moment(found, scene)
    except (PagsError, ValueError):
        return text, None
    return (text[found.end() :], moment) if moment is not None and moment <= scene.now else (text, None)


def _moment(found: re.Match[str], scene: Scene) -> datetime | None:
    """The last such time before now."""
    if found["ago"]:
        return scene.now - timedelta(seconds=parse_duration(found["ago"]))
    if found["t"]:
        clock = scene.state.clock
        return clock.wall(parse_offset(found["t"]), scene.now) if clock else None
    hour, minute, *second = (int(part) for part in found["clock"].split(":"))
    local = scene.now.astimezone(ZoneInfo(scene.state.runbook.timezone))
    at = local.replace(hour=hour, minute=minute, second=second[0] if second else 0, microsecond=0)
    return (at if at <= local else at - timedelta(days=1)).astimezone(UTC)


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
