"""Writing: durable, gapless, append-only, one owner at a time."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from pags_tui.core.errors import JournalError, Refused
from pags_tui.core.events import Actor, GuardStarted, NoteAdded, RunEnded, RunStarted, TZeroSet
from pags_tui.core.ports import Journal, Lease, RunRow, TickRow
from pags_tui.edge.journal import SqliteJournal, open_journal, open_readonly
from pags_tui.edge.journal.writing import SYNC_TICKS

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
BY = Actor("ann", "Ann B.")
SECOND = timedelta(seconds=1)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with open_journal(tmp_path / "own" / "j.db", busy=0.1) as journal:
        journal.begin(RunRow("r1", "cutover", "live", NOW, None, None), "00")
        yield journal


def note(journal: Journal, text: str = "x", token: int | None = None) -> None:
    journal.append("r1", [NoteAdded(text)], NOW, BY, token)


def test_seq_counts_from_one_without_gaps(journal: SqliteJournal) -> None:
    """Also over several facts at once, and after a transaction that failed."""
    journal.append("r1", [NoteAdded("a"), NoteAdded("b")], NOW, BY, None)
    with pytest.raises(JournalError):
        journal.append("r1", [NoteAdded("lost"), NoteAdded("\udc80")], NOW, BY, None)
    assert [event.seq for event in journal.append("r1", [NoteAdded("c")], NOW, BY, None)] == [3]
    assert [event.fact for event in journal.events("r1", since=1)] == [NoteAdded("b"), NoteAdded("c")]


def test_no_facts_write_nothing(journal: SqliteJournal) -> None:
    """An empty append is no transaction."""
    assert journal.append("r1", [], NOW, BY, None) == ()
    assert journal.events("r1") == []


def test_time_never_goes_back_within_a_run(journal: SqliteJournal) -> None:
    """A clock that was stepped back between two guards does not show in the record."""
    note(journal)
    [event] = journal.append("r1", [NoteAdded("b")], NOW - timedelta(hours=1), BY, None)
    assert event.at == NOW
    assert journal.events("r1")[1] == event


def test_a_time_of_another_zone_is_kept_as_utc(journal: SqliteJournal) -> None:
    """RFC 3339 in UTC with microseconds, as text; a time without a zone is a mistake of the caller."""
    journal.append("r1", [NoteAdded("a")], datetime.fromisoformat("2026-11-24T23:30:00+01:00"), BY, None)
    db = sqlite3.connect(journal.path)
    assert db.execute("SELECT at FROM events").fetchall() == [("2026-11-24T22:30:00.000000Z",)]
    db.close()
    with pytest.raises(ValueError, match="time zone"):
        journal.append("r1", [NoteAdded("a")], datetime(2026, 11, 24), BY, None)


def test_the_list_of_runs_follows_the_events(journal: SqliteJournal) -> None:
    """Start, T+0, end and outcome of the newest first."""
    later = NOW + timedelta(days=1)
    journal.begin(RunRow("r2", "cutover", "rehearsal", later, None, None), "00")
    journal.append("r2", [RunStarted("r2", "rehearsal", "", "00", "f", "t", "a", "a", "1")], later, BY, None)
    journal.append("r2", [TZeroSet(later + SECOND), RunEnded("done")], later + 2 * SECOND, BY, None)
    first = RunRow("r1", "cutover", "live", NOW, None, None)
    second = RunRow("r2", "cutover", "rehearsal", later, later + SECOND, later + 2 * SECOND, "done")
    assert journal.runs() == [second, first]


def test_a_run_begins_once(journal: SqliteJournal) -> None:
    """A second run of the same id, and a run that never began, are told apart from any other failure."""
    with pytest.raises(JournalError, match="already a run 'r1'"):
        journal.begin(RunRow("r1", "cutover", "live", NOW, None, None), "00")
    with pytest.raises(JournalError, match="no run 'r9'"):
        journal.append("r9", [NoteAdded("x")], NOW, BY, None)
    with pytest.raises(JournalError, match="no run 'r9'"):
        journal.take_lease("r9", 1, "h", "b", NOW, 1.0)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE events SET payload = '{}'",
        "DELETE FROM events",
        "DELETE FROM events WHERE seq = 2",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE seq = 1",
        "INSERT INTO events SELECT run, 9, at, by_user, by_name, kind, payload, tick, ticks_digest, hash FROM events",
        "UPDATE samples SET payload = x''",
        "DELETE FROM samples",
        "INSERT OR REPLACE INTO samples SELECT * FROM samples",
    ],
)
def test_the_file_itself_refuses_to_be_altered(journal: SqliteJournal, sql: str) -> None:
    """Append-only holds for every program, not only for this one."""
    note(journal)
    note(journal)
    journal.add_tick("r1", TickRow(1, NOW, 2, b"t"))
    db = sqlite3.connect(journal.path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(sql)
    db.close()


def test_an_event_is_synced_and_a_tick_now_and_then(journal: SqliteJournal) -> None:
    """Events always; ticks when the last sync is SYNC_TICKS ago, by their own time."""
    told: list[str] = []
    journal._db.set_trace_callback(told.append)

    def pragmas() -> list[str]:
        found = [line for line in told if "synchronous" in line]
        told.clear()
        return found

    note(journal)
    journal.add_tick("r1", TickRow(1, NOW + SECOND, 1, b""))
    assert pragmas() == ["PRAGMA synchronous = NORMAL"]
    journal.add_tick("r1", TickRow(2, NOW + SYNC_TICKS, 1, b""))
    assert pragmas() == ["PRAGMA synchronous = FULL"]
    journal.add_tick("r1", TickRow(3, NOW + SYNC_TICKS + SECOND, 1, b""))
    note(journal)
    assert pragmas() == ["PRAGMA synchronous = NORMAL", "PRAGMA synchronous = FULL"]
    assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_ticks_come_back_in_order_and_bounded(journal: SqliteJournal) -> None:
    """`since` cuts the old ones, `limit` keeps the last so many."""
    rows = [TickRow(number, NOW + number * SECOND, 0, bytes([number])) for number in (1, 2, 3, 5)]
    for row in rows:
        journal.add_tick("r1", row)
    assert journal.ticks("r1") == rows
    assert journal.ticks("r1", since=2) == rows[2:]
    assert journal.ticks("r1", limit=2) == rows[2:]
    assert journal.ticks("r1", since=4, limit=2) == rows[3:]
    assert journal.ticks("r1", limit=0) == []
    with pytest.raises(JournalError, match="go on from the last tick"):
        journal.add_tick("r1", TickRow(4, NOW, 0, b""))


def test_a_new_owner_fences_off_the_old_one(journal: SqliteJournal) -> None:
    """With a lease in the file only its token writes: events, beats, and ticks of whoever held one."""
    first = journal.take_lease("r1", 10, "host", "boot-a", NOW, 1.0)
    note(journal, token=first.token)
    journal.add_tick("r1", TickRow(1, NOW, 1, b""))
    with open_journal(journal.path) as other:
        second = other.take_lease("r1", 11, "host", "boot-a", NOW, 2.0)
        assert (first.token, second.token) == (1, 2)
        for token in (first.token, None, 3):
            with pytest.raises(Refused, match="another guard"):
                note(journal, token=token)
        with pytest.raises(Refused, match="another guard"):
            journal.beat("r1", first.token, NOW, 3.0)
        with pytest.raises(Refused, match="another guard"):
            journal.add_tick("r1", TickRow(2, NOW, 1, b""))
        note(other, token=second.token)
        other.add_tick("r1", TickRow(2, NOW, 2, b""))
    assert [event.seq for event in journal.events("r1")] == [1, 2]
    assert journal.verify("r1") is None


def test_a_beat_moves_the_newest_lease(journal: SqliteJournal) -> None:
    """The lease is read back as it was taken, then with its later heartbeat."""
    assert journal.lease("r1") is None
    taken = journal.take_lease("r1", 10, "host", "boot-a", NOW, 1.5)
    assert journal.lease("r1") == taken == Lease(1, 10, "host", "boot-a", NOW, 1.5)
    journal.beat("r1", 1, NOW + SECOND, 2.5)
    assert journal.lease("r1") == Lease(1, 10, "host", "boot-a", NOW + SECOND, 2.5)


def test_it_may_be_opened_in_one_thread_and_used_in_another(journal: SqliteJournal) -> None:
    """The guard opens it, its loop thread writes it; two threads at once do not mix their transactions."""
    threads = [Thread(target=lambda: [note(journal) for _ in range(20)]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.seq for event in journal.events("r1")] == list(range(1, 61))
    assert journal.verify("r1") is None


WRITER = """
import sys
from datetime import UTC, datetime
from pags_tui.core.errors import Refused
from pags_tui.core.events import Actor, NoteAdded
from pags_tui.core.ports import RunRow, TickRow
from pags_tui.edge.journal import open_journal

path, name, start = sys.argv[1:]
now = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
journal = open_journal(path, busy=10.0)
print("ready", flush=True)
sys.stdin.readline()
token = None if start == "free" else journal.take_lease("r1", 1, name, "boot", now, 1.0).token
written = 0
try:
    for number in range(40):
        journal.append("r1", [NoteAdded(f"{name} {number} {half}") for half in "ab"], now, Actor(name), token)
        written += 1
except Refused:
    print("refused", end=" ")
print(written)
"""


def race(path: Path, start: str) -> list[str]:
    """What two processes say that write the same run at once."""
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name, start],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for name in ("one", "two")
    ]
    for run in runs:
        assert run.stdout
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        assert run.stdin
        run.stdin.write("go\n")
        run.stdin.flush()
    return [run.communicate(timeout=60)[0].strip() for run in runs]


def test_two_processes_without_a_lease_never_interleave(journal: SqliteJournal) -> None:
    """Every transaction of two facts stays together, seq has no gap, and the chain holds."""
    assert race(journal.path, "free") == ["40", "40"]
    notes = [event.fact.text for event in journal.events("r1")]  # type: ignore[union-attr]
    assert len(notes) == 160
    assert all(first[:-1] == second[:-1] for first, second in zip(notes[::2], notes[1::2], strict=True))
    assert journal.verify("r1") is None


def test_of_two_owners_exactly_one_wins(journal: SqliteJournal) -> None:
    """The later lease writes everything; the earlier is refused, and nothing of it comes after the winner's first."""
    said = race(journal.path, "lease")
    assert "40" in said
    winner = said.index("40") if said.count("40") == 1 else None
    authors = [event.by.user for event in journal.events("r1")]
    if winner is not None:
        assert said[1 - winner].startswith("refused")
    assert authors in (
        sorted(authors, key=("one", "two").index),
        sorted(authors, key=("two", "one").index),
    ), "one owner after the other"
    assert journal.verify("r1") is None


def test_a_killed_guard_loses_no_event_and_no_tick(tmp_path: Path) -> None:
    """SIGKILL right after append and add_tick: the next process finds both, and the chain goes on over them."""
    code = WRITER.split("journal = open_journal")[0] + (
        "import os\n"
        "journal = open_journal(path)\n"
        "journal.begin(RunRow('r1', 'b', 'live', now, None, None), '00')\n"
        "journal.append('r1', [NoteAdded('a')], now, Actor('x'), None)\n"
        "for tick in (1, 2, 3): journal.add_tick('r1', TickRow(tick, now, 1, b'payload'))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    path = tmp_path / "own" / "j.db"
    done = subprocess.run([sys.executable, "-c", code, str(path), "-", "-"], cwd=Path(__file__).parents[2])
    assert done.returncode == -9
    with open_readonly(path) as reader:
        assert (len(reader.events("r1")), len(reader.ticks("r1"))) == (1, 3)
    with open_journal(path) as journal:
        journal.append("r1", [GuardStarted(1, "h", 1)], NOW, BY, None)
        assert journal.verify("r1") is None


def test_ticks_lost_after_the_last_event_leave_the_chain_whole(journal: SqliteJournal) -> None:
    """A power cut may cost ticks that no event covers yet; the next event covers exactly what is left."""
    note(journal)
    for tick in (1, 2, 3):
        journal.add_tick("r1", TickRow(tick, NOW, 1, b"t"))
    db = sqlite3.connect(journal.path)
    db.execute("DROP TRIGGER samples_keep")
    db.execute("DELETE FROM samples WHERE tick > 1")
    db.commit()
    db.close()
    note(journal)
    journal.add_tick("r1", TickRow(2, NOW, 2, b"again"))
    note(journal)
    assert journal.verify("r1") is None
