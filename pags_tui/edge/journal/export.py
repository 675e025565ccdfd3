"""One run of a journal as a recording: a single file, complete by itself. Never touches the journal it reads."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from pags_tui.core.errors import JournalError
from pags_tui.edge.journal import place, schema
from pags_tui.edge.journal.faults import shown, told
from pags_tui.edge.journal.reading import JournalReader, connect, open_readonly, written_now

TABLES = (("runs", "id", "id"), ("events", "run", "seq"), ("samples", "run", "tick"))
"""Table, the column that names the run, and the order. Leases are about processes, not about what happened."""


def export_run(journal: JournalReader, run: str, file: Path | str, *, overwrite: bool = False) -> Path:
    """Writes the run, as it is at this moment, to `file` (0600); gives back the file's path.

    The journal may be in use: it is read through a connection of its own, in one snapshot. Raises JournalError when
    there is no such run, when `file` exists and `overwrite` is False, and when it cannot be written.
    """
    target = Path(os.path.realpath(file))
    _check_target(target, journal.path, overwrite)
    with told(target):
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
        os.close(descriptor)
        try:
            with open_readonly(journal.path) as source:
                _copy(source, run, Path(name))
            _name(Path(name), target, overwrite)
        finally:
            Path(name).unlink(missing_ok=True)
        place.sync_folder(target.parent)
    return target


def _check_target(target: Path, source: Path, overwrite: bool) -> None:
    if not target.parent.is_dir():
        raise JournalError(f"there is no folder {shown(target.parent)}: make it, or name another file")
    if target == source or written_now(target):
        raise JournalError(f"{shown(target)} is a journal in use: name another file for the recording")
    if target.exists() and not overwrite:
        raise _exists(target)


def _exists(target: Path) -> JournalError:
    return JournalError(f"{shown(target)} exists already: name another file, or say that it may be overwritten")


def _copy(source: JournalReader, run: str, file: Path) -> None:
    with closing(connect(file, "mode=rw")) as db:
        schema.migrate(db, file)
        with source.snapshot() as rows:
            source.sha256(run)
            db.execute("BEGIN")
            for table, key, order in TABLES:
                _copy_table(rows, db, table, f"{key} = ? ORDER BY {order}", run)
            db.execute("COMMIT")
        db.execute("VACUUM")


def _copy_table(rows: sqlite3.Connection, db: sqlite3.Connection, table: str, where: str, run: str) -> None:
    found = rows.execute(f"SELECT * FROM {table} WHERE {where}", (run,))  # noqa: S608 - names from TABLES
    places = ", ".join("?" * len(found.description))
    db.executemany(f"INSERT INTO {table} VALUES ({places})", found)  # noqa: S608 - names from TABLES


def _name(made: Path, target: Path, overwrite: bool) -> None:
    """Gives the finished file its name at once; without `overwrite` never in place of another."""
    if overwrite:
        os.replace(made, target)
        return
    try:
        os.link(made, target)
    except FileExistsError:
        raise _exists(target) from None
    except OSError:  # a file system without hard links
        if target.exists():
            raise _exists(target) from None
        os.replace(made, target)
