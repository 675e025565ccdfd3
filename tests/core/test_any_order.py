"""Presses anything in any order, with services that misbehave and a guard that dies; what must hold, holds."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pags_tui.core import events as e
from pags_tui.core.decide import View
from pags_tui.core.decide import asks as a
from pags_tui.core.errors import Refused
from pags_tui.core.events import Actor, Event
from pags_tui.core.gates import GateState, GateVerdict
from pags_tui.core.plan.confirmed import missing_moves
from pags_tui.core.plan.rollback import same
from pags_tui.core.runbook import Phase, Step
from pags_tui.core.state import RunState, fold
from tests.core.stories import ANA, AS_BEFORE, BOB, EVERYTHING, HALF, TENTH, Story, prepared, signed_ten

STEPS = [step.id for step in Story().state.runbook.phase_steps]
CHANGES = [TENTH, HALF, EVERYTHING]
PHASES = ["prepare", "ten", "fifty", "all", "last"]
people = st.sampled_from([ANA, ANA, ANA, BOB])
outcomes = st.sampled_from(["passed", "passed", "skipped", "failed", "waived"])
RESULTS: tuple[e.Result, ...] = ("verified", "unknown", "mismatch", "refused", "unverified")
BOTH: list[e.FlagValue] = [True, False]
VALUES: Mapping[str, list[e.FlagValue]] = {"canary": [0, 10, 50, 100], "brain": BOTH, "readonly": BOTH}


def is_through(state: RunState, step: Step) -> bool:
    return step.optional or state.step(step.id).outcome in ("passed", "skipped", "n/a", "waived")


def signatures_missing(state: RunState, phase: Phase) -> bool:
    wanted = {"ten": {"cutover-lead", "monitoring-lead"}, "fifty": {"cutover-lead"}}.get(phase.id, set())
    return not wanted <= {signature.role for signature in state.signatures.get(phase.id, ())}


def is_covered(state: RunState, view: View, step: Step) -> bool:
    """The gate passes, or an override of a verdict no better stands and is in time."""
    verdict: GateVerdict | None = view.gates.get(step.id)
    if not step.gate:
        return True
    if verdict is None:
        return False
    given = state.overrides.get(step.id)
    covered = given and view.now < given.until and verdict.state.rank <= GateState(given.state).rank
    return verdict.state == "pass" or bool(covered)


def needs(state: RunState, view: View, step: Step) -> list[str]:
    """Everything that a forward change of that step lacks, worked out anew from the contract's sentence."""
    book = state.runbook
    own = next(phase for phase in book.phases if step in phase.all_steps)
    number = book.phases.index(own)
    lacking = []
    for phase in book.phases[:number]:
        beside = phase.monitor.steps if phase.monitor and not phase.checkpoint else ()
        lacking += [one.id for one in phase.all_steps if one not in beside and not is_through(state, one)]
        lacking += [f"signature of {phase.id}"] * signatures_missing(state, phase)
        failing = [one for one in beside if (v := view.gates.get(one.id)) and v.state == "fail"]
        lacking += [f"gate {one.id}" for one in failing if not is_covered(state, view, one)]
    before = own.all_steps[: own.all_steps.index(step)]
    lacking += [one.id for one in before if not is_through(state, one)]
    checkpoints = [phase.checkpoint for phase in book.phases[:number] if phase.checkpoint]
    gated = (*(checkpoints[-1].steps if checkpoints else ()), *before)
    lacking += [f"gate {one.id}" for one in gated if not is_covered(state, view, one)]
    lacking += ["no hold"] * (state.hold is not None) + ["no countdown"] * (state.countdown is not None)
    lacking += [f"{name} quiet" for name, v in view.triggers.items() if v.state == "firing" or state.firing(name).fired]
    lacking += [f"change {c.number}" for c in state.changes.values() if c.owed]
    lacking += [f"drift {key}" for key, flag in state.flags.items() if flag.drift is not None]
    running = [r for r in state.rollbacks if r.finished is None]
    return lacking + ["no rollback"] * (running[-1:] == list(state.rollbacks[-1:]) != [])


class AnyOrder(RuleBasedStateMachine):
    """One night in the hands of everybody at once."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story()
        self.checked = RunState()
        self.seen = 0

    @initialize(begin=st.sampled_from([Story, prepared, signed_ten]))
    def begin(self, begin: Callable[[], Story]) -> None:
        """Some nights begin in the middle, so that there is something to do."""
        self.story = begin().ticks(15)

    def press(self, ask: a.Ask, by: Actor) -> None:
        """Asked; refused with a sentence or done."""
        with contextlib.suppress(Refused):
            self.story.ask(ask, by)

    # ------------------------------------------------------------ the world

    @rule(seconds=st.sampled_from([5, 15, 65]), errors=st.sampled_from([0.001, 0.001, 0.006, 0.02, None, "refused"]))
    def watch(self, seconds: int, errors: object) -> None:
        self.story.ticks(seconds, errors=errors)

    @rule(minutes=st.sampled_from([1, 16, 40]))
    def time_jumps(self, minutes: int) -> None:
        self.story.later(60 * minutes).tick().time_passes()

    @rule(flag=st.sampled_from(list(AS_BEFORE)), result=st.sampled_from(RESULTS))
    def service_misbehaves(self, flag: str, result: e.Result) -> None:
        self.story.misbehaves[flag] = result

    @rule(flag=st.sampled_from(list(AS_BEFORE)), data=st.data())
    def somebody_else_writes(self, flag: str, data: st.DataObject) -> None:
        self.story.read(**{flag: data.draw(st.sampled_from(VALUES[flag]))})

    @rule()
    def guard_dies(self) -> None:
        self.story.later(20).taken_over()

    # ------------------------------------------------------------ the people

    @rule(step=st.sampled_from(STEPS), outcome=outcomes, by=people)
    def resolve(self, step: str, outcome: e.Outcome, by: Actor) -> None:
        self.press(a.Resolve(step, outcome, "so it is"), by)

    @rule(step=st.sampled_from(STEPS), by=people)
    def reopen(self, step: str, by: Actor) -> None:
        self.press(a.Reopen(step), by)

    @rule(by=people)
    def tick_all(self, by: Actor) -> None:
        for step in STEPS:
            self.press(a.Resolve(step), by)

    @rule(phase=st.sampled_from(PHASES), role=st.sampled_from(["cutover-lead", "monitoring-lead"]), by=people)
    def sign(self, phase: str, role: str, by: Actor) -> None:
        self.press(a.Sign(phase, role), by)

    @rule(step=st.sampled_from(CHANGES), slip=st.booleans(), by=people)
    def change(self, step: str, slip: bool, by: Actor) -> None:
        self.press(a.SetFlags(step, "" if slip else self.story.typed(step)), by)

    @rule()
    def go_forward(self) -> None:
        """The next change, as somebody who means it."""
        for step in CHANGES:
            self.press(a.SetFlags(step, self.story.typed(step)), ANA)

    @rule(errors=st.sampled_from([0.006, None]), queue=st.sampled_from([10, 600]))
    def hurry(self, errors: float | None, queue: int) -> None:
        """Everything is ticked while it is good, and confirmed when it is not any more."""
        self.story.ticks(65)
        self.tick_all(ANA)
        self.story.ticks(5, errors=errors, queue=queue)
        self.go_forward()

    @rule(step=st.sampled_from(STEPS), by=people)
    def override(self, step: str, by: Actor) -> None:
        verdict = self.story.last.gates.get(step) if self.story.last else None
        if verdict is not None:
            self.press(a.GiveOverride(step, str(verdict.state), verdict.value, "I know"), by)

    @rule(by=people)
    def hold(self, by: Actor) -> None:
        self.press(a.HoldClock("wait"), by)

    @rule(by=people)
    def resume(self, by: Actor) -> None:
        self.press(a.Resume("go on"), by)

    @rule(minutes=st.sampled_from([1, 10, 30]), by=people)
    def recycle(self, minutes: int, by: Actor) -> None:
        t = self.story.state.t(self.story.now)
        self.press(a.Recycle((t or 0.0) - 60 * minutes, "again"), by)

    @rule(by=people)
    def settle(self, by: Actor) -> None:
        for change in self.story.state.owed:
            self.press(a.ReadBack(change.number), by)
            self.press(a.SettleChange(change.number, "accepted", "seen"), by)
            self.press(a.SettleChange(change.number, "given-up", "not seen"), by)

    @rule(by=people)
    def accept_drift(self, by: Actor) -> None:
        for key, flag in self.story.state.flags.items():
            if flag.drift is not None:
                self.press(a.AcceptDrift(key, flag.drift), by)

    @rule(flag=st.sampled_from(list(AS_BEFORE)), data=st.data(), by=people)
    def one_flag_back(self, flag: str, data: st.DataObject, by: Actor) -> None:
        value = data.draw(st.sampled_from(VALUES[flag]))
        typed = str(value).lower() if isinstance(value, bool) else str(value)
        self.press(a.SetOneFlag(flag, value, typed, "back"), by)

    @rule(step=st.sampled_from(CHANGES), by=people)
    def restore(self, step: str, by: Actor) -> None:
        self.press(a.RestoreFlags(step, "restore"), by)

    @rule(by=people)
    def veto(self, by: Actor) -> None:
        self.press(a.Veto("1"), by)

    @rule(by=people)
    def mute(self, by: Actor) -> None:
        self.press(a.Mute("errors", 600, "ours"), by)

    @rule(by=people)
    def take_the_lead(self, by: Actor) -> None:
        self.press(a.TakeLead(), by)
        self.press(a.TakeLead(), ANA)

    @precondition(lambda self: len(self.story.state.rollbacks) < 3)
    @rule(by=people)
    def roll_back(self, by: Actor) -> None:
        self.story.roll_back(by)

    @precondition(lambda self: self.story.state.rolling_back)
    @rule()
    def roll_on(self) -> None:
        self.story.roll_on()

    # ------------------------------------------------------------ what holds

    @invariant()
    def no_forward_change_before_its_needs(self) -> None:
        """Each forward intent is held against the state right before it, and against the last verdicts."""
        view = self.story.view()
        for event in self.story.events[self.seen :]:
            if isinstance(event.fact, e.FlagAsked) and event.fact.purpose == "forward":
                self._check(event, event.fact, replace(view, now=event.at))
            self.checked = fold((event,), self.checked)
        self.seen = len(self.story.events)

    def _check(self, event: Event, fact: e.FlagAsked, view: View) -> None:
        state = self.checked
        assert event.by.user == state.lead.user
        assert needs(state, view, state.runbook.step(fact.step)) == []
        for change in state.changes.values():
            if (change.step, change.flag) != (fact.step, fact.flag) or change.purpose != "forward":
                continue
            later = [c for c in state.changes.values() if c.flag == fact.flag and c.seq > change.seq]
            back = any(c.purpose != "forward" for c in later) or change.seq < state.step(fact.step).reopened
            assert not change.holds or back, f"{fact.flag} was verified for {fact.step} and is written again"

    @invariant()
    def an_owed_change_is_never_lost(self) -> None:
        """Asked, it is owed until verified, refused, decided by a person, or overtaken by a later write."""
        state = self.story.state
        asked = [event.fact for event in self.story.events if isinstance(event.fact, e.FlagAsked)]
        assert [fact.change for fact in asked] == list(state.changes) == list(range(1, len(asked) + 1))
        for change in state.changes.values():
            overtaken = any(c.flag == change.flag and c.number > change.number for c in state.changes.values())
            over = change.result in ("verified", "refused") or change.settled in ("accepted", "given-up") or overtaken
            assert change.owed or over

    @invariant()
    def what_acts_is_one_thing_at_a_time(self) -> None:
        """No countdown and no band while a rollback runs; a running rollback holds T."""
        state = self.story.state
        if state.rolling_back:
            assert state.countdown is None
            assert state.hold is not None

    def teardown(self) -> None:
        """At any end: the fold of a prefix plus the rest is the whole, and everything can be rolled back."""
        events, state = self.story.events, self.story.state
        for cut in (1, len(events) // 2, max(1, len(events) - 3)):
            assert fold(events[cut:], fold(events[:cut])) == state
        assert self.checked == state
        self.story.misbehaves.clear()
        self.story.roll_back(BOB)
        if self.story.state.rolling_back:
            self.story.roll_on()
        rollback = self.story.state.rollback
        assert rollback is not None
        assert not self.story.state.rolling_back
        assert missing_moves(self.story.state, rollback) == ()
        assert all(same(self.story.service[move.flag], move.value) for move in rollback.moves)


AnyOrder.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)


class TestAnyOrder(AnyOrder.TestCase):
    """Whatever is pressed: no forward change before its needs, none twice, none lost, always a way back."""
