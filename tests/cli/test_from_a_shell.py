"""What a shell can do: sign, hold, note, end, stop; what scripts read: runs, status, events; and the exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.events import Actor, Kind
from pags_tui.edge.journal import open_journal
from pags_tui.wiring.alive import process_there
from tests.live import (
    SIX,
    FlagServer,
    Guard,
    begun,
    book_text,
    called,
    env_of,
    guarding,
    state_of,
    wait_until,
)
from tests.pty_harness import Pty

CHECKPOINT = '[phases.checkpoint]\nat = "T+15m"\nsteps = [{ check = "All well" }]\n'


@dataclass
class Place:
    """A guarded run."""

    folder: Path
    flags: FlagServer
    run: str
    guard: Guard

    @property
    def db(self) -> Path:
        """The journal."""
        return self.folder / "j" / "journal.db"

    def call(self, *words: str) -> Any:
        """A command on this journal."""
        return called(*words, "--db", str(self.db))

    def json(self, *words: str) -> Any:
        """What a command prints as JSON."""
        done = self.call(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A live run at T+60s, guarded."""
    with FlagServer(SIX) as flags:
        text = book_text(flags, more=CHECKPOINT)
        t0 = datetime.now(UTC) - timedelta(seconds=60)
        run = begun(tmp_path / "j" / "journal.db", text, t0)
        with guarding(tmp_path / "j" / "journal.db", run, env_of(flags)) as guard:
            yield Place(tmp_path, flags, run, guard.ready())


def test_a_night_from_a_shell(place: Place) -> None:
    """Notes, a hold, a signature that is refused and then given, the end: each in the journal, each with its code."""
    assert place.call("note", "coffee is ready").returncode == 0
    assert place.call("hold", "waiting for the vendor").returncode == 0
    state = state_of(place.db, place.run)
    assert state.notes[-1].text == "coffee is ready"
    assert state.hold is not None
    assert state.hold.reason == "waiting for the vendor"
    early = place.call("sign", "go", "--confirm", "go")
    assert early.returncode == 4
    assert "cannot be signed yet" in early.stderr
    wrong = place.call("sign", "go", "--confirm", "no")
    assert (wrong.returncode, "nothing was signed" in wrong.stderr) == (4, True)
    for step in ("go/canary", "go/four", "go/looks-good", "go/all-well"):
        place.guard.ask(a.Resolve(step, "skipped", "not tonight"))
    done = place.call("sign", "go", "--confirm", "go")
    assert done.returncode == 0, done.stderr
    assert "skipped" in done.stderr, "the evidence is shown first"
    ended = place.call("end", "--outcome", "done")
    assert (ended.returncode, ended.stderr.strip()) == (0, f"{place.run} ended as done")
    assert place.guard.process.wait(60) == 0
    assert state_of(place.db, place.run).ended == "done"
    assert place.json("runs")[0]["state"] == "ended"
    assert " done " in place.call("runs").stdout
    assert f"{place.run}  live  ended as done  " in place.call("status").stdout
    assert place.call("note", "too late").returncode == 3
    again = place.call("end", "--outcome", "abandoned")
    assert (again.returncode, f"{place.run} has ended as done" in again.stderr) == (4, True)
    seen = place.call("watch")
    assert (seen.returncode, seen.stderr.startswith("No open run in ")) == (4, True)
    assert f"newest: {place.run} has ended as done" in seen.stderr


def test_what_scripts_read(place: Place) -> None:
    """`runs`, `status` and `events` have exactly the promised keys; times are RFC 3339 in UTC, T is in seconds."""
    place.guard.ask(a.SetFlags("go/canary", "10"))
    wait_until(lambda: state_of(place.db, place.run).step("go/canary").outcome == "passed", "the canary is out")
    runs = place.json("runs")
    assert [set(row) for row in runs] == [{"id", "runbook", "kind", "state", "started", "t0", "ended"}]
    assert (runs[0]["id"], runs[0]["kind"], runs[0]["state"]) == (place.run, "live", "counting")
    assert runs[0]["started"].endswith("Z")
    status = place.json("status")
    top = {"run", "t", "clock", "phase", "lead", "flags", "gates", "triggers", "steps", "rollback", "guard"}
    assert set(status) == top
    assert status["run"] == runs[0]
    assert 60 <= status["t"] < 400
    assert (status["clock"], status["phase"]) == ("counting", "go")
    assert status["flags"]["canary"] == {"value": 10, "result": "verified"}
    assert set(status["rollback"]) == {"ready", "state", "verified", "of"}
    assert status["rollback"]["ready"] is True
    assert set(status["guard"]) == {"alive", "pid", "host", "heartbeat"}
    assert (status["guard"]["alive"], status["guard"]["pid"]) == (True, place.guard.process.pid)
    assert status["steps"]["passed"] == 1
    rows = [json.loads(line) for line in place.call("events", "--json").stdout.splitlines()]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert rows[0]["kind"] == "run-started"


def test_a_step_of_the_wall_clock_does_not_move_t(place: Place) -> None:
    """`status` tells T by the guard's clock, not by that of the machine."""
    from pags_tui.edge.journal import open_readonly
    from pags_tui.wiring.runs import run_now

    with open_readonly(place.db) as reader:
        lease = reader.lease(place.run)
    assert lease is not None
    moved = type(lease)(
        lease.token, lease.pid, lease.host, lease.boot, lease.heartbeat + timedelta(hours=1), lease.beat
    )
    assert run_now(moved) - run_now(lease) >= timedelta(minutes=59)


def test_status_and_stop_of_the_guard(place: Place) -> None:
    """Alive: 0. `--stop` waits until it has ended. Then: not alive, 1; nothing to stop, 4; an ask finds nobody, 3."""
    assert place.json("guard", "--status")["alive"] is True
    assert place.call("guard", "--stop").returncode == 0
    assert place.guard.process.wait(10) == 128 + signal.SIGTERM
    assert place.call("guard", "--status").returncode == 1
    assert place.call("guard", "--stop").returncode == 4
    nobody = place.call("hold")
    assert nobody.returncode == 3
    assert "pags-tui run" in nobody.stderr


def test_without_a_journal_there_are_no_runs(tmp_path: Path) -> None:
    """`runs --json` prints an empty list; what needs a run says that there is none."""
    nowhere = str(tmp_path / "none.db")
    done = called("runs", "--json", "--db", nowhere)
    assert (done.returncode, json.loads(done.stdout)) == (0, [])
    assert called("status", "--db", nowhere).returncode == 3


def test_a_live_run_comes_before_a_rehearsal(tmp_path: Path) -> None:
    """Without a name the live run is meant, however new a rehearsal is; both closed, the newest."""
    with FlagServer(SIX) as flags:
        db = tmp_path / "j" / "journal.db"
        live = begun(db, book_text(flags))
        begun(db, book_text(flags), kind="rehearsal")
        assert json.loads(called("status", "--json", "--db", str(db)).stdout)["run"]["id"] == live


@pytest.mark.parametrize(("kind", "code", "way"), [
    ("live", 5, "pags-tui rollback"), ("rehearsal", 5, "pags-tui guard"), ("demo", 0, ""),
])  # fmt: skip
def test_only_a_live_run_is_sent_to_the_real_rollback(tmp_path: Path, kind: Kind, code: int, way: str) -> None:
    """A rollback that nobody finishes: `pags-tui rollback` writes for real, so it is never named for another kind."""
    db = tmp_path / "j" / "journal.db"
    run = begun(db, book_text(), kind=kind)
    with open_journal(db) as journal:
        order = e.RollbackConfirmed(1, "All back", (e.Move("canary", 0),))
        journal.append(run, [order], datetime.now(UTC), Actor("ana", ""), None)
    done = called("status", "--db", str(db))
    assert done.returncode == code
    assert way in done.stderr
    assert ("pags-tui rollback" in done.stderr) is (kind == "live")


def test_run_without_a_terminal_begins_and_guards(tmp_path: Path) -> None:
    """There is no screen to open; the run is there, its guard lives: exit 0, and the way back is said."""
    with FlagServer(SIX) as flags:
        file, db = tmp_path / "runbook.toml", str(tmp_path / "j" / "journal.db")
        file.write_text(book_text(flags))
        words = [sys.executable, "-m", "pags_tui", "run", str(file), "--db", db, "--confirm", "production"]
        env = {**os.environ, **env_of(flags)}
        wrong = subprocess.run([*words, "--role", "dab"], env=env, stdin=subprocess.DEVNULL, check=False)
        assert (wrong.returncode, called("runs", "--json", "--db", db).stdout.strip()) == (4, "[]"), "nothing was begun"
        try:
            for more in ((), ("--t0", "+60m")):
                done = subprocess.run(
                    [*words, *more], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
                )
                assert (done.returncode, done.stdout) == (0, ""), done.stderr
                assert "No terminal, so no screen" in done.stderr
                assert "Back to it: pags-tui run" in done.stderr
                assert ("its T+0 stays as it is (not set)" in done.stderr) is bool(more), "never ignored in silence"
            wrong = subprocess.run([*words, "--t0", "noon"], env=env, stdin=subprocess.DEVNULL, check=False)
            assert wrong.returncode == 2
            assert called("guard", "--status", "--db", db).returncode == 0
        finally:
            called("guard", "--stop", "--db", db)


def test_a_rehearsal_writes_and_sends_nothing_outside(tmp_path: Path) -> None:
    """A rehearsal's flags stay in memory: verified in its journal, not one request at the real service's door."""
    with FlagServer(SIX) as flags:
        db = tmp_path / "j" / "journal.db"
        run = begun(db, book_text(flags), kind="rehearsal")
        with guarding(db, run, env_of(flags)) as guard:
            assert not guard.ready().ask(a.SetFlags("go/canary", "10")).refused
            wait_until(lambda: state_of(db, run).step("go/canary").outcome == "passed", "it is verified")
        assert not flags.posts
        assert not flags.reads


@pytest.mark.pty
def test_a_killed_screen_leaves_its_guard_alone_and_the_next_run_attaches(tmp_path: Path) -> None:
    """`run` in a terminal, killed with -9: the guard goes on; a second `run` attaches to it, no second guard starts."""
    with FlagServer(SIX) as flags:
        file, db = tmp_path / "runbook.toml", tmp_path / "j" / "journal.db"
        file.write_text(book_text(flags))
        command = [sys.executable, "-m", "pags_tui", "run", str(file), "--db", str(db), "--confirm", "production"]
        pids = []
        for _ in range(2):
            with Pty(command, columns=100, rows=30, env=env_of(flags)) as screen:
                screen.wait_for(b"\x1b[?2026h")
                status = json.loads(called("status", "--json", "--db", str(db)).stdout)
                pids.append(status["guard"]["pid"])
                screen.signal(signal.SIGKILL)
                screen.ended(reading=False)
            assert process_there(pids[-1])
        assert pids[0] == pids[1]
        assert os.getsid(pids[0]) == pids[0]
        assert called("guard", "--stop", "--db", str(db)).returncode == 0


@pytest.mark.pty
def test_a_new_run_begins_by_asking_who_is_who(tmp_path: Path) -> None:
    """The first screen of a new run asks for the names that the runbook leaves open; the next one does not."""
    roles = '[roles.dba]\ntitle = "Database Lead"\n'
    with FlagServer(SIX) as flags:
        file, db = tmp_path / "runbook.toml", tmp_path / "j" / "journal.db"
        file.write_text(book_text(flags, services=roles))
        command = [sys.executable, "-m", "pags_tui", "run", str(file), "--db", str(db), "--confirm", "production"]
        with Pty(command, columns=100, rows=30, env=env_of(flags)) as screen:
            screen.wait_for(b"People and contacts")
            screen.send(b"1\r")
            screen.wait_for(b"Database Lead:")
            screen.send(b"Dora\r")
            screen.wait_for(b"noted")
            screen.signal(signal.SIGKILL)
            screen.ended(reading=False)
        wait_until(lambda: "Dora" in called("events", "--db", str(db)).stdout, "it is in the journal")
        assert called("guard", "--stop", "--db", str(db)).returncode == 0
