"""The base of our App: quiet settings, looks that fit the terminal, and an end that leaks nothing."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from rich.text import Text
from textual import constants, events
from textual.app import App
from textual.driver import Driver
from textual.filter import Monochrome, NoColor
from textual.screen import Screen
from textual.widget import Widget

from pags_tui.ui import layouts, looks
from pags_tui.ui.painting import COMPONENTS
from pags_tui.ui.renderables.glyphs import Glyphs
from pags_tui.ui.terminal.calling import sequence
from pags_tui.ui.terminal.checks import Colours, Terminal
from pags_tui.ui.terminal.driver import SteadyDriver

THEME_OF = {Colours.FULL: looks.DARK, Colours.SIXTEEN: looks.SIXTEEN, Colours.NONE: looks.MONOCHROME}
"""What a terminal is shown unless somebody chose otherwise."""


Result = TypeVar("Result")

TURNS = 100
"""Turns of the event loop at most before the first paint; about ten are taken."""


def settle_textual() -> None:
    """Set in code what Textual would take from the environment: nothing there may move, press keys or write files."""
    settled = {"TEXTUAL_ANIMATIONS": "none", "SMOOTH_SCROLL": False, "PRESS": "", "SCREENSHOT_DELAY": -1, "FILTERS": ""}
    for name, value in settled.items():
        setattr(constants, name, value)


class SteadyScreen(Screen[Result]):
    """A screen that does not render what a batch would throw away; the first paint comes a third sooner."""

    def _compositor_refresh(self) -> None:
        if not self.app._batch_count:
            super()._compositor_refresh()


class TerminalApp(App[None]):
    """An App on the driver that survives, drawn as its terminal can."""

    CSS_PATH = layouts.sheets()
    HORIZONTAL_BREAKPOINTS = layouts.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = layouts.VERTICAL_BREAKPOINTS

    COMPONENT_CLASSES = COMPONENTS

    on_crash: Callable[[BaseException], None] | None = None
    """Takes the error of a crash, to keep where it happened; nothing of it is printed."""

    after_crash = "The run goes on in its guard. Start the screen again: pags-tui run"
    """The next move, said below the sentence of a crash."""

    def __init__(self, terminal: Terminal | None = None, *, theme: str | None = None) -> None:
        settle_textual()
        self._pressed_on: WeakKeyDictionary[events.Key, Screen[Any]] = WeakKeyDictionary()
        self.terminal = terminal or Terminal()
        self.glyphs: Glyphs = looks.UNICODE if self.terminal.unicode else looks.ASCII
        plain = self.terminal.colours is not Colours.FULL
        super().__init__(driver_class=self.get_driver_class(), ansi_color=True if plain else None)
        self._without_colours(self.terminal.colours is Colours.NONE)
        for known in looks.THEMES:
            self.register_theme(known)
        self.theme = theme if theme and not plain else THEME_OF[self.terminal.colours].name
        self.set_class(not self.terminal.unicode, "-ascii")
        self.set_class(self.terminal.colours is Colours.NONE, "-mono")
        self.set_class(self.terminal.colours is Colours.SIXTEEN, "-sixteen")

    def _without_colours(self, none: bool) -> None:
        """Textual greys all for any NO_COLOR, even an empty one; here the check decides, and grey is a colour."""
        self._filters = [found for found in self._filters if not isinstance(found, Monochrome | NoColor)]
        self.no_color = none
        if none:
            self._filters.append(NoColor())

    def get_driver_class(self) -> type[Driver]:
        """Ours, whatever TEXTUAL_DRIVER says; in a browser that of Textual, which speaks to textual-serve."""
        if self.terminal.browser:
            from textual.drivers.web_driver import WebDriver

            return WebDriver
        return SteadyDriver

    def on_load(self) -> None:
        """Paint nothing until all is in its place: stock start-up paints the whole screen five times."""
        self._begin_batch()

    async def on_ready(self) -> None:
        """All is mounted: lay out while nothing is painted; once no widget has anything to say, paint, once."""
        await self.first_word()
        screen = self.screen
        screen._refresh_layout()
        for _ in range(TURNS):
            await asyncio.sleep(0)
            if screen._layout_required:
                screen._layout_required = False
                screen._refresh_layout()
            elif not any(
                widget.message_queue_size or widget._layout_required for widget in screen.walk_children(Widget)
            ):
                break
        self._end_batch()
        screen.refresh()
        await self.behind()

    async def first_word(self) -> None:
        """Wait, briefly, for what the first paint is to show."""

    async def on_event(self, event: events.Event) -> None:
        """Note where a key was pressed, before it goes there."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._pressed_on[event] = self.screen
        await super().on_event(event)

    async def _on_key(self, event: events.Key) -> None:
        """A key counts where it was pressed: a rollback key right behind it may have opened its plan over that screen.

        (Textual looks for the bindings of a key that no widget took on the screen that is then on top.)
        """
        screen = self._pressed_on.get(event)
        if screen is None or screen is self.screen or screen not in self.screen_stack:
            return
        event.prevent_default()
        for namespace, bindings in screen._modal_binding_chain:
            for binding in bindings.key_to_bindings.get(event.key, ()):
                if not binding.priority and await self.run_action(binding.action, namespace):
                    return

    async def behind(self) -> None:
        """What is left to do behind the first paint. What is pressed meanwhile waits, in order."""

    def repaint(self) -> None:
        """Draw everything again: something else wrote on the terminal (`ctrl+l`)."""
        self.screen.refresh(layout=True)

    @property
    def mouse_on(self) -> bool:
        """Whether the terminal sends mouse events; off by default, so that its own copy works."""
        return bool(self._driver and self._driver._mouse)

    def call_person(self, how: Iterable[str], title: str, text: str) -> None:
        """Ring, or let the terminal show a notification, for somebody who looks elsewhere."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence(how, title, text, tmux=self.terminal.tmux))

    def switch_mouse(self) -> bool:
        """Mouse on or off; says which it is now."""
        if isinstance(self._driver, SteadyDriver):
            self._driver.switch_mouse(not self.mouse_on)
        return self.mouse_on

    def _fatal_error(self) -> None:
        """End on an exception with a sentence. Textual would print every local, tokens among them."""
        error = sys.exc_info()[1] or self._exception
        self.bell()
        if self.on_crash is not None and error is not None:
            self.on_crash(error)
        self._exit_renderables.append(Text(f"{crash_sentence(error)}\n{self.after_crash}"))
        self._close_messages_no_wait()


def crash_sentence(error: BaseException | None) -> str:
    """What broke, and where; nothing of what it was working on."""
    where = ""
    for frame in traceback.extract_tb(error.__traceback__ if error else None):
        where = f" at {frame.filename.rpartition('/')[2]}:{frame.lineno}"
    return f"The screen stopped on an error of its own: {type(error).__name__}{where}."


def exit_status(app: App[Any]) -> int:
    """What the process should exit with after `run`: 128+n when signal n ended it."""
    return app.return_code or 0
