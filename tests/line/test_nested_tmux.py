"""A jump host at night: tmux at home, a line of 300 ms there and back, tmux over there, the war room in it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.line.tmux import NEEDS_TMUX, PATIENCE, ROOT, TMUX, Tmux
from tests.pty_harness import Pty, until

SLOW = str(ROOT / "tests" / "line" / "slow.py")
ONE_WAY, GAP = 0.15, 0.13
"""Seconds one way; and between two bytes of what is typed: longer than Textual waits for the rest of a key."""
DEMO = [sys.executable, "-m", "pags_tui", "demo", "steady", "--speed", "1"]

pytestmark = [pytest.mark.long, pytest.mark.pty, NEEDS_TMUX]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Tmux]:
    """The war room in tmux, behind a slow line, in tmux."""
    inner = [TMUX, "-L", "there", "-f", "/dev/null", "new-session", *DEMO]
    outer = Tmux(tmp_path, [sys.executable, SLOW, str(ONE_WAY), "0.01", "--", "env", "-u", "TMUX", *inner])
    yield outer
    for name in ("there", "home"):
        subprocess.run([TMUX, "-L", name, "kill-server"], env=outer.env, capture_output=True, check=False)


def test_rollback_over_a_slow_line(home: Tmux) -> None:
    """F9 and ctrl+r open the plan, what is typed arrives whole, and the state is told in words to a reader of text."""
    assert home.shows("ROLL BACK", "DEMO", "COUNTING"), home.screen
    for key in ("F9", "C-r"):
        home.keys(key)
        assert home.shows("Type", "rollback"), home.screen
        home.keys("-l", "rollbac the whole of it")
        assert home.shows("rollbac the whole of it"), home.screen
        home.keys("Escape")
        assert until(lambda: "the whole of it" not in home.screen, PATIENCE), home.screen


def test_a_function_key_in_pieces(tmp_path: Path) -> None:
    """Each byte of F9 comes by itself, later than the parser waits: it is F9, and nothing of it is typed anywhere."""
    env = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    command = [sys.executable, SLOW, str(ONE_WAY), str(GAP), "--", *DEMO]
    with Pty(command, env=env) as terminal:
        terminal.wait_for(b"ROLL BACK")
        terminal.pump(2.0)
        seen = len(terminal.output)
        terminal.send(b"\x1b[20~")
        terminal.wait_for(b"to run it", seen)
        terminal.pump(1.0)
        assert b"[20~" not in terminal.output
