"""A damaged journal or recording, read up to the damage. Reads only: nothing is repaired, and nothing is guessed.

An event counts only while the chain of hashes holds from the run's beginning on; a tick, while it can be read.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from pags_tui.core.chain import FIRST, LAST, Broken, EventRow, HeadRow, SampleRow, event_hash, event_of, moment
from pags_tui.core.errors import JournalError, PagsError
from pags_tui.core.events import Event
from pags_tui.core.ports import Lease, RunRow, TickRow
from pags_tui.edge.journal.faults import told
from pags_tui.edge.journal.reading import connect, lease_of, written_now
from pags_tui.edge.journal.rows import LEASE, StoredRun

HEADS = "SELECT id, runbook, kind, started, t0, ended, outcome, sha256 FROM runs ORDER BY started DESC, rowid DESC"
BROKEN = (sqlite3.Error, ValueError, TypeError, PagsError)


@dataclass
class UpTo:
    """A run up to its first event that cannot be read, or is not as it was written."""

    found: StoredRun
    head: HeadRow
    count: int = 0
    _last: EventRow | None = field(default=None, repr=False)

    def events(self) -> Iterator[tuple[EventRow, str]]:
        """Every event that can be relied on, and its hash."""
        before = self.head.sha256
        with suppress(*BROKEN):
            for row, stored in self.found.events():
                if row.seq != self.count + 1 or event_hash(before, row) != stored:
                    return
                before, self.count, self._last = stored, row.seq, row
                yield row, stored

    def samples(self, above: int, upto: int) -> Iterator[SampleRow]:
        """Every tick that can be read; where the last are missing, an empty one: ticks go on from its number."""
        last = 0
        for row in self.readable(above, upto):
            last = row.tick
            yield row
        if self._last is not None and last < self._last.tick:
            yield SampleRow(self._last.tick, self._last.at, self._last.seq, b"", "")

    def readable(self, above: int = FIRST, upto: int = LAST) -> Iterator[SampleRow]:
        """Every tick that can be read."""
        with suppress(*BROKEN):
            for row in self.found.samples(above, upto):
                if not isinstance(row.payload, bytes):
                    return
                yield row


@dataclass(frozen=True, slots=True)
class Remains:
    """What can be read of a run in a damaged file."""

    run: RunRow
    events: tuple[Event, ...]
    ticks: tuple[TickRow, ...]
    lease: Lease | None = None

    @property
    def upto(self) -> str:
        """How far it goes, in words."""
        if not self.events:
            return "no event of it can be read"
        tick = f" and tick {self.ticks[-1].tick}" if self.ticks else ", and no tick"
        return f"read up to event {len(self.events)} of {self.events[-1].at:%H:%M:%S} UTC{tick}"


def remains(path: Path | str) -> tuple[Remains, ...]:
    """What can be read of each run, the newest first; nothing where nothing can."""
    file = Path(os.path.realpath(path))
    with told(file), _opened(file) as db:
        return tuple(_of(db, head) for head in _heads(db))


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    # What somebody wrote last stands beside the file; it is taken into account where it can be.
    for query in (*(["mode=ro"] if written_now(file) else []), "mode=ro&immutable=1"):
        with closing(connect(file, query)) as db:
            # SQLite refuses a file that is shorter than it says it is, unless its schema may be written (btree.c,
            # lockBtree). This connection can write nothing.
            db.execute("PRAGMA writable_schema=ON")
            if "immutable" in query or any(_heads(db)):
                yield db
                return


def _heads(db: sqlite3.Connection) -> Iterator[HeadRow]:
    with suppress(*BROKEN):
        for columns in db.execute(HEADS):
            yield HeadRow(*columns)


def _of(db: sqlite3.Connection, head: HeadRow) -> Remains:
    kind: Any = head.kind
    ends = _moment(head.t0), _moment(head.ended)
    row = RunRow(head.id, head.runbook, kind, moment(head.started), *ends, head.outcome)
    kept = UpTo(StoredRun(db, head), head)
    return Remains(row, tuple(_events(kept)), tuple(_ticks(kept)), _lease(db, head.id))


def _events(kept: UpTo) -> Iterator[Event]:
    with suppress(*BROKEN):
        for row, _ in kept.events():
            yield event_of(*row[:6])


def _ticks(kept: UpTo) -> Iterator[TickRow]:
    with suppress(*BROKEN):
        for row in kept.readable():
            yield TickRow(row.tick, moment(row.at), row.seq, row.payload)


def _lease(db: sqlite3.Connection, run: str) -> Lease | None:
    with suppress(*BROKEN):
        return next((lease_of(*columns) for columns in db.execute(LEASE, (run,))), None)
    return None


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment(text)


class Wreck:
    """A reader of a damaged file: what it tells ends where the damage begins."""

    def __init__(self, path: Path | str, why: str, error: JournalError) -> None:
        """`why`: what is wrong. Raises `error` where nothing can be read."""
        self.path, self.why, self._error = Path(os.path.realpath(path)), why, error
        self._left = {one.run.id: one for one in remains(path) if one.events}
        if not self._left:
            raise error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held open."""

    def upto(self, run: str | None) -> str:
        """How far a run can be read, or each of them, in words."""
        return self._of(run).upto if run else "; ".join(f"{name} {one.upto}" for name, one in self._left.items())

    def _of(self, run: str) -> Remains:
        if run not in self._left:
            raise self._error
        return self._left[run]

    def runs(self) -> Sequence[RunRow]:
        """Runs of which something can be read, newest first."""
        return [one.run for one in self._left.values()]

    def sha256(self, run: str) -> str:
        """The runbook's hash that the run's chain starts from."""
        with self.whole(run) as found:
            return found.head.sha256

    def events(self, run: str, since: int = 0) -> Sequence[Event]:
        """Events with a `seq` above `since`, in order."""
        return [event for event in self._of(run).events if event.seq > since]

    def ticks(self, run: str, since: int = 0, limit: int | None = None) -> Sequence[TickRow]:
        """Stored ticks with a number above `since`, in order; with `limit` the last so many of them."""
        found = [row for row in self._of(run).ticks if row.tick > since]
        return found if limit is None else found[max(0, len(found) - limit) :]

    def lease(self, run: str) -> Lease | None:
        """The newest lease that can be read."""
        return self._of(run).lease

    def verify(self, run: str) -> Broken | None:
        """Where it ends: never whole."""
        return Broken(len(self._of(run).events) + 1, self.upto(run))

    @contextmanager
    def whole(self, run: str) -> Iterator[UpTo]:
        """The run row by row, up to the damage."""
        self._of(run)
        with told(self.path), _opened(self.path) as db:
            head = next(head for head in _heads(db) if head.id == run)
            yield UpTo(StoredRun(db, head), head)
