"""Steps and the phases that hold them, resolved: every step has an id, every phase its place in time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pags_tui.core.conditions import Condition
from pags_tui.core.runbook.base import Duration, FlagKey, Offset, Part, Path, PhaseId, RoleId, StepId, Text, TriggerId
from pags_tui.core.series import FlagValue

Section = Literal["steps", "monitor", "checkpoint", "success", "rollback", "follow-ups"]
"""The part of the file that a step belongs to."""


class Mutes(Part):
    """Triggers that a step silences while it makes a controlled spike."""

    triggers: tuple[TriggerId, ...]
    """Which."""
    duration: Annotated[Duration, Field(gt=0, le=1800)] = Field(alias="for")
    """How long, in seconds; at most half an hour."""


class Step(Part):
    """One line: something to confirm (check) or to do (action)."""

    id: StepId
    """Its whole name, unique in the runbook."""
    name: str
    """The part of `id` after the slash, unique within `place`."""
    place: str
    """The part of `id` before the slash: a phase id, `success.<group>`, `rollback`, `rollback.<option>` …"""
    section: Section
    """Which part of its phase or of the runbook it belongs to."""
    kind: Literal["check", "action"]
    """check: something to confirm; action: something to do."""
    text: Text
    """The line, with `{{ capture }}` unfilled."""
    gate: tuple[Condition, ...] = ()
    """All must hold before this step may be ticked. Empty: a person judges."""
    set: dict[FlagKey, FlagValue] = Field(default_factory=dict)
    """Flags to write, in written order."""
    stage: dict[FlagKey, FlagValue] = Field(default_factory=dict)
    """Flags named as next, not written."""
    means: str | None = None
    """What the change means to people outside."""
    command: str | None = None
    """Shown and copied, never executed."""
    duration: Duration | None = None
    """How long it takes, in seconds."""
    role: RoleId | None = None
    """Who does or confirms it; None: anyone."""
    capture: str | None = None
    """The name under which the value typed now is used later as `{{ name }}`."""
    when: Literal["live", "rehearsal"] | None = None
    """The only kind of run in which it is done; None: every kind. A demo counts as live."""
    optional: bool = False
    """Blocks nothing when left open."""
    at: Offset | None = None
    """Its own due time, in seconds from T+0."""
    point_of_no_return: bool = False
    """Past it a rollback by itself only asks."""
    hard: bool = False
    """Nobody may override its gate."""
    mutes: Mutes | None = None
    """Triggers silenced from the moment it is begun."""
    parallel: bool = False
    """Its flags are written together, in a rollback."""
    judged: bool = False
    """The app judges its gate: it has one and every service it needs is configured."""
    written: bool = False
    """The app writes its flags: it has some and every service they need is configured."""
    path: Path = ()
    """Where it stands in the file (of a `foreach`, the line it was made from)."""

    @property
    def manual(self) -> bool:
        """A person does it or judges it; the app only notes the outcome."""
        return not (self.judged or self.written)

    @property
    def sensed(self) -> bool:
        """A check that the app judges."""
        return self.kind == "check" and self.judged


class Monitor(Part):
    """What is watched after a phase's steps."""

    title: Text = "Monitor"
    """Heading."""
    period: Duration | None = Field(default=None, alias="for")
    """How long, in wall seconds; None: no fixed time."""
    role: RoleId | None = None
    """Who watches; None: anyone."""
    steps: tuple[Step, ...] = ()
    """In file order."""


class Checkpoint(Part):
    """The end of a phase that someone signs."""

    title: Text = "Checkpoint"
    """Heading."""
    at: Offset | None = None
    """When it is due, in seconds from T+0; None: when the rest is done."""
    sign_off: tuple[RoleId, ...] = ()
    """The roles that sign, each once; empty: the lead."""
    steps: tuple[Step, ...] = ()
    """In file order."""


class Phase(Part):
    """Steps due at one offset of T."""

    id: PhaseId
    """Its name."""
    title: Text
    """Heading."""
    at: Offset
    """When it is due, in seconds from T+0. When `follows`, the plan's guess: the planned end of the phase before."""
    follows: bool = False
    """No `at` was given: it begins when the phase before has ended."""
    hold: bool = False
    """T stops when it is entered, until resumed."""
    steps: tuple[Step, ...] = ()
    """In file order, `foreach` already spread out."""
    monitor: Monitor | None = None
    """The monitor period, if any."""
    checkpoint: Checkpoint | None = None
    """The checkpoint, if any."""
    path: Path = ()
    """Where it stands in the file."""

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Steps, then the monitor's, then the checkpoint's."""
        monitor = self.monitor.steps if self.monitor else ()
        checkpoint = self.checkpoint.steps if self.checkpoint else ()
        return (*self.steps, *monitor, *checkpoint)

    @property
    def changes(self) -> tuple[Step, ...]:
        """The steps that set flags."""
        return tuple(step for step in self.all_steps if step.set)

    @property
    def ends(self) -> float:
        """The planned end, in seconds from T+0, from durations, own times, monitor period and checkpoint."""
        work = self.at + sum(step.duration or 0.0 for step in self.steps)
        watched = work + ((self.monitor.period or 0.0) if self.monitor and self.checkpoint else 0.0)
        signed = self.checkpoint.at if self.checkpoint and self.checkpoint.at is not None else watched
        return max([signed, work, *(step.at for step in self.all_steps if step.at is not None)])


__all__ = ["Checkpoint", "Monitor", "Mutes", "Phase", "Section", "Step"]
