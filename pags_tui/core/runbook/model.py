"""The whole runbook, resolved, and the questions others ask of it. Loading and checking live next door."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from pydantic import Field

from pags_tui.core.runbook.base import (
    FlagKey,
    MetricId,
    Offset,
    Part,
    PhaseId,
    RoleId,
    StepId,
    Text,
    TriggerId,
)
from pags_tui.core.runbook.endings import FollowUps, Rollback, RollbackOption, SuccessGroup
from pags_tui.core.runbook.messages import Contact, Message, Notify, Role
from pags_tui.core.runbook.services import FlagService, Services
from pags_tui.core.runbook.signals import Flag, Metric, Trigger
from pags_tui.core.runbook.steps import Phase, Step


class PhaseGroup(Part):
    """One of the runbook's `parts`: a heading over several phases."""

    title: Text
    """Heading."""
    phases: tuple[PhaseId, ...]
    """In file order."""


class Runbook(Part):
    """A runbook that may be run: every name known, every step with an id, every phase with its time."""

    id: str
    """Its name; the target's name too when no flag service is configured."""
    title: Text
    """Heading."""
    timezone: str = "UTC"
    """IANA name of the zone in which wall times are shown."""
    traffic: FlagKey | None = None
    """The flag that the header shows as traffic."""
    window: tuple[Offset, Offset] | None = None
    """The agreed change window, in seconds from T+0."""
    lead: RoleId | None = None
    """The role that the lead holds; None: the lead is a name without a role."""
    parts: tuple[PhaseGroup, ...] = ()
    """Headings over phases."""
    contacts: dict[str, Contact] = Field(default_factory=dict)
    """By id, in file order."""
    services: Services = Services()
    """What is outside."""
    roles: dict[RoleId, Role] = Field(default_factory=dict)
    """By id, in file order."""
    metrics: dict[MetricId, Metric] = Field(default_factory=dict)
    """By id, in file order."""
    flags: dict[FlagKey, Flag] = Field(default_factory=dict)
    """By key, in file order."""
    phases: tuple[Phase, ...]
    """In file order; at least one."""
    triggers: dict[TriggerId, Trigger] = Field(default_factory=dict)
    """By id, in file order."""
    rollback: Rollback | None = None
    """The ways back; None: no way back is written down."""
    comms: dict[str, Message] = Field(default_factory=dict)
    """By id, in file order."""
    notify: Notify = Notify()
    """What goes out by itself."""
    success: tuple[SuccessGroup, ...] = ()
    """Criteria to judge the night by."""
    follow_ups: tuple[FollowUps, ...] = ()
    """What is left to do afterwards."""
    file: str = "<text>"
    """The name of the file as it was given."""
    text: str = ""
    """The file as it was read."""
    sha256: str = ""
    """SHA-256 of `text` in UTF-8, in hex."""

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some fields replaced, unchecked; what was worked out from the old ones is forgotten."""
        copied = super().model_copy(update=update, deep=deep)
        for name in set(vars(copied)) - set(type(self).model_fields):
            del vars(copied)[name]
        return copied

    def phase(self, phase_id: PhaseId) -> Phase:
        """The phase of that name. Raises KeyError for an unknown one."""
        return self._phases[phase_id]

    def step(self, step_id: StepId) -> Step:
        """The step of that whole name. Raises KeyError for an unknown one."""
        return self._steps[step_id]

    def phase_index(self, phase_id: PhaseId) -> int:
        """Its position in file order, from 0. Raises KeyError for an unknown one."""
        return self._order[phase_id]

    def option(self, name: str) -> RollbackOption:
        """A rollback option by name; the empty name is the default one. Raises KeyError for an unknown one."""
        return {option.id: option for option in (self.rollback.every_option if self.rollback else ())}[name]

    def phase_of(self, step_id: StepId) -> Phase | None:
        """The phase that a step stands in; None for success, rollback and follow-ups."""
        return self._phases.get(self.step(step_id).place)

    @cached_property
    def phase_steps(self) -> tuple[Step, ...]:
        """The steps of all phases, in file order: steps, monitor, checkpoint, then the next phase."""
        return tuple(step for phase in self.phases for step in phase.all_steps)

    @cached_property
    def success_steps(self) -> tuple[Step, ...]:
        """All criteria, in file order."""
        return tuple(step for group in self.success for step in group.criteria)

    @cached_property
    def rollback_steps(self) -> tuple[Step, ...]:
        """The steps of every option, each followed by its checkpoint's."""
        options = self.rollback.every_option if self.rollback else ()
        return tuple(
            step
            for option in options
            for step in (*option.steps, *(option.checkpoint.steps if option.checkpoint else ()))
        )

    @cached_property
    def follow_up_steps(self) -> tuple[Step, ...]:
        """All follow-ups, in file order."""
        return tuple(step for group in self.follow_ups for step in group.items)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every step there is: phases, success, rollback, follow-ups."""
        return (*self.phase_steps, *self.success_steps, *self.rollback_steps, *self.follow_up_steps)

    @cached_property
    def captures(self) -> tuple[str, ...]:
        """The names that steps capture, in file order."""
        return tuple(step.capture for step in self.steps if step.capture)

    def flag_service(self, key: FlagKey) -> FlagService | None:
        """The configured service that holds a flag; None: it is changed by hand."""
        return self.services.flag_services.get(self.flags[key].service)

    @property
    def target(self) -> str:
        """What a confirmation makes one type: the target of the default or first flag service, else the id."""
        services = self.services.flag_services
        chosen = self.services.flags or next(iter(services.values()), None)
        return (chosen.target if chosen else None) or self.id

    def changes_before(self, step_id: StepId) -> tuple[StepId, ...]:
        """The steps that set flags and stand before this one in the file, first to last.

        For a step of a rollback: those before it in the same option. For success and follow-ups: all of the phases'.
        """
        step = self.step(step_id)
        if step.section == "rollback":
            option = step.place.removesuffix(".checkpoint")
            row = [one for one in self.rollback_steps if one.place.removesuffix(".checkpoint") == option]
        elif step.section in ("success", "follow-ups"):
            row = [*self.phase_steps, step]
        else:
            row = list(self.phase_steps)
        before = row[: [one.id for one in row].index(step_id)]
        return tuple(one.id for one in before if one.set)

    @cached_property
    def _phases(self) -> dict[PhaseId, Phase]:
        return {phase.id: phase for phase in self.phases}

    @cached_property
    def _order(self) -> dict[PhaseId, int]:
        return {phase.id: index for index, phase in enumerate(self.phases)}

    @cached_property
    def _steps(self) -> dict[StepId, Step]:
        return {step.id: step for step in self.steps}


def evidence_start(runbook: Runbook, step_id: StepId) -> str | None:
    """Where the evidence of a gate without `since` begins: the last step that sets flags before it, else its phase.

    None for a criterion of a runbook that sets no flag: from the beginning. The caller goes back through
    `Runbook.changes_before` when that last step was not verified.
    """
    if before := runbook.changes_before(step_id):
        return before[-1]
    phase = runbook.phase_of(step_id)
    return phase.id if phase else None


__all__ = ["PhaseGroup", "Runbook", "evidence_start"]
