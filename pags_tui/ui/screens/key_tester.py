"""The key tester: shows which keys reach this terminal, and what each does in the war room. Knows no run."""

from __future__ import annotations

from collections import deque

from textual import events
from textual.app import ComposeResult

from pags_tui.ui.dialogs.entry import Lines, plain
from pags_tui.ui.keys import KEYS
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.terminal import Terminal, TerminalApp

SHOWN = 12
"""Keys shown, the newest first."""


class KeyTester(TerminalApp, inherit_bindings=False):
    """Press keys and read what arrived; ctrl+c ends it."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, terminal: Terminal | None = None) -> None:
        super().__init__(terminal)
        self._pressed: deque[tuple[str, str]] = deque(maxlen=SHOWN)

    def compose(self) -> ComposeResult:
        """Lines, and nothing else."""
        yield Lines(id="pressed")

    def on_mount(self) -> None:
        """Say what to do."""
        self._show()

    def on_key(self, event: events.Key) -> None:
        """Show the key. Two ctrl+c in a row would be one too many: the first one ends it."""
        event.stop()
        if event.key in ("ctrl+c", "ctrl+q"):
            self.exit()
            return
        self._pressed.appendleft((event.key, meaning(event.key)))
        self._show()

    def _show(self) -> None:
        head: list[Line] = [
            plain("Press the keys that you will need: F9 and ctrl+r first. Ctrl+c ends this.", "strong"),
            plain("What does not show up here does not reach the war room either.", "muted"),
            plain(""),
        ]
        rows: list[Line] = [((f"{key:<16}", "key"), (does, "calm")) for key, does in self._pressed]
        self.query_one("#pressed", Lines).said = [*head, *rows]


def meaning(key: str) -> str:
    """What the key does in the war room."""
    found = next((one for one in KEYS if key in one.keys), None)
    return found.text if found else "nothing is bound to it"


__all__ = ["KeyTester", "meaning"]
