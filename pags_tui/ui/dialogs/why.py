"""Why can't I go on? Every blocker, and the key that clears it; enter goes there and opens that key's dialog."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.widget import Widget

from pags_tui.ui import keys
from pags_tui.ui.dialogs.base import Dialog
from pags_tui.ui.dialogs.entry import plain
from pags_tui.ui.dialogs.pick import PickList, PickRow
from pags_tui.ui.present import why
from pags_tui.ui.present.views import WhyRow
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.row_list import RowList
from pags_tui.ui.scene import Scene


class WhyDialog(Dialog):
    """`w`."""

    DEFAULT_CSS = "WhyDialog #blockers { margin: 1 0 0 0; }"

    def heading(self) -> str:
        return "Why can't I go on?"

    def hint(self) -> str:
        return "enter: there · esc leaves" if self._rows() else "esc leaves"

    def facts(self) -> Sequence[Line]:
        found = len(self._rows())
        if not found:
            return [plain("Nothing stands in the way.", "ok")]
        return [plain(f"{found} {'thing stands' if found == 1 else 'things stand'} in the way:", "strong")]

    def _rows(self) -> tuple[WhyRow, ...]:
        return why(self.scene)

    def extra(self) -> Sequence[Widget]:
        return (PickList(id="blockers"),)

    def begins_at(self) -> Widget:
        """The list: nothing is typed here."""
        return self.query_one(PickList)

    def show_scene(self, scene: Scene) -> None:
        super().show_scene(scene)
        if not self.ready:
            return
        listed = self.query_one(PickList)
        listed.rows = tuple(_pick(number, row, self.scene) for number, row in enumerate(self._rows()))
        listed.styles.height = max(1, min(len(listed.rows), self.app.size.height - 12))
        listed.display = bool(listed.rows)

    @on(RowList.Opened)
    def opened(self, event: RowList.Opened) -> None:
        """Go to the step and press the key that clears it; a tick stays with whoever presses its own key."""
        event.stop()
        row = self._rows()[int(event.row_id)]
        if self.leave():
            self.app.call_later(self.room.go_and_press, row.step, "" if row.key == "tick" else row.key)


def _pick(number: int, row: WhyRow, scene: Scene) -> PickRow:
    key = keys.BY_ID.get(row.key)
    return PickRow(str(number), row.text, row.does, key.shown_in(scene) if key else "")


__all__ = ["WhyDialog"]
