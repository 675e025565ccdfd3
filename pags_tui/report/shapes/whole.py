"""The report as a whole, its summary, and two runs beside one another. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pags_tui.core.events import Kind
from pags_tui.core.series import Seconds
from pags_tui.report.shapes.happened import (
    ChangeLine,
    Decision,
    DriftLine,
    IssueLine,
    MessageLine,
    NoteLine,
    NoticeLine,
    PollLine,
    RollbackLine,
)
from pags_tui.report.shapes.planned import (
    Amendment,
    Counts,
    Criteria,
    DurationLine,
    FollowUpGroup,
    PhaseLine,
    Proposal,
    StepLine,
)
from pags_tui.report.shapes.seen import Mark, MetricLine, TriggerLine, Watched


@dataclass(frozen=True, slots=True)
class Person:
    """Who held a role."""

    role: str
    name: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The night at a glance."""

    run: str
    runbook: str
    title: str
    timezone: str
    """IANA name of the zone in which the renderings show wall times."""
    kind: Kind
    target: str
    lead: str
    people: tuple[Person, ...]
    started: datetime
    t0: datetime | None
    t0_planned: datetime | None
    """T+0 as it was first set."""
    ended: datetime | None
    """When somebody closed the run."""
    until: datetime
    """The last moment that the report knows of."""
    state: str
    """As the screen's header: `DONE`, `ROLLED BACK`, `COUNTING` …"""
    ending: Literal["done", "rolled-back", "abandoned", "going-on"]
    complete: bool
    """Every step of the phases passed, was skipped or does not apply; nothing waived, deferred, failed or open."""
    verdict: str
    """One sentence."""
    note: str
    lasted: Seconds
    held: Seconds
    drift: Seconds | None
    """Of the last phase begun, on T."""
    planned: Seconds
    """The plan's length, from its first phase to its last."""
    counts: Counts
    version: str
    """Of the program that made the record."""
    sha256: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of a comparison."""

    id: str
    text: str
    planned: Seconds | None
    this: str
    other: str
    this_seconds: Seconds | None
    other_seconds: Seconds | None
    delta: Seconds | None
    """This run minus the other; None: not to be compared."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs beside one another."""

    run: str
    kind: Kind
    started: datetime
    ending: str
    same_runbook: bool
    totals: tuple[Difference, ...]
    phases: tuple[Difference, ...]
    """How long each took."""
    drifts: tuple[Difference, ...]
    """How late each began."""
    outcomes: tuple[Difference, ...]
    """Steps that came out differently."""


@dataclass(frozen=True, slots=True)
class Report:
    """One run, whole."""

    shape: int
    summary: Summary
    phases: tuple[PhaseLine, ...]
    decisions: tuple[Decision, ...]
    triggers: tuple[TriggerLine, ...]
    changes: tuple[ChangeLine, ...]
    drift: tuple[DriftLine, ...]
    """Flags that somebody else changed."""
    rollbacks: tuple[RollbackLine, ...]
    messages: tuple[MessageLine, ...]
    notices: tuple[NoticeLine, ...]
    notes: tuple[NoteLine, ...]
    issues: tuple[IssueLine, ...]
    polls: tuple[PollLine, ...]
    success: tuple[Criteria, ...]
    follow_ups: tuple[FollowUpGroup, ...]
    rollback_steps: tuple[StepLine, ...]
    """Steps of the ways back that were worked."""
    watched: Watched
    metrics: tuple[MetricLine, ...]
    marks: tuple[Mark, ...]
    durations: tuple[DurationLine, ...]
    amendments: tuple[Amendment, ...]
    proposal: Proposal
    against: Comparison | None = None
