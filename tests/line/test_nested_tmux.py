"""A jump host at night: tmux at home, a line of 300 ms there and back, tmux over there, the war room in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pty_harness import INHERITED, Pty, until

ROOT = Path(__file__).resolve().parents[2]
SLOW = str(ROOT / "tests" / "line" / "slow.py")
ONE_WAY, GAP = 0.15, 0.13
"""Seconds one way; and between two bytes of what is typed: longer than Textual waits for the rest of a key."""
DEMO = [sys.executable, "-m", "pags_tui", "demo", "steady", "--speed", "1"]
PATIENCE = 60.0

TMUX = shutil.which("tmux") or str(ROOT / ".cache" / "tmux" / "run")

pytestmark = [
    pytest.mark.long,
    pytest.mark.pty,
    pytest.mark.skipif(not Path(TMUX).exists() and not os.environ.get("CI"), reason="no tmux here: tools/fetch-tmux"),
]


class Tmux:
    """A tmux server of its own with one pane of 80×24."""

    def __init__(self, folder: Path, command: list[str]) -> None:
        gone = {*INHERITED, "TMUX", "TMUX_PANE"}
        self.env = {key: value for key, value in os.environ.items() if key not in gone}
        self.env |= {"LANG": "C.UTF-8", "TERM": "xterm-256color", "TMUX_TMPDIR": str(folder), "HOME": str(folder)}
        self.env |= {"XDG_STATE_HOME": str(folder), "PYTHONPATH": str(ROOT)}
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", *command)

    def tmux(self, *words: str) -> str:
        """A command to the server; what it prints."""
        done = subprocess.run([TMUX, "-L", "home", *words], env=self.env, capture_output=True, text=True, check=True)
        return done.stdout

    @property
    def screen(self) -> str:
        """What the pane shows, as plain text."""
        return self.tmux("capture-pane", "-p")

    def keys(self, *keys: str) -> None:
        """Press keys by their tmux names; `text` in quotes is typed as it is."""
        self.tmux("send-keys", *keys)

    def shows(self, *texts: str) -> bool:
        """Wait until all of them stand on the screen."""
        return until(lambda: all(text in self.screen for text in texts), PATIENCE)


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
