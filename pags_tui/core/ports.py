"""What the driver needs from outside, as small protocols. They are kept by `edge`, `desk`, `wiring` and `simulator`.

Services are synchronous and are called from daemon threads; deadlines are in seconds from the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, Self

from pags_tui.core.series import FlagValue, Labels, Point, Reading, Seconds

if TYPE_CHECKING:
    from pags_tui.core.chain import Broken, Stored
    from pags_tui.core.events import Actor, Event, Fact, Kind, Seated


class Clock(Protocol):
    """The one source of time. A simulated one runs at another speed."""

    def now(self) -> datetime:
        """Wall time in UTC that never goes back: anchored once, carried on by the machine's boot-time clock."""
        ...

    async def sleep(self, seconds: Seconds) -> None:
        """Waits that long on this clock."""
        ...


# ---------------------------------------------------------------- metrics


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """What to ask for one metric."""

    id: str
    query: str
    enough: str | None = None
    fresh: str | None = None
    """None: not asked at this tick."""


class Metrics(Protocol):
    """A metric service (Prometheus and what speaks its API)."""

    def server_time(self) -> Seconds:
        """The server's `time()`. Raises Unreachable or BadAnswer."""
        ...

    def poll(self, queries: Sequence[MetricQuery], time: Seconds, deadline: Seconds) -> Mapping[str, Reading]:
        """All queries at that server time, side by side; one slow query does not hold up the others.

        What has no answer by the deadline is a failed reading. Raises nothing.
        """
        ...

    def query_range(
        self, query: str, start: Seconds, end: Seconds, step: Seconds
    ) -> Sequence[tuple[Labels, Sequence[tuple[Seconds, float]]]]:
        """The query over the past, one list of (time, value) per series. Raises Unreachable or BadAnswer."""
        ...


# ---------------------------------------------------------------- flags


@dataclass(frozen=True, slots=True)
class WriteAnswer:
    """What a flag service said to a write. Believed only once read back."""

    accepted: bool | None
    """True: it took it. False: refused for good. None: nobody knows (time-out, cut, 5xx, 408, 429)."""
    status: str
    """`200`, `401`, `timeout` …"""
    detail: str
    """A plain sentence, free of secrets."""
    retry_after: Seconds | None = None


class FlagService(Protocol):
    """A service that holds flags."""

    reads_back: bool
    """Whether a value can be read at all."""

    def read(self, key: str, deadline: Seconds) -> FlagValue:
        """The flag's present value. Raises Unreachable or BadAnswer."""
        ...

    def write(self, key: str, value: FlagValue, idempotency_key: str, deadline: Seconds) -> WriteAnswer:
        """One attempt to set the flag. Raises nothing, repeats nothing."""
        ...

    def describe(self) -> str:
        """Kind and host for the screen, free of secrets."""
        ...

    def curl(self, key: str, value: FlagValue) -> str:
        """The same write by hand, secrets left as `${NAME}`."""
        ...


# ---------------------------------------------------------------- messages


class Webhook(Protocol):
    """Somewhere a line of text can be sent."""

    def send(self, text: str, deadline: Seconds) -> None:
        """Raises Unreachable or BadAnswer."""
        ...


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, as a mark on the graphs of others."""

    at: datetime
    text: str
    tags: tuple[str, ...] = ()
    until: datetime | None = None
    """When it was over; None: a moment, or not over yet."""
    lasts: bool = False
    """It has an end: a mark with the same `at` and an `until` tells it."""


class Marks(Protocol):
    """Graphs of others on which moments can be marked."""

    def mark(self, mark: Mark, deadline: Seconds) -> int | None:
        """One attempt; the number that it got there, where one is told. Raises Unreachable or BadAnswer."""
        ...

    def extend(self, number: int, mark: Mark, deadline: Seconds) -> None:
        """Tells the end of a mark that was made; more than once is harmless. Raises Unreachable or BadAnswer."""
        ...


# ---------------------------------------------------------------- the journal


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run as the journal lists it."""

    id: str
    runbook: str
    kind: Kind
    started: datetime
    t0: datetime | None
    ended: datetime | None
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class TickRow:
    """One stored tick: what was polled and what was judged, as `judge.encode` wrote it."""

    tick: int
    """Counted from 1 within the run."""
    at: datetime
    """When it was shown: after its answers had come. When it was taken stands in the payload."""
    seq: int
    """The last event before it."""
    payload: bytes


@dataclass(frozen=True, slots=True)
class Lease:
    """Who owns a run."""

    token: int
    pid: int
    host: str
    boot: str
    """Boot id of the machine: a lease from a former boot is dead."""
    heartbeat: datetime
    beat: Seconds
    """The same on the machine's boot-time clock."""
    age: Seconds | None = None
    """Seconds since the heartbeat by the clock of a database that several machines share; None: a journal of one."""
    held: bool | None = None
    """Whether the owner is connected to that database at this moment."""


class Records(Protocol):
    """What can be read of a journal or a recording."""

    def runs(self) -> Sequence[RunRow]:
        """All runs, newest first."""
        ...

    def events(self, run: str, since: int = 0) -> Sequence[Event]:
        """Events with a `seq` above `since`, in order. Raises JournalError for what cannot be read."""
        ...

    def ticks(self, run: str, since: int = 0, limit: int | None = None) -> Sequence[TickRow]:
        """Stored ticks with a number above `since`, in order; with `limit` the last so many of them."""
        ...

    def lease(self, run: str) -> Lease | None:
        """The newest lease of that run."""
        ...


class Archive(Records, Protocol):
    """A journal or a recording, opened for reading. Close it after use, or use it in a `with`."""

    def verify(self, run: str) -> Broken | None:
        """The run's first row that is not as it was written; None when all are."""
        ...

    def whole(self, run: str) -> AbstractContextManager[Stored]:
        """The run row by row, as it is at this moment: to be checked, or to be carried elsewhere."""
        ...

    def close(self) -> None:
        """Lets go of it."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Journal(Records, Protocol):
    """The append-only record. One writer; any number of readers."""

    def begin(self, row: RunRow, sha256: str) -> None:
        """Makes room for a new run; its hash chain starts from the runbook's hash."""
        ...

    def append(self, run: str, facts: Iterable[Fact], at: datetime, by: Actor, token: int | None) -> Sequence[Event]:
        """Writes the facts durably, in one transaction, and gives them back as events.

        Raises Refused when `token` is no longer the run's newest, JournalError when it cannot be written, InDoubt when
        nobody knows whether it was.
        """
        ...

    def add_tick(self, run: str, row: TickRow) -> None:
        """Stores one tick (not synced by itself; its digest goes into the next event)."""
        ...

    def take_lease(self, run: str, pid: int, host: str, boot: str, now: datetime, beat: Seconds) -> Lease:
        """Raises the fencing token; every earlier owner is fenced off."""
        ...

    def beat(self, run: str, token: int, now: datetime, beat: Seconds) -> None:
        """Tells that the owner lives. Raises Refused when the token is no longer the newest."""
        ...

    def close(self) -> None:
        """Lets go of it."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """An ask that came through a database."""

    number: int
    by: Actor
    """The database's authenticated user."""
    kind: str
    payload: str


class Board(Protocol):
    """Asks, answers and who is present, in a database that several machines share. Raises JournalError throughout."""

    def user(self) -> str:
        """Who we are there: the session's authenticated user."""
        ...

    def heard(self, seconds: Seconds) -> bool:
        """Waits until something may be new, at most so long: whether it may."""
        ...

    def tell(self, run: str) -> None:
        """Tells the run's followers that something is new."""
        ...

    def ask(self, run: str, by_name: str, host: str, kind: str, payload: str, patience: Seconds) -> int:
        """Puts an ask up; nobody takes it once `patience` is over. Its number."""
        ...

    def answer_to(self, number: int) -> str | None:
        """What was answered; None: nothing yet."""
        ...

    def take(self, run: str, token: int) -> Sequence[Asked]:
        """For the run's owner: what was asked and not taken yet, each once. Raises Refused for a former owner."""
        ...

    def answer(self, run: str, number: int, text: str) -> None:
        """The owner's answer."""
        ...

    def be_present(self, run: str, screen: str, who: Seated) -> None:
        """Tells that somebody sits there; to be told again within `STAYS` seconds. An empty user: who we are there."""
        ...

    def leave(self, run: str, screen: str) -> None:
        """Tells that nobody sits there any more."""
        ...

    def present(self, run: str) -> Sequence[Seated]:
        """Who sits at a screen of that run, on whatever host."""
        ...

    def beside(self, run: str) -> Sequence[tuple[int, str, str]]:
        """What former owners had to write down elsewhere and could not merge: number, name and lines."""
        ...

    def leave_beside(self, run: str, name: str, lines: str) -> None:
        """Leaves such lines for the owner."""
        ...

    def merged(self, run: str, token: int, number: int) -> None:
        """The owner has taken those in."""
        ...

    def close(self) -> None:
        """Lets go of it."""
        ...


class OwnJournal(Journal, Archive, Protocol):
    """A journal opened for writing: everything that can be done with one."""

    def adopt(self, found: Stored) -> None:
        """Takes in a run of another journal, row by row as it was written. Raises JournalError when it is there."""
        ...

    def hush(self) -> None:
        """From here on somebody else tells followers what is new: see `Board.tell`."""
        ...

    def claim(self, name: str, run: str | None) -> str:
        """Takes a name for a run as long as its guard lives; the id of a run on another machine that holds it already.

        Empty: nobody does. Without a run it is only looked.
        """
        ...


Stop = Callable[[], None]

__all__ = [
    "Archive",
    "Asked",
    "Board",
    "Clock",
    "FlagService",
    "Journal",
    "Lease",
    "Mark",
    "Marks",
    "MetricQuery",
    "Metrics",
    "OwnJournal",
    "Point",
    "RunRow",
    "Stop",
    "TickRow",
    "Webhook",
    "WriteAnswer",
]
