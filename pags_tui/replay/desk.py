"""The desk of a replay: a recording that plays at any speed, and is its own player. Nobody stands behind it."""

from __future__ import annotations

import asyncio
import bisect
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pags_tui.core.decide.asks import Accepted, Ask
from pags_tui.core.events import Actor, Event
from pags_tui.core.series import Seconds
from pags_tui.core.supposed import Supposed
from pags_tui.core.updates import Happened, Ticked, Update
from pags_tui.replay.recording import KEPT_TICKS, Recording
from pags_tui.replay.whatif import WhatIf

FRAME = 0.1
"""Seconds between two moves of a playing replay."""
AT_ONCE = 40
"""Ticks judged anew before the screen has its turn."""
SLOWEST, FASTEST = 1.0, 600.0


class ReplayDesk:
    """A desk over a recording."""

    def __init__(
        self,
        recording: Recording,
        steady: Callable[[], Seconds],
        at: datetime | None = None,
        settled: Callable[[], None] = lambda: None,
    ) -> None:
        """`steady` tells seconds that never go back; `at` is where to begin (left out: the start).

        `settled` is called once the screen is there.
        """
        self._settled = settled
        self.me = Actor("replay")
        self.seat: Literal["desk", "watch", "replay"] = "replay"
        self.recording = recording
        self.playing = False
        self.speed = 60.0
        self.supposed: Supposed | None = None
        self._steady = steady
        self._at = min(max(at or recording.start, recording.start), recording.end)
        self._receive: Callable[[Update], None] = lambda _: None
        self._task: asyncio.Task[None] | None = None

    # ------------------------------------------------------------ the desk

    def now(self) -> datetime:
        """The moment that is shown."""
        return self._at

    async def attach(self, receive: Callable[[Update], None]) -> None:
        """Shows the moment, and plays when told to."""
        self._receive = receive
        receive(self.recording.story(self._at))
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def ask(self, ask: Ask) -> Accepted:
        """A recording answers nothing."""
        return Accepted(said="This is a replay: what happened, happened.", refused=True)

    async def detach(self) -> None:
        """Stops playing."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        last = self._steady()
        await asyncio.sleep(FRAME)
        self._settled()
        while True:
            await asyncio.sleep(FRAME)
            now = self._steady()
            if self.playing:
                self._go_on(self._at + timedelta(seconds=(now - last) * self.speed))
            last = now

    def _go_on(self, moment: datetime) -> None:
        """Plays everything between the present moment and that one, in the order in which it was told."""
        moment = min(moment, self.recording.end)
        first, last = self.recording.events_until(self._at), self.recording.events_until(moment)
        tick, ticks = self.recording.ticks_until(self._at), self.recording.ticks_until(moment)
        self._at = moment
        if last > first:
            self._receive(Happened(self.recording.events[first:last]))
        for index in range(max(tick, ticks - KEPT_TICKS), ticks):
            self._receive(Ticked(self.recording.shown(index)))
        if moment >= self.recording.end:
            self.playing = False

    # ------------------------------------------------------------ the player

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Begin and end of the recording."""
        return self.recording.start, self.recording.end

    @property
    def events(self) -> Sequence[Event]:
        """Every event of the recording, those to come as well."""
        return self.recording.events

    def play(self, playing: bool) -> None:
        """Goes on, or stands; at the end it begins again."""
        if playing and self._at >= self.recording.end:
            self.seek(self.recording.start)
        self.playing = playing

    def set_speed(self, speed: float) -> None:
        """Seconds of the run a second, from 1 to 600."""
        self.speed = min(max(speed, SLOWEST), FASTEST)

    def seek(self, moment: datetime) -> None:
        """Shows that moment."""
        self._at = min(max(moment, self.recording.start), self.recording.end)
        self._receive(self.recording.story(self._at))

    def seek_t(self, t: Seconds) -> bool:
        """Shows the moment at which T came to `t`, after a recycle the next such one; False: it never did."""
        moment = self.recording.moment_of_t(t, self._at)
        if moment is not None:
            self.seek(moment)
        return moment is not None

    def step_event(self, by: int) -> bool:
        """To the next (1) or the previous (-1) event worth a look; False: there is none."""
        return self._step(self.recording.stops, by)

    def step_kind(self, kind: str, by: int) -> bool:
        """The same among the events of one kind (`flag`, `sign-off`, `trigger`, `hold`); or the next `difference`."""
        if kind == "difference":
            return self._step(self.supposed.apart() if self.supposed else (), by)
        return self._step(self.recording.jumps[kind], by)

    async def suppose(self, changes: Sequence[str], tell: Callable[[float], None] = lambda _: None) -> None:
        """Judges the whole recording anew, and lets the screen live meanwhile."""
        if not changes:
            self.supposed = None
            return
        what = WhatIf(self.recording, changes)
        for number, part in enumerate(what.play()):
            if number % AT_ONCE == 0:
                tell(part)
                await asyncio.sleep(0)
        self.supposed = what.found()

    def _step(self, stops: Sequence[datetime], by: int) -> bool:
        here = bisect.bisect_right(stops, self._at) if by > 0 else bisect.bisect_left(stops, self._at) - 1
        there = 0 <= here < len(stops)
        if there:
            self.seek(stops[here])
        return there

    def step_tick(self, by: int) -> None:
        """One tick on, or back."""
        count = self.recording.ticks_until(self._at)
        self.seek(self.recording.tick_time(count if by > 0 else count - 2))
