"""A list to pick from: reasons why it does not go on, commands by name. It shows rows and tells which was picked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType

from pags_tui.ui.renderables.clean import cut, width
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.row_list import RowList


@dataclass(frozen=True, slots=True)
class PickRow:
    """One line to pick."""

    id: str
    text: str
    note: str = ""
    key: str = ""
    """The key for it, as printed."""
    off: bool = False


class PickList(RowList[PickRow], inherit_bindings=False):
    """Rows, moved over with the arrows, picked with enter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor(1)", show=False),
        Binding("up,k", "cursor(-1)", show=False),
        Binding("pagedown", "paged(1)", show=False),
        Binding("pageup", "paged(-1)", show=False),
        Binding("enter", "open_row", show=False),
    ]
    DEFAULT_CSS = "PickList { background: $surface; } PickList:focus { background: $surface; }"

    def draw(self, row: PickRow, width_: int, glyphs: Glyphs, chosen: bool) -> Sequence[Line]:
        """`▸ sign   Sign the checkpoint      s`."""
        chosen = row.id == self.cursor_id
        mark = glyphs.cursor if chosen else " "
        key, note = glyphs.text(row.key), glyphs.text(row.note)
        room = max(10, width_ - width(key) - 4)
        text = cut(glyphs.text(row.text), room, glyphs.end)
        left = room - width(text) - 2
        note = cut(note, left, glyphs.end) if left > 4 else ""
        pad = " " * max(0, room - width(text) - width(note) - 2)
        role = "muted" if row.off else "strong" if chosen else "calm"
        return (((f"{mark} ", "key"), (text, role), (f"  {note}", "muted"), (pad, "calm"), (key, "key")),)

    def action_cursor(self, by: int) -> None:
        """Up or down."""
        self.move(by)

    def action_paged(self, by: int) -> None:
        """A page up or down."""
        self.page(by)

    def action_open_row(self) -> None:
        """Pick it."""
        self.open()


__all__ = ["PickList", "PickRow"]
