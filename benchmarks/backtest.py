"""What a backtest of a week costs, and how much memory it takes.

Seven days at 15 s: 20 conditions (10 gates, 10 triggers) on 10 series each, from a file of samples to the printed
timelines, in a process of its own so that its memory is its own. A calm week has an incident a day; in a rough one a
value crosses some bound at every other tick; the third gives each condition a metric of its own (8 million samples).
Seconds are of the processor, for it works on one; held against reading the same lines with json.loads and nothing more.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks._table import Figure, Row, alone

ROOT = Path(__file__).resolve().parent.parent
DAYS, STEP, SERIES, PAIRS = 7, 15, 10, 10
HEAD = '[runbook]\nid = "week"\n'


def runbook(metrics: int) -> str:
    """Ten gates and ten triggers over that many metrics, one after the other."""
    parts = [HEAD, *(f'[metrics.m{n}]\nquery = "m{n}"\n' for n in range(metrics))]
    gates = ", ".join(
        f'{{ check = "Calm {n}", gate = "m{n % metrics} < {70 + n} for {5 + n}m" }}' for n in range(PAIRS)
    )
    parts.append(f'[[phases]]\nid = "all"\nat = "T+0"\nsteps = [{gates}]\n')
    parts += [f'[triggers.t{n}]\nwhen = "m{(PAIRS + n) % metrics} > {80 + n} for {5 + n}m"\n' for n in range(PAIRS)]
    return "".join(parts)


def samples(path: Path, metrics: int, rough: bool) -> None:
    """Every series of every metric at every tick."""
    dice = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        for tick in range(DAYS * 86400 // STEP):
            bad = tick % (86400 // STEP) < 120
            top = 95 if bad or (rough and tick % 2) else 60
            for metric in range(metrics):
                file.writelines(
                    f'{{"metric":"m{metric}","t":{tick * STEP},"labels":{{"instance":"10.0.0.{n}"}},'
                    f'"value":{dice.random() * top:.4f}}}\n'
                    for n in range(SERIES)
                )


def measured(name: str, folder: Path, metrics: int, rough: bool) -> Iterator[Row]:
    """The whole command."""
    book, data = folder / "week.toml", folder / "week.jsonl"
    book.write_text(runbook(metrics), encoding="utf-8")
    samples(data, metrics, rough)
    process = subprocess.Popen(
        [sys.executable, "-m", "pags_tui", "backtest", str(book), "--samples", str(data)],
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit("the backtest failed")
    plainly = parsing(data, SOME) * data.stat().st_size / SOME
    what = f"{name}, {DAYS * 86400 // STEP * metrics * SERIES:,} samples"
    yield Row(
        what, Figure(used.ru_utime + used.ru_stime, "s"), "json.loads of its lines", Figure(plainly, "s"), most=4.0
    )
    yield Row(f"{name}: memory at its most", Figure(used.ru_maxrss / 1e3, "MB"), most=300.0)


SOME = 10_000_000
"""Bytes that are read the plain way, for comparison."""


def parsing(data: Path, size: int) -> float:
    """CPU seconds of reading so much of it line by line with json.loads."""
    with data.open("rb") as file:
        lines = file.readlines(size)
    began = time.process_time()
    for line in lines:
        json.loads(line)
    return (time.process_time() - began) * size / sum(map(len, lines))


TITLE = f"A backtest of {DAYS} days at {STEP} s, {2 * PAIRS} conditions on {SERIES} series each, from a file of samples"


def rows(quick: bool) -> Iterator[Row]:
    """One row of time and one of memory a case; quick leaves the long case out."""
    cases = {"a calm week": (1, False), "a rough week": (1, True), "a metric for each condition": (2 * PAIRS, False)}
    for name, (metrics, rough) in list(cases.items())[: 2 if quick else 3]:
        with tempfile.TemporaryDirectory() as folder:
            yield from measured(name, Path(folder), metrics, rough)


if __name__ == "__main__":
    alone(TITLE, rows)
