"""One run of a file, row by row, for whoever checks its chain or carries it elsewhere. Reads only."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from pags_tui.core.chain import FIRST, LAST, EventRow, HeadRow, SampleRow, Stored

HEAD = "SELECT id, runbook, kind, started, t0, ended, outcome, sha256 FROM runs WHERE id = ?"
LEASE = "SELECT token, pid, host, boot, heartbeat, beat FROM leases WHERE run = ? ORDER BY token DESC LIMIT 1"
EVENTS = (
    "SELECT seq, at, by_user, by_name, kind, payload, tick, ticks_digest, hash FROM events WHERE run = ? ORDER BY seq"
)
SAMPLES = "SELECT tick, at, seq, payload, digest FROM samples WHERE run = ? AND tick > ? AND tick <= ? ORDER BY tick"


class StoredRun:
    """A run as the file holds it, in the transaction that the connection is in."""

    def __init__(self, db: sqlite3.Connection, head: HeadRow) -> None:
        self.head = head
        self._db, self._run = db, head.id

    def events(self) -> Iterator[tuple[EventRow, str]]:
        """Every event and its hash, in order."""
        for *columns, found in _rows(self._db.execute(EVENTS, (self._run,))):
            yield EventRow(*columns), found

    def samples(self, above: int, upto: int) -> Iterator[SampleRow]:
        """The ticks with a number above the one and up to the other, in order."""
        for columns in _rows(self._db.execute(SAMPLES, (self._run, above, upto))):
            yield SampleRow(*columns)


def copy_run(found: Stored, db: sqlite3.Connection) -> None:
    """Writes the run into a file's tables, in the transaction that the connection is in."""
    run = found.head.id
    db.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)", found.head)
    events = ((run, *row, hash_) for row, hash_ in found.events())
    db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", events)
    samples = ((run, *row) for row in found.samples(FIRST, LAST))
    db.executemany("INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?)", samples)


def _rows(found: sqlite3.Cursor) -> Iterator[Any]:
    """The rows; a text that is none is a ValueError. SQLite's own errors, which have a code, stay what they are."""
    try:
        yield from found
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", None):
            raise
        raise ValueError(str(error)) from error
