"""`/metrics`: a real Prometheus that scrapes it gets the simulator's own values from the runbook's own queries."""

from __future__ import annotations

import re
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from pags_tui.core.ports import MetricQuery
from pags_tui.core.runbook import Runbook
from pags_tui.core.runbook.loading import load
from pags_tui.core.series import Labels, Reading
from pags_tui.edge.prometheus import Prometheus
from pags_tui.simulator import Simulator
from pags_tui.simulator.families import combinations
from pags_tui.simulator.histograms import bounds_for, shares_below
from pags_tui.simulator.promql import Matcher
from pags_tui.simulator.shapes import NotRecognised, Raw
from pags_tui.simulator.solver import Row, solve
from tests.prometheus import RealPrometheus
from tests.simulator.nights import OTHER, ROOT, Hands, other, pags

SHORT = 3
"""Seconds of every window in the shortened runbook: twelve scrapes of a quarter of a second."""


def shortened(text: str) -> Runbook:
    """The runbook with windows of seconds instead of minutes, and traffic bounds to match; offsets stay."""
    text = re.sub(r"\[\d+[mh]\]", f"[{SHORT}s]", text)
    text = re.sub(r">= 100'", ">= 7'", text)
    return load(text, "short.toml")


SHAPES = r"""
[runbook]
id = "shapes"
[services.prometheus]
url = "${U}"
[[phases]]
id = "a"
at = "T+0"
title = "A"
steps = [
  { check = "x", gate = ["apdex > 90%", "growth in 100..200", "share in 20%..40%", "worst < 80%"] },
  { check = "y", gate = "oldest < 10m" },
]
[metrics.apdex]
unit = "ratio"
query = 'sum(rate(page_seconds_bucket{le="0.3"}[1m])) / sum(rate(page_seconds_count[1m]))'
[metrics.growth]
query = 'sum by (shop) (increase(orders_total{state!~"draft|void"}[1m]))'
[metrics.share]
unit = "ratio"
query = 'sum by (shop) (carts{kind="full"}) / sum by (shop) (carts)'
[metrics.worst]
unit = "ratio"
query = '1 - min by (host) (disk_free_bytes / disk_size_bytes)'
[metrics.percent]
query = '''
100 * sum(rate(mails_total{ok="0"}[1m]))
  / (sum(rate(mails_total{ok="0"}[1m])) + sum(rate(mails_total{ok="1"}[1m])))
'''
[metrics.p50]
unit = "seconds"
slo = "< 200ms"
query = 'histogram_quantile(0.5, sum by (le, shop) (rate(checkout_seconds_bucket{path=~"/pay.*"}[1m])))'
[metrics.p99]
unit = "seconds"
slo = "< 2s"
query = 'histogram_quantile(0.99, sum by (le, shop) (rate(checkout_seconds_bucket{path=~"/pay.*"}[1m])))'
[metrics.oldest]
unit = "seconds"
query = 'max by (job) (time() - last_run_timestamp_seconds)'
[metrics.bare]
query = 'workers_busy{pool="a"} - workers_idle{pool="a"}'
"""


def by_labels(reading: Reading) -> dict[Labels, float]:
    """A reading's series, without what scraping adds."""
    return {
        tuple(one for one in point.labels if one[0] != "instance" and one != ("job", "simulator")): point.value
        for point in reading.points
    }


def differences(real: dict[str, Reading], told: dict[str, Reading]) -> list[str]:
    """Every series whose values are more than a twentieth apart, or that only one of the two has."""
    found = []
    for id_, reading in told.items():
        if real[id_].enough is not reading.enough:
            found.append(f"{id_}: enough traffic is {real[id_].enough}, simulated {reading.enough}")
        theirs = by_labels(real[id_])
        for labels, value in by_labels(reading).items():
            got = theirs.pop(labels, None)
            if got is None or abs(got - value) > max(0.05 * abs(value), 1e-6):
                found.append(f"{id_}{dict(labels)}: real {got}, simulated {value}, {real[id_].failed}")
        found += [f"{id_}{dict(labels)}: real {value}, not simulated" for labels, value in theirs.items()]
    return found


@pytest.mark.prometheus
def test_a_real_prometheus_computes_the_simulators_values(tmp_path: Path) -> None:
    """Scraped for a few windows' length, every query of three unlike runbooks agrees within a twentieth."""
    nights = [shortened(text) for text in ((ROOT / "runbook.toml").read_text(), OTHER, SHAPES)]
    with ExitStack() as stack:
        simulators = [stack.enter_context(Simulator(one, clock=time.time)) for one in nights]
        addresses = [one.url.removeprefix("http://") for one in simulators]
        real = stack.enter_context(RealPrometheus(tmp_path, addresses, scrape="250ms"))
        theirs = stack.enter_context(closing(Prometheus(real.url)))
        pairs = [
            (one, stack.enter_context(closing(Prometheus(two.url))))
            for one, two in zip(nights, simulators, strict=True)
        ]
        wrong = ["nothing scraped yet"]
        for _ in range(60):
            time.sleep(0.5)
            # The rate of a window belongs to its middle.
            now = time.time() - 0.5
            wrong = [
                difference
                for runbook, ours in pairs
                for difference in differences(
                    theirs.poll(asked(runbook), now, 5.0), ours.poll(asked(runbook), now - SHORT / 2, 5.0)
                )
            ]
            if not wrong:
                break
    assert wrong == []


def asked(runbook: Runbook) -> list[MetricQuery]:
    return [MetricQuery(one.id, one.query, one.enough) for one in runbook.metrics.values()]


def samples(text: str) -> dict[str, float]:
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[:1] != "#"}


def test_counters_only_grow_and_scraping_twice_at_once_changes_nothing() -> None:
    """A counter that fell would be a restart; time alone moves them."""
    clock = Hands()
    simulator = Simulator(pags(), "error-spike", clock=clock)
    simulator.set_flag("canary-percentage", 50)
    before = samples(simulator.exposition())
    assert samples(simulator.exposition()) == before
    for _ in range(20):
        clock.at += 15
        after = samples(simulator.exposition())
        assert after.keys() == before.keys()
        falling = [name for name in after if after[name] < before[name] and re.search(r"_(total|count|bucket)", name)]
        assert falling == []
        before = after


def test_a_shape_that_cannot_be_turned_around_is_named_in_a_comment() -> None:
    """Nothing is left out silently, and the rest still stands."""
    text = SHAPES + (
        "[metrics.odd]\nquery = 'stddev(pods)'\n"
        "[metrics.past]\nunit = \"ratio\"\nquery = 'sum(rate(a_total[1m])) / sum(rate(a_total[1m] offset 1d))'\n"
        "[metrics.alive]\nunit = \"ratio\"\nquery = 'min(up)'\n"
        "[metrics.against]\nquery = 'sum by (host) (disk_size_bytes)'\nslo = \"> 1000000\"\n"
    )
    exposed = Simulator(load(text), clock=Hands()).exposition()
    assert "# Not reproduced here: odd, for `stddev` in this place." in exposed
    assert "# Not reproduced here: past, for a value of the past (`offset`)." in exposed
    assert "# Not reproduced here: alive, for `up` is written by the Prometheus that scrapes." in exposed
    assert "# Not reproduced here: against, for its value contradicts another metric's." in exposed
    assert "checkout_seconds_bucket" in exposed


def test_every_query_of_our_own_runbooks_is_reproduced() -> None:
    """All but `up`, which no target can expose."""
    for runbook in (pags(), other(), load(SHAPES)):
        comments = re.findall(r"Not reproduced here: ([\w-]+)", Simulator(runbook, clock=Hands()).exposition())
        assert [id_ for id_ in comments if "up" not in runbook.metrics[id_].query] == []


@pytest.mark.parametrize(
    "marks",
    [[(0.95, 0.18)], [(0.5, 0.1), (0.9, 0.3), (0.99, 1.2)], [(0.99, 0.0001)], [(0.01, 3.0)]],
    ids=["one", "three", "low", "high"],
)
def test_a_histogram_gives_its_quantiles_back(marks: list[tuple[float, float]]) -> None:
    """Prometheus' own interpolation inside a bucket, applied to the shares, is the value asked for."""
    bounds = bounds_for([value for _, value in marks])
    shares = shares_below(bounds, marks)
    assert shares is not None
    assert shares == sorted(shares)
    assert shares[0] >= 0
    assert shares[-1] <= 1
    for q, value in marks:
        upper = next(index for index, share in enumerate(shares) if share >= q - 1e-12)
        below, low = (shares[upper - 1], bounds[upper - 1]) if upper else (0.0, 0.0)
        told = low + (bounds[upper] - low) * (q - below) / (shares[upper] - below)
        assert told == pytest.approx(value, rel=1e-6)


def test_two_quantiles_in_one_bucket_are_refused() -> None:
    """No shares could give both back."""
    assert shares_below(bounds_for([1.0]), [(0.5, 1.0), (0.9, 1.0001)]) is None


def test_the_solver_finds_numbers_or_says_that_there_are_none() -> None:
    """Equations and at-least rows, never a negative number."""
    found = solve([Row({1: 1.0, 2: 1.0}, 10.0), Row({1: 1.0, 2: -3.0}, 0.0), Row({3: 2.0}, 5.0, True)], [1, 2, 3])
    assert found is not None
    assert (found[1], found[2]) == (pytest.approx(7.5), pytest.approx(2.5))
    assert found[3] >= 2.5
    assert solve([Row({1: 1.0}, 1.0), Row({1: 1.0}, 2.0)], [1]) is None
    assert solve([Row({1: 1.0}, -1.0)], [1]) is None
    assert solve([Row({1: 1.0}, 2e9)], [1]) == {1: 2e9}
    assert solve([Row({1: 1.0}, 1e-6)], [1]) == {1: pytest.approx(1e-6)}
    assert solve([], [7]) == {7: 0.0}


def test_label_sets_tell_overlapping_selections_apart() -> None:
    """One set inside both, one inside each alone; a grouped label takes no made-up value."""
    new = Raw("x", (Matcher("stack", "=", "new"),), True)
    errors = Raw("x", (Matcher("code", "=~", "5.."),), True)
    kinds = {(new.takes(one), errors.takes(one)) for one in combinations([new, errors], [])}
    assert kinds == {(True, True), (True, False), (False, True)}
    one_shop = Raw("y", (Matcher("shop", "=", "a"),), True)
    assert combinations([one_shop], ["shop"]) == [{"shop": "a"}]
    with pytest.raises(NotRecognised):
        combinations([Raw("z", (Matcher("a", "=~", r"(?<=q)w{3,}"),), True)], [])
