"""Asks, faults, crashes and outside changes in any order, through the real driver, journal and client; a flag service
that misbehaves. What the service received and what the journal holds are then held against each other.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Coroutine, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.flags import typed_for
from pags_tui.core.plan.confirmed import missing_moves
from pags_tui.core.plan.rollback import option_plan, same
from pags_tui.core.runbook import Phase, Step
from pags_tui.core.series import FlagValue
from pags_tui.core.state import RunState, fold
from pags_tui.driver import Driver, record, rests, rolling, writing
from pags_tui.wiring.clocks import SteadyClock
from tests.live import LEAD, FlagServer, Night, env_of, until

BEFORE: dict[str, FlagValue] = {"canary": 0, "brain": False, "cache": False, "gate": False}
VALUES: dict[str, list[FlagValue]] = {
    "canary": [0, 10, 50, 100],
    "brain": [True, False],
    "cache": [True, False],
    "gate": [True, False],
}
TENTH, HALF, REST = "ten/canary", "fifty/canary", "rest/features"
CHANGES = [TENTH, HALF, REST]
BOOK = """
[runbook]
id = "night"
title = "Night"
[services.flags]
url = "${FLAG_API}"
token = "${API_KEY}"
target = "production"
[flags.canary]
type = "integer"
range = [0, 100]
before = 0
[flags.brain]
type = "boolean"
[flags.cache]
type = "boolean"
[flags.gate]
type = "boolean"

[[phases]]
id = "ten"
at = "T-1h"
title = "Ten"
steps = [ "Ready", { id = "canary", action = "Ten", set = { canary = 10 } } ]
[phases.checkpoint]
steps = [ "Stable", { check = "Gate is off", gate = "flag gate == false" } ]

[[phases]]
id = "fifty"
at = "T-1h"
title = "Fifty"
steps = [ { id = "canary", action = "Fifty", set = { canary = 50 } } ]

[[phases]]
id = "rest"
at = "T-1h"
title = "Rest"
steps = [ "Still stable", { id = "features", action = "Features", set = { brain = true, cache = true } } ]

[rollback]
title = "All back"
steps = [
  { action = "Features off", set = { brain = false, cache = false }, parallel = true },
  { action = "Canary off", set = { canary = 0 } },
]
"""
POSTS = ["ok", "cut", "lose", "lie", "late", 403, 429, 500, 503]
READS = ["ok", "html", 401, 503]


@pytest.fixture(autouse=True, scope="module")
def hurried() -> Iterator[None]:
    """Waits are short: what hangs here hangs on purpose."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rests, "AGAIN", (0.02, 0.05))
        patch.setattr(rests, "LONGEST_REST", 0.05)
        patch.setattr(record, "SICK_FOR", timedelta(milliseconds=50))
        patch.setattr(writing, "JOURNAL_AGAIN", 0.05)
        patch.setattr(writing, "READ_AT_LEAST", 0.1)
        patch.setattr(rolling, "ROLLBACK_STEP", 0.6)
        patch.setattr(rolling, "READ_BEFORE", 0.3)
        yield


def lacking(state: RunState, step: Step) -> list[str]:
    """What a forward change of that step lacks by the journal, worked out anew from the contract's sentence."""
    book = state.runbook
    own = next(phase for phase in book.phases if step in phase.all_steps)
    found = []
    for phase in book.phases[: book.phases.index(own)]:
        found += [one.id for one in phase.all_steps if not state.step(one.id).settled]
        found += [f"signature of {phase.id}"] * (phase.checkpoint is not None and not state.signatures.get(phase.id))
    earlier = own.all_steps[: own.all_steps.index(step)]
    found += [one.id for one in earlier if not state.step(one.id).settled]
    last = _last_checkpoint(book.phases[: book.phases.index(own)])
    gated = [one for one in (*last, *earlier) if one.gate]
    found += [f"gate {one.id}" for one in gated if state.gate_states.get(one.id) != "pass"]
    found += ["no hold"] * (state.hold is not None) + ["no rollback"] * state.rolling_back
    found += [f"change {change.number}" for change in state.changes.values() if change.owed]
    return found + [f"drift of {key}" for key, flag in state.flags.items() if flag.drift is not None]


def _last_checkpoint(phases: tuple[Phase, ...]) -> tuple[Step, ...]:
    found = [phase.checkpoint.steps for phase in phases if phase.checkpoint]
    return found[-1] if found else ()


class AnyFault(RuleBasedStateMachine):
    """One night: one journal, one flag service, and one guard after another."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = contextlib.ExitStack()
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.service = self.stack.enter_context(FlagServer(dict(BEFORE)))
        self.loop = asyncio.new_event_loop()
        self.night = Night(folder / "j", BOOK, env_of(self.service))
        self.night.write(e.TZeroSet(SteadyClock().now()))
        self.night.hurry(0.4)
        self.checked, self.seen = RunState(), 0
        self.driver: Driver
        self.task: asyncio.Task[None]

    @initialize(forward=st.sampled_from([(), (TENTH,), (TENTH, HALF)]))
    def begin(self, forward: tuple[str, ...]) -> None:
        """Some nights begin in the middle, so that there is something to lose."""
        self.guard_comes()
        for step in forward:
            self.tick_all()
            self.sign()
            self.change(step, slip=False)

    # ------------------------------------------------------------ the world

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def guard_comes(self) -> None:
        self.driver = self.night.driver()
        self.task = self.loop.create_task(self.driver.run())
        self.do(until(lambda: self.driver.senses.last is not None, "the driver took a tick"))

    def ask(self, ask: a.Ask) -> a.Accepted:
        """Asked, and worked on for a moment: a rollback may not find its end while the service misbehaves."""
        answer = self.do(self.driver.ask(LEAD, ask))
        with contextlib.suppress(TimeoutError):
            self.do(asyncio.wait_for(self.driver.settle(), 0.5))
        return answer

    @rule(manner=st.sampled_from(POSTS), key=st.sampled_from([*BEFORE, ""]))
    def service_misbehaves(self, manner: str | int, key: str) -> None:
        """For one flag, or for all."""
        self.service.on_post = lambda flag, value, n: manner if not key or flag == key else "ok"

    @rule(manner=st.sampled_from(READS))
    def reads_misbehave(self, manner: str | int) -> None:
        self.service.on_read = lambda flag: manner

    @rule()
    def service_is_well(self) -> None:
        self.heal()
        self.ask(a.ReadFlags())

    def heal(self) -> None:
        self.service.on_post = lambda flag, value, n: "ok"
        self.service.on_read = lambda flag: "ok"

    @rule()
    def late_writes_land(self) -> None:
        self.service.release.set()
        self.do(asyncio.sleep(0.02))
        self.service.release.clear()

    @rule(key=st.sampled_from(list(BEFORE)), data=st.data())
    def somebody_else_writes(self, key: str, data: st.DataObject) -> None:
        self.service.values[key] = data.draw(st.sampled_from(VALUES[key]))
        self.ask(a.ReadFlags())

    @rule()
    def guard_dies(self) -> None:
        """As kill -9 would have it: nothing more is journaled."""
        self.driver.record.journal = self.driver.record.spill = None
        self.driver._fence_off("killed")
        self.do(self.task)
        self.guard_comes()

    @rule(manner=st.sampled_from(["hold", "held"]), step=st.sampled_from([*CHANGES, "rollback"]))
    def guard_dies_while_it_writes(self, manner: str, step: str) -> None:
        """After a write reached the service, before or after it took effect."""
        self.service.caught.clear()
        self.service.on_post = lambda flag, value, n: manner if not self.service.caught.is_set() else "ok"
        ask = self.rollback() if step == "rollback" else self.forward(step)
        answer = self.do(self.driver.ask(LEAD, ask))
        if not answer.refused:
            with contextlib.suppress(TimeoutError):
                self.do(asyncio.wait_for(until(self.service.caught.is_set, "a write is under way"), 0.3))
        self.guard_dies()
        self.late_writes_land()

    @rule(step=st.sampled_from([*CHANGES, "rollback"]))
    def journal_is_locked(self, step: str) -> None:
        """Nothing goes forward; a rollback does, and is journaled afterwards."""
        posts = len(self.service.posts)
        other = sqlite3.connect(self.night.db, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            if step == "rollback":
                self.ask(self.rollback())
            elif not self.driver.record.state.rolling_back:
                assert self.ask(self.forward(step)).refused
                assert len(self.service.posts) == posts
        finally:
            other.execute("ROLLBACK")
            other.close()
        self.do(until(self._caught_up, "the journal has caught up"))
        # What a tick found while the journal was locked is journaled with the next one.
        number = self.driver.record.number
        self.do(until(lambda: self.driver.record.number > number + 1, "ticks are journaled again"))

    def _caught_up(self) -> bool:
        with contextlib.suppress(Exception):
            self.driver.record.catch_up()
        return not self.driver.record.pending

    # ------------------------------------------------------------ the people

    def forward(self, step: str) -> a.SetFlags:
        state = self.driver.record.state
        return a.SetFlags(step, typed_for(state, state.runbook.step(step)))

    def rollback(self) -> a.RollBack:
        state = self.driver.record.state
        lines = option_plan(state, state.runbook.option("")).lines
        return a.RollBack("rollback", tuple(e.Move(line.flag, line.after, line.step) for line in lines), "All back")

    @rule()
    def tick_all(self) -> None:
        for step in self.night.state.runbook.phase_steps:
            self.do(self.driver.ask(LEAD, a.Resolve(step.id)))

    @rule()
    def sign(self) -> None:
        self.ask(a.Sign("ten"))

    @rule(step=st.sampled_from(CHANGES), slip=st.booleans())
    def change(self, step: str, slip: bool) -> None:
        self.ask(a.SetFlags(step, "") if slip else self.forward(step))

    @rule()
    def go_on(self) -> None:
        """As somebody who means it: whatever is in the way that may be cleared is cleared."""
        self.heal()
        self.settle()
        self.accept_drift()
        self.resume()
        self.tick_all()
        self.sign()
        for step in CHANGES:
            self.ask(self.forward(step))

    @rule(step=st.sampled_from(CHANGES))
    def confirmed_twice(self, step: str) -> None:
        """Two confirmations at once, from two desks."""
        ask = self.forward(step)

        async def both() -> None:
            await asyncio.gather(self.driver.ask(LEAD, ask), self.driver.ask(LEAD, ask))

        self.do(both())
        with contextlib.suppress(TimeoutError):
            self.do(asyncio.wait_for(self.driver.settle(), 0.5))

    @rule()
    def hold(self) -> None:
        self.ask(a.HoldClock("wait"))

    @rule()
    def resume(self) -> None:
        self.ask(a.Resume("go on"))

    @rule()
    def recycle(self) -> None:
        self.ask(a.Recycle(-3601.0, "again"))

    @rule()
    def settle(self) -> None:
        for change in self.driver.record.state.owed:
            self.ask(a.ReadBack(change.number))
            self.ask(a.SettleChange(change.number, "given-up", "so it is"))

    @rule()
    def accept_drift(self) -> None:
        for key, flag in self.driver.record.state.flags.items():
            if flag.drift is not None:
                self.ask(a.AcceptDrift(key, flag.drift))

    @rule(key=st.sampled_from(list(BEFORE)), data=st.data())
    def one_flag_back(self, key: str, data: st.DataObject) -> None:
        value = data.draw(st.sampled_from(VALUES[key]))
        self.ask(a.SetOneFlag(key, value, str(value).lower(), "back"))

    @rule(step=st.sampled_from(CHANGES))
    def restore(self, step: str) -> None:
        self.ask(a.RestoreFlags(step, "restore"))

    @rule()
    def roll_back(self) -> None:
        assert not self.ask(self.rollback()).refused

    # ------------------------------------------------------------ what holds

    @invariant()
    def no_forward_write_without_its_conditions(self) -> None:
        """Each forward intent of the journal is held against the state right before it."""
        events = self.night.journal.events(self.night.run)
        for event in events[self.seen :]:
            if isinstance(event.fact, e.FlagAsked) and event.fact.purpose == "forward":
                step, state = self.checked.runbook.step(event.fact.step), self.checked
                story = [f"{one.seq} {one.by.user} {one.fact}"[:170] for one in events[event.seq - 30 : event.seq]]
                assert lacking(state, step) == [], "\n".join(story)
                assert same(event.fact.before, state.flag(event.fact.flag).expected)
            self.checked = fold((event,), self.checked)
        self.seen = len(events)

    @invariant()
    def nothing_is_written_twice_or_without_its_intent(self) -> None:
        """Each write at the service carries the number of a journaled intent, no number comes twice, and nothing
        forward is written again for a step that has it."""
        changes = self.driver.record.state.changes
        keys = Counter(self.service.keys)
        assert set(keys.values()) <= {1}, keys
        for sent, (flag, value) in zip(self.service.keys, self.service.posts, strict=True):
            change = changes[int(sent.removeprefix(f"{self.night.run}-"))]
            assert (change.flag, change.value) == (flag, value)

    @invariant()
    def no_intent_is_lost(self) -> None:
        """Asked, it is owed until verified, refused, decided by a person, or overtaken by a later write."""
        state = self.driver.record.state
        assert list(state.changes) == list(range(1, len(state.changes) + 1))
        for change in state.changes.values():
            overtaken = any(c.flag == change.flag and c.number > change.number for c in state.changes.values())
            over = change.result in ("verified", "refused") or change.settled in ("accepted", "given-up") or overtaken
            assert change.owed or over

    def teardown(self) -> None:
        """At any end: the service mends, a rollback is confirmed, and it finishes; the journal is whole."""
        try:
            if hasattr(self, "driver"):
                self._ends()
        finally:
            self.night.close()
            self.stack.close()
            self.loop.close()

    def _ends(self) -> None:
        self.heal()
        self.late_writes_land()
        assert not self.do(self.driver.ask(LEAD, self.rollback())).refused
        self.do(until(lambda: not self.driver.record.state.rolling_back, "the rollback is finished"))
        self.do(until(self._caught_up, "the journal has caught up"))
        self.driver.stop("the night is over")
        self.do(self.task)
        for service in self.driver.services.flags.values():
            service.close()
        self.no_forward_write_without_its_conditions()
        self.nothing_is_written_twice_or_without_its_intent()
        state = self.night.state
        assert state.rollback is not None
        assert missing_moves(state, state.rollback) == ()
        assert all(same(self.service.values[move.flag], move.value) for move in state.rollback.moves)
        assert self.night.journal.verify(self.night.run) is None
        assert list(self.night.events) == self.driver.record.events


class Long(AnyFault):
    """The same, longer."""


AnyFault.TestCase.settings = settings(max_examples=3, stateful_step_count=10, deadline=None)
Long.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


class TestAnyFault(AnyFault.TestCase):
    """A bounded look, with every change."""


@pytest.mark.long
class TestAnyFaultForLong(Long.TestCase):
    """A longer one."""
