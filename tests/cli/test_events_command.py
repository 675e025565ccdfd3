"""`events`, for people and for log shippers: whole lines, at once, until the run, a signal or the reader ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from pags_tui.core.events import NoteAdded, RunEnded
from pags_tui.edge.journal import open_journal
from tests.live import LEAD, PATIENCE, begun, book_text, called

AT = datetime(2126, 11, 24, 22, tzinfo=UTC)


def following(db: Path, *words: str) -> subprocess.Popen[str]:
    """The command as a log shipper runs it."""
    command = [sys.executable, "-m", "pags_tui", "events", "--follow", "--json", "--db", str(db), *words]
    heeded = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # whoever runs the tests may ignore it
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}, preexec_fn=heeded
    )


def noted(db: Path, run: str, *facts: NoteAdded | RunEnded) -> None:
    """What happens meanwhile."""
    with open_journal(db) as journal:
        journal.append(run, facts, AT, LEAD, None)


def test_it_follows_line_by_line_until_the_run_ends(tmp_path: Path) -> None:
    """Each event is a line as soon as it is journaled, long ones too; the end of the run ends it with 0."""
    db = tmp_path / "j" / "journal.db"
    run = begun(db, book_text())
    with following(db) as shipper:
        assert shipper.stdout is not None
        first = json.loads(shipper.stdout.readline())
        assert (first["seq"], first["kind"], first["payload"]["run"]) == (1, "run-started", run)
        for number in (1, 2):
            noted(db, run, NoteAdded(f"note {number} " + "ü" * 40_000))
            line = next(line for line in shipper.stdout if '"note-added"' in line)
            assert json.loads(line)["payload"]["text"].startswith(f"note {number} ü")
        noted(db, run, RunEnded("done"))
        assert json.loads(shipper.stdout.read())["payload"]["outcome"] == "done"
        assert shipper.wait(PATIENCE) == 0
        assert shipper.stderr is not None
        assert shipper.stderr.read() == ""


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_a_signal_ends_it_after_a_whole_line(tmp_path: Path, number: signal.Signals) -> None:
    """128+n, nothing on stderr, and every line that was written is whole."""
    db = tmp_path / "j" / "journal.db"
    run = begun(db, book_text())
    with following(db) as shipper:
        assert shipper.stdout is not None
        shipper.stdout.readline()
        noted(db, run, *(NoteAdded("x" * 9000) for _ in range(50)))
        shipper.stdout.readline()
        shipper.send_signal(number)
        rest = shipper.stdout.read()
        assert shipper.wait(PATIENCE) == 128 + number
        assert shipper.stderr is not None
        assert shipper.stderr.read() == ""
    assert all(json.loads(line)["seq"] for line in rest.splitlines())
    assert not rest or rest.endswith("\n")


@pytest.mark.long
def test_a_reader_that_goes_away_ends_it(tmp_path: Path) -> None:
    """Though nothing happens that could be written: a shipper that was started anew finds no second one."""
    db = tmp_path / "j" / "journal.db"
    begun(db, book_text())
    with following(db) as shipper:
        assert shipper.stdout is not None
        shipper.stdout.readline()
        shipper.stdout.close()
        assert shipper.wait(PATIENCE) == 0
        assert shipper.stderr is not None
        assert shipper.stderr.read() == ""


def test_it_goes_on_from_a_number(tmp_path: Path) -> None:
    """`--since`: only later ones, as objects or as sentences."""
    db = tmp_path / "j" / "journal.db"
    run = begun(db, book_text())
    noted(db, run, NoteAdded("one"), NoteAdded("two"))
    found = [json.loads(line) for line in called("events", "--db", str(db), "--json").stdout.splitlines()]
    assert [row["seq"] for row in found] == list(range(1, len(found) + 1))
    (last,) = called("events", "--db", str(db), "--since", str(len(found) - 1)).stdout.splitlines()
    assert last.startswith("22:00:00")
    assert "two" in last
