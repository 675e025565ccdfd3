"""How fast six flags are taken back on a server that answers in 50 ms: from confirmed to verified.

Run from the root of the repository: `python -m benchmarks.rollback [--json]`. The server is real HTTP on loopback;
journal, driver and client are the live ones. The bound is what the protocol itself costs, 6 x (read before + write +
read back), plus 100 ms for everything of ours; the ratio is what it took to that bound. With `parallel = true` six go
together, so that the bound is one flag's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

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


def main() -> None:
    """Measures one way and the other in turns, and prints a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="on the disk that a journal would lie on")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    took: dict[str, list[float]] = {"in order": [], "parallel": []}
    bare: list[float] = []
    for _ in range(ROUNDS):
        bare.append(plain())
        for way, seconds in took.items():
            with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
                seconds.append(measured(Path(folder), parallel=way == "parallel"))
    found = {way: summary(way, seconds, statistics.median(bare)) for way, seconds in took.items()}
    if asked.json:
        print(json.dumps(found))
        return
    for way, one in found.items():
        print(
            f"{way:10}{one['ms']:6.0f} ms of at most {one['bound_ms']:5.0f}: ratio {one['ratio']:.2f}; "
            f"18 bare requests in a row {one['bare_ms']:.0f} ms: ratio {one['to_bare']:.2f}; "
            f"least {one['least_ms']:.0f}, most {one['most_ms']:.0f} ms, n = {ROUNDS}"
        )


def summary(way: str, seconds: list[float], bare: float) -> dict[str, float]:
    """The median, and its ratio to what it may take."""
    bound = (1 if way == "parallel" else len(SIX)) * 3 * ANSWERS + OURS
    middle = statistics.median(seconds)
    return {
        "ms": middle * 1000,
        "bound_ms": bound * 1000,
        "ratio": middle / bound,
        "bare_ms": bare * 1000,
        "to_bare": middle / bare,
        "least_ms": min(seconds) * 1000,
        "most_ms": max(seconds) * 1000,
    }


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
    main()
