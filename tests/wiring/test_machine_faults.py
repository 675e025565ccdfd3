"""What a machine does to a guard at night, done to a real one: a full disk, a disk that turns read-only, a long stop.

The disk is a small tmpfs of its own. Only root may mount one; CI is root.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.events import FlagAnswered, GuardStarted, Move, NoteAdded, RollbackFinished, TicksLost
from pags_tui.core.ports import Lease
from pags_tui.edge.journal import open_readonly
from pags_tui.wiring import places
from pags_tui.wiring.alive import DEAD_AFTER, is_alive
from pags_tui.wiring.clocks import boot_seconds, wall
from tests.live import (
    SIX,
    FlagServer,
    Guard,
    MetricServer,
    begun,
    book_text,
    env_of,
    events_of,
    guarding,
    pags,
    state_of,
    wait_until,
)

MOVES = tuple(Move(key, value, "rollback/all-off") for key, value in SIX.items())
MOVED = {"canary": 50, "brain": True, "gate": True, "cache": True, "search": True, "mail": True}


@contextmanager
def small_disk(folder: Path, size: str = "900k") -> Iterator[Path]:
    """A file system of that size, mounted for the time being."""
    folder.mkdir(mode=0o700)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no tmpfs can be mounted here: {done.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def remount(folder: Path, how: str) -> None:
    """Makes the disk read-only (`ro`) or writable (`rw`), as a kernel does that finds a fault in it."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Takes all the room that there is left."""
    file = folder / "big"
    with file.open("wb", buffering=0) as big:
        try:
            while big.write(b"\0" * 4096):
                continue
        except OSError:
            return file
    return file


def facts(guard: Guard, kind: type) -> list:
    """The journaled facts of one class."""
    return [event.fact for event in events_of(guard.db, guard.run) if isinstance(event.fact, kind)]


def refused_with(guard: Guard, words: str) -> None:
    """The guard answers, and cannot journal: nothing is changed, and the reason is said."""
    answer = guard.ask(a.AddNote("x" * 5000))
    assert answer.refused
    assert words in answer.said, answer.said


@pytest.mark.long
def test_a_rollback_passes_a_full_disk(tmp_path: Path) -> None:
    """Nothing goes forward, and it is said why; a rollback goes through, beside the journal. Once the disk takes
    something again all of it is journaled in order, and the chain is whole."""
    with small_disk(tmp_path / "disk") as disk, FlagServer(MOVED) as flags, MetricServer(errors=1.0) as metrics:
        db = disk / "journal.db"
        run = begun(db, book_text(flags, metrics))
        with guarding(db, run, env_of(flags, metrics)) as guard:
            guard.ready()
            big = fill(disk)
            wait_until(lambda: guard.ask(a.AddNote("x" * 9000)).refused, "the disk takes nothing")
            refused_with(guard, "disk is full")
            assert guard.ask(a.SetFlags("go/canary", "10")).refused
            assert not flags.posts
            assert not guard.ask(a.RollBack("rollback", MOVES)).refused
            wait_until(lambda: flags.values == SIX, "the rollback is through")
            big.unlink()
            wait_until(lambda: facts(guard, RollbackFinished), "it is journaled afterwards")
            assert guard.end() == 143
        assert [fact.verified for fact in facts(guard, RollbackFinished)] == [6]
        assert [fact.result for fact in facts(guard, FlagAnswered)] == ["verified"] * 6
        assert any("journaled late" in fact.text for fact in facts(guard, NoteAdded))
        assert facts(guard, TicksLost)
        with open_readonly(db) as reader:
            assert reader.verify(run) is None


@pytest.mark.long
def test_a_rollback_passes_a_disk_that_is_read_only(tmp_path: Path) -> None:
    """After a fault the kernel mounted the disk read-only: no guard begins, which is said; `rollback` goes through all
    the same, and its record is kept elsewhere and merged once the disk takes something again."""
    with small_disk(tmp_path / "disk") as disk, FlagServer(MOVED) as flags:
        db, text, env = disk / "journal.db", book_text(flags), env_of(flags)
        run = begun(db, text)
        (tmp_path / "runbook.toml").write_text(text)
        remount(disk, "ro")
        with guarding(db, run, env) as guard:
            assert guard.process.wait(60) == 3
            assert "cannot be" in guard.said
        command = ("rollback", str(tmp_path / "runbook.toml"), "--db", str(db), "--confirm", "production")
        done = pags(*command, env=env)
        assert done.returncode == 0, done.stderr
        assert flags.values == SIX
        remount(disk, "rw")
        with guarding(db, run, env) as guard:
            wait_until(lambda: facts(guard, RollbackFinished), "it is merged")
            guard.end()
        assert [fact.verified for fact in facts(guard, RollbackFinished)] == [6]
        with open_readonly(db) as reader:
            assert reader.verify(run) is None


@pytest.mark.long
def test_a_guard_that_stood_still_says_for_how_long_and_goes_on(tmp_path: Path) -> None:
    """SIGSTOP and back, as a laptop's sleep: the pause is journaled by the same guard, and the watch goes on."""
    with FlagServer(SIX) as flags, MetricServer(errors=1.0) as metrics:
        db = tmp_path / "j" / "journal.db"
        run = begun(db, book_text(flags, metrics))
        with guarding(db, run, env_of(flags, metrics)) as guard:
            guard.ready()
            os.kill(guard.process.pid, signal.SIGSTOP)
            time.sleep(5.0)
            os.kill(guard.process.pid, signal.SIGCONT)
            wait_until(lambda: any(fact.seconds >= 4.5 for fact in facts(guard, TicksLost)), "the pause is told")
            number = len(events_of(db, run))
            assert not guard.ask(a.AddNote("awake")).refused
            assert len(events_of(db, run)) > number
            assert len(facts(guard, GuardStarted)) == 1
            assert state_of(db, run).guard is not None


def test_a_heartbeat_of_a_former_boot_an_old_one_and_a_foreign_one_are_dead() -> None:
    """After a reboot process numbers begin anew: a living process of that number is not the guard."""

    def lease(**changed: object) -> Lease:
        here = {"token": 1, "pid": os.getpid(), "host": places.host(), "boot": places.boot_id()}
        return Lease(**{**here, "heartbeat": wall(), "beat": boot_seconds(), **changed})

    assert is_alive(lease())
    assert not is_alive(lease(boot="of-the-day-before"))
    assert not is_alive(lease(host="another-machine"))
    assert not is_alive(lease(beat=boot_seconds() - DEAD_AFTER - 1))
    assert not is_alive(lease(pid=2**22 + 1))
    assert not is_alive(None)
