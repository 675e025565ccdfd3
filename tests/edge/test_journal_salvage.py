"""A damaged journal is opened up to the damage and kept aside; nothing of it is changed, overwritten or guessed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pags_tui.core.errors import JournalError
from pags_tui.core.events import Actor, NoteAdded
from pags_tui.core.ports import TickRow
from pags_tui.core.state import fold
from pags_tui.edge.journal import damage, open_journal, open_readonly, salvage
from pags_tui.wiring.journals import mended
from tests.live import begun, book_text, called, events_of, state_of

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
PAGE = 4096


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """An open run of some sixty pages: two hundred notes, with ticks between them, and three guards so far."""
    path = (tmp_path / "j" / "journal.db").resolve()
    run = begun(path, book_text())
    with open_journal(path) as written:
        for token in (1, 2, 3):
            written.take_lease(run, 10 + token, "here", "boot", NOW, 1.0)
        for number in range(200):
            at = NOW + timedelta(seconds=number)
            written.append(run, [NoteAdded(f"note {number} " + "x" * 500)], at, Actor("ann"), token)
            written.add_tick(run, TickRow(number + 1, at, number + 2, b"tick" * 50))
    return path


def spoiled(path: Path, text: str) -> bytes:
    """Overwrites the page that holds that text; the file as it then is."""
    content = bytearray(path.read_bytes())
    page = content.index(text.encode()) // PAGE
    content[page * PAGE : page * PAGE + PAGE] = b"\xa5" * PAGE
    path.write_bytes(content)
    return bytes(content)


def test_a_sound_journal_is_left_alone(journal: Path) -> None:
    """Nothing is found, nothing is said, nothing is put aside."""
    assert damage(journal) is None
    assert mended(journal, NOW) == ""
    assert [one.name for one in journal.parent.iterdir()] == ["journal.db"]


def test_what_lies_before_the_damage_goes_on_and_the_file_is_kept(journal: Path) -> None:
    """One page is overwritten: the events before it are there, whole and chained; the damaged file is byte for byte
    aside; a note says so; the next guard's token is above all former ones."""
    run = state_of(journal, "night-" + datetime.now(UTC).strftime("%Y-%m-%d")).run
    assert run is not None
    before = events_of(journal, run.id)
    damaged = spoiled(journal, "note 120 ")
    told = mended(journal, NOW)
    after = events_of(journal, run.id)
    (aside,) = [one for one in journal.parent.iterdir() if ".damaged-" in one.name]
    assert aside.read_bytes() == damaged
    assert str(aside) in told
    assert 20 < len(after) < len(before)
    assert after[:-1] == before[: len(after) - 1]
    assert fold(after[:-1]) == fold(before[: len(after) - 1])
    assert after[-1].fact == NoteAdded(told)
    with open_journal(journal) as again:
        assert again.take_lease(run.id, 99, "here", "boot", NOW, 2.0).token == 4
        assert again.verify(run.id) is None or "ticks" in str(again.verify(run.id))
        last = again.ticks(run.id)[-1].tick
        again.add_tick(run.id, TickRow(last + 1, NOW + timedelta(hours=1), after[-1].seq, b"more"))
    assert damage(journal) is None


def test_an_event_that_was_changed_ends_what_is_taken_over(journal: Path) -> None:
    """A row that no longer fits its hash and cannot be read: what follows it is not trusted either."""
    with closing(sqlite3.connect(journal)) as db:
        db.execute("DROP TRIGGER events_stay")
        db.execute("UPDATE events SET payload = '{' WHERE seq = 50")
        db.commit()
    assert damage(journal) is not None
    done = salvage(journal, NOW)
    assert list(done.events.values()) == [49]
    assert all(event.seq < 50 for event in events_of(journal, next(iter(done.events))))


def test_a_second_damage_overwrites_no_first_one(journal: Path) -> None:
    """Twice within a second: two files aside."""
    spoiled(journal, "note 120 ")
    first = salvage(journal, NOW).aside
    spoiled(journal, "note 60 ")
    second = salvage(journal, NOW).aside
    assert first != second
    assert first.exists()
    assert second.exists()


def test_a_journal_that_somebody_has_open_is_not_put_aside(journal: Path) -> None:
    """Whoever has it open would go on writing to the file that is put aside: it is said how to find them."""
    with open_readonly(journal) as reader:
        run = reader.runs()[0].id
    # Another process: locks of this one would not be in its own way.
    import subprocess
    import sys

    code = f"import sqlite3; c = sqlite3.connect({str(journal)!r}); c.execute('PRAGMA journal_mode = WAL'); "
    code += "c.execute('SELECT count(*) FROM events').fetchone(); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(JournalError, match="another process has it open"):
            salvage(journal, NOW)
        other.stdin.write(b"\n")
        other.stdin.close()
    assert events_of(journal, run)


def test_what_cannot_be_read_at_all_is_left_where_it_is(journal: Path) -> None:
    """The first page is gone: nothing is moved, and the sentence says what to do."""
    content = b"\xff" * 200 + journal.read_bytes()[200:]
    journal.write_bytes(content)
    with pytest.raises(JournalError, match="can be read: keep a copy of it"):
        mended(journal, NOW)
    assert journal.read_bytes() == content


def test_status_of_a_damaged_journal_names_the_way_on(journal: Path) -> None:
    """A command that only reads changes nothing, tells what is left, and says which one goes on."""
    damaged = spoiled(journal, "note 120 ")
    done = called("status", "--db", str(journal))
    assert done.returncode == 1
    assert "read up to event" in done.stderr
    assert "`pags-tui run` keeps a damaged journal aside" in done.stderr
    assert journal.read_bytes() == damaged
