"""Planned against actual: steps, phases, criteria, follow-ups, durations, the proposal. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pags_tui.core.series import Seconds
from pags_tui.report.shapes.basics import Evidence, Signature, StepOutcome, When


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step: planned against actual."""

    id: str
    section: str
    kind: Literal["check", "action"]
    text: str
    optional: bool
    planned_t: Seconds | None
    """None for what is due at no T (success criteria, follow-ups, rollback)."""
    outcome: StepOutcome
    reason: str
    value: str
    """What was typed for a step that captures a value."""
    by: str
    done: When | None
    drift: Seconds | None
    """Seconds behind its due time on T; negative: ahead."""
    planned_duration: Seconds | None
    took: Seconds | None
    """From the work's beginning, as far as the record tells: first write asked, else the outcome before it."""
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """One phase: planned against actual."""

    id: str
    title: str
    planned_t: Seconds
    planned_end_t: Seconds
    planned_at: datetime | None
    """Its planned wall time, by T+0 as first set."""
    entered: When | None
    begun_t: Seconds | None
    """T at which its work began."""
    done: When | None
    """Its last outcome or signature; None: not done."""
    drift: Seconds | None
    """How late its work began on T."""
    wall_drift: Seconds | None
    """How late it was entered on wall time: holds and moved T+0 show here."""
    planned_duration: Seconds
    took: Seconds | None
    """On wall time, from its entry to its end."""
    held: Seconds
    """Of these, how long T stood."""
    monitor_planned: Seconds | None
    checkpoint: bool
    sign_off_planned_t: Seconds | None
    signatures: tuple[Signature, ...]
    steps: tuple[StepLine, ...]


@dataclass(frozen=True, slots=True)
class Criteria:
    """One group of success criteria."""

    title: str
    lines: tuple[StepLine, ...]


@dataclass(frozen=True, slots=True)
class FollowUpGroup:
    """One group of follow-ups."""

    title: str
    counts_from: Literal["done", "rolled-back", "end"]
    called_for: bool
    """This ending asks for it; False: another ending would have, or the run is not over."""
    due: datetime | None
    lines: tuple[StepLine, ...]


@dataclass(frozen=True, slots=True)
class DurationLine:
    """How long something took, for the next rehearsal."""

    id: str
    text: str
    planned: Seconds | None
    actual: Seconds


@dataclass(frozen=True, slots=True)
class Change:
    """One change that the night proposes for the runbook."""

    line: int
    """Of the runbook as the run began, counted from 1; 0: not to be pointed at."""
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed difference of the runbook. A person reads and applies it."""

    changes: tuple[Change, ...]
    diff: str
    """Unified; empty: nothing to propose."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """The runbook was read anew."""

    when: When
    by: str
    sha256: str
    diff: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Steps of the phases by outcome, each kept apart."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    not_applicable: int = 0
    waived: int = 0
    deferred: int = 0
    open: int = 0
    not_in_this_run: int = 0
