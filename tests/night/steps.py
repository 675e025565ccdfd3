"""Time that goes on only when a test says so: a night by keyboard, the same on a busy machine as on an idle one."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta


class Steps:
    """The clock of one night. Whoever sleeps by it is woken when the test has let time go on that far."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._lock = threading.Lock()
        self._free = False
        self._waits: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """The time of the night."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Until it is that much later."""
        if self._free:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        with self._lock:
            self._waits.append((self._now + timedelta(seconds=seconds), future))
        try:
            await future
        finally:
            with self._lock:
                self._waits = [wait for wait in self._waits if wait[1] is not future]

    @property
    def next(self) -> datetime | None:
        """When the first of those who sleep is to be woken; None: nobody sleeps, something is under way."""
        with self._lock:
            return min((ends for ends, future in self._waits if not future.done()), default=None)

    def let_go(self) -> None:
        """Nobody waits any more: the night is over."""
        self._free = True
        with self._lock:
            due = [future for _, future in self._waits]
        for future in due:
            future.get_loop().call_soon_threadsafe(_wake, future)

    def advance(self, seconds: float) -> None:
        """It is that much later."""
        with self._lock:
            self._now += timedelta(seconds=seconds)
            due = [future for ends, future in self._waits if ends <= self._now]
        for future in due:
            future.get_loop().call_soon_threadsafe(_wake, future)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
