"""A recorded run through the same fold as the live one, at any speed. It reads a recording and changes nothing."""

from __future__ import annotations

import asyncio
import bisect
import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from pags_tui.core import events as e
from pags_tui.core.decide.asks import Accepted, Ask
from pags_tui.core.errors import Refused
from pags_tui.core.events import Actor, Event
from pags_tui.core.judge import Judged
from pags_tui.core.ports import TickRow
from pags_tui.core.series import Seconds
from pags_tui.core.tape import Decoder
from pags_tui.core.updates import Began, Happened, Ticked, Update

FRAME = 0.1
"""Seconds between two moves of a playing replay."""
KEPT_TICKS = 360
"""Ticks shown before the present moment: half an hour at five seconds."""
SLOWEST, FASTEST = 1.0, 600.0
PASSED_OVER = (e.GateChanged, e.TriggerChanged, e.FlagSeen, e.Notified, e.SourceBack, e.FlagAsked)
"""Events that nobody steps to."""


class Recording:
    """The events and ticks of one run."""

    def __init__(self, events: Sequence[Event], ticks: Sequence[TickRow]) -> None:
        """Raises Refused for a run without events."""
        if not events:
            raise Refused("This recording holds no event.")
        self.events = tuple(events)
        self.rows = tuple(ticks)
        self._event_times = [event.at for event in self.events]
        self._tick_times = [row.at for row in self.rows]
        self.stops = tuple(event.at for event in self.events if not isinstance(event.fact, PASSED_OVER))
        self.start = self.events[0].at
        self.end = max(self.events[-1].at, self.rows[-1].at if self.rows else self.events[-1].at)
        self._numbers = [row.tick for row in self.rows]
        self._decoder = Decoder(self._payload)
        self.judged = lru_cache(maxsize=4 * KEPT_TICKS)(self._judged)

    def _judged(self, index: int) -> Judged:
        return self._decoder.decode(self.rows[index].payload)

    def _payload(self, number: int) -> bytes | None:
        """What was stored of the tick of that number."""
        index = bisect.bisect_left(self._numbers, number)
        return self.rows[index].payload if index < len(self.rows) and self._numbers[index] == number else None

    def events_until(self, moment: datetime) -> int:
        """How many events had happened."""
        return bisect.bisect_right(self._event_times, moment)

    def ticks_until(self, moment: datetime) -> int:
        """How many ticks had been taken."""
        return bisect.bisect_right(self._tick_times, moment)

    def story(self, moment: datetime) -> Began:
        """The whole story up to a moment."""
        count = self.ticks_until(moment)
        ticks = tuple(self.judged(n) for n in range(max(0, count - KEPT_TICKS), count))
        return Began(self.events[: self.events_until(moment)], ticks, moment)

    def tick_time(self, index: int) -> datetime:
        """When a tick was taken; the ends for indexes beyond them."""
        if index < 0 or not self.rows:
            return self.start
        return self.rows[min(index, len(self.rows) - 1)].at

    def moment_of_t(self, t: Seconds) -> datetime:
        """The first moment at which T was `t` or later; the end when it never was."""
        from pags_tui.core.state import RunState, fold

        state = RunState()
        for event, following in zip(self.events, (*self._event_times[1:], self.end), strict=True):
            state = fold((event,), state)
            now = state.t(event.at)
            later = state.t(following)
            if now is not None and later is not None and later >= t:
                return event.at if now >= t else event.at + timedelta(seconds=t - now)
        return self.end


class ReplayDesk:
    """A desk that nobody stands behind: the recording plays on it. It is its own player."""

    def __init__(self, recording: Recording, steady: Callable[[], Seconds], at: datetime | None = None) -> None:
        """`steady` tells seconds that never go back; `at` is where to begin (left out: the start)."""
        self.me = Actor("replay")
        self.seat: Literal["desk", "watch", "replay"] = "replay"
        self.recording = recording
        self.playing = False
        self.speed = 60.0
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
        while True:
            await asyncio.sleep(FRAME)
            now = self._steady()
            if self.playing:
                self._go_on(self._at + timedelta(seconds=(now - last) * self.speed))
            last = now

    def _go_on(self, moment: datetime) -> None:
        """Plays everything between the present moment and that one."""
        moment = min(moment, self.recording.end)
        first, last = self.recording.events_until(self._at), self.recording.events_until(moment)
        tick, ticks = self.recording.ticks_until(self._at), self.recording.ticks_until(moment)
        self._at = moment
        if last > first:
            self._receive(Happened(self.recording.events[first:last]))
        for index in range(max(tick, ticks - KEPT_TICKS), ticks):
            self._receive(Ticked(self.recording.judged(index)))
        if moment >= self.recording.end:
            self.playing = False

    # ------------------------------------------------------------ the player

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Begin and end of the recording."""
        return self.recording.start, self.recording.end

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

    def step_event(self, by: int) -> None:
        """To the next (1) or the previous (-1) event worth a look; stays at the last one."""
        stops = self.recording.stops
        here = bisect.bisect_right(stops, self._at) if by > 0 else bisect.bisect_left(stops, self._at) - 1
        if 0 <= here < len(stops):
            self.seek(stops[here])

    def step_tick(self, by: int) -> None:
        """One tick on, or back."""
        count = self.recording.ticks_until(self._at)
        self.seek(self.recording.tick_time(count if by > 0 else count - 2))
