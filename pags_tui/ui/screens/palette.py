"""Every command by name: type a part of it, enter does what its key does. What is off says why."""

from __future__ import annotations

import re
from typing import ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from pags_tui.ui import keys
from pags_tui.ui.dialogs.base import Overlay
from pags_tui.ui.dialogs.entry import Entry
from pags_tui.ui.dialogs.pick import PickList, PickRow
from pags_tui.ui.dialogs.room import Room
from pags_tui.ui.painting import name_frame
from pags_tui.ui.row_list import RowList
from pags_tui.ui.scene import Scene

HIDDEN = ("palette", "down", "up", "page-down", "page-up", "quit-now")
"""What nobody would look for by name."""


class PaletteScreen(Overlay):
    """`ctrl+p`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+p", "leave_page", show=False, priority=True),
        Binding("down", "cursor(1)", show=False, priority=True),
        Binding("up", "cursor(-1)", show=False, priority=True),
        Binding("pagedown", "paged(1)", show=False, priority=True),
        Binding("pageup", "paged(-1)", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    PaletteScreen { align: center top; }
    PaletteScreen Entry { width: 100%; margin: 0 0 1 0; }
    """

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.scene = scene
        self.ready = False

    @property
    def room(self) -> Room:
        """The App, as far as this screen may use it."""
        return cast(Room, self.app)

    def compose(self) -> ComposeResult:
        """An input and a list."""
        with Vertical(id="box"):
            yield Entry()
            listed = PickList(id="commands")
            listed.can_focus = False
            yield listed

    def on_mount(self) -> None:
        """All of them at first."""
        name_frame(
            self.query_one("#box"),
            "Commands",
            self.room.glyphs.text("type a part of the name · enter does it · esc leaves"),
        )
        self.ready = True
        self.show_scene(self.scene)
        self.query_one(Entry).focus()

    def show_scene(self, scene: Scene) -> None:
        """What is off now, and why."""
        self.scene = scene
        if not self.ready:
            return
        listed = self.query_one(PickList)
        listed.rows = matching(commands(scene), self.query_one(Entry).value.lower().split())
        listed.styles.height = max(1, min(len(listed.rows), self.app.size.height - 7))

    @on(Input.Changed)
    def narrowed(self, event: Input.Changed) -> None:
        """Those that hold what was typed; the first one is chosen."""
        event.stop()
        self.show_scene(self.scene)
        self.query_one(PickList).first()

    @on(Input.Submitted)
    def submitted(self, event: Input.Submitted) -> None:
        """Do what is chosen. Enter on nothing typed does nothing."""
        event.stop()
        if event.value.strip():
            self.query_one(PickList).open()

    @on(RowList.Opened)
    def opened(self, event: RowList.Opened) -> None:
        """Press its key."""
        event.stop()
        if self.leave():
            self.app.call_later(self.room.press, event.row_id)

    def action_cursor(self, by: int) -> None:
        """Up or down in the list."""
        self.query_one(PickList).move(by)

    def action_paged(self, by: int) -> None:
        """A page up or down."""
        self.query_one(PickList).page(by)

    def action_leave_page(self) -> None:
        """Back."""
        self.leave()


def matching(rows: tuple[PickRow, ...], sought: list[str]) -> tuple[PickRow, ...]:
    """The rows that hold every part; first those in which each begins a word: `end` is meant before `amend`."""
    texts = {row.id: f"{row.id} {row.text}".lower() for row in rows}
    found = [row for row in rows if all(part in texts[row.id] for part in sought)]

    def inside(row: PickRow) -> bool:
        words = re.split(r"\W+", texts[row.id])
        return not all(any(word.startswith(part) for word in words) for part in sought)

    return tuple(sorted(found, key=inside))


def commands(scene: Scene) -> tuple[PickRow, ...]:
    """Every command of this seat, by name first, then those that have a key."""
    found = [key for key in keys.keys_for(scene.seat) if key.id not in HIDDEN]
    ordered = sorted(found, key=lambda key: key.group != "By name")
    return tuple(_row(key, scene) for key in ordered)


def _row(key: keys.Key, scene: Scene) -> PickRow:
    why = key.why_not(scene)
    return PickRow(key.id, key.text, f"off: {why}" if why else "", key.shown_in(scene), why is not None)


__all__ = ["PaletteScreen", "commands"]
