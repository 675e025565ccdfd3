"""The app under test in `test_terminal_pty.py`: `python pty_app.py steady|stock FOLDER [deaf]`.

It draws a static line and a large changing text, counts its ticks in FOLDER/ticks, and shows the last key.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from textual.app import App, ComposeResult
from textual.widgets import Static

from pags_tui.ui.terminal import TerminalApp, exit_status


class Busy:
    """What both apps do."""

    folder = Path()
    ticks = 0

    def compose(self) -> ComposeResult:
        yield Static("THE-STATIC-LINE")
        yield Static("key none", id="key", markup=False)
        yield Static("", id="frame", markup=False)

    def on_mount(self) -> None:
        self.set_interval(0.05, self.tick)  # type: ignore[attr-defined]
        if "deaf" in sys.argv:
            self.call_after_refresh(signal.signal, signal.SIGHUP, signal.SIG_IGN)  # type: ignore[attr-defined]

    def tick(self) -> None:
        self.ticks += 1
        (self.folder / "ticks").write_text(str(self.ticks))
        busy = (self.folder / "busy").exists()
        text = f"{self.ticks % 10} " * 800 if busy else ""
        self.query_one("#frame", Static).update(text)  # type: ignore[attr-defined]

    def on_key(self, event: object) -> None:
        key = event.key  # type: ignore[attr-defined]
        self.query_one("#key", Static).update(f"key {key}")  # type: ignore[attr-defined]
        if key == "e":
            secret = "s3cret-token"  # noqa: F841 - a local that a crash must not print
            raise RuntimeError("with s3cret-token in its text")


class Steady(Busy, TerminalApp):
    """On our driver."""

    CSS_PATH = None

    def on_key(self, event: object) -> None:
        super().on_key(event)
        if event.key == "c":  # type: ignore[attr-defined]
            self.call_person(("osc9", "bell"), "a title", "somebody\x1b]52;c;AAAA\x07 waits")


class Stock(Busy, App[None]):
    """On Textual's own."""


def main() -> int:
    Busy.folder = Path(sys.argv[2])
    app: App[None] = Stock() if sys.argv[1] == "stock" else Steady()
    app.run(mouse=False)
    return exit_status(app)


if __name__ == "__main__":
    sys.exit(main())
