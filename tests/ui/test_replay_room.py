"""The war room over a recorded night: what if, jumps, and what a recording cannot do."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from pags_tui.core.units import show_t
from pags_tui.replay import ReplayDesk
from pags_tui.ui.app import WarRoom
from pags_tui.ui.dialogs.entry import Lines
from tests.pictures import rows
from tests.runs.make import tape
from tests.ui.drawing import texts

SIZE = (80, 24)


def room() -> tuple[WarRoom, ReplayDesk]:
    """The error spike, from its start."""
    desk = ReplayDesk(tape("error-spike"), lambda: 0.0)
    return WarRoom(desk, desk, beat=None), desk


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Keys, each with its effect."""
    await pilot.press(*keys)
    await pilot.pause()


def said(app: WarRoom, name: str) -> str:
    """A line of the cockpit."""
    return " ".join(texts(app.cockpit.query_one(f"#{name}", Lines).said))


def t_of(app: WarRoom, desk: ReplayDesk) -> str:
    """Where it stands."""
    t = app.scene.state.t(desk.now())
    assert t is not None
    return show_t(t)


async def test_what_if() -> None:
    """A trigger is given another duration: the line says what would have been, d goes there, 'nothing' ends it."""
    app, desk = room()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "i", *"error-rate", "enter", *"banana", "enter")
        assert "banana" in "".join(text for text, _ in rows(app))
        assert desk.supposed is None
        await press(pilot, *"for 1m", "enter")
        await pilot.pause()
        assert desk.supposed is not None
        assert desk.supposed.changes == ("triggers.error-rate.when=error-rate > 1% for 1m",)
        shown = "\n".join(text for text, _ in rows(app))
        assert "T+00:05:05  would be FIRING, was pending" in shown
        assert "T+00:07:05  both FIRING" in shown
        await press(pilot, "escape")
        assert said(app, "what-if") == "what if error-rate > 1% for 1m: as it was at this moment; 1 difference (d)"
        await press(pilot, "d")
        assert t_of(app, desk) == "T+00:05:05"
        assert said(app, "what-if").endswith("error-rate would be FIRING since T+00:05:05 · it was pending")
        await press(pilot, "d")
        assert said(app, "notice") == "There is no later difference in this recording."
        await press(pilot, "i", *"nothing", "enter")
        assert desk.supposed is None
        assert said(app, "what-if") == ""
        assert len(app.screen_stack) == 1


async def test_a_gate_under_the_cursor_comes_first() -> None:
    """On a step with a gate, `1` is that gate; a change of it is judged with the trigger's beside it."""
    app, desk = room()
    await desk.suppose(["triggers.error-rate.when=error-rate > 1% for 1m"])
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "t", *"5m", "enter", "g", "j")
        assert app.cockpit.step == "canary-10/error-rate-0-5"
        await press(pilot, "i", "2", "enter", *"< 90%", "enter")
        await pilot.pause()
        assert desk.supposed is not None
        assert desk.supposed.changes[-1] == "canary-10/error-rate-0-5.gate=error-rate < 90%"
        assert [line.id for line in desk.supposed.lines] == ["error-rate", "canary-10/error-rate-0-5"]


async def test_help_begins_with_what_only_a_replay_has() -> None:
    """The keys of a replay before those for moving about, which everybody knows by then."""
    app, _ = room()
    async with app.run_test(size=(80, 50)) as pilot:
        await press(pilot, "question_mark")
        shown = [text for text, _ in rows(app)]
        words = ("Play, or stand", "To the next line")
        play, down = (next(n for n, row in enumerate(shown) if word in row) for word in words)
        assert play < down


async def test_jumps_land_on_what_they_name() -> None:
    """Flag, sign-off, trigger, hold, there and back; T that never was says so."""
    app, desk = room()
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "f")
        assert t_of(app, desk) == "T+00:00:05"
        await press(pilot, "h")
        first_hold = desk.now()
        assert app.scene.state.hold is not None
        await press(pilot, "H")
        assert said(app, "notice") == "There is no earlier hold, resume or recycle in this recording."
        assert desk.now() == first_hold
        await press(pilot, "R")
        assert app.scene.state.countdown is not None or app.scene.state.rolling_back
        await press(pilot, "s")
        assert "no later sign-off" in said(app, "notice")
        await press(pilot, "t", *"9h", "enter")
        assert said(app, "notice") == "T never came to T+9h in this recording."
