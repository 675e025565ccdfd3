"""A terminal that keeps the time: every byte that came out of a program, and when."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.pty_harness import Pty

COMPILED = {
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": str(Path(__file__).resolve().parents[1] / ".cache" / "bench" / "compiled"),
}
"""Every program runs from bytecode, as an installed one does, whatever this environment says of writing it."""

PATIENCE = 30.0
"""Seconds until a wait is given up."""


class Terminal(Pty):
    """A program on a pseudo-terminal, with a time at each piece that it wrote."""

    def __init__(
        self, command: Sequence[str], *, columns: int = 80, rows: int = 24, env: Mapping[str, str] | None = None
    ) -> None:
        self.pieces: list[tuple[float, int]] = []
        """When a piece was read, and how many bytes had come by then."""
        self.began = time.perf_counter()
        super().__init__(command, columns=columns, rows=rows, env={**COMPILED, **(env or {})})

    def read(self, seconds: float = 0.0) -> bytes:
        """As the harness does, and note when."""
        data = super().read(seconds)
        if data:
            self.pieces.append((time.perf_counter(), len(self.output)))
        return data

    def seen(self, text: bytes, start: int = 0, patience: float = PATIENCE) -> float:
        """Read until the text stands in the output at or behind `start`; when its last byte was read."""
        end = time.perf_counter() + patience
        while (found := self.output.find(text, start)) < 0:
            if self.closed or time.perf_counter() > end:
                raise SystemExit(f"{text!r} was never drawn; the last was {bytes(self.output[-400:])!r}")
            self.read(0.2)
        return next(at for at, count in self.pieces if count >= found + len(text))

    def quiet(self, seconds: float) -> None:
        """Read until nothing came for so long."""
        while self.read(seconds):
            pass

    def listen(self, seconds: float) -> int:
        """Read for so long; how many bytes came."""
        before, end = len(self.output), time.perf_counter() + seconds
        while not self.closed and (left := end - time.perf_counter()) > 0:
            self.read(left)
        return len(self.output) - before


def cpu(pid: int) -> float:
    """Seconds of processor time that the living threads of a process have used, user and system, to the nanosecond.

    `stat` counts in steps of 10 ms, which is half of a budget of 1 % over a second.
    """
    found = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(file.read_text(encoding="ascii").split()[0]) for file in found) / 1e9
