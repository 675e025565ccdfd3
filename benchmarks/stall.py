"""A reader that stops for 25 seconds: the longest gap of the event loop, and how soon SIGTERM and a hang-up end it.

The program under the probe is the real one; the probe only notes when its event loop turns.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

from benchmarks import _bare, _night
from benchmarks._night import Night
from benchmarks._table import Figure, Row
from benchmarks._terminal import Terminal

TITLE = "A stalled reader"
STALL = 25.0
PROBE = """
import asyncio, sys, time
from textual.app import App
ready = App._ready
async def probed(self):
    await ready(self)
    file = open({path!r}, "w", buffering=1)
    async def beat():
        while True:
            file.write(f"{{time.perf_counter()}}\\n")
            await asyncio.sleep(0.02)
    self._probe = asyncio.get_running_loop().create_task(beat())
App._ready = probed
sys.argv = {argv!r}
import runpy
runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""
"""Notes a time each 20 ms from within the event loop, whatever the program."""


def rows(quick: bool) -> Iterator[Row]:
    """Ours and the stock driver stall side by side; then ends, one after the other."""
    seconds = 5.0 if quick else STALL
    with Night() as night, tempfile.TemporaryDirectory() as folder:
        gaps = stalled(night, Path(folder), seconds)
        yield Row(f"longest gap of the event loop in a stall of {seconds:.0f} s", Figure(gaps["ours"], "s"),
                  "trivial app, stock driver", Figure(gaps["stock"], "s"), most=0.25)  # fmt: skip
        for what, end, most in (("SIGTERM", by_signal, 2.0), ("a hang-up", by_hanging_up, 1.0)):
            ours = [ending(night.terminal(), _night.MARK, end) for _ in range(1 if quick else 5)]
            theirs = [ending(bare(), _bare.MARK, end) for _ in range(1 if quick else 5)]
            yield Row(f"{what} while nobody reads ends it after", Figure.of(ours, "s"), "trivial app, stock driver",
                      Figure.of(theirs, "s"), most=most)  # fmt: skip


def bare() -> Terminal:
    """The trivial app."""
    return Terminal([sys.executable, "-m", "benchmarks._bare"])


def stalled(night: Night, folder: Path, seconds: float) -> dict[str, float]:
    """The longest gap in the beats of each loop while nobody reads, keys coming in all the while."""
    programs = {"ours": (night.command[2], night.command[3:], night.env, _night.MARK),
                "stock": ("benchmarks._bare", [], {}, _bare.MARK)}  # fmt: skip
    with ExitStack() as stack:
        terminals = {}
        for name, (module, words, env, mark) in programs.items():
            probe = PROBE.format(path=str(folder / name), argv=[module, *words], module=module)
            terminals[name] = stack.enter_context(Terminal([sys.executable, "-c", probe], env=env))
            terminals[name].seen(mark.encode())
            terminals[name].listen(1.0)
        began = time.perf_counter()
        while time.perf_counter() < began + seconds:
            for terminal in terminals.values():
                flood(terminal)
            time.sleep(0.02)
        ended = time.perf_counter()
        return {name: longest(folder / name, began, ended) for name in programs}


def flood(terminal: Terminal) -> None:
    """A key and another size: both make a program write."""
    turn = int(time.perf_counter() * 10) % 2
    os.set_blocking(terminal.descriptor, False)
    with contextlib.suppress(BlockingIOError):  # its input is full: it does not read any more
        terminal.send(b"jk"[turn : turn + 1])
    terminal.resize(80 + turn, 24)


def longest(file: Path, began: float, ended: float) -> float:
    """The longest gap between two beats of that time."""
    beats = [float(line) for line in file.read_text(encoding="ascii").split() if line]
    inside = [began, *(beat for beat in beats if began < beat < ended), ended]
    return max(after - before for before, after in pairwise(inside))


def ending(terminal: Terminal, mark: str, end: Callable[[Terminal], None]) -> float:
    """Seconds from the signal to the end of the process, with a terminal full of what nobody reads."""
    with terminal:
        terminal.seen(mark.encode())
        for _ in range(100):
            flood(terminal)
            time.sleep(0.01)
        began = time.perf_counter()
        end(terminal)
        while time.perf_counter() < began + 20.0:
            if os.waitpid(terminal.pid, os.WNOHANG)[0]:
                return time.perf_counter() - began
            time.sleep(0.005)
    return float("inf")


def by_signal(terminal: Terminal) -> None:
    """As `kill` does."""
    terminal.signal(signal.SIGTERM)


def by_hanging_up(terminal: Terminal) -> None:
    """As a lost line does."""
    terminal.hang_up()
