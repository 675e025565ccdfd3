"""A page to read: lines in a frame, paged, left with escape. It asks for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from pags_tui.ui.dialogs.base import HEAD, Overlay, alarm
from pags_tui.ui.dialogs.entry import Lines, plain
from pags_tui.ui.dialogs.room import Room
from pags_tui.ui.painting import name_frame
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.scene import Scene


class Page(Overlay):
    """Subclasses say `heading` and `lines`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "leave_page", "leave", show=False),
        Binding("pageup,k,up", "page(-1)", "before", show=False),
        Binding("pagedown,j,down,space", "page(1)", "more", show=False),
        Binding("y", "copy", "copy", show=False),
    ]

    DEFAULT_CSS = "Page #box { width: 100; }"

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.scene = scene
        self.ready = False

    def heading(self) -> str:
        """What it is about."""
        raise NotImplementedError

    def lines(self) -> Sequence[Line]:
        """What there is to read."""
        raise NotImplementedError

    def copies(self) -> str:
        """What `y` copies; empty: nothing."""
        return ""

    @property
    def room(self) -> Room:
        """The App, as far as a page may use it."""
        return cast(Room, self.app)

    def compose(self) -> ComposeResult:
        """A frame with lines."""
        with Vertical(id="box"):
            yield Lines(id="alarm")
            yield Lines(id="lines")

    def on_mount(self) -> None:
        """Show what is known."""
        self.ready = True
        self.show_scene(self.scene)

    def show_scene(self, scene: Scene) -> None:
        """Say everything anew."""
        self.scene = scene
        if not self.ready:
            return
        try:
            title, lines = self.heading(), self.lines()
        except KeyError:
            title, lines = "Gone", [plain("This is not there any more.")]
        copy = "y copies · " if self.copies() else ""
        name_frame(self.query_one("#box"), self.room.glyphs.text(title), self.room.glyphs.text(f"{copy}esc leaves"))
        self.query_one("#alarm", Lines).said = alarm(scene)
        self.query_one("#lines", Lines).said = lines
        self._fit()

    def _fit(self) -> None:
        self.query_one("#lines").styles.max_height = max(1, self.app.size.height - HEAD - 3)

    def on_resize(self) -> None:
        """Fit into what the terminal has now."""
        self._fit()

    def action_leave_page(self) -> None:
        """Back."""
        self.leave()

    def action_page(self, by: int) -> None:
        """Other lines."""
        self.query_one("#lines", Lines).page(by)

    def action_copy(self) -> None:
        """To the clipboard of the terminal."""
        if text := self.copies():
            self.room.tell(self.room.copy(text))


__all__ = ["Page"]
