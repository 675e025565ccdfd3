"""Time that a test can hurry and slow down: fast over a wait, slow while somebody types. It never goes back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from pags_tui.driver import Driver
from pags_tui.wiring.clocks import boot_seconds

MOMENT = 0.05
"""Longest real sleep in seconds, so that a change of tempo is felt at once."""
REAL_TICK = 0.2
"""Real seconds between two ticks at the least: the screen and the hands share the processor with the driver."""


class Tempo:
    """The clock of one night."""

    def __init__(self, start: datetime, speed: float) -> None:
        self._from = (start, boot_seconds(), speed)
        self.driver: Driver | None = None
        """Its ticks keep their distance in real time, whatever the tempo."""

    @property
    def speed(self) -> float:
        """Seconds of the night a real second."""
        return self._from[2]

    def hurry(self, speed: float) -> None:
        """That tempo from now on."""
        if speed == self.speed:
            return
        self._from = (self.now(), boot_seconds(), speed)
        if self.driver is not None:
            self.driver.pace = replace(self.driver.pace, every=max(5.0, REAL_TICK * speed))

    def now(self) -> datetime:
        """The time of the night."""
        start, boot, speed = self._from
        return start + timedelta(seconds=(boot_seconds() - boot) * speed)

    async def sleep(self, seconds: float) -> None:
        """Until it is that much later, by whatever tempo."""
        ends = self.now() + timedelta(seconds=seconds)
        while (left := (ends - self.now()).total_seconds()) > 0:
            await asyncio.sleep(min(MOMENT, left / self.speed))
