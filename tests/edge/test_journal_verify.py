"""The hash chain shows every alteration but a cut-off end."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pags_tui.core.errors import JournalError
from pags_tui.core.events import Actor, NoteAdded, RunStarted
from pags_tui.core.ports import RunRow, TickRow
from pags_tui.edge.journal import open_journal, open_readonly

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
BY = Actor("ann")
BOOK = hashlib.sha256(b"the runbook").hexdigest()
STARTED = RunStarted("r1", "live", "the runbook", BOOK, "f", "t", "a", "a", "1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Events 1, 2, ticks 1 and 2, event 3, tick 3, event 4, tick 4."""
    with open_journal(tmp_path / "own" / "j.db") as journal:
        journal.begin(RunRow("r1", "cutover", "live", NOW, None, None), BOOK)
        journal.append("r1", [STARTED, NoteAdded("a")], NOW, BY, None)
        journal.add_tick("r1", TickRow(1, NOW, 2, b"one"))
        journal.add_tick("r1", TickRow(2, NOW, 2, b"two"))
        journal.append("r1", [NoteAdded("b")], NOW, BY, None)
        journal.add_tick("r1", TickRow(3, NOW, 3, b"three"))
        journal.append("r1", [NoteAdded("c")], NOW, BY, None)
        journal.add_tick("r1", TickRow(4, NOW, 4, b"four"))
        return journal.path


def altered(path: Path, *statements: str) -> Path:
    """The journal after somebody with an SQL shell was at it."""
    with closing(sqlite3.connect(path)) as db:
        for table in ("events", "samples"):
            for trigger in ("stay", "keep", "next"):
                db.execute(f"DROP TRIGGER {table}_{trigger}")
        for statement in statements:
            db.execute(statement)
        db.commit()
    return path


def test_the_hash_is_what_its_docstring_says(path: Path) -> None:
    """Computed here from scratch, so that another program can verify a recording."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT * FROM events ORDER BY seq").fetchall()
        ticks = db.execute("SELECT tick, at, seq, payload FROM samples WHERE tick <= 2 ORDER BY tick").fetchall()
    digest = ""
    for tick, at, seq, payload in ticks:
        digest = hashlib.sha256(f"{digest} {tick} {at} {seq} {len(payload)}\n".encode() + payload).hexdigest()
    assert [row[8] for row in rows[:3]] == ["", "", digest]
    payload = rows[0][6].replace("\\", "\\\\").replace('"', '\\"')
    content = f'[1,"2026-11-24T22:00:00.000000Z","ann","","run-started","{payload}",0,""]'
    assert rows[0][9] == hashlib.sha256(f"{BOOK}\n{content}".encode()).hexdigest()


def test_an_untouched_run_verifies(path: Path) -> None:
    """None means that every row is as it was written."""
    with open_readonly(path) as reader:
        assert reader.verify("r1") is None


@pytest.mark.parametrize(
    ("statement", "seq", "reason"),
    [
        ("UPDATE events SET payload = replace(payload, 'b', 'z') WHERE seq = 3", 3, "event 3 (note-added, "),
        ("UPDATE events SET at = '2026-11-24T22:00:00.000001Z' WHERE seq = 2", 2, "does not fit its hash"),
        ("UPDATE events SET by_user = 'an', by_name = 'n' WHERE seq = 2", 2, "does not fit its hash"),
        ("UPDATE events SET kind = 'issue-closed' WHERE seq = 4", 4, "does not fit its hash"),
        ("UPDATE events SET tick = 1 WHERE seq = 3", 3, "does not fit its hash"),
        ("UPDATE events SET hash = (SELECT hash FROM events WHERE seq = 4) WHERE seq = 3", 3, "does not fit its hash"),
        ("DELETE FROM events WHERE seq = 2", 2, "event 2 is missing: the next one is 3"),
        ("DELETE FROM events WHERE seq = 1", 1, "event 1 is missing"),
        ("DELETE FROM events", 1, "holds no event"),
        ("UPDATE runs SET sha256 = 'ab'", 1, "the runbook's hash before it was"),
        ("UPDATE runs SET kind = 'demo'", 1, "the list of runs calls it demo, event 1 (run-started) live"),
        ("UPDATE samples SET payload = x'00' WHERE tick = 2", 3, "the ticks up to 2 before event 3"),
        ("UPDATE samples SET at = '2026' WHERE tick = 3", 4, "the ticks up to 3 before event 4"),
        ("DELETE FROM samples WHERE tick = 1", 3, "the ticks up to 2"),
        ("INSERT INTO samples VALUES ('r1', -1, '', 0, x'', '')", 1, "the ticks up to 0"),
        ("UPDATE samples SET payload = x'00' WHERE tick = 4", 0, "tick 4 ("),
    ],
)
def test_what_was_altered_is_found(path: Path, statement: str, seq: int, reason: str) -> None:
    """The first bad row, in words."""
    with open_readonly(altered(path, statement)) as reader:
        broken = reader.verify("r1")
    assert broken
    assert (broken.seq, reason in broken.reason) == (seq, True), broken


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET payload = x'00ff' WHERE seq = 2",
        "UPDATE events SET kind = CAST(x'ff' AS TEXT) WHERE seq = 2",
        "UPDATE events SET at = 'yesterday' WHERE seq = 2",
        "UPDATE events SET at = x'07' WHERE seq = 2",
        "UPDATE samples SET payload = 'text', at = 'é' WHERE tick = 2",
    ],
)
def test_what_no_program_wrote_is_found_too(path: Path, statement: str) -> None:
    """Values of another type, and bytes that are no text: a finding, and to a reader a sentence."""
    with open_readonly(altered(path, statement)) as reader:
        broken = reader.verify("r1")
        assert broken
        assert broken.seq == (3 if "samples" in statement else 2)
        with pytest.raises(JournalError):
            (reader.ticks if "samples" in statement else reader.events)("r1")


def test_a_chain_of_another_runbook_is_found(tmp_path: Path) -> None:
    """The first event must hold the runbook that the chain starts from."""
    with open_journal(tmp_path / "own" / "j.db") as journal:
        journal.begin(RunRow("r1", "cutover", "live", NOW, None, None), "00")
        journal.append("r1", [STARTED], NOW, BY, None)
        broken = journal.verify("r1")
    assert broken
    assert "another runbook" in broken.reason


def test_two_runs_have_two_chains(path: Path) -> None:
    """Damage to one run is not damage to the other."""
    with open_journal(path) as journal:
        journal.begin(RunRow("r2", "cutover", "live", NOW, None, None), "00")
        journal.append("r2", [NoteAdded("x")], NOW, BY, None)
        journal.add_tick("r2", TickRow(1, NOW, 1, b""))
    with open_readonly(altered(path, "UPDATE events SET payload = '{}' WHERE run = 'r1'")) as reader:
        assert reader.verify("r1") is not None
        assert reader.verify("r2") is None
