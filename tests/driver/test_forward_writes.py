"""A forward write: tried once, believed only when read back, and what is unclear is asked about, never repeated."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.events import FlagAnswered, FlagAsked
from pags_tui.driver import writing
from pags_tui.driver.services import read_flag
from pags_tui.edge.flags import HttpFlags
from tests.live import LEAD, SIX, FlagServer, Night, book_text, env_of, running, until

CANARY, FOUR = "go/canary", "go/four"


def _hurried(read: Callable[..., object]) -> Callable[..., object]:
    return lambda self, key, deadline: read(self, key, min(deadline, 0.5))


async def set_flags(night: Night, step: str = CANARY, typed: str = "10") -> a.Accepted:
    """Confirms the step and waits until nothing of it is under way; the answer to the ask."""
    answers: list[a.Accepted] = []
    driver = night.driver()

    async def work() -> None:
        answers.append(await driver.ask(LEAD, a.SetFlags(step, typed)))
        await driver.settle()

    await running(driver, work)
    return answers[0]


async def test_a_verified_write_ticks_its_step(night: Night, flags: FlagServer) -> None:
    """Intent, one POST, a read that shows the value: `verified`, and the step is passed."""
    assert not (await set_flags(night)).refused
    assert flags.posts == [("canary", 10)]
    asked, answered = night.facts(FlagAsked)[0], night.facts(FlagAnswered)[0]
    assert (asked.before, asked.value, asked.purpose) == (0, 10, "forward")
    assert (answered.result, answered.found) == ("verified", 10)
    assert night.state.step(CANARY).outcome == "passed"


async def test_an_answer_that_got_lost_after_the_write_took_effect_is_verified_by_the_read(
    night: Night, flags: FlagServer
) -> None:
    """The connection was cut, but the service reads 10: verified. The answer to the POST proves nothing either way."""
    flags.on_post = lambda key, value, n: "cut"
    await set_flags(night)
    assert night.facts(FlagAnswered)[0].result == "verified"
    assert len(flags.posts) == 1


UNCLEAR = [
    ("lose", "unknown", 0),
    (500, "unknown", 0),
    (503, "unknown", 0),
    (408, "unknown", 0),
    (429, "unknown", 0),
    ("lie", "mismatch", 0),
    (400, "refused", None),
    (401, "refused", None),
    (403, "refused", None),
    (404, "refused", None),
]


@pytest.mark.parametrize(("manner", "result", "found"), UNCLEAR, ids=[str(one[0]) for one in UNCLEAR])
async def test_what_is_not_verified_is_told_apart_and_never_tried_again(
    tmp_path: Path, flags: FlagServer, manner: str | int, result: str, found: int | None
) -> None:
    """Each way of going wrong has its result in the journal; exactly one POST was made; the step stays open."""
    flags.on_post = lambda key, value, n: manner
    night = Night(tmp_path / "j", book_text(flags), env_of(flags))
    night.hurry()
    await set_flags(night)
    answered = night.facts(FlagAnswered)
    assert [(one.result, one.found) for one in answered] == [(result, found)]
    assert len(flags.posts) == 1
    assert night.state.step(CANARY).outcome is None
    night.close()


async def test_a_hanging_service_gives_unknown_with_what_was_read(night: Night, flags: FlagServer) -> None:
    """No answer within the time for reading back: unknown, the old value was read, one POST."""
    flags.on_post = lambda key, value, n: "hold"
    night.hurry()
    await set_flags(night)
    answered = night.facts(FlagAnswered)[0]
    assert (answered.result, answered.found) == ("unknown", 0)
    assert len(flags.posts) == 1


async def test_a_service_that_cannot_be_read_back_is_unverified(tmp_path: Path, flags: FlagServer) -> None:
    """With `read_path = ""` an accepted write is `unverified`: the lead accepts it, and the step is passed."""
    text = book_text(flags).replace('timeout = "5s"\n', 'timeout = "5s"\nread_path = ""\n', 1)
    night = Night(tmp_path / "j", text, env_of(flags))
    driver = night.driver()

    async def work() -> None:
        answer = await driver.ask(LEAD, a.SetFlags(CANARY, "10"))
        assert not answer.refused, answer.said
        await driver.settle()
        assert driver.record.state.changes[1].result == "unverified"
        assert not (await driver.ask(LEAD, a.SettleChange(1, "accepted", "seen in the console"))).refused

    await running(driver, work)
    assert night.state.step(CANARY).outcome == "passed"
    assert flags.posts == [("canary", 10)]
    night.close()


async def test_an_unknown_change_goes_on_by_reading_back(night: Night, flags: FlagServer) -> None:
    """While it is owed nothing goes forward; `ReadBack` that finds the value verifies it and ticks the step."""
    flags.on_post = lambda key, value, n: "late"
    night.hurry()
    driver = night.driver()

    async def work() -> None:
        await driver.ask(LEAD, a.SetFlags(CANARY, "10"))
        await driver.settle()
        again = await driver.ask(LEAD, a.SetFlags(CANARY, "10"))
        assert again.refused
        assert "the change of canary to 10 is unknown" in again.said
        flags.release.set()
        await until(lambda: flags.values["canary"] == 10, "the late write took effect")
        assert not (await driver.ask(LEAD, a.ReadBack(1))).refused

    await running(driver, work)
    assert [one.result for one in night.facts(FlagAnswered)] == ["unknown", "verified"]
    assert night.state.step(CANARY).outcome == "passed"
    assert len(flags.posts) == 1


async def test_a_given_up_change_may_be_confirmed_anew(night: Night, flags: FlagServer) -> None:
    """Settled as given up, the step's flags are still missing: a newly confirmed `SetFlags` writes once more."""
    flags.on_post = lambda key, value, n: "lose" if n == 1 else "ok"
    night.hurry(1.0)
    driver = night.driver()

    async def work() -> None:
        await driver.ask(LEAD, a.SetFlags(CANARY, "10"))
        await driver.settle()
        assert not (await driver.ask(LEAD, a.SettleChange(1, "given-up", "it never arrived"))).refused
        assert not (await driver.ask(LEAD, a.SetFlags(CANARY, "10"))).refused
        await driver.settle()

    await running(driver, work)
    assert flags.posts == [("canary", 10)] * 2
    assert len(set(flags.keys)) == 2, "each write has an idempotency key of its own"
    assert night.state.step(CANARY).outcome == "passed"


async def test_a_set_of_four_stops_at_the_first_that_is_not_verified_and_writes_only_the_rest(
    night: Night, flags: FlagServer
) -> None:
    """The third of four is refused: two are verified, the fourth was not tried. Confirmed again: the last two alone."""
    await set_flags(night)
    flags.on_post = lambda key, value, n: 403 if n == 4 else "ok"
    await set_flags(night, FOUR, "production")
    assert [key for key, _ in flags.posts[1:]] == ["brain", "gate", "cache"]
    assert night.state.step(FOUR).outcome is None
    await set_flags(night, FOUR, "production")
    assert [key for key, _ in flags.posts[4:]] == ["cache", "search"]
    assert night.state.step(FOUR).outcome == "passed"


async def test_a_step_confirmed_again_between_two_of_its_flags_writes_each_once(
    night: Night, flags: FlagServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is owed between two flags, so the step may be confirmed again there: the work under way leaves the next
    flag to the new confirmation, and does not send its write a second time. (Found by kill -9 at random moments.)"""
    await set_flags(night)
    between, go_on = asyncio.Event(), asyncio.Event()

    async def slow(service: object, key: str, deadline: float) -> tuple[object, str | None]:
        if key == "gate" and not between.is_set():
            between.set()
            await go_on.wait()
        return await read_flag(service, key, deadline)

    monkeypatch.setattr(writing, "read_flag", slow)
    flags.on_post = lambda key, value, n: "held" if key == "gate" and not flags.caught.is_set() else "ok"
    driver = night.driver()

    async def work() -> None:
        await driver.ask(LEAD, a.SetFlags(FOUR, "production"))
        await between.wait()
        assert not (await driver.ask(LEAD, a.SetFlags(FOUR, "production"))).refused
        await until(flags.caught.is_set, "the second confirmation writes")
        go_on.set()
        await asyncio.sleep(0.2)
        flags.release.set()
        await driver.settle()

    await running(driver, work)
    assert [key for key, _ in flags.posts[1:]] == ["brain", "gate", "cache", "search"]
    assert len(set(flags.keys)) == len(flags.keys)
    assert night.state.step(FOUR).outcome == "passed"


async def test_somebody_elses_change_between_two_flags_is_shown_and_not_overwritten(
    night: Night, flags: FlagServer
) -> None:
    """The third flag moved while the second was written: the set stops there, and the foreign value stays."""
    await set_flags(night)

    def post(key: str, value: object, n: int) -> str:
        if key == "gate":
            flags.values["cache"] = True
        return "ok"

    flags.on_post = post
    await set_flags(night, FOUR, "production")
    assert [key for key, _ in flags.posts[1:]] == ["brain", "gate"]
    assert night.state.flag("cache").seen is True
    assert night.state.step(FOUR).outcome is None


@pytest.mark.parametrize("manner", ["hang", "html", 503], ids=str)
async def test_what_cannot_be_read_is_not_written(
    night: Night, flags: FlagServer, manner: str | int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the value as it is now nothing goes forward, and the refusal says which flag and why."""
    flags.on_read = lambda key: manner
    monkeypatch.setattr(HttpFlags, "read", _hurried(HttpFlags.read))
    answer = await set_flags(night)
    assert answer.refused
    assert "canary cannot be read just now" in answer.said
    assert not flags.posts


async def test_a_read_that_began_before_a_write_tells_nothing_of_it(night: Night, flags: FlagServer) -> None:
    """A slow read of all flags answers the old value after the write was verified: no drift is made of that."""
    driver = night.driver()
    slow: list[Callable[[], None]] = []

    async def work() -> None:
        before, readings = await driver.senses._readings(SIX)
        await driver.ask(LEAD, a.SetFlags(CANARY, "10"))
        await driver.settle()
        driver.senses._note_flags(before, readings)

    await running(driver, work)
    assert not slow
    assert (night.state.flag("canary").seen, night.state.flag("canary").drift) == (10, None)


async def test_a_flag_that_cannot_be_read_stops_a_set_of_several(night: Night, flags: FlagServer) -> None:
    """Found by the state machine: the second flag of four was written although its value before could not be read."""
    driver = night.driver()
    flags.on_read = lambda key: 503 if key == "gate" and flags.posts else "ok"

    async def work() -> None:
        await driver.ask(LEAD, a.Resolve("go/canary", "skipped", "not tonight"))
        answer = await driver.ask(LEAD, a.SetFlags("go/four", "production"))
        assert not answer.refused, answer.said
        await driver.settle()

    await running(driver, work)
    assert flags.posts == [("brain", True)]
    assert "not able to answer now" in night.state.flag("gate").failed
    assert night.state.step("go/four").outcome is None
