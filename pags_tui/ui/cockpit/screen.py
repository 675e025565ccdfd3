"""The main screen. It lays rows into widgets and moves between them; what a key does is in `acting`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from pags_tui.ui import keys, layouts, present
from pags_tui.ui.cockpit.low_line import LowLine
from pags_tui.ui.dialogs.entry import Lines, facts
from pags_tui.ui.row_list import RowList
from pags_tui.ui.rows import GateRow
from pags_tui.ui.terminal import SteadyScreen
from pags_tui.ui.widgets.band import Band
from pags_tui.ui.widgets.checklist import Checklist
from pags_tui.ui.widgets.event_log import EventLog
from pags_tui.ui.widgets.footer import Footer
from pags_tui.ui.widgets.gate_board import GateBoard
from pags_tui.ui.widgets.gate_strip import GateStrip
from pags_tui.ui.widgets.header import Facts, Header
from pags_tui.ui.widgets.metric_board import MetricBoard
from pags_tui.ui.widgets.scrub_bar import ScrubBar
from pags_tui.ui.widgets.timeline import Timeline

if TYPE_CHECKING:
    from pags_tui.ui.cockpit.scrub import Scrub
    from pags_tui.ui.dialogs.room import Room
    from pags_tui.ui.rows.picture import Picture
    from pags_tui.ui.scene import Scene

AGEING = 5.0
"""Seconds after which a pane is filled anew though nothing happened: ages in it grow."""

PANES = ("timeline", "checklist", "metrics", "gates", "log")
"""In the order of their keys, 1 to 5."""


class Cockpit(SteadyScreen[None], inherit_bindings=False):
    """Everything at once, as far as the terminal has room for it."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("desk", priority=False)]
    HORIZONTAL_BREAKPOINTS = layouts.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = layouts.VERTICAL_BREAKPOINTS
    AUTO_FOCUS = "#checklist"

    DEFAULT_CSS = """
    Cockpit #notice { height: auto; max-height: 3; padding: 0 1; display: none; background: $panel; }
    Cockpit #notice.-shown { display: block; }
    Cockpit #what-if { height: auto; max-height: 2; padding: 0 1; display: none; background: $panel; }
    Cockpit #what-if.-shown { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.phase: str | None = None
        """The phase whose checklist is shown; None: the present one."""
        self._shown_phase = ""
        self.sought = ""
        """What was last looked for."""
        self.find_in = "checklist"
        self._filled: dict[str, tuple[object, ...]] = {}
        """What the costly panes were last filled from."""
        self._scrub: Scrub | None = None
        self.ready = False
        """The widgets are there."""

    def compose(self) -> ComposeResult:
        """Every widget; where they sit is in the style sheets."""
        yield Header()
        yield Band()
        yield LowLine(id="veto-line")
        with Horizontal(id="body"):
            yield Timeline()
            yield Checklist()
            with Vertical(id="side"):
                yield MetricBoard()
                yield GateBoard()
        yield GateStrip()
        yield Facts()
        yield EventLog()
        yield Lines(id="what-if")
        yield LowLine(id="find-line")
        yield Lines(id="notice")
        with Horizontal(id="foot"):
            yield ScrubBar()
            yield Footer()

    def on_mount(self) -> None:
        """Show what is known so far."""
        for number, (pane, title) in enumerate(zip(PANES, TITLES, strict=True), 1):
            self.pane(pane).entitle(f"{number} {title}")
        self.query_one(GateStrip).entitle("gates")
        player = getattr(self.app, "player", None)
        if player is not None:
            from pags_tui.ui.cockpit.scrub import Scrub

            self._scrub = Scrub(player)
        self.ready = True
        if self.room.knows:
            self.show_scene(self.room.scene)

    def on_resize(self) -> None:
        """Another layout may show what was not seen before."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        if self.room.knows:
            self.show_scene(self.room.scene)

    def on_unmount(self) -> None:
        """The widgets go: nothing can be shown any more."""
        self.ready = False

    @property
    def room(self) -> Room:
        """The App, as far as a screen may use it."""
        return cast("Room", self.app)

    # ------------------------------------------------------------ rows in

    def show_picture(self, picture: Picture) -> None:
        """Give every widget rows that somebody else made."""
        for head in (self.query_one(Header), self.query_one(Facts)):
            head.row = picture.header
        self.query_one(Band).row = picture.band
        self.query_one(Timeline).rows = picture.timeline
        checklist = self.query_one(Checklist)
        checklist.entitle(picture.title)
        checklist.rows = picture.checklist
        checklist.select(picture.cursor)
        self.query_one(MetricBoard).rows = picture.metrics
        self.query_one(GateBoard).rows = picture.board
        self.query_one(GateStrip).rows = picture.strip
        self.query_one(EventLog).rows = picture.log
        self.query_one(Footer).keys = picture.footer

    def show_scene(self, scene: Scene) -> None:
        """Give every widget its rows; a widget repaints what changed."""
        if not self.ready:
            return
        head = present.header(scene)
        self.query_one(Header).row = head
        self.query_one(Facts).row = head
        self.query_one(Band).row = present.band(scene)
        if is_seen(timeline := self.query_one(Timeline)):
            timeline.rows = present.timeline(scene)
        self._show_checklist(scene)
        if self._is_new("metrics", scene):
            self.query_one(MetricBoard).rows = present.metrics(aged(scene))
        if is_seen(board := self.query_one(GateBoard)):
            board.rows = present.board(scene)
        if is_seen(strip := self.query_one(GateStrip)):
            strip.rows = present.strip(scene)
        if self._is_new("log", scene):
            self.query_one(EventLog).rows = present.log(aged(scene))
        if self._scrub:
            self.query_one(ScrubBar).row = self._scrub.row(scene)
            self._suppose(scene)
        self.query_one(Footer).keys = keys.footer(scene)
        if not (scene.state.countdown or scene.state.band):
            self.query_one("#veto-line", LowLine).close()

    def _suppose(self, scene: Scene) -> None:
        """What would be said now, where something is supposed to be otherwise."""
        told = present.supposition(scene, self.app.player.supposed)  # type: ignore[attr-defined]
        line = self.query_one("#what-if", Lines)
        line.said = (facts(told, between=" "),) if told else ()
        line.set_class(bool(told), "-shown")

    def _compositor_refresh(self) -> None:
        """What changed here is seen through every dialog above: those between would show what they remember of it."""
        super()._compositor_refresh()
        for between in self.app.screen_stack[1:-1]:
            between._set_dirty()

    def _is_new(self, pane: str, scene: Scene) -> bool:
        """Something happened, or time passed, since a pane that is seen was last filled: its rows are not cheap."""
        if not is_seen(self.pane(pane)):
            return False
        tick = scene.last.number if scene.last else 0
        key = (scene.state.seq, tick, int(scene.now.timestamp() // AGEING), scene.gone)
        if self._filled.get(pane) == key:
            return False
        self._filled[pane] = key
        return True

    def _show_checklist(self, scene: Scene) -> None:
        checklist = self.query_one(Checklist)
        title = present.checklist_title(scene, self.phase)
        fresh = title != self._shown_phase
        self._shown_phase = title
        checklist.entitle(present.checklist_heading(scene, self.phase))
        rows = checklist.rows = present.checklist(scene, self.phase)
        if fresh and (step := present.open_step(scene, rows)):
            checklist.select(step)  # in a phase that was not shown before, begin at what is to be done next

    # ------------------------------------------------------------ where I am

    def pane(self, name: str) -> RowList[Any]:
        """A pane by name."""
        return self.query_one(f"#{name}", RowList)

    @property
    def here(self) -> RowList[Any]:
        """The pane with the focus; without one, the checklist."""
        return self.focused if isinstance(self.focused, RowList) else self.pane("checklist")

    @property
    def step(self) -> str | None:
        """The step under the cursor: of the gate board when that has the focus, otherwise of the checklist."""
        row = self.here.cursor_row
        if self.here.id == "gates" and isinstance(row, GateRow):
            return row.id
        return self.pane("checklist").cursor_id

    # ------------------------------------------------------------ panes

    def show_pane(self, name: str) -> None:
        """To a pane. Where one pane is shown at a time, its own key leads back to the checklist."""
        if name == "checklist" and self.phase is not None and self.here.id == "checklist":
            self.phase = None
            self.show_scene(self.room.scene)
        if self.has_class("-tiny"):
            self.tell("This terminal has room for the checklist only: from 60 columns on there are panes.")
            return
        if self.has_class("-narrow"):
            name = "checklist" if self.has_class(f"-pane-{name}") else name
            for other in PANES:
                self.set_class(other == name != "checklist", f"-pane-{other}")
        for other in PANES:
            if other != name:
                self.remove_class(f"-zoom-{other}")
        self.call_after_refresh(self._enter, name)

    def _enter(self, name: str) -> None:
        """A pane is seen now: fill it, and go there."""
        self._fill()
        self.pane(name).focus()

    def next_pane(self, by: int) -> None:
        """To the pane after the present one, or before it."""
        shown = [name for name in PANES if self.pane(name).region] if not self.has_class("-narrow") else list(PANES)
        here = self.here.id or "checklist"
        if shown:
            self.show_pane(shown[(shown.index(here) + by) % len(shown)] if here in shown else shown[0])

    def zoom(self) -> None:
        """This pane over the whole screen, or back."""
        name = self.here.id
        zoomed = self.has_class(f"-zoom-{name}")
        for pane in PANES:
            self.remove_class(f"-zoom-{pane}")
        self.set_class(not zoomed, f"-zoom-{name}")
        self.call_after_refresh(self._fill)

    def show_phase(self, phase: str | None) -> None:
        """The checklist of a phase; None: of the present one."""
        self.phase = phase
        self.show_scene(self.room.scene)
        if self.here.id != "checklist" or self.has_class("-narrow"):
            for other in PANES:
                self.remove_class(f"-pane-{other}", f"-zoom-{other}")
            self.call_after_refresh(self.pane("checklist").focus)

    def go_to_step(self, step_id: str) -> None:
        """The cursor of the checklist on a step of whatever phase."""
        runbook = self.room.scene.state.runbook
        try:
            phase = runbook.phase_of(step_id) if step_id else None
        except KeyError:
            phase = None
        if phase is None:
            return
        if not self.pane("checklist").select(step_id):
            self.show_phase(phase.id)
            self.pane("checklist").select(step_id)
        self.pane("checklist").focus()

    # ------------------------------------------------------------ sentences

    def tell(self, sentence: str, level: str = "calm") -> None:
        """A sentence above the footer, until the next key."""
        notice = self.query_one("#notice", Lines)
        notice.tell(sentence, level)
        notice.set_class(bool(sentence), "-shown")

    def on_key(self, event: events.Key) -> None:
        """A key that is bound to nothing: it ends a sentence, and escape goes back to the present phase."""
        self.tell("")
        if event.key == "escape" and self.phase is not None:
            self.show_phase(None)

    @on(RowList.Opened)
    def opened(self, event: RowList.Opened) -> None:
        """Open what is under the cursor."""
        from pags_tui.ui.cockpit import acting

        acting.open_row(self, event.pane.id or "", event.row_id)

    @on(LowLine.Said)
    def said(self, event: LowLine.Said) -> None:
        """Something was typed without a dialog."""
        from pags_tui.ui.cockpit import acting

        acting.said(self, event.about, event.text)

    @on(LowLine.Changing)
    def typing(self, event: LowLine.Changing) -> None:
        """A digit is a veto at once."""
        from pags_tui.ui.cockpit import acting

        acting.typing(self, event.line, event.about, event.text)


def is_seen(widget: Widget) -> bool:
    """It has a place in the present layout: of what has none no rows are made."""
    return all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))


def aged(scene: Scene) -> Scene:
    """The scene as of when a costly pane is filled: what it says depends on nothing but what fills it anew."""
    since = datetime.fromtimestamp(scene.now.timestamp() // AGEING * AGEING, scene.now.tzinfo)
    known = (since, scene.state.at, scene.last.at if scene.last else None)
    return replace(scene, now=max(at for at in known if at is not None))


class ReplayCockpit(Cockpit, inherit_bindings=False):
    """The same over a recording: keys that would change something do not exist."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.bindings("replay", priority=False)]


TITLES = ("Timeline", "Checklist", "Metrics", "Gates and triggers", "Log")
