"""Every condition of a runbook with the place it stands in. Shared by the lints; says nothing itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pags_tui.core.conditions import AllSlos, Condition, MetricCondition, MetricNames, Names, Use
from pags_tui.core.runbook.base import Path
from pags_tui.core.runbook.draft import Finding
from pags_tui.core.runbook.model import Runbook
from pags_tui.core.runbook.steps import Step


class Written(NamedTuple):
    """One condition where it is written."""

    condition: Condition
    use: Use
    path: Path
    """Of the key; of a list too, whose items are found by their order."""
    step: Step | None
    """The step whose gate it is; None in a trigger."""


def written(runbook: Runbook) -> Iterator[Written]:
    """All conditions, gates first."""
    for step in runbook.steps:
        for condition in step.gate:
            yield Written(condition, Use.GATE, (*step.path, "gate"), step)
    for trigger in runbook.triggers.values():
        for condition in trigger.when:
            yield Written(condition, Use.TRIGGER, (*trigger.path, "when"), None)


def tested(one: Written) -> tuple[MetricCondition, ...]:
    """The single tests that a condition comes down to."""
    if isinstance(one.condition, AllSlos):
        return one.condition.slos
    return (one.condition,) if isinstance(one.condition, MetricCondition) else ()


def names(runbook: Runbook) -> Names:
    """What conditions know of a loaded runbook."""
    metrics = {name: MetricNames(metric.unit, metric.slo) for name, metric in runbook.metrics.items()}
    return Names(metrics, {key: flag.type for key, flag in runbook.flags.items()})


def warn(path: Path, code: str, message: str, *, at_key: bool = False) -> Finding:
    """A warning about one place."""
    return Finding(path, message, code, at_key=at_key, severity="warning")
