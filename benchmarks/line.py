"""Over a slow line: a reader that takes 8 kB/s (or 2) with 40 ms each way, behind a buffer of 256 KiB.

The line is reckoned, not slept: each piece is read when the program writes it, and leaves when those before it have
left. Only where more waits than the buffer holds does reading stop, as sshd's does.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks import _bare, _night
from benchmarks._night import Night
from benchmarks._table import Figure, Row
from benchmarks._terminal import Terminal
from benchmarks.keys import CURSOR

TITLE = "Over a slow line (80 ms round trip)"
RATE, SLOWER = 8000.0, 2000.0
"""Bytes a second."""
DELAY = 0.04
"""Seconds that anything takes one way."""
BUFFER = 256 * 1024
KEYS = 120
WINDOW = 30.0


class SlowLine:
    """What comes out of a program, as somebody far away sees it."""

    def __init__(self, terminal: Terminal, rate: float) -> None:
        self.terminal, self.rate = terminal, rate
        self.free = time.perf_counter()
        """When the line has sent all that was read so far."""
        self.arrivals: list[tuple[float, int]] = []
        """When a piece has arrived, and how many bytes had been read by then."""

    @property
    def backlog(self) -> float:
        """Bytes that wait for the line."""
        return max(0.0, (self.free - time.perf_counter()) * self.rate)

    def listen(self, seconds: float) -> None:
        """Read for so long, unless the buffer is full."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if self.backlog > BUFFER:
                time.sleep(min(left, 0.01))
            elif data := self.terminal.read(left):
                self.free = max(self.free, time.perf_counter()) + len(data) / self.rate
                self.arrivals.append((self.free + DELAY, len(self.terminal.output)))

    def key(self, key: bytes, painted: bytes) -> float:
        """Milliseconds from a key to its paint, both at the far end."""
        began = time.perf_counter()
        self.listen(DELAY)
        before = len(self.terminal.output)
        self.terminal.send(key)
        end = began + 30.0
        while (found := self.terminal.output.find(painted, before)) < 0:
            if time.perf_counter() > end:
                raise SystemExit(f"{painted!r} was never drawn")
            self.listen(0.005)
        return (next(at for at, count in self.arrivals if count >= found + len(painted)) - began) * 1e3


def rows(quick: bool) -> Iterator[Row]:
    """Keys at 8 kB/s, in turns with the trivial app; then half a minute at 2 kB/s."""
    count = 20 if quick else KEYS
    with Night() as night, ExitStack() as stack:

        def line(terminal: Terminal, mark: str) -> SlowLine:
            stack.enter_context(terminal).seen(mark.encode())
            terminal.listen(2.0)
            return SlowLine(terminal, RATE)

        bare = line(Terminal([sys.executable, "-m", "benchmarks._bare"]), _bare.MARK)
        ours = {size: line(night.terminal(*size), _night.MARK) for size in ((80, 24), (200, 50))}
        lines: dict[object, tuple[SlowLine, bytes]] = {size: (one, CURSOR) for size, one in ours.items()}
        found = keys({"bare": (bare, _bare.HEARD.encode()), **lines}, count)
    for size in ours:
        for part, said, most in ((0.5, "median", 100.0), (0.99, "99th percentile", 250.0)):
            yield Row(f"8 kB/s, {size[0]}×{size[1]}, a key: {said}", Figure.of(found[size], "ms", part), "trivial app",
                      Figure.of(found["bare"], "ms", part), most=most)  # fmt: skip
    yield from backlog(10.0 if quick else WINDOW)


def keys(lines: dict[object, tuple[SlowLine, bytes]], count: int) -> dict[object, list[float]]:
    """So many keys on each line, at random moments."""
    dice = random.Random(6)
    found: dict[object, list[float]] = {name: [] for name in lines}
    for number in range(count):
        for name, (line, painted) in lines.items():
            for other, _ in lines.values():
                other.listen(dice.uniform(0.005, 0.03))
            found[name].append(line.key(b"j" if number // 5 % 2 == 0 else b"k", painted))
    return found


def backlog(seconds: float) -> Iterator[Row]:
    """What still waits for a line of 2 kB/s after half the window, and at its end."""
    with Night() as night:
        for size in ((80, 24), (200, 50)):
            with night.terminal(*size) as terminal:
                terminal.seen(_night.MARK.encode())
                line = SlowLine(terminal, SLOWER)
                line.free += len(terminal.output) / SLOWER
                waits = []
                for _ in range(int(seconds * 4)):
                    line.listen(0.25)
                    waits.append(line.backlog)
            half = len(waits) // 2
            later, sooner = Figure(max(waits[half:]), "B"), Figure(max(waits[:half]), "B")
            what = f"2 kB/s, {size[0]}×{size[1]}: the most that waits, second half of {seconds:.0f} s"
            yield Row(what, later, "first half", sooner, times=1.0)
