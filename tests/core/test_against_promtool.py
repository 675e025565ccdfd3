"""Triggers against the judge of alerting rules itself: `promtool test rules`, tick for tick.

Where a reading is NaN, stale, or missing for longer than the look-back, the two differ on purpose: blindness neither
clears nor fires. From there until the series' next good reading the comparison leaves that series out; each intended
difference then has a test of its own.
"""

from __future__ import annotations

import json
import math
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from pags_tui.core.conditions import MetricNames, Names, Use, parse
from pags_tui.core.observe import MetricSpec, TriggerState, Watch, observe
from pags_tui.core.series import Labels, Point, Reading, Tick
from pags_tui.core.triggers import TriggerContext, TriggerMemory, TriggerSpec, judge, series
from pags_tui.core.units import Unit

MINUTE = 60
TICKS = 60
LOOK_BACK = 5
"""Ticks of a minute through which an instant query still answers the last sample."""
METRICS = 120
SERIES = 3
Sample = float | str | None
"""A number, "stale" for Prometheus' end of a series, or None for no scrape."""


@dataclass(frozen=True)
class Rule:
    """An alerting rule, and the trigger that says the same."""

    name: str
    test: str
    minutes: int
    samples: tuple[tuple[Sample, ...], ...]
    """By series, then by minute."""

    def labels(self, number: int) -> Labels:
        return (("s", f"{self.name}x{number}"),)


def made_up(seed: int) -> list[Rule]:
    """Rules over series that walk between good and bad, with gaps, NaN and stale ends."""
    dice = random.Random(seed)
    rules = []
    for number in range(METRICS):
        calm = dice.random()
        samples = tuple(tuple(walk(dice, calm)) for _ in range(SERIES))
        test = dice.choice(["> 1", ">= 1.5", "== 2", "!= 0", "< 1"])
        rules.append(Rule(f"m{number}", test, dice.randrange(21), samples))
    return rules


def walk(dice: random.Random, calm: float) -> list[Sample]:
    """An hour of one series: it keeps its level for a while, then takes another; some of it was never scraped."""
    samples: list[Sample] = []
    while len(samples) < TICKS:
        level = dice.choice([0.0, 1.0, 2.0])
        for _ in range(1 + int(dice.expovariate(0.3 - 0.25 * calm))):
            samples.append(level)
        fate = dice.random()
        if fate < 0.3:
            samples += [None] * dice.randrange(1, LOOK_BACK)
        elif fate < 0.36:
            samples += [None] * dice.randrange(LOOK_BACK, 15)
        elif fate < 0.4:
            samples.append(math.nan)
        elif fate < 0.43:
            samples.append("stale")
    return samples[:TICKS]


def instant(samples: tuple[Sample, ...], minute: int) -> float | None:
    """What an instant query answers: the last sample within the look-back, unless the series ended."""
    for back in range(LOOK_BACK):
        if minute < back:
            break
        sample = samples[minute - back]
        if sample is not None:
            return None if isinstance(sample, str) else sample
    return None


@dataclass(frozen=True)
class Judged:
    """Our answer for one series at one tick, and whether Prometheus saw the same all along."""

    state: TriggerState
    same_sight: bool


def ours(rule: Rule, unit: Unit = Unit.COUNT) -> list[list[Judged]]:
    """The unlatched answer of every series at every tick, by minute and then by series."""
    spec = TriggerSpec(
        rule.name, (parse(f"m {rule.test} for {rule.minutes}m", Names({"m": MetricNames(unit)}), Use.TRIGGER),)
    )
    watch, memory, context = Watch(), TriggerMemory(), TriggerContext(MINUTE)
    same = [True] * len(rule.samples)
    table = []
    for minute in range(TICKS):
        values = [instant(samples, minute) for samples in rule.samples]
        points = tuple(Point(rule.labels(n), v) for n, v in enumerate(values) if v is not None)
        tick = Tick(1e9 + minute * MINUTE, {"m": Reading(points)})
        watch, sights = observe({"m": MetricSpec("m")}, watch, tick, every=MINUTE)
        memory, whole = judge(spec, memory, sights, context)
        found = {verdict.series: verdict.now for verdict in series(spec, memory, sights, context)}
        worst = max(found.values(), key=lambda state: state.rank, default=TriggerState.UNKNOWN)
        assert whole.now is worst, "the whole is its worst series"
        row = []
        for number, value in enumerate(values):
            state = found.get(rule.labels(number), TriggerState.UNKNOWN)
            never = all(sample is None for sample in rule.samples[number][: minute + 1])
            if not never and (value is None or math.isnan(value)):
                same[number] = False
            elif state is TriggerState.INACTIVE:
                same[number] = True
            row.append(Judged(state, same[number]))
        table.append(row)
    return table


def written(sample: Sample) -> str:
    """A sample as promtool's own notation has it."""
    return "_" if sample is None else "NaN" if sample != sample else str(sample)


def rules_file(rules: list[Rule]) -> dict[str, object]:
    return {
        "groups": [
            {
                "name": "g",
                "interval": "1m",
                "rules": [
                    {"alert": rule.name, "expr": f"{rule.name} {rule.test}", "for": f"{rule.minutes}m"}
                    for rule in rules
                ],
            }
        ]
    }


def expected_at(minute: int, tables: dict[Rule, list[list[Judged]]]) -> dict[str, object]:
    """All alerts of comparable series at one tick, as promtool has to find them."""
    alerts, left_out = [], []
    for rule, table in tables.items():
        for number, judged in enumerate(table[minute]):
            name = f"{rule.name}x{number}"
            if not judged.same_sight:
                left_out.append(name)
            elif judged.state in (TriggerState.PENDING, TriggerState.FIRING):
                labels = f'ALERTS{{alertname="{rule.name}", alertstate="{judged.state}", s="{name}"}}'
                alerts.append({"labels": labels, "value": 1})
    return {"expr": f'ALERTS{{s!~"{"|".join(left_out)}"}}', "eval_time": f"{minute}m", "exp_samples": alerts}


def ask(promtool: str, folder: Path, rules: list[Rule], expected: list[dict[str, object]]) -> tuple[bool, str]:
    """Whether promtool finds exactly that, and what it prints. JSON is YAML enough for it."""
    given = [
        {"series": f'{rule.name}{{s="{rule.name}x{number}"}}', "values": " ".join(map(written, samples))}
        for rule in rules
        for number, samples in enumerate(rule.samples)
    ]
    test = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": given, "promql_expr_test": expected}],
    }
    (folder / "rules.yml").write_text(json.dumps(rules_file(rules)))
    (folder / "test.yml").write_text(json.dumps(test))
    done = subprocess.run(
        [promtool, "test", "rules", "test.yml"], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode == 0, (done.stdout + done.stderr)[:4000]


@pytest.mark.prometheus
@pytest.mark.parametrize("seed", [1, 2])
def test_agrees_tick_for_tick(promtool: str, tmp_path: Path, seed: int) -> None:
    """360 random series of an hour, `for` 0 to 20 minutes: the same series are pending and firing at every tick."""
    rules = made_up(seed)
    tables = {rule: ours(rule) for rule in rules}
    compared = [judged for table in tables.values() for row in table for judged in row if judged.same_sight]
    assert len(compared) > 0.6 * METRICS * SERIES * TICKS
    assert sum(judged.state is TriggerState.FIRING for judged in compared) > 1000
    assert sum(judged.state is TriggerState.PENDING for judged in compared) > 1000
    agrees, said = ask(promtool, tmp_path, rules, [expected_at(minute, tables) for minute in range(TICKS)])
    assert agrees, said


# ---- what differs on purpose, each beside what Prometheus says


def one_series(minutes: int, *samples: Sample) -> Rule:
    """`m0 > 1` for that long over one series, its last sample going on to the hour's end."""
    return Rule("m0", "> 1", minutes, ((*samples, *[samples[-1]] * (TICKS - len(samples))),))


def states_of(rule: Rule) -> list[str]:
    return [str(row[0].state) for row in ours(rule)]


def prometheus_says(promtool: str, folder: Path, rule: Rule, states: dict[int, str]) -> None:
    """Asserts Prometheus' state at those minutes; "inactive" is no alert."""
    expected = [
        {
            "expr": "ALERTS",
            "eval_time": f"{minute}m",
            "exp_samples": []
            if state == "inactive"
            else [{"labels": f'ALERTS{{alertname="m0", alertstate="{state}", s="m0x0"}}', "value": 1}],
        }
        for minute, state in states.items()
    ]
    agrees, said = ask(promtool, folder, [rule], expected)
    assert agrees, said


@pytest.mark.prometheus
def test_an_ended_series_does_not_clear_a_pending_trigger(promtool: str, tmp_path: Path) -> None:
    """A stale marker ends Prometheus' pending alert; ours goes on over a gap within the bridge."""
    rule = one_series(10, 2.0, 2.0, 2.0, "stale", None, None, 2.0)
    prometheus_says(promtool, tmp_path, rule, {2: "pending", 4: "inactive", 6: "pending", 15: "pending", 16: "firing"})
    states = states_of(rule)
    assert states[:11] == ["pending"] * 10 + ["firing"]


@pytest.mark.prometheus
def test_nan_does_not_clear(promtool: str, tmp_path: Path) -> None:
    """NaN compares false, so Prometheus clears; for us it is unknown, and the clock runs on over it."""
    rule = one_series(5, 2.0, 2.0, math.nan, 2.0)
    prometheus_says(promtool, tmp_path, rule, {1: "pending", 2: "inactive", 5: "pending", 7: "pending", 8: "firing"})
    assert states_of(rule)[:6] == ["pending"] * 5 + ["firing"]


@pytest.mark.prometheus
def test_blindness_does_not_clear_a_firing_trigger(promtool: str, tmp_path: Path) -> None:
    """A firing alert whose series ends is cleared there; here it fires through the bridge, then is unknown."""
    rule = one_series(3, 2.0, 2.0, 2.0, 2.0, "stale", None)
    prometheus_says(promtool, tmp_path, rule, {3: "firing", 4: "inactive"})
    assert states_of(rule)[3:9] == ["firing"] * 4 + ["unknown"] * 2


@pytest.mark.prometheus
def test_a_series_never_seen_is_unknown(promtool: str, tmp_path: Path) -> None:
    """No series is no alert there; here a trigger that never saw anything does not call itself inactive."""
    rule = one_series(3, None)
    prometheus_says(promtool, tmp_path, rule, {0: "inactive", 30: "inactive"})
    assert set(states_of(rule)) == {"unknown"}


@pytest.mark.prometheus
def test_a_long_gap_pauses_the_clock(promtool: str, tmp_path: Path) -> None:
    """After a gap over the bridge and up to `for`, Prometheus begins again; here the clock goes on where it stood."""
    rule = one_series(20, *[2.0] * 11, "stale", *[None] * 8, 2.0)
    prometheus_says(promtool, tmp_path, rule, {20: "pending", 39: "pending", 40: "firing"})
    states = states_of(rule)
    assert states[16:20] == ["unknown"] * 4
    assert states.index("firing") == 30


@pytest.mark.prometheus
def test_a_gap_longer_than_for_begins_again(promtool: str, tmp_path: Path) -> None:
    """After a gap longer than `for` both begin again at 0."""
    rule = one_series(7, *[2.0] * 4, "stale", *[None] * 8, 2.0)
    prometheus_says(promtool, tmp_path, rule, {13: "pending", 19: "pending", 20: "firing"})
    assert states_of(rule).index("firing") == 20
