"""A guard that dies, at every point of the protocol, and what the next one makes of it; in one process here."""

from __future__ import annotations

from pathlib import Path

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.events import FlagAnswered, FlagAsked, GuardStarted, Move, RollbackFinished, StepResolved
from pags_tui.driver import loop
from tests.live import LEAD, SIX, FlagServer, Night, killed, long_reads, running, until

CANARY, FOUR = "go/canary", "go/four"
MOVES = tuple(Move(key, value, "rollback/all-off") for key, value in SIX.items())
MOVED = {"canary": 50, "brain": True, "gate": True, "cache": True, "search": True, "mail": True}


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is counted here are the writes after a death, not those after a slow read."""
    long_reads(monkeypatch, tmp_path)


async def nothing() -> None:
    """No work."""


async def next_guard(night: Night) -> None:
    """A guard takes the run over, looks around, and leaves."""
    await running(night.driver(), nothing)


def passed(night: Night, step: str = CANARY) -> bool:
    """The step is ticked."""
    return night.state.step(step).outcome == "passed"


async def test_dead_after_the_intent(night: Night, flags: FlagServer) -> None:
    """The intent is journaled, no POST was made: unknown, the service's present value beside it, and still no POST."""
    await next_guard(night)
    night.write(FlagAsked(1, "canary", 10, 0, "forward", CANARY))
    await next_guard(night)
    answered = night.facts(FlagAnswered)
    assert [(one.result, one.found) for one in answered] == [("unknown", 0)]
    assert "the service says 0" in answered[0].detail
    assert not flags.posts
    assert night.state.owed[0].number == 1


@pytest.mark.parametrize("manner", ["hold", "held"])
async def test_dead_between_post_and_answer(night: Night, flags: FlagServer, manner: str) -> None:
    """Killed while the POST waits: unknown with what is read back, no second POST; the operator goes on."""
    flags.on_post = lambda key, value, n: manner if n == 1 else "ok"
    driver = night.driver()

    async def dies() -> None:
        await driver.ask(LEAD, a.SetFlags(CANARY, "10"))
        await until(flags.caught.is_set, "the POST is under way")

    await killed(driver, dies)
    assert not night.facts(FlagAnswered)
    heir = night.driver()

    async def goes_on() -> None:
        if manner == "held":
            assert not (await heir.ask(LEAD, a.ReadBack(1))).refused
            return
        assert (await heir.ask(LEAD, a.SetFlags(CANARY, "10"))).refused
        assert not (await heir.ask(LEAD, a.SettleChange(1, "given-up", "it reads 0"))).refused
        assert not (await heir.ask(LEAD, a.SetFlags(CANARY, "10"))).refused
        await heir.settle()

    await running(heir, goes_on)
    first = night.facts(FlagAnswered)[0]
    assert (first.result, first.found) == ("unknown", 10 if manner == "held" else 0)
    assert len(flags.posts) == (1 if manner == "held" else 2)
    assert passed(night)


async def test_dead_before_the_answer_is_journaled(night: Night, flags: FlagServer) -> None:
    """The write took effect and was answered, its answer was not journaled: unknown with the new value."""
    await next_guard(night)
    night.write(FlagAsked(1, "canary", 10, 0, "forward", CANARY))
    flags.values["canary"] = 10
    await next_guard(night)
    assert [(one.result, one.found) for one in night.facts(FlagAnswered)] == [("unknown", 10)]
    assert not flags.posts
    assert not night.state.flag("canary").drift


async def test_dead_before_the_step_is_ticked(night: Night, flags: FlagServer) -> None:
    """All flags are verified, the tick is missing: the next guard ticks the step, for nobody could any more."""
    await next_guard(night)
    flags.values["canary"] = 10
    night.write(FlagAsked(1, "canary", 10, 0, "forward", CANARY), FlagAnswered(1, "verified", 10))
    await next_guard(night)
    assert [one.step for one in night.facts(StepResolved)] == [CANARY]


async def test_dead_between_flag_two_and_three_of_four(night: Night, flags: FlagServer) -> None:
    """Two of four are verified: nothing goes on by itself; confirmed anew, only the other two are written."""
    await next_guard(night)
    night.write(StepResolved(CANARY, "skipped", "not tonight"))
    night.write(FlagAsked(1, "brain", True, False, "forward", FOUR), FlagAnswered(1, "verified", True))
    night.write(FlagAsked(2, "gate", True, False, "forward", FOUR), FlagAnswered(2, "verified", True))
    flags.values.update(brain=True, gate=True)
    heir = night.driver()

    async def goes_on() -> None:
        assert not flags.posts
        answer = await heir.ask(LEAD, a.SetFlags(FOUR, "production"))
        assert not answer.refused, answer.said
        await heir.settle()

    await running(heir, goes_on)
    assert flags.posts == [("cache", True), ("search", True)]
    assert passed(night, FOUR)


@pytest.mark.parametrize("manner", ["hold", "held"])
@pytest.mark.parametrize("step", range(1, 7))
async def test_dead_at_each_step_of_a_rollback(night: Night, flags: FlagServer, step: int, manner: str) -> None:
    """Killed while the n-th of six POSTs waits, before or after it took effect: the next guard finishes unasked, and
    writes again only what had not taken effect."""
    flags.values.update(MOVED)
    flags.on_post = lambda key, value, n: manner if n == step else "ok"
    driver = night.driver()

    async def dies() -> None:
        await driver.ask(LEAD, a.RollBack("rollback", MOVES))
        await until(flags.caught.is_set, "the POST is under way")

    await killed(driver, dies)
    heir = night.driver()

    async def finishes() -> None:
        await until(lambda: not heir.record.state.rolling_back, "the rollback is finished")

    await running(heir, finishes)
    again = [list(SIX)[step - 1]] if manner == "hold" else []
    assert sorted(key for key, _ in flags.posts) == sorted([*SIX, *again])
    assert flags.values == SIX
    assert night.facts(RollbackFinished)[0].verified == 6


async def test_a_change_asked_of_the_new_guard_while_it_takes_over_is_no_orphan(
    night: Night, flags: FlagServer
) -> None:
    """Confirmed while the new guard still reads the flags: it is performed and verified like any other."""
    heir = night.driver()
    flags.on_post = lambda key, value, n: "ok"
    await heir.begin()
    assert [type(fact) for fact in night.facts(GuardStarted)] == [GuardStarted]
    await heir.turn()
    await heir.settle()
    await heir.ask(LEAD, a.SetFlags(CANARY, "10"))
    await heir.settle()
    await heir.finish()
    assert [one.result for one in night.facts(FlagAnswered)] == ["verified"]


async def test_a_guard_that_is_fenced_off_ends_and_writes_nothing(
    night: Night, flags: FlagServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another guard takes the run over: the first one's next ask is refused, nothing is posted, its loop ends."""
    monkeypatch.setattr(loop, "BEAT_EVERY", 0.1)
    old = night.driver()

    async def work() -> None:
        night.driver()
        answer = await old.ask(LEAD, a.SetFlags(CANARY, "10"))
        assert answer.refused
        assert "belongs to another guard" in answer.said
        await until(old.ended.is_set, "the old guard ends by itself")

    await running(old, work)
    assert not flags.posts
    assert "belongs to another guard" in old.why_ended
