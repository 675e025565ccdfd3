"""The demo: a whole night against the embedded simulator, over real HTTP on loopback. Reads no service variables."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pags_tui import __version__
from pags_tui.core.decide import View, asks
from pags_tui.core.events import Actor
from pags_tui.core.ports import Clock
from pags_tui.core.runbook import FlagService, Runbook
from pags_tui.core.series import Seconds
from pags_tui.core.updates import Update
from pags_tui.desk.local import DriverThread, LocalDesk
from pags_tui.driver import Driver, Identity, Pace, Record, Services
from pags_tui.edge.flags import Access, open_flags
from pags_tui.simulator.autopilot import next_ask
from pags_tui.simulator.simulator import Simulator
from pags_tui.wiring import places
from pags_tui.wiring.clocks import FastClock, LeapClock, boot_seconds, wall
from pags_tui.wiring.journals import Store, open_journal
from pags_tui.wiring.runs import Start, begin_run

GIVEN_UP_AFTER = timedelta(hours=12)
"""A night without a terminal is given up so long after its planned end, on its own clock."""
SLOWEST_TICK = 60.0
"""Seconds of the night between two ticks while something stirs: a trigger that waits less fires at its second one."""
TYPING = 5.0
"""Seconds of the night that it takes to type a confirmation, or to try again after a refusal."""
MOST_ASKS = 200
"""Things done at one moment at the most, so that time goes on whatever is asked."""
FASTEST_TICK = 0.25
"""Real seconds between two ticks at the least, so that a fast demo leaves the machine some room."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What demo to play."""

    runbook: Runbook
    scenario: str
    speed: float
    db: Store


class Demo:
    """A simulator, a fresh run of kind demo, and a driver on it."""

    def __init__(self, plan: Plan, clock: Clock, lockstep: bool) -> None:
        self.plan = plan
        self.clock = clock
        self.lead = Actor(places.user(), "you")
        before = -min([0.0, *(phase.at for phase in plan.runbook.phases)])
        start = clock.now()
        t0 = start + timedelta(seconds=before)
        self.simulator = Simulator(
            plan.runbook, plan.scenario, clock=lambda: clock.now().timestamp(), t0=t0.timestamp()
        )
        self.simulator.start()
        self.journal = open_journal(plan.db)
        self.run = begin_run(self.journal, plan.runbook, Start("demo", self.lead, t0), start)
        self._lockstep = lockstep
        self.planned_end = t0 + timedelta(seconds=max(phase.ends for phase in plan.runbook.phases))

    def driver(self) -> Driver:
        """The driver of the demo's run."""
        who = Identity(os.getpid(), places.host(), 0, __version__)
        lease = self.journal.take_lease(self.run, who.pid, who.host, places.boot_id(), self.clock.now(), boot_seconds())
        beat: Callable[[], None] = lambda: self.journal.beat(  # noqa: E731 - one line, named where it is used
            self.run, lease.token, self.clock.now(), boot_seconds()
        )
        record = Record(self.journal, self.run, self.clock, lease.token)
        identity = Identity(who.pid, who.host, lease.token, __version__)
        return Driver(record, self._services(), identity, self._pace(), beat)

    def _services(self) -> Services:
        from pags_tui.edge.prometheus import Prometheus

        # Real seconds, also where time leaps: a night in which answers are lost would spend most of them waiting.
        settings = FlagService(kind="http", url=self.simulator.flags_url, timeout=1.0, verify_within=1.5)
        if self._lockstep:
            settings = settings.model_copy(update={"timeout": 0.5, "verify_within": 0.75})
        book = self.plan.runbook.services
        flags = {name: open_flags(settings, Access({}, self.simulator.token, name)) for name in book.flag_services}
        metrics = Prometheus(self.simulator.prometheus_url, timeout=2.0) if book.prometheus else None
        return Services(metrics, flags)

    def _pace(self) -> Pace:
        settings = self.plan.runbook.services.prometheus
        every: Seconds = settings.every if settings else 5.0
        if self._lockstep:
            return Pace(max(every, min(SLOWEST_TICK, _closest(self.plan.runbook) / 3)), 1.0, verify=0.75, lockstep=True)
        return Pace(max(every, FASTEST_TICK * self.plan.speed), 2.0, verify=1.5)

    def close(self) -> None:
        """Lets go of everything."""
        self.simulator.stop()
        self.journal.close()


class ScreenDemo(Demo):
    """A demo with a screen on it."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan, FastClock(wall(), plan.speed), lockstep=False)
        self.thread = DriverThread(self.driver).start()
        self.desk = LocalDesk(self.thread, self.lead)

    def close(self) -> None:
        """Ends the driver, then the rest."""
        self.thread.stop("the demo was left")
        super().close()


def _closest(runbook: Runbook) -> Seconds:
    """The shortest time between two due phases: a gate needs three ticks, and should have them in time."""
    times = sorted({phase.at for phase in runbook.phases})
    return min((later - earlier for earlier, later in itertools.pairwise(times)), default=math.inf)


async def play(plan: Plan, tell: Callable[[Update], None], speed: float | None) -> View:
    """Plays a night without a screen, with an autopilot for a lead; the last view of it.

    `speed` None: as fast as it can be computed. It ends when the run is done, or rolled back.
    """
    clock = LeapClock(wall()) if speed is None else FastClock(wall(), speed)
    demo = Demo(plan, clock, lockstep=speed is None)
    try:
        driver = demo.driver()
        driver.subscribe(tell)
        await driver.begin()
        ends = demo.planned_end + GIVEN_UP_AFTER
        while not is_over(view := driver.view(demo.lead)) and clock.now() < ends:
            await driver.turn()
            if await _work(driver, demo):
                await driver.nap()
        driver.stop("the night is over")
        await driver.finish()
        return view
    finally:
        demo.close()


async def _work(driver: Driver, demo: Demo) -> bool:
    """Everything that the lead can do at this moment. False: something was refused, and is asked again soon."""
    for _ in range(MOST_ASKS):
        ask = next_ask(driver.view(demo.lead))
        if ask is None:
            return True
        if isinstance(ask, asks.SetFlags | asks.Sign):
            # What is confirmed is read again, and a reading counts only at a later moment than the last one.
            await demo.clock.sleep(TYPING)
        answer = await driver.ask(demo.lead, ask)
        await driver.settle()
        if answer.refused or not answer.seqs:
            await demo.clock.sleep(TYPING)
            return False
    return True


def is_over(view: View) -> bool:
    """The night has come to its end: done, rolled back, or closed."""
    from pags_tui.core.plan.progress import is_done

    state = view.state
    rolled_back = state.rollback is not None and state.rollback.finished is not None
    return bool(state.ended) or rolled_back or is_done(state)
