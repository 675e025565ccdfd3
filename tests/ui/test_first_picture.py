"""The first picture: made by whoever has all at hand, painted before anything of the run is loaded; no key is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from textual import events

from pags_tui.core.decide.asks import ReadFlags
from pags_tui.desk.port import Began, Gone, Update
from pags_tui.ui import keys, present
from pags_tui.ui.app import WarRoom
from pags_tui.ui.dialogs import RollbackDialog
from pags_tui.ui.present.picture import LINES, picture
from pags_tui.ui.rows.picture import Picture, encode, picture_of
from pags_tui.ui.scene import Stage
from pags_tui.wiring.pictures import first_picture
from tests.ui.desks import ANA, FakeDesk, Night
from tests.ui.nights import begun, canary, counting_down, prepared, queueing

NIGHTS = [pytest.param(night, id=night.__name__) for night in (begun, prepared, canary, queueing, counting_down)]


def sent(night: Night, keymap: dict[str, str] | None = None) -> Any:
    """What a guard sends of that night."""
    told = Began(tuple(night.events), tuple(night.ticks), night.now)
    return json.loads(json.dumps(first_picture(told, ANA, "desk", (), keymap or {})))


class Mute(FakeDesk):
    """A desk that says nothing until it is let."""

    attached = False

    async def attach(self, receive: Callable[[Update], None]) -> None:
        """Waits."""
        self._receive = receive
        self.attached = True

    def speak(self) -> None:
        """The whole story so far."""
        self._receive(Began(tuple(self.night.events), tuple(self.night.ticks), self.night.now))


def screen(app: WarRoom) -> list[str]:
    """What is on the screen, as text."""
    return ["".join(part.text for part in strip).rstrip() for strip in app.screen._compositor.render_strips()]


async def until(there: Callable[[], object]) -> None:
    """Wait for that: a key cannot be waited for while keys are held."""
    for _ in range(400):
        if there():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


@pytest.mark.parametrize("night", NIGHTS)
def test_a_picture_comes_through_as_it_was_made(night: Callable[[], Night]) -> None:
    """Every row of the main screen is the same on both sides of the socket."""
    told = night()
    stage = Stage(ANA, "desk", told.now)
    stage.receive(Began(tuple(told.events), tuple(told.ticks), told.now))
    scene = stage.scene(told.now)
    made = picture(scene, keys.footer(scene))
    sent_and_read = picture_of(json.loads(json.dumps(encode(made))))
    assert encode(sent_and_read) == encode(made)
    assert isinstance(sent_and_read, Picture)
    assert (sent_and_read.header, sent_and_read.checklist, sent_and_read.log) == (made.header, made.checklist, made.log)
    assert made.checklist == present.checklist(scene)
    assert len(made.log) <= LINES


@pytest.mark.parametrize(
    "content",
    [None, "x", [], {}, {"Fact": ["a"]}, {"Level": "loud"}, {"Path": ["/etc"]}, {"Picture": []}, {"A": 1, "B": 2}],
    ids=str,
)
def test_nothing_else_is_made_of_what_somebody_sent(content: Any) -> None:
    """Only rows, and only whole: of anything else, such as that of another version, there is no picture."""
    assert picture_of(content) is None


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_first_picture_is_what_the_screen_then_shows(size: tuple[int, int]) -> None:
    """Painted before the run is known, and the same to the letter once it is."""
    desk = Mute(queueing())
    app = WarRoom(desk, beat=None, first=lambda: picture_of(sent(desk.night)))
    async with app.run_test(size=size) as pilot:
        await until(lambda: any("Everybody" in row or "Watch" in row or "T+" in row for row in screen(app)))
        painted = screen(app)
        assert not app.knows
        await until(lambda: desk.attached)
        desk.speak()
        await until(lambda: app.knows)
        await pilot.pause()
        assert screen(app) == painted


async def test_what_is_pressed_before_the_run_is_known_is_done_then_and_in_order() -> None:
    """F9 opens the plan once there is one; what is typed behind it goes into the dialog and not to the screen below."""
    desk = Mute(canary())
    app = WarRoom(desk, beat=None, first=lambda: picture_of(sent(desk.night)))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: any("T+" in row for row in screen(app)))
        for key in ("f9", "n"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(lambda: desk.attached)
        await asyncio.sleep(0.05)
        assert len(app.screen_stack) == 1
        desk.speak()
        await until(lambda: isinstance(app.screen, RollbackDialog))
        await pilot.pause()
        assert isinstance(app.screen, RollbackDialog)
        assert desk.asked == [ReadFlags()]


async def test_a_guard_that_dies_behind_its_picture_is_said() -> None:
    """The picture does not stay as if it were true: the header says that nobody stands behind it."""
    desk = Mute(canary())
    app = WarRoom(desk, beat=None, first=lambda: picture_of(sent(desk.night)))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: any("guard ok" in row for row in screen(app)))
        await until(lambda: desk.attached)
        desk._receive(Gone("no guard answers"))
        await until(lambda: app.knows)
        await pilot.pause()
        assert not any("guard ok" in row for row in screen(app))


async def test_without_a_picture_the_screen_begins_as_ever() -> None:
    """A guard of another version makes none: the story is waited for, and painted."""
    desk = FakeDesk(canary())
    app = WarRoom(desk, beat=None, first=lambda: None)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app.knows)
        await pilot.press("f9")
        await pilot.pause()
        assert isinstance(app.screen, RollbackDialog)


def test_a_keymap_of_ones_own_is_in_the_picture() -> None:
    """The guard prints the keys that the screen will have."""
    found = picture_of(sent(begun(), {"tick": "t"}))
    assert isinstance(found, Picture)
    assert next(key.key for key in found.footer if key.label == "tick") == "t"
