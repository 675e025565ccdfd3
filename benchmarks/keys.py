"""From a key to its paint, timed at the pty: keys at random moments while metrics change, against a trivial app."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from benchmarks import _bare, _night
from benchmarks._night import Night
from benchmarks._table import Figure, Row
from benchmarks._terminal import Terminal

TITLE = "From a key to its paint"
KEYS = 240
CURSOR = "▸".encode()
"""The sign that moves with the cursor of a list."""
Press = Callable[[int], float]


def rows(quick: bool) -> Iterator[Row]:
    """The cursor of the checklist goes down and up; all programs in turns, key by key."""
    with ExitStack() as stack:
        few, many = (stack.enter_context(Night(metrics=metrics)) for metrics in (12, 50))
        presses = {
            "bare": pressing(stack.enter_context(Terminal([sys.executable, "-m", "benchmarks._bare"])), _bare.MARK,
                             _bare.HEARD.encode()),
            "12, 80×24": pressing(stack.enter_context(few.terminal(80, 24)), _night.MARK, CURSOR),
            "12, 200×50": pressing(stack.enter_context(few.terminal(200, 50)), _night.MARK, CURSOR),
            "50, 80×24": pressing(stack.enter_context(many.terminal(80, 24)), _night.MARK, CURSOR),
        }  # fmt: skip
        found = in_turns(presses, 40 if quick else KEYS)
    for name, budgets in {"12, 80×24": (4.0, 25.0), "12, 200×50": (4.0, 25.0), "50, 80×24": (None, 45.0)}.items():
        metrics, _, size = name.partition(", ")
        for part, said, most in ((0.5, "median", budgets[0]), (0.99, "99th percentile", budgets[1])):
            figure = Figure.of(found[name], "ms", part)
            against = Figure.of(found["bare"], "ms", part)
            yield Row(f"{metrics} metrics, {size}: {said}", figure, "trivial app", against, most=most)
        yield Row(f"{metrics} metrics, {size}: the longest of {len(found[name])}", Figure(max(found[name]), "ms"),
                  "trivial app", Figure(max(found["bare"]), "ms"))  # fmt: skip


def pressing(terminal: Terminal, mark: str, painted: bytes) -> Press:
    """Presses one key and gives the milliseconds until its paint was read."""
    terminal.seen(mark.encode())
    terminal.listen(2.0)

    def press(number: int) -> float:
        terminal.listen(0.002)
        before, began = len(terminal.output), time.perf_counter()
        terminal.send(b"j" if number // 5 % 2 == 0 else b"k")
        return (terminal.seen(painted, before) - began) * 1e3

    return press


def in_turns(presses: dict[str, Press], count: int) -> dict[str, list[float]]:
    """So many keys each, at random moments."""
    dice = random.Random(5)
    found: dict[str, list[float]] = {name: [] for name in presses}
    for number in range(count):
        for name, press in presses.items():
            time.sleep(dice.uniform(0.005, 0.04))
            found[name].append(press(number))
    return found
