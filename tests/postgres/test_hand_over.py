"""A guard that lost its database, rolled back all the same, and was replaced meanwhile: its heir gets what it recorded.

Real processes: one host whose way to the database is cut, one whose way is not.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.errors import JournalError
from pags_tui.core.events import (
    FlagAnswered,
    FlagAsked,
    GuardStarted,
    NoteAdded,
    RollbackConfirmed,
    RollbackFinished,
)
from pags_tui.desk.client import ask_once
from pags_tui.driver import Record, Spill
from pags_tui.edge.postgres.address import Database
from pags_tui.wiring import guards
from pags_tui.wiring.clocks import SteadyClock
from pags_tui.wiring.journals import open_readonly
from tests.live import LEAD, PATIENCE, SIX, FlagServer, MetricServer, begun, book_text, env_of, wait_until
from tests.postgres.hosts import Host, hosts
from tests.postgres.server import RealPostgres, Wire
from tests.postgres.test_faults import MOVED, MOVES

pytestmark = pytest.mark.postgres


@pytest.fixture
def wire(server: RealPostgres) -> Iterator[Wire]:
    """The way of one host to the database."""
    found = Wire(server)
    yield found
    found.close()


def rolled_back(host: Host, run: str) -> None:
    """Asks the guard there over its own socket, as a screen there does."""
    (path,) = (host.folder / "tmp").rglob("*.sock")
    answer = asyncio.run(ask_once(path, LEAD, SteadyClock(), a.RollBack("rollback", MOVES), PATIENCE))
    assert not answer.refused, answer.said


def test_a_replaced_guard_hands_its_rollback_over(
    tmp_path: Path, database: Database, server: RealPostgres, wire: Wire
) -> None:
    """Cut off, it rolls back into a file; another host takes the run over; once the way is there again the old guard
    ends, and its heir journals the rollback as it was: in order, once, by whom, with a note. Nothing twice."""
    afar = Database(wire.url(database.url.rpartition("/")[2]))
    with FlagServer(MOVED) as flags, MetricServer(errors=1.0) as metrics:
        run = begun(database, book_text(flags, metrics))
        with (
            hosts(tmp_path, afar, env_of(flags, metrics), "anna") as (one,),
            hosts(tmp_path, database, env_of(flags, metrics), "berta") as (two,),
        ):
            old = one.guard(run)
            wire.cut()
            rolled_back(one, run)
            wait_until(lambda: flags.values == SIX, "all six flags are back")
            files = one.folder / "home/state/pags-tui"
            wait_until(lambda: "rollback-finished" in _kinds(files), "its end is written down beside")
            two.guard(run, "--take-over", "--confirm", "anna")
            wire.mend()
            assert old.wait(PATIENCE) == 0
            wait_until(lambda: _facts(two, run, RollbackFinished), "the heir has taken the rollback in")
            wait_until(lambda: any("are from rollback-" in note.text for note in _facts(two, run, NoteAdded)), "a note")
            assert [path.name.endswith(".merged") for path in files.glob("rollback-*")] == [True]
            events = two.events(run)
    assert flags.posts == list(SIX.items())
    told = [event.fact for event in events if isinstance(event.fact, RollbackConfirmed | FlagAsked | RollbackFinished)]
    assert [type(fact).__name__ for fact in told] == ["RollbackConfirmed", *["FlagAsked"] * 6, "RollbackFinished"]
    assert [fact.flag for fact in told if isinstance(fact, FlagAsked)] == list(SIX)
    assert [(fact.verified, fact.of) for fact in told if isinstance(fact, RollbackFinished)] == [(6, 6)]
    assert {fact.result for fact in _of(events, FlagAnswered)} == {"verified"}
    assert [event.by for event in events if isinstance(event.fact, RollbackConfirmed)] == [LEAD]
    assert [fact.host for fact in _of(events, GuardStarted)] == ["anna", "berta"]
    with open_readonly(database) as reader:
        assert reader.verify(run) is None


def _kinds(folder: Path) -> list[str]:
    """What has been written down in files there."""
    lines = [line for path in folder.glob("rollback-*.jsonl") for line in path.read_text().splitlines()]
    return [json.loads(line)["kind"] for line in lines]


def _facts(host: Host, run: str, kind: type) -> list:
    return _of(host.events(run), kind)


def _of(events, kind: type) -> list:  # type: ignore[no-untyped-def]
    return [event.fact for event in events if isinstance(event.fact, kind)]


# ---------------------------------------------------------------- the piece alone


class Deaf:
    """A board whose line is not there again yet, for the first so many tries."""

    def __init__(self, lost: int) -> None:
        self.lost = lost
        self.left: list[tuple[str, str, str]] = []

    def leave_beside(self, run: str, name: str, lines: str) -> None:
        """Takes it, in the end."""
        if self.lost:
            self.lost -= 1
            raise JournalError("the journal's database does not answer")
        self.left.append((run, name, lines))


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """What a guard recorded without a journal."""
    from tests.postgres.test_contract import NOW

    kept = Record(None, "r1", SteadyClock(NOW), None, Spill([tmp_path], "rollback-1.jsonl"))  # type: ignore[arg-type]
    return kept


@pytest.mark.parametrize("lost", [0, 3])
def test_the_line_may_come_back_a_moment_later(lost: int, tmp_path: Path, record: Record) -> None:
    """Each line of a guard to its database is made again for itself: it is waited for, then the file is done with."""
    record.write_at_any_cost((NoteAdded("in the dark"),))
    board = Deaf(lost)
    guards._hand_over(board, record)  # type: ignore[arg-type]
    ((run, name, lines),) = board.left
    assert (run, name) == ("r1", "rollback-1.jsonl")
    assert "in the dark" in lines
    assert [path.name for path in tmp_path.iterdir()] == ["rollback-1.jsonl.merged"]


def test_what_cannot_be_handed_over_stays(tmp_path: Path, record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its file, for the next guard here."""
    monkeypatch.setattr(guards, "HANDS_OVER_WITHIN", 0.2)
    record.write_at_any_cost((NoteAdded("in the dark"),))
    guards._hand_over(Deaf(10**6), record)  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["rollback-1.jsonl"]


def test_nothing_to_hand_over(record: Record) -> None:
    """A guard that could journal everything leaves nothing."""
    board = Deaf(0)
    guards._hand_over(board, record)  # type: ignore[arg-type]
    assert board.left == []
