"""Opens a journal in a database. Needs psycopg, as everything that this imports."""

from __future__ import annotations

from pags_tui.core.series import Seconds
from pags_tui.edge.postgres import schema
from pags_tui.edge.postgres.address import Database
from pags_tui.edge.postgres.board import PostgresBoard
from pags_tui.edge.postgres.line import Line
from pags_tui.edge.postgres.reading import PostgresReader
from pags_tui.edge.postgres.writing import PostgresJournal

READS_WITHIN: Seconds = 10.0
"""Longest silence while a reader reads: nobody's night waits for it."""


def open_journal(db: Database, *, create: bool = True, busy: Seconds = 2.0) -> PostgresJournal:
    """The journal for writing; its tables are made, or migrated, when `create`.

    `busy`: how long each call may wait for the database. Raises JournalError when it cannot be had.
    """
    line = Line(db, busy)
    try:
        with line.use() as connection:
            if create:
                connection.patience = READS_WITHIN
                schema.migrate(connection, db)
                connection.patience = busy
            schema.check(connection, db)
    except BaseException:
        line.close()
        raise
    return PostgresJournal(db, line)


def open_board(db: Database, run: str, *hears: str, busy: Seconds = 2.0) -> tuple[PostgresReader, PostgresBoard]:
    """A reader, and the way to ask and be heard, over one connection. `hears`: `run`, `said`, `ask`."""
    reader = open_readonly(db, busy)
    try:
        return reader, PostgresBoard(reader.line, run, *hears)
    except BaseException:
        reader.close()
        raise


def open_readonly(db: Database, busy: Seconds = READS_WITHIN) -> PostgresReader:
    """A reader of the journal. Raises JournalError when there is none."""
    line = Line(db, busy)
    try:
        with line.use() as connection:
            schema.check(connection, db)
    except BaseException:
        line.close()
        raise
    return PostgresReader(db, line)
