"""The runbook: what the file says, resolved and checked. It never fetches, judges, waits or writes.

`models` pieces hold the values; loading, checking and linting turn a text into one or into every fault it has.
"""

from __future__ import annotations

from pags_tui.core.runbook.base import (
    MODES,
    Duration,
    FlagKey,
    MetricId,
    Mode,
    Offset,
    PhaseId,
    RoleId,
    StepId,
    TriggerId,
    WebhookId,
    slug,
)
from pags_tui.core.runbook.checks import TEMPLATE_NAMES, template_name, template_names
from pags_tui.core.runbook.endings import ArmedRange, FollowUps, Rollback, RollbackOption, SuccessGroup
from pags_tui.core.runbook.lints import lint
from pags_tui.core.runbook.loading import load
from pags_tui.core.runbook.messages import Contact, Message, Notify, Page, Role
from pags_tui.core.runbook.model import PhaseGroup, Runbook, evidence_start
from pags_tui.core.runbook.services import (
    Credentials,
    FlagService,
    MissingVariable,
    Prometheus,
    Services,
    expand,
    variables,
)
from pags_tui.core.runbook.signals import Flag, Metric, Trigger
from pags_tui.core.runbook.steps import Checkpoint, Monitor, Mutes, Phase, Section, Step

__all__ = [
    "MODES",
    "TEMPLATE_NAMES",
    "ArmedRange",
    "Checkpoint",
    "Contact",
    "Credentials",
    "Duration",
    "Flag",
    "FlagKey",
    "FlagService",
    "FollowUps",
    "Message",
    "Metric",
    "MetricId",
    "MissingVariable",
    "Mode",
    "Monitor",
    "Mutes",
    "Notify",
    "Offset",
    "Page",
    "Phase",
    "PhaseGroup",
    "PhaseId",
    "Prometheus",
    "Role",
    "RoleId",
    "Rollback",
    "RollbackOption",
    "Runbook",
    "Section",
    "Services",
    "Step",
    "StepId",
    "SuccessGroup",
    "Trigger",
    "TriggerId",
    "WebhookId",
    "evidence_start",
    "expand",
    "lint",
    "load",
    "slug",
    "template_name",
    "template_names",
    "variables",
]
