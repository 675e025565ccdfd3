"""kill -9 of a real guard in the middle of its writes, and the next one's work. The flag service counts the writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.events import FlagAnswered, FlagAsked, Move, RollbackFinished
from tests.live import SIX, FlagServer, begun, book_text, env_of, events_of, guarding, long_reads, state_of, wait_until

MOVES = tuple(Move(key, value, "rollback/all-off") for key, value in SIX.items())
MOVED = {"canary": 50, "brain": True, "gate": True, "cache": True, "search": True, "mail": True}


def facts(db: Path, run: str, kind: type) -> list:
    """The journaled facts of one class."""
    return [event.fact for event in events_of(db, run) if isinstance(event.fact, kind)]


def test_a_forward_write_cut_off_by_kill_9_is_unknown_and_never_repeated(tmp_path: Path) -> None:
    """Killed between POST and answer: the next guard reads back, asks, and the service has seen one POST until told."""
    with FlagServer(SIX) as flags:
        db, env = tmp_path / "j" / "journal.db", env_of(flags)
        run = begun(db, book_text(flags))
        flags.on_post = lambda key, value, n: "held" if n == 1 else "ok"
        with guarding(db, run, env) as guard:
            assert not guard.ready().ask(a.SetFlags("go/canary", "10")).refused
            wait_until(flags.caught.is_set, "the POST is under way")
            guard.kill()
        assert [one.flag for one in facts(db, run, FlagAsked)] == ["canary"]
        assert not facts(db, run, FlagAnswered)
        with guarding(db, run, env) as heir:
            heir.ready()
            wait_until(lambda: facts(db, run, FlagAnswered), "the change is told unknown")
            answered = facts(db, run, FlagAnswered)[0]
            assert (answered.result, answered.found) == ("unknown", 10)
            assert heir.ask(a.SetFlags("go/canary", "10")).refused
            assert len(flags.posts) == 1
            assert not heir.ask(a.ReadBack(1)).refused
            assert heir.end() == 143
        assert state_of(db, run).step("go/canary").outcome == "passed"
        assert len(flags.posts) == 1


def test_a_rollback_cut_off_by_kill_9_is_finished_unasked_with_only_the_missing_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One guard dies before its first write took effect, the next after its fourth did. The third finishes: the first
    flag was written twice, every other one once."""
    long_reads(monkeypatch, tmp_path)
    with FlagServer(MOVED) as flags:
        db, env = tmp_path / "j" / "journal.db", env_of(flags)
        run = begun(db, book_text(flags))
        flags.on_post = lambda key, value, n: {1: "hold", 5: "held"}.get(n, "ok")
        with guarding(db, run, env) as guard:
            assert not guard.ready().ask(a.RollBack("rollback", MOVES)).refused
            wait_until(flags.caught.is_set, "the first POST is under way")
            flags.caught.clear()
            guard.kill()
        with guarding(db, run, env) as guard:
            wait_until(flags.caught.is_set, "the fourth flag's POST is under way")
            guard.kill()
        with guarding(db, run, env) as last:
            wait_until(lambda: facts(db, run, RollbackFinished), "the rollback is finished")
            assert last.end() == 143
        finished = facts(db, run, RollbackFinished)
    assert [(one.verified, one.of) for one in finished] == [(6, 6)]
    assert flags.values == SIX
    assert [key for key, _ in flags.posts] == ["canary", *SIX]
