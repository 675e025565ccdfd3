"""`RunState`: everything that is known of a run. It answers small questions and decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pags_tui.core.events import Actor
from pags_tui.core.runbook import Runbook
from pags_tui.core.series import Labels, Seconds
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
    Message,
    Note,
    Override,
    Poll,
    Rollback,
    Run,
    Signature,
    StepState,
    TClock,
    empty,
)

NO_RUNBOOK = Runbook.model_construct(id="", title="", phases=())
"""Before the first event: a plan without a line."""


@dataclass(frozen=True, slots=True)
class RunState:
    """Everything that is known of a run after `seq` events. Immutable; made by `fold` alone."""

    seq: int = 0
    at: datetime | None = None
    """When the last event happened."""
    run: Run | None = None
    runbook: Runbook = NO_RUNBOOK
    lead: Actor = Actor("")
    guard: Guard | None = None
    roles: Mapping[str, str] = field(default_factory=empty)
    contacts: Mapping[str, str] = field(default_factory=empty)
    rehearsed: Mapping[str, tuple[Seconds, ...]] = field(default_factory=empty)
    """By phase: how long it took in earlier rehearsals, on T."""
    clock: TClock | None = None
    """None while T+0 is unknown."""
    t0: datetime | None = None
    """The agreed wall time of T+0."""
    t0_first: datetime | None = None
    """T+0 as it was first set: what drift is measured against."""
    hold: Hold | None = None
    past_holds: tuple[tuple[Hold, datetime], ...] = ()
    """Holds that are over, each with its end."""
    held: Seconds = 0.0
    """How long T has stood so far, the present hold not counted."""
    entered: Mapping[str, datetime] = field(default_factory=empty)
    entered_t: Mapping[str, Seconds] = field(default_factory=empty)
    ever_entered: frozenset[str] = frozenset()
    """Phases entered at least once; a recycle does not take them out."""
    recycles: tuple[tuple[int, Seconds], ...] = ()
    """Each recycle's `seq` and the T that it went back to."""
    no_return: frozenset[str] = frozenset()
    """Steps past which there is no return, done once; a recycle does not undo the world."""
    steps: Mapping[str, StepState] = field(default_factory=empty)
    captures: Mapping[str, str] = field(default_factory=empty)
    signatures: Mapping[str, tuple[Signature, ...]] = field(default_factory=empty)
    past_signatures: tuple[tuple[str, Signature], ...] = ()
    overrides: Mapping[str, Override] = field(default_factory=empty)
    flags: Mapping[str, Flag] = field(default_factory=empty)
    changes: Mapping[int, Change] = field(default_factory=empty)
    rollbacks: tuple[Rollback, ...] = ()
    observing: bool = False
    """From a rollback's first write until a resume or a recycle: triggers only observe."""
    triggers: Mapping[str, Firing] = field(default_factory=empty)
    gate_states: Mapping[str, str] = field(default_factory=empty)
    trigger_states: Mapping[str, str] = field(default_factory=empty)
    countdown: Countdown | None = None
    band: tuple[str, ...] = ()
    """Triggers whose band asks for a decision."""
    vetoes: int = 0
    retired: Mapping[str, frozenset[Labels]] = field(default_factory=empty)
    lost: Mapping[str, str] = field(default_factory=empty)
    """Sources that do not answer, and why."""
    issues: tuple[Issue, ...] = ()
    notes: tuple[Note, ...] = ()
    polls: tuple[Poll, ...] = ()
    messages: Mapping[int, Message] = field(default_factory=empty)
    snoozed: Mapping[str, datetime] = field(default_factory=empty)
    ended: str = ""
    """`done` or `abandoned`, once somebody closed the run."""
    ended_at: datetime | None = None

    # -------------------------------------------------------- small questions

    def t(self, now: datetime) -> Seconds | None:
        """T at `now` in seconds; None while T+0 is unknown."""
        return self.clock.read(now) if self.clock else None

    def step(self, step: str) -> StepState:
        """What became of that step so far."""
        return self.steps.get(step, OPEN)

    def flag(self, key: str) -> Flag:
        """What is known of that flag so far."""
        return self.flags.get(key, UNSEEN)

    def firing(self, trigger: str) -> Firing:
        """What happened to that trigger so far."""
        return self.triggers.get(trigger, QUIET)

    @property
    def owed(self) -> tuple[Change, ...]:
        """Changes of which nobody knows, or nobody has decided, whether they took effect."""
        return tuple(change for change in self.changes.values() if change.owed)

    @property
    def rollback(self) -> Rollback | None:
        """The last rollback, running or finished; None when there was none."""
        return self.rollbacks[-1] if self.rollbacks else None

    @property
    def rolling_back(self) -> bool:
        """A confirmed rollback is not finished."""
        return bool(self.rollbacks) and self.rollbacks[-1].finished is None

    @property
    def open_issues(self) -> tuple[Issue, ...]:
        """Issues not yet closed."""
        return tuple(issue for issue in self.issues if issue.closed is None)
