"""Whole nights on real parts: a real Prometheus that scrapes, a real flag service, a real journal, and the keyboard."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pags_tui.core.events import Actor
from pags_tui.core.plan.progress import is_done
from pags_tui.core.runbook import FlagService
from pags_tui.desk.local import DriverThread, LocalDesk
from pags_tui.driver import Driver, Identity, Pace, Record, Services
from pags_tui.edge.flags import Access, open_flags
from pags_tui.edge.journal import open_journal
from pags_tui.edge.prometheus import Prometheus
from pags_tui.simulator import Simulator
from pags_tui.simulator.scenarios import SCENARIOS
from pags_tui.ui.app import WarRoom
from pags_tui.wiring.clocks import SteadyClock
from pags_tui.wiring.runs import Start, begin_run
from tests.night.hands import Hands
from tests.night.lapse import lapsed
from tests.prometheus import RealPrometheus

LEAD = Actor("lead", "ana")
PACE = Pace(every=0.5, deadline=2.0, verify=3.0)


@pytest.fixture(autouse=True)
def lapsed_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The flags are read every second: the night is short, and half a minute of it would be three hours."""
    monkeypatch.setattr("pags_tui.driver.loop.FLAGS_EVERY", 1.0)


class Night:
    """Everything that one night needs, real and running."""

    def __init__(self, folder: Path, scenario: str) -> None:
        self.runbook = lapsed()
        t0 = datetime.now(UTC) + timedelta(seconds=12)
        self.simulator = Simulator(self.runbook, scenario, clock=time.time, t0=t0.timestamp())
        self.journal = open_journal(folder / "private" / "journal.db")
        self.run = begin_run(self.journal, self.runbook, Start("live", LEAD, t0))

    @contextmanager
    def running(self, folder: Path) -> Iterator[LocalDesk]:
        """A desk at the driver of this night."""
        address = self.simulator.url.removeprefix("http://")
        with RealPrometheus(folder, [address], scrape="250ms") as real:
            self.prometheus_url = real.url
            thread = DriverThread(self.driver).start()
            try:
                yield LocalDesk(thread, LEAD)
            finally:
                thread.stop()
                self.metrics.close()
                self.journal.close()

    def driver(self) -> Driver:
        """The driver as the guard process builds it, on a faster pace."""
        settings = FlagService(kind="http", url=self.simulator.flags_url)
        flags = {"flags": open_flags(settings, Access({}, self.simulator.token))}
        clock = SteadyClock()
        lease = self.journal.take_lease(self.run, os.getpid(), "here", "boot", clock.now(), 0.0)
        self.metrics = Prometheus(self.prometheus_url)
        services = Services(self.metrics, flags)
        return Driver(
            Record(self.journal, self.run, clock, lease.token), services, Identity(os.getpid(), "here", 1), PACE
        )


@pytest.mark.long
@pytest.mark.prometheus
async def test_a_night_from_t_minus_60_to_t_plus_180_by_keyboard(tmp_path: Path) -> None:
    """Every step ticked, both checkpoints signed, the canary moved 10, 50, 100: DONE, and each write came once."""
    night = Night(tmp_path, "steady")
    with night.simulator, night.running(tmp_path) as desk:
        app = WarRoom(desk, beat=1.0)
        async with app.run_test(size=(120, 40)) as pilot:
            hands = Hands(app, pilot)
            await hands.work(lambda scene: scene.state.run and is_done(scene.state), 150)
            state = app.scene.state
        writes = [(write.key, write.value) for write in night.simulator.writes]
    assert [value for key, value in writes if key == "canary-percentage"] == [10, 50, 100]
    assert len(writes) == len(state.changes)
    assert {change.result for change in state.changes.values()} == {"verified"}
    assert {phase for phase, signed in state.signatures.items() if signed} == {"canary-10", "canary-50"}
    assert all(item.state in ("pass",) for s in state.signatures["canary-50"] for item in s.evidence)


@pytest.mark.long
@pytest.mark.prometheus
async def test_a_night_with_an_error_spike_ends_in_its_rollback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Errors after the first canary: the trigger fires in Prometheus' own numbers, counts down, and takes all back."""
    spike = replace(SCENARIOS["error-spike"], name="quick-spike", delay=3.0, ramp=1.0)
    monkeypatch.setitem(SCENARIOS, "quick-spike", spike)
    night = Night(tmp_path, "quick-spike")
    with night.simulator, night.running(tmp_path) as desk:
        app = WarRoom(desk, beat=1.0)
        async with app.run_test(size=(80, 24)) as pilot:
            hands = Hands(app, pilot)
            await hands.work(lambda scene: scene.state.rollback and scene.state.rollback.finished, 120)
            state = app.scene.state
        values = {key: night.simulator.read_flag(key) for key in night.runbook.rollback.default.flags}
    assert state.firing("error-rate").last is not None
    assert state.rollback.verified == len(state.rollback.moves) == 6
    assert values == night.runbook.rollback.default.flags
