"""A database that is killed, paused or cut off in the middle: nothing is lost, and nothing is written twice."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.errors import InDoubt, JournalError
from pags_tui.core.events import (
    FlagAnswered,
    FlagAsked,
    Move,
    NoteAdded,
    RollbackConfirmed,
    RollbackFinished,
    SourceBack,
    SourceLost,
    encode,
)
from pags_tui.driver import Driver, Spill, loop, record
from pags_tui.edge.postgres.address import Database
from pags_tui.wiring.clocks import SteadyClock
from tests.live import LEAD, SIX, FlagServer, MetricServer, Night, book_text, env_of, running, until
from tests.postgres.server import RealPostgres, Wire

pytestmark = pytest.mark.postgres

MOVES = tuple(Move(key, value, "rollback/all-off") for key, value in SIX.items())
MOVED = {"canary": 50, "brain": True, "gate": True, "cache": True, "search": True, "mail": True}
_names = itertools.count(1)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same waits, shorter."""
    monkeypatch.setattr(record, "SICK_FOR", timedelta(seconds=0.5))
    monkeypatch.setattr(loop, "BEAT_EVERY", 0.5)


@pytest.fixture(scope="module")
def own() -> Iterator[RealPostgres]:
    """A server of our own to kill. What it says is durable is on the disk."""
    with RealPostgres() as server:
        yield server


@pytest.fixture
def wire(own: RealPostgres) -> Iterator[Wire]:
    """The way to it."""
    found = Wire(own)
    yield found
    found.close()


@pytest.fixture
def night(tmp_path: Path, own: RealPostgres, wire: Wire) -> Iterator[Night]:
    """A live run with flags and a metric service, in that database, over that way."""
    name = f"faults{next(_names)}"
    own.database(name)
    with FlagServer(SIX) as flags, MetricServer(errors=1.0) as metrics:
        found = Night(
            tmp_path / "home", book_text(flags, metrics), env_of(flags, metrics), store=Database(wire.url(name))
        )
        found.flags = flags  # type: ignore[attr-defined]
        yield found
        wire.mend()
        found.close()


Fault = Callable[[RealPostgres, Wire], AbstractContextManager[None]]


@contextmanager
def killed(own: RealPostgres, _: Wire) -> Iterator[None]:
    """kill -9 of every process of it; it recovers afterwards."""
    own.kill()
    try:
        yield
    finally:
        own.start()


@contextmanager
def paused(own: RealPostgres, _: Wire) -> Iterator[None]:
    """SIGSTOP: connections stay, and nobody answers; what was sent is carried out afterwards."""
    with own.paused():
        yield


@contextmanager
def cut(_: RealPostgres, wire: Wire) -> Iterator[None]:
    """The network is gone."""
    wire.cut()
    try:
        yield
    finally:
        wire.mend()


@contextmanager
def deaf(_: RealPostgres, wire: Wire) -> Iterator[None]:
    """What is sent arrives and is carried out; no answer comes back."""
    wire.swallows = True
    try:
        yield
    finally:
        wire.mend()


FAULTS = pytest.mark.parametrize("fault", [killed, paused, cut, deaf], ids=lambda one: one.__name__)


def whole(night: Night, driver: Driver) -> None:
    """What this guard knew and what the journal holds is the same, each event once, and the chain is whole."""
    assert night.journal.verify(night.run) is None
    ours, theirs = list(driver.record.events), list(night.events)
    assert [(one.seq, one.by, encode(one.fact)) for one in ours] == [
        (one.seq, one.by, encode(one.fact)) for one in theirs
    ]
    assert max(Counter(one.change for one in night.facts(FlagAsked)).values(), default=1) == 1


def lost(driver: Driver) -> Callable[[], bool]:
    """The loss is shown."""
    return lambda: "journal" in driver.record.state.lost


@FAULTS
async def test_nothing_goes_forward_and_the_watch_goes_on(
    night: Night, own: RealPostgres, wire: Wire, fault: Fault
) -> None:
    """The loss is said; ticks come; a flag change is refused with the reason and not posted; then all is journaled."""
    driver, flags = night.driver(), night.flags  # type: ignore[attr-defined]

    async def work() -> None:
        with fault(own, wire):
            await until(lost(driver), "the loss is shown")
            number = driver.record.number
            answer = await driver.ask(LEAD, a.SetFlags("go/canary", "10"))
            assert answer.refused
            assert "postgresql://owner@127.0.0.1" in answer.said
            await until(lambda: driver.record.number > number + 2, "ticks go on")
        await until(lambda: not lost(driver)() and not driver.record.pending, "the journal is back")
        assert not (await driver.ask(LEAD, a.AddNote("goes on"))).refused

    await running(driver, work)
    assert not flags.posts
    assert night.facts(SourceLost)[0].source == "journal"
    assert night.facts(SourceBack)
    whole(night, driver)


@FAULTS
async def test_in_the_middle_of_a_flag_change(night: Night, own: RealPostgres, wire: Wire, fault: Fault) -> None:
    """The write is under way when the database goes: it is made once, and its answer is journaled once, afterwards."""
    driver, flags = night.driver(), night.flags  # type: ignore[attr-defined]
    flags.on_post = lambda key, value, n: "held" if n == 1 else "ok"

    async def work() -> None:
        assert not (await driver.ask(LEAD, a.SetFlags("go/canary", "10"))).refused
        await until(flags.caught.is_set, "the POST is under way")
        with fault(own, wire):
            flags.release.set()
            await until(lost(driver), "the loss is shown")
            assert (await driver.ask(LEAD, a.SetFlags("go/four", "production"))).refused
        await until(lambda: night_has(driver, FlagAnswered) and not driver.record.pending, "the answer is journaled")

    await running(driver, work)
    assert flags.posts == [("canary", 10)]
    assert [one.result for one in night.facts(FlagAnswered)] == ["verified"]
    assert night.state.step("go/canary").outcome == "passed"
    whole(night, driver)


def night_has(driver: Driver, kind: type) -> bool:
    """The run has such a fact, as its guard knows it."""
    return any(isinstance(event.fact, kind) for event in driver.record.events)


@pytest.mark.parametrize("fault", [paused, deaf], ids=lambda one: one.__name__)
async def test_at_the_very_moment_of_the_intent(night: Night, own: RealPostgres, wire: Wire, fault: Fault) -> None:
    """The intent is sent and not answered: it may be recorded, so nothing is posted, and the journal says in the end
    that it was asked for once, and not tried. The lead asks again, and it is done."""
    driver, flags = night.driver(), night.flags  # type: ignore[attr-defined]

    async def work() -> None:
        await until(lambda: not driver.record.pending, "it is quiet")
        with fault(own, wire):
            answer = await driver.ask(LEAD, a.SetFlags("go/canary", "10"))
            assert answer.refused
            assert not flags.posts
            await until(lost(driver), "the loss is shown")
        await until(lambda: not driver.record.pending and not lost(driver)(), "the journal is back")
        if night.facts(FlagAsked):
            assert [(one.change, one.result) for one in night.facts(FlagAnswered)] == [(1, "refused")]
            assert "not tried" in night.facts(FlagAnswered)[0].detail
        assert not flags.posts
        assert not (await driver.ask(LEAD, a.SetFlags("go/canary", "10"))).refused
        await until(lambda: driver.record.state.step("go/canary").outcome == "passed", "it is done")

    await running(driver, work)
    assert flags.posts == [("canary", 10)]
    whole(night, driver)


@FAULTS
async def test_in_the_middle_of_a_rollback(night: Night, own: RealPostgres, wire: Wire, fault: Fault) -> None:
    """The database goes while the first of six writes is under way: all six are written, once each; their events are
    in a file beside, and then in the journal, in order, once."""
    driver, flags = night.driver(), night.flags  # type: ignore[attr-defined]
    flags.values.update(MOVED)
    flags.on_post = lambda key, value, n: "held" if n == 1 else "ok"

    async def work() -> None:
        assert not (await driver.ask(LEAD, a.RollBack("rollback", MOVES))).refused
        await until(flags.caught.is_set, "the first POST is under way")
        with fault(own, wire):
            flags.release.set()
            await until(lambda: not driver.record.state.rolling_back, "the rollback is finished")
            assert flags.posts == list(SIX.items())
            assert driver.record.pending
            assert list(night.folder.glob("rollback-*.jsonl"))
        await until(lambda: not driver.record.pending, "the journal has caught up")

    await running(driver, work)
    assert flags.posts == list(SIX.items())
    assert flags.values == SIX
    assert [(one.verified, one.of) for one in night.facts(RollbackFinished)] == [(6, 6)]
    assert len(night.facts(RollbackConfirmed)) == 1
    assert [one.flag for one in night.facts(FlagAsked)] == list(SIX)
    assert any("journaled late" in one.text for one in night.facts(NoteAdded))
    assert not list(night.folder.glob("rollback-*.jsonl"))
    whole(night, driver)


@FAULTS
async def test_a_rollback_begun_without_the_database(night: Night, own: RealPostgres, wire: Wire, fault: Fault) -> None:
    """It waits for nothing, and is journaled once the database is back."""
    driver, flags = night.driver(), night.flags  # type: ignore[attr-defined]
    flags.values.update(MOVED)

    async def work() -> None:
        with fault(own, wire):
            assert not (await driver.ask(LEAD, a.RollBack("rollback", MOVES))).refused
            await until(lambda: not driver.record.state.rolling_back, "the rollback is finished")
            assert flags.posts == list(SIX.items())
        await until(lambda: not driver.record.pending, "the journal has caught up")

    await running(driver, work)
    assert [(one.verified, one.of) for one in night.facts(RollbackFinished)] == [(6, 6)]
    assert len(night.facts(RollbackConfirmed)) == 1
    whole(night, driver)


@pytest.mark.parametrize("fault", [paused, deaf], ids=lambda one: one.__name__)
def test_a_write_that_nobody_answered_is_looked_up_and_not_repeated(
    night: Night, own: RealPostgres, wire: Wire, fault: Fault
) -> None:
    """Sent, unanswered, and carried out behind our back: the writer hears that nobody knows; the intent of a change
    is given up; afterwards each event is in the journal once, in order."""
    token = night.journal.take_lease(night.run, 1, "h", "b", night.state.at, 1.0).token
    spill = Spill([night.folder], "rollback-1.jsonl")
    kept = record.Record(night.journal, night.run, SteadyClock(night.state.at), token, spill)
    kept.write((NoteAdded("before"),), LEAD)
    with fault(own, wire):
        with pytest.raises(InDoubt, match="may have been recorded"):
            kept.write((NoteAdded("said"), FlagAsked(1, "canary", 10, 0, "forward", "go/canary")), LEAD)
        kept.write_at_any_cost((NoteAdded("in the dark"),), LEAD)
        assert kept.pending == 4
        assert kept.state.changes[1].result == "refused"
    ends = time.monotonic() + 20
    while kept.pending:
        assert time.monotonic() < ends, "the journal catches up"
        with contextlib.suppress(JournalError):
            kept.catch_up()
        time.sleep(0.05)
    kept.write((NoteAdded("after"),), LEAD)
    texts = [one.text for one in night.facts(NoteAdded)]
    assert [text for text in texts if "late" not in text] == ["before", "said", "in the dark", "after"]
    assert (len(night.facts(FlagAsked)), [one.result for one in night.facts(FlagAnswered)]) == (1, ["refused"])
    assert list(night.events) == kept.events
    assert night.journal.verify(night.run) is None
