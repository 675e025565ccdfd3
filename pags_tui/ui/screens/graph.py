"""A metric over the whole screen: its course, its limits, the moments at which flags moved."""

from __future__ import annotations

from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from pags_tui.ui.dialogs.base import Overlay
from pags_tui.ui.dialogs.entry import Lines, pairs
from pags_tui.ui.dialogs.room import Room
from pags_tui.ui.painting import name_frame
from pags_tui.ui.present import graph, metric_detail
from pags_tui.ui.scene import Scene
from pags_tui.ui.widgets.graph import Graph


class GraphScreen(Overlay):
    """`enter` on a metric."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "leave_page", "leave", show=False),
        Binding("pageup,k,up", "page(-1)", "before", show=False),
        Binding("pagedown,j,down,space", "page(1)", "more", show=False),
        Binding("y", "copy", "copy", show=False),
    ]
    DEFAULT_CSS = """
    GraphScreen #box { width: 100%; height: 100%; }
    GraphScreen #graph { width: 100%; height: 1fr; background: $surface; }
    GraphScreen #series { max-height: 30%; }
    """

    def __init__(self, scene: Scene, metric: str) -> None:
        super().__init__()
        self.scene, self.metric = scene, metric
        self.ready = False

    def compose(self) -> ComposeResult:
        """The graph, and below it the metric series by series."""
        with Vertical(id="box"):
            yield Graph()
            yield Lines(id="series")

    def on_mount(self) -> None:
        """Show what is known."""
        self.ready = True
        self.show_scene(self.scene)

    def show_scene(self, scene: Scene) -> None:
        """One more tick."""
        self.scene = scene
        if not self.ready:
            return
        try:
            row = graph(scene, self.metric)
        except KeyError:
            self.leave()
            return
        glyphs = cast(Room, self.app).glyphs
        copies = "y copies its dashboard's address · " if self.dashboard else ""
        name_frame(self.query_one("#box"), glyphs.text(row.title), glyphs.text(f"{copies}esc leaves"))
        self.query_one(Graph).row = row
        self.query_one("#series", Lines).said = pairs(metric_detail(scene, self.metric))

    @property
    def dashboard(self) -> str:
        """Where more is to be seen; empty: nowhere."""
        metric = self.scene.state.runbook.metrics.get(self.metric)
        return (metric.dashboard if metric else None) or ""

    def action_copy(self) -> None:
        """The dashboard's address to the clipboard of the terminal (OSC 52)."""
        if self.dashboard:
            room = cast(Room, self.app)
            room.tell(room.copy(self.dashboard))

    def action_leave_page(self) -> None:
        """Back."""
        self.leave()

    def action_page(self, by: int) -> None:
        """Other series."""
        self.query_one("#series", Lines).page(by)


__all__ = ["GraphScreen"]
