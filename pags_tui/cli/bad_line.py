"""Telling how a rollback goes over a line that may stall, drop or vanish: the telling never holds up the doing."""

from __future__ import annotations

import contextlib
import io
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import TextIO

import click

from pags_tui.cli import LINE_GIVEN_UP
from pags_tui.core.visible import visible_lines

LAST_WORDS = 3.0
"""Seconds that the last lines may take once the work is done."""


class Teller:
    """Prints from a thread of its own. What cannot be printed is passed over."""

    def __init__(self, aside: bool = False) -> None:
        """`aside`: what it says goes to stderr, and stdout holds the result alone."""
        self._aside = aside
        self._lines: queue.SimpleQueue[tuple[TextIO, str | bytes] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="teller", daemon=True)

    def __enter__(self) -> Teller:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Waits a moment for the last lines."""
        self._lines.put(None)
        self._thread.join(LAST_WORDS)
        if self._thread.is_alive():  # whoever still prints would wait for the line as well
            sys.stdout = sys.stderr = io.StringIO()
            LINE_GIVEN_UP.set()

    def say(self, line: str | bytes) -> None:
        """A line of how it goes, on stdout."""
        self._lines.put((sys.stderr if self._aside else sys.stdout, line))

    def result(self, text: str) -> None:
        """The result for a script, on stdout."""
        self._lines.put((sys.stdout, text))

    def warn(self, line: str) -> None:
        """A message, on stderr."""
        self._lines.put((sys.stderr, line))

    def _work(self) -> None:
        while (told := self._lines.get()) is not None:
            with contextlib.suppress(OSError, ValueError):
                text = visible_lines(told[1]) if isinstance(told[1], str) else told[1]
                click.echo(text, file=told[0])


@contextlib.contextmanager
def unstoppable(teller: Teller) -> Iterator[None]:
    """What is confirmed goes on when the line is hung up or somebody asks it to end or to stand still.

    A second Ctrl-C is believed. Nothing stops it for writing to a terminal that is not its own (`stty tostop`, `&`).
    """
    asked: list[int] = []

    def heard(number: int, _: FrameType | None) -> None:
        asked.append(number)
        if asked.count(signal.SIGINT) > 1:
            raise KeyboardInterrupt
        if number != signal.SIGHUP:
            teller.warn("The rollback is confirmed: it goes on to its end. Ctrl-C twice leaves it unfinished.")

    signals = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGTSTP)
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, heard) for number in signals}
    before |= {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGTTOU, signal.SIGTTIN)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
