"""The checklist of so many steps and nothing else, on the driver and screen of the war room: `_steps COUNT`."""

from __future__ import annotations

import sys
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from pags_tui.ui.rows import ChecklistRow
from pags_tui.ui.terminal import SteadyScreen
from pags_tui.ui.terminal.frame import FrameApp
from pags_tui.ui.widgets.checklist import Checklist


class Steps(SteadyScreen[None]):
    """One list."""

    BINDINGS: ClassVar[list[BindingType]] = [("down", "go('move', 1)"), ("pagedown", "go('page', 1)")]

    def compose(self) -> ComposeResult:
        """So many rows."""
        yield Checklist()

    def on_mount(self) -> None:
        """Fill it."""
        self.query_one(Checklist).rows = tuple(
            ChecklistRow(f"s{n}", f"Step {n} of many") for n in range(int(sys.argv[1]))
        )
        self.query_one(Checklist).focus()

    def action_go(self, method: str, count: int) -> None:
        """Move the cursor."""
        getattr(self.query_one(Checklist), method)(count)


class Listing(FrameApp):
    """Nothing but the list."""

    ENABLE_COMMAND_PALETTE = False

    def get_default_screen(self) -> Steps:
        """The list."""
        return Steps()


if __name__ == "__main__":
    Listing().run(mouse=False)
