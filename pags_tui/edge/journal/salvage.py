"""A damaged journal, opened up to the damage: what can be read goes into a new file, the old one is kept aside.

Nothing of the damaged file is changed or overwritten, and nothing is guessed: an event is taken over only while the
chain of hashes holds from the run's beginning on. Ticks are taken over as far as they can be read.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pags_tui.core.chain import HeadRow, Stored, event_hash, event_of
from pags_tui.core.errors import JournalError, said
from pags_tui.edge.journal import place, schema
from pags_tui.edge.journal.faults import Damaged, shown, told
from pags_tui.edge.journal.reading import connect, open_readonly, written_now
from pags_tui.edge.journal.remains import UpTo
from pags_tui.edge.journal.rows import StoredRun, copy_run

SIDES = ("", "-wal", "-shm")
"""A journal's file, and what SQLite keeps beside it."""
SHARED_FIRST, SHARED_SIZE = 0x40000002, 510
"""The bytes that every open connection of SQLite keeps locked (its os_unix.c: SHARED_FIRST, SHARED_SIZE)."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What became of a damaged journal."""

    aside: Path
    """Where the damaged file is kept."""
    events: dict[str, int]
    """Runs that could be read, with how many of their events."""


def damage(path: Path | str, *, closed: bool = False) -> str | None:
    """What is damaged in a journal, of runs that are open or, with `closed`, of all; None for nothing. Reads only.

    Raises JournalError when it cannot be opened for another reason: it is another program's, or a newer one's.
    """
    file = Path(os.path.realpath(path))
    try:
        with open_readonly(file) as journal, journal.snapshot() as db:
            found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
            if found != "ok":
                return said(found)
            heads = [head for head in _listed(db) if closed or head.ended is None]
            return next((why for head in heads if (why := _unreadable(StoredRun(db, head)))), None)
    except Damaged as error:
        return error.why


def _unreadable(run: StoredRun) -> str | None:
    """The first event that nobody can read and that was not written so: one of a newer program fits its hash."""
    before = run.head.sha256
    try:
        for row, stored in run.events():
            if event_hash(before, row) != stored:
                event_of(*row[:6])
            before = stored
    except (ValueError, TypeError, JournalError) as error:
        return said(str(error))
    return None


def salvage(path: Path | str, now: datetime) -> Salvaged:
    """Keeps the damaged journal aside, and makes a new one in its place of all that can be read.

    Raises JournalError, with everything as it was, while another process has it open and when nothing can be read.
    """
    file = Path(os.path.realpath(path))
    with told(file), place.opening(file.parent, 1.0):
        _check_unused(file)
        made = file.with_name(f".{file.name}.{os.getpid()}.part")
        try:
            events = _copy_readable(file, place.prepare(made, create=True, allow_network=False))
            aside = _put_aside(file, now)
            os.replace(made, file)
        finally:
            made.unlink(missing_ok=True)
        place.sync_folder(file.parent)
    return Salvaged(aside, events)


def _check_unused(file: Path) -> None:
    """Nobody else has it open: they would go on writing to the file that is put aside."""
    with open(file, "rb+") as handle:
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, SHARED_SIZE, SHARED_FIRST)
        except OSError:
            raise JournalError(
                f"{shown(file)} is damaged, and another process has it open: `fuser -v {shown(file)}` names it; "
                "end it (pags-tui guard --stop), then try again"
            ) from None


def _copy_readable(file: Path, made: Path) -> dict[str, int]:
    events: dict[str, int] = {}
    nothing = JournalError(f"nothing of {shown(file)} can be read: keep a copy of it, and choose another with --db")
    try:
        with open_readonly(file):
            pass
    except Damaged:
        raise nothing from None
    with closing(connect(made, "mode=rw")) as db, open_readonly(file) as old:
        schema.migrate(db, made)
        with old.snapshot() as rows:
            for run in _listed(rows):
                db.execute("BEGIN")
                kept = UpTo(StoredRun(rows, run), run)
                _copy_run(kept, rows, db)
                db.execute("COMMIT")
                if kept.count:
                    events[run.id] = kept.count
    if not events:
        raise nothing
    return events


def _listed(rows: sqlite3.Connection) -> Iterator[HeadRow]:
    """Every run that the file still lists, oldest first."""
    with suppress(sqlite3.Error):
        found = rows.execute("SELECT id, runbook, kind, started, t0, ended, outcome, sha256 FROM runs ORDER BY rowid")
        for columns in found:
            yield HeadRow(*columns)


def _copy_run(kept: Stored, rows: sqlite3.Connection, db: sqlite3.Connection) -> None:
    """The run with its leases: the next guard's fencing token must be higher than that of any guard before it."""
    copy_run(kept, db)
    with suppress(sqlite3.Error):
        leases = rows.execute("SELECT * FROM leases WHERE run = ? ORDER BY token", (kept.head.id,)).fetchall()
        db.executemany("INSERT INTO leases VALUES (?, ?, ?, ?, ?, ?, ?)", leases)


def _put_aside(file: Path, now: datetime) -> Path:
    """Renames the file and what lies beside it; never over another one."""
    stem = f"{file.name}.damaged-{now:%Y%m%dT%H%M%S}"
    names = (file.with_name(stem if n == 1 else f"{stem}-{n}") for n in range(1, 1000))
    aside = next(name for name in names if not name.exists() and not written_now(name))
    for side in SIDES:
        with suppress(FileNotFoundError):
            os.rename(f"{file}{side}", f"{aside}{side}")
    return aside
