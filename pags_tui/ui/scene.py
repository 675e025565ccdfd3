"""The scene: all that a screen knows at one moment, as one immutable value. `present` makes rows of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import overload

from pags_tui.core.decide.view import View
from pags_tui.core.events import Actor, Event, Seated
from pags_tui.core.judge import Judged
from pags_tui.core.state import RunState, fold
from pags_tui.desk.port import Began, Gone, Happened, Present, Seat, Ticked, Update

KEPT_TICKS = 720
"""Ticks kept for graphs: an hour at five seconds."""
KEPT_EVENTS = 500
"""Events kept for the log on the screen; the journal has them all."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the screen shows is a function of this alone."""

    state: RunState
    now: datetime
    me: Actor
    seat: Seat = "desk"
    last: Judged | None = None
    """The newest tick; None before the first."""
    ticks: Sequence[Judged] = ()
    """Newest last, at most `KEPT_TICKS`."""
    events: tuple[Event, ...] = ()
    """Newest last, at most `KEPT_EVENTS`."""
    gone: str = ""
    """Why nobody stands behind the desk; empty while somebody does, and of a closed run, which needs nobody."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Facts of the terminal that a screen may show (a warning at the start)."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Keys of one's own, by id of the key."""
    present: tuple[Seated, ...] = ()
    """Who sits at a screen of the run; empty where nobody tells."""

    @property
    def view(self) -> View:
        """The same, as a decision looks at it."""
        last = self.last
        return View(self.state, self.now, self.me, last.gates if last else {}, last.triggers if last else {})


class Ticks(Sequence[Judged]):
    """The last ticks: those of the story so far, looked at when they are needed, and those that came since."""

    __slots__ = ("_since", "_told")

    def __init__(self, told: Sequence[Judged], since: Sequence[Judged]) -> None:
        left = max(0, KEPT_TICKS - len(since))
        self._told = told[max(0, len(told) - left) :] if left else ()
        self._since = tuple(since)

    def __len__(self) -> int:
        return len(self._told) + len(self._since)

    @overload
    def __getitem__(self, at: int) -> Judged: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Judged, ...]: ...
    def __getitem__(self, at: int | slice) -> Judged | tuple[Judged, ...]:
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            told = len(self._told)
            if step == 1:
                return (*self._told[min(start, told) : stop], *self._since[max(0, start - told) : max(0, stop - told)])
            return tuple(self[place] for place in range(start, stop, step))
        place = range(len(self))[at]
        return self._told[place] if place < len(self._told) else self._since[place - len(self._told)]


class Stage:
    """Folds a desk's updates into scenes. The only thing on a screen that changes."""

    def __init__(self, me: Actor, seat: Seat, now: datetime) -> None:
        self._scene = Scene(RunState(), now, me, seat)
        self._told: Sequence[Judged] = ()
        self._since: deque[Judged] = deque(maxlen=KEPT_TICKS)
        self._events: deque[Event] = deque(maxlen=KEPT_EVENTS)

    def receive(self, update: Update) -> None:
        """Takes one update in. Events that are known already are passed over."""
        match update:
            case Began():
                self._told, self._since = update.ticks, deque(maxlen=KEPT_TICKS)
                self._events = deque(update.events[-KEPT_EVENTS:], maxlen=KEPT_EVENTS)
                self._scene = replace(self._scene, state=update.state or fold(update.events))
                self._scene = replace(self._scene, last=update.ticks[-1] if update.ticks else None, gone="")
            case Happened():
                self._fold(update.events, self._scene.state)
            case Ticked():
                self._since.append(update.judged)
                self._scene = replace(self._scene, last=update.judged, gone="")
            case Present():
                self._scene = replace(self._scene, present=update.people)
            case Gone():
                self._scene = replace(self._scene, gone=update.reason)

    def _fold(self, events: tuple[Event, ...], state: RunState) -> None:
        fresh = [event for event in events if event.seq > state.seq]
        self._events.extend(fresh)
        self._scene = replace(self._scene, state=fold(fresh, state))

    def scene(self, now: datetime) -> Scene:
        """Everything known, as of `now`."""
        self._scene = replace(self._scene, now=now, ticks=Ticks(self._told, self._since), events=tuple(self._events))
        return replace(self._scene, gone="") if self._scene.state.ended else self._scene
