"""What the simulated metrics do: healthy nights pass, each scenario bends what it should, in any runbook."""

from __future__ import annotations

import itertools

import pytest

from pags_tui.core.runbook import Runbook
from pags_tui.core.runbook.loading import load
from pags_tui.simulator import SCENARIOS, Simulator
from pags_tui.simulator.weather import home_values
from tests.simulator.nights import START, Hands, bad_series, broken_gates, longest_bad, other, pags

HOUR = 3600.0
RUNBOOKS = {"pags": pags, "other": other}


def simulator(runbook: Runbook, scenario: str, clock: Hands | None = None) -> Simulator:
    return Simulator(runbook, scenario, clock=clock or Hands(), t0=START)


def forward(runbook: Runbook, made: Simulator, clock: Hands) -> None:
    """All traffic to the new side, now."""
    flag = made.weather.traffic
    assert flag is not None
    made.set_flag(flag, True if runbook.flags[flag].type == "boolean" else 50)
    clock.at += 1


@pytest.mark.parametrize("name", RUNBOOKS)
def test_on_a_steady_night_every_gate_holds_and_no_trigger_stirs(name: str) -> None:
    """From long before to long after the change, at every tick, for every series."""
    runbook, clock = RUNBOOKS[name](), Hands()
    made = simulator(runbook, "steady", clock)
    forward(runbook, made, clock)
    for step in range(-200, 800):
        at = START + step * 17.0
        assert broken_gates(made, runbook, at) == []
        assert [trigger for trigger in runbook.triggers if bad_series(made, runbook, trigger, at)] == []


def test_values_move_with_weather_and_traffic() -> None:
    """A dashboard that never moves would prove nothing."""
    runbook, clock = pags(), Hands()
    made = simulator(runbook, "steady", clock)
    seen = {made.values("p95-latency", START + step * 30)[()] for step in range(20)}
    assert len(seen) == 20
    calm = [made.values("p95-latency", START - step * 30)[()] for step in range(100)]
    made.set_flag("canary-percentage", 100)
    busy = [made.values("p95-latency", START + 120 + step * 30)[()] for step in range(100)]
    assert sum(busy) > sum(calm)


def test_the_past_answers_the_same_again() -> None:
    """Values are a function of time: asking twice, or later, changes nothing."""
    runbook, clock = pags(), Hands()
    made = simulator(runbook, "error-spike", clock)
    forward(runbook, made, clock)
    first = {name: made.values(name, START + 900) for name in runbook.metrics}
    clock.at += 2000
    made.set_flag("canary-percentage", 0)
    assert {name: made.values(name, START + 900) for name in runbook.metrics} == first


def test_series_are_those_that_the_runbook_expects() -> None:
    """`expect` names the series; a label of the query without it gets made-up ones."""
    made = simulator(pags(), "steady")
    assert set(made.values("queue-depth", START)) == {
        (("queue", name),) for name in pags().metrics["queue-depth"].expect["queue"]
    }
    assert {labels[0][0] for labels in made.values("availability", START)} == {"endpoint"}
    assert set(simulator(other(), "steady").values("plain", START)) == {(("shard", "0"),)}


FIRES = [
    ("pags", "error-spike", "error-rate"),
    ("pags", "latency-creep", "latency"),
    ("pags", "queue-backlog", "queue-depth"),
    ("pags", "db-pool", "database"),
    ("other", "error-spike", "success"),
    ("other", "latency-creep", "lag"),
]


@pytest.mark.parametrize(("name", "scenario", "trigger"), FIRES, ids=lambda value: str(value))
def test_a_scenario_lasts_until_its_trigger_fires_and_ends_with_a_rollback(
    name: str, scenario: str, trigger: str
) -> None:
    """Nothing before the change; bad for longer than the trigger waits; well again minutes after traffic is back."""
    runbook, clock = RUNBOOKS[name](), Hands()
    made = simulator(runbook, scenario, clock)
    assert longest_bad(made, runbook, trigger, START - HOUR, START) == 0
    forward(runbook, made, clock)
    waits = max(getattr(condition, "for_", 0.0) for condition in runbook.triggers[trigger].when)
    assert longest_bad(made, runbook, trigger, START, START + 120) == 0
    assert longest_bad(made, runbook, trigger, START, START + HOUR) > waits + 600
    clock.at = START + HOUR
    made.set_flag(str(made.weather.traffic), home_values(runbook, str(made.weather.traffic))[0])
    assert bad_series(made, runbook, trigger, START + HOUR - 1)
    for step in range(100):
        assert broken_gates(made, runbook, START + HOUR + 180 + step * 31) == []


def test_only_one_queue_backs_up() -> None:
    """A trigger with a clock per series is seen by one series alone."""
    runbook, clock = pags(), Hands()
    made = simulator(runbook, "queue-backlog", clock)
    forward(runbook, made, clock)
    assert bad_series(made, runbook, "queue-depth", START + 1200) == 1


def test_flapping_never_lasts_long_enough() -> None:
    """Pending and clear, again and again, for hours: never the whole `for`."""
    runbook, clock = pags(), Hands()
    made = simulator(runbook, "flapping", clock)
    forward(runbook, made, clock)
    assert 60 < longest_bad(made, runbook, "error-rate", START, START + 3 * HOUR) < 600
    spells = [bool(bad_series(made, runbook, "error-rate", START + step * 5)) for step in range(2000)]
    assert sum(not before and after for before, after in itertools.pairwise(spells)) > 10


def test_a_second_attempt_after_a_rollback_meets_the_same_weather() -> None:
    """The scenario counts from each time that traffic moves."""
    runbook, clock = pags(), Hands()
    made = simulator(runbook, "error-spike", clock)
    forward(runbook, made, clock)
    clock.at = START + HOUR
    made.set_flag("canary-percentage", 0)
    clock.at = START + 2 * HOUR
    made.set_flag("canary-percentage", 10)
    assert not bad_series(made, runbook, "error-rate", START + 2 * HOUR + 60)
    assert bad_series(made, runbook, "error-rate", START + 2 * HOUR + 600)


def test_without_a_traffic_flag_a_scenario_counts_from_t0() -> None:
    """A runbook that changes no flag has its bad night all the same."""
    runbook = load(
        '[runbook]\nid = "x"\n[services.prometheus]\nurl = "${U}"\n[metrics.errors]\nunit = "ratio"\nquery = "errors"\n'
        '[[phases]]\nid = "a"\nat = "T+0"\ntitle = "A"\nsteps = ["x"]\n[triggers.e]\nwhen = "errors > 5% for 1m"\n'
    )
    made = simulator(runbook, "error-spike")
    assert made.weather.traffic is None
    assert not bad_series(made, runbook, "e", START + 100)
    assert bad_series(made, runbook, "e", START + 600)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_plays_with_a_runbook_that_watches_nothing(scenario: str) -> None:
    """No metrics, no flags, no triggers: nothing to bend is no error."""
    runbook = load('[runbook]\nid = "bare"\n[[phases]]\nid = "a"\nat = "T+0"\ntitle = "A"\nsteps = ["look"]\n')
    made = simulator(runbook, scenario)
    assert made.weather.bends == {}
    assert made.weather.share(START + 1) == 1.0


def test_the_eight_scenarios_say_what_they_do() -> None:
    """`demo --list` has one line for each."""
    assert list(SCENARIOS) == [
        "steady", "error-spike", "latency-creep", "queue-backlog", "db-pool", "flapping", "prometheus-outage",
        "flag-timeouts",
    ]  # fmt: skip
    assert all(0 < len(one.line) < 110 for one in SCENARIOS.values())
