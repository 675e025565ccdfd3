"""Where a journal is, and opening it: a file of this machine, or a database that several machines share.

psycopg is imported only when that is a database.
"""

from __future__ import annotations

import contextlib
import importlib.util
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pags_tui.core.errors import JournalError
from pags_tui.core.events import GUARD, NoteAdded
from pags_tui.core.ports import Archive, Board, OwnJournal
from pags_tui.core.series import Seconds
from pags_tui.edge import journal as files
from pags_tui.edge.journal import export_run
from pags_tui.edge.postgres.address import Database
from pags_tui.wiring.stores import Store, fixed, store_of

if TYPE_CHECKING:
    from types import ModuleType

BUSY: Seconds = 2.0
"""Longest wait of one call for another process, or for an answer of the database."""

MISSING = (
    "a journal on PostgreSQL needs psycopg, which is not installed here: pip install 'pags-tui[postgres]' "
    "(or pip install 'psycopg[binary]')"
)


def is_there(store: Store) -> bool:
    """Whether there may be a journal: a file that does not exist holds none."""
    return not isinstance(store, Path) or store.exists()


def open_journal(store: Store, *, create: bool = True, busy: Seconds = BUSY) -> OwnJournal:
    """The journal for writing; made when missing and `create`. Raises JournalError when it cannot be had."""
    if isinstance(store, Path):
        return files.open_journal(store, create=create, busy=busy)
    journal: OwnJournal = _postgres().open_journal(store, create=create, busy=busy)
    return journal


def open_readonly(store: Store) -> Archive:
    """A reader of a journal or of a recording. Raises JournalError when it cannot be had."""
    if isinstance(store, Path):
        return files.open_readonly(store)
    archive: Archive = _postgres().open_readonly(store, BUSY)
    return archive


def remains(store: Store) -> tuple[files.Remains, ...]:
    """What can be read of each run of a damaged file; of a database, nothing."""
    return files.remains(store) if isinstance(store, Path) else ()


def wreck(store: Store, error: JournalError) -> files.Wreck:
    """A reader of what is left of a file that raised this. Raises `error` where it is not damaged, or nothing is."""
    if not isinstance(store, Path):
        raise error
    why = error.why if isinstance(error, Damaged) else files.damage(store, closed=True)
    if not why:
        raise error
    return files.Wreck(store, why, error)


def mended(store: Store, now: datetime) -> str:
    """Keeps a damaged journal aside, and makes one of what can be read in its place; what is to be said of it.

    Empty when nothing is damaged. Raises JournalError as `salvage` does.
    """
    if not isinstance(store, Path) or not store.exists() or store.stat().st_size == 0:
        return ""
    if (why := files.damage(store)) is None:
        return ""
    done = files.salvage(store, now)
    kept = ", ".join(f"{count} events of {run}" for run, count in done.events.items())
    told = f"The journal was damaged ({why}). It is kept as {done.aside}; what could be read goes on here: {kept}."
    with open_journal(store) as journal:
        for row in journal.runs():
            if row.ended is None and row.id in done.events:
                lease = journal.lease(row.id)
                journal.append(row.id, [NoteAdded(told)], now, GUARD, lease.token if lease else None)
    return told


def open_board(db: Database, run: str, *hears: str, busy: Seconds = BUSY) -> tuple[Archive, Board]:
    """A reader of the database, and the way to ask and be heard, over one connection. `hears`: `run`, `said`, `ask`."""
    found: tuple[Archive, Board] = _postgres().open_board(db, run, *hears, busy=busy)
    return found


def _postgres() -> ModuleType:
    """The half that needs psycopg. Raises JournalError where that is not installed."""
    with contextlib.suppress(ValueError):
        if importlib.util.find_spec("psycopg") is None:
            raise JournalError(MISSING)
    import pags_tui.edge.postgres.journal as database

    return database


Damaged = files.Damaged
Wreck = files.Wreck

__all__ = [
    "Damaged",
    "Database",
    "Store",
    "Wreck",
    "export_run",
    "fixed",
    "is_there",
    "mended",
    "open_journal",
    "open_readonly",
    "remains",
    "store_of",
    "wreck",
]
