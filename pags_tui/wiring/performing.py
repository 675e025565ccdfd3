"""Performing a confirmed rollback where no screen, perhaps no guard and perhaps no journal is there.

It asks the living guard, else takes the run over, else goes on without a journal. It waits for nothing for long, and
leaves only when the rollback is over, or when what is missing was tried often enough.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from pags_tui import __version__
from pags_tui.core.decide.asks import RollBack
from pags_tui.core.decide.flags import ROLLBACK_WORD, confirm_rollback
from pags_tui.core.errors import JournalError, PagsError, Refused, Unreachable
from pags_tui.core.events import Actor, Event, FlagSeen, Move, NoteAdded, RunEnded, RunStarted
from pags_tui.core.plan.confirmed import missing_moves
from pags_tui.core.ports import Journal, Lease
from pags_tui.core.runbook import Runbook
from pags_tui.core.series import Seconds
from pags_tui.core.state import RunState, fold
from pags_tui.core.updates import Began, Happened, Update
from pags_tui.desk.client import ask_and_follow
from pags_tui.desk.glass import ASK_GUARD
from pags_tui.driver import Record, Services, Spill
from pags_tui.driver.notices import Notifier
from pags_tui.driver.rolling import READ_BEFORE, Roller
from pags_tui.driver.services import read_flags
from pags_tui.driver.writing import Writer
from pags_tui.edge import within
from pags_tui.wiring import places
from pags_tui.wiring.alive import answers, is_alive
from pags_tui.wiring.beside import take_in
from pags_tui.wiring.clocks import SteadyClock, boot_seconds
from pags_tui.wiring.guards import spill_name
from pags_tui.wiring.journals import Store, open_journal, open_readonly
from pags_tui.wiring.rollback import Ground
from pags_tui.wiring.runs import Start, begin_run
from pags_tui.wiring.services import open_marks, open_webhooks
from pags_tui.wiring.way_back import ASK_DISK

ROUNDS = 3
"""Rounds over what is missing before this process gives up. The order stands: the next guard goes on with it."""
CAUSE = "break-glass, from a shell"
BEAT_EVERY: Seconds = 5.0
"""Between two signs of life: as long as they come, nobody takes the run from this process."""
LOOK_AGAIN: Seconds = 0.25
"""Between two looks into the journal at how another process gets on."""


@dataclass(frozen=True, slots=True)
class Order:
    """What was confirmed, and who hears of it."""

    moves: tuple[Move, ...]
    title: str
    me: Actor
    hear: Callable[[RunState, Update], None]
    """Called with every update and the state after it. It must neither raise nor wait."""
    cause: str = CAUSE
    note: str = ""
    """What the journal is told besides."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When it was given to us: what the journal holds of the same name from before then is another one."""
    ask_guard: bool = True
    """False: somebody has asked the guard already, and it did not answer."""


@dataclass(slots=True)
class Follower:
    """Folds what another process does, passes on what is new, and notices the end of the rollback."""

    order: Order
    former: int | None = None
    """Rollbacks of that run which had ended before; None: as the first update tells."""
    state: RunState = field(default_factory=RunState)

    def receive(self, update: Update) -> bool:
        """True once the rollback is over, or everything missing was tried often enough."""
        if isinstance(update, Began):
            self.state = fold(update.events)
            self.former = ended(self.state) if self.former is None else self.former
        elif isinstance(update, Happened):
            self.state = fold(update.events, self.state)
        self.order.hear(self.state, update)
        return isinstance(update, Happened) and self.over

    @property
    def over(self) -> bool:
        """A rollback that is not one of the former ones needs nobody here any more."""
        return len(self.state.rollbacks) > (self.former or 0) and is_over(self.state)


def ended(state: RunState) -> int:
    """How many rollbacks have ended."""
    return len(state.rollbacks) - state.rolling_back


def is_over(state: RunState) -> bool:
    """Finished, or each missing write was tried so often that nobody should wait here any longer."""
    rollback = state.rollback
    if rollback is None:
        return False
    if rollback.finished is not None:
        return True
    tries = [c.flag for c in state.changes.values() if c.rollback == rollback.number and c.result is not None]
    missing = missing_moves(state, rollback)
    return bool(missing) and all(tries.count(move.flag) >= ROUNDS for move in missing)


async def perform(ground: Ground, order: Order, env: Mapping[str, str], say: Callable[[str], None]) -> RunState:
    """Performs the order in the best way there is; the state at its end. Raises nothing that could be gone round."""
    if ground.run is not None and order.ask_guard:
        try:
            return await _by_guard(ground, order)
        except PagsError as error:
            say(f"No guard performs it ({error}): it is performed here.")
    while True:
        try:
            return await _here(ground, order, env, say)
        except Refused:
            say("Another process has taken the run over: it goes on with the rollback.")
        if state := await _beside(ground, order):
            return state
        say("It has ended before the rollback was over: it is performed here.")


async def _by_guard(ground: Ground, order: Order) -> RunState:
    follower, run = Follower(order), ground.run or ""
    ask = RollBack(ROLLBACK_WORD, order.moves, order.title, order.cause)
    path = places.socket_path(ground.db, run)
    if isinstance(ground.db, Path) or answers(path):
        answer = await ask_and_follow(path, order.me, ask, ASK_GUARD, follower.receive)
    else:
        from pags_tui.wiring import afar

        answer = await afar.ask_and_follow(ground.db, run, order.me.name, ask, ASK_GUARD, follower.receive)
    if answer.refused:
        raise Unreachable(answer.said)
    return follower.state


async def _beside(ground: Ground, order: Order) -> RunState | None:
    """Follows in the journal what another process does; None when that one is dead and the rollback is not over."""
    follower = Follower(order, ended(ground.state))
    while True:
        seq = follower.state.seq
        try:
            events, lease = within(ASK_DISK, partial(_look, ground.db, ground.run or "", seq))
        except (PagsError, OSError):
            return None
        if events:
            follower.receive(Happened(tuple(events)) if seq else Began(tuple(events), (), SteadyClock().now()))
        if follower.over:
            return follower.state
        if not is_alive(lease):
            return None
        await asyncio.sleep(LOOK_AGAIN)


def _look(db: Store, run: str, since: int) -> tuple[list[Event], Lease | None]:
    with open_readonly(db) as reader:
        return list(reader.events(run, since)), reader.lease(run)


async def _here(ground: Ground, order: Order, env: Mapping[str, str], say: Callable[[str], None]) -> RunState:
    record = _record(ground, order, say)
    try:
        if record.journal is not None and ground.run is not None:
            with contextlib.suppress(JournalError):
                take_in(record, ground.db)
        return await _perform(record, ground, order, env, say)
    finally:
        if record.journal is not None:
            with contextlib.suppress(PagsError):
                record.journal.close()


async def _perform(
    record: Record, ground: Ground, order: Order, env: Mapping[str, str], say: Callable[[str], None]
) -> RunState:
    services = Services(None, ground.services)
    record.subscribe(lambda update: order.hear(record.state, update))
    notifier = _notifier(ground.runbook, env)
    record.subscribe(lambda update: _notify(notifier, record, update))
    if ground.run is None:
        known = await read_flags(services, ground.runbook, [m.flag for m in order.moves], 0.0, READ_BEFORE)
        record.write_at_any_cost(FlagSeen(key, r.value, r.failed or "") for key, r in known.items())
    noted = (NoteAdded(order.note),) if order.note else ()
    if not _is_in(record.state, ground, order):
        confirmed = confirm_rollback(record.state, order.moves, order.title, order.cause)
        record.write_at_any_cost((*confirmed, *noted), order.me)
    roller = Roller(Writer(record, services, _verify_within(ground.runbook)))
    roller.rounds, roller.waits = ROUNDS, say
    roller.blind = ground.run is None or record.journal is None
    roller.roll()
    if roller.rolling is not None:
        async with _beating(record):
            await roller.rolling
    if ground.run is None:
        record.write_at_any_cost((RunEnded("abandoned" if record.state.rolling_back else "done", CAUSE),), order.me)
    await notifier.close()
    if record.pending and record.spill and record.spill.path:
        say(f"The journal could not be written: what happened is in {record.spill.path}.")
    return record.state


def _is_in(state: RunState, ground: Ground, order: Order) -> bool:
    """This very order is in the journal since we began, by us: confirming it again would overrule a newer one."""
    since = state.rollbacks[len(ground.state.rollbacks) :]
    return any(
        (one.title, one.by) == (order.title, order.me)
        and one.moves[: len(order.moves)] == order.moves
        and one.cause == order.cause
        and one.at >= order.at
        for one in since
    )


@contextlib.asynccontextmanager
async def _beating(record: Record) -> AsyncIterator[None]:
    """Shows meanwhile that this process lives."""

    async def beat() -> None:
        while record.journal is not None and record.token is not None:
            with contextlib.suppress(PagsError):
                record.journal.beat(record.run, record.token, record.clock.now(), boot_seconds())
            await asyncio.sleep(BEAT_EVERY)

    task = asyncio.get_running_loop().create_task(beat())
    try:
        yield
    finally:
        task.cancel()


def _notifier(runbook: Runbook, env: Mapping[str, str]) -> Notifier:
    try:
        return Notifier(open_webhooks(runbook, env), sends=True, marks=open_marks(runbook, env))
    except PagsError:
        return Notifier({}, sends=False)


def _notify(notifier: Notifier, record: Record, update: Update) -> None:
    if isinstance(update, Happened):
        for event in update.events:
            notifier.event(event, record.state)


def _verify_within(runbook: Runbook) -> Callable[[str], Seconds]:
    def seconds(flag: str) -> Seconds:
        service = runbook.flag_service(flag) if flag in runbook.flags else None
        return service.verify_within if service else 0.0

    return seconds


def _record(ground: Ground, order: Order, say: Callable[[str], None]) -> Record:
    """The run's record with the newest fencing token; without a usable journal one that stands on what is known."""
    clock = SteadyClock(ground.state.at)
    spill = Spill(places.spill_folders(ground.db), spill_name(clock.now()), places.name_of(ground.db))
    try:
        journal = within(ASK_DISK, lambda: open_journal(ground.db, create=ground.run is None, busy=1.0))
        run, token = within(ASK_DISK, lambda: _take(ground, order, journal, clock))
        return Record(journal, run, clock, token, spill)
    except (PagsError, OSError) as error:
        say(f"It goes on without a journal: {error}")
    if ground.run is not None:
        return Record(None, ground.run, clock, None, spill, ground.events)
    book, me = ground.runbook, order.me
    name = os.path.basename(book.file)
    began = RunStarted("break-glass", "live", book.text, book.sha256, name, book.target, me.shown, me.user, __version__)
    return Record(None, "break-glass", clock, None, spill, [Event(1, clock.now(), me, began)])


def _take(ground: Ground, order: Order, journal: Journal, clock: SteadyClock) -> tuple[str, int | None]:
    if ground.run is None:
        return begin_run(journal, ground.runbook, Start("live", order.me), clock.now()), None
    who = (os.getpid(), places.host(), places.boot_id())
    try:
        return ground.run, journal.take_lease(ground.run, *who, clock.now(), boot_seconds()).token
    except JournalError:
        journal.close()
        raise
