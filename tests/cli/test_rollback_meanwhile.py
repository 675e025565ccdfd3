"""What goes on around a rollback while it runs: the terminal closes, the runbook changes, others ask for something too.

Each with a real process, a real journal and a flag service that counts the writes.
"""

from __future__ import annotations

import os
import pty
import select
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.decide.asks import Accepted
from pags_tui.core.events import FlagAsked, HoldBegan, Move, RollbackConfirmed, RollbackFinished
from tests.cli.place import ARGUMENTS, MOVED, Place, lines
from tests.live import PATIENCE, SIX, Guard, begun, env_of, guarding, pags, state_of, wait_until

MOVES = tuple(Move(key, value, "rollback/all-off") for key, value in SIX.items())
ON_A_TERMINAL = (
    "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); from pags_tui.__main__ import main; main()"
)

HALF = '\n[rollback.half]\ntitle = "Half"\nsteps = [{ action = "c", set = { canary = 5, mail = true } }]\n'

pytestmark = pytest.mark.long


@contextmanager
def forward(place: Place) -> Iterator[tuple[Guard, str]]:
    """A guard whose run has set the canary to 10; the rest is as before the night."""
    place.flags.values.update(SIX)
    run = begun(place.db, place.text)
    with guarding(place.db, run, env_of(place.flags)) as guard:
        assert not guard.ready().ask(a.SetFlags("go/canary", "10")).refused
        wait_until(lambda: state_of(place.db, run).step("go/canary").outcome == "passed", "it went forward")
        yield guard, run


def in_the_middle(place: Place) -> tuple[threading.Thread, list[subprocess.CompletedProcess[str]]]:
    """`pags-tui rollback` in a process of its own, its second write under way."""
    done: list[subprocess.CompletedProcess[str]] = []
    command = ("rollback", place.file, "--db", str(place.db), *ARGUMENTS)
    begin = len(place.flags.posts)
    place.flags.on_post = lambda key, value, n: "held" if n == begin + 2 else "ok"
    work = threading.Thread(target=lambda: done.append(pags(*command, env=env_of(place.flags))))
    work.start()
    wait_until(place.flags.caught.is_set, "the second write is under way")
    return work, done


def read_until(terminal: int, text: bytes) -> bytes:
    """What the terminal shows, up to that text."""
    shown = b""
    while text not in shown:
        assert select.select([terminal], [], [], PATIENCE)[0], shown
        shown += os.read(terminal, 4096)
    return shown


def test_the_terminal_is_closed_in_the_middle(place: Place) -> None:
    """By hand, the name typed; then the terminal is gone (SIGHUP, and every write to it fails): six flags are back."""
    run = begun(place.db, place.text)
    place.flags.on_post = lambda key, value, n: "held" if n == 2 else "ok"
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", ON_A_TERMINAL, "rollback", place.file, "--db", str(place.db)],
        env={**os.environ, **env_of(place.flags)},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = read_until(ours, b"Type production to roll back")
    assert b"1/6 canary 50 -> 0" in shown
    os.write(ours, b"production\n")
    wait_until(place.flags.caught.is_set, "the second write is under way")
    os.close(ours)
    place.flags.release.set()
    assert process.wait(PATIENCE) == 0
    assert place.flags.posts == list(SIX.items())
    assert state_of(place.db, run).rollback.verified == 6  # type: ignore[union-attr]


@pytest.mark.parametrize("change", ["edited", "invalid", "deleted"])
def test_the_runbook_changes_meanwhile(place: Place, change: str) -> None:
    """The open run has its own text: neither the rollback under way nor the next one takes anything from the file."""
    run = begun(place.db, place.text)
    work, done = in_the_middle(place)
    if change == "deleted":
        Path(place.file).unlink()
    else:
        Path(place.file).write_text("[[[" if change == "invalid" else place.text.replace("canary = 0", "canary = 7"))
    place.flags.release.set()
    work.join()
    assert done[0].returncode == 0, done[0].stderr
    assert place.flags.posts == list(SIX.items())
    place.flags.values.update(MOVED)
    place.flags.on_post = lambda key, value, n: "ok"
    assert place.roll_back(*ARGUMENTS).returncode == 0
    assert place.flags.values == SIX
    assert [one.verified for one in place.facts(RollbackFinished)] == [6, 6]
    assert state_of(place.db, run).rollback.title == "All back"  # type: ignore[union-attr]


def test_as_before_the_night_is_performed(place: Place) -> None:
    """Only what this run changed goes back, to the value that was read first; T is held."""
    with forward(place):
        done = place.roll_back("--option", "as-before", *ARGUMENTS)
        assert done.returncode == 0, done.stderr
    assert lines(done) == ["1/1 canary 10 -> 0 verified", "1 of 1 done."]
    assert place.flags.posts == [("canary", 10), ("canary", 0)]
    assert [one.reason for one in place.facts(HoldBegan)] == ["rolling back"]


def test_one_flag_back_is_performed(place: Place) -> None:
    """By hand, to a value that it had before, with a reason: written, read back, journaled with the reason; T held."""
    with forward(place) as (guard, run):
        assert not guard.ask(a.SetOneFlag("canary", 0, "0", "the old stack was better")).refused
        wait_until(lambda: state_of(place.db, run).flag("canary").seen == 0, "it is back")
    assert place.flags.posts == [("canary", 10), ("canary", 0)]
    asked = place.facts(FlagAsked)[-1]
    assert (asked.value, asked.purpose, asked.reason) == (0, "restore", "the old stack was better")
    assert state_of(place.db, run).hold is not None


def test_a_forward_change_asked_meanwhile_is_refused(place: Place) -> None:
    """While a shell's rollback runs by the guard nobody goes forward; it says why, and writes nothing."""
    with forward(place) as (guard, _):
        place.flags.caught.clear()
        work, done = in_the_middle(place)
        answer = guard.ask(a.SetFlags("go/four", "production"))
        assert answer.refused
        assert "a rollback is running" in answer.said
        place.flags.release.set()
        work.join()
    assert done[0].returncode == 0, done[0].stderr
    assert place.flags.posts == [("canary", 10), *SIX.items()]


def test_shell_and_screen_confirm_at_the_same_instant(place: Place) -> None:
    """Both are told that all is back; it is one order, and each flag is written once."""
    run = begun(place.db, place.text)
    with guarding(place.db, run, env_of(place.flags)) as guard:
        guard.ready()
        answers: list[Accepted] = []
        screen = threading.Thread(target=lambda: answers.append(guard.ask(a.RollBack("rollback", MOVES, "All back"))))
        screen.start()
        done = place.roll_back(*ARGUMENTS)
        screen.join()
        wait_until(lambda: not state_of(place.db, run).rolling_back, "it is over")
    assert done.returncode == 0, done.stderr
    assert lines(done)[-1] == "6 of 6 done."
    assert not answers[0].refused
    assert len(place.facts(RollbackConfirmed)) == 1
    assert place.flags.posts == list(SIX.items())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_journal_that_may_only_be_read(place: Place) -> None:
    """Its file system is mounted read-only: all goes back, what happened is kept elsewhere, and the journal has it as
    soon as it can be written."""
    run = begun(place.db, place.text)
    folder, state = str(place.db.parent), {"XDG_STATE_HOME": str(place.folder / "state")}
    if subprocess.run(["mount", "--bind", folder, folder], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
        done = place.roll_back(*ARGUMENTS, **state)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
    assert done.returncode == 0, done.stderr
    assert "It goes on without a journal" in done.stderr
    assert place.flags.posts == list(SIX.items())
    with guarding(place.db, run, {**env_of(place.flags), **state}) as guard:
        guard.ready()
    assert state_of(place.db, run).rollback.verified == 6  # type: ignore[union-attr]
    assert len(place.flags.posts) == 6


def test_two_shells_without_a_journal_at_the_same_moment(place: Place) -> None:
    """Each keeps a file of its own, also in one second: the journal has both orders, each with its own writes."""
    text = place.text + HALF
    Path(place.file).write_text(text)
    run = begun(place.db, text)
    done: dict[str, subprocess.CompletedProcess[str]] = {}
    place.flags.on_post = lambda key, value, n: time.sleep(0.1) or "ok"

    def shell(title: str, *words: str) -> None:
        command = ("rollback", place.file, "--db", str(place.db), *words, *ARGUMENTS)
        done[title] = pags(*command, env=env_of(place.flags))

    with closing(sqlite3.connect(place.db, isolation_level=None, timeout=20)) as other:
        other.execute("BEGIN IMMEDIATE")
        work = [threading.Thread(target=shell, args=args) for args in (("All back",), ("Half", "--option", "half"))]
        for one in work:
            one.start()
        for one in work:
            one.join()
    assert len(list(place.db.parent.glob("rollback-*.jsonl"))) == 2
    with guarding(place.db, run, env_of(place.flags)) as guard:
        guard.ready()
    state = state_of(place.db, run)
    assert sorted(one.title for one in state.rollbacks) == ["All back", "Half"]
    for order in state.rollbacks:
        wanted = {move.flag: move.value for move in order.moves}
        mine = [change for change in state.changes.values() if change.rollback == order.number]
        assert {change.flag for change in mine} == set(wanted)
        assert all(change.value == wanted[change.flag] for change in mine)


def test_a_process_without_a_journal_that_wakes_after_its_order_was_taken_over_writes_nothing(place: Place) -> None:
    """It stands still in the middle; a guard takes its order in and finishes it, and a flag goes forward again. Woken,
    it leaves that flag alone, and tells of the order as the journal has it."""
    run = begun(place.db, place.text)
    place.flags.on_post = lambda key, value, n: "held" if n == 2 else "ok"
    command = [sys.executable, "-m", "pags_tui", "rollback", place.file, "--db", str(place.db), *ARGUMENTS]
    with closing(sqlite3.connect(place.db, isolation_level=None, timeout=20)) as other:
        other.execute("BEGIN IMMEDIATE")
        shell = subprocess.Popen(
            command,
            env={**os.environ, **env_of(place.flags)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_until(place.flags.caught.is_set, "the second write is under way")
        shell.send_signal(signal.SIGSTOP)
    place.flags.release.set()
    with guarding(place.db, run, env_of(place.flags)) as guard:
        guard.ready()
        wait_until(lambda: place.facts(RollbackFinished), "the guard has finished it")
        place.flags.values["canary"] = 10
        count = len(place.flags.posts)
        shell.send_signal(signal.SIGCONT)
        told, warned = shell.communicate(timeout=PATIENCE)
    assert place.flags.posts[count:] == [], warned
    assert shell.returncode == 0, told + warned
    assert "it goes on with the rollback" in warned
    assert len(place.facts(RollbackConfirmed)) == 1
