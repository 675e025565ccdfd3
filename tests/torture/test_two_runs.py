"""Two `pags-tui run` at the same instant, each on a terminal of its own: one guard, two screens."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from pags_tui.core.events import GuardStarted
from pags_tui.edge.journal import open_readonly
from pags_tui.wiring.alive import process_there
from tests.live import SIX, FlagServer, begun, book_text, env_of, events_of, state_of, wait_until
from tests.pty_harness import Pty
from tests.torture.figures import keep, times

pytestmark = [pytest.mark.long, pytest.mark.pty]

PAIRS = times(2, 100)


@contextmanager
def two_runs(folder: Path, flags: FlagServer) -> Iterator[tuple[Path, str, list[Pty]]]:
    """A fresh run, and two commands that attach to it at once; whatever guards they started are killed in the end."""
    db = folder / "journal.db"
    text = book_text(flags)
    run = begun(db, text)
    book = folder / "runbook.toml"
    book.write_text(text)
    command = [sys.executable, "-m", "pags_tui", "run", str(book), "--db", str(db)]
    with ExitStack() as open_screens:
        screens = [open_screens.enter_context(Pty(command, columns=100, rows=30, env=env_of(flags))) for _ in range(2)]
        try:
            yield db, run, screens
        finally:
            for pid in guards_of(db, run):
                if process_there(pid):
                    os.kill(pid, signal.SIGKILL)
                    # Until it is gone it holds the lock of the target.
                    wait_until(lambda pid=pid: not process_there(pid), "its guard is dead")


def guards_of(db: Path, run: str) -> list[int]:
    """Every process that ever began to guard the run."""
    return [event.fact.pid for event in events_of(db, run) if isinstance(event.fact, GuardStarted)]


def test_two_runs_at_the_same_instant_make_one_guard_and_two_screens(tmp_path: Path) -> None:
    """One lease was given, one guard was journaled, and both screens follow it: what one of them holds, both show."""
    with FlagServer(SIX) as flags:
        for number in range(PAIRS):
            with two_runs(tmp_path / f"n{number}", flags) as (db, run, screens):
                for screen in screens:
                    screen.wait_for(b"Canary")
                    screen.wait_for(b"guard ok")
                with open_readonly(db) as reader:
                    lease = reader.lease(run)
                assert lease is not None
                assert lease.token == 1
                assert guards_of(db, run) == [lease.pid]
                screens[number % 2].send(b"h")
                wait_until(lambda db=db, run=run: state_of(db, run).hold, "the clock is held")
                for at, screen in enumerate(screens):
                    try:
                        screen.wait_for(b"HOLD")
                    except AssertionError:
                        drawn = tmp_path / f"pair-{number}-screen-{at}"
                        drawn.write_bytes(screen.output)
                        raise AssertionError(f"it was held by {number % 2}; what was drawn is in {drawn}") from None
    keep("two runs at one instant", f"{PAIRS} pairs", f"{PAIRS} of {PAIRS}: one guard, two screens", "none")
