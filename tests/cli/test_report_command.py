"""`pags-tui report`: runs of a journal and recordings, to stdout and to files, against one another."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from pags_tui.cli import main
from tests.runs.make import HERE


def run(capfdbinary: pytest.CaptureFixture[bytes], *args: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one command."""
    with pytest.raises(SystemExit) as left:
        main(args)
    out, err = capfdbinary.readouterr()
    return int(left.value.code or 0), out.decode(), err.decode()


def test_a_recording_is_reported_in_every_form(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Each form is what the golden files hold, on stdout and in a file; the recording stays as it is."""
    file = tmp_path / "night.db"
    shutil.copy(HERE / "rough.db", file)
    before = hashlib.sha256(file.read_bytes()).digest()
    for form in ("md", "html", "json"):
        code, out, err = run(capfdbinary, "report", str(file), "--format", form)
        assert (code, err) == (0, "")
        assert out == (HERE / f"rough.{form}").read_text(encoding="utf-8")
    code, out, _ = run(capfdbinary, "report", str(file), "-o", str(tmp_path / "night.md"))
    assert (code, out) == (0, "")
    assert (tmp_path / "night.md").read_text() == (HERE / "rough.md").read_text()
    assert hashlib.sha256(file.read_bytes()).digest() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["night.db", "night.md"]


def test_two_runs_are_compared(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """`--against` adds the part in which the two stand beside one another."""
    code, out, _ = run(capfdbinary, "report", str(HERE / "error-spike.db"), "--against", str(HERE / "steady.db"))
    assert code == 0
    assert out == (HERE / "error-spike.md").read_text()


def test_a_run_of_a_journal_is_found_by_name(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """With --db a run is named by its id, or is the newest; an unknown one is refused with a next move."""
    file = str(HERE / "steady.db")
    assert run(capfdbinary, "report", "--db", file)[1] == (HERE / "steady.md").read_text()
    assert run(capfdbinary, "report", "small-2026-11-24-demo", "--db", file)[0] == 0
    code, out, err = run(capfdbinary, "report", "nobody", "--db", file)
    assert (code, out) == (4, "")
    assert "pags-tui runs" in err


def test_a_damaged_tick_is_left_out_and_said(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """What can be read is reported; the damage is told on stderr, in the report, and by exit code 1."""
    file = tmp_path / "night.db"
    shutil.copy(HERE / "steady.db", file)
    db = sqlite3.connect(file)
    db.execute("DROP TRIGGER samples_stay")
    db.execute("UPDATE samples SET payload = x'00' WHERE tick = 3")
    db.commit()
    db.close()
    code, out, err = run(capfdbinary, "report", str(file), "--format", "json")
    assert code == 1
    assert "1 stored tick" in err
    assert json.loads(out)["watched"]["unreadable"] == 1


def test_the_schema_is_printed(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """`--schema` prints the schema that the package ships."""
    code, out, _ = run(capfdbinary, "report", "--schema")
    assert code == 0
    assert json.loads(out)["$id"] == "urn:pags-tui:report:1"


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """No traceback: which file, why, and what to do."""
    code, _, err = run(capfdbinary, "report", str(HERE / "steady.db"), "-o", str(tmp_path / "no" / "night.md"))
    assert code == 2
    assert "-o" in err
    assert "Traceback" not in err
