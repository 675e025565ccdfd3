"""A lead at the keyboard: looks at the screen's own scene, presses keys, and has no other way in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from textual.pilot import Pilot

from pags_tui.core.decide import asks as a
from pags_tui.simulator.autopilot import next_ask
from pags_tui.ui.app import WarRoom
from pags_tui.ui.dialogs.entry import Lines
from pags_tui.ui.scene import Scene
from pags_tui.ui.screens import PaletteScreen
from pags_tui.ui.widgets.checklist import Checklist
from pags_tui.ui.widgets.timeline import Timeline

PATIENCE = 120.0
"""Seconds after which a wait is a failed test."""


class Hands:
    """Presses what an operator would press for what the autopilot would ask."""

    def __init__(self, app: WarRoom, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot
        self.pressed = 0

    @property
    def scene(self) -> Scene:
        """What the screen shows."""
        return self.app.scene

    async def wait(self) -> None:
        """Nothing is to be done now."""
        await asyncio.sleep(0.1)

    async def press(self, *keys: str) -> None:
        """Those keys, one after another."""
        self.pressed += len(keys)
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """A text and Enter."""
        await self.press(*(CHARACTERS.get(character, character) for character in text), "enter")

    async def until(self, true: Callable[[Scene], object], why: str) -> None:
        """Waits for the screen to show it; fails with what the screen says instead."""
        ends = time.monotonic() + PATIENCE
        while not true(self.scene):
            assert time.monotonic() < ends, f"waited in vain until {why}: {self.app.cockpit.query_one('#notice')}"
            await asyncio.sleep(0.05)

    # ------------------------------------------------------------ a whole night

    async def work(self, over: Callable[[Scene], object], seconds: float) -> None:
        """Works the night until it is over."""
        ends = time.monotonic() + seconds
        while not over(self.scene):
            assert time.monotonic() < ends, f"the night was not over in {seconds} s: {self.standing()}"
            ask = next_ask(self.scene.view)
            if ask is None:
                await self.wait()
            else:
                await self.do(ask)

    def standing(self) -> str:
        """Where the night stands, for a failed test."""
        state = self.scene.state
        open_steps = [step.id for step in state.runbook.phase_steps if state.step(step.id).outcome is None]
        gates = {key: f"{v.state} {v.reason}" for key, v in self.scene.view.gates.items() if v.state != "pass"}
        return f"open {open_steps[:4]}, gates {gates}, owed {state.owed}, next {next_ask(self.scene.view)}"

    async def do(self, ask: a.Ask) -> None:
        """One ask, by its keys; returns once the screen shows what came of it, or that it was refused."""
        seq = self.scene.state.seq
        match ask:
            case a.Resolve(step=step):
                await self.go(step)
                await self.press("space")
            case a.SetFlags(step=step, typed=typed):
                await self.go(step)
                await self.press("a")
                await self.dialog()
                await self.type(typed)
            case a.Sign(phase=phase):
                await self.show(phase)
                await self.press("s")
                await self.dialog()
                await self.type(phase)
            case a.RollBack():
                await self.press("f9")
                await self.dialog()
                await self.type(ask.word)
            case _:
                raise AssertionError(f"the hands do not know how to ask for {ask}")
        for _ in range(60):
            if self.scene.state.seq > seq and len(self.app.screen_stack) == 1:
                return
            await asyncio.sleep(0.05)
        if len(self.app.screen_stack) > 1:
            await self.press("escape")

    async def dialog(self) -> None:
        """Waits until a dialog stands open."""
        await self.until(lambda _: len(self.app.screen_stack) > 1, "a dialog opens")
        await self.pilot.pause()

    async def command(self, name: str) -> None:
        """A command by its name: ctrl+p, the name, Enter; returns once its dialog stands open."""
        await self.press("ctrl+p")
        await self.dialog()
        await self.type(name)
        await self.until(lambda _: not isinstance(self.app.screen, PaletteScreen), f"'{name}' was taken")
        await self.pilot.pause()

    async def answer(self, *texts: str) -> None:
        """Each text and Enter, then the dialog has gone."""
        for text in texts:
            await self.type(text)
            await self.pilot.pause()
        await self.until(lambda _: len(self.app.screen_stack) == 1, f"the dialog took {texts}: {self.said()}")

    def said(self) -> str:
        """All that the dialog on top says, line by line."""
        lines = [line for widget in self.app.screen.query(Lines) for line in widget.said]
        return "\n".join("".join(text for text, _ in line) for line in lines)

    async def go(self, step: str) -> None:
        """Moves the cursor of the checklist onto a step, line by line."""
        await self.show(step.partition("/")[0])
        await self.move(self.app.cockpit.query_one(Checklist), step)

    async def show(self, phase: str) -> None:
        """Shows the checklist of a phase: by the timeline, as a person would."""
        checklist = self.app.cockpit.query_one(Checklist)
        if self.app.focused is not checklist:
            await self.press("2")
        if any(row.id.startswith(f"{phase}/") for row in checklist.rows):
            return
        timeline = self.app.cockpit.query_one(Timeline)
        await self.press("1")
        await self.move(timeline, phase)
        await self.press("enter")
        await self.until(lambda _: self.app.focused is checklist, "the checklist has the focus")

    async def move(self, pane: Checklist | Timeline, row: str) -> None:
        """The cursor of a pane onto a row: by the shorter way, a line a key."""
        for _ in range(3 * len(pane.rows)):
            if pane.cursor_id == row:
                return
            ids = [one.id for one in pane.rows]
            assert row in ids, f"{row} is not here: {ids}"
            down = pane.cursor_id is None or ids.index(pane.cursor_id) < ids.index(row)
            await self.press("j" if down else "k")
        raise AssertionError(f"the cursor does not reach {row}")


CHARACTERS = {
    "+": "plus", ":": "colon", ",": "comma", "'": "apostrophe", "-": "minus", "_": "underscore", ".": "full_stop",
    " ": "space", "%": "percent_sign", "/": "slash",
}  # fmt: skip
"""Keys by the name that Textual gives them."""
