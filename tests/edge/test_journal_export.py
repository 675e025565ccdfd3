"""Readers never change a file; a recording is one file, whole."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from pags_tui.core.errors import JournalError
from pags_tui.core.events import Actor, NoteAdded
from pags_tui.core.ports import RunRow, TickRow
from pags_tui.edge.journal import JournalReader, SqliteJournal, export_run, open_journal, open_readonly, schema
from pags_tui.edge.journal import export as exporting

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
BY = Actor("ann")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with open_journal(tmp_path / "own" / "j.db", busy=0.1) as journal:
        for run in ("r1", "r2"):
            journal.begin(RunRow(run, "cutover", "live", NOW, None, None), "00")
            journal.append(run, [NoteAdded("a"), NoteAdded("b")], NOW, BY, None)
            journal.add_tick(run, TickRow(1, NOW, 2, b"tick"))
            journal.append(run, [NoteAdded("c")], NOW, BY, None)
        journal.take_lease("r1", 1, "h", "b", NOW, 1.0)
        yield journal


def note(journal: SqliteJournal, text: str) -> None:
    lease = journal.lease("r1")
    journal.append("r1", [NoteAdded(text)], NOW, BY, lease.token if lease else None)


def everything(reader: JournalReader, run: str) -> tuple[object, ...]:
    return (reader.events(run), reader.ticks(run), reader.sha256(run), reader.verify(run))


def test_a_recording_holds_the_run_and_nothing_else(journal: SqliteJournal, tmp_path: Path) -> None:
    """Events, ticks, the runbook's hash and a chain that verifies, in one file without side files."""
    file = export_run(journal, "r1", tmp_path / "night.db")
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith((".", "night"))] == ["night.db"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT count(*) FROM leases").fetchone() == (0,)
    with open_readonly(file) as reader:
        assert [row.id for row in reader.runs()] == ["r1"]
        assert everything(reader, "r1") == everything(journal, "r1")
        assert reader.verify("r1") is None


def test_reading_a_recording_leaves_no_trace(journal: SqliteJournal, tmp_path: Path) -> None:
    """Not a byte, not a side file, not its times; also where nothing can be written."""
    folder = tmp_path / "archive"
    folder.mkdir()
    file = export_run(journal, "r1", folder / "night.db")
    file.chmod(0o400)
    folder.chmod(0o500)
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    with open_readonly(file) as reader:
        everything(reader, "r1")
        assert os.listdir(folder) == ["night.db"]
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    assert os.listdir(folder) == ["night.db"]
    folder.chmod(0o700)


def test_reading_a_journal_that_nobody_has_open_leaves_no_trace(journal: SqliteJournal) -> None:
    """A WAL database would leave its side files behind."""
    journal.close()
    before = journal.path.read_bytes()
    with open_readonly(journal.path) as reader:
        assert len(reader.events("r1")) == 3
        assert os.listdir(journal.path.parent) == ["j.db"]
    assert journal.path.read_bytes() == before


def test_a_reader_sees_what_a_living_guard_writes(journal: SqliteJournal) -> None:
    """Also when the guard came after the reader, and after it has gone again."""
    journal.close()
    with open_readonly(journal.path) as reader:
        assert len(reader.events("r1")) == 3
        with open_journal(journal.path) as guard:
            note(guard, "d")
            assert reader.events("r1", since=3) == guard.events("r1", since=3)
            note(guard, "e")
            assert len(reader.events("r1", since=3)) == 2
        assert len(reader.events("r1", since=3)) == 2
        with open_journal(journal.path) as guard:
            note(guard, "f")
        assert len(reader.events("r1", since=3)) == 3


def test_a_reader_notices_a_guard_that_came_and_went(journal: SqliteJournal) -> None:
    """Between two looks: without locks SQLite would go on from the pages that it remembers."""
    journal.close()
    with open_readonly(journal.path) as reader:
        assert len(reader.events("r1")) == 3
        for number in range(4, 8):
            with open_journal(journal.path) as guard:
                note(guard, "d" * 5000)
            assert len(reader.events("r1")) == number
            assert reader.verify("r1") is None


def test_a_reader_in_between_does_not_keep_the_journal_in_two_files(journal: SqliteJournal) -> None:
    """A guard that stops while somebody reads leaves a main file that is whole."""
    with open_readonly(journal.path) as reader:
        assert len(reader.events("r1")) == 3
        note(journal, "d")
        journal.close()
        assert Path(f"{journal.path}-wal").stat().st_size == 0
        assert len(reader.events("r1")) == 4


def test_a_closed_reader_stays_closed(journal: SqliteJournal) -> None:
    """Also when the file has changed since."""
    journal.close()
    reader = open_readonly(journal.path)
    reader.close()
    with open_journal(journal.path) as guard:
        note(guard, "d")
        with pytest.raises(JournalError, match="closed"):
            reader.events("r1")


def test_a_reader_cannot_write(journal: SqliteJournal) -> None:
    """By SQLite's own word."""
    with (
        open_readonly(journal.path) as reader,
        reader.snapshot() as db,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        db.execute("DELETE FROM runs")


def test_an_export_of_a_living_run_is_one_moment(journal: SqliteJournal, tmp_path: Path) -> None:
    """While another thread writes events and ticks, each recording verifies and is a prefix of the run."""
    journal.take_lease("r1", 1, "h", "b", NOW, 1.0)
    going = True

    def write() -> None:
        tick = 1
        while going:
            tick += 1
            journal.add_tick("r1", TickRow(tick, NOW + timedelta(seconds=tick), 1, b"x" * 500))
            note(journal, "more")

    thread = Thread(target=write)
    thread.start()
    try:
        files = [export_run(journal, "r1", tmp_path / f"{number}.db") for number in range(5)]
    finally:
        going = False
        thread.join()
    whole = journal.events("r1")
    for file in files:
        with open_readonly(file) as reader:
            found = reader.events("r1")
            assert reader.verify("r1") is None
            assert whole[: len(found)] == found


def test_nothing_is_overwritten_unless_told(journal: SqliteJournal, tmp_path: Path) -> None:
    """And never a journal in use."""
    file = export_run(journal, "r1", tmp_path / "night.db")
    before = file.read_bytes()
    with pytest.raises(JournalError, match=f"{file} exists already: name another file, or replace it \\(--force\\)"):
        export_run(journal, "r2", file)
    assert file.read_bytes() == before
    export_run(journal, "r2", file, overwrite=True)
    with open_readonly(file) as reader:
        assert [row.id for row in reader.runs()] == ["r2"]
    with pytest.raises(JournalError, match="journal in use"):
        export_run(journal, "r1", journal.path, overwrite=True)


@pytest.mark.parametrize("links", [True, False])
def test_a_file_made_meanwhile_is_not_overwritten(
    journal: SqliteJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """Neither where the file system has hard links nor where it has none."""
    target = tmp_path / "night.db"
    copy = exporting._copy

    def slow(*arguments: object) -> None:
        copy(*arguments)  # type: ignore[arg-type]
        target.write_text("mine")

    def none(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(exporting, "_copy", slow)
    if not links:
        monkeypatch.setattr(os, "link", none)
    with pytest.raises(JournalError, match="exists already"):
        export_run(journal, "r1", target)
    assert target.read_text() == "mine"
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_a_file_system_without_links_gets_its_recording(
    journal: SqliteJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Renamed instead."""

    def none(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", none)
    with open_readonly(export_run(journal, "r1", tmp_path / "night.db")) as reader:
        assert reader.verify("r1") is None


def test_an_export_that_fails_leaves_nothing(journal: SqliteJournal, tmp_path: Path) -> None:
    """No such run, no such folder."""
    with pytest.raises(JournalError, match="no run 'r9'"):
        export_run(journal, "r9", tmp_path / "night.db")
    with pytest.raises(JournalError, match="there is no folder"):
        export_run(journal, "r1", tmp_path / "none" / "night.db")
    assert [one.name for one in tmp_path.iterdir()] == ["own"]


def test_a_recording_can_be_exported_again(journal: SqliteJournal, tmp_path: Path) -> None:
    """A recording is a journal like any other to a reader; an older one is written in the present schema."""
    with open_readonly(export_run(journal, "r1", tmp_path / "one.db")) as first:
        second = export_run(first, "r1", tmp_path / "two.db")
        with open_readonly(second) as reader:
            assert everything(reader, "r1") == everything(first, "r1")
            assert reader._db.execute("PRAGMA user_version").fetchone() == (len(schema.STEPS),)
