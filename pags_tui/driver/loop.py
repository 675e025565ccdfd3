"""The live loop. Everything that changes the run passes through one event loop, so nothing is decided twice.

Slow work (polls, reads, writes) runs beside it; a rollback, a hold and a veto never wait for any of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import traceback
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pags_tui.core import events as e
from pags_tui.core.decide import View, decide
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.guard import after_tick, as_time_passes, on_start
from pags_tui.core.decide.messages import drafts_due, unanswered_messages
from pags_tui.core.errors import InDoubt, JournalError, PagsError, Refused
from pags_tui.core.events import GUARD, Actor, Event, Fact
from pags_tui.core.plan.progress import missing_flags
from pags_tui.core.series import Seconds
from pags_tui.core.updates import Happened, Update
from pags_tui.driver.leaping import until_due, until_tick
from pags_tui.driver.notices import Notifier
from pags_tui.driver.pace import Identity, Pace
from pags_tui.driver.record import Receive, Record
from pags_tui.driver.rolling import Roller
from pags_tui.driver.senses import Senses
from pags_tui.driver.services import Services
from pags_tui.driver.takeover import orphaned, unanswered, unticked
from pags_tui.driver.writing import Writer

FLAGS_EVERY: Seconds = 30.0
BEAT_EVERY: Seconds = 5.0
LONGEST_NAP: Seconds = 1.0
"""Longest sleep of the loop: phases are entered and countdowns end within this."""
SHORTEST_NAP: Seconds = 0.02
FOREVER: Seconds = 366 * 86400.0
LOST_AFTER = 2
"""Failed ticks in a row before a source counts as lost."""
VERIFY_WITHIN: Seconds = 10.0
"""How long a write may take to be read back where the runbook says nothing."""
AFTER_TAKEOVER = a.SetFlags | a.Sign | a.ReadBack | a.SettleChange | a.ReadFlags | a.AcceptDrift
"""Asks that wait until a guard knows what the one before it left behind. A rollback, a hold and a veto do not."""


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
        self.senses = Senses(record, services, pace.every, pace.deadline, pace.lockstep)
        self.writer = Writer(record, services, self._verify_within)
        self.roller = Roller(self.writer, self._roller_failed)
        self.ended = asyncio.Event()
        """Set when the loop is over and nothing more is written."""
        self.faulted: Callable[[BaseException], None] = lambda _: None
        """Told of each fault of this program, once until its source is well again: for a log."""
        self.why_ended = ""
        self._begun = asyncio.Event()
        self._leaving = False
        self._fenced = False
        self._woken = asyncio.Event()
        self._beat = beat
        sends = record.state.run is None or record.state.run.kind == "live"
        self._notifier = Notifier(services.webhooks, sends, self._notified, services.marks)
        self._failed = 0
        self._due: dict[str, datetime] = {}
        self._busy: dict[str, asyncio.Task[None]] = {}
        record.subscribe(self._heard)

    # ------------------------------------------------------------ life

    async def run(self) -> None:
        """Works the run until it is closed, stopped or taken over. A running rollback is finished first."""
        try:
            await self.begin()
            while not self._over():
                await self.turn()
                await self.nap()
        except Refused as fenced:
            self._fence_off(str(fenced))
        finally:
            await self.finish()
            self.ended.set()

    def _over(self) -> bool:
        return self._fenced or (self._leaving and not self.record.state.rolling_back)

    async def begin(self) -> None:
        """Takes the run over: journals itself, goes on with a rollback, fills in what nobody watched, reads the flags.

        Raises JournalError when it cannot be journaled that this guard began, and no rollback waits for it.
        """
        who = self.identity
        orphans, lost = unanswered(self.record.state), unanswered_messages(self.record.state)
        started = e.GuardStarted(who.pid, who.host, who.token, who.version)
        write = self.record.write_or_keep if self.record.state.rolling_back else self.record.write
        write((started,))
        self.roller.roll()
        try:
            await self.senses.remember()
            await self.senses.read_flags()
            self._write(on_start(self.view(GUARD)))
            self._write(orphaned(orphans, self.senses.flags))
            self._write((*unticked(self.record.state), *lost))
        except JournalError as error:
            self._lose("journal", str(error))
        finally:
            self._begun.set()

    async def finish(self) -> None:
        """Waits for a running rollback and for writes under way, then leaves."""
        self.writer.leaving = True
        if self.roller.rolling is not None and not self._fenced:
            await asyncio.wait([self.roller.rolling])
        writes = [task for name, task in self._busy.items() if name.split()[0] in ("forward", "restore", "message")]
        if writes and not self._fenced:
            await asyncio.wait(writes)
        for task in self._busy.values():
            task.cancel()
        await self._notifier.close()
        if not self.why_ended:
            return
        with contextlib.suppress(PagsError):
            if not (self.record.state.guard and self.record.state.guard.stopped):
                self.record.write((e.GuardStopped(self.why_ended),))

    def stop(self, why: str) -> None:
        """Ends the loop; a running rollback is finished first."""
        self.why_ended = self.why_ended or why
        self.writer.leaving = self._leaving = True
        self._woken.set()

    def _fence_off(self, why: str) -> None:
        """Another guard has taken the run over: nothing more is written here, not even a rollback."""
        self._fenced = True
        if self.roller.rolling is not None:
            self.roller.rolling.cancel()
        self.stop(why)

    def _roller_failed(self, error: BaseException) -> None:
        if isinstance(error, Refused):
            self._fence_off(str(error))
        else:
            self._fault("rollback", error)

    # ------------------------------------------------------------ the loop

    async def turn(self) -> None:
        """Once around. A journal that cannot be written is shown; the watch goes on without it."""
        try:
            await self._turn()
            self._found("loop")
        except JournalError as error:
            self._lose("journal", str(error))
        except Refused:
            raise
        except Exception as error:  # a fault in one judgement may not end the watch
            self._fault("loop", error)

    async def _turn(self) -> None:
        """Once around: what time brings, then whatever is due."""
        brought = as_time_passes(self.view(GUARD), self.senses.last, 3 * self.pace.every)
        rolls = any(isinstance(fact, e.RollbackConfirmed) for fact in brought)
        (self.record.write_at_any_cost if rolls else self._write)(brought)
        self.roller.roll()
        jobs: tuple[tuple[str, Seconds, Callable[[], Coroutine[Any, Any, None]]], ...] = (
            ("beat", BEAT_EVERY, self._renew),
            ("flags", FLAGS_EVERY, self.senses.read_flags),
            ("tick", self.pace.every, self._tick),
            ("heartbeat", 60.0, self._heartbeat),
        )
        for name, every, job in jobs:
            if self._is_due(name, every):
                self._start(name, job())
            if self.pace.lockstep:
                await self.settle()
        self._write(drafts_due(self.view(GUARD)))
        if self.record.state.ended:
            self.stop(f"the run was ended as {self.record.state.ended}")

    async def settle(self) -> None:
        """Until no work is under way."""
        while tasks := [t for t in (*self._busy.values(), self.roller.rolling) if t and not t.done()]:
            await asyncio.wait(tasks)

    def _is_due(self, name: str, every: Seconds) -> bool:
        now, due = self.record.clock.now(), self._due.get(name)
        if (due is not None and now < due) or self._under_way(name):
            return False
        behind = due is None or (now - due).total_seconds() > every
        self._due[name] = (now if behind or due is None else due) + timedelta(seconds=every)
        return True

    def _under_way(self, name: str) -> bool:
        return name in self._busy and not self._busy[name].done()

    def _start(self, name: str, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(job, name=name)
        task.add_done_callback(self._failed_job)
        self._busy[name] = task

    def _failed_job(self, task: asyncio.Task[None]) -> None:
        """A guard that is fenced off ends; a journal that cannot be written is shown, and the watch goes on."""
        self._woken.set()
        if task.cancelled():
            return
        error, name = task.exception(), task.get_name()
        if error is None:
            self._found(name)
        elif isinstance(error, JournalError):
            self._lose("journal", str(error))
        elif isinstance(error, Refused):
            self._fence_off(str(error))
        elif isinstance(error, PagsError):
            self._lose(name, str(error))
        else:
            self._fault(name, error)

    def _fault(self, source: str, error: BaseException) -> None:
        if source not in self.record.state.lost:
            self.faulted(error)
        frames = traceback.extract_tb(error.__traceback__)
        where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        self._lose(source, f"a fault of this program: {type(error).__name__}{where}")

    def _lose(self, source: str, reason: str) -> None:
        with contextlib.suppress(PagsError):
            if source not in self.record.state.lost:
                self.record.write_or_keep((e.SourceLost(source, reason),))

    def _found(self, source: str) -> None:
        with contextlib.suppress(PagsError):
            if source in self.record.state.lost:
                self.record.write_or_keep((e.SourceBack(source),))

    async def nap(self) -> None:
        """Until the next thing is due, some work is done, or something ends the loop."""
        if self.pace.lockstep:
            await self._leap()
            return
        now, due = self.record.clock.now(), [at for name, at in self._due.items() if not self._under_way(name)]
        if self.record.state.countdown:
            due.append(self.record.state.countdown.ends)
        seconds = min([LONGEST_NAP, *((at - now).total_seconds() for at in due)])
        sleep = asyncio.ensure_future(self.record.clock.sleep(max(seconds, SHORTEST_NAP)))
        woken = asyncio.ensure_future(self._woken.wait())
        await asyncio.wait((sleep, woken), return_when=asyncio.FIRST_COMPLETED)
        sleep.cancel()
        woken.cancel()
        self._woken.clear()

    async def _leap(self) -> None:
        """To the next tick, or to what time brings before it: all work is done, so nothing else can happen."""
        view, ticks = self.view(GUARD), self.record.ticks
        if ticks:
            last, watching = ticks[-1].at, bool(self.services.metrics or self.senses.flags)
            self._due["tick"] = last + timedelta(seconds=min(until_tick(view, ticks, self.pace, watching), FOREVER))
        seconds = min(until_due(view), (self._due["tick"] - view.now).total_seconds())
        await self.record.clock.sleep(max(seconds, SHORTEST_NAP))

    # ------------------------------------------------------------ jobs

    async def _renew(self) -> None:
        """Tells that this guard lives; journals what could not be journaled before."""
        self._beat()
        self.record.catch_up()
        self._found("journal")

    async def _heartbeat(self) -> None:
        self._notifier.heartbeat(self.record.state.runbook)

    async def _tick(self) -> None:
        judged = await self.senses.tick()
        self._write(after_tick(self.view(GUARD), judged))
        self._source("prometheus", judged.tick.failed)
        self.roller.roll()

    def _source(self, source: str, failed: str | None) -> None:
        """Journals that a source is lost, and that it is back."""
        if failed is None:
            self._failed = 0
            if source in self.record.state.lost:
                self._write((e.SourceBack(source),))
            return
        self._failed += 1
        if self._failed >= LOST_AFTER:
            self._lose(source, failed)

    # ------------------------------------------------------------ asks

    async def ask(self, by: Actor, ask: a.Ask) -> a.Accepted:
        """What the ask led to. A refusal, and a journal that cannot be written, are answers too."""
        try:
            return await self._answer(by, ask)
        except JournalError as error:
            doubt = isinstance(error, InDoubt)
            said = f"{error}. Look at the screen before you ask again." if doubt else f"Nothing was changed: {error}"
            return a.Accepted(said=said, refused=True)
        except PagsError as error:
            return a.Accepted(said=str(error), refused=True)
        except Exception as error:  # whoever asked must not wait for an answer that never comes
            self._fault("ask", error)
            said = f"A fault of this program ({type(error).__name__}): look at the log before you try again."
            return a.Accepted(said=said, refused=True)

    async def _answer(self, by: Actor, ask: a.Ask) -> a.Accepted:
        if isinstance(ask, AFTER_TAKEOVER):
            await self._begun.wait()
        view = self.view(by)
        if isinstance(ask, a.SetFlags | a.Sign):
            view = await self.senses.confirming(by, ask)
        elif isinstance(ask, a.ReadBack | a.ReadFlags | a.AcceptDrift):
            await self.senses.read_flags()
            view = self.view(by)
        facts = decide(ask, view)
        write = self.record.write_at_any_cost if isinstance(ask, a.RollBack | a.RestoreFlags) else self._write
        events = write(facts, by)
        self._perform(events, by)
        return a.Accepted(tuple(event.seq for event in events))

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
                    self.senses.judge_anew()
                case e.GuardStopped(reason=reason):
                    self.stop(reason)
        self.roller.roll()

    def _complete(self, number: int, by: Actor) -> None:
        """A step whose last flag was verified, or accepted, ticks itself."""
        step_id = self.record.state.changes[number].step
        if not step_id or self.record.state.step(step_id).outcome is not None:
            return
        step = self.record.state.runbook.step(step_id)
        if not missing_flags(self.record.state, step):
            self._write((e.StepResolved(step_id, "passed"),), by)

    async def _send(self, number: int, comms: str, text: str) -> None:
        """One attempt. What was copied by hand has its fate already."""
        if not self.record.state.messages[number].result:
            result, detail = await self._notifier.message(self.record.state.runbook.comms[comms].webhook, text)
            self.record.write_or_keep((e.MessageSent(number, result, detail),))

    # ------------------------------------------------------------ small things

    def subscribe(self, receive: Receive) -> Callable[[], None]:
        """Sends the story so far, then every update, on this loop. Gives back how to stop."""
        return self.record.subscribe(receive)

    def view(self, by: Actor) -> View:
        """All that is known now, for whoever asks."""
        return self.senses.view(by)

    def _write(self, facts: Iterable[Fact], by: Actor = GUARD) -> tuple[Event, ...]:
        return self.record.write(facts, by)

    def _notified(self, sent: e.Notified) -> None:
        """Journals who was paged, and what could not be sent."""
        page = self.record.state.runbook.notify.page
        if sent.failed or (page is not None and sent.to == page.webhook):
            with contextlib.suppress(PagsError):
                self.record.write_or_keep((sent,))

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
