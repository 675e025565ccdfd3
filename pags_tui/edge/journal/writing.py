"""Writes the journal: events durably, ticks cheaply, leases with a fencing token. Never alters what it has written.

It is made in one thread and may be used in another (the driver's loop thread); a lock keeps two threads' transactions
apart, SQLite those of two processes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from pags_tui.core.chain import Last, Stored, encoded, fenced, links, noted, read_again, sample_of, stamp
from pags_tui.core.errors import JournalError, said
from pags_tui.core.events import Actor, Event, Fact
from pags_tui.core.ports import Lease, RunRow, TickRow
from pags_tui.core.series import Seconds
from pags_tui.edge.journal import place, schema
from pags_tui.edge.journal.faults import shown, told
from pags_tui.edge.journal.reading import BUSY, JournalReader, connect
from pags_tui.edge.journal.rows import copy_run

SYNC_TICKS = timedelta(seconds=10)
"""A tick is synced when the last sync is this long ago: what a power cut may cost. A killed process loses none."""

WAL_LIMIT = 16 * 1024 * 1024
"""Bytes that the WAL file is cut back to after a checkpoint."""


class SqliteJournal(JournalReader):
    """The `Journal` port in one SQLite file, for the one process that owns the run."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        super().__init__(path, db)
        self._file = _identity(path)
        self._tokens: dict[str, int] = {}
        self._full = True
        self._synced: datetime | None = None

    def begin(self, row: RunRow, sha256: str) -> None:
        """Makes room for a new run. Raises JournalError when there is one of that id."""
        values = (row.id, row.runbook, row.kind, stamp(row.started), *map(_stamped, (row.t0, row.ended)), row.outcome)
        with self._writing() as db:
            if db.execute("SELECT 1 FROM runs WHERE id = ?", (row.id,)).fetchone():
                raise JournalError(f"there is already a run '{said(row.id)}' in {shown(self.path)}: take another id")
            db.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*values, sha256))

    def adopt(self, found: Stored) -> None:
        """Takes in a run of another journal, row by row as it was written. Raises JournalError when it is there."""
        with self._writing() as db:
            if db.execute("SELECT 1 FROM runs WHERE id = ?", (found.head.id,)).fetchone():
                raise JournalError(f"there is already a run '{said(found.head.id)}' in {shown(self.path)}")
            copy_run(found, db)

    def hush(self) -> None:
        """Nobody is told anything here."""

    def claim(self, name: str, run: str | None) -> str:
        """Nobody: no other machine can write this file."""
        return ""

    def append(self, run: str, facts: Iterable[Fact], at: datetime, by: Actor, token: int | None) -> Sequence[Event]:
        """Writes the facts durably, in one transaction; gives back what a reader will read.

        `at` is raised to the last event's time if it lies before it. `token` may be None only while the run has no
        lease. Raises Refused when `token` is not the run's newest, JournalError when nothing could be written.
        """
        facts = tuple(facts)
        written = encoded(facts)
        if not written:
            return ()
        with self._writing() as db:
            self._check_token(run, token)
            last = self._last(run)
            text = max(stamp(at), last.at)
            for row, found in links(last, written, text, by, self._ticks_since(run, last.tick)):
                db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (run, *row, found))
            for column, value in noted(facts, text):
                db.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", (value, run))  # noqa: S608  # one of five words
        self._hold(run, token)
        self._synced = at
        return read_again(last, facts, text, by)

    def add_tick(self, run: str, row: TickRow) -> None:
        """Stores one tick; its digest goes into the next event.

        Raises Refused when this journal held the run's lease and somebody else took it, JournalError for a number that
        is not above the last one.
        """
        late = self._synced is None or abs(row.at - self._synced) >= SYNC_TICKS
        with self._writing(full=late) as db:
            if run in self._tokens:
                self._check_token(run, self._tokens[run])
            _, before = self._ticks_since(run, self._last(run).tick)
            db.execute(
                "INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?)",
                (run, *sample_of(before, row.tick, row.at, row.seq, row.payload)),
            )
        if late:
            self._synced = row.at

    def take_lease(self, run: str, pid: int, host: str, boot: str, now: datetime, beat: Seconds) -> Lease:
        """Raises the fencing token; every earlier owner is fenced off."""
        with self._writing() as db:
            self._last(run)
            token = (self._newest(run) or 0) + 1
            db.execute(
                "INSERT INTO leases VALUES (?, ?, ?, ?, ?, ?, ?)", (run, token, pid, host, boot, stamp(now), beat)
            )
        self._hold(run, token)
        return Lease(token, pid, host, boot, now, beat)

    def beat(self, run: str, token: int, now: datetime, beat: Seconds) -> None:
        """Tells that the owner lives (not synced). Raises Refused when the token is no longer the newest."""
        with self._writing(full=False) as db:
            self._check_token(run, token)
            db.execute(
                "UPDATE leases SET heartbeat = ?, beat = ? WHERE run = ? AND token = ?", (stamp(now), beat, run, token)
            )
        self._hold(run, token)

    def close(self) -> None:
        """Lets go of the file, complete in itself where no reader is in the way."""
        with self._lock, suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        super().close()

    def _hold(self, run: str, token: int | None) -> None:
        if token is not None:
            self._tokens[run] = token

    def _newest(self, run: str) -> int | None:
        found = self._db.execute("SELECT max(token) FROM leases WHERE run = ?", (run,)).fetchone()[0]
        return None if found is None else int(found)

    def _check_token(self, run: str, token: int | None) -> None:
        newest = self._newest(run)
        if token != newest:
            raise fenced(run, newest, token)

    def _last(self, run: str) -> Last:
        """The run's last event; before the first one, the runbook's hash."""
        found = self._db.execute(
            "SELECT seq, at, tick, hash FROM events WHERE run = ? ORDER BY seq DESC LIMIT 1", (run,)
        ).fetchone()
        return Last(*found) if found else Last(0, "", 0, self.sha256(run))

    def _ticks_since(self, run: str, tick: int) -> tuple[int, str]:
        """The last stored tick, and the digest of those above `tick` (each row carries it up to itself)."""
        found = self._db.execute(
            "SELECT tick, digest FROM samples WHERE run = ? AND tick > ? ORDER BY tick DESC LIMIT 1", (run, tick)
        ).fetchone()
        return (int(found[0]), str(found[1])) if found else (tick, "")

    @contextmanager
    def _writing(self, full: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction, alone in the file. A full one syncs all that was written before it as well."""
        with self._lock, told(self.path):
            self._check_there()
            if full != self._full:
                self._db.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
                self._full = full
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

    def _check_there(self) -> None:
        """SQLite would go on writing to a file that was deleted, and nobody could read it."""
        if _identity(self.path) != self._file:
            raise JournalError(
                f"the journal {shown(self.path)} was moved or deleted while it was in use: put it back "
                "(with its -wal file), or end this process and start again"
            )


def open_journal(
    path: Path | str, *, create: bool = True, allow_network: bool = False, busy: Seconds = BUSY
) -> SqliteJournal:
    """The journal at that path, for writing; made (0600, in a folder made 0700) when missing and `create`.

    `busy`: how long each call may wait for another process. Raises JournalError for a place, an owner or a file that
    will not do; an existing file is then as it was.
    """
    with told(Path(path)):
        file = place.prepare(Path(path), create, allow_network)
        with place.opening(file.parent, busy):
            db = connect(file, "mode=rw", busy)
            try:
                _set_up(db, file)
            except BaseException:
                db.close()
                raise
    return SqliteJournal(file, db)


def _set_up(db: sqlite3.Connection, file: Path) -> None:
    schema.check(db, file)  # before anything is written
    if place.network_of(file):
        db.execute("PRAGMA locking_mode = EXCLUSIVE")  # WAL without shared memory, which a network does not share
    mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise JournalError(f"the journal {shown(file)} cannot be used here (no WAL): choose a local file with --db")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
    schema.migrate(db, file)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _stamped(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)
