"""Performs a confirmed rollback: it goes on until everything is verified, or refused for good.

What it has once tried it reads before it tries again: a write whose answer got lost is not repeated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from pags_tui.core.conditions import show_flag_value
from pags_tui.core.decide.flags import next_number, show
from pags_tui.core.events import FlagAnswered, FlagAsked, Move, Result, RollbackFinished
from pags_tui.core.plan.rollback import last_write, missing_moves, same
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.core.state import Rollback
from pags_tui.driver.services import read_flag
from pags_tui.driver.writing import Writer

READ_BEFORE: Seconds = 1.0
"""Longest wait for the read before a rollback's write."""
ROLLBACK_STEP: Seconds = 5.0
"""Longest time that one write of a rollback, with its reads, may hold up the next."""
REFUSED_ROUNDS = 2
"""Rounds after which a rollback gives up on what was refused for good: one refusal may have been a hiccup."""


Before = tuple[Seconds, FlagValue | None]
"""When a read before a write was begun, and what it found."""


class Roller:
    """Works what the journal holds as a standing order."""

    def __init__(self, writer: Writer, failed: Callable[[BaseException], None] = lambda _: None) -> None:
        """`failed` is told when performing a rollback was cut short: fenced off, or a fault of this program."""
        self.writer = writer
        self.record, self.services, self.rests = writer.record, writer.services, writer.rests
        self.rolling: asyncio.Task[None] | None = None
        self.rounds: int | None = None
        """Rounds after which this process gives up; the order stands all the same. None: never."""
        self._failed = failed

    def roll(self) -> None:
        """Sees to it that the confirmed rollback is being performed; safe to call at any time."""
        if self.record.state.rolling_back and (self.rolling is None or self.rolling.done()):
            self.rolling = asyncio.get_running_loop().create_task(self._roll())
            self.rolling.add_done_callback(self._rolled)

    def _rolled(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)

    async def _roll(self) -> None:
        rounds = 0
        while (rollback := self.record.state.rollback) and rollback.finished is None:
            missing = missing_moves(self.record.state, rollback)
            if not missing and not await self._moved_since(rollback):
                self._finish(rollback)
                return
            missing = missing or missing_moves(self.record.state, rollback)
            if rounds >= REFUSED_ROUNDS and self._hopeless(rollback, missing):
                self._finish(rollback)
                return
            await self._round(rollback, missing)
            if missing := missing_moves(self.record.state, rollback):
                if self.rounds is not None and rounds + 1 >= self.rounds:
                    return
                await asyncio.sleep(self.rests.pause([move.flag for move in missing], rounds))
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
        """Each missing move once, in written order; the flags of a parallel step together. What rests is left out.

        While one is being written the next is read. A newer confirmation takes over after the flag under way.
        """
        groups = _groups(tuple(move for move in missing if not self.rests.left(move.flag)), rollback.parallel)
        ahead = self._reads(groups[0]) if groups else {}
        try:
            for group, after in zip(groups, [*groups, []][1:], strict=True):
                reads, ahead = ahead, self._reads(after)
                await asyncio.gather(*(self._take_back(rollback, move, reads[move.flag]) for move in group))
                if self.record.state.rollback and self.record.state.rollback.number != rollback.number:
                    return
        finally:
            for read in ahead.values():
                read.cancel()

    def _reads(self, moves: list[Move]) -> Mapping[str, asyncio.Task[Before]]:
        """The reads before those moves, under way."""
        loop = asyncio.get_running_loop()
        return {move.flag: loop.create_task(self._before(move.flag)) for move in moves}

    async def _before(self, flag: str) -> Before:
        """The flag's present value, None where it cannot be read, and when it was asked for."""
        began = asyncio.get_running_loop().time()
        service = self.services.of(self.record.state.runbook, flag)
        if service is None or not service.reads_back:
            return began, None
        return began, (await read_flag(service, flag, READ_BEFORE))[0]

    async def _take_back(self, rollback: Rollback, move: Move, read: asyncio.Task[Before]) -> None:
        loop = asyncio.get_running_loop()
        ends = loop.time() + ROLLBACK_STEP
        service = self.services.of(self.record.state.runbook, move.flag)
        asked_at, before = await read
        if loop.time() - asked_at > 2 * READ_BEFORE:  # the flag before this one took long
            _, before = await self._before(move.flag)
        tried = last_write(self.record.state, rollback, move.flag)
        if tried is not None and same(before, move.value):
            detail = f"read back {show_flag_value(move.value)}"
            self.record.write_at_any_cost((FlagAnswered(tried.number, "verified", before, detail),))
            return
        number = next_number(self.record.state)
        asked = FlagAsked(number, move.flag, move.value, before, "rollback", move.step, rollback.number)
        self.record.write_at_any_cost((asked,), rollback.by)
        answer = await self.writer.attempt(self.record.state.changes[number], ends - loop.time(), patient=False)
        if answer.result not in ("verified", "unverified") and service is not None:
            curl = service.curl(move.flag, move.value)
            answer = FlagAnswered(answer.change, answer.result, answer.found, answer.detail, curl)
        self.record.write_at_any_cost((answer,))

    async def _moved_since(self, rollback: Rollback) -> bool:
        """The late second read: a forward write that was under way may still land; what moved is owed again.

        So is a flag that such a write may have moved and that cannot be read now.
        """
        late = await self._wait_for_late_writes(rollback)
        moved = False
        for move in rollback.moves:
            service = self.services.of(self.record.state.runbook, move.flag)
            if service is None or not service.reads_back:
                continue
            found, failed = await read_flag(service, move.flag, READ_BEFORE)
            if same(found, move.value) or (found is None and move.flag not in late):
                continue
            change = last_write(self.record.state, rollback, move.flag)
            if change is not None:
                now = f"cannot be read again: {failed}" if found is None else f"read {show(found)} again"
                detail = f"{now} after it was {show(move.value)}"
                result: Result = "unknown" if found is None else "mismatch"
                self.record.write_at_any_cost((FlagAnswered(change.number, result, found, detail),))
            moved = True
        return moved

    async def _wait_for_late_writes(self, rollback: Rollback) -> set[str]:
        """Until the last deadline of writes that were under way, a former rollback's too, has passed; their flags."""
        late: set[str] = set()
        for change in self.record.state.changes.values():
            if change.rollback == rollback.number or change.at > rollback.at:
                continue
            limit = self.writer.verify_within(change.flag)
            under_way = change.answered is None or change.answered > rollback.at or not change.holds
            if not under_way or (rollback.at - change.at).total_seconds() >= limit:
                continue
            late.add(change.flag)
            left = limit - (self.record.clock.now() - change.at).total_seconds()
            if left > 0:
                await asyncio.sleep(min(left, limit))
        return late


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
