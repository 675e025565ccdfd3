"""What one guard leaves to another: events written down elsewhere, and the name of a target."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pags_tui.core.events import Actor, Event, NoteAdded, RunEnded, StepResolved
from pags_tui.core.ports import RunRow
from pags_tui.driver import Spill
from pags_tui.edge.postgres.address import Database
from pags_tui.wiring.journals import open_board, open_journal, open_readonly
from tests.cli.test_after_the_night import AFTER
from tests.live import SIX, FlagServer, MetricServer, begun, book_text, called, env_of, wait_until
from tests.postgres.hosts import Host, hosts
from tests.postgres.test_contract import BY, NOW

pytestmark = pytest.mark.postgres


@pytest.fixture
def guarded(tmp_path: Path, database: Database) -> Iterator[tuple[str, Host]]:
    """A run with a living guard."""
    with FlagServer(SIX) as flags, MetricServer(errors=1.0) as metrics:
        run = begun(database, book_text(flags, metrics))
        with hosts(tmp_path, database, env_of(flags, metrics), "anna") as (one,):
            one.guard(run)
            yield run, one


def notes(host: Host, run: str) -> list[str]:
    """The texts of all notes."""
    return [event.fact.text for event in host.events(run) if isinstance(event.fact, NoteAdded)]


def test_what_a_fenced_guard_wrote_down_is_taken_in_by_its_heir(guarded: tuple[str, Host], tmp_path: Path) -> None:
    """Once, in order, by whom it was, with a note that says where it comes from."""
    run, host = guarded
    spill = Spill([tmp_path], "rollback-20261124T220000.jsonl")
    last = host.events(run)[-1]
    facts = [NoteAdded("in the dark"), NoteAdded("still dark")]
    at = [last.at + timedelta(milliseconds=n) for n in range(len(facts))]
    ops = Actor("ops", "Ana")
    spill.add(run, [Event(last.seq + n, at[n - 1], ops, fact) for n, fact in enumerate(facts, 1)])
    assert spill.path is not None
    for _ in range(2):  # two former guards with the same events: they are known the second time
        reader, board = open_board(host.db, run)
        with reader:
            board.leave_beside(run, spill.path.name, spill.path.read_text(encoding="utf-8"))
            wait_until(lambda board=board: not board.beside(run), "the heir has taken them in")  # type: ignore[misc]
    told = notes(host, run)
    assert told[:2] == ["in the dark", "still dark"]
    assert told[2].startswith("The 2 events before this note are from rollback-20261124T220000.jsonl")
    assert len(told) == 3
    assert [event.by for event in host.events(run) if event.fact in facts] == [ops, ops]
    with open_readonly(host.db) as found:
        assert found.verify(run) is None


def test_two_live_runs_do_not_change_the_same_target(database: Database) -> None:
    """The second is told which run holds it, as long as that run's guard lives; then the target is free."""
    with open_journal(database) as one, open_journal(database) as two:
        for journal, run in ((one, "r1"), (two, "r2")):
            journal.begin(RunRow(run, "cutover", "live", NOW, None, None), "00")
        token = one.take_lease("r1", 1, "h", "b", NOW, 1.0).token
        two.take_lease("r2", 1, "h", "b", NOW, 1.0)
        assert one.claim("target", "r1") == ""
        assert one.claim("target", "r1") == ""
        assert two.claim("target", "r2") == "r1"
        assert two.claim("target", None) == "r1"
        assert two.claim("another", "r2") == ""
        one.append("r1", [RunEnded("done", "")], NOW, BY, token)
        assert two.claim("target", "r2") == ""


def test_a_run_without_a_guard_is_ended_and_worked_off(database: Database) -> None:
    """From a shell, as with a file: this process owns the run for a moment, and no guard counts as alive afterwards."""
    run = begun(database, book_text(more=AFTER))
    for words in (["end", "--outcome", "abandoned"], ["follow-ups", "--tick", "Send flowers"], ["follow-ups"]):
        done = called(*words, "--db", database.url)
        assert done.returncode == 0, done.stderr
    with open_readonly(database) as found:
        facts = [event.fact for event in found.events(run)]
        assert [type(fact) for fact in facts[-2:]] == [RunEnded, StepResolved]
        assert found.verify(run) is None
    assert called("guard", "--status", "--db", database.url).returncode == 1
