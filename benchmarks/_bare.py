"""The references: a trivial Textual app, and stock widgets in it: `python -m benchmarks._bare [list ROWS]`.

Stock Textual 8.2.8 on its own driver: a screen of text, a clock at 1 Hz, and a line that says what key came; or its
`OptionList` with so many rows.
"""

from __future__ import annotations

import sys
import time

from textual.app import App, ComposeResult
from textual.widgets import OptionList, Static

MARK = "BARE-APP-IS-READY"
HEARD = "heard"
"""Stands before the last key, so that its paint can be waited for."""


class Bare(App[None]):
    """A clock, a screen of text, the last key."""

    CSS = "#fill { height: 1fr; }"
    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        """Text over the whole screen."""
        yield Static(MARK)
        yield Static("", id="clock")
        yield Static("", id="key", markup=False)
        width, height = self.size
        yield Static("\n".join(("a line of words " * 20)[: width - 1] for _ in range(height)), id="fill")

    def on_mount(self) -> None:
        """Begin to count."""
        self.set_interval(1.0, self.tick)

    def tick(self) -> None:
        """A second."""
        self.query_one("#clock", Static).update(time.strftime("%H:%M:%S"))

    def on_key(self, event: object) -> None:
        """Show the key."""
        self.query_one("#key", Static).update(f"{HEARD} {event.key}")  # type: ignore[attr-defined]


class Listing(App[None]):
    """The stock list."""

    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        """So many rows."""
        yield OptionList(*(f"Step {n} of many" for n in range(int(sys.argv[2]))))


if __name__ == "__main__":
    app: App[None] = Listing() if sys.argv[1:2] == ["list"] else Bare()
    app.run(mouse=False)
