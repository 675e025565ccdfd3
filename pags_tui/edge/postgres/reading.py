"""Reads a journal in a database. Changes nothing there. May be made in one thread and used in another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self, TypeVar

from pags_tui.core.chain import Broken, EventRow, HeadRow, SampleRow, event_of, first_broken, moment
from pags_tui.core.errors import JournalError, said
from pags_tui.core.events import Event
from pags_tui.core.ports import Lease, RunRow, TickRow
from pags_tui.edge.postgres.address import Database
from pags_tui.edge.postgres.line import Connection, Line

T = TypeVar("T")

AT_ONCE = 1000
"""Rows that are fetched together where a whole run is read."""

HEAD = "SELECT id, runbook, kind, started, t0, ended, outcome, sha256 FROM pags_tui.runs WHERE id = %s"
RUNS = "SELECT id, runbook, kind, started, t0, ended, outcome FROM pags_tui.runs ORDER BY started DESC, number DESC"
EVENTS = "SELECT seq, at, by_user, by_name, kind, payload FROM pags_tui.events WHERE run = %s AND seq > %s ORDER BY seq"
TICKS = "SELECT tick, at, seq, payload FROM pags_tui.samples WHERE run = %s AND tick > %s ORDER BY tick DESC LIMIT %s"
LEASE = (
    "SELECT token, pid, host, boot, heartbeat, beat, extract(epoch FROM clock_timestamp() - beaten)::float8, "
    "pags_tui.held(run) FROM pags_tui.leases WHERE run = %s ORDER BY token DESC LIMIT 1"
)
ALL_EVENTS = (
    "SELECT seq, at, by_user, by_name, kind, payload, tick, ticks_digest, hash FROM pags_tui.events "
    "WHERE run = %s ORDER BY seq"
)
ALL_SAMPLES = (
    "SELECT tick, at, seq, payload, digest FROM pags_tui.samples "
    "WHERE run = %s AND tick > %s AND tick <= %s ORDER BY tick"
)


class PostgresReader:
    """The reading half of the `Journal` port, and `verify`. Close it after use, or use it in a `with`."""

    def __init__(self, db: Database, line: Line) -> None:
        self.db = db
        self.line = line
        """Its connection, for whoever shares it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def runs(self) -> Sequence[RunRow]:
        """All runs, newest first. Raises JournalError, as everything here does, when the database cannot be read."""
        return self._rows(_run, RUNS)

    def head(self, run: str) -> HeadRow:
        """The run's row. Raises JournalError when there is none."""
        rows = self._rows(HeadRow, HEAD, run)
        if not rows:
            raise JournalError(f"there is no run '{said(run)}' in {self.db}: `pags-tui runs` lists them")
        return rows[0]

    def events(self, run: str, since: int = 0) -> Sequence[Event]:
        """Events with a `seq` above `since`, in order."""
        return self._rows(_event, EVENTS, run, since)

    def ticks(self, run: str, since: int = 0, limit: int | None = None) -> Sequence[TickRow]:
        """Stored ticks with a number above `since`, in order; with `limit` the last so many of them."""
        return self._rows(_tick, TICKS, run, since, limit)[::-1]

    def lease(self, run: str) -> Lease | None:
        """The newest lease of that run."""
        rows = self._rows(_lease, LEASE, run)
        return rows[0] if rows else None

    def verify(self, run: str) -> Broken | None:
        """The run's first row that is not as it was written, with a plain sentence; None when all are."""
        with self.whole(run) as found:
            return first_broken(found)

    @contextmanager
    def whole(self, run: str) -> Iterator[StoredRun]:
        """The run row by row, as it is at this moment."""
        with self.line.use() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield StoredRun(connection, self.head(run))

    def close(self) -> None:
        """Lets go of the database."""
        self.line.close()

    def _rows(self, make: Callable[..., T], sql: str, *values: object) -> list[T]:
        with self.line.use() as connection:
            rows = connection.execute(sql, values).fetchall()
        try:
            return [make(*row) for row in rows]
        except (TypeError, ValueError) as error:  # a time that is none: not written by this program
            raise JournalError(f"{self.db} holds what no journal holds ({said(str(error))})") from error


class StoredRun:
    """A run as the database holds it, in the transaction that the connection is in."""

    def __init__(self, connection: Connection, head: HeadRow) -> None:
        self.head = head
        self._connection = connection

    def events(self) -> Iterator[tuple[EventRow, str]]:
        """Every event and its hash, in order."""
        with self._connection.cursor(name="events") as cursor:
            cursor.itersize = AT_ONCE
            for seq, at, user, name, kind, payload, tick, digest, found in cursor.execute(ALL_EVENTS, (self.head.id,)):
                yield EventRow(seq, at, loose(user), loose(name), kind, payload, tick, digest), found

    def samples(self, above: int, upto: int) -> Iterator[SampleRow]:
        """The ticks with a number above the one and up to the other, in order."""
        if upto <= above:
            return
        with self._connection.cursor(name="samples") as cursor:
            cursor.itersize = AT_ONCE
            for columns in cursor.execute(ALL_SAMPLES, (self.head.id, above, upto)):
                yield SampleRow(*columns)


def tight(text: str) -> str:
    r"""A name as PostgreSQL can hold it: NUL, which its text cannot have, is `\0`, and a backslash two of them."""
    return text.replace("\\", "\\\\").replace("\0", "\\0")


def loose(text: str) -> str:
    """What `tight` wrote down."""
    if "\\" not in text:
        return text
    return "\\".join(part.replace("\\0", "\0") for part in text.split("\\\\"))


def _run(run: str, runbook: str, kind: Any, started: str, t0: str | None, ended: str | None, outcome: str) -> RunRow:
    return RunRow(run, runbook, kind, moment(started), _moment(t0), _moment(ended), outcome)


def _event(seq: int, at: str, user: str, name: str, kind: str, payload: str) -> Event:
    return event_of(seq, at, loose(user), loose(name), kind, payload)


def _tick(tick: int, at: str, seq: int, payload: bytes) -> TickRow:
    return TickRow(tick, moment(at), seq, payload)


def _lease(token: int, pid: int, host: str, boot: str, heartbeat: str, beat: float, age: float, held: bool) -> Lease:
    return Lease(token, pid, host, boot, moment(heartbeat), beat, max(age, 0.0), held)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment(text)
