"""A damaged recording, read up to the damage. Reads only: nothing is repaired, and nothing is guessed.

An event counts only while the chain of hashes holds from the run's beginning on; a tick, while it can be read.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pags_tui.core.chain import FIRST, LAST, HeadRow, event_hash, event_of, moment
from pags_tui.core.errors import JournalError
from pags_tui.core.events import Event
from pags_tui.core.ports import RunRow, TickRow
from pags_tui.edge.journal.faults import told
from pags_tui.edge.journal.reading import connect
from pags_tui.edge.journal.rows import StoredRun

HEADS = "SELECT id, runbook, kind, started, t0, ended, outcome, sha256 FROM runs ORDER BY started DESC, rowid DESC"
BROKEN = (sqlite3.Error, ValueError, TypeError, JournalError)


@dataclass(frozen=True, slots=True)
class Remains:
    """What can be read of a run in a damaged file."""

    run: RunRow
    events: tuple[Event, ...]
    ticks: tuple[TickRow, ...]

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
    with told(file), closing(connect(file, "mode=ro&immutable=1")) as db:
        # SQLite refuses a file that is shorter than it says it is, unless its schema may be written (btree.c,
        # lockBtree). This connection can write nothing.
        db.execute("PRAGMA writable_schema=ON")
        return tuple(_of(StoredRun(db, head)) for head in _heads(db))


def _heads(db: sqlite3.Connection) -> Iterator[HeadRow]:
    with suppress(*BROKEN):
        for columns in db.execute(HEADS):
            yield HeadRow(*columns)


def _of(found: StoredRun) -> Remains:
    head = found.head
    row = RunRow(head.id, head.runbook, head.kind, moment(head.started), _moment(head.t0), _moment(head.ended))  # type: ignore[arg-type]
    return Remains(row, tuple(_events(found)), tuple(_ticks(found)))


def _events(found: StoredRun) -> Iterator[Event]:
    before = found.head.sha256
    with suppress(*BROKEN):
        for seq, (row, stored) in enumerate(found.events(), 1):
            if row.seq != seq or event_hash(before, row) != stored:
                return
            before = stored
            yield event_of(*row[:6])


def _ticks(found: StoredRun) -> Iterator[TickRow]:
    with suppress(*BROKEN):
        for row in found.samples(FIRST, LAST):
            if not isinstance(row.payload, bytes):
                return
            yield TickRow(row.tick, moment(row.at), row.seq, row.payload)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment(text)
