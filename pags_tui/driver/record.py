"""The record of one run: what is journaled, folded and published, always in that order.

While the journal cannot be written, what has happened all the same (a rollback, a lost source) is folded and published,
kept in order, and journaled as soon as the journal can be written again, by this process or by the next one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from pags_tui.core.errors import InDoubt, JournalError, Refused
from pags_tui.core.events import (
    GUARD,
    Actor,
    Event,
    Fact,
    NoteAdded,
    RollbackConfirmed,
    TicksLost,
    encode,
)
from pags_tui.core.judge import Judged
from pags_tui.core.ports import Clock, Journal, TickRow
from pags_tui.core.state import RunState, fold
from pags_tui.core.tape import REACH, Encoder, decode_rows
from pags_tui.core.updates import Began, Happened, Ticked, Update
from pags_tui.driver.merging import Numbers, orders_in, overruled
from pags_tui.driver.spill import Found, Spill, set_aside
from pags_tui.driver.takeover import not_tried

KEPT_TICKS = 720
"""Ticks handed to a screen that attaches: an hour at five seconds."""
SICK_FOR = timedelta(seconds=3)
"""How long a journal that could not be written is left alone: each try may wait for a lock, and a rollback does not."""

Receive = Callable[[Update], None]


class Record:
    """The only writer of a run's journal, and the source of all updates."""

    def __init__(
        self,
        journal: Journal | None,
        run: str,
        clock: Clock,
        token: int | None,
        spill: Spill | None = None,
        events: Sequence[Event] | None = None,
    ) -> None:
        """`journal` None: there is none to be had, for a rollback. `events` are then what is known of the run."""
        self.journal = journal
        self.run = run
        self.clock = clock
        self.token = token
        self.spill = spill
        """Where a rollback's events go while the journal cannot be written."""
        self.events = list(events if events is not None else journal.events(run) if journal else ())
        self.state: RunState = fold(self.events)
        rows = journal.ticks(run, limit=KEPT_TICKS + REACH) if journal and events is None else ()
        self.ticks: deque[Judged] = deque(decode_rows(rows), maxlen=KEPT_TICKS)
        self.number = rows[-1].tick if rows else 0
        self._encoder = Encoder()
        self._unstored: tuple[datetime, int] | None = None
        """When the first of the ticks was taken that the journal could not take, and how many they are."""
        self._receivers: list[Receive] = []
        self._pending: list[Event] = []
        self._merged: set[int] = set()
        """Events that were taken in from beside the journal: older than their time there may tell."""
        self._doubt = False
        """A write failed, and may arrive all the same: what of the pending events is journaled has to be looked up."""
        self._journaled = self.state.seq
        self._sick: tuple[datetime, JournalError] | None = None

    # ------------------------------------------------------------ events

    @property
    def pending(self) -> int:
        """Events that have happened and are not in the journal yet."""
        return len(self._pending)

    def write(self, facts: Iterable[Fact], by: Actor = GUARD) -> tuple[Event, ...]:
        """Journals the facts durably, folds them in, tells every screen.

        Raises JournalError when they cannot be journaled (nothing changed then), Refused when this guard is fenced off.
        InDoubt: they stand, and will be journaled, once; no flag change and no message of theirs may be tried any more.
        """
        facts, now = tuple(facts), self.clock.now()
        if not facts:
            return ()
        self.catch_up()
        try:
            return self._take(self._append(facts, now, by))
        except InDoubt:
            self._spilled(self._beside(facts, by, now))
            self._spilled(self._beside(not_tried(facts), GUARD, now))
            raise

    def write_at_any_cost(self, facts: Iterable[Fact], by: Actor = GUARD) -> tuple[Event, ...]:
        """The same for a rollback, which waits for no journal: what cannot be journaled goes into a file beside it.

        Raises Refused when this guard is fenced off.
        """
        facts, now = tuple(facts), self.clock.now()
        try:
            return self._write_now(facts, by, now)
        except JournalError:
            return self._spilled(self._beside(facts, by, now))

    def write_or_keep(self, facts: Iterable[Fact], by: Actor = GUARD) -> tuple[Event, ...]:
        """The same for what only tells how we are: without a journal it is shown, and journaled once one is there."""
        facts, now = tuple(facts), self.clock.now()
        try:
            return self._write_now(facts, by, now)
        except JournalError:
            return self._beside(facts, by, now)

    def _write_now(self, facts: tuple[Fact, ...], by: Actor, now: datetime) -> tuple[Event, ...]:
        if not facts:
            return ()
        self.catch_up()
        return self._take(self._append(facts, now, by))

    def check_owner(self) -> None:
        """Raises Refused when another guard owns the run by now, JournalError when that cannot be read."""
        lease = self.journal.lease(self.run) if self.journal else None
        if lease is not None and self.token is not None and lease.token != self.token:
            raise Refused(f"the run {self.run} belongs to another guard by now: nothing was sent")

    def catch_up(self) -> None:
        """Journals what happened while the journal could not be written. Raises JournalError and Refused."""
        if not self._pending:
            return
        count, began = len(self._pending), self._pending[0].at
        try:
            self._catch_up()
        except InDoubt as doubt:  # of what is pending, not of what the caller wants to write
            raise JournalError(str(doubt)) from doubt
        if self.spill is not None:
            self.spill.done()
        told = f"The journal could not be written from {began:%H:%M:%S} UTC on: the {count} events before this note "
        self.write((NoteAdded(told + "were journaled late."),))

    def _catch_up(self) -> None:
        self._look()
        for (at, by), group in groupby(tuple(self._pending), key=lambda event: (event.at, event.by)):
            facts = tuple(event.fact for event in group)
            self._append(facts, at, by)
            del self._pending[: len(facts)]

    def _look(self) -> None:
        """Takes off the list of pending events what the journal holds of them: a write may arrive unanswered."""
        if not self._doubt or self.journal is None:
            return
        self._well()
        for event in self.journal.events(self.run, since=self._journaled):
            ours = self._pending[0] if self._pending else None
            if ours is None or (ours.by, encode(ours.fact)) != (event.by, encode(event.fact)):
                raise Refused(f"event {event.seq} of run '{self.run}' is not from this guard: it writes nothing more.")
            del self._pending[0]
            self._journaled = event.seq
        self._doubt = False

    def merge(self, found: Found) -> bool:
        """Takes in what another process had to leave beside the journal: in order, once, with a note after it.

        An order in it that something newer has overruled is not carried out any more. While a newer rollback runs it
        is left where it is: False then. Raises as `write` does.
        """
        before = f"The {len(found.events)} events before this note are from {found.path.name}"
        told = f"{before}: the journal could not be written then."
        noted = any(isinstance(event.fact, NoteAdded) and event.fact.text.startswith(before) for event in self.events)
        if noted and any(isinstance(event.fact, RollbackConfirmed) for event in found.events):
            set_aside(found)
            return True
        known = {(event.at, event.fact) for event in self.events}
        missing = [event for event in found.events if (event.at, event.fact) not in known]
        orders = orders_in(missing, [event for event in self.events if event.seq not in self._merged])
        if self.state.rolling_back and any(one.overruled and not one.outdone for one in orders.values()):
            return False
        numbers = Numbers(self.state, orders)
        for event in missing:
            if facts := numbers.fit(event.fact):
                self._merged |= {one.seq for one in self._take(self._append(facts, event.at, event.by))}
        if missing:
            self.write((NoteAdded(told + overruled(orders.values())),))
        set_aside(found)
        return True

    def _append(self, facts: tuple[Fact, ...], at: datetime, by: Actor) -> tuple[Event, ...]:
        if self.journal is None:
            raise JournalError("there is no journal to write")
        self._well()
        try:
            events = tuple(self.journal.append(self.run, facts, at, by, self.token))
        except JournalError as error:
            self._doubt = True
            self._sick = (self.clock.now() + SICK_FOR, JournalError(str(error)))
            raise
        self._sick = None
        self._journaled = events[-1].seq
        return events

    def _well(self) -> None:
        """Raises JournalError while the journal is left alone."""
        if self._sick and self.clock.now() < self._sick[0]:
            raise self._sick[1]

    def _spilled(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        if self.journal is None and self.spill is not None and self.spill.taken:
            raise Refused("the journal can be written again, and its guard has the order by now: nothing more is sent")
        if self.spill is not None and events:
            self.spill.add(self.run, events)
        return events

    def _beside(self, facts: Sequence[Fact], by: Actor, now: datetime) -> tuple[Event, ...]:
        seq = self.state.seq
        at = max(now, self.state.at) if self.state.at else now
        events = tuple(Event(seq + n, at, by, fact) for n, fact in enumerate(facts, 1))
        self._pending += events
        return self._take(events)

    def _take(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        if events:
            self.events += events
            self.state = fold(events, self.state)
            self._publish(Happened(events))
        return events

    # ------------------------------------------------------------ ticks

    def tick(self, judged: Judged) -> None:
        """Stores and publishes one tick. A tick that cannot be stored is shown all the same, and told once one can.

        Raises Refused when this guard is fenced off.
        """
        self.number = judged.number
        self.ticks.append(judged)
        self._publish(Ticked(judged))
        if self.journal is None:
            return
        first, count = self._unstored or (judged.at, 0)
        if not self._stores(self.journal, judged):
            self._unstored = first, count + 1
        elif count:
            self._unstored = None
            why = f"the journal could not be written: {count} ticks were judged and are not kept"
            self.write_or_keep((TicksLost((judged.at - first).total_seconds(), why),))

    def _stores(self, journal: Journal, judged: Judged) -> bool:
        if self._sick and self.clock.now() < self._sick[0]:
            return False
        try:
            row = TickRow(judged.number, self.clock.now(), self.state.seq, self._encoder.encode(judged))
            journal.add_tick(self.run, row)
        except JournalError as error:
            self._encoder.lost()
            self._sick = (self.clock.now() + SICK_FOR, error)
            return False
        return True

    # ------------------------------------------------------------ updates

    def story(self) -> Began:
        """All that was told so far."""
        return Began(tuple(self.events), tuple(self.ticks), self.clock.now(), self.state)

    def subscribe(self, receive: Receive) -> Callable[[], None]:
        """Sends the whole story, then every update. Gives back how to stop."""
        receive(self.story())
        self._receivers.append(receive)
        return lambda: self._receivers.remove(receive) if receive in self._receivers else None

    def _publish(self, update: Update) -> None:
        for receive in tuple(self._receivers):
            receive(update)
