"""The pieces of a run's state. Immutable values; what they mean together is `RunState`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal

from pags_tui.core.events import GUARD, Actor, Evidence, Kind, Mode, Move, Outcome, Purpose, Result
from pags_tui.core.series import FlagValue, Seconds


def empty() -> Mapping[Any, Any]:
    """A mapping that holds nothing and never will."""
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TClock:
    """The T-clock: T was `t` at `at`, and runs on from there unless it stands."""

    at: datetime
    t: Seconds
    running: bool

    def read(self, now: datetime) -> Seconds:
        """T at `now`, in seconds; negative before T+0."""
        return self.t + (now - self.at).total_seconds() if self.running else self.t

    def wall(self, t: Seconds, now: datetime) -> datetime:
        """The wall time at which T will be `t`, if nothing stops it from now on."""
        return now + timedelta(seconds=t - self.read(now))


@dataclass(frozen=True, slots=True)
class Run:
    """What a run is, fixed at its start."""

    id: str
    kind: Kind
    target: str
    started: datetime
    file: str
    version: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Why T stands."""

    since: datetime
    cause: Literal["operator", "runbook", "rollback"]
    reason: str
    by: Actor


@dataclass(frozen=True, slots=True)
class StepState:
    """What became of one step. `outcome` None: open."""

    outcome: Outcome | None = None
    reason: str = ""
    value: str = ""
    by: Actor = GUARD
    at: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    reopened: int = 0
    """`seq` at which it was last opened again; flag writes before that no longer count for it."""
    t: Seconds | None = None
    """T when it got its outcome; None while T+0 was unknown."""

    @property
    def settled(self) -> bool:
        """Resolved in a way that lets the run go on: failed and deferred block until waived."""
        return self.outcome in ("passed", "skipped", "n/a", "waived")


@dataclass(frozen=True, slots=True)
class Signature:
    """One role's signature under a checkpoint."""

    role: str
    name: str
    user: str
    at: datetime
    evidence: tuple[Evidence, ...]
    same_account: bool = False
    voided: str = ""
    """Why it no longer counts; empty while it does."""
    t: Seconds | None = None
    """T when it was given; None while T+0 was unknown."""
    seq: int = 0
    """Of the event that gave it."""


@dataclass(frozen=True, slots=True)
class Override:
    """A gate that the lead goes against."""

    gate: str
    state: str
    value: float | None
    reason: str
    until: datetime
    by: Actor
    at: datetime
    metric: str | None = None
    """What `value` was of."""
    passed: bool = False
    """The gate has passed since: it must not fail again."""
    seq: int = 0
    """Of the event that gave it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One flag write, from the intent to its answer."""

    number: int
    seq: int
    flag: str
    value: FlagValue
    before: FlagValue | None
    purpose: Purpose
    step: str
    rollback: int
    by: Actor
    at: datetime
    reason: str = ""
    t: Seconds | None = None
    """T when it was asked."""
    result: Result | None = None
    """None: asked, and nobody knows."""
    found: FlagValue | None = None
    detail: str = ""
    curl: str = ""
    answered: datetime | None = None
    settled: Literal["", "accepted", "given-up", "superseded"] = ""
    held_seq: int = 0
    """`seq` of the event since which it `holds`; 0: it does not."""

    @property
    def holds(self) -> bool:
        """The service has the value: read back, or taken on trust by the lead."""
        return self.result == "verified" or self.settled == "accepted"

    @property
    def owed(self) -> bool:
        """Nobody knows yet, or nobody has decided, whether it took effect."""
        return self.result in (None, "unknown", "mismatch", "unverified") and not self.settled

    @property
    def may_have_acted(self) -> bool:
        """It may have reached production."""
        return self.result != "refused"


@dataclass(frozen=True, slots=True)
class Known:
    """A value that a flag rightly had, from then on."""

    seq: int
    at: datetime
    t: Seconds | None
    """T then; None while T+0 was unknown."""
    value: FlagValue


@dataclass(frozen=True, slots=True)
class Flag:
    """What is known of one flag."""

    seen: FlagValue | None = None
    """The last value read from the service; None before the first read."""
    seen_at: datetime | None = None
    failed: str = ""
    """Why the last read failed; empty when it did not."""
    first: FlagValue | None = None
    """The value read first in this run: as it was before the night."""
    expected: FlagValue | None = None
    """What it should be: last written and verified by this run, accepted, or first read."""
    drift: FlagValue | None = None
    """A value that nobody here set, until accepted or restored."""
    history: tuple[Known, ...] = ()
    """Each value that it rightly had in this run, oldest first: first read, verified, accepted."""


@dataclass(frozen=True, slots=True)
class Rollback:
    """One rollback: a standing order from its confirmation to its end."""

    number: int
    title: str
    moves: tuple[Move, ...]
    parallel: tuple[str, ...]
    """Steps whose flags are written together."""
    cause: str
    by: Actor
    at: datetime
    finished: datetime | None = None
    verified: int = 0


@dataclass(frozen=True, slots=True)
class Firing:
    """What happened to one trigger, beside its clock."""

    fired: datetime | None = None
    """When it fired; None when it is not latched."""
    mode: Mode | None = None
    """How it was armed when it fired."""
    last: datetime | None = None
    """When it last fired, latched or not; None: never in this run."""
    acted: datetime | None = None
    """When it last fired armed, neither muted nor observing."""
    vetoed_until: datetime | None = None
    muted_until: datetime | None = None
    muted_why: str = ""
    cleared: int = 0
    """`seq` of the last time that it was unlatched."""


@dataclass(frozen=True, slots=True)
class Countdown:
    """A rollback that runs by itself at `ends`."""

    triggers: tuple[str, ...]
    began: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong that stays in the header until closed."""

    number: int
    severity: Literal["minor", "major"]
    text: str
    by: Actor
    at: datetime
    closed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something written down."""

    text: str
    step: str
    by: Actor
    at: datetime
    happened: datetime


@dataclass(frozen=True, slots=True)
class Poll:
    """A go/no-go poll; answers by role."""

    number: int
    question: str
    at: datetime
    answers: Mapping[str, tuple[str, Actor, datetime, bool]] = field(default_factory=empty)
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One message, from its draft to its sending."""

    number: int
    comms: str
    cause: str
    drafted: datetime | None
    text: str = ""
    asked: datetime | None = None
    result: Literal["", "sent", "copied", "failed", "unknown"] = ""
    detail: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """The process that owns the run."""

    pid: int
    host: str
    token: int
    since: datetime
    stopped: str = ""


OPEN = StepState()
UNSEEN = Flag()
QUIET = Firing()
