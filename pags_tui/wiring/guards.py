"""The guard process: how it is started, what it is made of, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pags_tui import __version__
from pags_tui.core.errors import PagsError, Refused
from pags_tui.core.ports import Journal
from pags_tui.core.runbook import Runbook
from pags_tui.core.state import RunState, fold
from pags_tui.desk.server import Admission, Server
from pags_tui.driver import Driver, Identity, Pace, Record
from pags_tui.edge.journal import open_journal
from pags_tui.wiring import places
from pags_tui.wiring.clocks import SteadyClock, boot_seconds
from pags_tui.wiring.runs import is_alive
from pags_tui.wiring.services import lock_name, open_services

COMES_UP = 20.0
"""Longest wait in seconds for a guard to answer."""


@dataclass(frozen=True, slots=True)
class Post:
    """Which run a guard guards, and for whom."""

    db: Path
    run: str
    admission: Admission = field(default_factory=Admission)


async def guard(post: Post, env: Mapping[str, str]) -> str:
    """Guards a run until it is over; why it ended. Raises PagsError when it cannot begin."""
    journal = open_journal(post.db)
    try:
        state = fold(journal.events(post.run))
        if state.ended:
            raise Refused(f"The run {post.run} was ended as {state.ended}.")
        if is_alive(journal.lease(post.run)):
            raise Refused(f"A guard of {post.run} is alive already.")
        with only_one(state, env):
            return await _guard(post, env, journal, state)
    finally:
        journal.close()


async def _guard(post: Post, env: Mapping[str, str], journal: Journal, state: RunState) -> str:
    kind = state.run.kind if state.run else "live"
    services = open_services(state.runbook, env, kind)
    clock = SteadyClock(not_before=state.at)
    lease = journal.take_lease(post.run, os.getpid(), places.host(), places.boot_id(), clock.now(), boot_seconds())
    spill = post.db.resolve().parent / f"rollback-{clock.now():%Y%m%dT%H%M%S}.jsonl"
    driver = Driver(
        Record(journal, post.run, clock, lease.token, spill),
        services,
        Identity(os.getpid(), places.host(), lease.token, __version__),
        pace_of(state.runbook),
        beat=lambda: journal.beat(post.run, lease.token, clock.now(), boot_seconds()),
    )
    server = Server(driver, places.socket_path(post.db, post.run), post.admission)
    _on_signals(driver)
    await server.start()
    try:
        await driver.run()
    finally:
        await server.stop(driver.why_ended)
    return driver.why_ended


def pace_of(runbook: Runbook) -> Pace:
    """How often to look, as the runbook says."""
    settings = runbook.services.prometheus
    if settings is None:
        return Pace()
    return Pace(settings.every, min(settings.timeout, max(0.8 * settings.every, 0.2)))


def _on_signals(driver: Driver) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, driver.stop, f"stopped by {signal.Signals(number).name}")
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


@contextlib.contextmanager
def only_one(state: RunState, env: Mapping[str, str]) -> Iterator[None]:
    """Holds the lock of a live run's flag service and target. Raises Refused while another run holds it."""
    name = lock_name(state.runbook, env) if state.run and state.run.kind == "live" else ""
    if not name:
        yield
        return
    descriptor = os.open(places.lock_path(name), os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            target = state.run.target if state.run else state.runbook.target
            raise Refused(
                f"Another live run on this machine already changes {target}: end it first (pags-tui runs)."
            ) from None
        yield
    finally:
        os.close(descriptor)


# ---------------------------------------------------------------- starting one


def start_guard(post: Post) -> None:
    """Starts a guard of its own, detached from this terminal, and waits until it answers.

    Raises PagsError with the guard's own last words when it does not come up.
    """
    log = places.log_path(post.db, post.run)
    command = [sys.executable, "-m", "pags_tui", "guard", "--run", post.run, "--db", str(post.db), "--detached"]
    if post.admission.group:
        command += ["--group", post.admission.group, *(["--group-ask"] if post.admission.group_asks else [])]
    with log.open("ab") as out:
        log.chmod(0o600)
        begin = out.tell()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, cwd="/"
        )
    path = places.socket_path(post.db, post.run)
    ends = boot_seconds() + COMES_UP
    while boot_seconds() < ends:
        if answers(path):
            return
        if process.poll() is not None:
            raise Refused(_last_words(log, begin) or f"The guard ended with {process.returncode}: see {log}.")
        time.sleep(0.05)
    raise Refused(f"The guard does not answer within {COMES_UP:.0f} s: see {log}.")


def _last_words(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        file.seek(begin)
        lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""


def answers(path: Path) -> bool:
    """Somebody listens there."""
    import socket

    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1.0)
        try:
            line.connect(str(path))
        except OSError:
            return False
    return True


def ensure_guard(post: Post, journal: Journal) -> None:
    """A guard of that run lives and answers: one is started if none does. Raises PagsError when that fails."""
    path = places.socket_path(post.db, post.run)
    if is_alive(journal.lease(post.run)):
        ends = boot_seconds() + COMES_UP
        while boot_seconds() < ends and not answers(path):
            time.sleep(0.05)
        return
    try:
        start_guard(post)
    except PagsError:
        if not answers(path):
            raise
