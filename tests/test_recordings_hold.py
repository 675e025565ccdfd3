"""A recording holds: the state of any moment, every flipped bit found, every cut survived; nobody changes the file."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import shutil
import socket
import sqlite3
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pags_tui.cli.replay import read_recording
from pags_tui.core.decide import asks as a
from pags_tui.core.errors import PagsError
from pags_tui.core.events import FlagSeen, TZeroSet
from pags_tui.core.judge import encode_judged
from pags_tui.core.ports import RunRow, TickRow
from pags_tui.core.state import RunState
from pags_tui.edge.journal import export_run, open_journal, open_readonly
from pags_tui.replay import Recording, ReplayDesk
from tests.live import called
from tests.pictures import picture
from tests.runs.make import NIGHTS
from tests.ui.desks import ANA, CALM, T_ZERO, Night

RUNS = Path(__file__).with_name("runs")
STEADY = RUNS / "steady.db"
SMALL = str(RUNS / "small.toml")
RUN = "small-2026-11-24-demo"
PAGE = 4096
QUIET = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


# ---------------------------------------------------------------- any run, any moment


def _asks() -> list[Callable[[Night], object]]:
    bad = {**CALM, "error-rate": 0.03}
    asks: tuple[a.Ask, ...] = (
        a.AddNote("a note"), a.HoldClock("wait"), a.Resume("on"), a.OpenIssue("major", "broken"),
        a.CloseIssue(1, "fine"), a.Resolve("prepare/backups-are-fresh"),
        a.Resolve("prepare/replica-count-noted", value="3"),
        a.Resolve("prepare/freeze-deployments"), a.SetFlags("prepare/brain", "production"),
        a.Resolve("prepare/everybody-is-here"), a.Sign("prepare", "cutover-lead"), a.SetFlags("canary-10/ten", "10"),
        a.Reopen("prepare/backups-are-fresh"), a.NameRole("database-lead", "dora"), a.Recycle(0.0, "again"),
        a.Mute("queue-depth", 600.0, "known"), a.GiveOverride("canary-10/errors", "fail", 0.03, "seen"),
    )  # fmt: skip
    return [*(partial(_try, ask=ask) for ask in asks), lambda night: night.tick(), lambda night: night.tick(bad, 3)]


def _try(night: Night, ask: a.Ask) -> None:
    with contextlib.suppress(PagsError):
        night.do(ask, ANA)


DOINGS = _asks()


def _journaled(night: Night, file: Path) -> Recording:
    """The night through a real journal and an export of it."""
    started = night.events[0].fact
    with open_journal(file.with_name("told.db")) as journal:
        journal.begin(RunRow(started.run, "night", "live", night.events[0].at, None, None), started.sha256)  # type: ignore[union-attr]
        for event in night.events:
            journal.append(started.run, [event.fact], event.at, event.by, None)  # type: ignore[union-attr]
        for tick in night.ticks:
            journal.add_tick(started.run, TickRow(tick.number, tick.at, len(night.events), encode_judged(tick)))  # type: ignore[union-attr]
    with open_readonly(file.with_name("told.db")) as reader:
        export_run(reader, started.run, file)  # type: ignore[union-attr]
    return read_recording(file, None)


@pytest.mark.long
@given(st.lists(st.tuples(st.integers(0, len(DOINGS) - 1), st.floats(0.5, 900)), max_size=25), st.data())
@settings(QUIET, max_examples=40)
def test_any_moment_of_any_run_is_as_it_was_live(
    tmp_path_factory: pytest.TempPathFactory, doings: list[tuple[int, float]], data: st.DataObject
) -> None:
    """Whatever was done, refused or judged: journal, export, and the fold up to a moment is the live state of then."""
    night = Night().read_flags({"canary-percentage": 0, "use-new-brain": False, "legacy-mode": True})
    night.happen(TZeroSet(T_ZERO))
    lived: list[tuple[datetime, RunState]] = [(night.now, night.state)]
    for number, seconds in doings:
        night.at((night.now - T_ZERO).total_seconds() / 60 + seconds / 60)
        DOINGS[number](night)
        lived.append((night.now, night.state))
    recording = _journaled(night, tmp_path_factory.mktemp("run") / "night.db")
    for moment, state in data.draw(st.permutations(lived)):
        assert recording.state_at(moment) == state
    assert [recording.judged(n) for n in range(len(recording.rows))] == night.ticks


def test_what_was_journaled_late_does_not_go_back_in_time() -> None:
    """Events from beside the journal carry their own time; a replay tells them no sooner than what stands before."""
    night = Night()
    first = night.now
    night.at(5).happen(FlagSeen("legacy-mode", True))
    late = night.at(2).happen(FlagSeen("legacy-mode", False))
    recording = Recording(night.events, ())
    assert late[0].at < recording.event_times[-1] == recording.end
    assert list(recording.event_times) == sorted(recording.event_times)
    assert recording.state_at(first).seq == 2
    assert recording.state_at(recording.end) == night.state


# ---------------------------------------------------------------- one bit


COLUMNS = ("seq", "at", "by_user", "by_name", "kind", "payload", "tick", "ticks_digest", "hash")


@pytest.mark.long
@given(st.data())
@settings(QUIET, max_examples=200)
def test_a_flipped_byte_of_any_event_is_found(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Any row, any column, any byte, any bit of it: `verify` ends with 1 and names a row."""
    name = data.draw(st.sampled_from(NIGHTS))
    file = tmp_path_factory.mktemp("flip") / "night.db"
    shutil.copy(RUNS / f"{name}.db", file)
    with contextlib.closing(sqlite3.connect(file)) as db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        count = db.execute("SELECT count(*) FROM events").fetchone()[0]
        seq, column = data.draw(st.integers(1, count)), data.draw(st.sampled_from(COLUMNS))
        held = db.execute(f"SELECT CAST({column} AS BLOB) FROM events WHERE seq = ?", (seq,)).fetchone()[0]
        if not held:
            return
        at = data.draw(st.integers(0, len(held) - 1))
        flipped = held[:at] + bytes([held[at] ^ (1 << data.draw(st.integers(0, 7)))]) + held[at + 1 :]
        try:
            db.execute(f"UPDATE events SET {column} = CAST(? AS TEXT) WHERE seq = ?", (flipped, seq))
        except sqlite3.IntegrityError:  # a number that another event has: no such row can be
            return
        db.commit()
    done = called("verify", str(file))
    assert done.returncode == 1, (seq, column, held, flipped)
    assert "BROKEN" in done.stdout


@pytest.mark.long
@given(st.integers(0, STEADY.stat().st_size - 1), st.integers(0, 7))
@settings(QUIET, max_examples=200)
def test_a_flipped_byte_of_the_file_is_found_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int
) -> None:
    """Anywhere in the file: found, refused with a sentence, or nothing that was recorded is another by it."""
    data = bytearray(STEADY.read_bytes())
    data[at] ^= 1 << bit
    file = tmp_path_factory.mktemp("flip") / "night.db"
    file.write_bytes(data)
    done = called("verify", str(file))
    assert done.returncode in (0, 1, 3, 4)
    assert "Traceback" not in done.stderr
    if done.returncode == 0:
        assert _recorded(file) == _recorded(STEADY)


def _recorded(file: Path) -> tuple[object, ...]:
    with open_readonly(file) as reader:
        run = reader.runs()[0].id
        return reader.events(run), reader.ticks(run)


# ---------------------------------------------------------------- cuts


@pytest.mark.parametrize("name", ["steady", *(pytest.param(name, marks=pytest.mark.long) for name in NIGHTS[1:])])
def test_a_file_cut_at_any_page_is_read_up_to_the_cut(name: str, tmp_path: Path) -> None:
    """Every command opens what is left, or refuses with a sentence; never a traceback, and more is never less."""
    whole, known = (RUNS / f"{name}.db").read_bytes(), (0, 0)
    for pages in range(len(whole) // PAGE):
        cut = tmp_path / f"{pages}.db"
        cut.write_bytes(whole[: pages * PAGE])
        held = _held(cut)
        assert held >= known
        known = held
        for words in (
            ("verify", str(cut)),
            ("report", str(cut), "-o", str(tmp_path / "report.md")),
            ("backtest", SMALL, "--recording", str(cut)),
            ("export", RUN, str(tmp_path / f"{pages}-again.db"), "--db", str(cut)),
            ("status", "--db", str(cut)),
            ("events", "--json", "--db", str(cut)),
            *([("runs", "--db", str(cut))] if pages else []),  # a file of no byte is one without a run
        ):
            done = called(*words)
            assert done.returncode in (1, 3, 4) or (words[0] == "backtest" and held[1])
            assert "Traceback" not in done.stderr
            assert done.stderr or "BROKEN" in done.stdout
        assert cut.read_bytes() == whole[: pages * PAGE]
    events, ticks = known
    assert events > 30
    assert ticks > 10


def _held(file: Path) -> tuple[int, int]:
    """How many events and ticks a replay shows of it."""
    try:
        tape = read_recording(file, None)
    except PagsError:
        return 0, 0
    assert "is damaged" in tape.damage
    assert tape.state_after(len(tape.events)).run is not None
    return len(tape.events), len([tape.shown(n) for n in range(len(tape.rows))])


async def test_a_cut_recording_replays_and_says_so(tmp_path: Path) -> None:
    """The war room opens at what is left, with the sentence over it."""
    cut = tmp_path / "cut.db"
    cut.write_bytes(STEADY.read_bytes()[: 14 * PAGE])
    from pags_tui.ui.app import WarRoom

    tape = read_recording(cut, None)
    desk = ReplayDesk(tape, lambda: 0.0, tape.end)
    app = WarRoom(desk, desk, beat=None, warn=lambda _: {"damaged": tape.damage})
    text = "".join(row for row, _ in await picture(app, (120, 40)))
    assert "is damaged" in text


# ---------------------------------------------------------------- nobody changes it


def _digest(folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


async def test_nobody_changes_a_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verify, report, backtest, export, events, status, runs, replay, what if: the file stays, nothing lies beside it.

    Also where nothing can be written, without a network, without a variable, without the runbook's file.
    """
    folder, out = tmp_path / "kept", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    file = folder / "night.db"
    shutil.copy(RUNS / "error-spike.db", file)
    before = _digest(folder)
    file.chmod(0o400)
    folder.chmod(0o500)
    monkeypatch.chdir(out)

    def no_network(*_: object, **__: object) -> None:
        raise AssertionError("a recording needs no network")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    for name in ("PROMETHEUS_URL", "FEATURE_FLAG_API", "API_KEY"):
        monkeypatch.delenv(name, raising=False)
    db = str(file)
    commands = (
        ("verify", db), ("runs", "--db", db), ("status", "--db", db), ("events", "--db", db, "--json"),
        *(("report", db, "--format", form, "-o", f"report.{form}") for form in ("md", "html", "json")),
        ("export", RUN, "again.db", "--db", db), ("backtest", SMALL, "--recording", db),
    )  # fmt: skip
    for words in commands:
        done = called(*words)
        assert done.returncode == 0, (words, done.stderr)
    tape = read_recording(file, None)
    desk = ReplayDesk(tape, lambda: 0.0, tape.end)
    await desk.suppose(["triggers.error-rate.when=error-rate > 1% for 1m"])
    from pags_tui.ui.app import WarRoom

    await picture(WarRoom(desk, desk, beat=None), (80, 24), "R", "d", "space", "3")
    await asyncio.sleep(0)
    folder.chmod(0o700)
    assert _digest(folder) == before
    assert called("verify", str(out / "again.db")).returncode == 0
