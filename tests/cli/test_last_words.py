"""When something of ours breaks: a sentence with the next move, a small log without values, and nothing half begun."""

from __future__ import annotations

import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from pags_tui.wiring import crashes
from pags_tui.wiring.crashes import frames_of, keep_crash
from tests.live import SIX, FlagServer, book_text, env_of
from tests.pty_harness import Pty

CRASHING = str(Path(__file__).with_name("crashing.py"))


@pytest.mark.pty
def test_a_screen_that_breaks_says_where_the_run_is_and_how_to_go_on(own_home: Path) -> None:
    """The terminal is given back with a sentence that names the journal, the command and the log; the log holds the
    place, for its user alone, and nothing shows a value."""
    with Pty([sys.executable, CRASHING], columns=100, rows=30) as terminal:
        assert terminal.ended() == 1
        shown = terminal.output[terminal.output.rindex(b"\x1b[?1049l") :]
    log = own_home / "state" / "pags-tui" / "crash.log"
    assert b"RuntimeError at crashing.py" in shown
    assert b"The run night-1 is kept in journal.db. Back to it: pags-tui run" in shown
    assert b"crash.log" in shown
    assert "crashing.py" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600
    assert b"s3cret-token" not in terminal.output + log.read_bytes()


def test_a_crash_log_stays_small_and_private(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is rotated once, never read by others, and a link in its place is not followed."""
    monkeypatch.setattr(crashes, "LARGEST", 2000)
    for number in range(20):
        file = keep_crash(f"crash {number} " + "x" * 300)
    assert file is not None
    aside = file.with_name("crash.log.1")
    assert file.stat().st_size + aside.stat().st_size < 6000
    assert {one.stat().st_mode & 0o777 for one in (file, aside)} == {0o600}
    assert "crash 19" in file.read_text()
    file.unlink()
    file.symlink_to(own_home / "elsewhere")
    assert keep_crash("never") is None
    assert not (own_home / "elsewhere").exists()


def test_what_is_kept_of_an_error_is_places_and_kinds() -> None:
    """Behind an error stand others: each is named by its kind and its frames, none by its text."""
    try:
        try:
            raise KeyError("s3cret-1")
        except KeyError as cause:
            raise ValueError("s3cret-2") from cause
    except ValueError as error:
        kept = frames_of(error)
    assert "ValueError\nafter\n" in kept
    assert kept.endswith("KeyError")
    assert "s3cret-2" not in kept.replace('ValueError("s3cret-2")', "")


def test_ctrl_c_at_work_does_not_say_that_nothing_was_done() -> None:
    """Only a question that is left unanswered has done nothing. 130 in either case."""
    command = [sys.executable, "-m", "pags_tui", "sim", "--port", "0"]
    heeded = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # whoever runs the tests may ignore it
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heeded) as sim:
        assert sim.stdout is not None
        assert sim.stderr is not None
        sim.stdout.readline()
        sim.stderr.readline()
        sim.send_signal(signal.SIGINT)
        said = sim.stderr.read().split()
        assert sim.wait(20) == 130
    assert said[-1:] == ["Left."]


@pytest.mark.pty
def test_a_terminal_without_a_screen_is_refused_before_anything_begins(tmp_path: Path) -> None:
    """TERM=dumb: the sentence comes first. No run was recorded, no name was asked for, no guard is left."""
    with FlagServer(SIX) as flags:
        book = tmp_path / "runbook.toml"
        book.write_text(book_text(flags))
        db = tmp_path / "j" / "journal.db"
        command = [sys.executable, "-m", "pags_tui", "run", str(book), "--confirm", "production", "--db", str(db)]
        with Pty(command, env={"TERM": "dumb", **env_of(flags)}) as terminal:
            assert terminal.ended() == 2
    assert b"A terminal with TERM=dumb cannot show a screen" in terminal.output
    assert not db.exists()
