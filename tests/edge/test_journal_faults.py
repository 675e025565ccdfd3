"""What the operator reads when the journal is in the way."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pags_tui.core.errors import JournalError
from pags_tui.core.events import Actor, NoteAdded
from pags_tui.core.ports import RunRow
from pags_tui.edge.journal import SqliteJournal, open_journal
from pags_tui.edge.journal.faults import SENTENCES, plain

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with open_journal(tmp_path / "own" / "j.db", busy=0.05) as journal:
        journal.begin(RunRow("r1", "cutover", "live", NOW, None, None), "00")
        yield journal


def note(journal: SqliteJournal, text: str = "x") -> None:
    journal.append("r1", [NoteAdded(text)], NOW, Actor("ann"), None)


def test_a_locked_journal(journal: SqliteJournal) -> None:
    """Says who can be asked; once it is free, writing goes on without a gap."""
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match=r"locked by another process: `fuser -v .*j.db` names it"):
            note(journal)
    note(journal)
    assert [event.seq for event in journal.events("r1")] == [1]


def test_a_full_disk(journal: SqliteJournal) -> None:
    """Nothing of the transaction stays; with room again, writing goes on without a gap."""
    [pages] = journal._db.execute("PRAGMA page_count").fetchone()
    journal._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalError, match="the disk is full: free some space"):
        note(journal, "x" * 100_000)
    journal._db.execute("PRAGMA max_page_count = 1000000")
    note(journal)
    assert [event.seq for event in journal.events("r1")] == [1]
    assert journal.verify("r1") is None


def test_a_journal_that_cannot_be_written(journal: SqliteJournal) -> None:
    """As on a file system that was remounted read-only."""
    journal._db.execute("PRAGMA query_only = 1")
    with pytest.raises(JournalError, match="cannot be written"):
        note(journal)


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_journal_that_was_taken_away(journal: SqliteJournal, how: str) -> None:
    """SQLite would write on into the void."""
    note(journal)
    os.rename(journal.path, f"{journal.path}.old")
    if how == "replaced":
        journal.path.touch()
    with pytest.raises(JournalError, match="moved or deleted while it was in use"):
        note(journal)
    os.rename(f"{journal.path}.old", journal.path)
    note(journal)
    assert len(journal.events("r1")) == 2


def test_a_closed_journal(journal: SqliteJournal) -> None:
    """A sentence, no traceback of the library's; closing twice is nothing."""
    journal.close()
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        note(journal)
    with pytest.raises(JournalError, match="closed"):
        journal.events("r1")


def test_a_fact_of_a_newer_version(journal: SqliteJournal) -> None:
    """Cannot be read, and says which one it is; the chain verifies all the same."""
    note(journal)
    with closing(sqlite3.connect(journal.path)) as db:
        db.execute(
            "INSERT INTO events SELECT run, 2, at, by_user, by_name, 'moon-rose', payload, tick, '', '' FROM events"
        )
        db.commit()
    with pytest.raises(JournalError, match="'moon-rose'"):
        journal.events("r1")
    assert len(journal.events("r1", since=2)) == 0


@pytest.mark.parametrize("code", [*SENTENCES, 1, 267, 778, 2826])
def test_each_error_of_sqlite_is_one_sentence(code: int) -> None:
    """One line, with the file's name and a next move; extended codes belong to their primary one."""
    error = sqlite3.OperationalError("what SQLite\nsaid")
    error.sqlite_errorcode = code
    text = str(plain(error, Path("/x/j.db")))
    assert "/x/j.db" in text
    assert "\n" not in text
    assert ":" in text
