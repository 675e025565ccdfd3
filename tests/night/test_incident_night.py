"""The seed's own night, undivided, with the incident of T+22: a queue backs up, the lead goes back, and tries again.

The repository's runbook, a real journal, a real driver, flags and metrics over HTTP, a chat; all of it by keyboard.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from pags_tui.core.events import Actor, Event
from pags_tui.core.plan.progress import is_done
from pags_tui.core.runbook import FlagService, load
from pags_tui.core.state import RunState, fold
from pags_tui.desk.local import DriverThread, LocalDesk
from pags_tui.driver import Driver, Identity, Pace, Record, Services
from pags_tui.edge.flags import Access, open_flags
from pags_tui.edge.journal import open_journal
from pags_tui.edge.prometheus import Prometheus
from pags_tui.edge.webhooks import SlackWebhook
from pags_tui.replay import Recording
from pags_tui.report import build, markdown
from pags_tui.simulator import Simulator
from pags_tui.simulator.scenarios import SCENARIOS
from pags_tui.ui.app import WarRoom
from pags_tui.ui.scene import Scene
from pags_tui.wiring.runs import Start, begin_run
from pags_tui.wiring.screens import renderer
from tests.live import HookServer
from tests.night.hands import Hands
from tests.night.steps import Steps

ROOT = Path(__file__).resolve().parents[2]
LEAD = Actor("lead", "ana")
START = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
T0 = START + timedelta(hours=1)
A_KEY = 0.7
"""Seconds that a key takes."""
MINUTE = 60.0
BACKLOG = replace(
    SCENARIOS["queue-backlog"], name="backlog-at-22", delay=17 * MINUTE, ramp=4 * MINUTE, lasts=12 * MINUTE
)
"""From T+17 the mail queue grows; past 500 at about T+20; a restarted consumer drains it from T+29 on."""
QUEUE = "canary-50/background-job-queues-healthy"


class Night:
    """The whole of it, running."""

    def __init__(self, folder: Path, hook: HookServer) -> None:
        self.clock = Steps(START)
        self.runbook = load((ROOT / "runbook.toml").read_text(), "runbook.toml")
        self.simulator = Simulator(
            self.runbook, BACKLOG.name, clock=lambda: self.clock.now().timestamp(), t0=T0.timestamp()
        )
        self.journal = open_journal(folder / "private" / "journal.db")
        self.run = begin_run(self.journal, self.runbook, Start("live", LEAD, T0), START)
        self.hook = hook

    def driver(self) -> Driver:
        """The driver as the guard process builds it, by this night's clock."""
        self.metrics = Prometheus(self.simulator.prometheus_url)
        settings = FlagService(kind="http", url=self.simulator.flags_url)
        flags = {"flags": open_flags(settings, Access({}, self.simulator.token))}
        hooks = {"war-room": SlackWebhook("war-room", self.hook.url)}
        lease = self.journal.take_lease(self.run, os.getpid(), "jump-1", "boot", self.clock.now(), 0.0)
        record = Record(self.journal, self.run, self.clock, lease.token)
        pace = Pace(every=15.0, deadline=20.0, verify=20.0, lockstep=True)
        return Driver(record, Services(self.metrics, flags, hooks), Identity(os.getpid(), "jump-1", 1), pace)

    @property
    def events(self) -> list[Event]:
        """As the journal has them."""
        return list(self.journal.events(self.run))

    def report(self) -> str:
        """The report, as the command makes it of this journal."""
        tape = Recording(self.events, self.journal.ticks(self.run))
        return markdown(build(tape.events, map(tape.judged, range(len(tape.rows))), until=tape.end))


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    """Ready to begin."""
    monkeypatch.setitem(SCENARIOS, BACKLOG.name, BACKLOG)
    with HookServer() as hook:
        made = Night(tmp_path, hook)
        with made.simulator:
            yield made
        made.metrics.close()
        made.journal.close()


class Unhurried(Hands):
    """Hands that take their time, and let it pass while there is nothing to do."""

    def __init__(self, app: WarRoom, pilot: Pilot[None], night: Night, thread: DriverThread) -> None:
        super().__init__(app, pilot)
        self.night = night
        self.thread = thread

    async def press(self, *keys: str) -> None:
        """A key takes its time."""
        self.night.clock.advance(A_KEY * len(keys))
        await super().press(*keys)

    async def wait(self) -> None:
        """To whatever the driver waits for; then the screen shows what came of it."""
        clock, record = self.night.clock, self.thread.driver.record
        await self.until(lambda _: clock.next is not None, "the driver has done what it could")
        if clock.next is not None:
            clock.advance(max(0.0, (clock.next - clock.now()).total_seconds()))
        await self.until(lambda _: clock.next is not None and clock.next > clock.now(), "the driver waits again")
        await self.until(lambda scene: scene.last and scene.last.number == record.number, "the tick is seen")
        await self.until(lambda scene: scene.state.seq == record.state.seq, "what happened is seen")

    async def until(self, true: Callable[[Scene], object], why: str) -> None:
        """As it is; what is shown is looked at anew."""
        self.app.refresh_scene()
        await super().until(true, why)

    async def time_until(self, true: Callable[[Scene], object]) -> None:
        """Lets time pass until the screen shows it."""
        for _ in range(2000):
            if true(self.scene):
                return
            await self.wait()
        raise AssertionError(f"time passed in vain: {self.standing()}")


def t_of(scene: Scene) -> float:
    """T in minutes."""
    t = scene.state.t(scene.now)
    return -1e9 if t is None else t / MINUTE


def queue(scene: Scene) -> str:
    """What the queue's trigger says now."""
    verdict = scene.view.triggers.get("queue-depth")
    return str(verdict.now) if verdict else "unknown"


async def incident(hands: Unhurried) -> None:
    """T+22: held, an override refused, back to ten percent, told, drained, recycled, on again."""
    await hands.press("h")
    await hands.until(lambda scene: scene.state.hold, "T stands")
    await hands.command("why held")
    await hands.answer("mail queue backs up")
    await hands.press("i")
    await hands.dialog()
    await hands.answer("major", "mail is sent late")
    await hands.go(QUEUE)
    await hands.press("o")
    await hands.dialog()
    assert "the trigger queue-depth on the same metric is pending: no override now" in hands.said()
    await hands.press("escape")
    await hands.command("one flag")
    await hands.answer("canary-percentage", "10", "queue backlog: back to a tenth", "10")
    await hands.until(lambda scene: scene.state.flag("canary-percentage").seen == 10, "ten percent again")
    await hands.time_until(lambda scene: any(m.comms == "internal" for m in scene.state.messages.values()))
    await update(hands)
    await hands.time_until(lambda scene: queue(scene) == "inactive")
    await hands.press("i")
    await hands.dialog()
    await hands.answer("close 1", "consumer restarted")
    await hands.command("recycle")
    await hands.type("T+15")
    assert "canary-percentage" in hands.said()
    await hands.answer("second try after the backlog", "recycle")
    await hands.press("h")
    await hands.dialog()
    await hands.answer("resume")


async def update(hands: Hands) -> None:
    """The update that drafted itself, sent as it is."""
    await hands.press("m")
    await hands.dialog()
    await hands.answer("internal", "send")
    await hands.until(lambda scene: any(m.result == "sent" for m in scene.state.messages.values()), "it is sent")


@pytest.mark.long
async def test_the_night_with_an_incident_at_t_plus_22(night: Night) -> None:
    """Back to 10% without a rollback, a second try, and on to the end; the report tells it in that order."""
    thread = DriverThread(night.driver).start()
    app = WarRoom(LocalDesk(thread, LEAD), render=renderer(), beat=None)
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            hands = Unhurried(app, pilot, night, thread)
            await hands.work(lambda scene: scene.state.flag("canary-percentage").seen == 50, 900)
            await hands.time_until(lambda scene: t_of(scene) >= 22)
            assert t_of(hands.scene) < 23
            assert queue(hands.scene) == "pending"
            await incident(hands)
            await hands.work(lambda scene: scene.state.run and is_done(scene.state, scene.now), 900)
            await hands.command("end the run")
            await hands.answer("done", "a second try", "end")
            state = app.scene.state
    finally:
        night.clock.let_go()
        thread.stop()
    told = night.report()
    _the_world(night, state)
    _the_story(told)


def _the_world(night: Night, state: RunState) -> None:
    """Traffic went 10, 50, back to 10, then 50 and 100; nothing was rolled back; each write came once."""
    writes = [write.value for write in night.simulator.writes if write.key == "canary-percentage"]
    assert writes == [10, 50, 10, 50, 100]
    assert len(night.simulator.writes) == len(state.changes)
    assert {change.result for change in state.changes.values()} == {"verified"}
    assert state.rollbacks == ()
    assert state.ended == "done"
    assert fold(night.events[: state.seq]) == state


STORY = (
    "canary-percentage: 0 → 10",
    "Begin 10% Canary: signed by",
    "canary-percentage: 10 → 50",
    "| hold | T held | mail queue backs up |",
    "canary-percentage: 50 → 10 (restore) | queue backlog: back to a tenth",
    "T set back to T+15m | second try after the backlog",
    "T resumed",
    "Begin 10% Canary: signed by",
    "canary-percentage: 10 → 50",
    "Expand to 50% Canary: signed by",
    "canary-percentage: 50 → 100",
    "enforce-consent-gate: false → true",
    "Run closed as done | a second try",
)
"""What the decisions tell, in this order."""
TOLD = ("mail is sent late", "consumer restarted", "Status: Issue", "Traffic: 10%", "major issue: mail is sent late")
"""What else must stand in the report: the issue and its end, the update as it went out, the escalation's cause."""


def _the_story(told: str) -> None:
    """What happened, in the order in which it happened; nothing fired, nothing was rolled back."""
    decisions = told[told.index("## Decisions") : told.index("## Triggers")]
    at = 0
    for words in STORY:
        found = decisions.find(words, at)
        assert found >= 0, f"'{words}' does not follow:\n{decisions[at:]}"
        at = found + len(words)
    assert [words for words in TOLD if words not in told] == []
    assert re.search(r"T\+00:22:\d\d, \d\d:\d\d:\d\d \| ana \| hold \|", decisions)
    assert "Out of plan:** 1 hold, 1 recycle, 1 issue\n" in told
