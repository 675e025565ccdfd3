"""One ask to a run that no guard guards: this process owns the run for a moment, journals what follows, and leaves.

For what needs no service and no watch: closing a run, and what is left to do after it. Never writes a flag.
"""

from __future__ import annotations

from pags_tui.core.decide import View, decide
from pags_tui.core.decide.asks import Accepted, EndRun, Reopen, Resolve
from pags_tui.core.errors import Refused
from pags_tui.core.events import Actor
from pags_tui.core.state import fold
from pags_tui.driver import Record
from pags_tui.wiring import places
from pags_tui.wiring.alive import is_alive
from pags_tui.wiring.beside import take_in
from pags_tui.wiring.clocks import SteadyClock
from pags_tui.wiring.guards import Post, take_lease
from pags_tui.wiring.journals import Store, open_journal, open_readonly

UNFINISHED = "The rollback of {run} is not finished, and nobody works on it: finish it first ({way})."

WAYS = {"rehearsal": "pags-tui guard", "demo": "it was a demo, and nothing outside waits for it"}
"""`pags-tui rollback` writes for real, always: it is named for a live run alone."""

LONG_AGO = 0.0
"""The heartbeat that is left: nobody guards the run any more."""


def guard_lives(store: Store, run: str) -> bool:
    """Somebody owns the run, here or on another host, and would have to be asked."""
    with open_readonly(store) as reader:
        return is_alive(reader.lease(run))


def ask_alone(store: Store, run: str, name: str, ask: EndRun | Resolve | Reopen) -> Accepted:
    """The answer, as a guard would give it. Raises Refused, also when a guard lives after all; JournalError."""
    with open_journal(store, create=False) as journal:
        clock, me = SteadyClock(fold(journal.events(run)).at), Actor(places.user(), name)
        lease = take_lease(Post(store, run), journal, clock)
        try:
            return _decided(Record(journal, run, clock, lease.token), store, me, ask)
        finally:
            journal.beat(run, lease.token, clock.now(), LONG_AGO)


def _decided(record: Record, store: Store, me: Actor, ask: EndRun | Resolve | Reopen) -> Accepted:
    take_in(record, store)
    if record.state.rolling_back:
        kind = record.state.run.kind if record.state.run else ""
        raise Refused(UNFINISHED.format(run=record.run, way=WAYS.get(kind, "pags-tui rollback")))
    events = record.write(decide(ask, View(record.state, record.clock.now(), me)), me)
    return Accepted(tuple(event.seq for event in events))
