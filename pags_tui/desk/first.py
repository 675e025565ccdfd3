"""The seat of a screen that paints before it has loaded what a run is made of.

A living guard has all of that at hand: it is asked for the first picture, ready made, while the screen is still being
loaded. The seat itself is made behind the first paint.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pags_tui.core.errors import PagsError
from pags_tui.desk.lines import LONGEST_LINE, WIRE, Hello, hello_line, parse

if TYPE_CHECKING:
    from pags_tui.core.decide.asks import Accepted, Ask
    from pags_tui.core.events import Actor
    from pags_tui.desk.port import Desk, Seat, Update

PATIENCE = 1.0
"""Seconds that a guard may take to make a picture. Without one the screen does what it would have done behind it."""


class FirstPicture:
    """Asks a guard for its picture, in a thread, at once."""

    def __init__(self, path: Path, name: str, seat: str, keys: Mapping[str, str]) -> None:
        """`keys`: a keymap of one's own, by id of the key."""
        self._path = path
        self._hello = hello_line(Hello(WIRE, name, seat=seat, picture=keys))
        self._content: Any = None
        self._thread = threading.Thread(target=self._ask, name="first-picture", daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(PATIENCE)
                line.connect(str(self._path))
                line.sendall(self._hello)
                with line.makefile("rb") as told:
                    self._content = parse(told.readline(LONGEST_LINE)).get("picture")
        except (OSError, PagsError):
            return  # no guard, or one of another version: the seat itself says what there is to say

    def wait(self) -> Any:
        """What the guard sent; None where nothing came in time."""
        self._thread.join(PATIENCE)
        return self._content


class LateDesk:
    """A seat that is made when it is first needed."""

    def __init__(self, seat: Seat, make: Callable[[], Desk]) -> None:
        self.seat: Seat = seat
        self._make = make

    @cached_property
    def _desk(self) -> Desk:
        return self._make()

    @property
    def me(self) -> Actor:
        """Who sits there."""
        return self._desk.me

    def now(self) -> datetime:
        """The time of the run."""
        return self._desk.now()

    async def attach(self, receive: Callable[[Update], None]) -> None:
        """Begins to feed updates."""
        await self._desk.attach(receive)

    async def ask(self, ask: Ask) -> Accepted:
        """What the ask led to."""
        return await self._desk.ask(ask)

    async def detach(self) -> None:
        """Lets go."""
        await self._desk.detach()
