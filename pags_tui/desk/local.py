"""The desk to a driver in the same process, on a thread with an event loop of its own. For the demo and the tests."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from datetime import datetime

from pags_tui.core.decide.asks import Accepted, Ask
from pags_tui.core.events import Actor
from pags_tui.desk.port import Gone, Seat, Update
from pags_tui.driver import Driver

START: float = 30.0
"""Longest wait in seconds for a driver to come up."""


class DriverThread:
    """A driver running on a thread of its own, as the guard process runs it."""

    def __init__(self, build: Callable[[], Driver]) -> None:
        """`build` makes the driver, on that thread."""
        self._build = build
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self.driver: Driver
        self.loop: asyncio.AbstractEventLoop
        self._thread = threading.Thread(target=self._work, name="pags-driver", daemon=True)

    def start(self) -> DriverThread:
        """Begins, and waits until the driver is there. Raises what building it raised."""
        self._thread.start()
        self._ready.wait(START)
        if self._failure is not None:
            raise self._failure
        return self

    def _work(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self.loop = asyncio.get_running_loop()
        try:
            self.driver = self._build()
        except BaseException as failure:
            self._failure = failure
            self._ready.set()
            return
        self._ready.set()
        await self.driver.run()

    def stop(self, why: str = "left") -> None:
        """Ends the driver; waits for a running rollback."""
        if self._thread.is_alive():
            with contextlib.suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self.driver.stop, why)
            self._thread.join()

    @property
    def alive(self) -> bool:
        """The driver has not ended."""
        return self._thread.is_alive()


class LocalDesk:
    """One seat at a driver thread."""

    def __init__(self, thread: DriverThread, me: Actor, seat: Seat = "desk") -> None:
        self.me = me
        self.seat: Seat = seat
        self._thread = thread
        self._leave: Callable[[], None] | None = None

    def now(self) -> datetime:
        """The driver's clock."""
        return self._thread.driver.record.clock.now()

    async def attach(self, receive: Callable[[Update], None]) -> None:
        """Feeds updates onto the calling event loop."""
        here = asyncio.get_running_loop()

        def hand_over(update: Update) -> None:
            with contextlib.suppress(RuntimeError):
                here.call_soon_threadsafe(receive, update)

        def begin() -> None:
            self._leave = self._thread.driver.subscribe(hand_over)

        async def watch() -> None:
            await self._thread.driver.ended.wait()
            hand_over(Gone(self._thread.driver.why_ended or "the run was closed", final=True))

        self._thread.loop.call_soon_threadsafe(begin)
        asyncio.run_coroutine_threadsafe(watch(), self._thread.loop)

    async def ask(self, ask: Ask) -> Accepted:
        """Asks the driver on its own loop."""
        if not self._thread.alive:
            return Accepted(said="Nobody runs this any more.", refused=True)
        call = asyncio.run_coroutine_threadsafe(self._thread.driver.ask(self.me, ask), self._thread.loop)
        return await asyncio.wrap_future(call)

    async def detach(self) -> None:
        """Takes no more updates."""
        leave, self._leave = self._leave, None
        if leave is not None and self._thread.alive:
            self._thread.loop.call_soon_threadsafe(leave)
