"""Warns of queries whose answer misleads: empty for zero, zero for an outage, old for new. By their looks only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pags_tui.core.runbook.draft import Finding
from pags_tui.core.runbook.lints.promql import unclosed
from pags_tui.core.runbook.lints.uses import tested, warn, written
from pags_tui.core.runbook.model import Runbook
from pags_tui.core.runbook.signals import Metric

FILTERED = re.compile(r'=~?"[^"]*(?:5\.\.|5xx|5\[|err|fail|timeout|drop)[^"]*"|(?:error|fail)\w*_total', re.IGNORECASE)
"""A numerator that counts failures, which has no series before the first of them."""

COUNTER = r"[a-zA-Z_:][\w:]*(?:_total|_count|_sum|_bucket)"
GAUGE_OF_COUNTER = re.compile(rf"\b(?:i?delta|deriv|predict_linear)\(\s*({COUNTER})")
RAW_COUNTER = re.compile(rf"^\s*({COUNTER})\s*(?:\{{.*\}})?\s*$", re.DOTALL)
ZERO = re.compile(r"\bor\s+(?:on\s*\(\s*\)\s*)?vector\s*\(\s*0(?:\.0*)?\s*\)")


def metric_lints(runbook: Runbook) -> Iterator[Finding]:
    """All warnings about metrics."""
    used = {test.metric for one in written(runbook) for test in tested(one)}
    used |= _in_templates(runbook)
    for metric in runbook.metrics.values():
        if metric.id not in used:
            yield warn(
                metric.path,
                "unused-metric",
                f"nothing uses {metric.id}; name it in a gate or leave it out",
                at_key=True,
            )
        yield from _query(metric)
        if runbook.services.prometheus and metric.stale_after < runbook.services.prometheus.every:
            message = "this is shorter than the interval of the ticks: every missed answer makes the gate stale"
            yield warn((*metric.path, "stale_after"), "stale-early", message)


def _in_templates(runbook: Runbook) -> set[str]:
    texts = "\n".join(message.template for message in runbook.comms.values())
    return {name for name in runbook.metrics if re.search(rf"metrics\.{re.escape(name.replace('-', '_'))}\b", texts)}


def _query(metric: Metric) -> Iterator[Finding]:
    path, query = (*metric.path, "query"), metric.query
    for key, promql in (("query", query), ("enough", metric.enough), ("fresh", metric.fresh)):
        if promql and (fault := unclosed(promql)):
            yield Finding((*metric.path, key), f"PromQL: {fault[1]}", "promql", fault[0], severity="warning")
    if metric.fresh_query is None:
        message = (
            f"the age of {metric.id} is unknown: an instant query makes a four-minute-old sample look new; add `fresh`"
        )
        yield warn(metric.path, "age-unknown", message, at_key=True)
    if ZERO.search(query) and metric.enough is None:
        yield warn(path, "or-vector", "`or vector(0)` makes an outage look like zero; add `enough`, or leave it out")
    top, divided, _ = query.partition("/")
    if divided and FILTERED.search(top) and not re.search(r"\bor\b", top):
        message = "without a single failure this is empty, not 0; write `(<failures> or 0 * <all>) / <all>`"
        yield warn(path, "empty-without-errors", message)
    if divided and "rate(" in query and metric.unit == "ratio" and metric.enough is None:
        message = f"{metric.id} is a share of traffic: with two requests a minute it says nothing; add `enough`"
        yield warn(metric.path, "no-enough", message, at_key=True)
    for name in GAUGE_OF_COUNTER.findall(query):
        yield warn(
            path, "delta-of-counter", f"{name} looks like a counter: use rate() or increase(), which know resets"
        )
    if found := RAW_COUNTER.match(query):
        yield warn(path, "raw-counter", f"{found[1]} looks like a counter and only grows; use rate() or increase()")
