"""A message: chosen, its fields typed, its text edited, then sent by a typed word (or ctrl+s), or copied elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import TextArea

from pags_tui.core.decide.asks import Ask, SendMessage, SettleMessage, SnoozeMessage
from pags_tui.ui.dialogs.base import Dialog
from pags_tui.ui.dialogs.entry import pairs, plain
from pags_tui.ui.dialogs.questions import Option, Question
from pags_tui.ui.present import message_note, message_view
from pags_tui.ui.present.views import MessageView
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.scene import Scene

SEND_WORD, COPIED_WORD, LATER_WORD = "send", "copied", "later"
ARRIVED_WORD, LOST_WORD = "arrived", "lost"
LATER = 15 * 60.0
"""Seconds by which `later` puts a message off."""


class MessageDialog(Dialog):
    """`m`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "send_now", "send", show=False),
        Binding("ctrl+y", "copy_text", "copy", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    MessageDialog #text { height: 8; border: none; background: $panel; padding: 0 1; display: none; }
    MessageDialog #text.-shown { display: block; }
    """

    def __init__(self, scene: Scene, comms: str = "") -> None:
        super().__init__(scene)
        found = list(scene.state.runbook.comms)
        if comms or len(found) == 1:
            self.answers["comms"] = comms or found[0]
        self._drafted = False
        self._rows = 0

    @property
    def view(self) -> MessageView | None:
        """The draft, once it is known which; with what was typed so far."""
        comms = self.answers.get("comms")
        if comms is None:
            return None
        fields = {name.removeprefix("field "): text for name, text in self.answers.items() if name.startswith("field ")}
        return message_view(self.scene, comms, partial(self.room.draft, self.scene), fields)

    def heading(self) -> str:
        view = self.view
        return view.title if view else "Message"

    def facts(self) -> Sequence[Line]:
        view = self.view
        if view is None:
            return ()
        problem = plain(view.problem, "bad") if self._complete(view) else ()
        return [line for line in (*pairs(view.facts), problem) if line]

    def questions(self) -> Sequence[Question]:
        view = self.view
        which = Question("comms", "Which:", options=self._options(), secret=True)
        if view is None:
            return (which,)
        if view.doubt:
            asked = "Look where it should be. Type arrived, or lost:"
            return which, Question("word", asked, word=ARRIVED_WORD, also=(LOST_WORD,))
        fields = [Question(f"field {name}", f"{name}:") for name, _ in view.fields]
        go = SEND_WORD if view.sends else COPIED_WORD
        others = ((COPIED_WORD,) if view.sends else ()) + ((LATER_WORD,) if self._periodic(view) else ())
        asked = "Type send to send it:" if view.sends else "Copy it (^y); type copied once it is out:"
        return which, *fields, Question("word", asked, word=go, also=others)

    def _options(self) -> tuple[Option, ...]:
        """Every message, with how it stands."""
        wide = max((len(one.title) for one in self.scene.state.runbook.comms.values()), default=0)
        return tuple(
            Option(one.id, f"{one.title:<{wide}}  {message_note(self.scene, one.id)}".rstrip())
            for one in self.scene.state.runbook.comms.values()
        )

    def _complete(self, view: MessageView) -> bool:
        return all(f"field {name}" in self.answers for name, _ in view.fields)

    def hint(self) -> str:
        if not self._drafted or (self.view and self.view.doubt):
            return "esc leaves"
        later = f"{LATER_WORD}: in 15 minutes · " if self.view and self._periodic(self.view) else ""
        return f"tab edits · ^y copies · {later}esc leaves"

    def _periodic(self, view: MessageView) -> bool:
        """Only what is due at a time can be put off."""
        return self.scene.state.runbook.comms[view.comms].every is not None

    def extra(self) -> Sequence[Widget]:
        area = TextArea("", id="text", soft_wrap=True, show_line_numbers=False, tab_behavior="focus")
        area.cursor_blink = False
        return (area,)

    def taken(self) -> int:
        return self._rows if self._drafted else 0

    def show_scene(self, scene: Scene) -> None:
        self.scene = scene
        view = self.view
        if self.ready and view and not self._drafted and self._complete(view):
            self._drafted = True
            area = self.query_one("#text", TextArea)
            area.text = view.text
            self._rows = max(4, min(12, self.app.size.height - 16))
            area.styles.height = self._rows
            area.add_class("-shown")
        super().show_scene(scene)

    @property
    def text(self) -> str:
        """The text as edited."""
        return self.query_one("#text", TextArea).text

    def make(self) -> Ask | None:
        view, typed = self.view, self.answers["word"]
        if view is None:
            return None
        if typed in (ARRIVED_WORD, LOST_WORD):
            return SettleMessage(view.message, typed == ARRIVED_WORD)
        if typed == LATER_WORD:
            return SnoozeMessage(view.comms, LATER)
        return SendMessage(view.comms, self.text, view.message, copied=typed == COPIED_WORD)

    def action_send_now(self) -> None:
        """ctrl+s: the same as typing the word, once there is a text and somewhere to send it."""
        view = self.view
        if view is not None and self._drafted and view.sends and not view.doubt and not self.busy:
            self.answers["word"] = SEND_WORD
            self.finish()

    def action_copy_text(self) -> None:
        """The whole text to the clipboard of the terminal."""
        if self._drafted:
            self.say(self.room.copy(self.text), "muted")


__all__ = ["MessageDialog"]
