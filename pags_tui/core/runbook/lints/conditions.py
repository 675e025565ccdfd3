"""Warns of gates and triggers that will not say what their author means."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pags_tui.core.conditions import AllSlos, MetricCondition, NoTriggers, Range, Test, Use, hints
from pags_tui.core.runbook.draft import Finding
from pags_tui.core.runbook.lints.uses import Written, names, tested, warn, written
from pags_tui.core.runbook.model import Runbook
from pags_tui.core.units import show, show_duration

SHORTEST = 2
"""Ticks that a trigger must last: one bad tick alone is noise."""


def condition_lints(runbook: Runbook) -> Iterator[Finding]:
    """All warnings about conditions."""
    known = names(runbook)
    for one in written(runbook):
        for hint in hints(one.condition, known, one.use):
            yield warn(one.path, hint.code, hint.message)
        if one.use is Use.TRIGGER:
            yield from _too_short(runbook, one)
        else:
            yield from _never_in_time(runbook, one)
            yield from _short_for(runbook, one)
            yield from _one_of_several(runbook, one)
        for test in tested(one) if not isinstance(one.condition, AllSlos) else ():
            yield from _out_of_reach(runbook, one, test)
            yield from _exact(runbook, one, test)
        if isinstance(one.condition, NoTriggers) and not runbook.triggers:
            yield warn(one.path, "no-triggers", "`no triggers` always holds here: the runbook has none")


def _too_short(runbook: Runbook, one: Written) -> Iterator[Finding]:
    every = runbook.services.prometheus.every if runbook.services.prometheus else 5.0
    if isinstance(one.condition, MetricCondition) and one.condition.for_ < SHORTEST * every:
        least = show_duration(SHORTEST * every)
        yield warn(one.path, "short-trigger", f"{one.condition} fires on a tick or two; write `for {least}` or longer")


def _short_for(runbook: Runbook, one: Written) -> Iterator[Finding]:
    """A `for` that says nothing: a pass takes three ticks anyway."""
    service, for_ = runbook.services.prometheus, getattr(one.condition, "for_", 0.0)
    if service and 0 < for_ < SHORTEST * service.every:
        least = show_duration(SHORTEST * service.every)
        message = f"{one.condition} lasts less than two ticks, which says nothing; write `for {least}` or longer"
        yield warn(one.path, "short-for", message)


def _one_of_several(runbook: Runbook, one: Written) -> Iterator[Finding]:
    """A gate over a query that answers several series, without a word on how many of them have to be good."""
    condition = one.condition
    if not isinstance(condition, MetricCondition) or condition.quantifier is not None:
        return
    metric = runbook.metrics[condition.metric]
    if metric.expect or not (labels := several(metric.query)):
        return
    message = (
        f"{metric.id} answers a series for each {labels}, and all of them have to be good; "
        f"write `every {condition}` if that is meant"
    )
    yield warn(one.path, "several-series", message)


def several(query: str) -> str:
    """The labels by which a query answers several series, as far as its looks tell; empty: it answers one."""
    groups = [[name.strip() for name in found.split(",")] for found in BY.findall(query)]
    names = dict.fromkeys(name for group in groups for name in group if name and name != "le")
    return "" if _sums_up(query.strip()) else ", ".join(names)


BY = re.compile(r"\bby\s*\(([^)]*)\)")
AGGREGATION = re.compile(r"(?:sum|min|max|avg|count)\s*\(")


def _sums_up(query: str) -> bool:
    """The whole query is one aggregation over everything."""
    found, depth = AGGREGATION.match(query), 0
    for place, one in enumerate(query if found else ""):
        depth += (one == "(") - (one == ")")
        if one == ")" and not depth:
            return place == len(query) - 1
    return False


def _never_in_time(runbook: Runbook, one: Written) -> Iterator[Finding]:
    """A checkpoint that is due before its gate can have held for long enough."""
    condition, step = one.condition, one.step
    if not isinstance(condition, MetricCondition | AllSlos) or step is None or step.section != "checkpoint":
        return
    phase = runbook.phase_of(step.id)
    if phase is None or phase.checkpoint is None or phase.checkpoint.at is None or condition.since or not phase.changes:
        return
    left = phase.checkpoint.at - phase.at
    if condition.for_ > left:
        message = f"{condition} cannot hold before the checkpoint is due, {show_duration(left)} after the phase begins"
        yield warn(one.path, "late-gate", message)


def _out_of_reach(runbook: Runbook, one: Written, test: MetricCondition) -> Iterator[Finding]:
    """A histogram's quantile never reads above the top finite bucket."""
    metric, bound = runbook.metrics[test.metric], _upper(test.test)
    if "histogram_quantile" not in metric.query or bound is None:
        return
    if metric.ceiling is None:
        if one.use is Use.TRIGGER:
            message = f"{metric.id} reads no higher than its histogram's top finite bucket; name that as `ceiling`"
            yield warn((*metric.path, "query"), "histogram-ceiling", message)
    elif bound >= metric.ceiling:
        top = show(metric.ceiling, metric.unit)
        yield warn(
            one.path, "out-of-reach", f"{test} is at or above what {metric.id} can read, {top}: it never changes"
        )


def _upper(test: Test) -> float | None:
    """The bound whose crossing matters when values rise."""
    if isinstance(test, Range):
        return test.high.value
    return test.bound.value if test.op not in ("==", "!=") else None


def _exact(runbook: Runbook, one: Written, test: MetricCondition) -> Iterator[Finding]:
    if isinstance(test.test, Range) or test.test.op not in ("==", "!="):
        return
    if "rate(" in runbook.metrics[test.metric].query:
        message = f"{test} compares a rate exactly, which hardly ever holds; use a range or `>=`"
        yield warn(one.path, "exact-rate", message)
