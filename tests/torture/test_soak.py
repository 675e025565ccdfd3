"""Three days of hypercare in time-lapse, with a fault every other hour: no leak, no open file, no tick lost unsaid."""

from __future__ import annotations

import json
import os
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from pags_tui.core.events import SourceLost, TicksLost
from pags_tui.core.tape import decode_rows
from pags_tui.driver.backfill import MISSED
from pags_tui.edge.journal import open_readonly
from pags_tui.wiring.clocks import wall
from tests.live import SIX, FlagServer, HookServer, MetricServer, begun, book_text, env_of, events_of
from tests.torture.figures import FULL, keep, times

pytestmark = pytest.mark.long

HOURS = times(3, 72)
SPEED = 600.0
"""Simulated seconds a second: an hour in six seconds."""
EVERY = 30.0
LATER = timedelta(minutes=10)
"""What could not be kept is told right after the next tick: that may take a moment, which is long on a fast clock."""
WARM = 24
"""Simulated hours of warming up: until then the kept ticks and the caches fill."""
MOST = 5_000_000
"""Bytes that the guard may grow by after that."""
SOAK = str(Path(__file__).with_name("soak.py"))
MORE = """
[triggers.errors]
title = "Too many errors"
when = "errors > 50 for 5m"
"""
SERVICES = """
[services.webhooks]
pager = "${HOOK}"
beat = "${HOOK}"
[notify]
heartbeat = "beat"
page = { webhook = "pager", on = ["countdown", "rollback", "blind", "guard-replaced"] }
"""


class Weather:
    """The world around the guard, and what goes wrong in it."""

    def __init__(self, flags: FlagServer, metrics: MetricServer, hook: HookServer, db: Path, door: Path) -> None:
        self.flags, self.metrics, self.hook, self.db, self.door = flags, metrics, hook, db, door
        self.dice = random.Random(8)
        self.tried: list[str] = []
        self.faults: dict[str, Callable[[], object]] = {
            "Prometheus down": self._down(metrics),
            "Prometheus answers HTML": self._manner(metrics, "html"),
            "Prometheus answers 500": self._manner(metrics, 500),
            "Prometheus hangs": self._manner(metrics, "hang"),
            "no series": lambda: self._for_a_while(lambda on: metrics.values.update(errors=None if on else 1.0)),
            "flag service down": self._down(flags),
            "flag service answers 503": self._reads(503),
            "flag service answers HTML": self._reads("html"),
            "somebody else sets a flag": lambda: self._for_a_while(lambda on: flags.values.update(mail=bool(on))),
            "webhook down": self._down(hook),
            "journal locked": self._lock,
            "a screen that never reads": self._frozen,
            "screens that come and go": self._guests,
        }

    def fault(self) -> None:
        """One of them, for twenty simulated minutes or so; in the end each has had its turn."""
        kinds = len(self.faults)
        names = [name for name in self.faults if name not in self.tried[len(self.tried) // kinds * kinds :]]
        name = self.dice.choice(names)
        self.tried.append(name)
        self.faults[name]()

    def _for_a_while(self, switch: Callable[[bool], object]) -> None:
        switch(True)
        time.sleep(20 * 60 / SPEED)
        switch(False)

    def _down(self, server: FlagServer | MetricServer | HookServer) -> Callable[[], object]:
        return lambda: self._for_a_while(lambda on: server.down() if on else server.up())

    def _manner(self, server: MetricServer, manner: str | int) -> Callable[[], object]:
        def switch(on: bool) -> None:
            server.manner = manner if on else "ok"
            (server.release.clear if on else server.release.set)()

        return lambda: self._for_a_while(switch)

    def _reads(self, manner: str | int) -> Callable[[], object]:
        return lambda: self._for_a_while(lambda on: setattr(self.flags, "on_read", lambda _: manner if on else "ok"))

    def _lock(self) -> None:
        with closing(sqlite3.connect(self.db, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            time.sleep(20 * 60 / SPEED)
            db.execute("ROLLBACK")

    def _frozen(self) -> None:
        with self._guest():
            time.sleep(20 * 60 / SPEED)

    def _guests(self) -> None:
        for _ in range(20):
            with self._guest() as line:
                line.settimeout(1.0)
                with suppress(OSError):
                    line.recv(1 << 16)

    @contextmanager
    def _guest(self) -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.door))
            line.sendall(b'{"hello": {"wire": 1}}\n')
            yield line


@contextmanager
def soaking(db: Path, run: str, door: Path, env: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], list[dict]]]:
    """The guard in a process of its own, and what it tells."""
    root = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, SOAK, str(db), run, str(door), str(SPEED), str(HOURS)]
    environment = {**os.environ, **env, "PYTHONPATH": root}
    told: list[dict] = []
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        listening = threading.Thread(target=lambda: told.extend(map(json.loads, process.stdout or ())))
        listening.start()
        try:
            yield process, told
        finally:
            process.kill()
            listening.join()


def unsaid(db: Path, run: str) -> list[str]:
    """Every pause between two kept ticks, by when they were taken, that is a hole and that nothing says."""
    with open_readonly(db) as reader:
        ticks, events = decode_rows(reader.ticks(run)), reader.events(run)
    lost = [(event.at, event.fact.seconds) for event in events if isinstance(event.fact, TicksLost)]
    found = []
    for one, two in pairwise(ticks):
        pause = (two.at - one.at).total_seconds()
        told = sum(seconds for at, seconds in lost if one.at <= at <= two.at + LATER)
        alone = any(abs(seconds - pause) < EVERY for at, seconds in lost if at >= one.at)
        if pause > MISSED * EVERY + 1 and told < pause - 3 * EVERY and not alone:
            found.append(f"{pause:.0f} s before tick {two.number}, at {two.at:%H:%M:%S}")
    return found


def test_three_days_leave_no_trace_in_memory_or_files(tmp_path: Path) -> None:
    """A fault every other simulated hour: afterwards memory has grown by five megabytes at the most since the warm-up,
    every file is closed, every pause in the watch is journaled as such, and the chain is whole."""
    db, door = tmp_path / "j" / "journal.db", tmp_path / "door.sock"
    with FlagServer(SIX) as flags, MetricServer(errors=1.0) as metrics, HookServer() as hook:
        text = book_text(flags, metrics, more=MORE, services=SERVICES, rollback='auto = "observe"')
        run = begun(db, text, wall())
        weather = Weather(flags, metrics, hook, db, door)
        with soaking(db, run, door, env_of(flags, metrics, hook)) as (process, told):
            while process.poll() is None:
                hour = told[-1]["hour"] if told else -1
                if 1 <= hour < HOURS - 1 and len(weather.tried) < hour // 2 + 1:
                    weather.fault()
                time.sleep(0.05)
            assert process.returncode == 0
    with open_readonly(db) as reader:
        ticks, broken = len(reader.ticks(run)), reader.verify(run)
    events = events_of(db, run)
    assert broken is None
    assert unsaid(db, run) == []
    assert told[-1]["files"] <= told[0]["files"], told
    assert any(isinstance(event.fact, SourceLost) for event in events)
    lost = [event.fact.seconds for event in events if isinstance(event.fact, TicksLost)]
    grown = 0.0
    if FULL:
        assert set(weather.tried) == set(weather.faults)
        warm = statistics.median(one["memory"] for one in told if WARM <= one["hour"] < WARM + 6)
        grown = statistics.median(one["memory"] for one in told[-7:-1]) - warm
        assert grown <= MOST, [one["memory"] for one in told]
    keep(
        "soak",
        f"{HOURS} simulated hours at {SPEED:.0f} times, {len(weather.tried)} faults of {len(weather.faults)} kinds, "
        f"{ticks} ticks, {len(events)} events",
        f"all; memory grew by {grown / 1e6:.1f} MB after {WARM} hours, every file closed",
        f"{sum(lost) / 60:.0f} minutes of watch in {len(lost)} pauses, each of them journaled",
    )
