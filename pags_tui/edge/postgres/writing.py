"""Writes a journal in a database: each call is one statement, so that nothing of it can stay half done.

The hash of an event is made here, and where it goes on from is remembered; the database refuses what does not go on
from the run's last row, and whoever is no longer the run's newest owner.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import psycopg

from pags_tui.core.chain import FIRST, LAST, HeadRow, Last, Stored, encoded, links, noted, read_again, sample_of, stamp
from pags_tui.core.errors import JournalError, said
from pags_tui.core.events import Actor, Event, Fact
from pags_tui.core.ports import Lease, RunRow, TickRow
from pags_tui.core.series import Seconds
from pags_tui.edge.postgres.address import Database
from pags_tui.edge.postgres.line import Connection, Line
from pags_tui.edge.postgres.reading import PostgresReader, tight

SYNC_TICKS = timedelta(seconds=10)
"""A tick is durable when the last durable one is this long ago: what the server's power cut may cost."""

APPEND = "SELECT pags_tui.append(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
ADD_TICK = "SELECT pags_tui.add_tick(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
TAKE_LEASE = "SELECT pags_tui.take_lease(%s, %s, %s, %s, %s, %s)"
BEAT = "SELECT pags_tui.beat(%s, %s, %s, %s)"
BEGIN = "SELECT pags_tui.begin(%s, %s, %s, %s, %s, %s, %s, %s)"
GUARDS = "SELECT pg_try_advisory_lock(pags_tui.key('guard', %s))"
COPY_EVENTS = (
    "COPY pags_tui.events (run, seq, at, by_user, by_name, kind, payload, tick, ticks_digest, hash) FROM STDIN"
)
COPY_SAMPLES = "COPY pags_tui.samples (run, tick, at, seq, payload, digest) FROM STDIN"
LAST_EVENT = "SELECT seq, at, tick, hash FROM pags_tui.events WHERE run = %s ORDER BY seq DESC LIMIT 1"
LAST_TICK = "SELECT tick, digest FROM pags_tui.samples WHERE run = %s AND tick > %s ORDER BY tick DESC LIMIT 1"


class PostgresJournal(PostgresReader):
    """The `Journal` port in a PostgreSQL database, for the one process that owns the run."""

    def __init__(self, db: Database, line: Line) -> None:
        super().__init__(db, line)
        line.anew = self._guard_again
        self._tokens: dict[str, int] = {}
        self._ends: dict[str, Last] = {}
        self._ticks: dict[str, tuple[int, str]] = {}
        """The last stored tick, and the digest of those since the last event."""
        self._synced: datetime | None = None
        self._tells = True

    def hush(self) -> None:
        """From here on somebody else tells followers what is new: a hundred of them would hold up each write."""
        self._tells = False

    def begin(self, row: RunRow, sha256: str) -> None:
        """Makes room for a new run. Raises JournalError when there is one of that id."""
        t0, ended = (None if at is None else stamp(at) for at in (row.t0, row.ended))
        self._begin(HeadRow(row.id, row.runbook, row.kind, stamp(row.started), t0, ended, row.outcome, sha256))

    def _begin(self, head: HeadRow) -> None:
        with self.line.use(writes=True) as connection:
            try:
                connection.execute(BEGIN, head)
            except psycopg.errors.UniqueViolation:
                raise JournalError(f"there is already a run '{said(head.id)}' in {self.db}: take another id") from None

    def adopt(self, found: Stored) -> None:
        """Takes in a run of another journal, row by row as it was written. Raises JournalError when it is there."""
        run = found.head.id
        with self.line.use(writes=True) as connection, connection.transaction():
            self._begin(found.head)
            with connection.cursor().copy(COPY_EVENTS) as copy:
                for row, hash_ in found.events():
                    copy.write_row((run, *row._replace(by_user=tight(row.by_user), by_name=tight(row.by_name)), hash_))
            with connection.cursor().copy(COPY_SAMPLES) as copy:
                for sample in found.samples(FIRST, LAST):
                    copy.write_row((run, *sample))

    def claim(self, name: str, run: str | None) -> str:
        """The id of a run that holds the name, and whose guard lives; empty when it is ours from now on."""
        with self.line.use(run or "") as connection:
            found = connection.execute("SELECT pags_tui.claim(%s, %s)", (name, run)).fetchone()
        return str(found[0] or "") if found else ""

    def append(self, run: str, facts: Iterable[Fact], at: datetime, by: Actor, token: int | None) -> Sequence[Event]:
        """Writes the facts durably, in one transaction; gives back what a reader will read.

        `at` is raised to the last event's time if it lies before it. `token` may be None only while the run has no
        lease. Raises Refused when `token` is not the run's newest, JournalError when nothing was written, InDoubt when
        nobody knows.
        """
        facts = tuple(facts)
        written = encoded(facts)
        if not written:
            return ()
        user, name = tight(by.user), tight(by.name)
        with self.line.use(run, token, writes=True) as connection:
            last, ticks = self._end(connection, run)
            text = max(stamp(at), last.at)
            rows = list(links(last, written, text, by, ticks))
            kinds, payloads = [kind for kind, _ in written], [payload for _, payload in written]
            hashes = [one.hash for one in rows]
            told = [list(pair) for pair in noted(facts, text)] or None
            where = (run, token, last.seq, last.hash, text, user, name)
            self._forget(run)  # until it is known what became of it
            connection.execute(APPEND, (*where, kinds, payloads, hashes, *ticks, told, self._tells))
        self._hold(run, token)
        self._ends[run], self._ticks[run] = Last(last.seq + len(rows), text, ticks[0], hashes[-1]), (ticks[0], "")
        self._synced = at
        return read_again(last, facts, text, by)

    def add_tick(self, run: str, row: TickRow) -> None:
        """Stores one tick; its digest goes into the next event.

        Raises Refused when this journal held the run's lease and somebody else took it, JournalError for a number that
        is not above the last one.
        """
        durable = self._synced is None or abs(row.at - self._synced) >= SYNC_TICKS
        token = self._tokens.get(run)
        with self.line.use(run, token) as connection:
            _, (last, before) = self._end(connection, run)
            end = self._ends[run]
            sample = sample_of(before, row.tick, row.at, row.seq, row.payload)
            self._forget(run)
            connection.execute(ADD_TICK, (run, token, last, before, *sample, durable, self._tells))
        self._ends[run], self._ticks[run] = end, (row.tick, sample.digest)
        if durable:
            self._synced = row.at

    def take_lease(self, run: str, pid: int, host: str, boot: str, now: datetime, beat: Seconds) -> Lease:
        """Raises the fencing token; every earlier owner is fenced off."""
        self.head(run)
        with self.line.use(run) as connection:
            found = connection.execute(TAKE_LEASE, (run, pid, tight(host), boot, stamp(now), beat)).fetchone()
            token = int(found[0]) if found else 0
            connection.execute(GUARDS, (run,))
        self._forget(run)
        self._hold(run, token)
        return Lease(token, pid, host, boot, now, beat, 0.0, True)

    def beat(self, run: str, token: int, now: datetime, beat: Seconds) -> None:
        """Tells that the owner lives (not synced). Raises Refused when the token is no longer the newest."""
        with self.line.use(run, token) as connection:
            connection.execute(BEAT, (run, token, stamp(now), beat))
        self._hold(run, token)

    def _hold(self, run: str, token: int | None) -> None:
        if token is not None:
            self._tokens[run] = token

    def _forget(self, run: str) -> None:
        self._ends.pop(run, None)
        self._ticks.pop(run, None)

    def _end(self, connection: Connection, run: str) -> tuple[Last, tuple[int, str]]:
        """The run's last event (before the first one, the runbook's hash), and the ticks since."""
        if run not in self._ends:
            found = connection.execute(LAST_EVENT, (run,)).fetchone()
            last = Last(*found) if found else Last(0, "", 0, self.head(run).sha256)
            ticks = connection.execute(LAST_TICK, (run, last.tick)).fetchone()
            self._ends[run] = last
            self._ticks[run] = (int(ticks[0]), str(ticks[1])) if ticks else (last.tick, "")
        return self._ends[run], self._ticks[run]

    def _guard_again(self, connection: Connection) -> None:
        """A new connection holds the guard's locks that the lost one held; the fencing token decides all the same."""
        for run in tuple(self._tokens):
            connection.execute(GUARDS, (run,))
