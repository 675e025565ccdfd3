"""What judging costs: one tick has a budget of 10 ms, beside what Prometheus' own rule engine takes for its half.

Observing 2,000 series and judging 25 gates and 25 triggers over all of them, in a quiet night, with one series in
twenty bad, and with every series bad.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks._table import Figure, Row, alone
from pags_tui.core import gates, triggers
from pags_tui.core.conditions import MetricNames, Names, Use, parse
from pags_tui.core.observe import MetricSpec, Watch, observe
from pags_tui.core.series import Point, Reading, Tick
from pags_tui.core.units import Unit

TITLE = "Judging: 2,000 series under 25 gates and 25 triggers"
PLACES = ("promtool", str(Path(__file__).resolve().parents[1] / ".cache/prometheus/usr/bin/promtool"))
SERIES = 2_000
PAIRS = 25
NAMES = Names({"latency": MetricNames(Unit.SECONDS, "<= 300ms")})
SPECS = {"latency": MetricSpec("latency")}


class Night:
    """Gates and triggers over one metric of many series, tick after tick."""

    def __init__(self, bad_of_a_hundred: int) -> None:
        self.points = tuple(
            Point(
                (("instance", f"10.0.{n // 250}.{n % 250}:9100"), ("job", "api")),
                0.8 if n % 100 < bad_of_a_hundred else 0.2 + n * 1e-6,
            )
            for n in range(SERIES)
        )
        self.gates = [gates.GateSpec(f"g{n}", (parse(f"latency < {310 + n}ms for 15m", NAMES),)) for n in range(PAIRS)]
        self.triggers = [
            triggers.TriggerSpec(f"t{n}", (parse(f"latency > {600 + n}ms for 15m", NAMES, Use.TRIGGER),))
            for n in range(PAIRS)
        ]
        self.watch = Watch()
        self.gate_memory = [gates.GateMemory()] * PAIRS
        self.trigger_memory = [triggers.TriggerMemory()] * PAIRS
        self.time = 1.7e9

    def tick(self) -> None:
        self.time += 5
        tick = Tick(self.time, {"latency": Reading(self.points)})
        self.watch, sights = observe(SPECS, self.watch, tick, every=5)
        gate_context, trigger_context = gates.GateContext(5), triggers.TriggerContext(5)
        for n in range(PAIRS):
            self.gate_memory[n], _ = gates.judge(self.gates[n], self.gate_memory[n], sights, gate_context)
            self.trigger_memory[n], _ = triggers.judge(
                self.triggers[n], self.trigger_memory[n], sights, trigger_context
            )


def rows(quick: bool) -> Iterator[Row]:
    """A tick in each weather; promtool, where it is found, evaluates as many rules over as many series."""
    rounds = 5 if quick else 50
    promtool = reference(quick)
    word = "promtool, 25 rules, an evaluation" if promtool else "promtool was not found"
    for bad in (0, 5, 100):
        night = Night(bad)
        night.tick()
        figure = Figure.of(several(night.tick, rounds), "ms")
        yield Row(f"a tick, {bad} % of the series bad", figure, word, promtool, most=10.0)
    night = Night(100)
    for _ in range(181):
        night.tick()
    yield Row("a tick, all firing", Figure.of(several(night.tick, rounds), "ms"), word, promtool, most=10.0)


def several(work: Callable[[], object], rounds: int) -> list[float]:
    """Milliseconds of each round."""
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        found.append((time.perf_counter() - begun) * 1e3)
    return found


def reference(quick: bool) -> Figure | None:
    """Milliseconds that one evaluation of 25 rules over the series takes `promtool test rules`; None without one.

    A long test less a short one, so that neither its start nor its reading counts.
    """
    promtool = next((found for place in PLACES if (found := shutil.which(place))), None)
    if promtool is None:
        return None
    ticks = (10, 30) if quick else (10, 40)
    with tempfile.TemporaryDirectory() as folder:
        spent = [min(several(partial(test_rules, promtool, Path(folder), count), 1 if quick else 2)) for count in ticks]
    return Figure((spent[1] - spent[0]) / (ticks[1] - ticks[0]), "ms")


def test_rules(promtool: str, folder: Path, ticks: int) -> None:
    """Evaluates the rules at so many ticks of 5 s."""
    rules = [{"alert": f"t{n}", "expr": f"latency > {(600 + n) / 1000}", "for": "15m"} for n in range(PAIRS)]
    (folder / "rules.yml").write_text(json.dumps({"groups": [{"name": "all", "interval": "5s", "rules": rules}]}))
    series = [{"series": f'latency{{instance="10.0.{n // 250}.{n % 250}:9100",job="api"}}',
               "values": f"0.{2 if n % 20 else 8}+0x{ticks}"} for n in range(SERIES)]  # fmt: skip
    at = f"{ticks * 5}s"
    test = {"interval": "5s", "input_series": series,
            "promql_expr_test": [{"expr": "count(latency)", "eval_time": at,
                                  "exp_samples": [{"labels": "{}", "value": SERIES}]}]}  # fmt: skip
    told = {"rule_files": ["rules.yml"], "evaluation_interval": "5s", "tests": [test]}
    (folder / "tests.yml").write_text(json.dumps(told))
    done = subprocess.run(
        [promtool, "test", "rules", "tests.yml"], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"promtool: {done.stderr or done.stdout}")


if __name__ == "__main__":
    alone(TITLE, rows)
