"""Two hosts, one run: asks and screens from afar, a host that is lost, a guard that is fenced off."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.events import (
    FlagAnswered,
    FlagAsked,
    GuardStarted,
    Move,
    NoteAdded,
    RollbackConfirmed,
    RollbackFinished,
)
from pags_tui.core.updates import Began, Gone, Happened, Present, Ticked, Update
from pags_tui.desk.glass import Glass
from pags_tui.edge.postgres.address import Database
from pags_tui.wiring.desks import desk_at
from pags_tui.wiring.glass import break_glass
from pags_tui.wiring.journals import open_readonly
from tests.live import LEAD, SIX, FlagServer, MetricServer, begun, book_text, env_of, until, wait_until
from tests.postgres.asking import ask, ask_flag
from tests.postgres.hosts import Host, hosts

pytestmark = pytest.mark.postgres

MOVES = tuple(Move(key, value, "rollback/all-off") for key, value in SIX.items())
MOVED = {"canary": 50, "brain": True, "gate": True, "cache": True, "search": True, "mail": True}


@pytest.fixture
def flags() -> Iterator[FlagServer]:
    """Six flags as before the night."""
    with FlagServer(SIX) as server:
        yield server


@pytest.fixture
def pair(tmp_path: Path, database: Database, flags: FlagServer) -> Iterator[tuple[str, Host, Host]]:
    """A run, and two hosts that know the same database and services."""
    with MetricServer(errors=1.0) as metrics:
        run = begun(database, book_text(flags, metrics))
        with hosts(tmp_path, database, env_of(flags, metrics), "anna", "berta") as (one, two):
            yield run, one, two


def facts(host: Host, run: str, kind: type) -> list:
    """The journaled facts of one class."""
    return [event.fact for event in host.events(run) if isinstance(event.fact, kind)]


def status(host: Host) -> dict:
    """What `status --json` says there."""
    done = host.pags("status", "--json")
    assert done.returncode == 0, done.stderr
    found: dict = json.loads(done.stdout)
    return found


def test_a_guard_is_seen_and_asked_from_another_host(pair: tuple[str, Host, Host]) -> None:
    """`status`, `guard --status`, `note` and `sign` work there, as the database's user; a second guard is refused."""
    run, one, two = pair
    one.guard(run)
    assert status(two)["guard"]["alive"] is True
    assert status(two)["guard"]["host"] == "anna"
    assert two.pags("guard", "--status").stdout.startswith(f"{run}: alive")
    done = two.pags("note", "from afar", "--as", "Bert")
    assert done.returncode == 0, done.stderr
    noted = next(event for event in one.events(run) if isinstance(event.fact, NoteAdded))
    assert (noted.fact.text, noted.by.user, noted.by.name) == ("from afar", "owner", "Bert")  # type: ignore[union-attr]
    refused = two.pags("sign", "go", "--confirm", "go")
    assert refused.returncode == 4
    second = two.pags("guard", "--foreground", "--run", run)
    assert second.returncode == 4
    assert "alive already on anna" in second.stderr
    assert "--take-over" in second.stderr
    stopped = two.pags("guard", "--stop")
    assert stopped.returncode == 4
    assert "stop it there" in stopped.stderr


def test_a_lost_host_is_replaced_once_its_heartbeat_is_dead(pair: tuple[str, Host, Host], flags: FlagServer) -> None:
    """kill -9 in the middle of a flag change: the other host takes the run over without a question, tells the change
    unknown until it is read back, repeats nothing, and goes on."""
    run, one, two = pair
    flags.on_post = lambda key, value, n: "held" if n == 1 else "ok"
    first = one.guard(run)
    assert not ask(one, run, a.TakeLead()).refused
    asking = threading.Thread(target=ask_flag, args=(one, run), daemon=True)
    asking.start()
    wait_until(flags.caught.is_set, "the POST is under way")
    first.kill()
    wait_until(lambda: not status(two)["guard"]["alive"], "the heartbeat is dead")
    two.guard(run)
    wait_until(lambda: facts(two, run, FlagAnswered), "the change is told unknown")
    answered = facts(two, run, FlagAnswered)[0]
    assert (answered.result, answered.found) == ("unknown", 10)
    assert flags.posts == [("canary", 10)]
    assert [one.host for one in facts(two, run, GuardStarted)] == ["anna", "berta"]
    with open_readonly(two.db) as reader:
        assert reader.verify(run) is None
    asking.join(30)


def test_a_hung_guard_is_replaced_by_a_typed_word_and_fenced_off(
    pair: tuple[str, Host, Host], flags: FlagServer
) -> None:
    """SIGSTOP on one host; without the word nothing is taken; afterwards the old one wakes up and ends by itself."""
    run, one, two = pair
    first = one.guard(run)
    os.kill(first.pid, signal.SIGSTOP)
    try:
        refused = two.pags("guard", "--take-over")
        assert refused.returncode == 4
        assert "--confirm anna" in refused.stderr
        wrong = two.pags("guard", "--take-over", "--confirm", "berta")
        assert wrong.returncode == 4
        done = two.pags("guard", "--take-over", "--confirm", "anna")
        assert done.returncode == 0, done.stderr
    finally:
        os.kill(first.pid, signal.SIGCONT)
    try:
        assert first.wait(30) == 0
        assert status(one)["guard"]["host"] == "berta"
        assert one.pags("note", "still here").returncode == 0
    finally:
        assert two.pags("guard", "--stop").returncode == 0
    with open_readonly(two.db) as reader:
        assert reader.verify(run) is None


# ---------------------------------------------------------------- rolling back from elsewhere


async def test_a_screen_on_another_host_goes_round_a_guard_that_hangs(
    pair: tuple[str, Host, Host], flags: FlagServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard on anna stands still: two seconds after the word a process on berta raises the token and performs it;
    the screen there sees each step and its end, and the guard that wakes up writes nothing."""
    run, one, two = pair
    first = one.guard(run)
    flags.values.update(MOVED)
    async with seated(two, run, monkeypatch, break_glass(two.db, run, "Bert")) as (desk, heard):
        await until(lambda: heard and isinstance(heard[0], Began), "the story is told")
        os.kill(first.pid, signal.SIGSTOP)
        try:
            answer = await desk.ask(a.RollBack("rollback", MOVES, "All back"))  # type: ignore[attr-defined]
            assert not answer.refused
            assert "goes on without this screen" in answer.said
            await until(lambda: any(isinstance(fact, RollbackFinished) for fact in told(heard)), "it is over")
        finally:
            os.kill(first.pid, signal.SIGCONT)
        assert [fact.verified for fact in told(heard) if isinstance(fact, RollbackFinished)] == [6]
        await until(lambda: first.poll() is not None, "the guard that woke up has ended")
        count = sum(isinstance(update, Began) for update in heard)
        await until(lambda: count >= 2 and isinstance(heard[-1], Gone | Present), "the database tells on")
    assert flags.values == SIX
    assert flags.posts == list(SIX.items())
    assert len(facts(two, run, RollbackConfirmed)) == 1


def told(heard: list[Update]) -> list[object]:
    """The facts of all that was told, the stories too."""
    return [event.fact for update in heard if isinstance(update, Began | Happened) for event in update.events]


def test_a_shell_rolls_back_while_the_database_is_gone(tmp_path: Path, database: Database, flags: FlagServer) -> None:
    """Nobody listens where the journal was: by the runbook, all goes back, and what happened lies in the state folder.
    Without a runbook it says what is missing."""
    gone = Database(re.sub(r":\d+/", ":1/", database.url))
    flags.values.update(MOVED)
    book = tmp_path / "runbook.toml"
    book.write_text(book_text(flags).replace('verify_within = "8s"', 'verify_within = "1s"'))
    with hosts(tmp_path, gone, env_of(flags), "anna") as (one,):
        done = one.pags("rollback", "--confirm", "production")
        assert done.returncode == 4
        assert "Whether a live run is open cannot be known: give the runbook" in done.stderr
        done = one.pags("rollback", str(book), "--confirm", "production")
        assert done.returncode == 0, done.stderr
    assert "It goes on without a journal" in done.stderr
    assert flags.posts == list(SIX.items())
    assert len(list(tmp_path.rglob("rollback-*.jsonl"))) == 1


# ---------------------------------------------------------------- a screen elsewhere


@contextlib.asynccontextmanager
async def seated(
    host: Host, run: str, monkeypatch: pytest.MonkeyPatch, glass: Glass | None = None
) -> AsyncIterator[tuple[object, list[Update]]]:
    """A desk on that host, and what it hears."""
    for name, value in host.environment.items():
        monkeypatch.setenv(name, value)
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", None)
    heard: list[Update] = []
    desk = desk_at(host.db, run, "Bert", glass=glass)
    await desk.attach(heard.append)
    try:
        yield desk, heard
    finally:
        await desk.detach()


async def test_a_screen_on_another_host_sees_everything_within_a_second(
    pair: tuple[str, Host, Host], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The story so far, then every event and tick; its asks are answered; who is present is told; the guard's end and
    its heir are followed."""
    run, one, two = pair
    first = one.guard(run)
    async with seated(two, run, monkeypatch) as (desk, heard):
        assert desk.me.user == "owner"  # type: ignore[attr-defined]
        await until(lambda: heard and isinstance(heard[0], Began), "the story is told")
        await until(lambda: any(isinstance(one, Ticked) for one in heard), "ticks come")
        answer = await desk.ask(a.AddNote("hello"))  # type: ignore[attr-defined]
        assert not answer.refused
        began = time.monotonic()
        assert (await desk.ask(a.HoldClock("look"))).seqs  # type: ignore[attr-defined]
        await until(lambda: any(isinstance(one, Happened) for one in heard), "events come")
        assert time.monotonic() - began < 20
        await until(lambda: [one for one in heard if isinstance(one, Present) and one.people], "who is here is told")
        people = [one for one in heard if isinstance(one, Present)][-1].people
        assert [(one.who.user, one.who.name, one.host, one.seat) for one in people] == [
            ("owner", "Bert", "berta", "desk")
        ]
        first.kill()
        await until(lambda: isinstance(heard[-1], Gone), "the guard's end is noticed")
        await asyncio.to_thread(two.guard, run)
        await until(lambda: isinstance(heard[-1], Ticked), "its heir is followed")
        await until(lambda: desk.me.user == LEAD.user, "over the socket here")  # type: ignore[attr-defined]
        assert not (await desk.ask(a.AddNote("again"))).refused  # type: ignore[attr-defined]
    assert [note.by.user for note in two.events(run) if isinstance(note.fact, NoteAdded)] == ["owner", LEAD.user]
    assert not facts(two, run, FlagAsked)
