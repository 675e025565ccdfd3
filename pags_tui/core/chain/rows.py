"""How a row is written down: times as text, and what exactly its hash covers. Pure functions.

An event's hash is SHA-256 over the hash before it and its own content; the first hash before it is the runbook's.
Cutting rows off the end is the one thing that a chain cannot show.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from pags_tui.core.errors import Refused, said
from pags_tui.core.events import Actor, Event, Fact, RunEnded, RunStarted, TZeroSet, decode, encode

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


class SampleRow(NamedTuple):
    """One row of `samples`, without its run."""

    tick: int
    at: str
    seq: int
    payload: bytes
    digest: str
    """Of the ticks since the last event, up to this one."""


def sample_of(before: str, tick: int, at: datetime, seq: int, payload: bytes) -> SampleRow:
    """A tick, ready to be stored. `before`: the digest of the former tick; empty for the first since an event."""
    text = stamp(at)
    return SampleRow(tick, text, seq, payload, tick_digest(before, tick, text, seq, payload))


def event_of(seq: int, at: str, by_user: str, by_name: str, kind: str, payload: str) -> Event:
    """The event that the columns hold.

    Raises JournalError for a fact that this version cannot read, ValueError or TypeError for columns of another kind.
    """
    if not isinstance(seq, int) or not isinstance(by_user, str) or not isinstance(by_name, str):
        raise TypeError("an event's number is no number, or its author is no text")
    return Event(seq, moment(at), Actor(by_user, by_name), decode(kind, payload))


class HeadRow(NamedTuple):
    """One row of `runs`: a run as the journal lists it, times as text."""

    id: str
    runbook: str
    kind: str
    started: str
    t0: str | None
    ended: str | None
    outcome: str
    sha256: str
    """The runbook's hash, which the chain starts from."""


class Last(NamedTuple):
    """What the next event goes on from."""

    seq: int
    at: str
    tick: int
    hash: str
    """Before the first event: the runbook's."""


class Link(NamedTuple):
    """One event, ready to be stored."""

    row: EventRow
    hash: str


def encoded(facts: Sequence[Fact]) -> list[tuple[str, str]]:
    """Kind and payload of each fact. Raises JournalError for one that is no text, or could not be read back."""
    written = [encode(fact) for fact in facts]
    for one in written:
        decode(*one)  # what could not be read back is not written
    return written


def links(last: Last, written: Sequence[tuple[str, str]], at: str, by: Actor, ticks: tuple[int, str]) -> Iterator[Link]:
    """The events that carry the chain on. `ticks`: the last stored tick, and the digest of those since `last`."""
    before, (tick, digest) = last.hash, ticks
    for seq, (kind, payload) in enumerate(written, last.seq + 1):
        row = EventRow(seq, at, by.user, by.name, kind, payload, tick, digest)
        before, digest = event_hash(before, row), ""
        yield Link(row, before)


def read_again(last: Last, facts: Sequence[Fact], at: str, by: Actor) -> list[Event]:
    """The facts that `links` carried on from there, as a reader will read them."""
    when = moment(at)
    return [Event(seq, when, by, fact) for seq, fact in enumerate(facts, last.seq + 1)]


def noted(facts: Sequence[Fact], at: str) -> Iterator[tuple[str, str]]:
    """What the list of runs keeps of the facts: columns of `runs`, and their values."""
    for fact in facts:
        match fact:
            case RunStarted():
                yield from (("started", at), ("kind", fact.kind))
            case TZeroSet():
                yield ("t0", stamp(fact.t0))
            case RunEnded():
                yield from (("ended", at), ("outcome", fact.outcome))


def fenced(run: str, newest: int | None, token: int | None) -> Refused:
    """What a writer hears whose fencing token is no longer the newest."""
    return Refused(
        f"run '{said(run)}' belongs to another guard by now (its token is {newest}, this one's {token}): "
        "nothing was written. `pags-tui run` attaches to the guard that owns it."
    )
