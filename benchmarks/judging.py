"""Prints what judging costs: `python benchmarks/judging.py`. One tick has a budget of 10 ms; it asserts nothing.

Observing 2,000 series and judging 25 gates and 25 triggers over all of them, in a quiet night, with one series in
twenty bad, and with every series bad.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pags_tui.core import gates, triggers
from pags_tui.core.conditions import MetricNames, Names, Use, parse
from pags_tui.core.observe import MetricSpec, Watch, observe
from pags_tui.core.series import Point, Reading, Tick
from pags_tui.core.units import Unit

SERIES = 2_000
PAIRS = 25
NAMES = Names({"latency": MetricNames(Unit.SECONDS, "<= 300ms")})
SPECS = {"latency": MetricSpec("latency")}


def best(work: Callable[[], object], rounds: int) -> float:
    """Seconds of the fastest round: what it costs when nothing else runs."""
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found)


class Night:
    """Gates and triggers over one metric of many series, tick after tick."""

    def __init__(self, bad_of_a_hundred: int) -> None:
        self.points = tuple(
            Point((("instance", f"10.0.{n // 250}.{n % 250}:9100"), ("job", "api")),
                  0.8 if n % 100 < bad_of_a_hundred else 0.2 + n * 1e-6)
            for n in range(SERIES))
        self.gates = [
            gates.GateSpec(f"g{n}", (parse(f"latency < {310 + n}ms for 15m", NAMES),)) for n in range(PAIRS)]
        self.triggers = [
            triggers.TriggerSpec(f"t{n}", (parse(f"latency > {600 + n}ms for 15m", NAMES, Use.TRIGGER),))
            for n in range(PAIRS)]
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
                self.triggers[n], self.trigger_memory[n], sights, trigger_context)


def main() -> None:
    print(f"one tick, {SERIES} series under {2 * PAIRS} conditions, best of 50")
    for bad in (0, 5, 100):
        night = Night(bad)
        night.tick()
        print(f"  {bad:3} % of the series bad   {best(night.tick, 50) * 1e3:8.2f} ms")
    night = Night(100)
    for _ in range(181):
        night.tick()
    print(f"  100 %, all firing        {best(night.tick, 50) * 1e3:8.2f} ms")
    text = "any latency > 200% of slo for 15m"
    print(f"one parse                  {best(lambda: [parse(text, NAMES) for _ in range(100)], 50) * 1e4:8.2f} us")


if __name__ == "__main__":
    main()
