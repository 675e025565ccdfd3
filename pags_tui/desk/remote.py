"""A seat at a guard on another host: events and ticks come out of the journal's database, asks go through a table.

The screen holds nothing that may not be lost: after any break the whole story is read anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pags_tui.core.decide.asks import Accepted, Ask, RollBack, encode_ask
from pags_tui.core.errors import PagsError, Unreachable
from pags_tui.core.events import Actor, RunEnded, Seated
from pags_tui.core.ports import Archive, Board, Lease
from pags_tui.core.series import Seconds
from pags_tui.core.tape import REACH, Decoder, decode_rows
from pags_tui.desk.client import PATIENCE
from pags_tui.desk.glass import ASK_GUARD, Breaker, Glass
from pags_tui.desk.port import Began, Gone, Happened, Present, Seat, Ticked, Update
from pags_tui.desk.wire import answer_of
from pags_tui.driver.threads import in_thread

KEPT_TICKS = 720
"""Ticks read at the start: an hour at five seconds."""
LOOK_EVERY: Seconds = 5.0
"""Between two looks at the guard's heartbeat, and at whatever was not heard."""
AGAIN: Seconds = 0.5
"""Between two tries while the database is away, and two looks for an answer that was not heard."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which run, and where we sit."""

    run: str
    host: str
    screen: str
    """Unlike any other screen's."""
    name: str = ""
    """A self-declared name on a shared account."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a seat is made of."""

    connect: Callable[[], tuple[Archive, Board]]
    """Raises JournalError when the database cannot be had."""
    alive: Callable[[Lease | None], bool]
    """Whether the guard that holds the lease lives."""
    boot: Callable[[], Seconds]
    """The machine's boot-time clock."""
    time: Callable[[Lease | None], datetime]
    """The run's time at this moment, from a lease just read."""
    wake: Callable[[], None] | None = None
    """Starts a guard where none lives: it blocks, or raises PagsError."""
    glass: Glass | None = None
    """Performs a rollback that the guard does not take; None: there is no other way."""


class RemoteDesk:
    """One seat. Everything is read in a thread of its own."""

    def __init__(self, place: Place, means: Means, seat: Seat = "desk") -> None:
        """Connects. Raises JournalError when the database cannot be had."""
        self.seat: Seat = seat
        self._place, self._means = place, means
        self._reader, self._board = means.connect()
        self.me = Actor(self._board.user(), place.name)
        self._time = (means.time(self._reader.lease(place.run)), means.boot())
        self._receive: Callable[[Update], None] = lambda _: None
        self._woken: Callable[[], None] = lambda: None
        self._stopped = threading.Event()
        self._said = asyncio.Event()
        self._seq = self._tick = 0
        self._stored: dict[int, bytes] = {}
        self._decoder = Decoder(self._stored.get)
        self._gone = ""
        self._present: tuple[Seated, ...] = ()
        self._breaker = Breaker(means.glass, lambda update: self._hear(self._screen, update)) if means.glass else None
        self._screen: Callable[[Update], None] = lambda _: None
        self._anew = threading.Event()
        """The whole story is to be read again."""
        self._after: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._work, name="remote-desk", daemon=True)

    def now(self) -> datetime:
        """The guard's clock, as of its last heartbeat."""
        told, at = self._time
        return told + timedelta(seconds=self._means.boot() - at)

    async def attach(self, receive: Callable[[Update], None]) -> None:
        """Feeds updates until detached."""
        loop = asyncio.get_running_loop()

        def hand_over(update: Update | None) -> None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._read, receive, update)

        self._screen, self._receive = receive, hand_over
        self._woken = lambda: hand_over(None)
        self._thread.start()

    def _read(self, receive: Callable[[Update], None], update: Update | None) -> None:
        """What the database tells; not while a process tells how it goes round the guard."""
        self._hear(receive, None if self._is_broken else update)

    @property
    def _is_broken(self) -> bool:
        return self._breaker is not None and self._breaker.busy

    def _hear(self, receive: Callable[[Update], None], update: Update | None) -> None:
        self._said.set()
        if update is not None:
            if self._breaker is not None:
                self._breaker.heard(update)
            receive(update)

    # ------------------------------------------------------------ reading

    def _work(self) -> None:
        told, look_at = False, 0.0
        while not self._stopped.is_set():
            try:
                if not told or self._anew.is_set():
                    self._anew.clear()
                    self._begin()
                    told, look_at = True, 0.0
                heard = self._board.heard(AGAIN)
                if heard:
                    self._woken()
                due = self._means.boot() >= look_at
                if (heard or due) and self._go_on():
                    return
                if due:
                    look_at = self._means.boot() + LOOK_EVERY
                    self._look()
            except PagsError as error:
                told = False
                self._tell_gone(str(error))
                self._stopped.wait(AGAIN)

    def _begin(self) -> None:
        events = self._reader.events(self._place.run)
        rows = self._reader.ticks(self._place.run, limit=KEPT_TICKS + REACH)
        self._time = (self._means.time(self._reader.lease(self._place.run)), self._means.boot())
        self._seq = events[-1].seq if events else 0
        self._tick = rows[-1].tick if rows else 0
        self._stored.clear()
        self._stored.update((row.tick, row.payload) for row in rows[-2 * REACH :])
        self._decoder = Decoder(self._stored.get)
        self._gone = ""
        self._receive(Began(tuple(events), decode_rows(rows)[-KEPT_TICKS:], self.now()))

    def _go_on(self) -> bool:
        """What is new. True: the run was ended, and nothing more will come."""
        if events := self._reader.events(self._place.run, since=self._seq):
            self._seq = events[-1].seq
            self._receive(Happened(tuple(events)))
        for row in self._reader.ticks(self._place.run, since=self._tick):
            self._tick = row.tick
            self._stored[row.tick] = row.payload
            for number in [one for one in self._stored if one < row.tick - 2 * REACH]:
                del self._stored[number]
            self._receive(Ticked(self._decoder.decode(row.payload)))
        ended = next((event.fact for event in events if isinstance(event.fact, RunEnded)), None)
        if ended is not None:
            self._receive(Gone(f"the run was ended as {ended.outcome}", final=True))
        return ended is not None

    def _look(self) -> None:
        """At the guard's heartbeat, and who else is here."""
        lease = self._reader.lease(self._place.run)
        self._board.be_present(
            self._place.run, self._place.screen, Seated(Actor("", self._place.name), self._place.host, self.seat)
        )
        people = tuple(self._board.present(self._place.run))
        if people != self._present:
            self._present = people
            self._receive(Present(people))
        if self._means.alive(lease):
            self._time = (self._means.time(lease), self._means.boot())
            if self._gone:
                self._begin()
            return
        where = f" on {lease.host}, silent for {lease.age or 0.0:.0f} s" if lease else ""
        self._tell_gone(f"no guard lives{where}")
        if self._means.wake is not None and not self._is_broken:
            try:
                self._means.wake()
            except PagsError as error:
                self._tell_gone(f"no guard can be started: {error}")

    def _tell_gone(self, reason: str) -> None:
        if reason != self._gone:
            self._gone = reason
            self._receive(Gone(reason))

    # ------------------------------------------------------------ asking

    async def ask(self, ask: Ask, patience: Seconds = PATIENCE) -> Accepted:
        """The guard's answer; without one in time a refusal that says so, and nobody takes the ask any more.

        A rollback waits two seconds for the guard, then it is performed without it.
        """
        if isinstance(ask, RollBack) and self._breaker is not None:
            answer = await self._breaker.roll_back(ask, lambda: self._asked(ask, ASK_GUARD), self._tell_gone)
            self._after = asyncio.get_running_loop().create_task(self._after_it(self._breaker))
            return answer
        try:
            return await self._asked(ask, patience)
        except Unreachable as error:
            return Accepted(said=str(error), refused=True)

    async def _after_it(self, breaker: Breaker) -> None:
        """The story is read anew once nobody else tells it."""
        await breaker.over()
        self._anew.set()

    async def _asked(self, ask: Ask, patience: Seconds) -> Accepted:
        """Raises Unreachable when no answer came in time."""
        kind, payload = encode_ask(ask)
        place, board = self._place, self._board
        try:
            number = await in_thread(lambda: board.ask(place.run, place.name, place.host, kind, payload, patience))
        except PagsError as error:
            said = f"{error}. It may have been asked; look. A live run, in another shell: pags-tui rollback"
            raise Unreachable(said) from None
        return await _answer(board, number, patience, self._said)

    async def detach(self) -> None:
        """Lets go; the guard goes on."""
        if self._after is not None:
            self._after.cancel()
        if self._breaker is not None:
            await self._breaker.detach()
        self._stopped.set()
        if self._thread.is_alive():
            await in_thread(self._thread.join)

        def leave() -> None:
            with contextlib.suppress(PagsError):
                self._board.leave(self._place.run, self._place.screen)
            self._board.close()

        await in_thread(leave)


async def _answer(board: Board, number: int, patience: Seconds, said: asyncio.Event) -> Accepted:
    loop = asyncio.get_running_loop()
    ends = loop.time() + patience
    while loop.time() < ends:
        said.clear()
        with contextlib.suppress(PagsError):
            if (text := await in_thread(lambda: board.answer_to(number))) is not None:
                return answer_of(json.loads(text))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(said.wait(), AGAIN)
    raise Unreachable("The guard did not answer in time. It may have happened; look.")


async def ask_through(board: Board, place: Place, ask: Ask, patience: Seconds) -> Accepted:
    """One ask from a shell. Raises JournalError when the database cannot be had."""
    kind, payload = encode_ask(ask)
    number = await in_thread(lambda: board.ask(place.run, place.name, place.host, kind, payload, patience))
    try:
        return await _answer(board, number, patience, asyncio.Event())
    except Unreachable as error:
        return Accepted(said=str(error), refused=True)
