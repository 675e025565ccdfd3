"""The scene: all that a screen knows at one moment, as one immutable value. `present` makes rows of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pags_tui.core.decide.view import View
from pags_tui.core.events import Actor, Event
from pags_tui.core.judge import Judged
from pags_tui.core.state import RunState, fold
from pags_tui.desk.port import Began, Gone, Happened, Seat, Ticked, Update

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
    ticks: tuple[Judged, ...] = ()
    """Newest last, at most `KEPT_TICKS`."""
    events: tuple[Event, ...] = ()
    """Newest last, at most `KEPT_EVENTS`."""
    gone: str = ""
    """Why nobody stands behind the desk; empty while somebody does."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Facts of the terminal that a screen may show (a warning at the start)."""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Keys of one's own, by id of the key."""

    @property
    def view(self) -> View:
        """The same, as a decision looks at it."""
        last = self.last
        return View(self.state, self.now, self.me, last.gates if last else {}, last.triggers if last else {})


class Stage:
    """Folds a desk's updates into scenes. The only thing on a screen that changes."""

    def __init__(self, me: Actor, seat: Seat, now: datetime) -> None:
        self._scene = Scene(RunState(), now, me, seat)
        self._ticks: deque[Judged] = deque(maxlen=KEPT_TICKS)
        self._events: deque[Event] = deque(maxlen=KEPT_EVENTS)

    def receive(self, update: Update) -> None:
        """Takes one update in. Events that are known already are passed over."""
        match update:
            case Began():
                self._ticks = deque(update.ticks, maxlen=KEPT_TICKS)
                self._events = deque(maxlen=KEPT_EVENTS)
                self._fold(update.events, RunState())
                self._scene = replace(self._scene, last=update.ticks[-1] if update.ticks else None, gone="")
            case Happened():
                self._fold(update.events, self._scene.state)
            case Ticked():
                self._ticks.append(update.judged)
                self._scene = replace(self._scene, last=update.judged, gone="")
            case Gone():
                self._scene = replace(self._scene, gone=update.reason)

    def _fold(self, events: tuple[Event, ...], state: RunState) -> None:
        fresh = [event for event in events if event.seq > state.seq]
        self._events.extend(fresh)
        self._scene = replace(self._scene, state=fold(fresh, state))

    def scene(self, now: datetime) -> Scene:
        """Everything known, as of `now`."""
        self._scene = replace(self._scene, now=now, ticks=tuple(self._ticks), events=tuple(self._events))
        return self._scene
