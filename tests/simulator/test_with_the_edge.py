"""The program's own ports against the simulator: what they say on a bad night, end to end over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from pags_tui.core.errors import Unreachable
from pags_tui.core.ports import MetricQuery
from pags_tui.core.runbook.services import FlagService
from pags_tui.edge.flags import HttpFlags
from pags_tui.edge.prometheus import Prometheus
from pags_tui.simulator import SCENARIOS, Simulator
from tests.simulator.nights import START, Hands, pags


@pytest.fixture
def clock() -> Hands:
    return Hands()


def flags(simulator: Simulator) -> HttpFlags:
    return HttpFlags(FlagService(url="${U}", token="${K}"), simulator.flags_url, simulator.token)


@pytest.fixture
def outage(clock: Hands) -> Iterator[tuple[Simulator, Prometheus]]:
    with (
        Simulator(pags(), "prometheus-outage", clock=clock, t0=START) as simulator,
        closing(Prometheus(simulator.prometheus_url, timeout=0.4)) as prometheus,
    ):
        yield simulator, prometheus


def test_a_tick_reads_every_metric(clock: Hands) -> None:
    """Server time, values, traffic and ages of the whole runbook in one poll."""
    runbook = pags()
    queries = [MetricQuery(one.id, one.query, one.enough, one.fresh) for one in runbook.metrics.values()]
    with Simulator(runbook, clock=clock) as simulator, closing(Prometheus(simulator.prometheus_url)) as prometheus:
        assert prometheus.server_time() == START
        readings = prometheus.poll(queries, START, 5.0)
        assert all(prometheus.check(one.query) is None for one in queries)
    for metric in runbook.metrics.values():
        reading = readings[metric.id]
        assert reading.failed is None
        assert {point.labels: point.value for point in reading.points} == simulator.values(metric.id, START)
        assert reading.enough is (True if metric.enough else None)
        assert (reading.ages is None) is (metric.fresh is None)


def test_an_outage_is_told_in_both_its_halves_and_ends(outage: tuple[Simulator, Prometheus], clock: Hands) -> None:
    """First a refusal, then silence, then values again: never a value in between."""
    simulator, prometheus = outage
    simulator.set_flag("canary-percentage", 10)
    query = [MetricQuery("queue-depth", pags().metrics["queue-depth"].query)]
    clock.at = START + 150
    assert "not able to answer now (503)" in str(prometheus.poll(query, clock.at, 1.0)["queue-depth"].failed)
    clock.at = START + 300
    with pytest.raises(Unreachable, match="no answer within"):
        prometheus.server_time()
    clock.at = START + 400
    assert prometheus.server_time() == clock.at
    assert prometheus.poll(query, clock.at, 1.0)["queue-depth"].points


def test_a_write_without_an_answer_is_settled_by_reading_back(clock: Hands) -> None:
    """Once it took effect, once it did not: the write alone cannot tell, the read can."""
    with Simulator(pags(), "flag-timeouts", clock=clock) as simulator, closing(flags(simulator)) as service:
        for value, took_effect in ((10, True), (50, False)):
            answer = service.write("canary-percentage", value, f"run/{value}", 0.3)
            assert (answer.accepted, answer.status) == (None, "timeout")
            assert (service.read("canary-percentage", 2.0) == value) is took_effect
        assert service.write("canary-percentage", 50, "run/again", 2.0).accepted is True
        assert service.read("canary-percentage", 2.0) == 50
        assert service.write("canary-percentage", 0, "run/back", 2.0).accepted is True


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_raw_series_follow_every_scenario(scenario: str, clock: Hands) -> None:
    """In the worst of it, `/metrics` still reproduces every metric but `up`."""
    runbook = pags()
    simulator = Simulator(runbook, scenario, clock=clock)
    simulator.set_flag("canary-percentage", 50)
    for _ in range(12):
        clock.at += 120
        left_out = [
            line for line in simulator.exposition().splitlines() if "Not reproduced" in line and "`up`" not in line
        ]
        assert left_out == []
