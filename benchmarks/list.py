"""Ten thousand steps: mounting the list, a move, a page; against the same list with ten, and Textual's `OptionList`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks._table import Figure, Row
from benchmarks._terminal import Terminal
from benchmarks.start import in_turns

TITLE = "Ten thousand steps"
MANY, FEW = 10_000, 10
ROUNDS, MOVES = 10, 60
DOWN, PAGE = b"\x1b[B", b"\x1b[6~"


def rows(quick: bool) -> Iterator[Row]:
    """Mounting as the difference to ten rows; moves and pages as time and bytes."""
    rounds, moves = (3, 15) if quick else (ROUNDS, MOVES)
    starts: dict[str, Callable[[], float]] = {
        f"{kind} {count}": partial(mounted, kind, count) for kind in ("ours", "stock") for count in (FEW, MANY)
    }
    found = in_turns(starts, rounds)
    cost = {kind: [many - few for many, few in zip(found[f"{kind} {MANY}"], found[f"{kind} {FEW}"], strict=True)]
            for kind in ("ours", "stock")}  # fmt: skip
    yield Row(f"mounting {MANY:,} steps, beyond {FEW}", Figure.of(cost["ours"], "ms"), "OptionList",
              Figure.of(cost["stock"], "ms"), most=60.0)  # fmt: skip
    with listing("ours", MANY) as ours, listing("stock", MANY) as stock:
        for name, key, most_ms, most_b in (("move", DOWN, 5.0, 500.0), ("page", PAGE, None, 8000.0)):
            costs = [(walk(ours, key), walk(stock, key)) for _ in range(moves)]
            for at, unit, most in ((0, "ms", most_ms), (1, "B", most_b)):
                figure, against = (Figure.of([cost[side][at] for cost in costs], unit) for side in (0, 1))
                yield Row(f"a {name} among {MANY:,}", figure, "OptionList", against, most=most)


def listing(kind: str, count: int) -> Terminal:
    """A list on a terminal of 80×24, drawn."""
    command = {"ours": ["benchmarks._steps", str(count)], "stock": ["benchmarks._bare", "list", str(count)]}[kind]
    terminal = Terminal([sys.executable, "-m", *command])
    terminal.seen(b"Step 5 of many")
    return terminal


def mounted(kind: str, count: int) -> float:
    """Milliseconds until the list was drawn."""
    with listing(kind, count) as terminal:
        found = terminal.output.find(b"Step 5 of many")
        return (next(at for at, have in terminal.pieces if have >= found) - terminal.began) * 1e3


def walk(terminal: Terminal, key: bytes) -> tuple[float, float]:
    """Milliseconds to the first paint after a key, and all bytes that it cost."""
    terminal.quiet(0.1)
    before, began = len(terminal.output), time.perf_counter()
    terminal.send(key)
    while len(terminal.output) == before:
        terminal.read(5.0)
    painted = time.perf_counter()
    terminal.quiet(0.1)
    return (painted - began) * 1e3, float(len(terminal.output) - before)
