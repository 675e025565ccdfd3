"""A line to type into without a dialog: finding, vetoing, going to a T. It appears when asked for and leaves again."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from pags_tui.ui.dialogs.entry import Entry, Lines, plain
from pags_tui.ui.renderables.line import Line


class LowLine(Vertical):
    """A question in one or two lines and an input behind it."""

    DEFAULT_CSS = """
    LowLine { display: none; height: auto; width: 100%; background: $panel; layout: vertical; padding: 0 1; }
    LowLine.-shown { display: block; }
    """

    class Typed(Message):
        """What both messages tell."""

        def __init__(self, line: LowLine, about: str, text: str) -> None:
            super().__init__()
            self.line, self.about, self.text = line, about, text

    class Said(Typed):
        """Enter was pressed."""

    class Changing(Typed):
        """Something was typed."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.about = ""
        """What it asks for now; empty: hidden."""
        self._back: Widget | None = None

    def compose(self) -> ComposeResult:
        """The question above, the input below."""
        yield Lines(classes="asks")
        yield Entry(id=f"{self.id}-typed")

    def ask(self, about: str, *lines: Line) -> None:
        """Show the question; the focus goes into the empty line."""
        if not self.about:
            self._back = self.screen.focused
        self.about = about
        self.query_one(Lines).said = lines
        entry = self.query_one(Entry)
        entry.value = ""
        self.add_class("-shown")
        entry.focus()

    def ask_plain(self, about: str, text: str) -> None:
        """The same with a plain text."""
        self.ask(about, plain(text, "strong"))

    def close(self) -> None:
        """Leave; the focus goes back to where it was."""
        if not self.about:
            return
        self.about = ""
        self.remove_class("-shown")
        if self._back is not None and self._back.is_attached:
            self._back.focus()

    @on(Input.Submitted)
    def said(self, event: Input.Submitted) -> None:
        """Enter: give the text out, and leave."""
        event.stop()
        about = self.about
        self.close()
        self.post_message(self.Said(self, about, event.value))

    @on(Input.Changed)
    def changing(self, event: Input.Changed) -> None:
        """Give out what is typed."""
        event.stop()
        if self.about and event.value:
            self.post_message(self.Changing(self, self.about, event.value))

    def key_escape(self) -> None:
        """Nothing happens."""
        self.close()
