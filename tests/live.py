"""What tests of the live side stand on: a flag service and a metric service that misbehave on order, and real guards.

Everything is real HTTP on loopback, a real journal in a temp folder and, where it says so, a real process.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pags_tui.cli import main
from pags_tui.core.decide.asks import Accepted, Ask
from pags_tui.core.errors import PagsError
from pags_tui.core.events import Actor, Event, Fact
from pags_tui.core.runbook import Runbook, load
from pags_tui.core.state import RunState, fold
from pags_tui.desk.client import ask_once
from pags_tui.driver import Driver, Identity, Pace, Record, Services, Spill, rolling
from pags_tui.edge.flags import Access, open_flags
from pags_tui.edge.prometheus import Prometheus
from pags_tui.wiring import places
from pags_tui.wiring.clocks import SteadyClock, boot_seconds
from pags_tui.wiring.journals import Store, open_journal, open_readonly
from pags_tui.wiring.runs import Start, begin_run

PATIENCE = 40.0
"""Seconds after which waiting for something that must come is a failed test."""
TOKEN = "sesame-0123456789"
LEAD = Actor(places.user())

SIX = {"canary": 0, "brain": False, "gate": False, "cache": False, "search": False, "mail": False}
"""Six flags and their values before the night."""


# ---------------------------------------------------------------- a flag service


class FlagServer:
    """Flags over HTTP. `on_post(key, value, n)` says how the n-th write of all is answered:

    `ok` · `cut` (takes it, hangs up) · `lose` (hangs up) · `hold` (takes the request, then nothing until released, and
    it never takes effect) · `held` (takes effect, then nothing) · `lie` (200, without effect) · `late` (hangs up, and
    takes effect when released) · a status code.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = dict(values)
        self.posts: list[tuple[str, Any]] = []
        self.keys: list[str] = []
        self.on_post: Callable[[str, Any, int], str | int] = lambda key, value, n: "ok"
        self.on_read: Callable[[str], str | int] = lambda key: "ok"
        self.reads: Counter[str] = Counter()
        self.headers: dict[str, str] = {}
        """Of every answer, besides its own."""
        self.caught = threading.Event()
        """A write is being held."""
        self.release = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Its address; the same after it was down."""
        return f"http://127.0.0.1:{self._port}"

    def up(self) -> None:
        """Listens."""
        self._server = _serving(self._port, self._handle, lambda: getattr(self, "headers", {}))
        self._port = self._server.server_address[1]

    def down(self) -> None:
        """Refuses connections from here on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> FlagServer:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self.down()

    def _handle(self, request: Request) -> None:
        key = request.path.removeprefix("/flags/")
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return request.answer(401, {})
        if request.method == "GET":
            self.reads[key] += 1
            return self._read(key, request)
        return self._write(key, json.loads(request.body)["value"], request)

    def _read(self, key: str, request: Request) -> None:
        manner = self.on_read(key)
        if manner == "hang":
            self.release.wait(PATIENCE)
        elif manner == "html":
            request.answer(200, "<html>sign in</html>")
        elif isinstance(manner, int):
            request.answer(manner, {})
        else:
            request.answer(200, {"value": self.values[key]})

    def _write(self, key: str, value: Any, request: Request) -> None:
        with self._lock:
            self.posts.append((key, value))
            self.keys.append(request.headers.get("idempotency-key", ""))
            number = len(self.posts)
        manner = self.on_post(key, value, number)
        if manner in ("ok", "cut", "held"):
            self.values[key] = value
        if manner in ("hold", "held"):
            self.caught.set()
            self.release.wait(PATIENCE)
        if manner == "late":
            threading.Thread(target=self._later, args=(key, value), daemon=True).start()
        if isinstance(manner, int):
            request.answer(manner, {})
        elif manner in ("ok", "lie"):
            request.answer(200, {"value": value})

    def _later(self, key: str, value: Any) -> None:
        self.caught.set()
        self.release.wait(PATIENCE)
        self.values[key] = value


# ---------------------------------------------------------------- a metric service


class MetricServer:
    """Prometheus' API for queries that are a bare name: `values[name]` is a number, or None for no series.

    `manner` is `ok`, `html`, `hang` or a status code; `slow` holds names that hang alone.
    """

    def __init__(self, **values: float | None) -> None:
        self.values: dict[str, float | None] = dict(values)
        self.manner: str | int = "ok"
        self.slow: set[str] = set()
        self.ranges: list[tuple[str, float, float]] = []
        self.release = threading.Event()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0

    url = FlagServer.url
    up = FlagServer.up
    down = FlagServer.down

    def __enter__(self) -> MetricServer:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self.down()

    def _handle(self, request: Request) -> None:
        asked = request.form
        query = asked.get("query", "")
        if self.manner == "hang" or query in self.slow:
            self.release.wait(PATIENCE)
        if self.manner == "html":
            return request.answer(200, "<html>sign in</html>")
        if isinstance(self.manner, int):
            return request.answer(self.manner, {})
        return request.answer(200, {"status": "success", "data": self._data(request.path, query, asked)})

    def _data(self, path: str, query: str, asked: dict[str, str]) -> dict[str, Any]:
        now = float(asked.get("time", time.time()))
        if query == "time()":
            return {"resultType": "scalar", "result": [now, str(now)]}
        value = self.values.get(query)
        if path.endswith("query_range"):
            start, end, step = (float(asked[name]) for name in ("start", "end", "step"))
            self.ranges.append((query, start, end))
            times = [start + n * step for n in range(int((end - start) / step) + 1)]
            rows = [] if value is None else [{"metric": {}, "values": [[at, str(value)] for at in times]}]
            return {"resultType": "matrix", "result": rows}
        rows = [] if value is None else [{"metric": {}, "value": [now, str(value)]}]
        return {"resultType": "vector", "result": rows}


class HookServer:
    """Takes lines as a chat or a pager does."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.manner = 200
        self._server: ThreadingHTTPServer | None = None
        self._port = 0

    url = FlagServer.url
    up = FlagServer.up
    down = FlagServer.down

    def __enter__(self) -> HookServer:
        self.up()
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def _handle(self, request: Request) -> None:
        self.lines.append(json.loads(request.body)["text"] if request.body else f"{request.method} {request.path}")
        request.answer(self.manner, {})


@dataclass
class Request:
    """One request, and its answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    form: dict[str, str]
    answer: Callable[[int, Any], None]


def _serving(
    port: int, handle: Callable[[Request], None], headers: Callable[[], dict[str, str]]
) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            parts = urlsplit(self.path)
            form = {key: found[0] for key, found in parse_qs(parts.query or body.decode(errors="replace")).items()}
            headers = {key.lower(): value for key, value in self.headers.items()}
            with suppress(OSError):
                handle(Request(self.command, parts.path, headers, body, form, self._answer))

        do_POST = do_PATCH = do_GET

        def _answer(self, status: int, content: Any) -> None:
            page = isinstance(content, str)
            body = content.encode() if page else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if page else "application/json")
            self.send_header("Content-Length", str(len(body)))
            for name, text in headers().items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


# ---------------------------------------------------------------- a runbook


def book_text(flags: FlagServer | None = None, metrics: MetricServer | None = None, **parts: str) -> str:
    """Six flags, two steps that write (one flag, four flags), a rollback of all six; `parts` are added as they are.

    `rollback`: keys of `[rollback]`. `services`, `more`: TOML of their own.
    Every time-out is long: a busy machine may not fail a test.
    """
    types = {bool: "boolean", int: "integer", str: "string"}
    lines = ['[runbook]\nid = "night"\ntitle = "The night"\ntraffic = "canary"']
    if flags is not None:
        lines.append('[services.flags]\nurl = "${FLAG_API}"\ntoken = "${API_KEY}"\ntarget = "production"')
        lines.append('timeout = "5s"\nverify_within = "8s"')
    if metrics is not None:
        lines.append('[services.prometheus]\nurl = "${METRICS}"\nevery = "1s"\ntimeout = "1s"')
        lines.append('[metrics.errors]\ntitle = "Errors"\nunit = "count"\nquery = "errors"\nslo = "< 5"')
        lines.append('stale_after = "1s"')
    lines.append(parts.get("services", ""))
    lines += [
        f'[flags.{key}]\nenv = "{key.upper()}"\ntype = "{types[type(value)]}"\nbefore = {json.dumps(value)}'
        for key, value in SIX.items()
    ]
    back = ", ".join(f"{key} = {json.dumps(value)}" for key, value in SIX.items())
    lines.append(
        f"""
[[phases]]
id = "go"
at = "T+0"
title = "Go"
steps = [
  {{ action = "Canary", set = {{ canary = 10 }} }},
  {{ action = "Four", set = {{ brain = true, gate = true, cache = true, search = true }} }},
  {{ check = "Looks good" }},
]
{parts.get("more", "")}
[rollback]
title = "All back"
{parts.get("rollback", "")}
steps = [ {{ action = "All off", set = {{ {back} }} }} ]
"""
    )
    return "\n".join(lines)


def book(text: str) -> Runbook:
    """The runbook of a text."""
    return load(text, "runbook.toml")


# ---------------------------------------------------------------- a driver in this process


@dataclass
class Night:
    """One run in a journal, and what guards it: here as a driver in this process."""

    folder: Path
    text: str
    env: dict[str, str]
    kind: Any = "live"
    clock: Any = None
    pace: Pace = field(default_factory=lambda: Pace(0.1, 3.0, 8.0))
    store: Store | None = None
    """The journal; None: a file in the folder."""

    def __post_init__(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.db = self.store or self.folder / "journal.db"
        self.journal = open_journal(self.db, busy=0.2)
        self.run = begin_run(self.journal, book(self.text), Start(self.kind, LEAD))

    def hurry(self, verify: float = 0.5) -> None:
        """Gives up on what hangs after that many seconds, where it hangs on purpose."""
        self.pace = replace(self.pace, deadline=1.0, verify=verify)

    def close(self) -> None:
        """Lets go of the journal."""
        self.journal.close()

    def write(self, *facts: Fact, by: Actor = LEAD) -> None:
        """Facts as an earlier guard journaled them."""
        lease = self.journal.lease(self.run)
        self.journal.append(self.run, facts, SteadyClock(self.state.at).now(), by, lease.token if lease else None)

    def driver(self, **services: Any) -> Driver:
        """A driver that has taken the run over."""
        runbook = self.state.runbook
        clock = self.clock or SteadyClock(self.state.at)
        lease = self.journal.take_lease(self.run, os.getpid(), "here", "boot", clock.now(), boot_seconds())
        spill = Spill([self.folder], "rollback-now.jsonl")
        record = Record(self.journal, self.run, clock, lease.token, spill)

        def beat() -> None:
            self.journal.beat(self.run, lease.token, clock.now(), boot_seconds())

        opened = {
            name: open_flags(settings, Access(self.env, TOKEN, name))
            for name, settings in runbook.services.flag_services.items()
        }
        metrics = Prometheus(self.env["METRICS"], timeout=5.0) if runbook.services.prometheus else None
        found = Services(metrics, opened, services.get("webhooks", {}), services.get("marks"))
        return Driver(record, found, Identity(os.getpid(), "here", lease.token), self.pace, beat)

    @property
    def state(self) -> RunState:
        """As the journal has it."""
        return fold(self.journal.events(self.run))

    @property
    def events(self) -> Sequence[Event]:
        """As the journal has them."""
        return self.journal.events(self.run)

    def facts(self, kind: type) -> list[Any]:
        """The journaled facts of one class."""
        return [event.fact for event in self.events if isinstance(event.fact, kind)]


def env_of(
    flags: FlagServer | None = None, metrics: MetricServer | None = None, hook: HookServer | None = None
) -> dict[str, str]:
    """The variables of the runbook's services."""
    found = {"API_KEY": TOKEN}
    found |= {"FLAG_API": flags.url} if flags else {}
    found |= {"METRICS": metrics.url} if metrics else {}
    found |= {"HOOK": hook.url} if hook else {}
    return found


async def until(true: Callable[[], object], why: str) -> None:
    """Waits for it on the running event loop."""
    ends = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < ends, f"waited in vain until {why}"
        await asyncio.sleep(0.01)


def wait_until(true: Callable[[], object], why: str) -> None:
    """Waits for it in this thread; what raises a PagsError is not true yet."""
    ends = time.monotonic() + PATIENCE
    while True:
        with suppress(PagsError):
            if true():
                return
        assert time.monotonic() < ends, f"waited in vain until {why}"
        time.sleep(0.02)


async def running(driver: Driver, work: Callable[[], Awaitable[None]]) -> None:
    """Runs the driver beside the work, and ends it."""
    task = asyncio.get_running_loop().create_task(driver.run())
    try:
        await until(lambda: driver.senses.last is not None or task.done(), "the driver took a tick")
        await work()
    finally:
        driver.stop("the test is over")
        await task


async def killed(driver: Driver, work: Callable[[], Awaitable[None]]) -> None:
    """Runs the driver beside the work, then lets it end as kill -9 would: nothing more is journaled."""
    task = asyncio.get_running_loop().create_task(driver.run())
    await until(lambda: driver.senses.last is not None or task.done(), "the driver took a tick")
    await work()
    driver.record.journal = None
    driver.record.spill = None
    driver._fence_off("killed")
    await task


# ---------------------------------------------------------------- guards as processes


class Guard:
    """A real guard process of a run."""

    def __init__(self, db: Store, run: str, env: dict[str, str], *options: str) -> None:
        self.db, self.run = db, run
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pags_tui", "guard", "--foreground", "--db", named(db), "--run", run, *options],
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ready(self) -> Guard:
        """Once it has taken a tick, which is after it has dealt with what it found."""
        wait_until(self._ready, f"the guard is ready ({self.process.poll()})")
        return self

    def _ready(self) -> bool:
        assert self.process.poll() is None, self.said
        with open_readonly(self.db) as reader:
            ticks = reader.ticks(self.run, limit=1)
            mine = [event.seq for event in reader.events(self.run) if getattr(event.fact, "pid", 0) == self.process.pid]
        return bool(mine and ticks) and ticks[0].seq >= mine[0]

    def ask(self, ask: Ask) -> Accepted:
        """One ask over its socket."""
        return ask_guard(self.db, self.run, ask)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()

    def end(self, number: int = signal.SIGTERM) -> int:
        """Asks it to end, and waits; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    @property
    def said(self) -> str:
        """What it printed; once it has ended."""
        return self.process.stdout.read() if self.process.stdout else ""


def named(db: Store) -> str:
    """What `--db` is given."""
    return str(db) if isinstance(db, Path) else db.url


@contextmanager
def guarding(db: Store, run: str, env: dict[str, str], *options: str) -> Iterator[Guard]:
    """A guard for a while."""
    guard = Guard(db, run, env, *options)
    try:
        yield guard
    finally:
        if guard.process.poll() is None:
            guard.kill()
        if guard.process.stdout:
            guard.process.stdout.close()


def ask_guard(db: Store, run: str, ask: Ask) -> Accepted:
    """One ask over a run's socket."""
    return asyncio.run(ask_once(places.socket_path(db, run), LEAD, SteadyClock(), ask, PATIENCE))


def begun(db: Store, text: str, t0: datetime | None = None, kind: Any = "live") -> str:
    """A new run in that journal."""
    if isinstance(db, Path):
        db.parent.mkdir(mode=0o700, exist_ok=True)
    with open_journal(db) as journal:
        return begin_run(journal, book(text), Start(kind, LEAD, t0))


def events_of(db: Store, run: str) -> Sequence[Event]:
    """The journal's events of that run."""
    with open_readonly(db) as reader:
        return reader.events(run)


def state_of(db: Store, run: str) -> RunState:
    """The run as the journal has it."""
    return fold(events_of(db, run))


def pags(
    *words: str, env: dict[str, str] | None = None, text: str | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """A command of the program, in a process of its own, without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "pags_tui", *words],
        env={**os.environ, **(env or {})},
        cwd=cwd,
        input=text,
        stdin=subprocess.DEVNULL if text is None else None,
        capture_output=True,
        text=True,
        timeout=PATIENCE * 2,
        check=False,
    )


def called(*words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The same command in this process, which saves a second: its exit code, and what it printed."""
    out, err, before = io.StringIO(), io.StringIO(), dict(os.environ)
    code: object = None
    try:
        os.environ.update(env or {})
        with redirect_stdout(out), redirect_stderr(err):
            main(list(words))
    except SystemExit as end:
        code = end.code
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert isinstance(code, int)
    return subprocess.CompletedProcess(list(words), code, out.getvalue(), err.getvalue())


LONG_READ: float = 20.0
"""Seconds that the read before a rollback's write may take where a busy machine must not make it write again."""


def long_reads(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A rollback waits longer for the read before a write, here and in every process begun from here on.

    In earnest a read that is not there within its second makes a write that may have landed be written again: harmless,
    and no matter of tests that count the writes of something else.
    """
    monkeypatch.setattr(rolling, "READ_BEFORE", LONG_READ)
    monkeypatch.setattr(rolling, "ROLLBACK_STEP", 2 * LONG_READ)
    patch = f"rolling.READ_BEFORE, rolling.ROLLBACK_STEP = {LONG_READ}, {2 * LONG_READ}"
    (folder / "sitecustomize.py").write_text(f"from pags_tui.driver import rolling\n{patch}\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))


def refusing_url() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
