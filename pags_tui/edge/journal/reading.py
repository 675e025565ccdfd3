"""Reads a journal or a recording. Never changes the file, and never makes one.

A reader may be made in one thread and used in another: every call takes the reader's lock.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeVar

from pags_tui.core.chain import Broken, HeadRow, event_of, first_broken, moment
from pags_tui.core.errors import JournalError, said
from pags_tui.core.events import Event
from pags_tui.core.ports import Lease, RunRow, TickRow
from pags_tui.edge.journal import schema
from pags_tui.edge.journal.faults import Damaged, shown, told
from pags_tui.edge.journal.rows import HEAD, LEASE, StoredRun

T = TypeVar("T")

BUSY = 2.0
"""Seconds to wait for another process's lock: its transactions take milliseconds, and a rollback must not wait long."""


class JournalReader:
    """The reading half of the `Journal` port, and `verify`. Close it after use, or use it in a `with`."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        """The real path of the file."""
        self._db = db
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def runs(self) -> Sequence[RunRow]:
        """All runs, newest first. Raises JournalError, as everything here does, when the file cannot be read."""
        return self._rows(
            _run, "SELECT id, runbook, kind, started, t0, ended, outcome FROM runs ORDER BY started DESC, rowid DESC"
        )

    def head(self, run: str) -> HeadRow:
        """The run's row. Raises JournalError when there is none."""
        rows = self._rows(HeadRow, HEAD, run)
        if not rows:
            raise JournalError(
                f"there is no run '{said(run)}' in {shown(self.path)}: `pags-tui runs` lists those that there are"
            )
        return rows[0]

    def sha256(self, run: str) -> str:
        """The runbook's hash that the run's chain starts from."""
        return self.head(run).sha256

    def events(self, run: str, since: int = 0) -> Sequence[Event]:
        """Events with a `seq` above `since`, in order."""
        return self._rows(
            event_of,
            "SELECT seq, at, by_user, by_name, kind, payload FROM events WHERE run = ? AND seq > ? ORDER BY seq",
            run,
            since,
        )

    def ticks(self, run: str, since: int = 0, limit: int | None = None) -> Sequence[TickRow]:
        """Stored ticks with a number above `since`, in order; with `limit` the last so many of them."""
        rows = self._rows(
            _tick,
            "SELECT tick, at, seq, payload FROM samples WHERE run = ? AND tick > ? ORDER BY tick DESC LIMIT ?",
            run,
            since,
            -1 if limit is None else limit,
        )
        return rows[::-1]

    def lease(self, run: str) -> Lease | None:
        """The newest lease of that run."""
        rows = self._rows(
            lease_of,
            LEASE,
            run,
        )
        return rows[0] if rows else None

    def verify(self, run: str) -> Broken | None:
        """The run's first row that is not as it was written, with a plain sentence; None when all are."""
        with self.whole(run) as found:
            return first_broken(found)

    @contextmanager
    def whole(self, run: str) -> Iterator[StoredRun]:
        """The run row by row, as it is at this moment."""
        with self.snapshot() as db:
            yield StoredRun(db, self.head(run))

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """One consistent view of the file, whatever is written meanwhile."""
        with self._lock, told(self.path):
            self._follow()
            self._db.execute("BEGIN")
            try:
                yield self._db
            finally:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock, told(self.path):
            self._db.close()

    def _rows(self, make: Callable[..., T], sql: str, *values: object) -> list[T]:
        with self._lock, told(self.path):
            self._follow()
            rows = self._db.execute(sql, values).fetchall()
        try:
            return [make(*row) for row in rows]
        except (TypeError, ValueError) as error:  # a blob for a text, a time that is none: not written by this program
            raise Damaged(self.path, str(error)) from error

    def _follow(self) -> None:
        """Here a subclass makes sure that it still sees what is written."""


class _ReadOnly(JournalReader):
    """Opened without locks as long as nobody writes the file, so that nothing is left beside it."""

    def __init__(self, path: Path) -> None:
        self._still = _still(path)
        super().__init__(path, _connect(path, self._still is not None))

    def _follow(self) -> None:
        """Without locks SQLite does not notice that the file is another by now."""
        if self._still is None or self._db.in_transaction or self._still == (found := _still(self.path)):
            return
        self._db.execute("SELECT 1")  # a closed reader stays closed
        self._db.close()
        self._still = found
        self._db = _connect(self.path, found is not None)


def open_readonly(path: Path | str) -> JournalReader:
    """A reader of a journal (living or not) or of a recording, wherever it lies and whoever owns it.

    A file of an older schema is migrated in memory. Raises JournalError, with the file's name, for what is no journal.
    """
    file = Path(os.path.realpath(path))
    with told(file):
        if not file.is_file():
            raise JournalError(f"there is no journal {shown(file)}: `pags-tui run` makes one, --db names another")
        return _ReadOnly(file)


def written_now(file: Path) -> bool:
    """Whether SQLite's side files lie beside it: somebody has it open for writing, or died with it open."""
    return any(os.path.exists(f"{file}{suffix}") for suffix in ("-wal", "-journal"))


def _still(file: Path) -> tuple[int, int, int] | None:
    """What tells the file from itself after a change; None while somebody may be writing it."""
    found = os.stat(file)
    return None if written_now(file) else (found.st_ino, found.st_size, found.st_mtime_ns)


def connect(file: Path, query: str, busy: float = BUSY) -> sqlite3.Connection:
    """A connection without Python's implicit transactions, usable from any thread (one at a time: see the lock)."""
    return sqlite3.connect(
        f"{file.as_uri()}?{query}", uri=True, timeout=busy, isolation_level=None, check_same_thread=False
    )


def _connect(file: Path, still: bool) -> sqlite3.Connection:
    db = connect(file, "mode=ro&immutable=1" if still else "mode=ro")
    try:
        version = schema.check(db, file)
        if version == len(schema.STEPS):
            return db
        newer = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        db.backup(newer)
        schema.migrate(newer, file)
    except BaseException:
        db.close()
        raise
    db.close()
    return newer


def _run(run: str, runbook: str, kind: Any, started: str, t0: str | None, ended: str | None, outcome: str) -> RunRow:
    return RunRow(run, runbook, kind, moment(started), _moment(t0), _moment(ended), outcome)


def _tick(tick: int, at: str, seq: int, payload: bytes) -> TickRow:
    # What are no bytes is damage of that one tick; whoever decodes it says so.
    return TickRow(tick, moment(at), seq, payload if isinstance(payload, bytes) else b"")


def lease_of(token: int, pid: int, host: str, boot: str, heartbeat: str, beat: float) -> Lease:
    """The lease that the columns hold."""
    return Lease(token, pid, host, boot, moment(heartbeat), beat)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment(text)
