"""Hosts played by processes: each has a name, a home, a temp folder and so sockets of its own, and one database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from pags_tui.core.events import Event
from pags_tui.edge.postgres.address import Database
from pags_tui.wiring.journals import open_readonly
from tests.live import PATIENCE, named, wait_until


@dataclass
class Host:
    """One jump host."""

    name: str
    folder: Path
    db: Database
    env: dict[str, str]
    """The services' variables."""
    guards: list[subprocess.Popen[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for part in ("home", "tmp"):
            (self.folder / part).mkdir(parents=True, mode=0o700)

    @property
    def environment(self) -> dict[str, str]:
        """Of every process of it. The database's address is in no argument."""
        home = self.folder / "home"
        own = {"HOME": str(home), "TMPDIR": str(self.folder / "tmp"), "XDG_STATE_HOME": str(home / "state")}
        return {**os.environ, **self.env, **own, "PAGS_TUI_HOST": self.name, "PAGS_TUI_DB": named(self.db)}

    def pags(self, *words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """A command there."""
        return subprocess.run(
            [sys.executable, "-m", "pags_tui", *words], env=self.environment, cwd=self.folder, input=text,
            stdin=subprocess.DEVNULL if text is None else None, capture_output=True, text=True,
            timeout=PATIENCE * 2, check=False,
        )  # fmt: skip

    def guard(self, run: str, *words: str) -> subprocess.Popen[str]:
        """A guard there, once it owns the run and has taken a tick."""
        process = subprocess.Popen(
            [sys.executable, "-m", "pags_tui", "guard", "--foreground", "--run", run, *words],
            env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.guards.append(process)
        wait_until(lambda: self._works(process, run), f"the guard on {self.name} works")
        return process

    def _works(self, process: subprocess.Popen[str], run: str) -> bool:
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        with open_readonly(self.db) as reader:
            mine = [one.seq for one in reader.events(run) if getattr(one.fact, "pid", 0) == process.pid]
            ticks = reader.ticks(run, limit=1)
        return bool(mine and ticks) and ticks[0].seq >= mine[0]

    def events(self, run: str) -> Sequence[Event]:
        """As the database has them."""
        with open_readonly(self.db) as reader:
            return reader.events(run)


@contextmanager
def hosts(folder: Path, db: Database, env: dict[str, str], *names: str) -> Iterator[list[Host]]:
    """Some hosts; their guards are ended afterwards."""
    found = [Host(name, folder / name, db, env) for name in names]
    try:
        yield found
    finally:
        for process in (process for host in found for process in host.guards):
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
