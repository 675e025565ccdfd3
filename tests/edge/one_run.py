"""One live run for a test: a real journal in a folder of its own, real clients, the real driver on this event loop."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from pags_tui.core.decide import View
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.asks import Accepted, Ask
from pags_tui.core.events import Actor, Event, Move
from pags_tui.core.plan.rollback import option_plan
from pags_tui.core.runbook import Runbook, load
from pags_tui.core.series import FlagValue
from pags_tui.core.state import RunState
from pags_tui.driver import Driver, Identity, Pace, Record
from pags_tui.edge.journal import open_journal
from pags_tui.ui.present.sentences import sentence
from pags_tui.wiring.clocks import SteadyClock, wall
from pags_tui.wiring.runs import Start, begin_run
from pags_tui.wiring.services import open_services

LEAD = Actor("lead", "ana")
PATIENCE = 30.0
"""Seconds after which a wait is a failed test."""


def one_change(service: str) -> str:
    """The runbook of a night of one change and its way back; `service`: the fields of `[services.flags]`."""
    return f"""
[runbook]
id = "night"
title = "Night"

[services.flags]
{service}
[flags.canary]
type = "integer"
range = [0, 100]

[[phases]]
id = "go"
at = "T+0"
steps = [ {{ id = "canary", action = "Canary", set = {{ canary = 10 }} }} ]

[rollback]
title = "Take it back"
steps = [ {{ action = "Off", set = {{ canary = 0 }} }} ]
"""


class OneRun:
    """`async with OneRun(folder, text, env) as run: await run.ask(…)`; the run is at T+0."""

    def __init__(self, folder: Path, text: str, env: Mapping[str, str], verify: float | None = 0.6) -> None:
        """`verify`: seconds that a forward write may take to be read back; None: as the runbook says."""
        self.runbook: Runbook = load(text, "runbook.toml")
        self.db = folder / "private" / "journal.db"
        self.journal = open_journal(self.db)
        self.run = begin_run(self.journal, self.runbook, Start("live", LEAD, wall()))
        clock = SteadyClock()
        lease = self.journal.take_lease(self.run, os.getpid(), "here", "boot", clock.now(), 0.0)
        self.driver = Driver(
            Record(self.journal, self.run, clock, lease.token),
            open_services(self.runbook, env),
            Identity(os.getpid(), "here", lease.token),
            Pace(every=0.2, deadline=1.0, verify=verify),
        )

    async def __aenter__(self) -> OneRun:
        self._task = asyncio.create_task(self.driver.run())
        await self.until(lambda state: self.driver.senses.last, "the first tick")
        return self

    async def __aexit__(self, *_: object) -> None:
        # Not stopped but cut off: a rollback that never ends would be waited for.
        for task in (self.driver.roller.rolling, self._task):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        for service in self.driver.services.flags.values():
            getattr(service, "close", lambda: None)()
        self.journal.close()

    # ------------------------------------------------------------ looking

    @property
    def state(self) -> RunState:
        """The run as the journal has it."""
        return self.driver.record.state

    @property
    def view(self) -> View:
        """What the lead decides upon."""
        return self.driver.view(LEAD)

    @property
    def events(self) -> list[Event]:
        """What the file has."""
        return list(self.journal.events(self.run))

    def log(self) -> list[str]:
        """What the screen's log says, a sentence an event."""
        return [sentence(event, self.runbook, self.state) for event in self.events]

    def stored(self) -> bytes:
        """All bytes of the journal's files."""
        return b"".join(file.read_bytes() for file in sorted(self.db.parent.iterdir()) if file.is_file())

    async def until(self, true: Callable[[RunState], object], why: str, patience: float = PATIENCE) -> None:
        """Waits for the state to be so."""
        ends = time.monotonic() + patience
        while not true(self.state):
            assert time.monotonic() < ends, f"waited in vain until {why}: {self.log()[-6:]}"
            await asyncio.sleep(0.01)

    # ------------------------------------------------------------ asking

    async def ask(self, ask: Ask) -> Accepted:
        """The lead's ask."""
        return await self.driver.ask(LEAD, ask)

    async def set(self, step: str, typed: str, seen: Mapping[str, FlagValue] | None = None) -> Accepted:
        """A confirmed forward change, answered once its write has a result."""
        answer = await self.ask(a.SetFlags(step, typed, tuple((seen or {}).items())))
        if not answer.refused:
            await self.until(lambda state: all(c.result for c in state.changes.values()), f"{step} has its result")
        return answer

    async def roll_back(self) -> None:
        """The default rollback, confirmed and finished."""
        await self.start_rollback()
        await self.until(lambda state: state.rollback and state.rollback.finished, "the rollback is finished")

    async def start_rollback(self) -> None:
        """The default rollback, confirmed."""
        option = self.runbook.rollback.default if self.runbook.rollback else None
        assert option is not None
        moves = tuple(Move(line.flag, line.after, line.step) for line in option_plan(self.state, option).lines)
        answer = await self.ask(a.RollBack("rollback", moves, option.title, "a test"))
        assert not answer.refused, answer.said
