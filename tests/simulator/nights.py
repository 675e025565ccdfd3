"""Runbooks and a clock for the simulator's tests."""

from __future__ import annotations

from pathlib import Path

from pags_tui.core.conditions import MetricCondition, Quantifier, true_of
from pags_tui.core.runbook import Runbook
from pags_tui.core.runbook.loading import load
from pags_tui.simulator import Simulator
from pags_tui.simulator.levels import tests_of

ROOT = Path(__file__).resolve().parents[2]
START = 1_764_000_000.0
"""An ordinary moment, in seconds since the epoch."""

OTHER = """
[runbook]
id = "other"
title = "Somebody else's night"
[services.prometheus]
url = "${PROMETHEUS_URL}"
[services.flags]
url = "${FLAGS}"
[metrics.failures]
unit = "count"
query = 'sum by (region) (increase(jobs_total{state="failed"}[5m]))'
slo = "<= 3"
[metrics.success]
unit = "ratio"
query = '1 - sum(rate(jobs_total{state="failed"}[5m])) / sum(rate(jobs_total[5m]))'
slo = ">= 99.9%"
[metrics.heap]
unit = "bytes"
query = 'max(heap_bytes)'
[metrics.lag]
unit = "seconds"
query = 'max by (topic) (lag_seconds)'
expect = { topic = ["a", "b"] }
[metrics.leaders]
unit = "count"
query = 'sum(is_leader)'
[metrics.plain]
unit = "per-second"
query = 'writes_per_second{shard="0"}'
[flags.new-writer]
type = "boolean"
[[phases]]
id = "go"
at = "T+0"
title = "Go"
steps = [
  { check = "One leader", gate = "leaders == 1" },
  { check = "Heap", gate = "heap in 1GiB..2GiB" },
  { check = "Lag", gate = ["lag < 30s", "plain > 100/s"] },
  { action = "Switch", set = { new-writer = true } },
  { check = "All well", gate = "all slos for 5m" },
]
[triggers.lag]
title = "Lag"
when = "lag > 2m for 5m"
[triggers.success]
title = "Success"
when = ["success < 99% for 3m", "leaders != 1"]
[rollback]
steps = [ { action = "Back", set = { new-writer = false } } ]
"""


class Hands:
    """A clock moved by hand."""

    def __init__(self, at: float = START) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def pags() -> Runbook:
    """The repository's own runbook."""
    return load((ROOT / "runbook.toml").read_text(), "runbook.toml")


def other() -> Runbook:
    """One of another kind: no percentages, a boolean switch, another set of units."""
    return load(OTHER, "other.toml")


def broken_gates(simulator: Simulator, runbook: Runbook, at: float) -> list[str]:
    """Every metric test of a gate that does not hold at that time."""
    return [
        f"{step.id}: {name} {test}"
        for step in runbook.steps
        for condition in step.gate
        for name, test in tests_of(condition)
        if not all(true_of(test, value) for value in simulator.values(name, at).values())
    ]


def bad_series(simulator: Simulator, runbook: Runbook, trigger: str, at: float) -> int:
    """How many series of a trigger's conditions are bad at that time."""
    return sum(
        true_of(condition.test, value)
        for condition in runbook.triggers[trigger].when
        if isinstance(condition, MetricCondition) and condition.quantifier is not Quantifier.EVERY
        for value in simulator.values(condition.metric, at).values()
    )


def longest_bad(
    simulator: Simulator, runbook: Runbook, trigger: str, start: float, end: float, step: float = 5.0
) -> float:
    """The longest unbroken stretch in which the trigger is bad, in seconds."""
    longest = now = 0.0
    for index in range(int((end - start) / step)):
        now = now + step if bad_series(simulator, runbook, trigger, start + index * step) else 0.0
        longest = max(longest, now)
    return longest
