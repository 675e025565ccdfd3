"""A seat that finds its guard wherever it is: by the socket of this host, or through the database on another one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime

from pags_tui.core.decide.asks import Accepted, Ask
from pags_tui.core.errors import PagsError
from pags_tui.desk.port import Desk, Gone, Seat, Update
from pags_tui.driver.threads import in_thread

LOOKS = 10
"""Further looks once somebody answers again."""
LOOK_EVERY = 1.0
"""Seconds between two looks where the guard is, once nobody answers."""


class RoamingDesk:
    """Sits at one of two desks, and moves when the guard has."""

    def __init__(self, is_here: Callable[[], bool], here: Callable[[], Desk], there: Callable[[], Desk]) -> None:
        """All three may block, and raise PagsError. `is_here`: whether the run's guard answers on this host."""
        self._is_here, self._here, self._there = is_here, here, there
        self._at_home = is_here()
        self._desk = here() if self._at_home else there()
        self.seat: Seat = self._desk.seat
        self.me = self._desk.me
        self._receive: Callable[[Update], None] = lambda _: None
        self._moving: asyncio.Task[None] | None = None
        self._lost = False

    def now(self) -> datetime:
        """The guard's clock."""
        return self._desk.now()

    async def attach(self, receive: Callable[[Update], None]) -> None:
        """Feeds updates until detached."""
        self._receive = receive
        await self._desk.attach(self._hear)

    def _hear(self, update: Update) -> None:
        self._receive(update)
        self._lost = isinstance(update, Gone) and not update.final
        if self._lost and (self._moving is None or self._moving.done()):
            self._moving = asyncio.get_running_loop().create_task(self._follow())

    async def _follow(self) -> None:
        """Looks where the guard is as long as nobody answers, and a while longer: its socket may come up after it."""
        left = LOOKS
        while left:
            left = LOOKS if self._lost else left - 1
            with contextlib.suppress(PagsError):
                at_home = await in_thread(self._is_here)
                if at_home != self._at_home:
                    await self._move(at_home)
                    return
            await asyncio.sleep(LOOK_EVERY)

    async def _move(self, at_home: bool) -> None:
        desk = await in_thread(self._here if at_home else self._there)
        former, self._desk, self._at_home, self._lost = self._desk, desk, at_home, False
        self.me = desk.me
        await desk.attach(self._hear)
        await former.detach()

    async def ask(self, ask: Ask) -> Accepted:
        """Asks the guard, wherever it is."""
        return await self._desk.ask(ask)

    async def detach(self) -> None:
        """Lets go; the guard goes on."""
        if self._moving is not None:
            self._moving.cancel()
        await self._desk.detach()
