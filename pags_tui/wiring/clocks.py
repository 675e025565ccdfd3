"""The clocks of a run. All tell wall time in UTC that never goes back, whatever is done to the machine's own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pags_tui.core.series import Seconds


def boot_seconds() -> Seconds:
    """Seconds since the machine started, sleep counted; no step of the wall clock shows in it."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def wall() -> datetime:
    """The machine's own idea of the time."""
    return datetime.now(UTC)


class SteadyClock:
    """Wall time as it was when the clock was made, carried on by the machine's boot-time clock."""

    def __init__(
        self,
        not_before: datetime | None = None,
        *,
        wall: Callable[[], datetime] = wall,
        boot: Callable[[], Seconds] = boot_seconds,
    ) -> None:
        """`not_before`: the last moment already recorded; time does not start behind it. `wall` is read once here (and
        by `stepped`), `boot` carries the time on."""
        self._wall, self._boot = wall, boot
        start = wall()
        self._start = max(start, not_before) if not_before else start
        self._began = boot()

    def now(self) -> datetime:
        """The time of the run."""
        return self._start + timedelta(seconds=self._boot() - self._began)

    async def sleep(self, seconds: Seconds) -> None:
        """Waits that long."""
        await asyncio.sleep(seconds)

    @property
    def stepped(self) -> Seconds:
        """How far the machine's wall clock has been moved since: positive when it is ahead of ours."""
        return (self._wall() - self.now()).total_seconds()


class FastClock:
    """Time that runs `speed` times as fast, for a demo."""

    def __init__(self, start: datetime, speed: float) -> None:
        self._start = start
        self.speed = speed
        self._boot = boot_seconds()

    def now(self) -> datetime:
        """The time of the run."""
        return self._start + timedelta(seconds=(boot_seconds() - self._boot) * self.speed)

    async def sleep(self, seconds: Seconds) -> None:
        """Waits that long on this clock."""
        await asyncio.sleep(seconds / self.speed)


class LeapClock:
    """Time that stands still while there is work and leaps over every wait: a night as fast as it can be computed."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """The time of the run."""
        return self._now

    async def sleep(self, seconds: Seconds) -> None:
        """Is that much later at once."""
        self._now += timedelta(seconds=max(seconds, 0.0))
        await asyncio.sleep(0)
