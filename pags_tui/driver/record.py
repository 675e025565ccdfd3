"""The record of one run: what is journaled, folded and published, always in that order."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

from pags_tui.core.errors import JournalError
from pags_tui.core.events import GUARD, Actor, Event, Fact, encode
from pags_tui.core.judge import Judged, decode_judged, encode_judged
from pags_tui.core.ports import Clock, Journal, TickRow
from pags_tui.core.state import RunState, fold
from pags_tui.core.updates import Began, Happened, Ticked, Update

KEPT_TICKS = 720
"""Ticks handed to a screen that attaches: an hour at five seconds."""

Receive = Callable[[Update], None]


class Record:
    """The only writer of a run's journal, and the source of all updates."""

    def __init__(self, journal: Journal, run: str, clock: Clock, token: int | None, spill: Path | None = None) -> None:
        self.journal = journal
        self.run = run
        self.clock = clock
        self.token = token
        self.spill = spill
        """Where a rollback's events go while the journal cannot be written."""
        self.spilled = 0
        self.events = list(journal.events(run))
        self.state: RunState = fold(self.events)
        rows = journal.ticks(run, limit=KEPT_TICKS)
        self.ticks: deque[Judged] = deque((decode_judged(row.payload) for row in rows), maxlen=KEPT_TICKS)
        self.number = rows[-1].tick if rows else 0
        self._receivers: list[Receive] = []

    def write(self, facts: Iterable[Fact], by: Actor = GUARD) -> tuple[Event, ...]:
        """Journals the facts durably, folds them in, tells every screen.

        Raises JournalError when they cannot be journaled (nothing changed then), Refused when this guard is fenced off.
        """
        facts = tuple(facts)
        if not facts:
            return ()
        return self._take(tuple(self.journal.append(self.run, facts, self.clock.now(), by, self.token)))

    def write_at_any_cost(self, facts: Iterable[Fact], by: Actor = GUARD) -> tuple[Event, ...]:
        """The same for a rollback, which waits for no journal: what cannot be journaled goes into a file beside it."""
        facts = tuple(facts)
        try:
            return self.write(facts, by)
        except JournalError:
            now, seq = self.clock.now(), self.state.seq
            events = tuple(Event(seq + n, now, by, fact) for n, fact in enumerate(facts, 1))
            self._spill(events)
            return self._take(events)

    def _take(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        self.events += events
        self.state = fold(events, self.state)
        self._publish(Happened(events))
        return events

    def _spill(self, events: tuple[Event, ...]) -> None:
        self.spilled += len(events)
        if self.spill is None:
            return
        rows = []
        for event in events:
            kind, payload = encode(event.fact)
            row = {"run": self.run, "at": event.at.isoformat(), "user": event.by.user, "kind": kind}
            rows.append(json.dumps({**row, "payload": json.loads(payload)}))
        try:
            with self.spill.open("a", encoding="utf-8") as file:
                file.writelines(f"{row}\n" for row in rows)
        except OSError:
            return  # the disk refuses even that; the writes themselves matter more

    def tick(self, judged: Judged) -> None:
        """Stores and publishes one tick. A tick that cannot be stored is shown all the same."""
        self.number = judged.number
        self.ticks.append(judged)
        self._publish(Ticked(judged))
        row = TickRow(judged.number, judged.at, self.state.seq, encode_judged(judged))
        try:
            self.journal.add_tick(self.run, row)
        except JournalError:
            self.spilled += 1

    def subscribe(self, receive: Receive) -> Callable[[], None]:
        """Sends the whole story, then every update. Gives back how to stop."""
        receive(Began(tuple(self.events), tuple(self.ticks), self.clock.now()))
        self._receivers.append(receive)
        return lambda: self._receivers.remove(receive) if receive in self._receivers else None

    def _publish(self, update: Update) -> None:
        for receive in tuple(self._receivers):
            receive(update)
