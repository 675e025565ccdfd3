"""Breaking the glass: a rollback that the guard does not take is performed by a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import BinaryIO

from pags_tui.core.decide.asks import Accepted, RollBack
from pags_tui.core.errors import PagsError, Unreachable
from pags_tui.core.events import RunbookAmended, RunStarted
from pags_tui.core.series import Seconds
from pags_tui.desk.lines import parse
from pags_tui.desk.port import Began, Gone, Happened, Update
from pags_tui.desk.wire import update_of
from pags_tui.driver.threads import in_thread

ASK_GUARD: Seconds = 2.0
"""How long a guard may take to take the order for a rollback: after that it is gone round."""
CONFIRMED: Seconds = 20.0
"""Longest wait for the first event of a process that performs a rollback."""

Glass = Callable[[RollBack, str], BinaryIO]
"""Starts a process that performs a confirmed rollback without the guard; what it prints are lines of the protocol.

The text is the runbook's as the screen last knew it, for a journal that cannot be read; empty: not known.
"""


class Breaker:
    """Asks the guard, and goes round it where it does not answer in time."""

    def __init__(self, glass: Glass, receive: Callable[[Update], None]) -> None:
        self._glass, self._receive = glass, receive
        self._task: asyncio.Task[None] | None = None
        self._text = ""

    def heard(self, update: Update) -> None:
        """Remembers the runbook, as the guard tells it."""
        for event in update.events if isinstance(update, Began | Happened) else ():
            if isinstance(event.fact, RunStarted | RunbookAmended):
                self._text = event.fact.runbook

    @property
    def busy(self) -> bool:
        """A process performs a rollback in the guard's place, and tells how it goes."""
        return self._task is not None and not self._task.done()

    async def over(self) -> None:
        """Until that process has ended."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def roll_back(
        self, ask: RollBack, asked: Callable[[], Awaitable[Accepted]], drop: Callable[[str], None]
    ) -> Accepted:
        """What came of it. `asked` gives the guard's answer, or raises Unreachable; `drop` lets go of that guard."""
        if self.busy:
            return Accepted(said="It is under way already, without the guard.")
        try:
            async with asyncio.timeout(ASK_GUARD):
                return await asked()
        except (TimeoutError, Unreachable):
            reason = "it does not answer; the rollback is done without it"
        drop(reason)
        confirmed = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._follow(ask, reason, confirmed))
        confirming = asyncio.get_running_loop().create_task(confirmed.wait())
        first = asyncio.FIRST_COMPLETED
        await asyncio.wait([self._task, confirming], timeout=CONFIRMED, return_when=first)
        confirming.cancel()
        if self._task.done() and not confirmed.is_set():
            why = self._task.exception() or "the run cannot be read"
            said = f"It could not be begun ({why}). In another shell: pags-tui rollback RUNBOOK"
            return Accepted(said=said, refused=True)
        return Accepted(said="The guard does not answer: this is done without it, and goes on without this screen.")

    async def _follow(self, ask: RollBack, reason: str, confirmed: asyncio.Event) -> None:
        """Passes on what that process tells, to its end."""
        with await in_thread(lambda: self._glass(ask, self._text)) as told:
            while raw := await in_thread(told.readline):
                update = update_of(parse(raw))
                if update is None:
                    continue
                self._receive(update)
                if isinstance(update, Began):
                    self._receive(Gone(reason))  # it tells the story, but keeps no watch
                elif isinstance(update, Happened):
                    confirmed.set()

    async def detach(self) -> None:
        """Hears nothing more of it; the process goes on."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, PagsError, OSError):
                await self._task
