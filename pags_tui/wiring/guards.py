"""The guard process: how it is started, what it is made of, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import grp
import hashlib
import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pags_tui import __version__
from pags_tui.core.errors import PagsError, Refused, Unreachable
from pags_tui.core.ports import Board, Clock, Lease, OwnJournal, Records
from pags_tui.core.runbook import Runbook
from pags_tui.core.state import RunState, fold
from pags_tui.desk.server import Admission, Server
from pags_tui.desk.table import Table
from pags_tui.driver import Driver, Identity, Pace, Record, Services, Spill
from pags_tui.wiring import places
from pags_tui.wiring.alive import answers, is_alive, is_here
from pags_tui.wiring.beside import keep_taking_in, take_in
from pags_tui.wiring.clocks import SteadyClock, boot_seconds
from pags_tui.wiring.crashes import frames_of, private, rotate
from pags_tui.wiring.journals import Store, open_board, open_journal, open_readonly
from pags_tui.wiring.services import lock_name, open_services
from pags_tui.wiring.targets import only_one

COMES_UP = 20.0
"""Longest wait in seconds for a guard to answer."""
PICTURES = "pags_tui.wiring.pictures"
"""Makes the first picture of a screen: loaded once the guard keeps watch."""
LOCKED_AT_MOST = 1.0
"""Longest wait in seconds of a guard for somebody else's lock on the journal: it stands still meanwhile."""

HANDS_OVER_WITHIN = 5.0
"""Longest wait in seconds of a guard that ends for its own line to the database: each is made again for itself."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a guard came to its end."""

    reason: str
    signal: int | None
    """The signal that ended it; None when the run was closed, or somebody stopped it from a screen."""


@dataclass(frozen=True, slots=True)
class Post:
    """Which run a guard guards, and for whom."""

    db: Store
    run: str
    admission: Admission = field(default_factory=Admission)
    takes_over: bool = False
    """Also from a guard that lives: somebody has confirmed it."""


async def guard(post: Post, env: Mapping[str, str]) -> Ended:
    """Guards a run until it is over. Raises PagsError when it cannot begin."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    _known_group(post.admission.group)
    journal = open_journal(post.db, busy=LOCKED_AT_MOST)
    try:
        state = fold(journal.events(post.run))
        if state.ended:
            raise Refused(f"The run {post.run} was ended as {state.ended}.")
        if state.run and state.run.kind == "demo":
            raise Refused(f"{post.run} is a demo: it has no guard, and no service is ever asked. Look at it: replay.")
        services = open_services(state.runbook, env, state.run.kind if state.run else "live")
        _claim(journal, post, state, env)
        with only_one(post.db, post.run, state, env):
            return await _guard(post, journal, state, services)
    finally:
        journal.close()


async def _guard(post: Post, journal: OwnJournal, state: RunState, services: Services) -> Ended:
    clock = SteadyClock(not_before=state.at)
    lease = take_lease(post, journal, clock)
    folders = places.spill_folders(post.db)
    record = Record(
        journal, post.run, clock, lease.token, Spill(folders, spill_name(clock.now()), places.name_of(post.db))
    )
    take_in(record, post.db)
    driver = Driver(
        record,
        services,
        Identity(os.getpid(), places.host(), lease.token, __version__),
        pace_of(record.state.runbook),
        beat=lambda: journal.beat(post.run, lease.token, clock.now(), boot_seconds()),
    )
    driver.faulted = lambda error: print(f"{clock.now():%H:%M:%S} {frames_of(error)}", file=sys.stderr, flush=True)
    server = Server(driver, places.socket_path(post.db, post.run), post.admission, _picture)
    caught = _on_signals(driver)
    await server.start()
    threading.Thread(target=importlib.import_module, args=(PICTURES,), name="load-pictures", daemon=True).start()
    with _shared(post, driver, server) as board:
        if board is not None:
            journal.hush()
        looking = asyncio.create_task(keep_taking_in(record, post.db))
        try:
            await driver.run()
        finally:
            looking.cancel()
            await asyncio.wait([looking])
            await server.stop(driver.why_ended, final=bool(driver.record.state.ended))
            if board is not None:
                _hand_over(board, record)
    return Ended(driver.why_ended, caught[0] if caught else None)


@contextlib.contextmanager
def _shared(post: Post, driver: Driver, server: Server) -> Iterator[Board | None]:
    """Serves screens on other hosts, where the journal is a database."""
    if isinstance(post.db, Path):
        yield None
        return
    reader, board = open_board(post.db, post.run, "ask")
    table = Table(driver, server, board, post.run, boot_seconds)
    table.start()
    try:
        yield board
    finally:
        table.stop()
        reader.close()


def _picture(*story: Any) -> Any:
    return importlib.import_module(PICTURES).first_picture(*story)


def _hand_over(board: Board, record: Record) -> None:
    """What this guard could only write down in a file goes to the owner after it, by the database."""
    path = record.spill.path if record.spill else None
    if path is None or not record.pending:
        return
    ends = boot_seconds() + HANDS_OVER_WITHIN
    with contextlib.suppress(OSError, UnicodeError):
        lines = path.read_text(encoding="utf-8")
        while boot_seconds() < ends:
            with contextlib.suppress(PagsError):
                board.leave_beside(record.run, path.name, lines)
                path.rename(path.with_name(f"{path.name}.merged"))
                return
            time.sleep(0.1)


def _claim(journal: OwnJournal, post: Post, state: RunState, env: Mapping[str, str]) -> None:
    """Raises Refused while a live run on another host changes the same target, as far as the journal knows."""
    name = lock_name(state.runbook, env) if state.run and state.run.kind == "live" else ""
    if name and (holder := journal.claim(hashlib.sha256(name.encode()).hexdigest(), post.run)):
        raise Refused(f"The live run {holder} already changes {state.runbook.target}: end it first (pags-tui runs).")


def spill_name(now: datetime) -> str:
    """What a rollback's own record is called while the journal cannot be written: two of one second have two files."""
    return f"rollback-{now:%Y%m%dT%H%M%S.%f}.jsonl"


def take_lease(post: Post, journal: OwnJournal, clock: Clock) -> Lease:
    """The lease, once nobody alive holds it; two guards that start at once do so one after the other."""
    with places.start_lock(post.db, post.run).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lease = journal.lease(post.run)
        if lease is not None and is_alive(lease) and not post.takes_over:
            where = "" if is_here(lease) else f" on {lease.host}: pags-tui guard --take-over takes the run from it"
            raise Refused(f"A guard of {post.run} is alive already{where}.")
        return journal.take_lease(post.run, os.getpid(), places.host(), places.boot_id(), clock.now(), boot_seconds())


def _known_group(group: str) -> None:
    if group:
        try:
            grp.getgrnam(group)
        except KeyError:
            raise PagsError(f"There is no group '{group}' on this machine: see 'getent group'.") from None


def pace_of(runbook: Runbook) -> Pace:
    """How often to look, as the runbook says."""
    settings = runbook.services.prometheus
    if settings is None:
        return Pace()
    return Pace(settings.every, min(settings.timeout, max(0.8 * settings.every, 0.2)))


def _on_signals(driver: Driver) -> list[int]:
    """SIGTERM and SIGINT let the guard end; the list holds the one that came."""
    loop, caught = asyncio.get_running_loop(), list[int]()

    def end(number: signal.Signals) -> None:
        caught.append(number)
        driver.stop(f"stopped by {number.name}")

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, number)
    return caught


# ---------------------------------------------------------------- starting one


def start_guard(post: Post) -> None:
    """Starts a guard of its own, detached from this terminal, and waits until it answers.

    Raises PagsError with the guard's own last words, of the kind that its exit code tells, when it does not come up.
    """
    log = places.log_path(post.db, post.run)
    named, env = naming(post.db)
    command = [sys.executable, "-m", "pags_tui", "guard", "--run", post.run, "--detached", *named]
    if post.takes_over:
        command += ["--take-over"]
    if post.admission.group:
        command += ["--group", post.admission.group, *(["--group-ask"] if post.admission.group_asks else [])]
    rotate(log)
    with open(private(log), "ab") as out:
        begin = out.seek(0, os.SEEK_END)
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, start_new_session=True, cwd="/"
        )
    STARTED.append(process)
    path = places.socket_path(post.db, post.run)
    ends = boot_seconds() + COMES_UP
    while boot_seconds() < ends:
        if process.poll() is not None:
            said = _last_words(log, begin) or f"The guard ended with {process.returncode}: see {log}."
            raise ERRORS.get(process.returncode, PagsError)(said)
        if _owner(post) == process.pid and answers(path):
            return
        time.sleep(0.05)
    raise Refused(f"The guard does not answer within {COMES_UP:.0f} s: see {log}.")


def naming(db: Store) -> tuple[list[str], dict[str, str]]:
    """How another process of this program is told the journal: arguments and environment."""
    if isinstance(db, Path):
        return ["--db", str(db)], dict(os.environ)
    # Not as an argument: everybody on the machine can read those.
    return [], {**os.environ, "PAGS_TUI_DB": db.url}


STARTED: list[subprocess.Popen[bytes]] = []
"""Guards that this process has started. They outlive it; as long as it lives, it can tell a dead one from a living."""
ERRORS: Mapping[int, type[PagsError]] = {3: Unreachable, 4: Refused}
"""By a guard's exit code."""


def _owner(post: Post) -> int | None:
    """The process that holds the run's lease: a dying guard may still listen for a moment."""
    with open_readonly(post.db) as journal:
        lease = journal.lease(post.run)
    return lease.pid if lease else None


def _last_words(log: Path, begin: int) -> str:
    with log.open("rb") as file:
        file.seek(begin)
        lines = [line for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""


def ensure_guard(post: Post, journal: Records) -> None:
    """A guard of that run lives and answers: one is started if none does. Raises PagsError when that fails.

    One that lives on another host answers through the database.
    """
    path = places.socket_path(post.db, post.run)
    if _comes_up(post, journal, path):
        return
    try:
        start_guard(post)
    except PagsError:
        # Somebody else may have started one at the same moment.
        if not _comes_up(post, journal, path):
            raise


def _comes_up(post: Post, journal: Records, path: Path) -> bool:
    """Waits for a guard that lives to answer; False as soon as there is none, or when it is mute for too long."""
    ends = boot_seconds() + COMES_UP
    while boot_seconds() < ends and (lease := journal.lease(post.run)) is not None and is_alive(lease):
        if not is_here(lease) or answers(path):
            return True
        time.sleep(0.05)
    return False
