"""A run's state while it is being folded: the same fields as `RunState`, open to change. It never leaves the fold.

Folding ten thousand events into frozen values copies every mapping ten thousand times; this copies each one once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from pags_tui.core.events import Actor
from pags_tui.core.runbook import Runbook
from pags_tui.core.series import FlagValue, Labels, Seconds
from pags_tui.core.state.parts import (
    OPEN,
    QUIET,
    UNSEEN,
    Change,
    Countdown,
    Firing,
    Flag,
    Guard,
    Hold,
    Issue,
    Known,
    Message,
    Note,
    Override,
    Poll,
    Rollback,
    Run,
    Signature,
    StepState,
    TClock,
)
from pags_tui.core.state.run_state import RunState

K = TypeVar("K")
V = TypeVar("V")


class Draft:
    """What a `RunState` says, to be written on. A dict or list in it is its own; all else is shared."""

    __slots__ = tuple(RunState.__slots__)

    seq: int
    at: datetime | None
    run: Run | None
    runbook: Runbook
    lead: Actor
    guard: Guard | None
    roles: Mapping[str, str]
    contacts: Mapping[str, str]
    rehearsed: Mapping[str, tuple[Seconds, ...]]
    clock: TClock | None
    t0: datetime | None
    t0_first: datetime | None
    hold: Hold | None
    past_holds: Sequence[tuple[Hold, datetime]]
    held: Seconds
    entered: Mapping[str, datetime]
    entered_t: Mapping[str, Seconds]
    ever_entered: frozenset[str]
    recycles: Sequence[tuple[int, Seconds]]
    no_return: frozenset[str]
    steps: Mapping[str, StepState]
    captures: Mapping[str, str]
    signatures: Mapping[str, tuple[Signature, ...]]
    past_signatures: Sequence[tuple[str, Signature]]
    overrides: Mapping[str, Override]
    flags: Mapping[str, Flag]
    changes: Mapping[int, Change]
    rollbacks: tuple[Rollback, ...]
    observing: bool
    triggers: Mapping[str, Firing]
    gate_states: Mapping[str, str]
    trigger_states: Mapping[str, str]
    countdown: Countdown | None
    band: tuple[str, ...]
    vetoes: int
    retired: Mapping[str, frozenset[Labels]]
    lost: Mapping[str, str]
    issues: Sequence[Issue]
    notes: Sequence[Note]
    polls: tuple[Poll, ...]
    messages: Mapping[int, Message]
    snoozed: Mapping[str, datetime]
    ended: str
    ended_at: datetime | None

    def __init__(self, state: RunState) -> None:
        for name in FIELDS:
            setattr(self, name, getattr(state, name))

    def frozen(self) -> RunState:
        """The state, immutable from here on. The draft is done with."""
        return RunState(**{name: _frozen(getattr(self, name)) for name in FIELDS})

    def t(self, now: datetime) -> Seconds | None:
        """T at `now`, as `RunState.t`."""
        return self.clock.read(now) if self.clock else None

    def step(self, step: str) -> StepState:
        """As `RunState.step`."""
        return self.steps.get(step, OPEN)

    def flag(self, key: str) -> Flag:
        """As `RunState.flag`."""
        return self.flags.get(key, UNSEEN)

    def trigger(self, name: str, **changes: Any) -> None:
        """Something new of one trigger."""
        self.triggers = put(self.triggers, name, replace(self.triggers.get(name, QUIET), **changes))

    def rightly(self, flag: Flag, value: FlagValue, seq: int, at: datetime) -> tuple[Known, ...]:
        """The flag's history, with that value from now on."""
        return (*flag.history, Known(seq, at, self.t(at), value))


FIELDS = tuple(RunState.__slots__)


def _frozen(value: Any) -> Any:
    if type(value) is dict:
        return MappingProxyType(value)
    return tuple(value) if type(value) is list else value


def put(mapping: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """The mapping with that entry: the draft's own is changed, a shared one is copied first."""
    own = mapping if type(mapping) is dict else dict(mapping)
    own[key] = value
    return own


def without(mapping: Mapping[K, V], key: K) -> Mapping[K, V]:
    """The mapping without that entry, likewise."""
    own = mapping if type(mapping) is dict else dict(mapping)
    own.pop(key, None)
    return own


def add(items: Sequence[V], item: V) -> Sequence[V]:
    """The row with that item at its end, likewise."""
    own = items if type(items) is list else list(items)
    own.append(item)
    return own
