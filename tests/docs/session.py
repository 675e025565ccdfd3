"""One page worked by somebody: its shell blocks in order, in one shell, in a home and a folder of their own.

Screens are looked at and left; a question for the target's name is answered. What a block starts ends with the page.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.docs.pages import ROOT, Block
from tests.pty_harness import Pty, until

LONGEST = 300.0
"""Seconds after which a page is given up; it takes about ten, and far longer on a busy machine."""
SETTLES = 0.7
"""Seconds between two keys of somebody who leaves a screen."""
SCREEN, LEFT = b"\x1b[?1049h", b"\x1b[?1049l"
LEAVE = b"\x11"
"""ctrl+q: from anywhere; again, in the dialog that asks, it leaves."""
TARGET = re.compile(rb"Type the target's name[^\n]*: $|Type \S+ to [^\n]*: $")


def work(blocks: Sequence[Block], target: str = "production") -> str:
    """Runs the blocks; what was seen. Fails where one of them ends with anything but 0."""
    with _place() as (home, env):
        script = home / "page.sh"
        script.write_text("set -e\n" + "".join(f"echo '#### {one.where}'\n{one.text}\n" for one in blocks))
        with Pty(["bash", str(script)], columns=120, rows=40, env=env) as shell:
            try:
                status = _watched(shell, target)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(shell.pid, signal.SIGKILL)
                _end_guards(home, env)
        seen = shell.output.decode(errors="replace")
    assert status == 0, f"exit {status}; the last was:\n{seen[-2500:]}"
    return seen


def _watched(shell: Pty, target: str) -> int:
    """Sits before the terminal until the shell has ended."""
    at, screens = 0, 0

    def over() -> bool:
        nonlocal at, screens
        shell.read(0.05)
        if TARGET.search(bytes(shell.output[at:])):
            at = len(shell.output)
            shell.send(target.encode() + b"\r")
        if shell.output.count(SCREEN) > screens:
            screens += 1
            _leave(shell, screens)
            at = len(shell.output)
        return shell.closed

    assert until(over, LONGEST), f"the page does not end:\n{bytes(shell.output[-1500:])!r}"
    return shell.ended(reading=False)


def _leave(shell: Pty, number: int) -> None:
    """Looks at a screen for a moment, then leaves it as its help says."""
    shell.pump(2 * SETTLES)
    for _ in range(20):
        if shell.output.count(LEFT) >= number or shell.closed:
            return
        shell.send(LEAVE)
        shell.pump(SETTLES)


@contextmanager
def _place() -> Iterator[tuple[Path, dict[str, str]]]:
    """A home, with the program on PATH and nothing of whoever runs the tests. Short, for the guard's socket."""
    home = Path(tempfile.mkdtemp(prefix="pd"))
    tools = home / "bin"
    tools.mkdir()
    program = tools / "pags-tui"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m pags_tui "$@"\n')
    program.chmod(0o755)
    env = {"HOME": str(home), "TMPDIR": str(home), "PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    env |= {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("STATE", "DATA", "CONFIG", "CACHE")}
    (home / "work").mkdir()
    there = Path.cwd()
    os.chdir(home / "work")
    try:
        yield home, env
    finally:
        os.chdir(there)
        shutil.rmtree(home, ignore_errors=True)


def _end_guards(home: Path, env: dict[str, str]) -> None:
    """No guard outlives its page."""
    if not (home / "state").exists():
        return
    for _ in range(4):
        command = [sys.executable, "-m", "pags_tui", "guard", "--stop"]
        done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, timeout=60)
        if done.returncode:
            return
