"""A recorded run: what had happened, what was seen and how things stood at any moment of it. It changes nothing.

An event counts from when it was told, and a tick from when it was shown: a moment holds what a screen held then.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import overload

from pags_tui.core import events as e
from pags_tui.core.errors import JournalError, Refused
from pags_tui.core.events import Event, Fact
from pags_tui.core.judge import Judged
from pags_tui.core.ports import TickRow
from pags_tui.core.series import Seconds, Tick
from pags_tui.core.state import RunState, fold
from pags_tui.core.tape import Decoder
from pags_tui.core.updates import Began

KEPT_TICKS = 720
"""Ticks shown before the present moment, as a guard hands them to a screen: an hour at five seconds."""
FOLDED_EVERY = 100
"""Events from one remembered state to the next: so many are folded at a jump, whatever the length."""
PASSED_OVER = (e.GateChanged, e.TriggerChanged, e.FlagSeen, e.Notified, e.SourceBack, e.FlagAsked)
"""Events that nobody steps to."""

KINDS: Mapping[str, tuple[type, ...]] = {
    "flag": (e.FlagAnswered, e.FlagSettled, e.DriftFound, e.DriftAccepted),
    "sign-off": (e.Signed, e.SignatureVoided),
    "trigger": (
        e.TriggerFired, e.BandRaised, e.CountdownBegan, e.CountdownJoined, e.CountdownEnded, e.Vetoed,
        e.RollbackConfirmed,
    ),
    "hold": (e.HoldBegan, e.Resumed, e.Recycled),
}  # fmt: skip
"""What can be jumped to, and which facts it is."""


def is_of(kind: str, fact: Fact) -> bool:
    """Whether a fact is one of those. A trigger counts from when it begins to wait."""
    if kind == "trigger" and isinstance(fact, e.TriggerChanged):
        return fact.state in ("pending", "firing")
    return isinstance(fact, KINDS[kind])


class Seen(Sequence[Judged]):
    """A stretch of the recording's ticks, each read when somebody looks at it."""

    def __init__(self, judged: Callable[[int], Judged], places: range) -> None:
        self._judged, self._places = judged, places

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Judged]:
        return map(self._judged, self._places)

    @overload
    def __getitem__(self, at: int) -> Judged: ...
    @overload
    def __getitem__(self, at: slice) -> Seen: ...
    def __getitem__(self, at: int | slice) -> Judged | Seen:
        if isinstance(at, slice):
            return Seen(self._judged, self._places[at])
        return self._judged(self._places[at])


class Recording:
    """The events and ticks of one run."""

    def __init__(self, events: Sequence[Event], ticks: Sequence[TickRow], damage: str = "") -> None:
        """`damage`: a sentence, where this is not all of the run. Raises Refused for a run without events."""
        self.damage = damage
        if not events:
            raise Refused("This recording holds no event.")
        self.events = tuple(events)
        self.rows = tuple(ticks)
        self.event_times = _told_at(event.at for event in self.events)
        self.tick_times = _told_at(row.at for row in self.rows)
        self.start = self.events[0].at
        self.end = max([self.event_times[-1], *self.tick_times[-1:]])
        self.stops = self._moments(lambda fact: not isinstance(fact, PASSED_OVER))
        self.jumps = {kind: self._moments(lambda fact, kind=kind: is_of(kind, fact)) for kind in KINDS}  # type: ignore[misc]
        self._numbers = [row.tick for row in self.rows]
        self._decoder = Decoder(self._payload)
        self._states = [RunState()]
        self.judged = lru_cache(maxsize=KEPT_TICKS // 2)(self._judged)

    def _moments(self, wanted: Callable[[Fact], bool]) -> tuple[datetime, ...]:
        return tuple(at for at, event in zip(self.event_times, self.events, strict=True) if wanted(event.fact))

    def _judged(self, index: int) -> Judged:
        return self._decoder.decode(self.rows[index].payload)

    def shown(self, index: int) -> Judged:
        """A tick as a screen shows it: a damaged one failed, so that a replay goes on behind it."""
        try:
            return self.judged(index)
        except JournalError as error:
            row = self.rows[index]
            return Judged(row.tick, row.at, Tick(row.at.timestamp(), failed=str(error)), {}, {})

    def _payload(self, number: int) -> bytes | None:
        """What was stored of the tick of that number."""
        index = bisect.bisect_left(self._numbers, number)
        return self.rows[index].payload if index < len(self.rows) and self._numbers[index] == number else None

    def events_until(self, moment: datetime) -> int:
        """How many events had happened."""
        return bisect.bisect_right(self.event_times, moment)

    def ticks_until(self, moment: datetime) -> int:
        """How many ticks had been taken."""
        return bisect.bisect_right(self.tick_times, moment)

    def state_after(self, count: int) -> RunState:
        """How things stood after so many events."""
        nearest = count // FOLDED_EVERY
        while len(self._states) <= nearest:
            first = (len(self._states) - 1) * FOLDED_EVERY
            self._states.append(fold(self.events[first : first + FOLDED_EVERY], self._states[-1]))
        return fold(self.events[nearest * FOLDED_EVERY : count], self._states[nearest])

    def state_at(self, moment: datetime) -> RunState:
        """How things stood at a moment."""
        return self.state_after(self.events_until(moment))

    def story(self, moment: datetime) -> Began:
        """The whole story up to a moment."""
        count, events = self.ticks_until(moment), self.events_until(moment)
        ticks = Seen(self.shown, range(max(0, count - KEPT_TICKS), count))
        return Began(self.events[:events], ticks, moment, self.state_after(events))

    def tick_time(self, index: int) -> datetime:
        """When a tick was shown; the ends for indexes beyond them."""
        if index < 0 or not self.rows:
            return self.start
        return self.tick_times[min(index, len(self.rows) - 1)]

    def times_of_t(self, t: Seconds) -> tuple[datetime, ...]:
        """Every moment at which T came to `t`: more than one after a recycle, none where it never did."""
        found: list[datetime] = []
        state, before = RunState(), float("-inf")
        for event, following in zip(self.events, (*self.event_times[1:], self.end), strict=True):
            state = fold((event,), state)
            at = max(event.at, self.start)
            now, later = state.t(at), state.t(following)
            if now is None or later is None:
                continue
            if before < t <= now or (now < t <= later):
                found.append(at + timedelta(seconds=max(0.0, t - now)))
            before = later
        return tuple(found)

    def moment_of_t(self, t: Seconds, after: datetime | None = None) -> datetime | None:
        """The first moment at which T came to `t`, rather the next one after a moment; None: it never did."""
        times = self.times_of_t(t)
        return next((at for at in times if after is not None and at > after), times[0] if times else None)


def _told_at(moments: Iterable[datetime]) -> tuple[datetime, ...]:
    """When each was told: what was journaled late was told no sooner than what stands before it."""
    return tuple(accumulate(moments, max))
