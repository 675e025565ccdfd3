"""Whom the run waits for, and how a terminal calls them."""

from __future__ import annotations

import pytest

from pags_tui.core import events as e
from pags_tui.ui.app import WarRoom
from pags_tui.ui.present import calls
from pags_tui.ui.scene import Scene
from pags_tui.ui.settings import load_settings
from pags_tui.ui.terminal.calling import LONGEST, sequence
from tests.ui.desks import ANA, FakeDesk, Night
from tests.ui.nights import begun, canary


def kinds(night: Night, seat: str = "desk") -> list[tuple[str, str]]:
    """Kind and text of every call now."""
    scene = Scene(night.state, night.now, ANA, seat)  # type: ignore[arg-type]
    return [(call.kind, call.text) for call in calls(scene)]


def test_a_quiet_night_calls_nobody() -> None:
    """Nothing counts down, nothing asks, nothing is due."""
    assert kinds(begun()) == []


def test_what_waits_for_a_person_calls() -> None:
    """A trigger that fired, its countdown, and a draft; each says what it is about."""
    night = canary()
    trigger = next(iter(night.state.runbook.triggers))
    night.happen(
        e.TriggerFired(trigger, "countdown", 612.0, "queue-depth 612 > 500"),
        e.CountdownBegan((trigger,), night.now),
        e.MessageDrafted(1, next(iter(night.state.runbook.comms)), "on time"),
    )
    found = kinds(night)
    assert [kind for kind, _ in found][:3] == ["countdown", "firing", "message"]
    assert trigger in found[0][1]
    assert all(kind != "message" for kind, _ in kinds(night, "watch"))
    assert kinds(night, "replay") == []


def test_bands_ask() -> None:
    """A band that asks for a rollback calls under one id until it is answered."""
    night = canary()
    trigger = next(iter(night.state.runbook.triggers))
    night.happen(e.BandRaised((trigger,)))
    assert kinds(night)[0] == ("ask", f"production: roll back? {trigger}")


@pytest.mark.parametrize(("how", "tmux", "written"), [
    (("bell",), False, "\a"),
    (("osc9",), False, "\x1b]9;Roll back?\a"),
    (("osc777",), False, "\x1b]777;notify;pags, tui;Roll back?\a"),
    (("osc9", "bell"), True, "\x1bPtmux;\x1b\x1b]9;Roll back?\a\x1b\\\a"),
    ((), False, ""),
], ids=["bell", "osc9", "osc777", "both in tmux", "nothing"])  # fmt: skip
def test_what_is_written(how: tuple[str, ...], tmux: bool, written: str) -> None:
    """The sequences that terminals know; within tmux wrapped for it, the bell never."""
    assert sequence(how, "pags; tui", "Roll back?", tmux=tmux) == written


def test_other_peoples_text_ends_no_sequence() -> None:
    """A title that holds escape sequences is shown, not obeyed, and a long one is cut."""
    made = sequence(("osc9",), "t", "a\x1b]52;c;AAAA\x07b\x9c" + "x" * 999)
    assert made.startswith("\x1b]9;a")
    assert made.count("\x1b") == 1
    assert made.index("\a") == len(made) - 1
    assert "\x9c" not in made
    assert len(made) <= LONGEST + 6


class Listening(WarRoom):
    """Notes what would have been rung."""

    rung: tuple[tuple[tuple[str, ...], str], ...] = ()

    def call_person(self, how: object, title: str, text: str) -> None:
        self.rung = (*self.rung, (tuple(how), text))  # type: ignore[arg-type]


async def test_each_reason_calls_once() -> None:
    """What stands when the screen opens does not ring; what comes later rings once, and only what is wanted."""
    night = canary()
    first, *_ = night.state.runbook.triggers
    night.happen(e.BandRaised((first,)))
    desk = FakeDesk(night)
    app = Listening(desk, beat=None, settings=load_settings('[calls]\non = "countdown"\nhow = "osc9"'))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert app.rung == ()
        desk.happen(e.TriggerFired(first, "countdown", 612.0, "why"), e.CountdownBegan((first,), night.now))
        await pilot.pause()
        app.refresh_scene()
        assert [how for how, _ in app.rung] == [("osc9",)]
        assert "rolls back by itself" in app.rung[0][1]
