"""How fast six flags are taken back on a server that answers in 50 ms: from confirmed to verified.

The server is real HTTP on loopback; journal, driver and client are the live ones. The budget is what the protocol
itself costs, 6 x (read before + write + read back), plus 100 ms for everything of ours. With `parallel = true` six go
together, so that the budget is one flag's.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from benchmarks._table import Figure, Row, alone
from pags_tui.core.decide.asks import RollBack
from pags_tui.core.events import Actor, FlagAnswered, Move, RollbackConfirmed
from pags_tui.core.runbook import load
from pags_tui.core.updates import Happened, Update
from pags_tui.driver import Driver, Identity, Pace, Record
from pags_tui.edge.journal import open_journal
from pags_tui.wiring.clocks import SteadyClock, boot_seconds
from pags_tui.wiring.runs import Start, begin_run
from pags_tui.wiring.services import open_services

ANSWERS = 0.05
"""Seconds that the server takes for any answer."""
SIX = ("canary", "brain", "gate", "cache", "search", "mail")
OURS = 0.1
"""Seconds for all that is not the service: threads, journal, judging."""
ROUNDS = 7
LEAD = Actor("ana")

BOOK = """
[runbook]
id = "bench"
title = "Bench"
[services.flags]
url = "${FLAGS}"
target = "production"
%s
[[phases]]
id = "go"
at = "T+0"
title = "Go"
steps = ["Ready"]
[rollback]
title = "Back"
steps = [ { id = "off", action = "All off", %s set = { %s } } ]
"""


TITLE = "Six flags taken back on a server that answers in 50 ms, from confirmed to verified"


def rows(quick: bool) -> Iterator[Row]:
    """One way and the other, and the bare requests, in turns."""
    took: dict[str, list[float]] = {"in order": [], "parallel": []}
    bare: list[float] = []
    for _ in range(2 if quick else ROUNDS):
        bare.append(plain() * 1000)
        for way, times in took.items():
            with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:  # on the disk that a journal would lie on
                times.append(measured(Path(folder), parallel=way == "parallel") * 1000)
    for way, times in took.items():
        bound = ((1 if way == "parallel" else len(SIX)) * 3 * ANSWERS + OURS) * 1000
        yield Row(f"six flags, {way}", Figure.of(times, "ms"), "18 bare requests in a row", Figure.of(bare, "ms"),
                  most=bound)  # fmt: skip


def plain() -> float:
    """Seconds for the same eighteen requests, one after another, by the same client library and nothing else."""
    with FlagServer() as server, httpx.Client() as client:
        client.get(f"{server.url}/flags/{SIX[0]}")
        began = time.perf_counter()
        for key in SIX:
            client.get(f"{server.url}/flags/{key}")
            client.post(f"{server.url}/flags/{key}", json={"value": False})
            client.get(f"{server.url}/flags/{key}")
        return time.perf_counter() - began


def measured(folder: Path, parallel: bool) -> float:
    """Seconds from the confirmation to the last of six flags verified."""
    with FlagServer() as server:
        flags = "\n".join(f'[flags.{key}]\ntype = "boolean"' for key in SIX)
        text = BOOK % (flags, "parallel = true," * parallel, ", ".join(f"{key} = false" for key in SIX))
        return asyncio.run(rolled_back(folder, text, server.url))


async def rolled_back(folder: Path, text: str, url: str) -> float:
    """One run whose flags are all forward, rolled back."""
    journal, clock = open_journal(folder / "private" / "journal.db"), SteadyClock()
    run = begin_run(journal, load(text, "runbook.toml"), Start("live", LEAD), clock.now())
    lease = journal.take_lease(run, 1, "here", "boot", clock.now(), boot_seconds())
    record = Record(journal, run, clock, lease.token)
    services = open_services(record.state.runbook, {"FLAGS": url})
    driver = Driver(record, services, Identity(1, "here", lease.token), Pace())
    times: dict[str, float] = {}
    last = asyncio.Event()

    def heard(update: Update) -> None:
        for event in update.events if isinstance(update, Happened) else ():
            if isinstance(event.fact, RollbackConfirmed):
                times["began"] = time.perf_counter()
            elif isinstance(event.fact, FlagAnswered):
                assert event.fact.result == "verified", event.fact.detail
                times["ended"] = time.perf_counter()
                if sum(change.holds for change in record.state.changes.values()) == len(SIX):
                    last.set()

    task = asyncio.create_task(driver.run())
    while not driver.senses.flags:  # connections are warm, as after any night's first half minute
        await asyncio.sleep(0.01)
    record.subscribe(heard)
    moves = tuple(Move(key, False, "rollback/off") for key in SIX)
    assert not (await driver.ask(LEAD, RollBack("rollback", moves, "Back"))).refused
    await last.wait()
    driver.stop("measured")
    await task
    journal.close()
    return times["ended"] - times["began"]


class FlagServer:
    """Six flags, all on; each answer takes its time."""

    def __init__(self) -> None:
        values: dict[str, Any] = dict.fromkeys(SIX, True)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                key, length = self.path.rpartition("/")[2], int(self.headers.get("content-length", 0))
                time.sleep(ANSWERS)
                if length:
                    values[key] = json.loads(self.rfile.read(length))["value"]
                body = json.dumps({"value": values[key]}).encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                self.wfile.write(head.encode() + body)

            do_POST = do_GET

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FlagServer:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


if __name__ == "__main__":
    alone(TITLE, rows)
