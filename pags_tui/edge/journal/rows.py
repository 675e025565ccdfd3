"""How a row is written down: times as text, and what exactly its hash covers. Pure functions.

An event's hash is SHA-256 over the hash before it and its own content; the first hash before it is the runbook's.
Cutting rows off the end is the one thing that a chain cannot show.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import NamedTuple

from pags_tui.core.events import Actor, Event, decode

CANONICAL = json.JSONEncoder(separators=(",", ":"))
"""A row as one JSON array in ASCII without blanks: no two rows give the same text."""


class EventRow(NamedTuple):
    """One row of `events`, without its run and its hash: everything that the hash covers, in this order."""

    seq: int
    at: str
    by_user: str
    by_name: str
    kind: str
    payload: str
    tick: int
    """The last tick stored before the event; 0: none."""
    ticks_digest: str
    """Digest of the ticks above the former event's `tick`, up to this `tick`; empty when there are none."""


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds. Sorts as text. Raises ValueError for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("a time in the journal needs a time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """The time that `stamp` wrote."""
    return datetime.fromisoformat(text)


def event_hash(before: str, row: EventRow) -> str:
    """The row's hash, as hex: SHA-256 of `before`, a line feed, and the row as a JSON array in ASCII without blanks."""
    content = CANONICAL.encode(row)
    return hashlib.sha256(f"{before}\n{content}".encode("ascii")).hexdigest()


def tick_digest(before: str, tick: int, at: str, seq: int, payload: bytes) -> str:
    """Digest of the ticks since an event up to this one, as hex; `before` is the former tick's, empty for the first.

    SHA-256 of one line `before tick at seq length` and the payload.
    """
    head = f"{before} {tick} {at} {seq} {len(payload)}\n".encode("ascii")
    return hashlib.sha256(head + payload).hexdigest()


def event_of(seq: int, at: str, by_user: str, by_name: str, kind: str, payload: str) -> Event:
    """The event that the columns hold. Raises JournalError for a fact that this version cannot read."""
    return Event(seq, moment(at), Actor(by_user, by_name), decode(kind, payload))
