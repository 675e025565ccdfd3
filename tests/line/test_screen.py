"""GNU screen at night: the war room in it, looked at through tmux, which tells of each cell what it shows.

Its palette has 16 colours, and it draws anew what it understood of what the war room sends.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.line.tmux import NEEDS_TMUX, PATIENCE, Tmux, needs, program
from tests.pty_harness import until

SCREEN = program("screen")
DEMO = [sys.executable, "-m", "pags_tui", "demo", "steady", "--speed", "1"]

pytestmark = [pytest.mark.long, pytest.mark.pty, NEEDS_TMUX, needs("screen")]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Tmux]:
    """A shell in which the war room runs in screen."""
    sockets = tmp_path / "s"
    sockets.mkdir(mode=0o700)
    inner = ["env", f"SCREENDIR={sockets}", SCREEN, "-c", "/dev/null"]
    command = " ".join([*inner, "-S", "night", *DEMO])
    found = Tmux(tmp_path, ["sh", "-c", f"{command}; echo detached; exec {' '.join(inner)} -r night"])
    yield found
    subprocess.run([*inner, "-S", "night", "-X", "quit"], env=found.env, capture_output=True, check=False)
    subprocess.run([found.program, "-L", "home", "kill-server"], env=found.env, capture_output=True, check=False)


def ground(painted: str, text: str) -> set[str]:
    """The attributes under which a text stands in what `capture-pane -e` gives."""
    before = painted[: painted.index(text)]
    found: set[str] = set()
    for codes in re.findall(r"\x1b\[([\d;]*)m", before):
        for code in codes.split(";"):
            found = set() if code in ("", "0") else {*found, code}
            if code == "49":
                found = {one for one in found if not re.fullmatch(r"4[0-79]|10[0-7]", one)}
    return found


def fills(home: Tmux, columns: int, rows: int, shown: str) -> bool:
    """From the header to the footer, each at its place, nothing beyond the edges."""
    lines = home.screen.rstrip("\n").split("\n")
    if len(lines) != rows or max(map(len, lines)) > columns or not any(shown in line for line in lines):
        return False
    return "DEMO" in lines[0] and "tick" in lines[-1] and "ROLL BACK" in lines[-1]


def test_the_war_room_in_gnu_screen(home: Tmux) -> None:
    """It opens with its own colours; F9 opens the plan, what is typed arrives, escape leaves; every size is painted
    whole; detached and attached again it is there as before."""
    assert home.shows("ROLL BACK", "DEMO", "COUNTING", "tick"), home.screen
    assert not re.search(r"\[\d+;?\d*[mHK]", home.screen), home.screen  # no sequence that screen did not understand
    painted = home.tmux("capture-pane", "-p", "-e")
    assert any(re.fullmatch(r"4[1-7]|10[1-7]", code) for code in ground(painted, "ROLL BACK")), painted
    assert not any(re.fullmatch(r"4[1-7]|10[1-7]", code) for code in ground(painted, "CHECK")), painted

    home.keys("F9")
    assert home.shows("ROLL BACK production", "to run it:"), home.screen
    home.keys("-l", "rollbac the whole of it")
    assert home.shows("rollbac the whole of it"), home.screen
    home.keys("Escape")
    assert until(lambda: "to run it:" not in home.screen, PATIENCE), home.screen

    for columns, rows, shown in ((120, 40, "1 Timeline"), (60, 18, "T-60 Final"), (80, 24, "2 T-60 Final Preparation")):
        home.tmux("resize-window", "-x", str(columns), "-y", str(rows))
        filled = partial(fills, home, columns, rows, shown)
        assert until(filled, PATIENCE), home.screen

    home.keys("C-a", "d")
    assert home.shows("War room channel active", "ROLL BACK"), home.screen
    home.keys("F9")
    assert home.shows("to run it:"), home.screen
