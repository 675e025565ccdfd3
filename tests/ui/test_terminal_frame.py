"""What is sent is a difference: a terminal that gets only differences shows what one that gets everything would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate

from pags_tui.ui.app import WarRoom
from pags_tui.ui.terminal.frame import Difference, Frame, FrameApp, cells_of
from pags_tui.ui.terminal.pen import Cell
from tests.ui.desks import FakeDesk
from tests.ui.glass import Glass
from tests.ui.nights import queueing

RED, BLUE = Style(color="red"), Style(color="blue", meta={"@click": "nobody sees this"})
WIDTH = 24

TEXTS = st.lists(st.tuples(st.text("ab 日本é", max_size=9), st.sampled_from([RED, BLUE])), max_size=5)


def line_of(parts: list[tuple[str, Style]]) -> list[Cell]:
    """Cells of exactly the width of the frame, no wide character cut."""
    cells = cells_of(Segment(text, style) for text, style in parts)
    while len(cells) > WIDTH or (cells and len(cells) == WIDTH and get_character_cell_size(cells[-1][0] or "日") == 2):
        cells.pop()
        while cells and get_character_cell_size(cells[-1][0] or " ") == 2:
            cells.pop()
    return cells + [(" ", RED)] * (WIDTH - len(cells))


@given(lines=st.lists(TEXTS, min_size=1, max_size=5))
def test_differences_add_up(lines: list[list[tuple[str, Style]]]) -> None:
    """After each update the line shows what was painted, and no run begins or ends inside a wide character."""
    frame, shown = Frame(WIDTH, 1), [("?", RED)] * WIDTH
    for parts in lines:
        wanted = line_of(parts)
        for x, cells in frame.changes(0, 0, wanted):
            assert cells[0][0]
            assert x + len(cells) == WIDTH or wanted[x + len(cells)][0]
            shown[x : x + len(cells)] = cells
        assert shown == wanted


@given(parts=TEXTS)
def test_a_cell_is_a_column(parts: list[tuple[str, Style]]) -> None:
    """One cell a column, and the text is the same."""
    cells = cells_of(Segment(text, style) for text, style in parts)
    assert len(cells) == sum(cell_len(text) for text, _ in parts)
    assert "".join(char for char, _ in cells) == "".join(text for text, _ in parts)


def test_nothing_new_sends_nothing() -> None:
    """The same line again is no run at all, whatever Textual marked on it that nobody sees."""
    frame = Frame(3, 1)
    assert len(list(frame.changes(0, 0, cells_of([Segment("abc", BLUE)])))) == 1
    assert list(frame.changes(0, 0, cells_of([Segment("abc", Style(color="blue"))]))) == []


@pytest.fixture
def glass(monkeypatch: pytest.MonkeyPatch) -> Glass:
    """What a real terminal of 80×24 would show of a headless App."""
    found = Glass(80, 24)

    def show(self: FrameApp, difference: Difference) -> None:
        if not self._batch_count:
            found.write(difference.render_segments(self.console))

    monkeypatch.setattr(FrameApp, "_show", show)
    return found


def whole(app: WarRoom) -> list[str]:
    """The whole screen, painted from nothing."""
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    assert isinstance(update, LayoutUpdate)
    return ["".join(segment.text for strip in line for segment in strip) for line in update.strips]


async def test_the_glass_shows_the_screen(glass: Glass) -> None:
    """Moving, opening and leaving dialogs, panes, a tick: the sum of all differences is the whole screen."""
    desk = FakeDesk(queueing())
    app = WarRoom(desk, beat=None)
    async with app.run_test(size=(80, 24)) as pilot:
        for keys in (("j",), ("f9", "tab", "space"), ("escape",), ("3",), ("3",), ("q",), ("escape",), ("ctrl+p", "m")):
            await pilot.press(*keys)
            desk.tick()
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert glass.text == whole(app)


async def test_what_happens_is_seen_under_two_dialogs() -> None:
    """The log goes on below a rollback that was opened over another dialog."""
    app = WarRoom(FakeDesk(queueing()), beat=None)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("n", "f9", *"rollback", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "rollback 1 finished" in "".join(whole(app))


async def test_a_dialog_costs_what_it_covers(glass: Glass) -> None:
    """Opening one sends less than half a screen, a second under it a few lines, and redrawing sends all of it."""
    desk = FakeDesk(queueing())
    app = WarRoom(desk, beat=None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        first, glass.sent = glass.sent, 0
        await pilot.press("f9")
        await pilot.pause()
        opened, glass.sent = glass.sent, 0
        desk.tick()
        await pilot.pause()
        ticked, glass.sent = glass.sent, 0
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert opened < 4000
        assert ticked < 1000
        assert glass.sent > first / 2
