"""A journal that cannot be written: nothing goes forward, the watch goes on, a rollback goes through."""

from __future__ import annotations

import json
import resource
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.events import (
    Actor,
    Event,
    FlagAnswered,
    FlagAsked,
    Move,
    NoteAdded,
    RollbackConfirmed,
    RollbackFinished,
    SourceLost,
)
from pags_tui.core.updates import Happened
from pags_tui.driver import Driver, Spill, left_behind, loop, record
from tests.live import LEAD, SIX, FlagServer, MetricServer, Night, running, until

MOVES = tuple(Move(key, value, "rollback/all-off") for key, value in SIX.items())
MOVED = {"canary": 50, "brain": True, "gate": True, "cache": True, "search": True, "mail": True}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same waits, shorter."""
    monkeypatch.setattr(record, "SICK_FOR", timedelta(seconds=1))
    monkeypatch.setattr(loop, "BEAT_EVERY", 1.0)


@contextmanager
def locked(night: Night) -> Iterator[None]:
    """Another process holds the journal's write lock."""
    other = sqlite3.connect(night.db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def full(night: Night) -> Iterator[None]:
    """No file of this process can grow beyond the size that the journal has now: the disk is full for it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = max(path.stat().st_size for path in night.folder.iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def finished(driver: Driver) -> Callable[[], Awaitable[None]]:
    """Waits until no rollback is running."""
    return lambda: until(lambda: not driver.record.state.rolling_back, "the rollback is finished")


FAULTS = {"locked": locked, "full": full}


@pytest.mark.parametrize("fault", FAULTS)
async def test_without_a_journal_nothing_goes_forward_and_the_watch_goes_on(
    watched: Callable[..., Night], flags: FlagServer, metrics: MetricServer, fault: str
) -> None:
    """A forward change is refused with the reason and not posted; ticks come, and the lost journal is shown until it
    is back."""
    night = watched()
    driver = night.driver()

    async def work() -> None:
        with FAULTS[fault](night):
            await until(lambda: "journal" in driver.record.state.lost, "the loss is shown")
            answer = await driver.ask(LEAD, a.SetFlags("go/canary", "10"))
            assert answer.refused
            number = driver.record.number
            await until(lambda: driver.record.number > number + 2, "ticks go on")
        await until(lambda: "journal" not in driver.record.state.lost, "the journal is back")

    await running(driver, work)
    assert not flags.posts
    assert night.facts(SourceLost)[0].source == "journal"
    assert night.journal.verify(night.run) is None
    assert list(night.events) == driver.record.events


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_rollback_goes_through_without_a_journal_and_is_journaled_afterwards(
    night: Night, flags: FlagServer, fault: str
) -> None:
    """All six are written while the journal cannot be; the file beside it has the events, and so has the journal once
    it can be written: in order, with a note. The screens saw every event once, with the numbers that it kept."""
    driver = night.driver()
    flags.values.update(MOVED)
    shown: list[Event] = []
    driver.subscribe(lambda update: shown.extend(update.events) if isinstance(update, Happened) else None)

    async def work() -> None:
        with FAULTS[fault](night):
            assert not (await driver.ask(LEAD, a.RollBack("rollback", MOVES))).refused
            await until(lambda: not driver.record.state.rolling_back, "the rollback is finished")
            assert flags.posts == list(SIX.items())
        await until(lambda: not driver.record.pending, "the journal has caught up")

    await running(driver, work)
    assert flags.values == SIX
    assert [(one.verified, one.of) for one in night.facts(RollbackFinished)] == [(6, 6)]
    assert any("journaled late" in one.text for one in night.facts(NoteAdded))
    assert night.journal.verify(night.run) is None
    assert list(night.events) == driver.record.events
    assert [event.seq for event in shown] == list(range(shown[0].seq, shown[-1].seq + 1))
    assert not list(left_behind([night.folder], night.run))


async def test_a_file_that_a_dead_guard_left_is_merged_by_the_next_one(night: Night, flags: FlagServer) -> None:
    """In order and at their own times, with a note that names the file; a second guard merges nothing twice; the
    rollback that it left unfinished is finished."""
    await running(night.driver(), lambda: until(lambda: True, ""))
    spill, at, me = Spill([night.folder], "rollback-20261124T220000.jsonl"), night.state.at, Actor("ops", "ana")
    flags.values.update(MOVED, canary=0)
    facts = [RollbackConfirmed(1, "All back", MOVES), FlagAsked(1, "canary", 0, 50, "rollback", "rollback/all-off", 1)]
    facts.append(FlagAnswered(1, "verified", 0))
    seq = night.state.seq
    spill.add(night.run, [Event(seq + n, at + timedelta(milliseconds=n), me, fact) for n, fact in enumerate(facts, 1)])
    path = spill.path
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600
    for _ in range(2):
        driver = night.driver()
        for found in left_behind([night.folder], night.run):
            driver.record.merge(found)
        await running(driver, finished(driver))
    merged = [event for event in night.events if event.seq > seq][:4]
    assert [event.fact for event in merged[:3]] == facts
    assert [event.at for event in merged[:3]] == [at + timedelta(milliseconds=n) for n in (1, 2, 3)]
    assert {event.by for event in merged[:3]} == {me}
    assert isinstance(merged[3].fact, NoteAdded)
    assert path.name in merged[3].fact.text
    assert len(night.facts(RollbackConfirmed)) == 1
    assert flags.posts == [(key, value) for key, value in SIX.items() if key != "canary"]
    assert night.facts(RollbackFinished)[0].verified == 6
    assert night.journal.verify(night.run) is None


async def test_numbers_given_twice_are_moved_on(night: Night, flags: FlagServer) -> None:
    """The journal went on without the file: its change 1 is another one. The merged change becomes the next number."""
    await running(night.driver(), lambda: until(lambda: True, ""))
    spill, at = Spill([night.folder], "rollback-20261124T220000.jsonl"), night.state.at
    facts = [RollbackConfirmed(1, "All back", MOVES[:1]), FlagAsked(1, "canary", 0, 5, "rollback", "", 1)]
    facts += [FlagAnswered(1, "verified", 0), RollbackFinished(1, 1, 1)]
    spill.add(night.run, [Event(n, at, LEAD, fact) for n, fact in enumerate(facts, 1)])
    night.write(FlagAsked(1, "brain", True, False, "forward", "go/four"), FlagAnswered(1, "verified", True))
    driver = night.driver()
    for found in left_behind([night.folder], night.run):
        driver.record.merge(found)
    state = night.state
    assert (state.changes[1].flag, state.changes[2].flag, state.changes[2].result) == ("brain", "canary", "verified")
    assert state.rollback is not None
    assert state.rollback.finished is not None


def test_lines_cut_off_or_of_others_are_passed_over(night: Night) -> None:
    """A file with half a line, another run's event and one of ours: ours is merged once, the rest stays in the file."""
    spill = Spill([night.folder / "nowhere", night.folder], "rollback-1.jsonl")
    note = Event(9, night.state.at, LEAD, NoteAdded("hello"))
    spill.add("another", [note])
    spill.add(night.run, [note])
    assert spill.path is not None
    with spill.path.open("a") as file:
        file.write(json.dumps({"run": night.run})[:9])
    found = list(left_behind([night.folder], night.run))
    assert [one.events for one in found] == [(note,)]
    assert len(found[0].others) == 2
    night.driver().record.merge(found[0])
    assert not list(left_behind([night.folder], night.run))
    assert len(list(left_behind([night.folder], "another"))) == 1
    assert [one.text for one in night.facts(NoteAdded)].count("hello") == 1


def test_another_journals_run_of_the_same_id_is_not_merged(night: Night) -> None:
    """All journals of a user share the folders for such files, and two of them may hold a run of one id: each takes in
    its own alone. (Found by two hundred commands at once.)"""
    note = (Event(9, night.state.at, LEAD, NoteAdded("of the other")),)
    Spill([night.folder], "rollback-1.jsonl", "other/journal.db").add(night.run, note)
    assert not list(left_behind([night.folder], night.run, "this/journal.db"))
    (found,) = left_behind([night.folder], night.run, "other/journal.db")
    assert [event.fact for event in found.events] == [NoteAdded("of the other")]
    Spill([night.folder], "rollback-2.jsonl").add(night.run, note)
    assert [one.path.name for one in left_behind([night.folder], night.run, "this/journal.db")] == ["rollback-2.jsonl"]
