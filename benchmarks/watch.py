"""How far `pags-tui watch` is behind the writer: from an ask, by whoever, to its event on a watching screen.

The program is the real one on a terminal of 80×24; the guard's own answer to the same ask is what it is held against.
Further watchers are connections of another process, which read everything, as screens do.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event as Flag
from pathlib import Path

from benchmarks._night import MARK, Night
from benchmarks._table import Figure, Row
from benchmarks._terminal import Terminal
from pags_tui.core.decide.asks import AddNote
from pags_tui.core.events import Actor
from pags_tui.desk.client import SocketDesk, ask_once
from pags_tui.wiring.clocks import SteadyClock

TITLE = "A watching screen behind the writer"
LETTERS = ("abcdefghijklm", "nopqrstuvwxyz")
"""Taken in turns, so that each cell of a word differs from the one before: only what differs is written."""
PAUSE = 0.4
"""Seconds between two events."""


def rows(quick: bool) -> Iterator[Row]:
    """One watcher, then one of fifty-one."""
    times = 5 if quick else 40
    with Night() as night:
        (path,) = Path(night.env["TMPDIR"]).rglob("*.sock")
        command = [sys.executable, "-m", "pags_tui", "watch", "--db", str(night.db)]
        with Terminal(command, env=night.env) as screen:
            screen.seen(MARK.encode())
            screen.quiet(1.0)
            for others in (0, 50):
                with watching(path, others):
                    drawn, answered = measured(screen, path, times)
                what = "an event on a watching screen" + (f", {others} others watch too" if others else "")
                yield Row(what, Figure.of(drawn, "ms"), "the guard's answer", Figure.of(answered, "ms"), most=1000)
                slow = Figure.of(answered, "ms", 0.99)
                yield Row("  99th of a hundred", Figure.of(drawn, "ms", 0.99), "the guard's answer", slow, most=1000)


def measured(screen: Terminal, path: Path, times: int) -> tuple[list[float], list[float]]:
    """Milliseconds from the ask to its event on the screen, and to the guard's answer."""
    drawn: list[float] = []
    answered: list[float] = []
    for number in range(times):
        screen.listen(PAUSE * random.uniform(0.5, 1.5))
        word, start = "".join(random.sample(LETTERS[number % 2], 10)), len(screen.output)
        asking = threading.Thread(target=lambda word=word: answered.append(asked(path, word)))
        began = time.perf_counter()
        asking.start()
        drawn.append((screen.seen(word.encode(), start) - began) * 1000)
        asking.join()
    return drawn, answered


def asked(path: Path, text: str) -> float:
    """Milliseconds until the guard has answered a note."""
    began = time.perf_counter()
    asyncio.run(ask_once(path, Actor("ana"), SteadyClock(), AddNote(text), 30.0))
    return (time.perf_counter() - began) * 1000


@contextmanager
def watching(path: Path, others: int) -> Iterator[None]:
    """So many further watchers."""
    ready, stop = multiprocessing.Event(), multiprocessing.Event()
    worker = multiprocessing.Process(target=follow, args=(path, others, ready, stop), daemon=True)
    worker.start()
    ready.wait()
    try:
        yield
    finally:
        stop.set()
        worker.join()


def follow(path: Path, others: int, ready: Flag, stop: Flag) -> None:
    """They read until told to stop."""

    async def work() -> None:
        desks = [SocketDesk(path, Actor("ana"), SteadyClock(), "watch") for _ in range(others)]
        for desk in desks:
            await desk.attach(lambda _: None)
        await asyncio.sleep(1.0)
        ready.set()
        while not stop.is_set():
            await asyncio.sleep(0.1)
        for desk in desks:
            with contextlib.suppress(OSError):
                await desk.detach()

    asyncio.run(work())
