"""The live loop. Everything that changes the run passes through one event loop, so nothing is decided twice.

Slow work (polls, reads, writes) runs beside it; a rollback, a hold and a veto never wait for any of it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pags_tui.core import events as e
from pags_tui.core.decide import View, decide
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.guard import after_tick, as_time_passes, flags_read, on_start
from pags_tui.core.errors import EdgeError, JournalError, PagsError, Refused
from pags_tui.core.events import GUARD, Actor, Event, Fact
from pags_tui.core.judge import Judge, Judged
from pags_tui.core.plan.progress import missing_flags
from pags_tui.core.series import FlagReading, Seconds, Tick
from pags_tui.core.updates import Happened, Update
from pags_tui.driver.backfill import hole, past_ticks
from pags_tui.driver.notices import Notifier
from pags_tui.driver.record import Receive, Record
from pags_tui.driver.services import Sampler, Services, read_flags
from pags_tui.driver.writing import Writer

FLAGS_EVERY: Seconds = 30.0
BEAT_EVERY: Seconds = 5.0
LONGEST_NAP: Seconds = 1.0
"""Longest sleep of the loop: phases are entered and countdowns end within this."""
LOST_AFTER = 2
"""Failed ticks in a row before a source counts as lost."""
VERIFY_WITHIN: Seconds = 10.0
"""How long a write may take to be read back where the runbook says nothing."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The process that owns the run."""

    pid: int
    host: str
    token: int
    version: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """How the loop runs."""

    every: Seconds = 5.0
    """Between two ticks, on the run's clock."""
    deadline: Seconds = 4.0
    """Longest wait for the answers of one tick, in real seconds."""
    verify: Seconds | None = None
    """Longest wait for a forward write to be read back, in real seconds; None: as the runbook says."""
    lockstep: bool = False
    """Wait for every piece of work before time goes on: for a clock that jumps."""


class Driver:
    """Owns one run: the only one that writes its journal."""

    def __init__(
        self,
        record: Record,
        services: Services,
        identity: Identity,
        pace: Pace,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`beat` renews the lease; it raises Refused when another guard has taken the run over."""
        self.record = record
        self.services = services
        self.identity = identity
        self.pace = pace
        self.judge = Judge(record.state.runbook, pace.every)
        self.writer = Writer(record, services, self._verify_within)
        self.sampler = Sampler(services.metrics, pace.deadline) if services.metrics else None
        self.last: Judged | None = None
        self.ended = asyncio.Event()
        self.why_ended = ""
        self._beat = beat
        self._notifier = Notifier(services.webhooks, sends=record.state.run is None or record.state.run.kind == "live")
        self._flags: dict[str, FlagReading] = {}
        self._failed = 0
        self._due: dict[str, datetime] = {}
        self._busy: dict[str, asyncio.Task[None]] = {}
        record.subscribe(self._heard)

    # ------------------------------------------------------------ life

    async def run(self) -> None:
        """Works the run until it is closed, stopped or taken over. A running rollback is finished first."""
        try:
            await self.begin()
            while not self.ended.is_set():
                await self.turn()
                await self.nap()
        except Refused as fenced:
            self.why_ended = str(fenced)
        finally:
            self.ended.set()
            await self.finish()

    async def begin(self) -> None:
        """Takes the run over: journals itself, fills in what nobody watched, reads the flags back."""
        who = self.identity
        self._write((e.GuardStarted(who.pid, who.host, who.token, who.version),))
        await self._remember()
        await self._read_flags()
        self._write(on_start(self.view(GUARD)))
        self._write(self._orphans())
        self.writer.roll()

    async def _remember(self) -> None:
        """Plays the kept ticks, and what the metric service knows of the time since, into the judge."""
        state, now = self.record.state, self.record.clock.now()
        for judged in self.record.ticks:
            self.last = self.judge.judge(judged.number, judged.tick, state, judged.at, live=False)
        gap = hole(self.record.ticks, now, self.pace.every)
        if gap is None:
            return
        self._write((e.TicksLost(gap.seconds, "nobody watched"),))
        if self.services.metrics is None:
            return
        for tick, at in await past_ticks(self.services.metrics, state.runbook, gap, self.pace.every):
            self.judge.judge(self.record.number, tick, state, at, live=False)

    def _orphans(self) -> tuple[Fact, ...]:
        """Forward writes whose answer nobody got: unknown, with what the service says now. Never tried again."""
        found: list[Fact] = []
        for change in self.record.state.owed:
            if change.result is not None or change.purpose == "rollback":
                continue
            reading = self._flags.get(change.flag)
            value = reading.value if reading else None
            detail = "the guard died before the answer came"
            found.append(e.FlagAnswered(change.number, "unknown", value, detail))
        return tuple(found)

    async def finish(self) -> None:
        """Waits for a running rollback, then leaves."""
        if self.writer.rolling is not None:
            await asyncio.wait([self.writer.rolling])
        for task in self._busy.values():
            task.cancel()
        self._notifier.close()
        if not self.why_ended:
            return
        with contextlib.suppress(PagsError):
            if not (self.record.state.guard and self.record.state.guard.stopped):
                self.record.write((e.GuardStopped(self.why_ended),))

    def stop(self, why: str) -> None:
        """Ends the loop; a running rollback is finished first."""
        self.why_ended = self.why_ended or why
        self.ended.set()

    # ------------------------------------------------------------ the loop

    async def turn(self) -> None:
        """Once around. A journal that cannot be written is shown; the watch goes on without it."""
        try:
            await self._turn()
        except JournalError as error:
            self._lose("journal", str(error))

    async def _turn(self) -> None:
        """Once around: what time brings, then whatever is due."""
        brought = as_time_passes(self.view(GUARD), self.last, 3 * self.pace.every)
        rolls = any(isinstance(fact, e.RollbackConfirmed) for fact in brought)
        (self.record.write_at_any_cost if rolls else self._write)(brought)
        self.writer.roll()
        jobs: tuple[tuple[str, Seconds, Callable[[], Coroutine[Any, Any, None]]], ...] = (
            ("beat", BEAT_EVERY, self._renew),
            ("flags", FLAGS_EVERY, self._read_flags),
            ("tick", self.pace.every, self._tick),
            ("heartbeat", 60.0, self._heartbeat),
        )
        for name, every, job in jobs:
            if self._is_due(name, every):
                self._start(name, job())
        if self.pace.lockstep:
            await self.settle()
        if self.record.state.ended:
            self.stop(f"the run was ended as {self.record.state.ended}")

    async def settle(self) -> None:
        """Until no work is under way."""
        while tasks := [t for t in (*self._busy.values(), self.writer.rolling) if t and not t.done()]:
            await asyncio.wait(tasks)

    def _is_due(self, name: str, every: Seconds) -> bool:
        now, due = self.record.clock.now(), self._due.get(name)
        if (due is not None and now < due) or (name in self._busy and not self._busy[name].done()):
            return False
        behind = due is None or (now - due).total_seconds() > every
        self._due[name] = (now if behind or due is None else due) + timedelta(seconds=every)
        return True

    def _start(self, name: str, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(job, name=name)
        task.add_done_callback(self._failed_job)
        self._busy[name] = task

    def _failed_job(self, task: asyncio.Task[None]) -> None:
        """A guard that is fenced off ends; a journal that cannot be written is shown, and the watch goes on."""
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, Refused):
            self.stop(str(error))
        elif isinstance(error, PagsError):
            self._lose("journal" if isinstance(error, JournalError) else task.get_name(), str(error))
        else:
            self._lose(task.get_name(), f"a fault of this program: {type(error).__name__}")

    def _lose(self, source: str, reason: str) -> None:
        with contextlib.suppress(PagsError):
            if self.record.state.lost.get(source) != reason:
                self.record.write_at_any_cost((e.SourceLost(source, reason),))

    async def nap(self) -> None:
        """Until the next thing is due, or something ends the loop."""
        now = self.record.clock.now()
        due = [*self._due.values()]
        if self.record.state.countdown:
            due.append(self.record.state.countdown.ends)
        seconds = min([LONGEST_NAP, *((at - now).total_seconds() for at in due)])
        if self.pace.lockstep:
            seconds = min((at - now).total_seconds() for at in due)
        await self.record.clock.sleep(max(seconds, 0.02))

    # ------------------------------------------------------------ jobs

    async def _renew(self) -> None:
        self._beat()

    async def _heartbeat(self) -> None:
        self._notifier.heartbeat(self.record.state.runbook)

    async def _tick(self) -> None:
        tick, at = await self._sample()
        judged = self.judge.judge(self.record.number + 1, tick, self.record.state, at)
        self.last = judged
        self.record.tick(judged)
        self._write(after_tick(self.view(GUARD), judged))
        self._source("prometheus", tick.failed)
        self.writer.roll()

    async def _sample(self) -> tuple[Tick, datetime]:
        if self.sampler is None:
            now = self.record.clock.now()
            return Tick(now.timestamp(), flags=self._flags), now
        return await self.sampler.tick(self.record.state.runbook, self.record.clock.now, self._flags)

    def _source(self, source: str, failed: str | None) -> None:
        """Journals that a source is lost, and that it is back."""
        if failed is None:
            self._failed = 0
            if source in self.record.state.lost:
                self._write((e.SourceBack(source),))
            return
        self._failed += 1
        if self._failed == LOST_AFTER:
            self._write((e.SourceLost(source, failed),))

    async def _read_flags(self) -> None:
        """Reads every flag that a service holds; tells what is new."""
        state = self.record.state
        readings = await read_flags(self.services, state.runbook, state.runbook.flags, self._server_now())
        self._flags = {**self._flags, **readings}
        self._write(flags_read(self.view(GUARD), readings))

    def _server_now(self) -> Seconds:
        """Our time on the server's clock, as far as the last tick knows it."""
        now = self.record.clock.now()
        return now.timestamp() + (self.last.tick.time - self.last.at.timestamp() if self.last else 0.0)

    # ------------------------------------------------------------ asks

    async def ask(self, by: Actor, ask: a.Ask) -> a.Accepted:
        """What the ask led to. A refusal, and a journal that cannot be written, are answers too."""
        try:
            return await self._answer(by, ask)
        except Refused as refused:
            return a.Accepted(said=str(refused), refused=True)
        except JournalError as error:
            return a.Accepted(said=f"Nothing was changed: {error}", refused=True)
        except PagsError as error:
            return a.Accepted(said=str(error), refused=True)

    async def _answer(self, by: Actor, ask: a.Ask) -> a.Accepted:
        view = self.view(by)
        if isinstance(ask, a.SetFlags | a.Sign):
            view = await self._confirming(by, ask)
        elif isinstance(ask, a.ReadBack | a.ReadFlags | a.AcceptDrift):
            await self._read_flags()
            view = self.view(by)
        facts = decide(ask, view)
        write = self.record.write_at_any_cost if isinstance(ask, a.RollBack | a.RestoreFlags) else self._write
        events = write(facts, by)
        self._perform(events, by)
        return a.Accepted(tuple(event.seq for event in events))

    async def _confirming(self, by: Actor, ask: a.SetFlags | a.Sign) -> View:
        """What is true at the moment of confirming: gates that can only have worsened, flags read just now.

        Raises Refused when it cannot be read.
        """
        book = self.record.state.runbook
        keys = book.step(ask.step).set if isinstance(ask, a.SetFlags) and ask.step in {s.id for s in book.steps} else ()
        readings, (tick, at) = await asyncio.gather(
            read_flags(self.services, book, keys, self._server_now()), self._sample()
        )
        self._flags = {**self._flags, **readings}
        self._write(flags_read(self.view(GUARD), readings))
        if self.last is None:
            raise Refused("Nothing has been read yet. Try again after the first tick.")
        if tick.failed and self.sampler is not None and self.judge.gates:
            raise Refused(f"The gates cannot be read just now ({tick.failed}): nothing was done. Try again.")
        gates = self.judge.worsened(self.last, tick, self.record.state, at)
        return View(self.record.state, self.record.clock.now(), by, gates, self.last.triggers, readings)

    def _perform(self, events: Iterable[Event], by: Actor) -> None:
        """Begins what the facts just journaled ask for."""
        for event in events:
            match event.fact:
                case e.FlagAsked(purpose="forward", step=step):
                    self._start(f"forward {step}", self.writer.forward(self.record.state.runbook.step(step), by))
                case e.FlagAsked(change=number, purpose="restore"):
                    self._start(f"restore {number}", self.writer.single(self.record.state.changes[number]))
                case e.FlagAnswered(change=number) | e.FlagSettled(change=number):
                    self._complete(number, by)
                case e.MessageAsked(message=number, comms=comms, text=text):
                    self._start(f"message {number}", self._send(number, comms, text))
                case e.RunbookAmended():
                    self._judge_anew()
                case e.GuardStopped(reason=reason):
                    self.stop(reason)
        self.writer.roll()

    def _complete(self, number: int, by: Actor) -> None:
        """A step whose last flag was verified, or accepted, ticks itself."""
        step_id = self.record.state.changes[number].step
        if not step_id or self.record.state.step(step_id).outcome is not None:
            return
        step = self.record.state.runbook.step(step_id)
        if not missing_flags(self.record.state, step):
            self._write((e.StepResolved(step_id, "passed"),), by)

    def _judge_anew(self) -> None:
        self.judge = Judge(self.record.state.runbook, self.pace.every)
        for judged in self.record.ticks:
            self.judge.judge(judged.number, judged.tick, self.record.state, judged.at, live=False)

    async def _send(self, number: int, comms: str, text: str) -> None:
        message = self.record.state.runbook.comms[comms]
        try:
            await self._notifier.message(message.webhook, text)
        except EdgeError as error:
            self._write((e.MessageSent(number, "failed", str(error)),))
        else:
            self._write((e.MessageSent(number, "sent"),))

    # ------------------------------------------------------------ small things

    def subscribe(self, receive: Receive) -> Callable[[], None]:
        """Sends the story so far, then every update, on this loop. Gives back how to stop."""
        return self.record.subscribe(receive)

    def view(self, by: Actor) -> View:
        last = self.last
        gates, triggers = (last.gates, last.triggers) if last else ({}, {})
        return View(self.record.state, self.record.clock.now(), by, gates, triggers, self._flags)

    def _write(self, facts: Iterable[Fact], by: Actor = GUARD) -> tuple[Event, ...]:
        return self.record.write(facts, by)

    def _heard(self, update: Update) -> None:
        """What was journaled goes out as lines and pages, whoever wrote it."""
        if isinstance(update, Happened):
            for event in update.events:
                self._notifier.event(event, self.record.state)

    def _verify_within(self, flag: str) -> Seconds:
        if self.pace.verify is not None:
            return self.pace.verify
        service = self.record.state.runbook.flag_service(flag)
        return service.verify_within if service else VERIFY_WITHIN
