"""Prints what a backtest of a week costs: `python benchmarks/backtest.py [--json]`; it asserts nothing.

Seven days at 15 s: 20 conditions (10 gates, 10 triggers) on the same 10 series each, from a samples file to the printed
timelines, in a process of its own so that its memory is its own. `calm` is a good week with an incident a day; `rough`
has a value cross some bound at every other tick; `wide` gives each condition a metric of its own (8 million samples).
`of json.loads` is its CPU seconds against those of reading the same lines with json.loads and nothing more.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def measure(folder: Path, metrics: int, rough: bool) -> dict[str, float]:
    """Seconds and peak memory of the whole command."""
    book, data = folder / "week.toml", folder / "week.jsonl"
    book.write_text(runbook(metrics), encoding="utf-8")
    samples(data, metrics, rough)
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "pags_tui", "backtest", str(book), "--samples", str(data)],
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit("the backtest failed")
    cpu = used.ru_utime + used.ru_stime
    return {
        "samples": DAYS * 86400 // STEP * metrics * SERIES,
        "file, MB": data.stat().st_size / 1e6,
        "seconds": time.perf_counter() - began,
        "of CPU": cpu,
        "peak, MB": used.ru_maxrss / 1e3,
        "of json.loads": cpu / parsing(data, SOME) / (data.stat().st_size / SOME),
    }


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


def main() -> None:
    """Measures, and prints one line a case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    cases = {"calm": (1, False), "rough": (1, True), "wide": (2 * PAIRS, False)}
    with tempfile.TemporaryDirectory() as folder:
        found = {name: measure(Path(folder), *case) for name, case in cases.items()}
    if asked.json:
        print(json.dumps(found))
        return
    print(f"7 days at {STEP} s, {2 * PAIRS} conditions on {SERIES} series each (budget 4 s, 300 MB)")
    for name, row in found.items():
        print(f"  {name:6}" + "".join(f"{key:>14} {value:10,.2f}" for key, value in row.items()))


if __name__ == "__main__":
    main()
