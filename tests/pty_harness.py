"""Runs a command in a pseudo-terminal: answers what a terminal answers, keeps what was drawn, can stop reading."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

INHERITED = (
    "NO_COLOR",
    "COLORTERM",
    "TERM",
    "TERM_PROGRAM",
    "TMUX",
    "FORCE_COLOR",
    "COLUMNS",
    "LINES",
    "TEXTUAL_THEME",
)
"""Taken out of the environment: a test decides what its terminal is."""

ROOT = str(Path(__file__).resolve().parents[1])
"""The repository: the process finds the package without being installed."""

PATIENCE = 20.0
"""Seconds until a wait is given up. Long, since the machine may be busy; nothing is asserted about speed."""

ANSWERS = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[?2048$p": b"\x1b[?2048;0$y"}
"""What a terminal says to the queries of Textual."""


class Pty:
    """A process on the other side of a pseudo-terminal. Use it as a context: it never leaves a process behind."""

    def __init__(
        self, command: Sequence[str], *, columns: int = 80, rows: int = 24, env: Mapping[str, str] | None = None
    ) -> None:
        settings = {key: value for key, value in os.environ.items() if key not in INHERITED}
        settings["PYTHONPATH"] = os.pathsep.join(filter(None, (ROOT, settings.get("PYTHONPATH"))))
        settings |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **(env or {})}
        self.output = bytearray()
        self.closed = False
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            with contextlib.suppress(OSError):
                _set_size(0, columns, rows)
                os.execvpe(command[0], list(command), settings)
            os._exit(127)
        _set_size(self.descriptor, columns, rows)

    def __enter__(self) -> Pty:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.hang_up()

    # ------------------------------------------------------------ the terminal's side

    def read(self, seconds: float = 0.0) -> bytes:
        """What the process wrote, waiting so long for the first byte."""
        if self.closed or not select.select([self.descriptor], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.descriptor, 1 << 16)
        except OSError:
            data = b""
        self.closed = not data
        self.output += data
        for query, answer in ANSWERS.items():
            if query in data:
                self.send(answer)
        return data

    def wait_for(self, text: bytes, start: int = 0) -> int:
        """Read until the text is in the output at or behind `start`; where it begins."""
        until(lambda: text in self.output[start:] or (self.read(0.05), False)[1] or self.closed)
        found = self.output.find(text, start)
        assert found >= 0, f"{text!r} was never written; the last was {bytes(self.output[-300:])!r}"
        return found

    def pump(self, seconds: float) -> None:
        """Read for so long."""
        end = time.monotonic() + seconds
        while not self.closed and time.monotonic() < end:
            self.read(0.05)

    def send(self, data: bytes) -> None:
        """Type."""
        os.write(self.descriptor, data)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the kernel sends SIGWINCH."""
        _set_size(self.descriptor, columns, rows)

    def hang_up(self) -> None:
        """Close the terminal, as a lost line does."""
        if self.descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(self.descriptor)
        self.descriptor, self.closed = -1, True

    # ------------------------------------------------------------ the process

    def signal(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def ended(self, reading: bool = True) -> int:
        """Wait for the end; the exit status, negative when a signal killed it."""
        status: list[int] = []

        def gone() -> bool:
            if reading and not self.closed:
                self.read(0.05)
            pid, code = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                status.append(os.waitstatus_to_exitcode(code))
            return bool(pid)

        until(gone)
        assert status, "the process did not end"
        if reading:
            self.pump(0.1)
        return status[0]

    def cpu(self) -> float:
        """Seconds of processor time used so far."""
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def until(true: Callable[[], object], patience: float = PATIENCE) -> bool:
    """Ask again and again until it is true; whether it became so in time."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False


def _set_size(descriptor: int, columns: int, rows: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
