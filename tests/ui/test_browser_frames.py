"""In a browser there is no terminal of ours: frames go to textual-serve, in Textual's own way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP = """
from textual.widgets import Static
from pags_tui.ui.terminal import Terminal
from pags_tui.ui.terminal.frame import FrameApp

class Small(FrameApp):
    CSS_PATH = None
    def compose(self):
        yield Static("SEEN-IN-A-BROWSER")
    def on_mount(self):
        self.set_timer(1.0, self.exit)

Small(Terminal(browser=True)).run()
"""


def test_a_page_is_painted() -> None:
    """What is drawn arrives as packets on standard output."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", "ROWS": "24"}
    with subprocess.Popen(
        [sys.executable, "-c", APP], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as app:
        assert app.stdout is not None
        data = app.stdout.read()
    assert data.startswith(b"__GANGLION__\n")
    assert b"SEEN-IN-A-BROWSER" in data
