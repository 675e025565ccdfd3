"""Frozen pictures of the screen over the small night: the panes, the band, every dialog. Time stands still in them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.ui.app import WarRoom
from pags_tui.ui.terminal import Terminal
from tests.ui.desks import CALM, FakeDesk, FakePlayer, Night
from tests.ui.nights import begun, canary, counting_down, prepared, queueing

Compare = Callable[..., bool]
SMALL, NORMAL, WIDE = (80, 24), (120, 40), (200, 50)
SIZES = [pytest.param(size, id=f"{size[0]}x{size[1]}") for size in (SMALL, NORMAL, WIDE)]


def room(night: Night, **more: object) -> WarRoom:
    """The App before a night, without a clock of its own."""
    return WarRoom(FakeDesk(night), beat=None, **more)  # type: ignore[arg-type]


def doing(*keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Keys before the picture is taken; `>name` is a command by name."""

    async def run_before(pilot: Pilot[None]) -> None:
        await pilot.pause()
        for key in keys:
            if key.startswith(">"):
                pilot.app.press(key[1:])  # type: ignore[attr-defined]
            else:
                await pilot.press(key)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()

    return run_before


# ---------------------------------------------------------------- the screen


@pytest.mark.parametrize("size", SIZES)
def test_a_queue_grows(snap_compare: Compare, size: tuple[int, int]) -> None:
    """One gate fails and a trigger's clock runs, at each size."""
    assert snap_compare(room(queueing()), terminal_size=size, run_before=doing("j"))


@pytest.mark.parametrize("size", SIZES)
def test_a_countdown(snap_compare: Compare, size: tuple[int, int]) -> None:
    """The band over the full width, with the line for a veto below it."""
    assert snap_compare(room(counting_down()), terminal_size=size, run_before=doing("v"))


@pytest.mark.parametrize("pane", ["1", "3", "4", "5"])
def test_a_pane_in_a_small_terminal(snap_compare: Compare, pane: str) -> None:
    """Timeline, metrics, gates, log, each in place of the checklist."""
    assert snap_compare(room(queueing()), terminal_size=SMALL, run_before=doing(pane))


def test_zoomed(snap_compare: Compare) -> None:
    """The metrics over the whole screen."""
    assert snap_compare(room(queueing()), terminal_size=NORMAL, run_before=doing("3", "z"))


def test_a_refusal(snap_compare: Compare) -> None:
    """A sentence above the footer."""
    assert snap_compare(room(queueing()), terminal_size=SMALL, run_before=doing("j", "space"))


def test_a_replay(snap_compare: Compare) -> None:
    """The scrub bar, and the keys of a replay."""
    desk = FakeDesk(queueing(), seat="replay")
    app = WarRoom(desk, FakePlayer(desk), beat=None)
    assert snap_compare(app, terminal_size=SMALL, run_before=doing("space"))


def test_ascii(snap_compare: Compare) -> None:
    """A terminal that draws ASCII only."""
    app = room(canary(), terminal=Terminal(unicode=False))
    assert snap_compare(app, terminal_size=SMALL, run_before=doing("f9"))


# ---------------------------------------------------------------- the dialogs that change production, at each size


@pytest.mark.parametrize("size", SIZES)
def test_rollback_dialog(snap_compare: Compare, size: tuple[int, int]) -> None:
    """The plan, one line left out, the word begun."""
    assert snap_compare(room(canary()), terminal_size=size, run_before=doing("f9", "tab", "space", "tab", *"rollb"))


@pytest.mark.parametrize("size", SIZES)
def test_flag_dialog(snap_compare: Compare, size: tuple[int, int]) -> None:
    """Value now and next, what it means, what stands behind it."""
    assert snap_compare(room(prepared()), terminal_size=size, run_before=doing("a"))


@pytest.mark.parametrize("size", SIZES)
def test_sign_dialog(snap_compare: Compare, size: tuple[int, int]) -> None:
    """Evidence, who signs, the phase's id."""
    assert snap_compare(room(prepared(signed=False)), terminal_size=size, run_before=doing("s"))


@pytest.mark.parametrize("size", SIZES)
def test_override_dialog(snap_compare: Compare, size: tuple[int, int]) -> None:
    """What the gate says, what the override would cover."""
    night = canary().tick({**CALM, "error-rate": 0.007})
    assert snap_compare(room(night), terminal_size=size, run_before=doing("o"))


# ---------------------------------------------------------------- the others


def failed_rollback() -> Night:
    """One of two writes has no answer."""
    night = canary()
    night.stuck["canary-percentage"] = "unknown"
    return night


def owed() -> Night:
    """A forward write of which nobody knows."""
    night = prepared()
    night.stuck["canary-percentage"] = "unknown"
    return night.ask(a.SetFlags("canary-10/ten", "10"))


def drifted() -> Night:
    """Somebody else moved the traffic."""
    night = canary()
    night.happen(e.FlagSeen("canary-percentage", 25), e.DriftFound("canary-percentage", 10, 25))
    return night


def held() -> Night:
    """T stands, and a gate fails."""
    return queueing().ask(a.HoldClock())


DIALOGS = [
    pytest.param(failed_rollback, ("f9", *"rollback", "enter"), id="rollback-failed"),
    pytest.param(begun, ("j", "j", "j", "a"), id="flag-blocked"),
    pytest.param(begun, ("x",), id="outcome"),
    pytest.param(begun, ("j", "space"), id="capture"),
    pytest.param(held, ("h",), id="resume"),
    pytest.param(canary, (">recycle", "1", "enter"), id="recycle"),
    pytest.param(begun, (">t-zero", *"23:00", "enter"), id="t-zero"),
    pytest.param(begun, ("n",), id="note"),
    pytest.param(begun, ("i",), id="issue"),
    pytest.param(canary, ("m", *"calm", "enter"), id="message"),
    pytest.param(begun, ("p", *"poll", "enter"), id="poll"),
    pytest.param(owed, (">owed",), id="owed"),
    pytest.param(drifted, (">drift",), id="drift"),
    pytest.param(canary, (">flag", "1", "enter"), id="one-flag"),
    pytest.param(queueing, (">mute",), id="mute"),
    pytest.param(canary, (">retire", "3", "enter"), id="retire"),
    pytest.param(begun, (">lead",), id="lead"),
    pytest.param(begun, (">people",), id="people"),
    pytest.param(begun, (">amend",), id="amend"),
    pytest.param(canary, (">end",), id="end"),
    pytest.param(canary, ("q",), id="leave"),
    pytest.param(queueing, ("w",), id="why"),
    pytest.param(begun, ("question_mark",), id="help"),
    pytest.param(begun, ("ctrl+p", *"tr"), id="palette"),
    pytest.param(queueing, ("j", "enter"), id="step"),
    pytest.param(queueing, ("4", "j", "enter"), id="gate"),
    pytest.param(queueing, ("3", "end", "enter"), id="graph"),
]


def draft(*_: object) -> str:
    """What a template would make."""
    return "T is T+00:10, the mood is calm."


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("night", "keys"), DIALOGS)
def test_dialog(
    snap_compare: Compare, night: Callable[[], Night], keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    """Facts first, the question last; it fits 80×24."""
    told = night()
    app = room(told, render=draft, amended=lambda: told.text.replace('"half of all', '"one half of all'))
    assert snap_compare(app, terminal_size=size, run_before=doing(*keys))
