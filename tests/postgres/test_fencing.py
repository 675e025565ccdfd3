"""Two hosts, as processes with separate homes, take one run from each other over and over: the old one writes no more.

A bounded number of times with every change, 200 times in `make torture`.
"""

from __future__ import annotations

import asyncio
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.errors import PagsError
from pags_tui.core.events import FlagAsked, GuardStarted, StepResolved
from pags_tui.desk.client import ask_once
from pags_tui.desk.lines import WIRE, Hello, hello_line
from pags_tui.desk.wire import ask_line
from pags_tui.edge.postgres.address import Database
from pags_tui.wiring.clocks import SteadyClock
from pags_tui.wiring.journals import open_readonly
from tests.live import LEAD, FlagServer, Request, begun, env_of, wait_until
from tests.postgres.hosts import Host
from tests.torture.figures import times

pytestmark = pytest.mark.postgres

TRIES = times(30, 200)
NAMES = ("anna", "berta")
PATIENCE = 60.0
SAID: list[str] = []
"""What the guards answered."""


class Doors(FlagServer):
    """The flag service with a door for each host: who wrote is known."""

    def __init__(self) -> None:
        super().__init__({"canary": 0})
        self.doors: list[tuple[str, Any]] = []

    def _handle(self, request: Request) -> None:
        door, _, rest = request.path.removeprefix("/").partition("/")
        request.path = f"/{rest}"
        if request.method != "GET":
            self.doors.append((door, request.headers.get("idempotency-key", "")))
        super()._handle(request)


def book() -> str:
    """A step a try, each of which sets the flag to its number."""
    steps = "\n".join(f'  {{ id = "s{n}", action = "To {n}", set = {{ canary = {n} }} }},' for n in range(1, TRIES + 1))
    return f"""
[runbook]
id = "night"
title = "The night"
[services.flags]
url = "${{FLAG_API}}"
token = "${{API_KEY}}"
target = "production"
timeout = "5s"
verify_within = "8s"
[flags.canary]
type = "integer"
range = [0, {TRIES}]
before = 0
[[phases]]
id = "go"
at = "T+0"
title = "Go"
steps = [
{steps}
]
[rollback]
title = "Back"
steps = [ {{ action = "Off", set = {{ canary = 0 }} }} ]
"""


class Process:
    """A host's process, and its words."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tests.postgres.host_process"], env=host.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).resolve().parents[2],
        )  # fmt: skip
        self.ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._up: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.socket = Path()
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self) -> None:
        assert self.child.stdout
        for line in self.child.stdout:
            (self._up if line.startswith("up ") else self.ended).put(line.strip())

    def take(self, run: str) -> int:
        """Takes the run over; the new guard's token, once it owns the run."""
        assert self.child.stdin
        self.child.stdin.write(f"take {run}\n")
        self.child.stdin.flush()
        _, token, path = self._up.get(timeout=PATIENCE).split()
        self.socket = Path(path)
        return int(token)


@contextmanager
def two(tmp_path: Path, database: Database, flags: Doors) -> Iterator[list[Process]]:
    """Both hosts."""
    found = []
    for name in NAMES:
        env = env_of(flags) | {"FLAG_API": f"{flags.url}/{name}"}
        found.append(Process(Host(name, tmp_path / name, database, env)))
    try:
        yield found
    finally:
        for one in found:
            one.child.send_signal(signal.SIGCONT)
            one.child.kill()
            one.child.wait()
            for pipe in (one.child.stdin, one.child.stdout):
                if pipe:
                    pipe.close()


def ask(process: Process, number: int) -> str:
    """Asks that host's guard for the flag's next value: `done`, `refused` or `gone`."""
    what = a.SetFlags(f"go/s{number}", str(number))
    try:
        answer = asyncio.run(ask_once(process.socket, LEAD, SteadyClock(), what, PATIENCE))
    except PagsError:
        return "gone"
    SAID.append(answer.said)
    return "refused" if answer.refused else "done"


@contextmanager
def hung(process: Process, number: int) -> Iterator[None]:
    """It stands still with that ask already in its socket."""
    os.kill(process.child.pid, signal.SIGSTOP)
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(PATIENCE)
        line.connect(str(process.socket))
        line.sendall(hello_line(Hello(WIRE)) + ask_line(1, a.SetFlags(f"go/s{number}", str(number))))
        try:
            yield
        finally:
            os.kill(process.child.pid, signal.SIGCONT)
        line.recv(100)  # it has begun to answer, or has hung up


def test_the_old_guard_never_writes_again(tmp_path: Path, database: Database) -> None:
    """In each try the run is taken from a guard that works, or from one that hangs with the ask for a flag change
    already in its hands. It refuses, or is gone, and posts nothing; the new one then makes the change. In the end every
    POST came from the host that owned the run when it was asked for, and the service has seen each value once."""
    with Doors() as flags, two(tmp_path, database, flags) as processes:
        run, outcomes, tokens = begun(database, book()), Counter[str](), []
        old = processes[1]
        tokens.append(old.take(run))
        for number in range(1, TRIES + 1):
            new = processes[(number + 1) % 2]
            before = len(flags.posts)
            if number % 2:
                with hung(old, number):
                    tokens.append(new.take(run))
            else:
                tokens.append(new.take(run))
            outcomes[ask(old, number)] += 1
            assert len(flags.posts) == before, f"the old guard wrote in try {number}"
            assert ask(new, number) == "done", SAID[-1]
            wait_until(lambda: ticked(database, run, number), f"step {number} is done")  # noqa: B023 - waited for here
            assert "belongs to another guard" in old.ended.get(timeout=PATIENCE)
            old = new
        assert tokens == list(range(1, TRIES + 2))
        assert outcomes["done"] == 0
        assert outcomes["refused"] + outcomes["gone"] == TRIES
        assert [value for _, value in flags.posts] == list(range(1, TRIES + 1))
        with open_readonly(database) as reader:
            assert reader.verify(run) is None
            owners, host = [], ""
            for event in reader.events(run):
                if isinstance(event.fact, GuardStarted):
                    host = event.fact.host
                elif isinstance(event.fact, FlagAsked):
                    owners.append(host)
        assert [door for door, _ in flags.doors] == owners
        print(f"\n{TRIES} take-overs, {dict(outcomes)}")


def ticked(database: Database, run: str, number: int) -> bool:
    """That step's change is verified, and journaled so."""
    with open_readonly(database) as reader:
        facts = [event.fact for event in reader.events(run, since=max(0, 4 * number - 8))]
    return any(isinstance(fact, StepResolved) and fact.step == f"go/s{number}" for fact in facts)
