"""After the night, without a guard: a run is closed from a shell, and its follow-ups are worked off, closed or not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pags_tui.core.events import (
    GUARD,
    Actor,
    GuardStarted,
    Move,
    RollbackConfirmed,
    RunEnded,
    StepReopened,
    StepResolved,
)
from pags_tui.wiring import places
from pags_tui.wiring.alive import answers
from pags_tui.wiring.alone import ask_alone, guard_lives
from pags_tui.wiring.clocks import boot_seconds, wall
from pags_tui.wiring.journals import open_journal, open_readonly
from tests.live import SIX, FlagServer, begun, book_text, called, env_of, events_of, guarding, state_of, wait_until

AFTER = """
[[follow_ups]]
title = "Within a day"
within = "24h"
from = "end"
items = ["Send the report", "Send flowers", "Archive the dashboards"]
[[follow_ups]]
title = "When it is done"
from = "done"
items = ["Celebrate"]
"""


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A journal."""
    return tmp_path / "j/journal.db"


@pytest.fixture
def run(db: Path) -> str:
    """An open run without a guard."""
    return begun(db, book_text(more=AFTER))


def call(db: Path, *words: str):  # type: ignore[no-untyped-def]
    """A command on that journal."""
    return called(*words, "--db", str(db))


def whole(db: Path, run: str) -> bool:
    """The chain holds."""
    with open_readonly(db) as reader:
        return reader.verify(run) is None


def test_a_run_without_a_guard_is_ended(db: Path, run: str) -> None:
    """Journaled as its own, by whom; a second time it is refused; done is refused while a phase is open."""
    early = call(db, "end", "--outcome", "done")
    assert (early.returncode, "is not finished" in early.stderr) == (4, True)
    ended = call(db, "end", "--outcome", "abandoned", "--note", "moved to Thursday")
    assert (ended.returncode, ended.stderr.strip()) == (0, f"{run} ended as abandoned")
    last = events_of(db, run)[-1]
    assert (last.fact, last.by) == (RunEnded("abandoned", "moved to Thursday"), Actor(places.user()))
    assert call(db, "end", "--outcome", "abandoned").returncode == 4
    assert call(db, "guard", "--foreground", "--run", run).returncode == 4
    assert whole(db, run)


def test_only_the_lead_ends_it(db: Path) -> None:
    """As a guard would have it."""
    run = begun(db, book_text(), kind="rehearsal")
    with open_journal(db) as journal:
        from pags_tui.core.events import LeadTaken

        journal.append(run, [LeadTaken("Berta", "berta", "")], wall(), Actor("berta"), None)
    done = call(db, "end", "--outcome", "abandoned")
    assert (done.returncode, "Only the lead (Berta)" in done.stderr) == (4, True)


def test_what_a_rollback_left_beside_is_taken_in_first(db: Path, run: str, tmp_path: Path) -> None:
    """And an unfinished rollback is finished before the run is closed: nobody else would."""
    with open_journal(db) as journal:
        moves = (Move("canary", 0, "rollback/all-off"),)
        journal.append(run, [RollbackConfirmed(1, "All back", moves, "")], wall(), Actor("ana"), None)
    done = call(db, "end", "--outcome", "abandoned")
    assert (done.returncode, "finish it first (pags-tui rollback)" in done.stderr) == (4, True)
    assert not state_of(db, run).ended


def test_a_living_guard_is_asked(db: Path) -> None:
    """It ends with its run; a guard that lives and is mute is not gone round."""
    with FlagServer(SIX) as flags:
        run = begun(db, book_text(flags, more=AFTER))
        with guarding(db, run, env_of(flags)) as guard:
            wait_until(lambda: guard_lives(db, run), "the guard owns the run")
            wait_until(lambda: answers(places.socket_path(db, run)), "and listens, which comes after")
            assert call(db, "follow-ups", "--tick", "Send flowers").returncode == 0
            assert call(db, "end", "--outcome", "abandoned").returncode == 0
            assert guard.process.wait(60) == 0
        assert state_of(db, run).ended == "abandoned"
        assert len([one for one in events_of(db, run) if isinstance(one.fact, GuardStarted)]) == 1
    run = begun(db, book_text())
    with open_journal(db) as journal:
        journal.take_lease(run, 1, places.host(), places.boot_id(), wall(), boot_seconds())
    assert call(db, "end", "--outcome", "abandoned").returncode == 3
    assert not state_of(db, run).ended


def test_follow_ups_of_a_closed_run_are_ticked(db: Path, run: str) -> None:
    """By the beginning of their text or by id, with an outcome and a reason, and opened again: each an event behind the
    end of the run. The deadline counts from the end; what this ending does not call for says so."""
    assert call(db, "end", "--outcome", "abandoned").returncode == 0
    listed = call(db, "follow-ups").stdout
    assert "Within a day  (due " in listed
    assert "When it is done  (not called for yet)" in listed
    assert listed.count("  open ") == 4
    several = call(db, "follow-ups", "--tick", "send")
    assert (several.returncode, "'Send the report', 'Send flowers'" in several.stderr) == (4, True)
    assert call(db, "follow-ups", "--tick", "Shout").returncode == 4
    assert call(db, "follow-ups", "--tick", "send the").returncode == 0
    assert call(db, "follow-ups", "--tick", "send-flowers", "--outcome", "skipped").returncode == 4  # no reason
    assert call(db, "follow-ups", "--tick", "archive", "--outcome", "deferred", "--reason", "holidays").returncode == 0
    assert call(db, "follow-ups", "--tick", "send-flowers").returncode == 0
    assert call(db, "follow-ups", "--untick", "send-flowers").returncode == 0
    again = call(db, "follow-ups", "--untick", "send-flowers")
    assert again.stderr.strip() == "nothing to do: it is so already"
    found = json.loads(call(db, "follow-ups", run, "--json").stdout)
    assert [item["outcome"] for item in found["groups"][0]["items"]] == ["passed", None, "deferred"]
    assert [group["late"] for group in found["groups"]] == [False, False]
    assert found["groups"][0]["due"].endswith("Z")
    events = events_of(db, run)
    behind = events[[isinstance(one.fact, RunEnded) for one in events].index(True) + 1 :]
    assert [type(one.fact) for one in behind] == [StepResolved] * 3 + [StepReopened]
    assert {one.by for one in behind} == {Actor(places.user())} != {GUARD}
    assert whole(db, run)
    assert state_of(db, run).ended == "abandoned"


def test_nothing_else_of_a_closed_run_changes(db: Path, run: str) -> None:
    """A step of a phase, by whatever way; both options at once are a slip."""
    from pags_tui.core.decide.asks import Resolve
    from pags_tui.core.errors import Refused

    assert call(db, "end", "--outcome", "abandoned").returncode == 0
    with pytest.raises(Refused, match="closed as abandoned"):
        ask_alone(db, run, "", Resolve("go/looks-good"))
    assert call(db, "follow-ups", "--tick", "a", "--untick", "a").returncode == 2


def test_the_newest_run_with_something_left_to_do(db: Path, run: str) -> None:
    """A night later there is another run: the follow-ups of the first are still the ones that are due."""
    assert call(db, "end", "--outcome", "abandoned").returncode == 0
    later = begun(db, book_text())
    assert json.loads(call(db, "follow-ups", "--json").stdout)["run"] == run
    assert "has no follow-ups" in call(db, "follow-ups", later).stdout
