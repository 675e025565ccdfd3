"""Writes to the terminal from a thread of its own, and never makes anybody wait.

Stock Textual hands its frames to a queue of thirty whose put blocks: a reader that stalls (a frozen SSH line) stops the
event loop. Here, once too much waits, the frames that wait are given up and new ones refused until the one under way is
written; then the app is asked to repaint whole. So a line that wakes up shows the present, not a backlog.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import TextIO

HIGH_MARK = 64 * 1024
"""Bytes waiting above which frames are given up: a whole screen of 200×50 (35 kB) and what follows it still fit."""

SMALL = 64
"""Writes up to so many characters are the driver's own (modes, sync marks), never a frame: they are kept."""

CHUNK = 4096
"""Bytes handed to the terminal at once: what a pty takes without waiting."""

LEAVE = 1.0
"""Seconds that leaving waits for a terminal that takes nothing."""

CANCEL = b"\x18"
"""CAN: a terminal gives up the escape sequence it is in the middle of (ECMA-48)."""


class TerminalWriter(threading.Thread):
    """Takes text at any time; `drained` is called from its thread when all is out after frames were dropped."""

    def __init__(self, file: TextIO, drained: Callable[[], None]) -> None:
        super().__init__(daemon=True, name="terminal-output")
        self._encoding = file.encoding or "utf-8"
        self._drained = drained
        self._descriptor, self._own = _reopen(file.fileno())
        self._wake = threading.Condition()
        self._waiting: deque[tuple[bytes, bool]] = deque()
        """What waits, and whether it is a frame."""
        self._size = 0
        self._dropped = False
        self._hurry = False
        self._stopping = False

    @property
    def waiting(self) -> int:
        """Bytes not yet taken by the terminal."""
        return self._size

    def write(self, text: str, frame: bool | None = None) -> None:
        """Add text. Returns at once; a frame that comes while too much waits is given up, with those before it.

        `frame` None: what is longer than `SMALL` is taken for one.
        """
        if not text:
            return
        frame = len(text) > SMALL if frame is None else frame
        with self._wake:
            if self._size > HIGH_MARK and not self._dropped:
                self._give_up_frames()
            if self._dropped and frame:
                return
            data = text.encode(self._encoding, "replace")
            self._waiting.append((data, frame))
            self._size += len(data)
            self._wake.notify()

    def _give_up_frames(self) -> None:
        kept = deque(one for one in self._waiting if not one[1])
        self._size -= _bytes(self._waiting) - _bytes(kept)
        self._waiting = kept
        self._dropped = True

    def hurry(self) -> None:
        """Give up the frames that wait, so that what is written from now on (leaving) comes next."""
        with self._wake:
            self._size -= _bytes(self._waiting)
            self._waiting.clear()
            self._hurry = self._size > 0
            self._wake.notify()

    def stop(self) -> None:
        """Write what waits and end; a terminal that takes nothing is given up after `LEAVE` seconds."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self.join(LEAVE)
        if self._own and not self.is_alive():
            os.close(self._descriptor)
            self._own = False

    def run(self) -> None:
        """The thread: take what waits, hand it over."""
        try:
            while data := self._take():
                self._send(data)
        except OSError:
            return  # the terminal is gone; the input side notices and ends the app

    def _take(self) -> bytes:
        with self._wake:
            while not self._waiting and not self._stopping:
                self._wake.wait()
            taken: list[bytes] = []
            while self._waiting and sum(map(len, taken)) < CHUNK:
                taken.append(self._waiting.popleft()[0])
            return b"".join(taken)

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            with self._wake:
                if self._hurry:
                    self._hurry = False
                    self._size -= len(view)
                    view = memoryview(CANCEL)
                    self._size += 1
            try:
                sent = os.write(self._descriptor, view[:CHUNK])
            except BlockingIOError:
                _wait_writable(self._descriptor)
                continue
            view = view[sent:]
            self._count(sent)

    def _count(self, sent: int) -> None:
        with self._wake:
            self._size -= sent
            done = self._dropped and self._size <= 0 and not self._stopping
            self._dropped = self._dropped and not done
        if done:
            self._drained()


def last_word(text: str, file: TextIO) -> None:
    """A line behind the screen, unless the terminal takes nothing: a stalled line may not hold up the end."""
    descriptor, own = _reopen(file.fileno())
    if not own:
        with contextlib.suppress(OSError):  # a terminal that hung up has no name any more, and takes no word
            print(text, file=file, flush=True)
        return
    with contextlib.suppress(OSError):  # full, or gone
        os.write(descriptor, f"{text}\n".encode(file.encoding or "utf-8", "replace"))
    os.close(descriptor)


def _bytes(waiting: Iterable[tuple[bytes, bool]]) -> int:
    return sum(len(data) for data, _ in waiting)


def _wait_writable(descriptor: int) -> None:
    """Wait a moment for room; a terminal that hung up raises at the next write."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    poll.poll(100)


def _reopen(descriptor: int) -> tuple[int, bool]:
    """A descriptor of our own that never blocks, and whether it is ours to close.

    Making the given one non-blocking would change it for the shell too, which shares it. Where the terminal cannot be
    opened by name the given one is used, and only this thread waits on it.
    """
    try:
        return os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC), True
    except OSError:
        return descriptor, False
