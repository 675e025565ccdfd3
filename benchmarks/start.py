"""How long it takes until the screen shows the true state, against a trivial Textual app; interleaved, through a pty.

posting and harlequin come from the package index into environments of their own under .cache; where they cannot be
had, their rows say so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import _bare, _night
from benchmarks._night import Night
from benchmarks._table import Figure, Row
from benchmarks._terminal import Terminal

TITLE = "Start: from the command to the first paint of the true state"
ROUNDS = 15
LONG = 10_000
CACHE = _night.ROOT / ".cache" / "bench"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A program to compare with."""

    mark: bytes
    """What stands on its first screen."""
    packages: tuple[str, ...]
    words: tuple[str, ...] = ()


NEIGHBOURS = {
    # With a later tree-sitter it dies of a segmentation fault.
    "posting": Neighbour(b"Collection", ("posting", "tree-sitter<0.26")),
    "harlequin": Neighbour(b"Data Catalog", ("harlequin",), ("--locale", "C")),
}
"""Programs on Textual that people know."""


def rows(quick: bool) -> Iterator[Row]:
    """Each as its median and as a multiple of the trivial app."""
    with ExitStack() as stack:
        short = stack.enter_context(Night())
        long = stack.enter_context(Night(events=LONG))
        starts: dict[str, Callable[[], float]] = {
            "bare": partial(start, [sys.executable, "-m", "benchmarks._bare"], _bare.MARK.encode(), {}),
            "import textual": partial(run, [sys.executable, "-c", "import textual.app"]),
            "run": partial(start, short.command, _night.MARK.encode(), short.env),
            "long": partial(start, long.command, _night.MARK.encode(), long.env),
        }
        missing = add_neighbours(starts)
        found = in_turns(starts, 3 if quick else ROUNDS)
    bare = Figure.of(found["bare"], "ms")
    yield Row("a trivial Textual app, 80×24", bare)
    yield Row("`run`, attached to a living guard", Figure.of(found["run"], "ms"), "trivial app", bare, times=1.8)
    what = f"`run` on a run of {LONG:,} events"
    yield Row(what, Figure.of(found["long"], "ms"), "trivial app", bare, times=2.5)
    yield Row("`import textual.app` alone", Figure.of(found["import textual"], "ms"), "trivial app", bare)
    for name in NEIGHBOURS:
        if name in found:
            yield Row(f"{name} (for comparison)", Figure.of(found[name], "ms"), "trivial app", bare)
        else:
            yield Row(f"{name}: {missing[name]}", Figure(float("nan"), "ms"))


def in_turns(starts: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Every one once to warm up, then all of them in turns."""
    for start_one in starts.values():
        start_one()
    found: dict[str, list[float]] = {name: [] for name in starts}
    for _ in range(rounds):
        for name, start_one in starts.items():
            found[name].append(start_one())
    return found


def start(command: Sequence[str], mark: bytes, env: Mapping[str, str]) -> float:
    """Milliseconds until the mark was read from the terminal."""
    with Terminal(command, env=env) as terminal:
        return (terminal.seen(mark) - terminal.began) * 1e3


def run(command: Sequence[str]) -> float:
    """Milliseconds until a program without a screen has ended."""
    with Terminal(command) as terminal:
        while not terminal.closed:
            terminal.read(1.0)
        return (time.perf_counter() - terminal.began) * 1e3


def add_neighbours(starts: dict[str, Callable[[], float]]) -> dict[str, str]:
    """Adds those that are there or can be fetched; why the others are not."""
    missing: dict[str, str] = {}
    for name, neighbour in NEIGHBOURS.items():
        program = fetched(name, neighbour.packages)
        if program is None:
            missing[name] = "cannot be fetched here"
            continue
        env = {"HOME": str(CACHE / f"{name}-home"), "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": ""}
        os.makedirs(env["HOME"], exist_ok=True)
        starts[name] = partial(start, [str(program), *neighbour.words], neighbour.mark, env)
    return missing


def fetched(name: str, packages: Sequence[str]) -> Path | None:
    """The program from the package index, in an environment of its own."""
    program = CACHE / name / "bin" / name
    if not program.exists():
        print(f"  fetching {name} …", file=sys.stderr, flush=True)
        CACHE.mkdir(parents=True, exist_ok=True)
        steps = (
            [sys.executable, "-m", "venv", str(CACHE / name)],
            [str(CACHE / name / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *packages],
        )
        for step in steps:
            if subprocess.run(step, capture_output=True, check=False).returncode:
                return None
    return program if program.exists() else None
