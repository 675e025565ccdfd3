"""Writes flags and reads them back. What it says of a write comes from the read, never from a status code.

A forward write is tried once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from pags_tui.core.conditions import show_flag_value
from pags_tui.core.decide import View
from pags_tui.core.decide.blockers import standing
from pags_tui.core.decide.flags import next_number, unlike
from pags_tui.core.errors import InDoubt, JournalError
from pags_tui.core.events import (
    GUARD,
    Actor,
    Fact,
    FlagAnswered,
    FlagAsked,
    FlagSeen,
    Result,
    StepResolved,
)
from pags_tui.core.plan.progress import missing_flags
from pags_tui.core.plan.rollback import same
from pags_tui.core.ports import FlagService, WriteAnswer
from pags_tui.core.runbook import Step
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.core.state import Change
from pags_tui.driver.record import Record
from pags_tui.driver.rests import Rests
from pags_tui.driver.services import Services, read_flag
from pags_tui.driver.threads import in_thread

LEFT_TO_READ: Seconds = 1.0
"""Of the time for a write, what is kept for reading it back."""
LATE: Seconds = 0.2
"""What a write may begin late, on a busy machine, without getting less time for it."""
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
        self.leaving = False
        """The guard is about to end: a forward step stops after the flag under way."""
        self._tried: set[int] = set()
        """Forward changes that this process has begun to write: a second confirmation may come between two flags."""
        self.rests = Rests(lambda: asyncio.get_running_loop().time())

    # ------------------------------------------------------------ one write

    async def attempt(self, change: Change, limit: Seconds, patient: bool = True) -> FlagAnswered:
        """One write of a journaled intent, and what was read back within `limit` seconds.

        `patient` False: a write that the service did not take is read back once, since it is tried again anyway.
        """
        service = self.services.of(self.record.state.runbook, change.flag)
        if service is None:
            return FlagAnswered(change.number, "refused", detail=f"no service is configured for {change.flag}")
        began = asyncio.get_running_loop().time()
        ends = began + limit
        if change.purpose != "rollback" and (why := self._disowned()):
            return FlagAnswered(change.number, "refused", detail=why)
        answer = await self._post(service, change, began, limit - min(LEFT_TO_READ, limit / 4))
        if answer.accepted is False:
            return FlagAnswered(change.number, "refused", detail=answer.detail)
        if not service.reads_back:
            result: Result = "unverified" if answer.accepted else "unknown"
            return FlagAnswered(change.number, result, detail=f"{answer.detail}; {UNREADABLE}")
        found, failed = await self._read_back(service, change, ends if patient or answer.accepted else 0.0)
        return _judge_write(change, answer, found, failed)

    def _disowned(self) -> str:
        """Why nothing may be sent although its intent is journaled: asked after the deadline was set, so that a process
        that stood still in between sends nothing late. Raises Refused when another guard owns the run by now."""
        try:
            self.record.check_owner()
        except JournalError as error:
            return f"not sent: {error}"
        return ""

    async def _post(self, service: FlagService, change: Change, began: Seconds, limit: Seconds) -> WriteAnswer:
        """One write, begun and answered within `limit` seconds of `began` on the event loop's clock."""
        key, loop = f"{self.record.run}-{change.number}", asyncio.get_running_loop()

        def send() -> WriteAnswer:
            left = began + limit - loop.time()
            if left <= 0:
                return WriteAnswer(None, "late", "not sent: this process stood still until its time was over")
            return service.write(change.flag, change.value, key, min(limit, left + LATE))

        try:
            answer = await asyncio.wait_for(in_thread(send), limit + 0.5)
        except TimeoutError:
            return WriteAnswer(None, "timeout", f"no answer within {limit:.3g} s")
        if answer.retry_after and answer.accepted is None:
            self.rests.ask(change.flag, answer.retry_after)
        return answer

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
        reads = service is not None and service.reads_back
        before, failed = await read_flag(service, key, 2.0) if service and reads else (None, None)
        if any(standing(View(self.record.state, self.record.clock.now(), by))):
            return  # a hold, a countdown or a rollback came in between: the rest waits to be confirmed again
        if failed is not None:  # what cannot be read may be somebody else's: as at the confirmation, nothing is written
            self.record.write((FlagSeen(key, None, failed),))
            return
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


def _judge_write(change: Change, answer: WriteAnswer, found: FlagValue | None, failed: str | None) -> FlagAnswered:
    """The result of a write, from what was read back."""
    if same(found, change.value):
        return FlagAnswered(change.number, "verified", found, f"read back {show_flag_value(change.value)}")
    if found is None:
        return FlagAnswered(change.number, "unknown", None, f"{answer.detail}; cannot be read back: {failed}")
    result: Result = "mismatch" if answer.accepted else "unknown"
    detail = f"{answer.detail}; {unlike(found, change.value)}"
    return FlagAnswered(change.number, result, found, detail)
