"""A damaged journal: what only reads tells what is left of it and says so, exit code 1; nothing is changed by it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.live import called

NIGHT = Path(__file__).parent.parent / "runs" / "error-spike.db"
RUN = "small-2026-11-24-demo"
READS = (("events", "--json"), ("events",), ("status", "--json"), ("status",), ("runs", "--json"), ("runs",),
         ("verify", RUN))  # fmt: skip


def seqs(text: str) -> list[int]:
    """The numbers of the printed events."""
    return [json.loads(line)["seq"] for line in text.splitlines()]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal with a closed run in it."""
    file = tmp_path / "journal.db"
    shutil.copy(NIGHT, file)
    file.chmod(0o600)
    return file


@pytest.fixture
def torn(journal: Path) -> Path:
    """The same without its last third."""
    journal.write_bytes(journal.read_bytes()[: 2 * journal.stat().st_size // 3 // 4096 * 4096])
    return journal


def changed(file: Path, sql: str, *values: object) -> Path:
    """The file after somebody wrote to it past the program."""
    with closing(sqlite3.connect(file)) as db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        db.execute(sql, values)
        db.commit()
    return file


def test_what_only_reads_tells_what_is_left(torn: Path) -> None:
    """Each command: its result up to the damage, one sentence about how far that goes, and 1."""
    before = torn.read_bytes()
    for words in READS:
        done = called(*words, "--db", str(torn))
        assert done.returncode == 1, (words, done.stderr)
        assert done.stdout, words
        if words[0] != "verify":
            (told,) = [line for line in done.stderr.splitlines() if "is damaged" in line]
            assert "read up to event" in told
            assert "The file was left as it is." in told
    done = called("report", RUN, "-o", str(torn.with_name("report.md")), "--db", str(torn))
    assert (done.returncode, "read up to event" in done.stderr) == (1, True)
    assert torn.read_bytes() == before
    assert sorted(one.name for one in torn.parent.iterdir()) == [torn.name, "report.md"]


@pytest.mark.parametrize("content", [b"", b"no database at all\n" * 300, b"SQLite format 3\0" + b"?" * 9000], ids=len)
def test_a_file_without_a_run_does_not_verify(tmp_path: Path, content: bytes) -> None:
    """Emptied, overwritten, or something else: exit 1, as for every recording that does not verify."""
    file = tmp_path / "night.db"
    file.write_bytes(content)
    done = called("verify", str(file))
    assert (done.returncode, done.stdout.startswith(f"{file}: BROKEN: ")) == (1, True), done.stderr
    (told,) = json.loads(called("verify", str(file), "--json").stdout)
    assert (told["run"], told["ok"], told["seq"]) == (None, False, None)
    assert called("verify", str(tmp_path / "none.db")).returncode == 3


def test_a_recording_is_not_written_over(journal: Path, tmp_path: Path) -> None:
    """The file is there: refused with 4, untouched; with --force it is replaced."""
    file = tmp_path / "kept.db"
    file.write_bytes(b"mine")
    done = called("export", RUN, str(file), "--db", str(journal))
    assert (done.returncode, "exists already" in done.stderr, file.read_bytes()) == (4, True, b"mine")
    assert called("export", RUN, str(file), "--force", "--db", str(journal)).returncode == 0


def test_events_status_and_runs_agree_on_where_it_ends(torn: Path) -> None:
    """The events go on without a gap to the last one; the run stands as they say; following ends there."""
    told = seqs(called("events", "--json", "--db", str(torn)).stdout)
    assert told == list(range(1, len(told) + 1))
    assert 10 < len(told) < len(seqs(called("events", "--json", "--db", str(NIGHT)).stdout))
    followed = called("events", "--json", "--follow", "--since", str(told[-3]), "--db", str(torn))
    assert (seqs(followed.stdout), followed.returncode) == (told[-2:], 1)
    status = json.loads(called("status", "--json", "--db", str(torn)).stdout)
    (row,) = json.loads(called("runs", "--json", "--db", str(torn)).stdout)
    assert status["run"] == row
    assert f"up to event {told[-1]} of" in called("runs", "--db", str(torn)).stderr


def test_what_is_left_can_be_exported(torn: Path, tmp_path: Path) -> None:
    """A recording that opens, and holds as much as was told; never over the damaged file itself."""
    told = seqs(called("events", "--json", "--db", str(torn)).stdout)
    before, out = torn.read_bytes(), tmp_path / "left.db"
    done = called("export", RUN, str(out), "--db", str(torn))
    assert (done.returncode, "is damaged" in done.stderr) == (1, True)
    assert seqs(called("events", "--json", "--db", str(out)).stdout) == told
    assert called("report", str(out), "-o", str(tmp_path / "report.md")).returncode in (0, 1)
    over = called("export", RUN, str(torn), "--force", "--db", str(torn))
    assert over.returncode > 1
    assert torn.read_bytes() == before


@pytest.mark.parametrize("payload", ["{", '{"flag":1}', "{}"], ids=["no-json", "another-fact", "empty"])
def test_an_event_that_nobody_can_read_ends_it(journal: Path, payload: str) -> None:
    """The file is whole, but one of its rows is not as it was written: what comes before it is told."""
    changed(journal, "UPDATE events SET payload = ? WHERE seq = 12 AND kind != 'note'", payload)
    done = called("events", "--json", "--db", str(journal))
    assert (seqs(done.stdout), done.returncode) == (list(range(1, 12)), 1)
    assert "read up to event 11" in done.stderr
    assert called("status", "--db", str(journal)).returncode == 1


def test_a_damaged_last_tick_hides_no_status(journal: Path) -> None:
    """Gates and triggers are told as of the last tick that can be read, and that is said."""
    whole = called("status", "--json", "--db", str(journal))
    changed(journal, "UPDATE samples SET payload = zeroblob(9) WHERE tick = (SELECT max(tick) FROM samples)")
    done = called("status", "--json", "--db", str(journal))
    assert (whole.returncode, done.returncode) == (0, 1)
    assert "gates and triggers are told as of tick" in done.stderr
    assert json.loads(done.stdout)["run"] == json.loads(whole.stdout)["run"]
    changed(journal, "UPDATE samples SET payload = x'00'")
    none = called("status", "--json", "--db", str(journal))
    assert (none.returncode, json.loads(none.stdout)["gates"]) == (1, [])
    assert "is not known" in none.stderr


@pytest.fixture
def running(journal: Path) -> Iterator[Path]:
    """The journal of a process that was killed: its last writes lie beside the file."""
    with closing(sqlite3.connect(journal)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA wal_autocheckpoint=0")
        db.execute("UPDATE runs SET ended = '2026-11-24T22:00:00Z', outcome = 'abandoned'")
        db.commit()
        yield journal


def test_what_was_written_last_is_not_forgotten(running: Path) -> None:
    """What lies beside the file counts as well; a file of which nothing is left is a sentence as ever."""
    with running.open("r+b") as file:
        file.truncate(2 * running.stat().st_size // 3 // 4096 * 4096)
    done = called("runs", "--json", "--db", str(running))
    (row,) = json.loads(done.stdout)
    assert (done.returncode, row["ended"]) == (1, "2026-11-24T22:00:00Z")
    nothing = running.with_name("nothing.db")
    nothing.write_bytes(b"\0" * 8192)
    for words in (("status",), ("events",), ("runs",), ("export", RUN, "x.db")):
        done = called(*words, "--db", str(nothing))
        assert (done.returncode > 1, "Traceback" in done.stderr, done.stdout) == (True, False, ""), words
