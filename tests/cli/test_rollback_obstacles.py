"""What may stand in the way of `pags-tui rollback`, one by one: it goes round everything, and six flags are back.

More of them (a guard that lives, is dead or hangs; a journal that is locked, damaged or full; metrics that are down; a
dumb terminal) are in `test_rollback_command.py`.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from pags_tui.core.decide.asks import SetFlags
from pags_tui.core.events import FlagAsked, GuardStarted, RollbackConfirmed, RollbackFinished, StepResolved
from pags_tui.edge.journal import open_journal
from pags_tui.edge.journal import place as journal_place
from pags_tui.wiring import places
from pags_tui.wiring.clocks import boot_seconds, wall
from tests.cli.place import ARGUMENTS, Place, lines
from tests.live import (
    LEAD,
    SIX,
    TOKEN,
    begun,
    called,
    env_of,
    guarding,
    pags,
    state_of,
    wait_until,
)


@contextmanager
def calling(place: Place, *words: str, **pipes: object) -> Iterator[subprocess.Popen[bytes]]:
    """The command in a process of its own, beside this one."""
    command = [sys.executable, "-m", "pags_tui", "rollback", place.file, "--db", str(place.db), *ARGUMENTS, *words]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **pipes}
    env = {**os.environ, **env_of(place.flags)}
    process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, **pipes)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def verified(place: Place, run: str) -> bool:
    """The run's last rollback is whole."""
    rollback = state_of(place.db, run).rollback
    return rollback is not None and rollback.finished is not None and rollback.verified == 6


def whole(place: Place) -> None:
    """All six are back, and two processes wrote each of them once, or twice where the first one's time was over."""
    counts = Counter(key for key, _ in place.flags.posts)
    assert place.flags.values == SIX
    assert set(counts) == set(SIX)
    assert max(counts.values()) <= 2


# ---------------------------------------------------------------- the guard


@pytest.mark.long
def test_a_guard_of_another_version(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """It refuses to talk to us: the token is raised, the rollback is performed here, and that guard ends."""
    run = begun(place.db, place.text)
    with guarding(place.db, run, env_of(place.flags)) as guard:
        guard.ready()
        monkeypatch.setattr("pags_tui.desk.client.WIRE", 99)
        done = place.roll_back(*ARGUMENTS)
        assert done.returncode == 0, done.stderr
        assert "runs another version" in done.stderr
        guard.process.wait(60)
    assert place.flags.posts == list(SIX.items())
    assert verified(place, run)


@pytest.mark.parametrize("listens", [False, True], ids=["nobody-listens", "somebody-mute-listens"])
def test_a_lease_that_is_held(place: Place, listens: bool) -> None:
    """A living process has the lease and beats, but takes no order: the token is raised over it."""
    run = begun(place.db, place.text)
    with open_journal(place.db) as journal:
        journal.take_lease(run, os.getpid(), places.host(), places.boot_id(), wall(), boot_seconds())
    with closing(socket.socket(socket.AF_UNIX)) as mute:
        path = places.socket_path(place.db, run)
        if listens:
            mute.bind(str(path))
            mute.listen()
        done = place.roll_back(*ARGUMENTS)
        path.unlink(missing_ok=True)
    assert done.returncode == 0, done.stderr
    assert place.flags.posts == list(SIX.items())
    assert verified(place, run)


@pytest.mark.long
def test_a_guard_that_takes_the_order_and_then_hangs(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped in the middle of the rollback: after some seconds without a word the rest is done here, and nothing that
    has taken effect is written again."""
    monkeypatch.setattr("pags_tui.desk.client.SILENCE", 2.0)
    run = begun(place.db, place.text)
    with guarding(place.db, run, env_of(place.flags)) as guard:
        guard.ready()

        def post(key: str, value: object, n: int) -> str:
            if n == 3:
                guard.process.send_signal(signal.SIGSTOP)
            return "ok"

        place.flags.on_post = post
        done = place.roll_back(*ARGUMENTS)
        guard.process.send_signal(signal.SIGCONT)
        assert done.returncode == 0, done.stderr
        guard.process.wait(60)
    assert [key for key, _ in place.flags.posts] == list(SIX)
    assert len(place.facts(RollbackConfirmed)) == 1
    assert verified(place, run)


@pytest.mark.long
def test_two_at_once(place: Place) -> None:
    """The second takes the run over; the first follows it to the end. Both say that all is verified."""
    run = begun(place.db, place.text)
    place.flags.on_post = lambda key, value, n: "held" if n == 2 else "ok"
    with calling(place) as first:
        wait_until(place.flags.caught.is_set, "the first one writes")
        with calling(place) as second:
            wait_until(lambda: len(place.flags.posts) >= 3, "the second one writes")
            place.flags.release.set()
            told = [process.communicate(timeout=60)[0].decode().splitlines()[-1] for process in (first, second)]
            assert (first.returncode, second.returncode) == (0, 0)
    assert told == ["6 of 6 done.", "6 of 6 done."]
    whole(place)
    assert verified(place, run)


@pytest.mark.long
def test_the_second_of_two_is_killed(place: Place) -> None:
    """It had taken the run over and died: the first one sees that, takes it back and finishes."""
    run = begun(place.db, place.text)
    place.flags.on_post = lambda key, value, n: "held" if n in (2, 4) else "ok"
    with calling(place) as first:
        wait_until(place.flags.caught.is_set, "the first one writes")
        place.flags.caught.clear()
        with calling(place) as second:
            wait_until(place.flags.caught.is_set, "the second one writes")
            second.kill()
            place.flags.release.set()
        out, said = first.communicate(timeout=60)
    assert first.returncode == 0, said
    assert out.decode().splitlines()[-1] == "6 of 6 done."
    whole(place)
    assert verified(place, run)


@pytest.mark.long
def test_another_confirmation_takes_over(place: Place) -> None:
    """A second shell confirms another way back in the middle: each tells of its own order, in its exit code too."""
    other = '[rollback.half]\ntitle = "Half back"\nsteps = [ { action = "Half", set = { canary = 10 } } ]\n'
    Path(place.file).write_text(place.text + other)
    run = begun(place.db, place.text + other)
    place.flags.on_post = lambda key, value, n: "held" if n == 2 else "ok"
    with calling(place) as first:
        wait_until(place.flags.caught.is_set, "the first one writes")
        with calling(place, "--option", "half") as second:
            wait_until(lambda: len(place.flags.posts) >= 3, "the second one writes")
            place.flags.release.set()
            (ours, said), (theirs, _) = (process.communicate(timeout=60) for process in (first, second))
    assert (first.returncode, second.returncode) == (5, 0), said
    assert "5 of 6 done: another confirmation took over, 'Half back' by" in ours.decode()
    assert ours.decode().splitlines()[-1] == "canary is 10; confirmed here was 0"
    assert theirs.decode().splitlines()[-1] == "1 of 1 done."
    assert place.flags.values == {**SIX, "canary": 10}
    assert state_of(place.db, run).rollback.verified == 6  # type: ignore[union-attr]


# ---------------------------------------------------------------- the journal


@pytest.mark.long
def test_a_late_write_that_no_journal_tells_of(place: Place) -> None:
    """The journal is deleted while a forward write is under way and its guard stands still. The rollback knows of no
    such write: it waits for the longest that one may take, says so, reads again, and the late write does not win."""
    text = place.text.replace('verify_within = "1s"', 'verify_within = "6s"')
    Path(place.file).write_text(text)
    place.flags.values.update(SIX)
    place.flags.on_post = lambda key, value, n: "late" if value == 10 else "ok"
    run = begun(place.db, text)
    with guarding(place.db, run, env_of(place.flags)) as guard:
        assert not guard.ready().ask(SetFlags("go/canary", "10")).refused
        wait_until(place.flags.caught.is_set, "the forward write is under way")
        guard.process.send_signal(signal.SIGSTOP)
        shutil.rmtree(place.db.parent)
        with calling(place) as process:
            wait_until(lambda: len(place.flags.posts) == 7, "the rollback has written all")
            place.flags.release.set()
            _, said = process.communicate(timeout=60)
        guard.process.send_signal(signal.SIGCONT)
    assert process.returncode == 0, said
    assert b"A write that no journal tells of may still land" in said
    assert place.flags.values == SIX
    assert place.flags.posts[7:] == [("canary", 0)]


def test_a_journal_on_a_network_file_system(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder is mounted from a server: read, not written. The next guard merges what lies beside it."""
    run = begun(place.db, place.text)
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"36 35 0:30 / {place.db.parent} rw,relatime - nfs4 server:/x rw\n")
    with monkeypatch.context() as patched:
        patched.setattr(journal_place, "MOUNTS", mounts)
        done = place.roll_back(*ARGUMENTS)
    assert done.returncode == 0, done.stderr
    assert "network file system" in done.stderr
    assert place.flags.posts == list(SIX.items())
    assert len(list(place.db.parent.glob("rollback-*.jsonl"))) == 1
    with guarding(place.db, run, env_of(place.flags)) as guard:
        guard.ready()
    assert verified(place, run)
    assert len(place.flags.posts) == 6


@pytest.mark.long
def test_a_journal_that_was_deleted_under_the_guard(place: Place) -> None:
    """`rm -r` of its folder while the guard lives: the guard performs it all the same."""
    run = begun(place.db, place.text)
    with guarding(place.db, run, env_of(place.flags)) as guard:
        guard.ready()
        shutil.rmtree(place.db.parent)
        done = place.roll_back(*ARGUMENTS)
        assert done.returncode == 0, done.stderr
    assert place.flags.values == SIX


@pytest.mark.long
def test_a_folder_that_nobody_may_write(place: Place) -> None:
    """Neither the journal's folder nor the user's own is there: nothing is recorded, everything is written."""
    nowhere = dict.fromkeys(("HOME", "TMPDIR", "XDG_STATE_HOME"), "/proc/nowhere")
    command = ("rollback", place.file, "--db", "/proc/nowhere/journal.db", *ARGUMENTS)
    done = pags(*command, env={**env_of(place.flags), **nowhere})
    assert done.returncode == 0, done.stderr
    assert "goes on without a journal" in done.stderr
    assert place.flags.posts == list(SIX.items())


@pytest.mark.long
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_disk_that_is_full(place: Place) -> None:
    """A tmpfs without a free byte holds the journal of the run: the rollback is written beside it, elsewhere."""
    folder = place.db.parent
    folder.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        begun(place.db, place.text)
        (folder / "filler").write_bytes(bytes(os.statvfs(folder).f_bavail * 4096))
        done = place.roll_back(*ARGUMENTS, XDG_STATE_HOME=str(place.folder))
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
    assert done.returncode == 0, done.stderr
    assert place.flags.posts == list(SIX.items())
    assert "The journal could not be written: what happened is in" in done.stderr


def test_a_process_that_holds_the_folders_lock(place: Place) -> None:
    """Somebody has the lock with which journals are opened: it is waited for a second, no longer."""
    run = begun(place.db, place.text)
    descriptor = os.open(place.db.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        assert place.roll_back(*ARGUMENTS).returncode == 0
    finally:
        os.close(descriptor)
    assert verified(place, run)


def test_a_journal_of_a_newer_version(place: Place) -> None:
    """It cannot be read: the runbook is gone by, and the file stays as it was."""
    begun(place.db, place.text)
    with closing(sqlite3.connect(place.db)) as db:
        db.execute("PRAGMA user_version = 99")
    done = place.roll_back(*ARGUMENTS)
    assert done.returncode == 0, done.stderr
    assert "newer pags-tui" in done.stderr
    assert place.flags.values == SIX


# ---------------------------------------------------------------- texts, terminals, lines


def test_a_template_that_is_not_filled(place: Place) -> None:
    """A value that nobody has captured prints as "(not noted)", is no command for a shell, and stops nothing."""
    text = place.text.replace('{ check = "Looks good" }', '{ check = "Copies", capture = "old-copies" }').replace(
        "steps = [ { action = \"All off\"",
        'steps = [ { action = "Start {{ old_copies }} copies", command = "start --copies {{ old_copies }}" }, '
        '{ action = "All off"',
    )  # fmt: skip
    Path(place.file).write_text(text)
    assert "# start --copies (not noted)" in lines(place.roll_back("--plan", "--curl"))
    done = place.roll_back(*ARGUMENTS)
    assert done.returncode == 0, done.stderr
    assert lines(done)[-1] == "by hand: Start (not noted) copies: start --copies (not noted)"
    run = begun(place.db, text)
    with open_journal(place.db) as journal:
        journal.append(run, [StepResolved("go/copies", "passed", value="7")], wall(), LEAD, None)
    assert "start --copies 7" in lines(place.roll_back("--plan", "--curl"))


def _goes_on_through(place: Place, *signals: signal.Signals) -> None:
    """Signals in the middle of a confirmed rollback: it says that it goes on, all flags are back, exit 0."""
    run = begun(place.db, place.text)
    place.flags.on_post = lambda key, value, n: "held" if n == 2 else "ok"
    with calling(place) as process:
        wait_until(place.flags.caught.is_set, "it writes")
        for number in signals:
            process.send_signal(number)
        place.flags.release.set()
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
    assert b"it goes on to its end" in said
    assert verified(place, run)


@pytest.mark.long
def test_a_line_that_is_hung_up(place: Place) -> None:
    """SIGHUP, then SIGTERM, in the middle: confirmed is confirmed. Six flags are back, exit 0."""
    _goes_on_through(place, signal.SIGHUP, signal.SIGTERM, signal.SIGINT)


@pytest.mark.long
def test_a_terminal_that_would_stop_it(place: Place) -> None:
    """Ctrl-Z, and a terminal that stops who writes to it from the background: confirmed goes on, nobody else would."""
    _goes_on_through(place, signal.SIGTSTP, signal.SIGTTOU, signal.SIGTTIN)


def _fill(terminal: int) -> None:
    """A terminal whose buffer is full blocks whoever prints. The kernel moves what it holds on for a while."""
    os.set_blocking(terminal, False)
    full = 0
    while full < 20:
        try:
            os.write(terminal, b"x")
            full = 0
        except BlockingIOError:
            full += 1
            time.sleep(0.01)
    os.set_blocking(terminal, True)


@pytest.mark.long
def test_a_line_that_stalls(place: Place) -> None:
    """Nobody reads the terminal, not a byte: the writes go on, and the process ends."""
    run = begun(place.db, place.text)
    ours, theirs = pty.openpty()
    _fill(theirs)
    try:
        with calling(place, stdout=theirs, stderr=theirs) as process:
            assert process.wait(60) == 0
    finally:
        os.close(ours)
        os.close(theirs)
    assert place.flags.posts == list(SIX.items())
    assert verified(place, run)


@pytest.mark.long
def test_a_reader_that_goes_away(place: Place) -> None:
    """`pags-tui rollback | head -1`: the pipe breaks, the rollback does not."""
    run = begun(place.db, place.text)
    with calling(place) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(60) == 0
        process.stdout = None
    assert verified(place, run)


@pytest.mark.long
def test_an_open_run_of_another_runbook_comes_before_the_file_that_nobody_named(place: Place) -> None:
    """Without a RUNBOOK the open live run counts, whatever `runbook.toml` lies in the folder; named, it does not."""
    run = begun(place.db, place.text.replace('id = "night"', 'id = "other"'))
    env = env_of(place.flags)
    done = pags("rollback", "--db", str(place.db), "--plan", env=env, cwd=place.folder)
    assert f"(run {run})" in done.stdout
    assert "(no open run)" in place.roll_back("--plan").stdout


# ---------------------------------------------------------------- every kind of service


@dataclass
class Shell:
    """What a plain shell makes of the printed commands."""

    place: Place

    def run(self) -> None:
        """`sh` with the services' variables and nothing else; stops at the first command that fails."""
        done = self.place.roll_back("--plan", "--curl")
        assert done.returncode == 0, done.stderr
        script = "set -eu\n" + done.stdout
        env = {"PATH": os.environ["PATH"], **env_of(self.place.flags), "FILE": str(self.place.folder / "flags.sh")}
        ran = subprocess.run(["sh"], input=script, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert ran.returncode == 0, ran.stderr
        assert TOKEN not in done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="the commands are for curl")
def test_the_commands_by_hand_do_it_in_a_plain_shell(place: Place) -> None:
    """`--plan --curl` kept in a second place: six POSTs with the right values and the token, from `sh` and `curl`."""
    Shell(place).run()
    assert place.flags.posts == list(SIX.items())
    assert place.flags.values == SIX


def test_flags_in_a_file(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """An env-file service is read, written and read back, with and without a run; by hand as well."""
    file = place.folder / "flags.sh"
    monkeypatch.setenv("FILE", str(file))
    text = place.text.replace('url = "${FLAG_API}"\ntoken = "${API_KEY}"', 'kind = "env-file"\nfile = "${FILE}"')
    Path(place.file).write_text(text)
    forward = "".join(f"export {key.upper()}={json.dumps(value)}\n" for key, value in {**SIX, "canary": 50}.items())
    back = forward.replace("50", "0")
    for again in (lambda: None, lambda: begun(place.db, text)):
        again()
        file.write_text(forward)
        assert "1/6 canary 50 -> 0" in lines(place.roll_back("--plan"))
        done = place.roll_back(*ARGUMENTS)
        assert done.returncode == 0, done.stdout + done.stderr
        assert file.read_text() == back
    file.write_text(forward)
    Shell(place).run()
    assert file.read_text() == back


def test_a_service_that_cannot_be_opened_is_no_obstacle_for_the_others(place: Place) -> None:
    """Its variables are missing: its flag is left with a command by hand, exit 5, the other five are back."""
    text = place.text.replace(
        "[flags.mail]", '[services.other]\nkind = "http"\nurl = "${OTHER}"\n[flags.mail]\nservice = "other"'
    )
    Path(place.file).write_text(text)
    done = place.roll_back(*ARGUMENTS)
    assert done.returncode == 5
    assert lines(done)[-1].startswith('curl -fsS --max-time 10 -X POST "${OTHER}/flags/mail"')
    assert place.flags.posts == [(key, value) for key, value in SIX.items() if key != "mail"]


@pytest.mark.long
def test_what_this_shell_cannot_reach_stays_ordered(place: Place) -> None:
    """A shell without the service's variable: exit 5, and whoever has it goes on with the order."""
    other = '[services.other]\nkind = "http"\nurl = "${OTHER}"\ntoken = "${API_KEY}"'
    text = place.text.replace("[flags.mail]", f'{other}\n[flags.mail]\nservice = "other"')
    Path(place.file).write_text(text)
    run = begun(place.db, text)
    done = place.roll_back(*ARGUMENTS, NO_COLOR="1")  # in a process of its own, whose lease ends with it
    assert done.returncode == 5
    assert "The order stands" in done.stderr
    assert "OTHER is not set" in done.stdout
    assert not place.facts(RollbackFinished)
    with guarding(place.db, run, {**env_of(place.flags), "OTHER": place.flags.url}):
        wait_until(lambda: verified(place, run), "the next guard finishes it")
    assert place.flags.posts == list(SIX.items())


# ---------------------------------------------------------------- afterwards


@pytest.mark.long
def test_status_is_loud_about_a_rollback_that_nobody_finishes(place: Place) -> None:
    """The guard was killed in the middle: `status` says so first and ends with 5; finished, it ends with 0 again."""
    run = begun(place.db, place.text)
    status = ("status", "--db", str(place.db))
    place.flags.on_post = lambda key, value, n: "held" if n == 3 else "ok"
    with calling(place) as process:
        wait_until(place.flags.caught.is_set, "the third is under way")
        process.kill()
        process.wait()
    place.flags.release.set()
    done = called(*status)
    assert done.returncode == 5
    assert "ROLLBACK UNFINISHED: 2 of 6 verified, and nobody works on it." in done.stderr
    assert json.loads(called(*status, "--json").stdout)["rollback"]["verified"] == 2
    assert place.roll_back(*ARGUMENTS).returncode == 0
    assert called(*status).returncode == 0
    assert [key for key, _ in place.flags.posts] == list(SIX)
    assert len(place.facts(FlagAsked)) == 6
    assert verified(place, run)
    assert not place.facts(GuardStarted)
    assert len(place.facts(RollbackFinished)) == 1
