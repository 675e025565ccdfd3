"""Checks a run's hash chain and the digests of its ticks. Says what is wrong, repairs nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from pags_tui.core.chain.rows import EventRow, HeadRow, SampleRow, event_hash, tick_digest
from pags_tui.core.errors import said

FIRST, LAST = -(2**63), 2**63 - 1
"""The integers of a database: no tick, not even one that cannot be, escapes."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row that does not verify."""

    seq: int
    """The event at fault (the first that is missing, the one after bad ticks; 0: ticks after the last event)."""
    reason: str
    """A plain sentence."""


class Stored(Protocol):
    """One run as a journal holds it, in one consistent view. Raises ValueError for a row that nobody can read."""

    head: HeadRow

    def events(self) -> Iterable[tuple[EventRow, str]]:
        """Every event and its hash, in order."""
        ...

    def samples(self, above: int, upto: int) -> Iterable[SampleRow]:
        """The ticks with a number above the one and up to the other, in order."""
        ...


def first_broken(stored: Stored) -> Broken | None:
    """The first row of the run that is not as it was written; None when all are."""
    sha256 = stored.head.sha256
    before, expected, tick = sha256, 1, FIRST
    try:
        for row, found in stored.events():
            fault = _event_fault(row, found, before, expected) or _ticks_fault(stored, row, tick)
            if fault or (fault := _other_run(row, stored.head)):
                return Broken(expected, fault)
            before, expected, tick = found, expected + 1, row.tick
        return _loose_ticks(stored, tick) if expected > 1 else Broken(1, "the run holds no event")
    except (TypeError, ValueError) as error:
        return Broken(expected, f"event {expected}, or a tick before it, is not as written: {said(str(error))}")


def _event_fault(row: EventRow, found: str, before: str, expected: int) -> str:
    if row.seq != expected:
        return f"event {expected} is missing: the next one is {row.seq}"
    if event_hash(before, row) == found:
        return ""
    chain = "the runbook's hash" if expected == 1 else f"event {expected - 1}"
    return f"event {expected} ({row.kind}, {row.at}) does not fit its hash: it was changed, or {chain} before it was"


def _ticks_fault(stored: Stored, row: EventRow, since: int) -> str:
    digest = ""
    for tick, at, seq, payload, _ in stored.samples(since, row.tick):
        digest = tick_digest(digest, tick, at, seq, payload)
    if digest == row.ticks_digest:
        return ""
    return f"the ticks up to {row.tick} before event {row.seq} ({row.at}) are not the ones that were recorded with it"


def _other_run(row: EventRow, head: HeadRow) -> str:
    """What the list of runs says and the chain does not cover: it must be as the first event has it."""
    if row.seq != 1 or row.kind != "run-started":
        return ""
    started = json.loads(row.payload)
    if started.get("sha256") != head.sha256:
        return "event 1 (run-started) holds another runbook than the one that the chain starts from"
    if started.get("kind") != head.kind:
        return f"the list of runs calls it {said(head.kind)}, event 1 (run-started) {said(str(started.get('kind')))}"
    return ""


def _loose_ticks(stored: Stored, since: int) -> Broken | None:
    digest = ""
    for tick, at, seq, payload, found in stored.samples(since, LAST):
        digest = tick_digest(digest, tick, at, seq, payload)
        if digest != found:
            return Broken(0, f"tick {tick} ({at}), after the last event, is not as it was recorded")
    return None
