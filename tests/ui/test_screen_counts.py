"""Counts that must not creep up: what is loaded before the first paint, repainted in a second, sent in an idle minute.

No times: those are in `benchmarks/`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from textual.app import ComposeResult

from pags_tui.desk.port import Began
from pags_tui.ui import present
from pags_tui.ui.app import WarRoom
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.renderables.line import Line
from pags_tui.ui.rows import ChecklistRow
from pags_tui.ui.scene import Scene
from pags_tui.ui.terminal.frame import Difference, FrameApp
from pags_tui.ui.widgets.checklist import Checklist
from pags_tui.wiring.pictures import first_picture
from tests.ui.desks import ANA, CALM, FakeDesk
from tests.ui.glass import Glass
from tests.ui.nights import queueing

SIZES = [pytest.param(size, id=f"{size[0]}x{size[1]}") for size in ((80, 24), (120, 40), (200, 50))]

SAME = {**CALM, "queue-depth": {"mail": 612, "brain": 14}}
"""The last readings of the night, once more."""

ATTACHING = """
import asyncio, json, sys
import pags_tui.__main__, pags_tui.cli.run, pags_tui.wiring.attaching
from pags_tui.desk.first import LateDesk
from pags_tui.ui.app import WarRoom
from pags_tui.ui.terminal.frame import FrameApp
from pags_tui.wiring.screens import picture

show = FrameApp._show
def first(self, difference):
    print(*sys.modules)
    FrameApp._show = show
    self.exit()
FrameApp._show = first
first = json.loads(sys.stdin.read())
app = WarRoom(LateDesk("desk", lambda: None), beat=None, first=lambda: picture(first))
asyncio.run(app.run_async(headless=True, size=(80, 24)))
"""


def test_what_is_loaded_before_the_first_paint(repo_root: Path) -> None:
    """Attaching needs no client library, no dialog, nothing of what a guard or a run is made of, and no pydantic."""
    night = queueing()
    told = Began(tuple(night.events), tuple(night.ticks), night.now)
    sent = json.dumps(first_picture(told, ANA, "desk", (), {}))
    done = subprocess.run(
        [sys.executable, "-c", ATTACHING], cwd=repo_root, capture_output=True, text=True, input=sent, check=True
    )
    loaded = set(done.stdout.splitlines()[0].split())
    unwanted = {
        "httpx", "requests", "prometheus_api_client", "jinja2", "sqlite_utils", "pandas", "stamina", "tree_sitter",
        "psycopg", "pags_tui.ui.dialogs.base", "pags_tui.ui.screens.page", "pags_tui.ui.present.views",
        "pags_tui.driver", "pags_tui.edge.flags", "pags_tui.edge.prometheus", "pags_tui.report", "pags_tui.simulator",
        "pydantic", "pags_tui.core.events", "pags_tui.core.runbook", "pags_tui.core.state", "pags_tui.core.decide",
        "pags_tui.ui.scene", "pags_tui.ui.present.shown", "pags_tui.ui.settings", "pags_tui.edge.journal",
        "pags_tui.desk.client", "pags_tui.desk.wire", "pags_tui.wiring.runs", "email", "importlib.metadata",
    }  # fmt: skip
    assert loaded & unwanted == set()
    assert "pags_tui.ui.cockpit.screen" in loaded


class Watched:
    """An App of a night with a clock that the test moves, on a terminal that counts."""

    def __init__(self, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
        self.desk = FakeDesk(queueing())
        self.app = WarRoom(self.desk, beat=None)
        self.glass = Glass(*size)

        def show(app: FrameApp, difference: Difference) -> None:
            if not app._batch_count:
                self.glass.write(difference.render_segments(app.console))

        monkeypatch.setattr(FrameApp, "_show", show)

    def forget(self) -> None:
        """Count from here on."""
        self.glass.sent = 0
        self.glass.touched.clear()

    @property
    def repainted(self) -> set[str]:
        """Ids of the widgets in whose place something was sent."""
        return {self.app.screen.get_widget_at(x, y)[0].id or "" for x, y in self.glass.touched}

    def second(self) -> None:
        """One second passes."""
        self.desk.night.now += timedelta(seconds=1)
        self.app.refresh_scene()


@pytest.mark.parametrize("size", SIZES)
async def test_an_idle_minute(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty seconds in which only clocks move repaint digits of them, and send 130 bytes a second at the most."""
    watched = Watched(size, monkeypatch)
    async with watched.app.run_test(size=size) as pilot:
        await pilot.pause()
        watched.forget()
        watched.second()
        await pilot.pause()
        assert watched.repainted <= {"header", "facts", "checklist"}
        assert len(watched.glass.touched) <= 60
        watched.forget()
        for second in range(60):
            if second % 5:
                watched.second()
            else:
                watched.desk.tick(SAME)
                watched.desk.night.now -= timedelta(seconds=4)
            await pilot.pause()
        assert watched.glass.sent <= 60 * 130


@pytest.mark.parametrize("size", SIZES)
async def test_a_tick_repaints_what_changed(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A tick with the same readings repaints no list of phases and no log; one with a new value, little more."""
    watched = Watched(size, monkeypatch)
    async with watched.app.run_test(size=size) as pilot:
        for _ in range(3):
            watched.desk.tick(SAME)
            await pilot.pause()
        watched.forget()
        watched.desk.tick(SAME)
        await pilot.pause()
        assert not {"timeline", "footer", "log"} & watched.repainted
        watched.desk.tick({**CALM, "queue-depth": {"mail": 613, "brain": 14}})
        await pilot.pause()
        assert not {"timeline", "footer"} & watched.repainted
        assert watched.glass.sent <= 2 * 1500


async def test_no_rows_are_made_for_panes_that_are_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80x24 a second makes no timeline, board, metrics or log; they are there once the terminal is larger."""
    made: list[str] = []

    def count(name: str) -> None:
        make: Callable[[Scene], object] = getattr(present, name)

        def counted(scene: Scene) -> object:
            made.append(name)
            return make(scene)

        monkeypatch.setattr(present, name, counted)

    for name in ("timeline", "board", "metrics", "log"):
        count(name)
    desk = FakeDesk(queueing())
    app = WarRoom(desk, beat=None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        made.clear()
        desk.night.now += timedelta(seconds=1)
        app.refresh_scene()
        await pilot.pause()
        assert made == []
        await pilot.resize_terminal(200, 50)
        await pilot.pause()
        assert set(made) >= {"timeline", "board"}
        assert all(app.cockpit.pane(name).rows for name in ("timeline", "metrics", "gates", "log"))


async def test_a_scroll_draws_the_row_that_comes_and_the_two_of_the_cursor() -> None:
    """Of twenty rows on the screen seventeen only move: they are neither drawn nor made into strips again."""
    drawn: list[str] = []

    class Counted(Checklist):
        def draw(self, row: ChecklistRow, width: int, glyphs: Glyphs, chosen: bool) -> Sequence[Line]:
            drawn.append(row.id)
            return super().draw(row, width, glyphs, chosen)

    class Long(FrameApp):
        def compose(self) -> ComposeResult:
            yield Counted()

    app = Long()
    async with app.run_test(size=(80, 20)) as pilot:
        steps = app.query_one(Counted)
        steps.rows = tuple(ChecklistRow(f"s{n}", f"Step {n} of many") for n in range(10_000))
        steps.focus()
        steps.move(40)
        await pilot.pause()
        drawn.clear()
        known = set(steps._strips)
        steps.move(1)
        await pilot.pause()
        assert sorted(drawn) == ["s40", "s41"]
        assert len(set(steps._strips) - known) <= 2


@pytest.mark.parametrize("size", SIZES)
async def test_a_move_repaints_two_rows(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The cursor of the checklist costs the rows it leaves and enters, 500 bytes at the most."""
    watched = Watched(size, monkeypatch)
    async with watched.app.run_test(size=size) as pilot:
        await pilot.press("k")
        await pilot.pause()
        watched.forget()
        await pilot.press("j")
        await pilot.pause()
        assert watched.repainted <= {"checklist"}
        assert 0 < watched.glass.sent <= 500
