"""Checks a run's hash chain and the digests of its ticks. Reads only; says what is wrong, repairs nothing."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from pags_tui.core.errors import said
from pags_tui.edge.journal.rows import EventRow, event_hash, tick_digest

EVENTS = (
    "SELECT seq, at, by_user, by_name, kind, payload, tick, ticks_digest, hash FROM events WHERE run = ? ORDER BY seq"
)
TICKS = "SELECT tick, at, seq, payload, digest FROM samples WHERE run = ? AND tick > ? AND tick <= ? ORDER BY tick"
FIRST, LAST = -(2**63), 2**63 - 1
"""The integers of SQLite: no tick, not even one that cannot be, escapes."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that does not verify."""

    seq: int
    """The event at fault (the first that is missing, the one after bad ticks; 0: ticks after the last event)."""
    reason: str
    """A plain sentence."""


def first_broken(db: sqlite3.Connection, run: str, sha256: str) -> Broken | None:
    """The first row of the run that is not as it was written; None when all are."""
    before, expected, tick = sha256, 1, FIRST
    try:
        for *columns, stored in db.execute(EVENTS, (run,)):
            row = EventRow(*columns)
            fault = _event_fault(row, stored, before, expected) or _ticks_fault(db, run, row, tick)
            if fault or (fault := _other_runbook(row, sha256)):
                return Broken(expected, fault)
            before, expected, tick = stored, expected + 1, row.tick
        return _loose_ticks(db, run, tick) if expected > 1 else Broken(1, "the run holds no event")
    except (TypeError, ValueError, sqlite3.OperationalError) as error:
        if getattr(error, "sqlite_errorcode", None):  # SQLite's own; Python's say that a text is none
            raise
        return Broken(expected, f"event {expected}, or a tick before it, is not as written: {said(str(error))}")


def _event_fault(row: EventRow, stored: str, before: str, expected: int) -> str:
    if row.seq != expected:
        return f"event {expected} is missing: the next one is {row.seq}"
    if event_hash(before, row) == stored:
        return ""
    chain = "the runbook's hash" if expected == 1 else f"event {expected - 1}"
    return f"event {expected} ({row.kind}, {row.at}) does not fit its hash: it was changed, or {chain} before it was"


def _ticks_fault(db: sqlite3.Connection, run: str, row: EventRow, since: int) -> str:
    digest = ""
    for tick, at, seq, payload, _ in db.execute(TICKS, (run, since, row.tick)):
        digest = tick_digest(digest, tick, at, seq, payload)
    if digest == row.ticks_digest:
        return ""
    return f"the ticks up to {row.tick} before event {row.seq} ({row.at}) are not the ones that were recorded with it"


def _other_runbook(row: EventRow, sha256: str) -> str:
    if row.seq != 1 or row.kind != "run-started" or json.loads(row.payload).get("sha256") == sha256:
        return ""
    return "event 1 (run-started) holds another runbook than the one that the chain starts from"


def _loose_ticks(db: sqlite3.Connection, run: str, since: int) -> Broken | None:
    digest = ""
    for tick, at, seq, payload, stored in db.execute(TICKS, (run, since, LAST)):
        digest = tick_digest(digest, tick, at, seq, payload)
        if digest != stored:
            return Broken(0, f"tick {tick} ({at}), after the last event, is not as it was recorded")
    return None
