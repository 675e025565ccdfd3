"""What a guard perceives of its run: ticks and their verdicts, flags as last read. Decides nothing, writes no flag."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import datetime

from pags_tui.core import events as e
from pags_tui.core.decide import View
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.guard import flags_read
from pags_tui.core.errors import Refused
from pags_tui.core.events import GUARD, Actor
from pags_tui.core.judge import Judge, Judged
from pags_tui.core.series import FlagReading, Seconds, Tick
from pags_tui.core.state import RunState
from pags_tui.driver.backfill import MISSED, Hole, hole, past_ticks
from pags_tui.driver.record import Record
from pags_tui.driver.services import Sampler, Services, read_flags

LONGEST_LOOK_BACK: Seconds = 8.0
"""Longest wait, at the start, for what the metric service remembers: the watch itself must begin."""
SLEPT: Seconds = 60.0
"""A pause between two ticks that long, in a guard that lives, is filled in from what the metric service remembers."""
JITTER: Seconds = 1.0
"""Ticks closer than this are those of a demo; pauses between them are told as if they came at this distance."""


class Senses:
    """The eyes of one guard."""

    def __init__(
        self, record: Record, services: Services, every: Seconds, deadline: Seconds, leaps: bool = False
    ) -> None:
        """`every`: seconds between two ticks. `deadline`: longest wait for the answers of one. `leaps`: the clock leaps
        on purpose, so that a pause between two ticks is no hole."""
        self.record = record
        self.services = services
        self.every = every
        self.leaps = leaps
        self.judge = Judge(record.state.runbook, every)
        self.sampler = Sampler(services.metrics, deadline, every) if services.metrics else None
        self.last: Judged | None = None
        """The last tick with its verdicts."""
        self.flags: dict[str, FlagReading] = {}
        """The last read of each flag."""

    def view(self, by: Actor) -> View:
        """All that is known now, for whoever asks."""
        last = self.last
        gates, triggers = (last.gates, last.triggers) if last else ({}, {})
        if last and by != GUARD:
            gates = self.judge.standing(last, self.record.state)
        return View(self.record.state, self.record.clock.now(), by, gates, triggers, self.flags)

    # ------------------------------------------------------------ metrics

    async def tick(self) -> Judged:
        """Takes one tick, judges it, stores and publishes it."""
        watched = self.last is not None and not self.leaps
        gap = hole(self.record.ticks, self.record.clock.now(), max(self.every, SLEPT / MISSED)) if watched else None
        if gap is not None:
            await self._fill(gap)
        tick, at = await self._sample()
        if watched and (whole := hole(self.record.ticks, at, max(self.every, JITTER))):
            slow = "this machine, or the metric service, was too slow"
            self._tell_lost(whole, "this machine slept, or was too busy" if gap else slow)
        self.last = self.judge.judge(self.record.number + 1, tick, self.record.state, at)
        self.record.tick(self.last)
        return self.last

    async def remember(self) -> None:
        """Plays the kept ticks, and what the metric service knows of the time since, into the judge."""
        state = self.record.state
        for judged in self.record.ticks:
            self.last = self.judge.judge(judged.number, judged.tick, state, judged.at, live=False)
        gap = hole(self.record.ticks, self.record.clock.now(), self.every)
        if gap is not None:
            self._tell_lost(gap, "nobody watched")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._fill(gap), LONGEST_LOOK_BACK)

    async def _fill(self, gap: Hole) -> None:
        if self.services.metrics is None:
            return
        state = self.record.state
        for tick, at in await past_ticks(self.services.metrics, state.runbook, gap, self.every):
            self.judge.judge(self.record.number, tick, state, at, live=False)

    def _tell_lost(self, gap: Hole, why: str) -> None:
        """That nobody watched; without a journal it is shown, and journaled later, for the watch goes on."""
        self.record.write_or_keep((e.TicksLost(gap.seconds, why),))

    def judge_anew(self) -> None:
        """After an amendment: a new judge, from the kept ticks."""
        self.judge = Judge(self.record.state.runbook, self.every)
        for judged in self.record.ticks:
            self.last = self.judge.judge(judged.number, judged.tick, self.record.state, judged.at, live=False)

    async def _sample(self, aside: bool = False) -> tuple[Tick, datetime]:
        if self.sampler is None:
            now = self.record.clock.now()
            return Tick(now.timestamp(), flags=self.flags), now
        return await self.sampler.tick(self.record.state.runbook, self.record.clock.now, self.flags, aside)

    # ------------------------------------------------------------ flags

    async def read_flags(self) -> None:
        """Reads every flag that a service holds; tells what is new."""
        self._note_flags(*await self._readings(self.record.state.runbook.flags))

    async def _read_now(self, keys: Iterable[str]) -> dict[str, FlagReading]:
        """Those flags as they are, read while this run wrote none."""
        while True:
            before, readings = await self._readings(keys)
            self._note_flags(before, readings)
            if len(self.record.state.changes) == len(before.changes):
                return readings

    async def _readings(self, keys: Iterable[str]) -> tuple[RunState, dict[str, FlagReading]]:
        """The state before the flags were read, and what was read."""
        before = self.record.state
        return before, await read_flags(self.services, before.runbook, keys, self._server_now())

    def _note_flags(self, before: RunState, readings: dict[str, FlagReading]) -> None:
        """Takes in what was read. What was written while it was being read makes it old: it is left out."""
        state = self.record.state
        fresh = {
            key: reading
            for key, reading in readings.items()
            if state.flag(key) is before.flag(key) and len(state.changes) == len(before.changes)
        }
        self.flags = {**self.flags, **fresh}
        self.record.write(flags_read(self.view(GUARD), fresh))

    def _server_now(self) -> Seconds:
        """Our time on the server's clock, as far as the last tick knows it."""
        now = self.record.clock.now()
        return now.timestamp() + (self.last.tick.time - self.last.at.timestamp() if self.last else 0.0)

    # ------------------------------------------------------------ at the moment of confirming

    async def confirming(self, by: Actor, ask: a.SetFlags | a.Sign) -> View:
        """What is true at the moment of confirming: gates that can only have worsened, flags read just now.

        Raises Refused when it cannot be read.
        """
        book, asked = self.record.state.runbook, self.record.clock.now()
        keys = book.step(ask.step).set if isinstance(ask, a.SetFlags) and ask.step in {s.id for s in book.steps} else ()
        readings, (tick, at) = await asyncio.gather(self._read_now(keys), self._sample(aside=True))
        if self.last is None:
            self.last = await self.tick()
        if tick.failed and self.sampler is not None and self.judge.gates:
            raise Refused(f"The gates cannot be read just now ({tick.failed}): nothing was done. Try again.")
        if asked <= self.last.at and tick.time <= self.last.tick.time and not self.last.tick.failed:
            gates = self.judge.standing(self.last, self.record.state)  # a whole tick came in meanwhile: a newer reading
        else:
            gates = self.judge.worsened(self.last, tick, self.record.state, at)
        return View(self.record.state, self.record.clock.now(), by, gates, self.last.triggers, readings)
