"""What goes to the terminal and what it costs: the first screen, changing data, nothing changing; screen and guard.

Bytes are counted where a terminal reads them. Three screens at once sit at the same guard, so that all see one weather.
"""

from __future__ import annotations

import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks import _bare, _night
from benchmarks._night import Night
from benchmarks._table import Figure, Row
from benchmarks._terminal import Terminal, cpu

TITLE = "Bytes and processor time: first screen, quiet and changing data"
SIZES = ((80, 24), (200, 50))
FIRST = {(80, 24): 12.0, (200, 50): 55.0}
"""Budgets of the first screen in kB."""
AFTER = 2.0
"""Seconds after the first paint that still count as the first screen."""
WINDOW = 20.0
SETTLED = b"12 pass"
"""In the header once every gate has held for long enough: until then a tick repaints each of them."""
ASKING = """
import time, requests
session, end = requests.Session(), time.monotonic() + {seconds}
while time.monotonic() < end:
    for n in range({queries}):
        session.get("{url}/api/v1/query", params={{"query": f"m{{n}}", "time": time.time()}}).json()
    time.sleep(5)
"""
"""The least that asks so many queries each five seconds."""


def rows(quick: bool) -> Iterator[Row]:
    """First screens, then windows of so many seconds."""
    window = 6.0 if quick else WINDOW
    yield from first_screens(1 if quick else 3)
    yield from windows(window)
    yield from guard(window)


def bare(columns: int, rows: int) -> Terminal:
    """The trivial app, on a terminal of that size."""
    return Terminal([sys.executable, "-m", "benchmarks._bare"], columns=columns, rows=rows)


def first_screens(rounds: int) -> Iterator[Row]:
    """Bytes until two seconds after the first paint."""
    with Night() as night:
        for columns, lines in SIZES:
            ours = [until_settled(night.terminal(columns, lines), _night.MARK) for _ in range(rounds)]
            theirs = [until_settled(bare(columns, lines), _bare.MARK) for _ in range(rounds)]
            yield Row(f"first screen, {columns}×{lines}", Figure.of(ours, "kB"), "trivial app full of text",
                      Figure.of(theirs, "kB"), most=FIRST[columns, lines])  # fmt: skip


def until_settled(terminal: Terminal, mark: str) -> float:
    """Kilobytes until two seconds after the mark."""
    with terminal:
        terminal.seen(mark.encode())
        terminal.listen(AFTER)
        return len(terminal.output) / 1e3


def windows(seconds: float) -> Iterator[Row]:
    """Twelve metrics that change each five seconds, and twelve that stand still; a clock at 1 Hz in all of them."""
    for still in (False, True):
        with Night(still=still) as night, ExitStack() as stack:
            found = [stack.enter_context(night.terminal(*size)) for size in SIZES]
            clock = stack.enter_context(bare(80, 24))
            rates, loads = watch([*found, clock], seconds)
        against = Figure(rates[-1], "B/s")
        what = "nothing changes but the clock" if still else "12 metrics change, and the clock"
        for (columns, lines), rate in zip(SIZES, rates[:-1], strict=True):
            most = 150.0 if still else 2000.0
            yield Row(f"{what}, {columns}×{lines}", Figure(rate, "B/s"), "trivial app with a clock", against, most=most)
        if not still:
            for (columns, lines), load in zip(SIZES, loads[:-1], strict=True):
                yield Row(f"processor, screen with 12 metrics, {columns}×{lines}", Figure(load, "% of a core"),
                          "trivial app with a clock", Figure(loads[-1], "%"), most=1.0)  # fmt: skip


def watch(terminals: list[Terminal], seconds: float) -> tuple[list[float], list[float]]:
    """Bytes a second, and per cent of a core, of each terminal's program over a window."""
    for terminal in terminals:
        terminal.seen(_bare.MARK.encode() if terminal is terminals[-1] else SETTLED)
    listen(terminals, 7.0)
    sizes, used = [len(terminal.output) for terminal in terminals], [cpu(terminal.pid) for terminal in terminals]
    listen(terminals, seconds)
    rates = [(len(terminal.output) - size) / seconds for terminal, size in zip(terminals, sizes, strict=True)]
    return rates, [(cpu(t.pid) - before) / seconds * 100 for t, before in zip(terminals, used, strict=True)]


def listen(terminals: list[Terminal], seconds: float) -> None:
    """Read all of them for so long."""
    end = time.perf_counter() + seconds
    while (left := end - time.perf_counter()) > 0:
        ready = select.select([t.descriptor for t in terminals], [], [], left)[0]
        for terminal in terminals:
            if terminal.descriptor in ready:
                terminal.read(0)


def guard(seconds: float) -> Iterator[Row]:
    """A guard that asks fifty queries each five seconds, against the least that asks them."""
    with Night(metrics=50) as night:
        ask = ASKING.format(seconds=seconds + 10, queries=50, url=night.env["PROMETHEUS_URL"])
        asking = subprocess.Popen([sys.executable, "-c", ask])
        time.sleep(6)
        pids = night.guard, asking.pid
        before = [cpu(pid) for pid in pids]
        time.sleep(seconds)
        ours, theirs = ((cpu(pid) - was) / seconds * 100 for pid, was in zip(pids, before, strict=True))
        asking.kill()
        asking.wait()
    yield Row("processor, guard with 50 queries each 5 s", Figure(ours, "% of a core"), "requests in a loop",
              Figure(theirs, "%"), most=2.0)  # fmt: skip
