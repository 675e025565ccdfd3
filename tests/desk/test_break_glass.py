"""A rollback asked on a screen over a guard that hangs: the screen has it done without the guard, and says so."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.events import FlagAnswered, GuardStarted, Move, NoteAdded, RollbackConfirmed
from pags_tui.core.state import RunState, fold
from pags_tui.core.updates import Began, Gone, Happened, Update
from pags_tui.desk import client
from pags_tui.desk.client import SocketDesk
from pags_tui.wiring import places
from pags_tui.wiring.clocks import SteadyClock
from pags_tui.wiring.glass import break_glass
from tests.live import (
    LEAD,
    SIX,
    FlagServer,
    Guard,
    begun,
    book_text,
    env_of,
    events_of,
    guarding,
    long_reads,
    state_of,
    until,
    wait_until,
)

MOVES = tuple(Move(key, value, "rollback/all-off") for key, value in SIX.items())
MOVED = {"canary": 50, "brain": True, "gate": True, "cache": True, "search": True, "mail": True}


class Seat:
    """A screen's desk on a real guard, and what it was told."""

    def __init__(self, db: Path, run: str, guard: Guard, flags: FlagServer) -> None:
        self.db, self.run, self.guard, self.flags = db, run, guard, flags
        self.told: list[Update] = []
        glass = break_glass(db, run, "ana")
        self.desk = SocketDesk(places.socket_path(db, run), LEAD, SteadyClock(), glass=glass)

    @property
    def state(self) -> RunState:
        """As the screen has it."""
        state = RunState()
        for update in self.told:
            if isinstance(update, Began):
                state = fold(update.events)
            elif isinstance(update, Happened):
                state = fold([event for event in update.events if event.seq > state.seq], state)
        return state

    @property
    def gone(self) -> list[str]:
        """Why nobody answers, as the screen was told."""
        return [update.reason for update in self.told if isinstance(update, Gone)]


@pytest.fixture
def seat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seat]:
    """Everything is forward; a guard and a desk are there."""
    long_reads(monkeypatch, tmp_path)
    with FlagServer(MOVED) as flags:
        for name, value in env_of(flags).items():
            monkeypatch.setenv(name, value)
        db = tmp_path / "j" / "journal.db"
        run = begun(db, book_text(flags))
        with guarding(db, run, env_of(flags)) as guard:
            yield Seat(db, run, guard.ready(), flags)
            guard.process.send_signal(signal.SIGCONT)


async def rolled_back_without_the_guard(seat: Seat) -> None:
    """Asked on the screen; answered and followed to its end."""
    answer = await seat.desk.ask(a.RollBack("rollback", MOVES, "All back"))
    assert not answer.refused, answer.said
    assert "goes on without this screen" in answer.said
    await until(lambda: seat.state.rollback and seat.state.rollback.finished, "the screen saw the end")
    assert seat.state.rollback is not None
    assert seat.state.rollback.verified == 6
    assert seat.flags.posts == list(SIX.items())
    assert any("done without it" in reason for reason in seat.gone)


async def test_a_rollback_over_a_hanging_guard_is_done_without_it(seat: Seat) -> None:
    """SIGSTOP under an open screen: two seconds later the token is raised, all six are written once, each step is on
    the screen, and the guard that wakes up again writes nothing and ends."""
    await seat.desk.attach(seat.told.append)
    await until(lambda: seat.told, "the screen is attached")
    seat.guard.process.send_signal(signal.SIGSTOP)
    await rolled_back_without_the_guard(seat)
    confirmed = [one for one in events_of(seat.db, seat.run) if isinstance(one.fact, RollbackConfirmed)]
    assert [one.by.name for one in confirmed] == ["ana"]
    assert any("The guard did not take the rollback" in fact.text for fact in facts(seat, NoteAdded))
    seat.guard.process.send_signal(signal.SIGCONT)
    await until(lambda: seat.guard.process.poll() is not None, "the guard has ended")
    assert "belongs to another guard" in seat.guard.said
    assert len(seat.flags.posts) == 6
    await seat.desk.detach()


@pytest.mark.long
async def test_a_rollback_over_a_guard_that_dies_at_that_moment_is_done_without_it(seat: Seat) -> None:
    """kill -9 while the ask waits for its answer: the screen does not wait any longer."""
    await seat.desk.attach(seat.told.append)
    await until(lambda: seat.told, "the screen is attached")
    seat.guard.process.send_signal(signal.SIGSTOP)
    seat.guard.kill()
    await rolled_back_without_the_guard(seat)
    await seat.desk.detach()


@pytest.mark.long
async def test_it_goes_on_when_the_screen_is_gone(seat: Seat) -> None:
    """The screen leaves in the middle: the process that it began finishes the rollback."""
    await seat.desk.attach(seat.told.append)
    await until(lambda: seat.told, "the screen is attached")
    seat.flags.on_post = lambda key, value, n: "held" if n == 2 else "ok"
    seat.guard.process.send_signal(signal.SIGSTOP)
    assert not (await seat.desk.ask(a.RollBack("rollback", MOVES, "All back"))).refused
    await until(seat.flags.caught.is_set, "the second write is under way")
    await seat.desk.detach()
    seat.flags.release.set()
    await until(lambda: not state_of(seat.db, seat.run).rolling_back, "the rollback is finished")
    assert seat.flags.values == SIX


@pytest.mark.long
async def test_a_guard_that_hangs_is_noticed(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is no calm: without a sign of life the screen says that the guard hangs."""
    monkeypatch.setattr(client, "SILENCE", 2.0)
    await seat.desk.attach(seat.told.append)
    await until(lambda: seat.told, "the screen is attached")
    seat.guard.process.send_signal(signal.SIGSTOP)
    await until(lambda: any("the guard hangs" in reason for reason in seat.gone), "the screen says so")
    seat.guard.process.send_signal(signal.SIGCONT)
    count = sum(isinstance(update, Began) for update in seat.told)
    await until(lambda: sum(isinstance(update, Began) for update in seat.told) > count, "it is attached again")
    await seat.desk.detach()


@pytest.mark.long
async def test_a_journal_that_was_deleted_under_a_guard_that_hangs(seat: Seat) -> None:
    """Neither run nor runbook can be read any more: the process that is begun goes by what the screen knows."""
    await seat.desk.attach(seat.told.append)
    await until(lambda: seat.told, "the screen is attached")
    seat.guard.process.send_signal(signal.SIGSTOP)
    shutil.rmtree(seat.db.parent)
    await rolled_back_without_the_guard(seat)
    await seat.desk.detach()


@pytest.mark.long
async def test_where_nothing_can_be_begun_it_says_so(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends before it has confirmed anything: the screen says so, and what is to be typed elsewhere."""
    await seat.desk.attach(seat.told.append)
    await until(lambda: seat.told, "the screen is attached")
    seat.guard.process.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(sys, "executable", "/bin/true")
    answer = await seat.desk.ask(a.RollBack("rollback", MOVES, "All back"))
    assert answer.refused
    assert answer.said.endswith("In another shell: pags-tui rollback RUNBOOK")
    assert not seat.flags.posts
    await seat.desk.detach()


@pytest.mark.long
def test_the_guard_before_it_owns_nothing_any_more(seat: Seat) -> None:
    """What was performed without the guard stands in the run's own journal, whole; the next guard finds it done."""
    seat.guard.kill()
    with break_glass(seat.db, seat.run, "")(a.RollBack("rollback", MOVES, "All back")) as told:
        told.read()
    with guarding(seat.db, seat.run, env_of(seat.flags)) as heir:
        heir.ready()
        wait_until(lambda: len(facts(seat, GuardStarted)) == 2, "the next guard has begun")
    assert [fact.result for fact in facts(seat, FlagAnswered)] == ["verified"] * 6
    assert seat.flags.posts == list(SIX.items())


def facts(seat: Seat, kind: type) -> list:
    """The journaled facts of one class."""
    return [event.fact for event in events_of(seat.db, seat.run) if isinstance(event.fact, kind)]
