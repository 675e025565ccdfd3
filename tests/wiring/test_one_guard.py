"""One guard a run, one live run a target: leases, locks, sockets, and who is let in."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.errors import PagsError, Refused
from pags_tui.core.events import Move
from pags_tui.desk.sockets import socket_folder
from pags_tui.edge.journal import open_journal, open_readonly
from pags_tui.wiring import places
from pags_tui.wiring.alive import is_alive, process_there
from pags_tui.wiring.guards import STARTED, Post, ensure_guard, guard, start_guard
from tests.live import (
    SIX,
    TOKEN,
    FlagServer,
    ask_guard,
    begun,
    book_text,
    env_of,
    guarding,
    pags,
    state_of,
    wait_until,
)

MOVES = tuple(Move(key, value, "rollback/all-off") for key, value in SIX.items())


@pytest.fixture
def flags(monkeypatch: pytest.MonkeyPatch) -> Iterator[FlagServer]:
    """A flag service that this process's environment knows."""
    with FlagServer(SIX) as server:
        for name, value in env_of(server).items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def post(tmp_path: Path, flags: FlagServer) -> Iterator[Post]:
    """A run, and its guard's post; whatever guard it has in the end is killed."""
    db = (tmp_path / "j" / "journal.db").resolve()
    found = Post(db, begun(db, book_text(flags)))
    yield found
    with open_readonly(db) as reader:
        lease = reader.lease(found.run)
    if lease is not None and lease.pid != os.getpid() and process_there(lease.pid):
        os.kill(lease.pid, signal.SIGKILL)
    while STARTED:
        STARTED.pop().wait()


def lease_of(post: Post) -> Any:
    """The newest lease of the run."""
    with open_readonly(post.db) as reader:
        return reader.lease(post.run)


def test_a_started_guard_is_detached_and_ignores_sighup(post: Post) -> None:
    """It has a session of its own, lives on after SIGHUP, and its log is for its user alone."""
    start_guard(post)
    pid = lease_of(post).pid
    assert os.getsid(pid) == pid != os.getsid(0)
    os.kill(pid, signal.SIGHUP)
    assert not ask_guard(post.db, post.run, a.AddNote("still here")).refused
    assert places.log_path(post.db, post.run).stat().st_mode & 0o777 == 0o600


def test_two_starts_at_the_same_instant_make_one_guard(post: Post) -> None:
    """Two threads start a guard at once: both come back without an error, and one lease was given."""
    failures: list[BaseException] = []

    def start() -> None:
        try:
            with open_readonly(post.db) as reader:
                ensure_guard(post, reader)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert lease_of(post).token == 1
    assert is_alive(lease_of(post))


def test_a_killed_guard_is_replaced_at_once_with_a_higher_token(post: Post) -> None:
    """kill -9 leaves its socket file, its locks and a fresh heartbeat behind: none of them is in the way."""
    start_guard(post)
    first = lease_of(post)
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: not process_there(first.pid), "it is dead")
    assert places.socket_path(post.db, post.run).exists()
    with open_readonly(post.db) as reader:
        ensure_guard(post, reader)
    second = lease_of(post)
    assert (first.token, second.token) == (1, 2)
    assert second.pid != first.pid
    assert not ask_guard(post.db, post.run, a.AddNote("hello")).refused


def stands_still(pid: int) -> bool:
    """Every thread of it is stopped."""
    states = [path.read_text().rpartition(")")[2].split()[0] for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    return set(states) == {"T"}


def stop_between_writes(post: Post, pid: int) -> None:
    """Stops a guard that holds no lock of the journal just then, and makes its heartbeat long ago."""
    with open_journal(post.db, busy=5.0) as journal:
        journal._db.execute("PRAGMA busy_timeout = 100")
        for _ in range(100):
            os.kill(pid, signal.SIGSTOP)
            wait_until(lambda: stands_still(pid), "it stands still: on a busy machine it may go on for a moment")
            try:
                journal._db.execute("UPDATE leases SET beat = beat - 3600")
                return
            except sqlite3.OperationalError:
                os.kill(pid, signal.SIGCONT)
    raise AssertionError("the guard never let go of the journal")


def test_the_end_of_a_replaced_guard_leaves_its_heirs_socket_alone(post: Post) -> None:
    """A guard that hung is replaced, wakes up and ends: the new one can still be asked."""
    start_guard(post)
    first = lease_of(post)
    stop_between_writes(post, first.pid)
    try:
        places.socket_path(post.db, post.run).unlink()
        start_guard(post)
    finally:
        os.kill(first.pid, signal.SIGCONT)
    wait_until(lambda: not process_there(first.pid), "the old one has ended")
    assert not ask_guard(post.db, post.run, a.AddNote("hello")).refused
    assert lease_of(post).token == 2


def test_sigterm_waits_for_a_running_rollback(post: Post, flags: FlagServer) -> None:
    """The signal comes while the first write waits: the guard ends once all six are verified."""
    flags.on_post = lambda key, value, n: "hold" if n == 1 else "ok"
    with guarding(post.db, post.run, {}) as process:
        assert not process.ready().ask(a.RollBack("rollback", MOVES)).refused
        wait_until(flags.caught.is_set, "the first write is under way")
        process.process.send_signal(signal.SIGTERM)
        assert process.process.wait(60) == 128 + signal.SIGTERM
        assert "stopped by SIGTERM" in process.said
    rollback = state_of(post.db, post.run).rollback
    assert rollback is not None
    assert (rollback.verified, len(rollback.moves)) == (6, 6)
    assert flags.values == SIX


def test_a_second_live_run_on_the_same_target_is_refused(post: Post, tmp_path: Path, flags: FlagServer) -> None:
    """Another journal, the same service and target: `run --new` ends with 4 and begins nothing; a rehearsal may."""
    start_guard(post)
    file = tmp_path / "runbook.toml"
    file.write_text(book_text(flags))
    other = str(tmp_path / "k" / "other.db")
    done = pags("run", str(file), "--confirm", "production", "--db", other)
    assert done.returncode == 4
    assert "already changes production" in done.stderr
    assert pags("runs", "--db", other, "--json").stdout.strip() == "[]"
    second = begun(Path(other), book_text(flags))
    with pytest.raises(Refused, match="already changes production"):
        asyncio.run(guard(Post(Path(other), second), dict(os.environ)))


def test_a_demo_never_gets_a_guard(tmp_path: Path, flags: FlagServer) -> None:
    """Left half way, it is in no process's charge: no service of the runbook is asked, nothing is written."""
    db = tmp_path / "k" / "demo.db"
    run = begun(db, book_text(flags), kind="demo")
    with pytest.raises(Refused, match="is a demo"):
        asyncio.run(guard(Post(db, run), dict(os.environ)))
    done = pags("guard", "--foreground", "--db", str(db))
    assert (done.returncode, "is a demo" in done.stderr) == (4, True)
    assert not flags.posts
    assert not flags.reads


def test_what_keeps_a_guard_from_beginning_is_its_exit_code_and_its_sentence(post: Post) -> None:
    """A variable that is missing: exit 2 and its name, no traceback, no token; `run` passes both on."""
    env = {key: value for key, value in os.environ.items() if key != "FLAG_API"}
    command = [sys.executable, "-m", "pags_tui", "guard", "--foreground", "--run", post.run, "--db", str(post.db)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "FLAG_API is not set" in done.stderr
    assert "Traceback" not in done.stderr
    assert TOKEN not in done.stderr
    again = [sys.executable, "-m", "pags_tui", "run", str(post.db.parent / "runbook.toml"), "--db", str(post.db)]
    (post.db.parent / "runbook.toml").write_text(state_of(post.db, post.run).runbook.text)
    done = subprocess.run(again, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "FLAG_API is not set" in done.stderr


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """A link, a folder that others can enter, somebody else's folder: none is used, each is named."""
    mine = tmp_path / f"pags-tui-{os.getuid()}"
    mine.symlink_to(tmp_path)
    with pytest.raises(PagsError, match="belongs to somebody else"):
        socket_folder(tmp_path)
    mine.unlink()
    mine.mkdir(mode=0o700)
    mine.chmod(0o777)
    with pytest.raises(PagsError, match="open to others"):
        socket_folder(tmp_path)
    mine.chmod(0o700)
    assert socket_folder(tmp_path) == mine
    if os.getuid() == 0:
        os.chown(mine, 12345, -1)
        with pytest.raises(PagsError, match="belongs to somebody else"):
            socket_folder(tmp_path)


def test_a_dead_process_that_nobody_waited_for_is_not_there() -> None:
    """A zombie does not count as a living guard; this process does."""
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not process_there(child.pid)
    child.wait()
    assert not process_there(child.pid)
    assert process_there(os.getpid())


def test_a_sockets_path_is_short() -> None:
    """However deep the journal lies, the socket's path fits into what Linux allows."""
    path = places.socket_path(Path("/a/very/long/" + "x" * 200), "run")
    assert len(str(path)) < places.LONGEST_SOCKET_PATH
