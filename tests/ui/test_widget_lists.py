"""The lists: cursor, scrolling, what is repainted, and the messages. One tiny app each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.geometry import Region

from pags_tui.ui.renderables.glyphs import ASCII
from pags_tui.ui.row_list import RowList
from pags_tui.ui.rows import PASS, ChecklistRow, HeadingRow, Kind, LogRow
from pags_tui.ui.widgets.checklist import Checklist
from pags_tui.ui.widgets.event_log import EventLog
from pags_tui.ui.widgets.gate_board import GateBoard
from pags_tui.ui.widgets.metric_board import MetricBoard
from pags_tui.ui.widgets.timeline import Timeline
from tests.ui import gallery
from tests.ui.drawing import Alone, shown

SMALL = (60, 6)
MANY = tuple(ChecklistRow(f"s{at}", f"Step {at}") for at in range(10_000))


async def test_the_checklist_shows_its_rows() -> None:
    """Headings and steps, one a line, the cursor on the first step."""
    checklist = Checklist()
    async with Alone(checklist).run_test(size=(70, 20)) as pilot:
        checklist.rows = gallery.CHECKLIST
        checklist.focus()
        await pilot.pause()
        lines = shown(checklist)
        assert lines[0] == "   ACTION"
        assert lines[1].startswith("▸✓ Increase traffic split")
        assert checklist.cursor_id == "a1"


async def test_the_cursor_walks_over_headings() -> None:
    """Moving down from the last step of a section lands on the first of the next, and says so."""
    checklist = Checklist()
    async with Alone(checklist).run_test(size=SMALL) as pilot:
        checklist.rows = gallery.CHECKLIST
        checklist.move(1)
        assert checklist.cursor_id == "m1"
        checklist.move(-5)
        assert checklist.cursor_id == "a1"
        checklist.open()
        await pilot.pause()
        assert pilot.app.posted == [("Moved", "m1"), ("Moved", "a1"), ("Opened", "a1")]  # type: ignore[attr-defined]


async def test_ends_and_pages() -> None:
    """g, G and a page go where they say, and the view follows."""
    checklist = Checklist()
    async with Alone(checklist).run_test(size=SMALL) as pilot:
        checklist.rows = gallery.CHECKLIST
        checklist.last()
        await pilot.pause()
        assert checklist.cursor_id == "c2"
        assert "No user complaints" in shown(checklist)[-1]
        checklist.page(-1)
        assert checklist.cursor_id == "m6"
        checklist.first()
        await pilot.pause()
        assert checklist.cursor_id == "a1"
        assert shown(checklist)[0] == "   ACTION"


async def test_the_cursor_stays_on_its_row() -> None:
    """Rows that come in above do not move the cursor to another step; a row that goes leaves it near."""
    checklist = Checklist()
    async with Alone(checklist).run_test(size=SMALL):
        checklist.rows = MANY[5:10]
        checklist.select("s7")
        checklist.rows = MANY[:10]
        assert checklist.cursor_id == "s7"
        checklist.rows = (*MANY[:7], *MANY[8:10])
        assert checklist.cursor_id == "s8"
        checklist.rows = ()
        assert checklist.cursor_id is None
        assert not checklist.select("s7")


async def test_an_empty_list_takes_every_key() -> None:
    """Nothing raises where there is nothing to stand on, headings alone included."""
    for rows in ((), (ChecklistRow("h", "ACTION", Kind.SECTION),)):
        checklist = Checklist()
        async with Alone(checklist).run_test(size=SMALL) as pilot:
            checklist.rows = rows
            checklist.move(1)
            checklist.page(1)
            checklist.first()
            checklist.last()
            checklist.open()
            await pilot.pause()
            assert checklist.cursor_id is None


async def test_only_what_changed_is_repainted(monkeypatch: pytest.MonkeyPatch) -> None:
    """One ticked step repaints the cell of its mark; the same rows again repaint nothing."""
    checklist = Checklist()
    async with Alone(checklist).run_test(size=(60, 20)) as pilot:
        checklist.rows = gallery.CHECKLIST
        await pilot.pause()
        asked: list[Region] = []
        monkeypatch.setattr(checklist, "refresh", lambda *regions, **_: asked.extend(regions))
        checklist.rows = gallery.CHECKLIST
        assert asked == []
        changed = list(gallery.CHECKLIST)
        changed[4] = replace(changed[4], status=gallery.PASSED)
        checklist.rows = tuple(changed)
        assert asked == [Region(1, 4, 1, 1)]


async def test_ten_thousand_rows() -> None:
    """The last of very many rows is shown by drawing the view alone."""
    checklist = Checklist()
    async with Alone(checklist).run_test(size=SMALL) as pilot:
        drawn: list[str] = []
        real = checklist.draw

        def count(row: ChecklistRow, *rest: object) -> object:
            drawn.append(row.id)
            return real(row, *rest)  # type: ignore[arg-type]

        checklist.draw = count  # type: ignore[assignment, method-assign]
        checklist.rows = MANY
        checklist.last()
        await pilot.pause()
        assert "Step 9999" in shown(checklist)[-1]
        assert len(drawn) < 100


@pytest.mark.parametrize("width", [1, 2, 80])
async def test_lists_at_any_width(width: int) -> None:
    """Every list can be drawn one cell wide, in both alphabets."""
    samples = (
        (Timeline, gallery.TIMELINE),
        (Checklist, gallery.CHECKLIST),
        (MetricBoard, gallery.METRICS),
        (GateBoard, gallery.BOARD),
        (EventLog, gallery.LOG),
    )
    for kind, rows in samples:
        widget: RowList[object] = kind()  # type: ignore[assignment, abstract]
        async with Alone(widget, ASCII).run_test(size=(width, 8)) as pilot:
            widget.rows = rows  # type: ignore[assignment]
            await pilot.pause()
            assert all(len(line) <= width and line.isascii() for line in shown(widget))


async def test_metrics_take_two_lines_each() -> None:
    """The cursor moves by metrics, and a metric scrolls in whole."""
    board = MetricBoard()
    async with Alone(board).run_test(size=(50, 4)) as pilot:
        board.rows = gallery.METRICS
        board.move(2)
        await pilot.pause()
        assert board.cursor_id == "q"
        assert [line[1:13].strip() for line in shown(board)[::2]] == ["p95 latency", "queue depth"]


async def test_the_board_opens_gates_and_triggers_only() -> None:
    """The cursor never stands on a heading."""
    board = GateBoard()
    async with Alone(board).run_test(size=(60, 20)):
        board.rows = gallery.BOARD
        seen = [board.cursor_id]
        for _ in range(8):
            board.move(1)
            seen.append(board.cursor_id)
        assert seen == ["g1", "g2", "g3", "g4", "t1", "t2", "t3", "t3", "t3"]
        board.rows = (HeadingRow("h", "GATES"),)
        assert board.cursor_id is None


async def test_the_log_follows_its_end() -> None:
    """A new event scrolls in while the cursor is on the last one; a cursor moved up stays."""
    log = EventLog()
    events = tuple(LogRow(str(at), "22:00:00", f"event {at}") for at in range(20))
    async with Alone(log).run_test(size=(40, 3)) as pilot:
        log.rows = events[:10]
        log.rows = events[:12]
        await pilot.pause()
        assert shown(log)[-1].endswith("event 11")
        log.move(-5)
        log.rows = events
        assert log.cursor_id == "6"


async def test_a_timeline_without_a_run() -> None:
    """Blank lines, and no cursor."""
    timeline = Timeline()
    async with Alone(timeline).run_test(size=(30, 3)):
        assert shown(timeline) == ["", "", ""]


async def test_titles_are_plain_text() -> None:
    """A title is never markup, and what would command the terminal is made visible."""
    checklist = Checklist()
    async with Alone(checklist).run_test(size=(40, 5)) as pilot:
        checklist.set_styles("border: round white !important;")
        await pilot.pause()
        checklist.entitle("[/x] [@click=app.quit]go[/] \x1b[2J")
        await pilot.pause()
        assert checklist._border_title is not None
        assert checklist._border_title.plain == "[/x] [@click=app.quit]go[/] ␛[2J"


async def test_rows_below_the_view_are_counted() -> None:
    """The frame says how many rows there are below."""
    checklist = Checklist()
    async with Alone(checklist).run_test(size=(40, 6)) as pilot:
        checklist.set_styles("border: round white !important;")
        await pilot.pause()
        checklist.rows = MANY[:10]
        assert checklist._border_subtitle is not None
        assert checklist._border_subtitle.plain == "… 6 more"
        checklist.last()
        await pilot.pause()
        assert checklist._border_subtitle is None


async def test_a_new_verdict_is_drawn() -> None:
    """What is set reaches the screen."""
    checklist = Checklist()
    async with Alone(checklist).run_test(size=(60, 3)) as pilot:
        checklist.rows = MANY[:2]
        await pilot.pause()
        checklist.rows = (MANY[0], replace(MANY[1], verdict=PASS))
        await pilot.pause()
        assert "✓ pass" in shown(checklist)[1]
