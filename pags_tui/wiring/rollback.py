"""The break-glass rollback: what it stands on, and how it is performed when no screen and perhaps no guard is there.

It asks the living guard, else takes the run over, else goes on without a journal. It waits for nothing for long, needs
no metric service, and leaves rehearsals and demos alone.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pags_tui import __version__
from pags_tui.core.decide.asks import RollBack
from pags_tui.core.decide.flags import ROLLBACK_WORD, confirm_rollback, show
from pags_tui.core.errors import JournalError, PagsError, Refused, Unreachable
from pags_tui.core.events import GUARD, Actor, Event, FlagSeen, Move, RunEnded, RunStarted
from pags_tui.core.plan.rollback import RollbackPlan, choices, missing_moves, option_plan, same
from pags_tui.core.ports import FlagService, Journal
from pags_tui.core.runbook import Runbook
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.core.state import RunState, fold
from pags_tui.core.updates import Began, Happened, Update
from pags_tui.desk.client import ask_and_follow
from pags_tui.driver import Record, Services, Spill
from pags_tui.driver.notices import Notifier
from pags_tui.driver.services import read_flag, read_flags
from pags_tui.driver.threads import in_thread
from pags_tui.driver.writing import READ_BEFORE, ROLLBACK_STEP, Writer
from pags_tui.edge import within
from pags_tui.wiring import places
from pags_tui.wiring.clocks import SteadyClock, boot_seconds
from pags_tui.wiring.guards import spill_name
from pags_tui.wiring.journals import Store, is_there, open_journal, open_readonly
from pags_tui.wiring.runs import Start, answers, begin_run
from pags_tui.wiring.services import open_marks, open_webhooks
from pags_tui.wiring.way_back import open_what_opens

ASK_GUARD: Seconds = 2.0
"""How long the living guard may take to take the order."""
ASK_DISK: Seconds = 3.0
"""How long the journal may take to open: a network file system may hang for ever."""
ROUNDS = 3
"""Rounds over what is missing before this process gives up. The order stands: the next guard goes on with it."""
CAUSE = "break-glass, from a shell"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a rollback stands on."""

    db: Store
    """The journal."""
    run: str | None
    """The open live run; None when there is none, or when it cannot be read."""
    state: RunState
    """As far as it is known; without a run just what the runbook says."""
    events: tuple[Event, ...]
    """Those that the state is folded from."""
    runbook: Runbook
    services: Mapping[str, FlagService]
    said: tuple[str, ...]
    """What could not be used, each a sentence."""

    @property
    def target(self) -> str:
        """What the operator types."""
        return self.state.run.target if self.state.run else self.runbook.target


def find_ground(runbook: Runbook | None, db: Store, env: Mapping[str, str]) -> Ground:
    """The open live run of that runbook (of any, without one), else the runbook itself.

    Raises Refused when there is neither.
    """
    run, events, said = _open_run(runbook, db)
    state = fold(events)
    book = state.runbook if run else runbook
    if book is None:
        raise Refused(" ".join((*said, "No live run is open, and there is no runbook.")))
    if not run:
        state = replace(RunState(), runbook=book)
    return Ground(db, run, state, events, book, open_what_opens(book, env), said)


def _open_run(runbook: Runbook | None, db: Store) -> tuple[str | None, tuple[Event, ...], tuple[str, ...]]:
    if not is_there(db):
        return None, (), ()
    try:
        run, events = within(ASK_DISK, lambda: _newest_open(runbook, db))
        fold(events)
    except Exception as error:  # whatever is wrong with the journal: a rollback goes on without it
        why = str(error) if isinstance(error, PagsError) else type(error).__name__
        return None, (), (f"The journal {db} cannot be used ({why}).",)
    return run, events, ()


def _newest_open(runbook: Runbook | None, db: Store) -> tuple[str | None, tuple[Event, ...]]:
    with open_readonly(db) as reader:
        rows = (row for row in reader.runs() if row.kind == "live" and row.ended is None)
        row = next((row for row in rows if runbook is None or row.runbook == runbook.id), None)
        return (row.id, tuple(reader.events(row.id))) if row else (None, ())


def plan_of(state: RunState, option: str | None) -> RollbackPlan:
    """The plan of that option; None: the default one. Raises Refused with the names there are."""
    back = state.runbook.rollback
    plans = [option_plan(state, one) for one in back.every_option] if back else []
    every = {plan.option: plan for plan in (*choices(state), *plans)}
    if (option or "") in every:
        return every[option or ""]
    names = ", ".join(name for name in every if name) or "none"
    if option:
        raise Refused(f"There is no way back '{option}' in this runbook. There are: {names}.")
    raise Refused(f"This runbook has no default rollback: give one with --option. There are: {names}.")


async def with_flags_read(ground: Ground) -> RunState:
    """The state with its flags read just now, a second at most each; what cannot be read says why."""
    services, now = Services(flags=ground.services), SteadyClock(ground.state.at).now()
    found = await read_flags(services, ground.runbook, ground.runbook.flags, now.timestamp(), READ_BEFORE)
    facts = [FlagSeen(key, reading.value, reading.failed or "") for key, reading in found.items()]
    return fold([Event(ground.state.seq + n, now, GUARD, fact) for n, fact in enumerate(facts, 1)], ground.state)


# ---------------------------------------------------------------- performing it


@dataclass(frozen=True, slots=True)
class Order:
    """What was confirmed, and who hears of it."""

    moves: tuple[Move, ...]
    title: str
    me: Actor
    hear: Callable[[RunState, Event], None]
    """Called with every event and the state after it."""


@dataclass(slots=True)
class Follower:
    """Folds what a guard tells, passes on what is new, and notices the end of the rollback."""

    order: Order
    state: RunState = field(default_factory=RunState)
    _former: int = 0
    """Rollbacks of that run which had ended before."""

    def receive(self, update: Update) -> bool:
        """True once the rollback is over, or everything missing was tried often enough."""
        if isinstance(update, Began):
            self.state = fold(update.events)
            self._former = len(self.state.rollbacks) - self.state.rolling_back
        elif isinstance(update, Happened):
            for event in update.events:
                self.state = fold((event,), self.state)
                self.order.hear(self.state, event)
            return len(self.state.rollbacks) > self._former and is_over(self.state)
        return False


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
    if ground.run is not None:
        try:
            return await _by_guard(ground, order)
        except PagsError as error:
            say(f"No guard performs it ({error}): it is performed here.")
    try:
        return await _here(ground, order, env, say)
    except Refused:
        say("Another guard has taken the run over: it goes on with the rollback.")
        return await _by_guard(ground, order)


async def _by_guard(ground: Ground, order: Order) -> RunState:
    follower, run = Follower(order), ground.run or ""
    ask = RollBack(ROLLBACK_WORD, order.moves, order.title, CAUSE)
    path = places.socket_path(ground.db, run)
    if isinstance(ground.db, Path) or answers(path):
        answer = await ask_and_follow(path, order.me, ask, ASK_GUARD, follower.receive)
    else:
        from pags_tui.wiring import afar

        answer = await afar.ask_and_follow(ground.db, run, order.me.name, ask, ASK_GUARD, follower.receive)
    if answer.refused:
        raise Unreachable(answer.said)
    return follower.state


async def _here(ground: Ground, order: Order, env: Mapping[str, str], say: Callable[[str], None]) -> RunState:
    record = _record(ground, order, say)
    services = Services(None, ground.services)
    record.subscribe(_hearing(record, order))
    notifier = _notifier(ground.runbook, env)
    record.subscribe(lambda update: _notify(notifier, record, update))
    if ground.run is None:
        known = await read_flags(services, ground.runbook, [m.flag for m in order.moves], 0.0, READ_BEFORE)
        record.write_at_any_cost(FlagSeen(key, r.value, r.failed or "") for key, r in known.items())
    record.write_at_any_cost(confirm_rollback(record.state, order.moves, order.title, CAUSE), order.me)
    writer = Writer(record, services, _verify_within(ground.runbook))
    writer.rounds = ROUNDS
    writer.roll()
    if writer.rolling is not None:
        await writer.rolling
    if ground.run is None:
        record.write_at_any_cost((RunEnded("abandoned" if record.state.rolling_back else "done", CAUSE),), order.me)
    await notifier.close()
    if record.pending and record.spill and record.spill.path:
        say(f"The journal could not be written: what happened is in {record.spill.path}.")
    return record.state


def _hearing(record: Record, order: Order) -> Callable[[Update], None]:
    def hear(update: Update) -> None:
        if isinstance(update, Happened):
            for event in update.events:
                order.hear(record.state, event)

    return hear


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
    spill = Spill(places.spill_folders(ground.db), spill_name(clock.now()))
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


# ---------------------------------------------------------------- proving that writing works


@dataclass(frozen=True, slots=True)
class Probed:
    """What became of writing one flag's present value back."""

    flag: str
    value: FlagValue | None
    failed: str
    """Empty when the value was read, written and read again."""


async def probe(ground: Ground, flags: Sequence[str]) -> AsyncIterator[Probed]:
    """Writes each flag's present value back, one after another. Raises Refused while a change is under way."""
    if ground.state.rolling_back or any(change.result is None for change in ground.state.owed):
        raise Refused("A change is under way: probe when it has its answer.")
    for key in flags:
        service = Services(flags=ground.services).of(ground.runbook, key)
        if service is None:
            yield Probed(key, None, "it is changed by hand")
            continue
        value, failed = await read_flag(service, key, READ_BEFORE)
        if value is not None:
            failed = await _written_back(service, key, value)
        yield Probed(key, value, failed or "")


async def _written_back(service: FlagService, key: str, value: FlagValue) -> str | None:
    """Why the value could not be written back; None when it could."""
    unique = f"probe-{key}-{os.getpid()}-{boot_seconds():.3f}"
    answer = await in_thread(lambda: service.write(key, value, unique, ROLLBACK_STEP))
    if answer.accepted is not True:
        return answer.detail
    found, failed = await read_flag(service, key, READ_BEFORE) if service.reads_back else (value, None)
    return failed if same(found, value) else failed or f"it reads {show(found)} after {show(value)} was written"
