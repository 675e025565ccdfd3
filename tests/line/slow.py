"""A slow line: runs a command on a pty of its own, and holds up each byte, both ways.

`python tests/line/slow.py SECONDS GAP -- COMMAND…`: everything takes SECONDS one way; what is typed goes on byte by
byte, GAP seconds apart, as a bad line takes function keys apart. It stands where SSH would.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import sys
import termios
import time
import tty
from collections import deque

Waiting = deque[tuple[float, bytes]]


def main() -> int:
    """Runs until the command ends."""
    delay, gap, command = float(sys.argv[1]), float(sys.argv[2]), sys.argv[4:]
    pid, inner = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    resize(inner)
    signal.signal(signal.SIGWINCH, lambda *_: resize(inner))
    before = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        carry(inner, delay, gap)
    finally:
        termios.tcsetattr(0, termios.TCSANOW, before)
    return 0


def resize(inner: int) -> None:
    """The inner terminal has the size of the outer one."""
    with contextlib.suppress(OSError):
        fcntl.ioctl(inner, termios.TIOCSWINSZ, fcntl.ioctl(0, termios.TIOCGWINSZ, b"\0" * 8))


def carry(inner: int, delay: float, gap: float) -> None:
    """Both ways, each byte late."""
    typed: Waiting = deque()
    drawn: Waiting = deque()
    free = 0.0
    while True:
        now = time.monotonic()
        due = [waiting[0][0] - now for waiting in (typed, drawn) if waiting]
        for source in select.select([0, inner], [], [], max(0.0, min(due, default=1.0)))[0]:
            try:
                data = os.read(source, 4096)
            except OSError:
                return
            if not data:
                return
            if source == inner:
                drawn.append((time.monotonic() + delay, data))
                continue
            for byte in data:
                free = max(free + gap, time.monotonic() + delay)
                typed.append((free, bytes([byte])))
        for waiting, target in ((typed, inner), (drawn, 1)):
            while waiting and waiting[0][0] <= time.monotonic():
                os.write(target, waiting.popleft()[1])


if __name__ == "__main__":
    sys.exit(main())
