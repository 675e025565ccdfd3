"""The journal's tables, and the way from each older schema to the present one.

A recording must stay readable for ever: a step is added at the end of STEPS, none is ever altered. sqlite-utils is
imported only when there is something to create or to migrate.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pags_tui.core.errors import JournalError
from pags_tui.edge.journal.faults import shown

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION = 0x50414753
"""`PAGS` in the file's header (`PRAGMA application_id`): tells a journal from another program's database."""

APPEND_ONLY = """
CREATE TRIGGER {table}_stay BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, 'the journal is append-only: {table} cannot be changed'); END;
CREATE TRIGGER {table}_keep BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, 'the journal is append-only: {table} cannot be deleted'); END;
CREATE TRIGGER {table}_next BEFORE INSERT ON {table}
WHEN NEW.{number} {rule} (SELECT coalesce(max({number}), 0) FROM {table} WHERE run = NEW.run)
BEGIN SELECT RAISE(ABORT, 'the journal is append-only: {table} go on from the last {number}'); END;
"""
"""The third one also stops INSERT OR REPLACE, which deletes without firing the second."""


def _first(db: Database) -> None:
    text, number, real = str, int, float
    db.table("runs").create(
        {"id": text, "runbook": text, "kind": text, "started": text, "t0": text, "ended": text, "outcome": text}
        | {"sha256": text},
        pk="id",
        not_null={"runbook", "kind", "started", "outcome", "sha256"},
    )
    event = {"run": text, "seq": number, "at": text, "by_user": text, "by_name": text, "kind": text, "payload": text}
    event |= {"tick": number, "ticks_digest": text, "hash": text}
    db.table("events").create(event, pk=("run", "seq"), not_null=set(event))
    sample = {"run": text, "tick": number, "at": text, "seq": number, "payload": bytes, "digest": text}
    db.table("samples").create(sample, pk=("run", "tick"), not_null=set(sample))
    lease = {"run": text, "token": number, "pid": number, "host": text, "boot": text, "heartbeat": text, "beat": real}
    db.table("leases").create(lease, pk=("run", "token"), not_null=set(lease))
    for table, column, rule in (("events", "seq", "- 1 <>"), ("samples", "tick", "<=")):
        for statement in APPEND_ONLY.format(table=table, number=column, rule=rule).split("END;")[:-1]:
            db.execute(f"{statement} END")


STEPS: tuple[Callable[[Database], None], ...] = (_first,)
"""Step n leads from schema n to schema n + 1; schema 0 is an empty file."""


def check(db: sqlite3.Connection, file: Path) -> int:
    """The file's schema version, 0 when it is empty; reads only.

    Raises JournalError for another program's database and for a newer schema, sqlite3.Error for no database at all.
    """
    tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    application = db.execute("PRAGMA application_id").fetchone()[0]
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if application != APPLICATION and (tables or application or version):
        raise JournalError(
            f"{shown(file)} is the database of another program. Nothing was changed: choose another file with --db"
        )
    if version > len(STEPS):
        raise JournalError(
            f"{shown(file)} was written by a newer pags-tui (journal schema {version}, this one reads {len(STEPS)}). "
            "Nothing was changed: use the newer program, or choose another file with --db"
        )
    return version


def migrate(db: sqlite3.Connection, file: Path) -> None:
    """Brings the file to the present schema in one transaction: all of it, or nothing."""
    if check(db, file) == len(STEPS):
        return
    from sqlite_utils import Database  # 0.1 s, for the first start only

    tables = Database(db, recursive_triggers=False, execute_plugins=False)
    db.execute("BEGIN IMMEDIATE")
    try:
        for step in STEPS[check(db, file) :]:  # again: another process may have been quicker
            step(tables)
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute(f"PRAGMA user_version = {len(STEPS)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
