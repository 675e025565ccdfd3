"""A tiny app with every widget and sample rows: to look at the layouts, and for frozen snapshots of each.

Run it as `python -m tests.ui.gallery [--ascii] [--mono] [--band]`; keys: 1-5 panes, z zoom, b band, t theme, q quit.
"""

from __future__ import annotations

import argparse
import math
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from pags_tui.ui import layouts, looks
from pags_tui.ui.painting import COMPONENTS
from pags_tui.ui.row_list import RowList
from pags_tui.ui.rows import (
    FAIL,
    PASS,
    SETTLING,
    STALE,
    UNKNOWN,
    BandMode,
    BandRow,
    BoardRow,
    Bound,
    ChecklistRow,
    Fact,
    FooterKey,
    GateRow,
    HeaderRow,
    HeadingRow,
    Kind,
    Level,
    LogRow,
    Mark,
    MetricRow,
    ScrubRow,
    Status,
    TimelineRow,
    TriggerRow,
)
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

PASSED = Status(Mark.PASS, "passed", Level.OK)
OPEN = Status()
PENDING = Status(Mark.ALARM, "pending", Level.WARN)
QUIET = Status(Mark.PASS, "inactive", Level.OK)

HEADER = HeaderRow(
    title="PAGS Production Cutover",
    run="pags-cutover",
    target="production",
    kinds=(Fact("LIVE"),),
    clock="T+00:22:41",
    state=Fact("COUNTING", Level.OK),
    wall=Fact("22:22:41 UTC", short="22:22:41Z"),
    drift=Fact("drift +03:10", Level.WARN, "+03:10"),
    finish=Fact("finish 01:05", short="fin 01:05"),
    traffic=Fact("50%"),
    traffic_part=0.5,
    gates=(Fact("9 pass", Level.OK), Fact("1 FAIL", Level.BAD), Fact("1 unknown", Level.UNKNOWN, "1 ?")),
    trigger=Fact("queue-depth 04:12/15:00", Level.WARN, "queue 04:12/15:00"),
    vetoes=Fact("1 veto", Level.WARN, "1v"),
    message=Fact("update due 07:19", short="upd 07:19"),
    lead=Fact("lead ana"),
    safe=Fact("last safe rollback in 97:12", short="safe rb 97:12"),
    data=Fact("data 2s"),
    guard=Fact("guard ok", Level.OK),
    issues=Fact("2 issues", Level.WARN, "2 iss"),
    ready=Fact("rollback ready 12s", Level.OK, "rb ready 12s"),
)

TIMELINE = (
    TimelineRow("p0", "T-60", "Final preparation", PASSED),
    TimelineRow("p1", "T-30", "System verification", PASSED),
    TimelineRow("p2", "T-15", "Environment setup", PASSED),
    TimelineRow("p3", "T-5", "Final checks", PASSED),
    TimelineRow("p4", "T+0", "10% canary", PASSED, "+1:02"),
    TimelineRow("p5", "T+15", "50% canary", Status(Mark.CURRENT, "now", Level.OK), "+3:10", Level.WARN, current=True),
    TimelineRow("c5", "T+45", "checkpoint", Status(Mark.CHECKPOINT, "checkpoint", Level.CALM), checkpoint=True),
    TimelineRow("p6", "T+45", "100%", Status(Mark.FUTURE, "to come", Level.MUTED)),
    TimelineRow("p7", "T+60", "Publishing gates", Status(Mark.FUTURE, "to come", Level.MUTED), overdue=True),
)

CHECKLIST = (
    ChecklistRow("s1", "ACTION", Kind.SECTION),
    ChecklistRow("a1", "Increase traffic split", status=PASSED, change=Fact("10→50 verified", Level.OK), who="ana"),
    ChecklistRow("s2", "MONITOR", Kind.SECTION, note="04:12 of 30:00", progress=0.14),
    ChecklistRow("m1", "All SLOs maintained", status=PASSED, verdict=PASS, who="ana"),
    ChecklistRow("m2", "Compass overlay performance acceptable"),
    ChecklistRow(
        "m3", "Guardrails functioning (20-30% throttling rate)", verdict=UNKNOWN, verdict_note="45s", role="monitoring"
    ),
    ChecklistRow("m4", "Queue depth below 500", verdict=FAIL, verdict_note="612"),
    ChecklistRow("m5", "Database connections stable", verdict=SETTLING),
    ChecklistRow("m6", "Read replicas in step", verdict=STALE, verdict_note="40s", optional=True),
    ChecklistRow("m7", "Evil \x1b]52;c;aGk=\x07 label \u202etxt.exe", note="[bold]no markup[/]"),
    ChecklistRow(
        "m8", "Old dashboards closed", status=Status(Mark.SKIPPED, "skipped", Level.WARN), note="no longer there"
    ),
    ChecklistRow("s3", "CHECKPOINT T+45", Kind.SECTION, role="cutover-lead"),
    ChecklistRow("c1", "System stable under 50% load", not_yet=True),
    ChecklistRow("c2", "No user complaints", not_yet=True),
)


def wave(level: float, swing: float, count: int = 120) -> tuple[float | None, ...]:
    """A course for looks."""
    return tuple(level + swing * math.sin(at / 9) + swing / 3 * math.sin(at / 2.3) for at in range(count))


METRICS = (
    MetricRow("e", "error rate", "0.42%", PASS, "<0.5%", wave(0.3, 0.12), (Bound(0.5, "0.5%"),), (40,)),
    MetricRow("p", "p95 latency", "212ms", PASS, "≤300ms", wave(0.2, 0.03), (Bound(0.3, "300ms"),)),
    MetricRow(
        "q", "queue depth", "612", FAIL, ">500", tuple(float(at * 6) for at in range(102)), (Bound(500, "500"),), (), 3
    ),
    MetricRow(
        "t", "throttle rate", "–", UNKNOWN, "20..30%", (*wave(0.25, 0.03, 60), *[None] * 20, *wave(0.25, 0.03, 40)),
        (Bound(0.2, "20%", bad_above=False), Bound(0.3, "30%")), note="no data",
    ),
    MetricRow("d", "db pool", "43%", PASS, "<80%", (0.43,) * 90, (Bound(0.8, "80%"),)),
)  # fmt: skip

BOARD: tuple[BoardRow, ...] = (
    HeadingRow("h1", "GATES", "9 pass 1 FAIL 1 unknown"),
    GateRow("g1", "all slos", PASS),
    GateRow("g2", "queue-depth", FAIL, "612", "> 500", "queue=mail"),
    GateRow("g3", "throttle-rate", UNKNOWN, reason="no data for 45s"),
    GateRow("g4", "p95-latency", FAIL, "312ms", "> 300ms", overridden="ana 12:10", hard=True),
    HeadingRow("h2", "TRIGGERS", "armed: countdown"),
    TriggerRow("t1", "Queue depth", PENDING, "04:12/15:00", 0.28),
    TriggerRow("t2", "Error rate", QUIET, "00:00/10:00", 0.0, Fact("muted 12:10", Level.WARN)),
    TriggerRow("t3", "Database", Status(Mark.ALARM, "FIRING", Level.BAD), "00:30/00:30", 1.0, now=QUIET),
)

LOG = (
    LogRow("1", "22:15:20", "checkpoint T+15 signed", who="ana"),
    LogRow("2", "22:18:29", 'queue-depth{queue="mail"} over 500', Level.WARN),
    LogRow("3", "22:19:04", 'queue-depth{queue="mail"} over 500 since T+18:29', Level.WARN),
    LogRow("4", "22:20:11", "consumer restarted", who="ana"),
)

KEYS = tuple(
    FooterKey(key, label)
    for key, label in (
        ("space", "tick"), ("↵", "open"), ("a", "act"), ("s", "sign"), ("h", "hold"), ("w", "why not?"),
        ("1-5", "panes"), ("?", "help"), ("o", "override"), ("n", "note"),
        ("m", "message"), ("/", "find"), ("^p", "all"),
    )
)  # fmt: skip

BAND = BandRow(
    BandMode.COUNTDOWN,
    "Queue depth above 500 for 15 minutes",
    clock="42",
    reading="612",
    bound="> 500 for 15m",
    text="6 flags go back by themselves at 0. Nothing else is held up.",
    keys=(FooterKey("v 1-5", "veto"), FooterKey("F9", "roll back now", loud=True)),
)

EVENTS = ((0.1, Level.OK), (0.35, Level.BAD), (0.8, Level.WARN))
SCRUB = ScrubRow("T-60", "T+00:22:41", "T+180", 0.4, True, "10×", EVENTS)


class Board(SteadyScreen[None]):
    """All panes, in the order in which the layouts expect them."""

    HORIZONTAL_BREAKPOINTS = layouts.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = layouts.VERTICAL_BREAKPOINTS

    def __init__(self, band: bool = False) -> None:
        super().__init__()
        self._band = band

    def compose(self) -> ComposeResult:
        yield Header()
        yield Band()
        with Horizontal(id="body"):
            yield Timeline()
            yield Checklist()
            with Vertical(id="side"):
                yield MetricBoard()
                yield GateBoard()
        yield GateStrip()
        yield Facts()
        yield EventLog()
        yield ScrubBar()
        yield Footer()

    def on_mount(self) -> None:
        self.query_one(Header).row = HEADER
        self.query_one(Band).row = BAND if self._band else None
        self.query_one(Facts).row = HEADER
        self.query_one(Timeline).rows = TIMELINE
        self.query_one(Checklist).rows = CHECKLIST
        self.query_one(MetricBoard).rows = METRICS
        self.query_one(GateBoard).rows = BOARD
        self.query_one(GateStrip).rows = METRICS
        self.query_one(EventLog).rows = LOG
        self.query_one(Footer).keys = (*KEYS, FooterKey("F9/^R", "ROLL BACK", loud=True))
        self.query_one(Checklist).select("m2")
        self.query_one(Checklist).focus()
        titles = ("1 Timeline", "2 T+15 Expand to 50% canary", "3 Metrics", "4 Gates and triggers", "5 Log")
        for pane, title in zip(("#timeline", "#checklist", "#metrics", "#gates", "#log"), titles, strict=True):
            self.query_one(pane, RowList).entitle(title)
        self.query_one(GateStrip).entitle("gates")


class Gallery(App[None]):
    """The board in every look."""

    CSS_PATH = layouts.sheets()
    COMPONENT_CLASSES = COMPONENTS
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        ("j,down", "go('move', 1)"), ("k,up", "go('move', -1)"), ("g", "go('first')"), ("G", "go('last')"),
        ("pagedown", "go('page', 1)"), ("pageup", "go('page', -1)"), ("q", "quit"), ("b", "band"), ("t", "theme"),
        ("1", "pane('timeline')"), ("2", "pane('checklist')"), ("3", "pane('metrics')"), ("4", "pane('gates')"),
        ("5", "pane('log')"), ("z", "zoom"), ("p", "scrub"),
    ]  # fmt: skip

    def __init__(self, ascii_only: bool = False, theme: str = "pags-dark", band: bool = False) -> None:
        super().__init__(ansi_color=True if theme == "pags-mono" else None)
        self.glyphs = looks.ASCII if ascii_only else looks.UNICODE
        self.animation_level = "none"
        for known in looks.THEMES:
            self.register_theme(known)
        self.theme = theme
        self.set_class(ascii_only, "-ascii")
        self.set_class(theme == "pags-mono", "-mono")
        self.set_class(theme == "pags-16", "-sixteen")
        self._with_band = band

    def get_default_screen(self) -> Board:
        return Board(self._with_band)

    def action_go(self, method: str, *args: int) -> None:
        if isinstance(self.focused, RowList):
            getattr(self.focused, method)(*args)

    def action_pane(self, pane: str) -> None:
        """One pane in place of the checklist, back by the same key."""
        was = self.screen.has_class(f"-pane-{pane}")
        for other in ("timeline", "checklist", "metrics", "gates", "log"):
            self.screen.set_class(other == pane and not was, f"-pane-{other}")
        self.call_after_refresh(lambda: self.screen.query_one("#checklist" if was else f"#{pane}").focus())

    def action_zoom(self) -> None:
        if self.focused is not None:
            self.screen.toggle_class(f"-zoom-{self.focused.id}")

    def action_band(self) -> None:
        band = self.screen.query_one(Band)
        band.row = None if band.row else BAND

    def action_scrub(self) -> None:
        bar = self.screen.query_one(ScrubBar)
        bar.row = None if bar.row else SCRUB

    def action_theme(self) -> None:
        names = [theme.name for theme in looks.THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)]


def main() -> None:
    """Show it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ascii", action="store_true")
    parser.add_argument("--theme", default="pags-dark")
    parser.add_argument("--band", action="store_true")
    said = parser.parse_args()
    Gallery(said.ascii, said.theme, said.band).run(mouse=False)


if __name__ == "__main__":
    main()
