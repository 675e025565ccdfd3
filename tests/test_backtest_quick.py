"""The quick way through a long history against the live judging, tick for tick."""

from __future__ import annotations

import json
import random

import pytest

from pags_tui.backtest import Armed, History, Player, Ticks, read_samples, timelines
from pags_tui.backtest.quick import Quick
from pags_tui.backtest.stretches import LENGTH
from pags_tui.core.runbook import Runbook, load

BOOK = """
[runbook]
id = "x"
[metrics.one]
query = "one"
slo = "< 2"
[metrics.many]
query = "many"
expect = { s = ["a", "b"] }
slo = "in 0..3"
[metrics.flat]
query = "flat"
[[phases]]
id = "p"
at = "T+0"
steps = [
  { check = "below", gate = "one < 2 for 2m" },
  { check = "any", gate = "any many <= 1 for 1m" },
  { check = "range", gate = "many in 0..2" },
  { check = "any range", gate = "any many in 1..2" },
  { check = "equal", gate = ["flat == 1", "any many == 2"] },
  { check = "not equal", gate = ["many != 2", "any flat != 1 for 90s"] },
  { check = "slos", gate = "all slos for 3m" },
  { check = "no triggers", gate = "no triggers" },
]
[triggers]
own = { when = "many > 1 for 2m" }
at-once = { when = "many >= 3" }
any = { when = "any many > 1 for 1m" }
every = { when = "every many > 0 for 1m" }
range = { when = "many in 2..3 for 90s" }
equal = { when = "flat == 2 for 1m" }
unequal = { when = "flat != 1 for 4m" }
two = { when = ["one > 2 for 1m", "flat > 1 for 5m"] }
long = { when = "one >= 1 for 20m" }
"""


PLAIN = (
    BOOK.partition('  { check = "no triggers"')[0]
    + """]
[triggers]
own = { when = "many > 2 for 2m" }
range = { when = "many in 2..3 for 90s" }
two = { when = ["one > 2 for 1m", "flat > 1 for 5m"] }
"""
)
"""All of it can be told from a tick's ends, so that whole stretches can be passed over."""


def written(seed: int, ticks: int = 150, restless: float = 0.08) -> list[bytes]:
    """Samples that keep their level for a while, with every kind of fault in between."""
    dice = random.Random(seed)
    fault = dice.choice([0.0, 0.01, 0.1]) if restless > 0.01 else dice.choice([0.0, 0.0002])
    lines, t = [], dice.choice([-600.0, 0.0, 7.5])
    levels = {("one", ""): 1.0, ("flat", "x"): 1.0, ("many", "a"): 1.0, ("many", "b"): 1.0, ("many", "c"): 1.0}
    for _ in range(ticks):
        t += dice.choice([15, 15, 15, 15, 15, 15, 60, 400]) if dice.random() < fault else 15
        for metric in ("one", "flat", "many"):
            if dice.random() < fault:
                lines.append({"metric": metric, "t": t, "error": "refused"})
                continue
            for (name, label), level in list(levels.items()):
                if name != metric or dice.random() < fault / 4:
                    continue
                if dice.random() < restless:
                    levels[name, label] = level = float(dice.randrange(4))
                value = dice.choice(["NaN", "+Inf", "-Inf"]) if dice.random() < fault / 2 else level
                lines.append({"metric": name, "t": t, "labels": {"s": label} if label else {}, "value": value})
        lines.append({"t": t})
    if dice.random() < 0.3:
        dice.shuffle(lines)
    return [json.dumps(line).encode() + b"\n" for line in lines]


def slowly(history: History) -> Ticks:
    """The same ticks, one by one."""
    return Ticks(list(history.times), [history.tick(n) for n in range(len(history))])


@pytest.fixture(scope="module")
def book() -> Runbook:
    return load(BOOK)


@pytest.mark.parametrize("seed", range(24))
def test_same_timelines(book: Runbook, seed: int) -> None:
    """Gaps, failures, NaN, vanished series, shuffled lines, quantifiers: what is passed over changes nothing."""
    history, _ = read_samples(written(seed), "s", book.metrics)
    armed = Armed(600, 1800) if seed % 3 == 0 else None
    quick, fired = timelines(history, book, armed)
    full, said = timelines(slowly(history), book, armed)
    assert list(quick.text()) == list(full.text())
    assert fired == said


@pytest.mark.parametrize("seed", range(16))
def test_same_timelines_over_stretches(seed: int) -> None:
    """Where hardly anything happens whole stretches are passed over, and still the answers are the same."""
    book = load(PLAIN)
    history, _ = read_samples(written(seed, 700, 0.002), "s", book.metrics)
    first = history.times[0]
    armed = [None, Armed(first + 3000, first + 3100), Armed(first + 2000, first + 8000)][seed % 3]
    found, fired = timelines(history, book, armed)
    full, said = timelines(slowly(history), book, armed)
    assert list(found.text()) == list(full.text())
    assert fired == said


def test_stretches_are_passed_over() -> None:
    """In a calm night of a file in order of time most ticks are in stretches."""
    book = load(PLAIN)
    history, _ = read_samples(written(1, 700, 0.0), "s", book.metrics)
    player = Player(book, 15.0)
    judging = Quick(player, history, lambda *_: None)
    alone: list[int] = []
    tick = judging._tick
    judging._tick = lambda number: (alone.append(number), tick(number))[1]  # type: ignore[method-assign]
    judging.play()
    assert 1 <= len(alone) < 64 + LENGTH
    assert {len(one.line) for one in (*judging.triggers, *judging.gates)} == {700}


def test_it_passes_over_most(book: Runbook, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a quiet night hardly a tick is judged at length: that is what the quick way is for."""
    from pags_tui.backtest import playing

    judged = 0
    real = playing.gates.judge

    def counted(*args: object) -> object:
        nonlocal judged
        judged += 1
        return real(*args)  # type: ignore[arg-type]

    calm = [
        json.dumps({"metric": m, "t": 15 * n, "labels": {"s": s}, "value": 1}).encode()
        for n in range(200)
        for m, s in (("one", ""), ("flat", ""), ("many", "a"), ("many", "b"))
    ]
    monkeypatch.setattr(playing.gates, "judge", counted)
    timelines(read_samples(calm, "s")[0], book)
    assert judged < 200 * 2 + 50
