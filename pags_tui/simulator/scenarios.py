"""The nights that the simulator can play, as a table; what each bends is found in the runbook at hand.

A scenario names no metric: it says what to look for (words, units, the direction of a trigger), so that it works for
any runbook. A new one is a row here.
"""

from __future__ import annotations

from dataclasses import dataclass

from pags_tui.core.conditions import Comparison, MetricCondition, Range, Test
from pags_tui.core.runbook import Metric, Runbook
from pags_tui.core.series import Seconds
from pags_tui.simulator.levels import tests_of

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Outage:
    """When the Prometheus API is away, in seconds after the change: first it answers 503, then it hangs."""

    begins: Seconds = 2 * MINUTE
    hangs: Seconds = 4 * MINUTE
    ends: Seconds = 6 * MINUTE


@dataclass(frozen=True, slots=True)
class Scenario:
    """One night. Times are in seconds after traffic first moved (without a traffic flag: after T+0)."""

    name: str
    line: str
    """What happens, for `demo --list`."""
    words: tuple[str, ...] = ()
    """The metric to bend has one of these in its name or title, if any has."""
    units: tuple[str, ...] = ()
    """Its unit, if any fits."""
    rising: bool | None = None
    """Whether its trigger looks upwards; None: either way."""
    also: tuple[str, ...] = ()
    """Metrics without a trigger, with one of these in their name, whose gates break too."""
    delay: Seconds = 3 * MINUTE
    """When it begins."""
    ramp: Seconds = MINUTE
    """How long it takes to be in full."""
    recovery: Seconds = 2 * MINUTE
    """How long it takes to be over once the traffic is back."""
    lasts: Seconds | None = None
    """How long it stays before it is over by itself; None: until the traffic is back."""
    one_series: bool = False
    """Only one series suffers."""
    flaps: bool = False
    """Bad for less than the trigger waits, then good again, over and over."""
    outage: Outage | None = None
    """The metric service goes away."""
    loses_writes: bool = False
    """The first try of every forward flag change gets no answer, every other one after it took effect."""

    @property
    def bends(self) -> bool:
        """Whether metrics suffer at all."""
        return bool(self.words or self.units)


SCENARIOS: dict[str, Scenario] = {
    one.name: one
    for one in (
        Scenario("steady", "Nothing goes wrong: every gate passes in its time."),
        Scenario(
            "error-spike",
            "Errors rise three minutes after traffic moves, until the trigger fires.",
            words=("error", "5xx", "fail"),
            units=("ratio",),
            rising=True,
            also=("5xx", "spike", "error"),
        ),
        Scenario(
            "latency-creep",
            "Latency creeps up for a quarter of an hour, past its SLO and then past the trigger.",
            words=("p95", "p99", "latency", "duration", "response"),
            units=("seconds",),
            rising=True,
            delay=2 * MINUTE,
            ramp=15 * MINUTE,
        ),
        Scenario(
            "queue-backlog",
            "One queue backs up while the others stay as they are.",
            words=("queue", "backlog", "lag", "depth", "pending"),
            units=("count",),
            rising=True,
            ramp=4 * MINUTE,
            one_series=True,
        ),
        Scenario(
            "db-pool",
            "The database's connection pool fills up and stays full.",
            words=("pool", "connection", "database", "db"),
            units=("ratio",),
            rising=True,
            ramp=3 * MINUTE,
        ),
        Scenario(
            "flapping",
            "Errors come and go, never long enough for the trigger: it stays pending and clears, again and again.",
            words=("error", "5xx", "fail"),
            units=("ratio",),
            rising=True,
            flaps=True,
        ),
        Scenario(
            "prometheus-outage",
            "The metric service answers 503, then hangs, then comes back: nothing may pass or fire meanwhile.",
            outage=Outage(),
        ),
        Scenario(
            "flag-timeouts",
            "The first try of every flag change gets no answer; whether it took effect must be read back.",
            loses_writes=True,
        ),
    )
}
"""By name."""


@dataclass(frozen=True, slots=True)
class Target:
    """A metric that a scenario bends."""

    metric: str
    test: Test
    fires: bool
    """Whether the bad value makes the test true (a trigger's) or breaks it (a gate's)."""
    lasts: Seconds
    """How long the trigger waits."""
    one_series: bool


def targets(scenario: Scenario, runbook: Runbook) -> tuple[Target, ...]:
    """What the scenario bends in this runbook; empty where there is no metric to bend."""
    if not scenario.bends:
        return ()
    found = _by_trigger(scenario, runbook) or _by_gate(scenario, runbook)
    return (found, *_companions(scenario, runbook, found.metric)) if found else ()


def _by_trigger(scenario: Scenario, runbook: Runbook) -> Target | None:
    """The trigger condition that fits best; the first in the file where several do."""
    conditions = [
        (_fit(scenario, runbook.metrics[one.metric], one.test, f"{trigger.id} {trigger.title}"), one)
        for trigger in runbook.triggers.values()
        for one in trigger.when
        if isinstance(one, MetricCondition)
    ]
    if not conditions:
        return None
    _, best = max(conditions, key=lambda pair: pair[0])
    return Target(best.metric, best.test, True, best.for_, scenario.one_series)


def _by_gate(scenario: Scenario, runbook: Runbook) -> Target | None:
    """Without a trigger on a metric: the gate that fits best, so that at least something goes red."""
    tests = [
        (_fit(scenario, runbook.metrics[name], test, ""), name, test)
        for step in runbook.phase_steps
        for condition in step.gate
        for name, test in tests_of(condition)
    ]
    if not tests:
        return None
    _, name, test = max(tests, key=lambda found: found[0])
    return Target(name, test, False, 0.0, scenario.one_series)


def _companions(scenario: Scenario, runbook: Runbook, chosen: str) -> list[Target]:
    watched = {name for trigger in runbook.triggers.values() for one in trigger.when for name, _ in tests_of(one)}
    found = {
        name: Target(name, test, False, 0.0, False)
        for step in runbook.phase_steps
        for condition in step.gate
        for name, test in tests_of(condition)
        if name not in watched and name != chosen and any(word in name for word in scenario.also)
    }
    return list(found.values())


def _fit(scenario: Scenario, metric: Metric, test: Test, more: str) -> int:
    name = f"{metric.id} {metric.title}".lower()
    rising = isinstance(test, Range) or (isinstance(test, Comparison) and test.op in (">", ">="))
    return (
        8 * any(word in name for word in scenario.words)
        + 4 * any(word in more.lower() for word in scenario.words)
        + 2 * (metric.unit in scenario.units)
        + (scenario.rising is None or scenario.rising == rising)
    )
