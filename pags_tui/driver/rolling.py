"""Performs a confirmed rollback: it goes on until everything is verified, or refused for good.

What it has once tried it reads before it tries again: a write whose answer got lost is not repeated.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping

from pags_tui.core.conditions import show_flag_value
from pags_tui.core.decide.flags import next_number, show
from pags_tui.core.events import FlagAnswered, FlagAsked, Move, Result, RollbackFinished
from pags_tui.core.plan.confirmed import last_write, missing_moves, writes
from pags_tui.core.plan.rollback import same
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.core.state import Rollback
from pags_tui.driver.services import read_flag
from pags_tui.driver.writing import Writer

READ_BEFORE: Seconds = 1.0
"""Longest wait for the read before a rollback's write."""
ROLLBACK_STEP: Seconds = 5.0
"""Longest time that one write of a rollback, with its reads, may hold up the next."""
LOOK_UP: Seconds = 0.1
"""How soon a pause ends once a newer confirmation has taken over."""
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
        self.blind = False
        """No journal tells which writes were under way when the order was confirmed: any of its flags may move late."""
        self.waits: Callable[[str], None] = lambda _: None
        """Told once what the second read waits for."""
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
            moved = bool(missing) or await self._moved_since(rollback)
            if self._taken_over(rollback):
                rounds = 0
                continue
            missing = missing or missing_moves(self.record.state, rollback)
            if not moved or (rounds >= REFUSED_ROUNDS and self._hopeless(rollback, missing)):
                self._finish(rollback)
                return
            await self._round(rollback, missing)
            if missing := missing_moves(self.record.state, rollback):
                if self.rounds is not None and rounds + 1 >= self.rounds:
                    return
                await self._pause(rollback, self.rests.pause([move.flag for move in missing], rounds))
            rounds = 0 if self._taken_over(rollback) else rounds + 1

    def _taken_over(self, rollback: Rollback) -> bool:
        """Somebody has confirmed another one meanwhile, which has the rest of this one in it."""
        newest = self.record.state.rollback
        return newest is not None and newest.number != rollback.number

    async def _pause(self, rollback: Rollback, seconds: Seconds) -> None:
        """That long, or until another confirmation takes over: that one waits for nothing."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        while (left := ends - loop.time()) > 0 and not self._taken_over(rollback):
            await asyncio.sleep(min(left, LOOK_UP))

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
                if self._taken_over(rollback):
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
        tried = next(writes(self.record.state, rollback, move.flag), None)
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
        for move in () if self._taken_over(rollback) else rollback.moves:
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
        late = self._under_way(rollback)
        left = max(late.values(), default=0.0)
        if left > 0:
            whose = "that no journal tells of" if self.blind else f"to {', '.join(late)} that was under way"
            self.waits(f"A write {whose} may still land: {math.ceil(left)} s, then all flags are read again.")
            await self._pause(rollback, left)
        return set(late)

    def _under_way(self, rollback: Rollback) -> dict[str, Seconds]:
        """Flags that a write begun before that confirmation may still move, and for how many seconds from now.

        As the journal tells; without one every flag, for the longest time that a write may take. What would land with
        the very value of this rollback does no harm.
        """
        now, found = self.record.clock.now(), dict[str, Seconds]()
        wanted = {move.flag: move.value for move in rollback.moves}
        if self.blind:
            longest = max(map(self.writer.verify_within, wanted))
            left = longest - (now - rollback.at).total_seconds()
            found = dict.fromkeys(wanted, min(left, longest))
        for change in self.record.state.changes.values():
            if change.rollback == rollback.number or change.at > rollback.at:
                continue
            if change.flag not in wanted or same(change.value, wanted[change.flag]):
                continue
            limit = self.writer.verify_within(change.flag)
            open_ = change.answered is None or change.answered > rollback.at or not change.holds
            if open_ and (rollback.at - change.at).total_seconds() < limit:
                left = min(limit - (now - change.at).total_seconds(), limit)
                found[change.flag] = max(left, found.get(change.flag, 0.0))
        return found


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
