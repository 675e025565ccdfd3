"""The terminal under the screen: what it can do, and a driver that survives a bad line.

`checks` judges a terminal before anything is drawn; `writer` and `driver` replace what stock Textual would block or end
on; `app` is the base of our App. The driver leans on private names of the one pinned Textual version; the tests in
`tests/ui/test_terminal_pty.py` stand guard over each bump. Nothing here knows of runs, gates or flags.
"""

from __future__ import annotations

from pags_tui.ui.terminal.app import SteadyScreen, TerminalApp, exit_status
from pags_tui.ui.terminal.checks import Colours, Terminal, check_terminal
from pags_tui.ui.terminal.driver import SteadyDriver
from pags_tui.ui.terminal.writer import last_word

__all__ = [
    "Colours",
    "SteadyDriver",
    "SteadyScreen",
    "Terminal",
    "TerminalApp",
    "check_terminal",
    "exit_status",
    "last_word",
]
