"""Writes flags and reads them back. What it says of a write comes from the read, never from a status code.

A forward write is tried once. A rollback goes on until everything is verified, or refused for good. What it has once
tried it reads before it tries again: a write whose answer got lost is not repeated.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from pags_tui.core.conditions import show_flag_value
from pags_tui.core.decide import View
from pags_tui.core.decide.blockers import standing
from pags_tui.core.decide.flags import next_number, show
from pags_tui.core.errors import InDoubt, JournalError
from pags_tui.core.events import (
    GUARD,
    Actor,
    Fact,
    FlagAnswered,
    FlagAsked,
    FlagSeen,
    Move,
    Result,
    RollbackFinished,
    StepResolved,
)
from pags_tui.core.plan.progress import missing_flags
from pags_tui.core.plan.rollback import last_write, missing_moves, same
from pags_tui.core.ports import FlagService, WriteAnswer
from pags_tui.core.runbook import Step
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.core.state import Change, Rollback
from pags_tui.driver.record import Record
from pags_tui.driver.services import Services, read_flag
from pags_tui.driver.threads import in_thread

READ_BEFORE: Seconds = 1.0
"""Longest wait for the read before a rollback's write."""
ROLLBACK_STEP: Seconds = 5.0
"""Longest time that one write of a rollback, with its reads, may hold up the next."""
LEFT_TO_READ: Seconds = 1.0
"""Of the time for a write, what is kept for reading it back."""
AGAIN: tuple[Seconds, ...] = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Waits between rounds over what a rollback has not verified yet; the last one repeats."""
REFUSED_ROUNDS = 2
"""Rounds after which a rollback gives up on what was refused for good: one refusal may have been a hiccup."""
READ_AT_LEAST: Seconds = 0.5
"""Shortest time for one read, however late it is."""
READ_AGAIN: tuple[Seconds, ...] = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0)
"""Waits between reads of a read-back; the last one repeats."""
UNREADABLE = "this service cannot be read back"
JOURNAL_AGAIN: Seconds = 0.5
"""Wait between two tries to journal the answer to a write that was made."""


class Writer:
    """Performs what the journal already holds as intent."""

    def __init__(self, record: Record, services: Services, verify_within: Callable[[str], Seconds]) -> None:
        self.record = record
        self.services = services
        self.verify_within = verify_within
        """Seconds that a forward write of that flag may take to be read back."""
        self.rolling: asyncio.Task[None] | None = None
        self.rounds: int | None = None
        """Rounds of a rollback after which this process gives up; the order stands all the same. None: never."""
        self.leaving = False
        """The guard is about to end: a forward step stops after the flag under way."""
        self.failed: Callable[[BaseException], None] = lambda _: None
        """Told when performing a rollback was cut short: fenced off, or a fault of this program."""
        self._tried: set[int] = set()
        """Forward changes that this process has begun to write: a second confirmation may come between two flags."""

    # ------------------------------------------------------------ one write

    async def attempt(self, change: Change, limit: Seconds, patient: bool = True) -> FlagAnswered:
        """One write of a journaled intent, and what was read back within `limit` seconds.

        `patient` False: a write that the service did not take is read back once, since it is tried again anyway.
        """
        service = self.services.of(self.record.state.runbook, change.flag)
        if service is None:
            return FlagAnswered(change.number, "refused", detail=f"no service is configured for {change.flag}")
        ends = asyncio.get_running_loop().time() + limit
        answer = await self._post(service, change, limit - min(LEFT_TO_READ, limit / 4))
        if answer.accepted is False:
            return FlagAnswered(change.number, "refused", detail=answer.detail)
        if not service.reads_back:
            result: Result = "unverified" if answer.accepted else "unknown"
            return FlagAnswered(change.number, result, detail=f"{answer.detail}; {UNREADABLE}")
        found, failed = await self._read_back(service, change, ends if patient or answer.accepted else 0.0)
        return _judge_write(change, answer, found, failed)

    async def _post(self, service: FlagService, change: Change, limit: Seconds) -> WriteAnswer:
        key = f"{self.record.run}-{change.number}"
        call = in_thread(lambda: service.write(change.flag, change.value, key, limit))
        try:
            return await asyncio.wait_for(call, limit + 0.5)
        except TimeoutError:
            return WriteAnswer(None, "timeout", f"no answer within {limit:g} s")

    async def _read_back(
        self, service: FlagService, change: Change, ends: Seconds
    ) -> tuple[FlagValue | None, str | None]:
        """Reads until the value is there or the time is over; at least once."""
        loop = asyncio.get_running_loop()
        for number in range(10_000):
            left = max(ends - loop.time(), READ_AT_LEAST)
            found, failed = await read_flag(service, change.flag, min(left, 2.0))
            if same(found, change.value) or loop.time() >= ends:
                return found, failed
            await asyncio.sleep(READ_AGAIN[min(number, len(READ_AGAIN) - 1)])
        return found, failed

    # ------------------------------------------------------------ forward

    async def forward(self, step: Step, by: Actor) -> None:
        """Performs a confirmed step flag by flag; stops at the first that is not verified, or for a rollback."""
        while change := self._asked(step):
            self._tried.add(change.number)
            answer = await self.attempt(change, self.verify_within(change.flag))
            await self._journal(answer)
            missing = missing_flags(self.record.state, step)
            if answer.result == "verified" and not missing:
                await self._journal(StepResolved(step.id, "passed"), by)
            if answer.result != "verified" or not missing or self.leaving or self.record.state.rolling_back:
                return
            await self._ask_next(step, missing[0], by)

    def _asked(self, step: Step) -> Change | None:
        """The journaled intent of that step that nobody has tried yet."""
        found = (c for c in self.record.state.changes.values() if c.step == step.id and c.result is None and c.owed)
        return next((change for change in found if change.number not in self._tried), None)

    async def _ask_next(self, step: Step, key: str, by: Actor) -> None:
        service = self.services.of(self.record.state.runbook, key)
        before = (await read_flag(service, key, 2.0))[0] if service and service.reads_back else None
        if any(standing(View(self.record.state, self.record.clock.now(), by))):
            return  # a hold, a countdown or a rollback came in between: the rest waits to be confirmed again
        known = self.record.state.flag(key).expected
        if before is not None and known is not None and not same(before, known):
            self.record.write((FlagSeen(key, before),))
            return
        asked = FlagAsked(next_number(self.record.state), key, step.set[key], before, "forward", step.id)
        self.record.write((asked,), by)

    async def single(self, change: Change) -> None:
        """One write by hand (a flag back to an earlier value)."""
        await self._journal(await self.attempt(change, self.verify_within(change.flag)))

    async def _journal(self, fact: Fact, by: Actor = GUARD) -> None:
        """Journals what became of a write that was made: tried until it is there, for nothing can take it back."""
        while True:
            with contextlib.suppress(JournalError):
                with contextlib.suppress(InDoubt):  # it stands then, and is journaled once
                    self.record.write((fact,), by)
                return
            await asyncio.sleep(JOURNAL_AGAIN)

    # ------------------------------------------------------------ rollback

    def roll(self) -> None:
        """Sees to it that the confirmed rollback is being performed; safe to call at any time."""
        if self.record.state.rolling_back and (self.rolling is None or self.rolling.done()):
            self.rolling = asyncio.get_running_loop().create_task(self._roll())
            self.rolling.add_done_callback(self._rolled)

    def _rolled(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failed(error)

    async def _roll(self) -> None:
        rounds = 0
        while (rollback := self.record.state.rollback) and rollback.finished is None:
            missing = missing_moves(self.record.state, rollback)
            if not missing and not await self._moved_since(rollback):
                self._finish(rollback)
                return
            if missing and rounds >= REFUSED_ROUNDS and self._hopeless(rollback, missing):
                self._finish(rollback)
                return
            await self._round(rollback, missing)
            if missing_moves(self.record.state, rollback):
                if self.rounds is not None and rounds + 1 >= self.rounds:
                    return
                await asyncio.sleep(AGAIN[min(rounds, len(AGAIN) - 1)])
            rounds += 1

    def _hopeless(self, rollback: Rollback, missing: tuple[Move, ...]) -> bool:
        """All that is left was refused for good."""
        last = [last_write(self.record.state, rollback, move.flag) for move in missing]
        return all(change is not None and change.result == "refused" for change in last)

    def _finish(self, rollback: Rollback) -> None:
        missing = len(missing_moves(self.record.state, rollback))
        of = len(rollback.moves)
        self.record.write_at_any_cost((RollbackFinished(rollback.number, of - missing, of),))

    async def _round(self, rollback: Rollback, missing: tuple[Move, ...]) -> None:
        """Each missing move once, in written order; the flags of a parallel step together."""
        for group in _groups(missing, rollback.parallel):
            await asyncio.gather(*(self._take_back(rollback, move) for move in group))

    async def _take_back(self, rollback: Rollback, move: Move) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + ROLLBACK_STEP
        service = self.services.of(self.record.state.runbook, move.flag)
        before = None
        if service is not None and service.reads_back:
            before = (await read_flag(service, move.flag, READ_BEFORE))[0]
        tried = last_write(self.record.state, rollback, move.flag)
        if tried is not None and same(before, move.value):
            detail = f"read back {show_flag_value(move.value)}"
            self.record.write_at_any_cost((FlagAnswered(tried.number, "verified", before, detail),))
            return
        number = next_number(self.record.state)
        asked = FlagAsked(number, move.flag, move.value, before, "rollback", move.step, rollback.number)
        self.record.write_at_any_cost((asked,), rollback.by)
        answer = await self.attempt(self.record.state.changes[number], ends - loop.time(), patient=False)
        if answer.result not in ("verified", "unverified") and service is not None:
            curl = service.curl(move.flag, move.value)
            answer = FlagAnswered(answer.change, answer.result, answer.found, answer.detail, curl)
        self.record.write_at_any_cost((answer,))

    async def _moved_since(self, rollback: Rollback) -> bool:
        """The late second read: a forward write that was under way may still land; what moved is owed again."""
        await self._wait_for_late_writes()
        moved = False
        for move in rollback.moves:
            service = self.services.of(self.record.state.runbook, move.flag)
            if service is None or not service.reads_back:
                continue
            found, _ = await read_flag(service, move.flag, READ_BEFORE)
            if found is not None and not same(found, move.value):
                change = last_write(self.record.state, rollback, move.flag)
                if change is not None:
                    detail = f"read {show(found)} again after it was {show(move.value)}"
                    self.record.write_at_any_cost((FlagAnswered(change.number, "mismatch", found, detail),))
                moved = True
        return moved

    async def _wait_for_late_writes(self) -> None:
        """Until the longest deadline of a forward write that was under way has passed."""
        changes = self.record.state.changes.values()
        rollback = self.record.state.rollback
        for change in changes:
            if change.purpose == "rollback" or rollback is None or change.at > rollback.at:
                continue
            limit = self.verify_within(change.flag)
            under_way = change.answered is None or change.answered > rollback.at or not change.holds
            left = limit - (self.record.clock.now() - change.at).total_seconds()
            if under_way and left > 0:
                await asyncio.sleep(min(left, limit))


def _groups(moves: tuple[Move, ...], parallel: tuple[str, ...]) -> list[list[Move]]:
    """Moves of one parallel step together, every other one alone; the order kept."""
    groups: list[list[Move]] = []
    for move in moves:
        together = bool(groups) and move.step in parallel and groups[-1][0].step == move.step
        if together:
            groups[-1].append(move)
        else:
            groups.append([move])
    return groups


def _judge_write(change: Change, answer: WriteAnswer, found: FlagValue | None, failed: str | None) -> FlagAnswered:
    """The result of a write, from what was read back."""
    if same(found, change.value):
        return FlagAnswered(change.number, "verified", found, f"read back {show_flag_value(change.value)}")
    if found is None:
        return FlagAnswered(change.number, "unknown", None, f"{answer.detail}; cannot be read back: {failed}")
    result: Result = "mismatch" if answer.accepted else "unknown"
    detail = f"{answer.detail}; the service says {show(found)}, not {show(change.value)}"
    return FlagAnswered(change.number, result, found, detail)
