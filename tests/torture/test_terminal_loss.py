"""The terminal goes away while a trigger is pending: it fires on the tick it was due, counts down, and rolls back.

Through a real sshd that is killed under the screen, and through a pty whose reader stands still.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.events import CountdownBegan, CountdownEnded, TicksLost, TriggerChanged, TriggerFired
from pags_tui.core.tape import decode_rows
from pags_tui.edge.journal import open_readonly
from pags_tui.wiring.alive import process_there
from pags_tui.wiring.clocks import wall
from tests.live import (
    SIX,
    FlagServer,
    MetricServer,
    ask_guard,
    begun,
    book_text,
    env_of,
    events_of,
    state_of,
    wait_until,
)
from tests.pty_harness import Pty
from tests.torture.figures import keep, times
from tests.torture.sshd import Sshd

pytestmark = [pytest.mark.long, pytest.mark.pty]

WAIT = 8.0
"""Seconds that the trigger waits."""
STALL = times(16, 60)
"""Seconds that the reader stands still: longer than the trigger's wait, the countdown and the rollback together."""
TRIGGER = f'[triggers.errors]\ntitle = "Too many errors"\nwhen = "errors > 50 for {WAIT:.0f}s"\n'


class Night:
    """A live run with a canary out, whose guard was started by a screen on a terminal of somebody's choice."""

    def __init__(self, folder: Path, flags: FlagServer, metrics: MetricServer) -> None:
        self.metrics, self.flags = metrics, flags
        self.db = (folder / "j" / "journal.db").resolve()
        text = book_text(flags, metrics, more=TRIGGER, rollback='auto = "countdown"\ncountdown = "3s"')
        self.run = begun(self.db, text, wall())
        self.book = folder / "runbook.toml"
        self.book.write_text(text)
        self.env = {**env_of(flags, metrics), "HOME": os.environ["HOME"], "PYTHONPATH": str(Path.cwd())}

    @property
    def command(self) -> list[str]:
        """What the lead types."""
        return [sys.executable, "-m", "pags_tui", "run", str(self.book), "--db", str(self.db)]

    def facts(self, kind: type) -> list:
        """The journaled events of one class."""
        return [event for event in events_of(self.db, self.run) if isinstance(event.fact, kind)]

    def canary_then_errors(self, screen: Pty) -> None:
        """The screen is there; ten percent go out, and then errors: the trigger is pending, and the screen says so."""
        screen.wait_for(b"guard ok")
        answer = ask_guard(self.db, self.run, a.SetFlags("go/canary", "10"))
        assert not answer.refused, answer.said
        wait_until(lambda: state_of(self.db, self.run).step("go/canary").outcome == "passed", "the canary is out")
        screen.pump(1.0)
        self.metrics.values["errors"] = 90.0
        wait_until(lambda: any(e.fact.state == "pending" for e in self.facts(TriggerChanged)), "the trigger is pending")
        assert not self.facts(TriggerFired)

    def rolled_back(self) -> bool:
        """The rollback is through."""
        rollback = state_of(self.db, self.run).rollback
        return rollback is not None and rollback.finished is not None

    def check(self) -> None:
        """It fired at the first tick at which it had been bad for so long, nothing was missed, everything is back."""
        with open_readonly(self.db) as reader:
            ticks = decode_rows(reader.ticks(self.run))
        readings = [(tick, tick.tick.readings.get("errors")) for tick in ticks]
        bad = [tick for tick, reading in readings if reading and reading.points and reading.points[0].value > 50]
        due = next(tick for tick in bad if round(tick.tick.time - bad[0].tick.time, 3) >= WAIT)  # to the millisecond
        (fired,) = self.facts(TriggerFired)
        following = next(tick for tick in ticks if tick.number == due.number + 1)
        assert due.at <= fired.at <= following.at + timedelta(seconds=1), (due, fired)
        assert due.triggers["errors"].state == "firing"
        assert [tick.number for tick in ticks] == list(range(ticks[0].number, ticks[-1].number + 1))
        assert not self.facts(TicksLost)
        assert len(self.facts(CountdownBegan)) == 1
        assert [event.fact.reason for event in self.facts(CountdownEnded)] == ["ran out"]
        rollback = state_of(self.db, self.run).rollback
        assert rollback is not None
        assert (rollback.verified, len(rollback.moves)) == (6, 6)
        assert self.flags.values == SIX

    def end(self) -> None:
        """Whatever guard is left is killed."""
        with open_readonly(self.db) as reader:
            lease = reader.lease(self.run)
        if lease is not None and process_there(lease.pid):
            os.kill(lease.pid, signal.SIGKILL)


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    """The night, with a metric service that is calm so far."""
    with FlagServer(SIX) as flags, MetricServer(errors=1.0) as metrics:
        found = Night(tmp_path, flags, metrics)
        yield found
        found.end()


def screens_of(night: Night) -> list[int]:
    """Processes that run the lead's command."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"run" in words and str(night.book).encode() in words and b"-m" in words:
                found.append(int(entry.name))
    return found


def test_an_sshd_that_dies_under_the_screen(tmp_path: Path, night: Night) -> None:
    """The line is cut by kill -9 of the server: the screen ends, the guard goes on, and the next login shows it all."""
    server = Sshd(tmp_path / "sshd")
    server.up()
    with server.login(night.command, night.env) as line:
        night.canary_then_errors(line)
        (screen,) = screens_of(night)
        began = time.monotonic()
        server.cut()
        wait_until(lambda: not process_there(screen), "the screen has ended")
        gone = time.monotonic() - began
        line.ended()
    wait_until(night.rolled_back, "it has rolled back with nobody there")
    server.up()
    with server.login(night.command, night.env) as line:
        line.wait_for(b"ROLLED BACK")
        line.wait_for(b"6/6")
    server.cut()
    night.check()
    keep("sshd killed under the screen", f"1 line cut; the screen ended after {gone:.1f} s", "trigger on its tick, "
         "countdown, rollback 6/6, shown to the next login", "no tick")  # fmt: skip


def test_a_closed_terminal_ends_the_screen_as_sighup_does(night: Night) -> None:
    """The window is closed: the screen ends with 128+1, whatever it would still have said, and the guard goes on."""
    with Pty(night.command, columns=100, rows=30, env=night.env) as screen:
        screen.wait_for(b"guard ok")
        screen.pump(1.0)
        screen.hang_up()
        assert screen.ended(reading=False) == 129
    assert not ask_guard(night.db, night.run, a.AddNote("still here")).refused


def test_a_reader_that_stands_still(night: Night) -> None:
    """Nobody reads the terminal for a minute: meanwhile the trigger fires, counts down and rolls back; then the same
    screen shows it."""
    with Pty(night.command, columns=200, rows=50, env=night.env) as screen:
        night.canary_then_errors(screen)
        ends = time.monotonic() + STALL
        wait_until(night.rolled_back, "it has rolled back while nobody read")
        assert time.monotonic() < ends, "the rollback took longer than the stall"
        time.sleep(max(0.0, ends - time.monotonic()))
        night.check()
        seen = len(screen.output)
        screen.wait_for(b"ROLLED BACK", seen)
        screen.send(b"\x03")
        screen.pump(0.5)
    keep("a reader that stalls", f"one stall of {STALL} s", "trigger on its tick, countdown, rollback 6/6, then shown",
         "no tick")  # fmt: skip
