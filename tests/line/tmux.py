"""A terminal that somebody looks at: a tmux server of its own, whose pane is read as text."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.pty_harness import INHERITED, until

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


def program(name: str) -> str:
    """The distribution's own one: on PATH, or where tools/fetch-program puts it."""
    return shutil.which(name) or str(ROOT / ".cache" / name / "run")


def needs(name: str) -> pytest.MarkDecorator:
    """Skips where it is missing; under CI=true the test fails then."""
    missing = not Path(program(name)).exists() and os.environ.get("CI") != "true"
    return pytest.mark.skipif(missing, reason=f"no {name} here: tools/fetch-program {name} PATH, as the Makefile says")


TMUX = program("tmux")
NEEDS_TMUX = needs("tmux")


class Tmux:
    """A tmux server of its own with one pane of 80×24."""

    program = TMUX

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
