"""`pags-tui rollback`: with and without a run, a guard, a journal, a terminal or a metric service."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from pags_tui.core.decide.asks import RollBack
from pags_tui.core.events import FlagAsked, GuardStarted, Move, NoteAdded, RollbackConfirmed, RollbackFinished, RunEnded
from pags_tui.edge.journal import open_readonly
from pags_tui.wiring.glass import break_glass
from tests.cli.place import ARGUMENTS, MOVED, Place, lines
from tests.live import (
    SIX,
    TOKEN,
    FlagServer,
    MetricServer,
    begun,
    book_text,
    called,
    env_of,
    events_of,
    guarding,
    pags,
    refusing_url,
    state_of,
    wait_until,
)


def test_without_a_run_it_goes_by_the_runbook(place: Place) -> None:
    """No journal, run or terminal, TERM=dumb: six writes in order, a line each, exit 0, and a run that is closed."""
    done = place.roll_back(*ARGUMENTS, TERM="dumb", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert place.flags.posts == list(SIX.items())
    assert lines(done)[:2] == ["1/6 canary 50 -> 0 verified", "2/6 brain true -> false verified"]
    assert lines(done)[-1] == "6 of 6 done."
    assert place.facts(RollbackFinished)[0].verified == 6
    assert place.facts(RunEnded)[0].outcome == "done"


def test_the_living_guard_performs_it(place: Place) -> None:
    """With a guard alive it is asked: one rollback in its journal, no second lease, the same lines, exit 0."""
    run = begun(place.db, place.text)
    with guarding(place.db, run, env_of(place.flags)) as guard:
        guard.ready()
        done = place.roll_back(*ARGUMENTS)
        assert done.returncode == 0, done.stderr
    assert lines(done)[0] == "1/6 canary 50 -> 0 verified"
    assert [line.split()[0] for line in lines(done)[:6]] == [f"{n}/6" for n in range(1, 7)]
    assert place.flags.posts == list(SIX.items())
    assert [one.token for one in place.facts(GuardStarted)] == [1]
    with open_readonly(place.db) as reader:
        lease = reader.lease(run)
    assert lease is not None
    assert lease.token == 1


def test_a_dead_guards_run_is_taken_over(place: Place) -> None:
    """kill -9 of the guard: the token is raised, the rollback is in that run's journal, the run stays open."""
    run = begun(place.db, place.text)
    with guarding(place.db, run, env_of(place.flags)) as guard:
        guard.ready()
        guard.kill()
    done = place.roll_back(*ARGUMENTS)
    assert done.returncode == 0, done.stderr
    assert place.flags.values == SIX
    with open_readonly(place.db) as reader:
        lease = reader.lease(run)
        assert lease is not None
        assert lease.token == 2
        assert reader.verify(run) is None
    assert state_of(place.db, run).rollback.verified == 6  # type: ignore[union-attr]
    assert not state_of(place.db, run).ended


def test_a_hanging_guard_is_gone_round_and_fenced_off(place: Place) -> None:
    """The guard hangs: after two seconds the rollback is performed here. Woken, it writes nothing and ends."""
    run = begun(place.db, place.text)
    with guarding(place.db, run, env_of(place.flags)) as guard:
        guard.ready()
        guard.process.send_signal(signal.SIGSTOP)
        done = place.roll_back(*ARGUMENTS)
        guard.process.send_signal(signal.SIGCONT)
        assert done.returncode == 0, done.stderr
        guard.process.wait(60)
        assert "belongs to another guard" in guard.said
    assert place.flags.posts == list(SIX.items())
    assert len(place.facts(RollbackConfirmed)) == 1


@pytest.mark.parametrize("fault", ["locked", "damaged", "full"])
def test_an_unusable_journal_is_gone_round(place: Place, fault: str) -> None:
    """Locked, damaged or full: everything is written and verified, and `rollback-<time>.jsonl` tells it."""
    begun(place.db, place.text)
    other = sqlite3.connect(place.db, isolation_level=None)
    limit = ""
    if fault == "locked":
        other.execute("BEGIN IMMEDIATE")
    elif fault == "damaged":
        other.close()
        for path in place.db.parent.iterdir():
            path.unlink()
        place.db.write_bytes(b"this is no journal " * 500)
    else:
        limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384)); "
    code = f"{limit}from pags_tui.__main__ import main; main()"
    words = ["rollback", place.file, "--db", str(place.db), *ARGUMENTS]
    env = {**os.environ, **env_of(place.flags)}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    other.close()
    assert done.returncode == 0, done.stderr
    assert place.flags.values == SIX
    assert lines(done)[-1] == "6 of 6 done."
    beside = list(place.db.parent.glob("rollback-*.jsonl"))
    assert len(beside) == 1, done.stderr
    kinds = [json.loads(line)["kind"] for line in beside[0].read_text().splitlines()]
    assert kinds.count("flag-asked") == kinds.count("flag-answered") == 6
    assert TOKEN not in beside[0].read_text()
    assert str(beside[0]) in done.stderr or fault == "damaged"


def test_what_was_left_beside_the_journal_is_merged_by_the_next_guard(place: Place) -> None:
    """The run's own guard takes the file in: the rollback is in the journal, with a note; nothing is written again."""
    run = begun(place.db, place.text)
    other = sqlite3.connect(place.db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert place.roll_back(*ARGUMENTS).returncode == 0
    other.close()
    with guarding(place.db, run, env_of(place.flags)) as guard:
        guard.ready()
    assert place.facts(RollbackFinished)[0].verified == 6
    assert any("rollback-" in one.text for one in place.facts(NoteAdded))
    assert len(place.facts(FlagAsked)) == 6
    assert len(place.flags.posts) == 6


def test_what_was_left_beside_the_journal_is_merged_by_the_next_rollback(place: Place) -> None:
    """An order that was given up beside a locked journal: `status` tells of the file, the next `pags-tui rollback`
    takes it in before its own, so that no guard comes upon it afterwards."""
    run = begun(place.db, place.text)
    other = sqlite3.connect(place.db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    place.flags.on_post = lambda key, value, n: 500
    assert place.roll_back(*ARGUMENTS).returncode == 5
    other.close()
    place.flags.on_post = lambda key, value, n: "ok"
    told = called("status", "--db", str(place.db))
    assert told.returncode == 5
    assert "events of it are not in the journal yet" in told.stderr
    assert "ROLLBACK NOT WHOLE: one was confirmed beside the journal" in told.stderr
    assert "NOT WHOLE: 0 of 6 verified" in told.stdout
    assert place.roll_back(*ARGUMENTS).returncode == 0
    assert [one.rollback for one in place.facts(RollbackConfirmed)] == [1]
    assert place.facts(RollbackFinished)[0].verified == 6
    assert any("rollback-" in one.text for one in place.facts(NoteAdded))
    assert not list(place.db.parent.glob("rollback-*.jsonl"))
    assert not state_of(place.db, run).rolling_back


@pytest.mark.long
def test_what_was_left_beside_the_journal_is_merged_by_a_guard_that_lives(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A screen's break-glass process went round the guard and round the locked journal: as soon as that can be written
    the guard takes in what was done, and writes nothing again."""
    for name, value in env_of(place.flags).items():
        monkeypatch.setenv(name, value)
    run = begun(place.db, place.text)
    moves = tuple(Move(key, value, "rollback/all-off") for key, value in SIX.items())
    with guarding(place.db, run, env_of(place.flags)) as guard:
        guard.ready()
        with closing(sqlite3.connect(place.db, isolation_level=None, timeout=20)) as other:
            other.execute("BEGIN IMMEDIATE")
            with break_glass(place.db, run, "ana")(RollBack("rollback", moves, "All back")) as told:
                told.read()
        wait_until(lambda: place.facts(RollbackFinished), "the guard has taken it in")
        assert guard.end() == 143
    assert place.facts(RollbackFinished)[0].verified == 6
    assert place.flags.posts == list(SIX.items())


def test_what_cannot_be_written_ends_with_5_and_the_commands_by_hand(place: Place) -> None:
    """One flag is refused: exit 5, 5 of 6, and a `curl` that a shell with the variables can run."""
    place.flags.on_post = lambda key, value, n: 403 if key == "gate" and n < 20 else "ok"
    done = place.roll_back(*ARGUMENTS)
    assert done.returncode == 5
    assert "5 of 6 done, the rest by hand:" in done.stdout
    curl = lines(done)[-1]
    assert shlex.split(curl)[0] == "curl"
    assert "${API_KEY}" in curl
    assert TOKEN not in done.stdout + done.stderr


def test_an_order_that_was_given_up_is_never_called_finished(place: Place) -> None:
    """All is refused for good: exit 5, and `status` says so on stdout and in its JSON as well."""
    begun(place.db, place.text)
    place.flags.on_post = lambda key, value, n: 403
    assert place.roll_back(*ARGUMENTS).returncode == 5
    done = called("status", "--db", str(place.db))
    assert done.returncode == 5
    assert any(line.startswith("rollback ") and "NOT WHOLE: 0 of 6 verified, given up" in line for line in lines(done))
    done = called("status", "--db", str(place.db), "--json")
    assert done.returncode == 5
    found = json.loads(done.stdout)["rollback"]
    assert (found["state"], found["verified"], found["of"]) == ("incomplete", 0, 6)


def test_an_order_that_could_not_be_carried_out_stands(place: Place) -> None:
    """The service is down: exit 5 after some rounds; the next guard of the run finishes the rollback unasked."""
    run = begun(place.db, place.text)
    place.flags.down()
    done = place.roll_back(*ARGUMENTS, TERM="dumb")
    assert done.returncode == 5
    assert "The order stands" in done.stderr
    place.flags.up()
    with guarding(place.db, run, env_of(place.flags)):
        wait_until(lambda: place.facts(RollbackFinished), "the next guard has finished it")
    assert place.flags.values == SIX


@pytest.mark.parametrize("kind", ["rehearsal", "demo"])
def test_rehearsals_and_demos_are_left_alone(place: Place, kind: str) -> None:
    """An open run of another kind is no run to it: its journal stays as it is, the rollback is for real."""
    run = begun(place.db, place.text, kind=kind)
    before = len(events_of(place.db, run))
    assert place.roll_back(*ARGUMENTS).returncode == 0
    assert place.flags.values == SIX
    assert len(events_of(place.db, run)) == before


def test_nothing_is_written_before_the_targets_name(place: Place) -> None:
    """A wrong name, and none without a terminal: exit 4, no write."""
    for words in (("--confirm", "staging"), ()):
        done = place.roll_back(*words)
        assert done.returncode == 4
        assert "production" in done.stderr
    assert not place.flags.posts


def test_nothing_is_written_without_a_standard_input(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """`<&-`: as without a terminal."""
    monkeypatch.setattr("sys.stdin", None)
    done = place.roll_back()
    assert (done.returncode, "--confirm production" in done.stderr) == (4, True)
    assert not place.flags.posts


def test_the_plan_prints_and_writes_nothing(place: Place) -> None:
    """`--plan`: now and after of each flag, as text and as JSON; `--curl` works without the services' variables."""
    done = place.roll_back("--plan")
    assert done.returncode == 0
    assert "1/6 canary 50 -> 0" in lines(done)
    told = json.loads(place.roll_back("--plan", "--json").stdout)
    assert (told["target"], told["run"], told["flags"][0]["now"]) == ("production", None, 50)
    bare = called("rollback", place.file, "--plan", "--curl", "--db", str(place.db))
    commands = [line for line in lines(bare) if not line.startswith("#")]
    assert bare.returncode == 0, bare.stderr
    assert len(commands) == 6
    assert all(line.startswith('curl -fsS --max-time 10 -X POST "${FLAG_API}/flags/') for line in commands)
    assert not place.flags.posts


def test_options_that_only_look_never_write(place: Place) -> None:
    """`--curl` without `--plan`, and `--plan` with `--probe`: wrong usage, exit 2, however it is confirmed."""
    for words in (("--curl",), ("--plan", "--probe"), ("--plan", "--probe", "--curl")):
        assert place.roll_back(*words, "--confirm", "production").returncode == 2
    assert not place.flags.posts


def test_the_probe_writes_the_present_values_back(place: Place) -> None:
    """Each flag is read, written and read again; nothing changes; a flag that refuses is named, exit 5."""
    done = place.roll_back("--probe", *ARGUMENTS)
    assert done.returncode == 0, done.stderr
    assert place.flags.posts == list(MOVED.items())
    assert place.flags.values == MOVED
    place.flags.on_post = lambda key, value, n: 403
    done = place.roll_back("--probe", *ARGUMENTS)
    assert done.returncode == 5
    assert "0 of 6 can be written." in done.stdout


def test_a_rollback_and_a_probe_as_json(place: Place) -> None:
    """stdout is one JSON value, how it went is on stderr; what is missing has its command."""
    probed = place.roll_back("--probe", "--json", *ARGUMENTS)
    rows = json.loads(probed.stdout)
    assert [(row["flag"], row["value"]) for row in rows] == list(MOVED.items())
    assert all(row["ok"] and row["reason"] is None for row in rows)
    place.flags.on_post = lambda key, value, n: 403 if key == "gate" else "ok"
    done = place.roll_back("--json", *ARGUMENTS)
    told = json.loads(done.stdout)
    assert (done.returncode, told["complete"], told["verified"], told["of"]) == (5, False, 5, 6)
    assert [(one["flag"], one["value"]) for one in told["missing"]] == [("gate", False)]
    assert told["missing"][0]["curl"].startswith("curl ")
    assert "5 of 6 done" in done.stderr
    assert TOKEN not in done.stdout + done.stderr


def test_a_named_option(place: Place) -> None:
    """`--option NAME` takes that way back; an unknown name is refused with those that there are."""
    text = place.text + '\n[rollback.canary-only]\ntitle = "Canary"\nsteps = [{ action = "c", set = { canary = 0 } }]\n'
    Path(place.file).write_text(text)
    done = place.roll_back("--option", "canary-only", *ARGUMENTS)
    assert done.returncode == 0, done.stderr
    assert place.flags.posts == [("canary", 0)]
    done = place.roll_back("--option", "nonsense", *ARGUMENTS)
    assert done.returncode == 4
    assert "canary-only" in done.stderr


def test_a_metric_service_that_is_down_does_not_matter(tmp_path: Path) -> None:
    """It is never asked: its address refuses, its variable is missing, and the rollback goes through."""
    with FlagServer(MOVED) as flags, MetricServer() as metrics:
        file = tmp_path / "runbook.toml"
        file.write_text(book_text(flags, metrics).replace('verify_within = "8s"', 'verify_within = "1s"'))
        words = ("rollback", str(file), "--db", str(tmp_path / "j.db"), *ARGUMENTS)
        for env in ({}, {"METRICS": refusing_url()}):
            assert called(*words, env={**env_of(flags), **env}).returncode == 0
        assert flags.values == SIX


def test_a_broken_runbook_does_not_matter_while_a_run_is_open(place: Place) -> None:
    """The file is no TOML any more: the open run has its own text."""
    begun(place.db, place.text)
    Path(place.file).write_text("[[[")
    assert place.roll_back(*ARGUMENTS).returncode == 0
    assert place.flags.values == SIX


def test_without_a_run_and_without_a_runbook_it_says_what_is_missing(tmp_path: Path) -> None:
    """Nothing to go by: a sentence and exit 4; a broken runbook: its faults and exit 2."""
    done = pags("rollback", "--db", str(tmp_path / "none.db"), "--plan", cwd=tmp_path)
    assert (done.returncode, "give the runbook" in done.stderr) == (4, True)
    file = tmp_path / "broken.toml"
    file.write_text("[[[")
    done = called("rollback", str(file), "--db", str(tmp_path / "none.db"), "--plan")
    assert (done.returncode, f"{file}:1:" in done.stderr) == (2, True)


def test_it_loads_neither_templates_nor_the_metric_client_nor_a_screen(place: Place) -> None:
    """What it does not need cannot break it."""
    unwanted = ("jinja2", "prometheus_api_client", "textual", "pandas", "requests")
    code = f"""
import sys
sys.argv = ["pags-tui", "rollback", {place.file!r}, "--db", {str(place.db)!r}, "--confirm", "production"]
try:
    from pags_tui.__main__ import main
    main()
finally:
    print(sorted(set({unwanted!r}) & set(sys.modules)), file=sys.stderr)
"""
    env = {**os.environ, **env_of(place.flags)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().endswith("[]")
