"""The journal's tables in a database, and the way from each older schema to the present one: all of it, or nothing.

A step is added at the end of STEPS, none is ever altered.
"""

from __future__ import annotations

from functools import partial
from importlib.resources import files

from pags_tui.core.errors import JournalError
from pags_tui.edge.postgres.address import Database
from pags_tui.edge.postgres.line import Connection

STEPS = (partial(files("pags_tui.edge.postgres").joinpath("tables.sql").read_text, encoding="utf-8"),)
"""Step n, as SQL, leads from schema n to schema n + 1; schema 0 is a database without our tables."""

THERE = "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'pags_tui' AND tablename = 'version'"
"""Read from the catalog: `to_regclass` goes on saying no to a session that has waited for another one to make it."""


def version(connection: Connection, db: Database) -> int:
    """The schema's version, 0 when there is none. Raises JournalError for a newer one."""
    if not connection.execute(THERE).fetchone():
        return 0
    found = connection.execute("SELECT max(number) FROM pags_tui.version").fetchone()
    number = int(found[0] or 0) if found else 0
    if number > len(STEPS):
        raise JournalError(
            f"{db} was written by a newer pags-tui (journal schema {number}, this one reads {len(STEPS)}). "
            "Nothing was changed: use the newer program, or choose another database with --db"
        )
    return number


def migrate(connection: Connection, db: Database) -> None:
    """Brings the database to the present schema, in one transaction. Who comes second waits, and finds it done."""
    if version(connection, db) == len(STEPS):
        return
    _check_encoding(connection, db)
    with connection.transaction():
        connection.execute(f"SET LOCAL lock_timeout TO '{int(1000 * connection.patience)}ms'".encode())
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('pags-tui schema', 0))")
        for number in range(version(connection, db), len(STEPS)):  # again: another process may have been quicker
            connection.execute(STEPS[number]().encode())
            connection.execute("INSERT INTO pags_tui.version (number) VALUES (%s)", (number + 1,))


def _check_encoding(connection: Connection, db: Database) -> None:
    found = connection.execute("SELECT current_setting('server_encoding')").fetchone()
    if not found or found[0] != "UTF8":
        encoding = found[0] if found else "unknown"
        raise JournalError(f"{db} keeps its text as {encoding}: a journal needs a database in UTF8 (createdb -E UTF8)")


def check(connection: Connection, db: Database) -> None:
    """Raises JournalError unless the database has the present schema."""
    number = version(connection, db)
    if number == 0:
        raise JournalError(f"there is no journal in {db}: `pags-tui run` makes one, --db names another")
    if number < len(STEPS):
        raise JournalError(f"{db} has an older schema ({number} of {len(STEPS)}): the next `pags-tui run` migrates it")
