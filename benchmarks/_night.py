"""A run with its guard, for benchmarks: the real program in a folder of its own, against the Prometheus of a few lines.

`Night(metrics=12)` begins a rehearsal and leaves its guard running; `command` is what a terminal then runs to attach.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType

from benchmarks._terminal import COMPILED, Terminal
from pags_tui.core.events import Actor, NoteAdded, PhaseEntered, RunStarted, TZeroSet
from pags_tui.core.ports import RunRow
from pags_tui.core.runbook import load
from pags_tui.edge.journal import open_journal

ROOT = Path(__file__).resolve().parent.parent
MARK = "Everybody at their stations"
"""The first step. Who draws it has the whole story folded: the guard that makes the picture, or a screen."""


def runbook(metrics: int, steps: int, every: str = "5s") -> str:
    """So many metrics, each with a gate and a trigger, and so many steps in the first phase."""
    parts = ['[runbook]\nid = "bench"\ntitle = "Bench"\n']
    if metrics:
        parts.append(f'[services.prometheus]\nurl = "${{PROMETHEUS_URL}}"\nevery = "{every}"\n')
    parts += [f'[metrics.m{n}]\ntitle = "Metric {n}"\nunit = "count"\nquery = "m{n}"\nslo = "<= {60 + n}"\n'
              for n in range(metrics)]  # fmt: skip
    checks = [f'"{MARK}"', *(f'{{ check = "Metric {n} is calm", gate = "m{n} <= {60 + n}" }}' for n in range(metrics))]
    checks += [f'"Step {n} of many"' for n in range(len(checks), steps)]
    parts.append(f'[[phases]]\nid = "one"\nat = "T-60m"\ntitle = "First phase"\nsteps = [{", ".join(checks)}]\n')
    parts += [f'[[phases]]\nid = "p{n}"\nat = "T+{n * 15}m"\ntitle = "Phase {n}"\nsteps = ["Look"]\n'
              for n in range(10)]  # fmt: skip
    parts += [f'[triggers.t{n}]\ntitle = "Metric {n} too high"\nwhen = "m{n} > {90 + n} for 10m"\n'
              for n in range(metrics)]  # fmt: skip
    return "\n".join(parts)


class Night:
    """A rehearsal with a living guard. Use it as a context: it leaves no process and no file behind."""

    def __init__(self, *, metrics: int = 12, steps: int = 20, events: int = 0, still: bool = False) -> None:
        self._shape = (metrics, steps, events)
        self._still = still

    def __enter__(self) -> Night:
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        folder = Path(self._folder.name)
        self.db, book = folder / "private" / "journal.db", folder / "bench.toml"
        metrics, steps, events = self._shape
        book.write_text(runbook(metrics, steps), encoding="utf-8")
        ask = [sys.executable, "-m", "benchmarks._prometheus", *(["--still"] if self._still else [])]
        self._prometheus = subprocess.Popen(ask, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._prometheus.stdout
        address = self._prometheus.stdout.readline().strip()
        self.env = {"PROMETHEUS_URL": address}
        self.env |= dict.fromkeys(("TMPDIR", "XDG_STATE_HOME", "HOME"), str(folder))
        self._begin(book, events)
        tui = [sys.executable, "-m", "pags_tui"]
        self.command = [*tui, "run", str(book), "--rehearsal", "--db", str(self.db)]
        self._shell("guard", "--db", str(self.db))
        told = json.loads(self._shell("status", "--db", str(self.db), "--json"))
        self.guard = int(told["guard"]["pid"])
        return self

    def _begin(self, book: Path, events: int) -> None:
        """A run in the journal: T+0 in half an hour, the first phase entered, and so many notes."""
        found = load(book.read_text(encoding="utf-8"), str(book))
        with open_journal(self.db) as journal:
            now = datetime.now(UTC)
            t0 = now + timedelta(minutes=30)
            journal.begin(RunRow("bench-1", found.id, "rehearsal", now, t0, None), found.sha256)
            who = ("bench.toml", found.target, "ana", "ana", "1")
            facts = [
                RunStarted("bench-1", "rehearsal", found.text, found.sha256, *who),
                TZeroSet(t0),
                PhaseEntered("one"),
                *(NoteAdded(f"note {n} of this night", "one/step") for n in range(events)),
            ]
            journal.append("bench-1", facts, now, Actor("ana"), None)

    def _shell(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "pags_tui", *words], cwd=ROOT, env={**os.environ, **COMPILED, **self.env}, text=True,
            capture_output=True, check=False, stdin=subprocess.DEVNULL)  # fmt: skip
        if done.returncode:
            raise SystemExit(f"pags-tui {' '.join(words)}: {done.stderr}")
        return done.stdout

    def terminal(self, columns: int = 80, rows: int = 24) -> Terminal:
        """A terminal with the war room on this run."""
        return Terminal(self.command, columns=columns, rows=rows, env=self.env)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.guard, signal.SIGTERM)
            for _ in range(100):
                time.sleep(0.05)
                os.kill(self.guard, 0)
            os.kill(self.guard, signal.SIGKILL)
        self._prometheus.terminate()
        self._prometheus.wait()
        self._folder.cleanup()
