"""One contract, two journals: a file and a real PostgreSQL give the same answers, event for event and hash for hash."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pags_tui.core.chain import FIRST, LAST
from pags_tui.core.errors import JournalError, Refused
from pags_tui.core.events import (
    FACTS,
    Actor,
    Fact,
    FlagSeen,
    NoteAdded,
    OverrideGiven,
    RunEnded,
    RunStarted,
    TZeroSet,
    encode,
)
from pags_tui.core.ports import OwnJournal, RunRow, TickRow
from pags_tui.core.state import fold
from pags_tui.edge.postgres.address import Database
from pags_tui.wiring.journals import Store, open_journal, open_readonly
from tests.edge.test_journal_round_trip import anything
from tests.postgres.server import RealPostgres

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
BY = Actor("ann", "Ann B.")
RUN = RunRow("r1", "cutover", "live", NOW, None, None)
BOOK = '[runbook]\nid = "n"\ntitle = "N"\n[[phases]]\nid = "p"\ntitle = "P"\nat = "T+0"\nsteps = ["a", "b"]\n'


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Where the journal is."""
    if request.param == "sqlite":
        return tmp_path / "own" / "j.db"
    found: Database = request.getfixturevalue("database")
    return found


@pytest.fixture
def journal(store: Store) -> Iterator[OwnJournal]:
    """An open journal with one run."""
    with open_journal(store) as journal:
        journal.begin(RUN, "00")
        yield journal


def note(journal: OwnJournal, text: str, token: int | None = None, at: datetime = NOW) -> Any:
    """One event."""
    return journal.append("r1", [NoteAdded(text)], at, BY, token)


def lease(journal: OwnJournal) -> int:
    """A new owner's token."""
    return journal.take_lease("r1", 7, "host", "boot", NOW, 1.5).token


def test_what_goes_in_comes_out(journal: OwnJournal, store: Store) -> None:
    """What append gives back is what any reader reads, from any event on; nothing is nothing."""
    written = [*note(journal, "one"), *journal.append("r1", [NoteAdded("two"), FlagSeen("f", 1.0)], NOW, BY, None)]
    assert [event.seq for event in written] == [1, 2, 3]
    with open_readonly(store) as reader:
        assert list(reader.events("r1")) == written
        assert list(reader.events("r1", since=2)) == written[2:]
        assert list(reader.events("r2")) == []
        assert [(row.id, row.kind, row.started) for row in reader.runs()] == [("r1", "live", NOW)]
    assert list(journal.append("r1", [], NOW, BY, None)) == []


def test_values_keep_their_type_and_texts_their_letters(journal: OwnJournal) -> None:
    """True, 1, 1.0 and "1"; NaN; NUL, markup and backslashes in a note and in a name."""
    nasty = "a\0b\\0c\\\\\x1b[31m[bold]'; DROP TABLE events;--\n\u202e"
    by = Actor("ann", nasty)
    values = [True, 1, 1.0, "1", False, 0, 0.0, "", -(2**63), 1e300]
    facts: list[Fact] = [FlagSeen("f", value) for value in values]
    facts += [NoteAdded(nasty), OverrideGiven("g", "fail", float("inf"), "why", NOW)]
    written = journal.append("r1", facts, NOW, by, None)
    found = journal.events("r1")
    assert list(found) == list(written)
    kept = [event.fact.value for event in found[: len(values)]]  # type: ignore[union-attr]
    assert [type(one) for one in kept] == [type(one) for one in values]
    assert found[0].by == by
    assert journal.verify("r1") is None


def test_half_a_character_is_refused_before_anything_is_written(journal: OwnJournal) -> None:
    """A sentence, and no row."""
    with pytest.raises(JournalError, match="no text"):
        journal.append("r1", [NoteAdded("fine"), NoteAdded("a\udc80")], NOW, BY, None)
    with pytest.raises(JournalError, match="no Unicode"):
        journal.append("r1", [NoteAdded("fine")], NOW, Actor("ann", "\udc80"), None)
    assert list(journal.events("r1")) == []
    assert note(journal, "goes on")[0].seq == 1


def test_time_never_goes_back(journal: OwnJournal) -> None:
    """An event before the last one is given the last one's time."""
    note(journal, "late", at=NOW + timedelta(minutes=5))
    assert note(journal, "early")[0].at == NOW + timedelta(minutes=5)


def test_a_second_run_of_the_same_id_is_refused(journal: OwnJournal) -> None:
    """By name; the journal can be used as before."""
    with pytest.raises(JournalError, match="already a run 'r1'"):
        journal.begin(RUN, "01")
    note(journal, "fine")
    with pytest.raises(JournalError, match="no run 'r9'"):
        journal.append("r9", [NoteAdded("x")], NOW, BY, None)


def test_runs_are_listed_newest_first_with_what_happened(journal: OwnJournal) -> None:
    """Begin, T+0 and end come from the facts."""
    journal.begin(RunRow("r0", "cutover", "live", NOW, None, None), "00")
    journal.append("r1", [RunStarted("r1", "rehearsal", BOOK, "00", "f", "t", "a", "a", "1")], NOW, BY, None)
    journal.append("r1", [TZeroSet(NOW + timedelta(hours=1))], NOW, BY, None)
    journal.append("r1", [RunEnded("done", "")], NOW + timedelta(hours=2), BY, None)
    first, second = journal.runs()
    assert (first.id, second.id) == ("r0", "r1")
    assert (second.kind, second.t0, second.ended) == ("rehearsal", NOW + timedelta(hours=1), NOW + timedelta(hours=2))
    assert second.outcome == "done"


def test_ticks_are_kept_in_order(journal: OwnJournal) -> None:
    """All of them, those above a number, the last few; a number that is not above the last is refused."""
    rows = [TickRow(number, NOW + timedelta(seconds=number), 0, b"\0\xff" * number) for number in (1, 2, 5)]
    for row in rows:
        journal.add_tick("r1", row)
    assert list(journal.ticks("r1")) == rows
    assert list(journal.ticks("r1", since=1)) == rows[1:]
    assert list(journal.ticks("r1", limit=2)) == rows[1:]
    with pytest.raises(JournalError, match="append-only"):
        journal.add_tick("r1", rows[1])
    assert list(journal.ticks("r1")) == rows
    note(journal, "after them")
    assert journal.verify("r1") is None


def test_a_lease_fences_off_every_earlier_owner(journal: OwnJournal, store: Store) -> None:
    """Neither event nor heartbeat nor tick of an earlier owner is taken; a lease is told as it was given."""
    first = lease(journal)
    note(journal, "mine", first)
    journal.beat("r1", first, NOW + timedelta(seconds=5), 6.5)
    found = journal.lease("r1")
    assert found is not None
    assert (found.token, found.pid, found.host, found.boot) == (first, 7, "host", "boot")
    assert (found.heartbeat, found.beat) == (NOW + timedelta(seconds=5), 6.5)
    with open_journal(store) as other:
        second = lease(other)
        assert second == first + 1
        for work in (
            lambda: note(journal, "late", first),
            lambda: note(journal, "none", None),
            lambda: journal.beat("r1", first, NOW, 1.0),
            lambda: journal.add_tick("r1", TickRow(1, NOW, 1, b"")),
        ):
            with pytest.raises(Refused, match=f"its token is {second}, this one's"):
                work()
        assert note(other, "now", second)[0].seq == 2
    assert [event.fact for event in journal.events("r1")] == [NoteAdded("mine"), NoteAdded("now")]


def test_two_writers_without_a_lease_never_write_the_same_event(store: Store, journal: OwnJournal) -> None:
    """Each goes on from what is there, or is told to look again; the chain stays whole."""
    with open_journal(store) as other:
        written = 0
        for number in range(6):
            for one in (journal, other):
                try:
                    note(one, f"{number}")
                except JournalError:
                    note(one, f"{number}")
                written += 1
        assert len(journal.events("r1")) == written
        assert other.verify("r1") is None


def test_every_kind_of_fact_comes_back(journal: OwnJournal) -> None:
    """One of each class, as Hypothesis draws it."""
    facts = [_example(kind, seed) for kind in sorted(FACTS) for seed in (1, 2)]
    written = journal.append("r1", facts, NOW, BY, None)
    found = [encode(event.fact) for event in journal.events("r1")]
    assert found == [encode(fact) for fact in facts] == [encode(event.fact) for event in written]
    assert journal.verify("r1") is None


def _example(kind: str, seed: int) -> Any:
    from hypothesis import HealthCheck, given, settings
    from hypothesis import seed as seeded

    found: list[Any] = []

    @seeded(seed)
    @settings(max_examples=3, database=None, suppress_health_check=list(HealthCheck), deadline=None)
    @given(anything(FACTS[kind]))
    def draw(value: Any) -> None:
        found.append(value)

    draw()
    return found[-1]


# ---------------------------------------------------------------- side by side


def acts(seed: int) -> list[Callable[[OwnJournal], object]]:
    """A night's worth of calls, drawn by chance."""
    chance, found, tick = random.Random(seed), list[Callable[[OwnJournal], object]](), 0
    for number in range(60):
        at = NOW + timedelta(seconds=chance.randrange(-20, 300))
        if chance.random() < 0.5:
            tick += chance.randrange(0, 3)
            row = TickRow(tick, at, number, chance.randbytes(chance.randrange(0, 2000)))
            found.append(lambda journal, row=row: journal.add_tick("r1", row))
        elif chance.random() < 0.1:
            found.append(lambda journal, at=at: journal.take_lease("r1", 1, "h", "b", at, 1.0).token)
        else:
            facts = [NoteAdded(str(chance.random())) for _ in range(chance.randrange(1, 4))]
            stale = chance.random() < 0.1

            def write(journal: OwnJournal, facts: Any = facts, at: Any = at, stale: bool = stale) -> object:
                known = journal.lease("r1")
                token = known.token - stale if known else None
                return journal.append("r1", facts, at, BY, token)

            found.append(write)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_both_give_the_same_answers_and_the_same_hashes(seed: int, tmp_path: Path, database: Database) -> None:
    """A random night in both: every call answers, or refuses, alike, and in the end every row is the same."""
    with open_journal(tmp_path / "own" / "j.db") as one, open_journal(database) as two:
        for journal in (one, two):
            journal.begin(RUN, "00")
            journal.append("r1", [RunStarted("r1", "live", BOOK, "00", "f", "t", "a", "a", "1")], NOW, BY, None)
        for act in acts(seed):
            assert _outcome(act, one) == _outcome(act, two)
        with one.whole("r1") as here, two.whole("r1") as there:
            assert here.head == there.head
            assert list(here.events()) == list(there.events())
            assert list(here.samples(FIRST, LAST)) == list(there.samples(FIRST, LAST))
        assert fold(one.events("r1")) == fold(two.events("r1"))
        assert (one.verify("r1"), two.verify("r1")) == (None, None)


def _outcome(act: Callable[[OwnJournal], object], journal: OwnJournal) -> object:
    try:
        return act(journal)
    except (JournalError, Refused) as error:
        return type(error).__name__


# ---------------------------------------------------------------- what only a database has


BAD = [
    "UPDATE pags_tui.events SET payload = '{}'",
    "DELETE FROM pags_tui.events",
    "TRUNCATE pags_tui.events",
    "UPDATE pags_tui.samples SET payload = ''",
    "DELETE FROM pags_tui.samples WHERE tick = 1",
    "TRUNCATE pags_tui.samples CASCADE",
    "DELETE FROM pags_tui.runs",
    "UPDATE pags_tui.runs SET sha256 = 'ff'",
    "INSERT INTO pags_tui.events SELECT run, 9, at, by_user, by_name, kind, payload, tick, ticks_digest, hash"
    " FROM pags_tui.events WHERE seq = 1",
    "INSERT INTO pags_tui.events SELECT * FROM pags_tui.events WHERE seq = 1"
    " ON CONFLICT (run, seq) DO UPDATE SET payload = '{}'",
]


@pytest.mark.parametrize("statement", BAD, ids=lambda one: one[:40])
def test_the_database_itself_refuses_to_change_what_happened(
    statement: str, database: Database, server: RealPostgres
) -> None:
    """By trigger, to a superuser, whom no privilege binds; and by privilege to the tables' owner."""
    import psycopg

    with open_journal(database) as journal:
        journal.begin(RUN, "00")
        note(journal, "one")
        journal.add_tick("r1", TickRow(1, NOW, 1, b"x"))
        name = database.url.rpartition("/")[2]
        with pytest.raises(psycopg.Error, match="append-only"):
            server.sql(statement, name)
        assert len(journal.events("r1")) == 1
        assert journal.verify("r1") is None


def test_an_owner_without_superpowers_has_no_privilege_to_change_what_happened(
    database: Database, server: RealPostgres
) -> None:
    """Before any trigger is asked."""
    import psycopg

    name = database.url.rpartition("/")[2]
    server.sql("DROP ROLE IF EXISTS plain")
    server.sql("CREATE ROLE plain LOGIN PASSWORD 'p'")
    server.sql(f'GRANT CREATE ON DATABASE "{name}" TO plain')
    with open_journal(Database(server.url(name, "plain", "p"))) as journal:
        journal.begin(RUN, "00")
        note(journal, "one")
        for statement in BAD[:7]:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                server.sql(statement, name, user="plain", password="p")
        assert journal.verify("r1") is None
    server.sql("DROP OWNED BY plain", name)
    server.sql("DROP ROLE plain")
