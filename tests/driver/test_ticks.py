"""Ticks: a slow query holds up nothing, an outage is told and so is its end, a hole is filled in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.events import SourceBack, SourceLost, TicksLost
from pags_tui.core.series import Reading
from pags_tui.driver.services import Sampler
from tests.live import LEAD, FlagServer, MetricServer, Night, book, book_text, running, until

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)

SLOW = '[metrics.slow]\ntitle = "Slow"\nunit = "count"\nquery = "slow"\n'
GATED = '[[phases.steps]]\ncheck = "Errors"\ngate = "errors < 5"\n'


async def test_a_hanging_query_fails_alone(watched: Callable[..., Night], metrics: MetricServer) -> None:
    """One query never answers: ticks go on, the other metric has its value in each of them, the slow one its reason."""
    metrics.values["slow"] = 1.0
    metrics.slow.add("slow")
    night = watched(services=SLOW)
    driver = night.driver()
    await running(driver, lambda: until(lambda: driver.record.number >= 2, "two ticks were taken"))
    for judged in list(driver.record.ticks)[:2]:
        assert judged.tick.failed is None
        assert judged.tick.readings["errors"].points[0].value == 1.0
        assert judged.tick.readings["slow"].failed
    assert "prometheus" not in night.state.lost


@pytest.mark.parametrize("manner", ["html", "hang", 503, "down"], ids=str)
async def test_an_outage_is_told_with_its_reason_and_so_is_its_end(
    watched: Callable[..., Night], metrics: MetricServer, manner: str | int
) -> None:
    """Whatever the metric service answers instead of a time: `SourceLost` after two failed ticks, `SourceBack` after
    the first good one. No address stands in the reason."""
    night = watched()
    if manner == "hang":
        night.hurry()
    driver = night.driver()

    async def work() -> None:
        if manner == "down":
            metrics.down()
        else:
            metrics.manner = manner
        await until(lambda: "prometheus" in driver.record.state.lost, "the loss is told")
        metrics.manner = "ok"
        metrics.release.set()
        if manner == "down":
            metrics.up()
        await until(lambda: "prometheus" not in driver.record.state.lost, "its end is told")

    await running(driver, work)
    lost = night.facts(SourceLost)
    assert {one.source for one in lost} == {"prometheus"}
    assert lost[0].reason
    assert metrics.url not in lost[0].reason
    assert {one.source for one in night.facts(SourceBack)} == {"prometheus"}


async def test_a_guard_begins_while_the_metric_service_is_down(
    watched: Callable[..., Night], metrics: MetricServer, flags: FlagServer
) -> None:
    """Blind from the start: the first ticks have failed, a rollback works all the same, and sight comes back."""
    night = watched()
    metrics.down()
    driver = night.driver()

    async def work() -> None:
        await until(lambda: "prometheus" in driver.record.state.lost, "the loss is told")
        assert (await driver.ask(LEAD, a.HoldClock("blind"))).seqs
        metrics.up()
        await until(lambda: "prometheus" not in driver.record.state.lost, "sight is back")

    await running(driver, work)
    assert night.state.hold is not None


async def test_nothing_goes_forward_while_its_gates_cannot_be_read(
    watched: Callable[..., Night], metrics: MetricServer, flags: FlagServer
) -> None:
    """The metric service fails at the moment of confirming: refused, with the reason, and nothing is posted."""
    night = watched(more="")
    text = night.text.replace('{ check = "Looks good" }', '{ check = "Looks good", gate = "errors < 5" }')
    night.close()
    night = type(night)(night.folder.parent / "second", text, night.env)
    driver = night.driver()

    async def work() -> None:
        metrics.manner = 503
        answer = await driver.ask(LEAD, a.SetFlags("go/canary", "10"))
        assert answer.refused
        assert "cannot be read just now" in answer.said

    await running(driver, work)
    assert not flags.posts
    night.close()


async def test_ticks_that_overtake_the_reading_at_confirming(
    watched: Callable[..., Night], flags: FlagServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: two ticks come in while it is still being read, so that its time lies before theirs; the gates
    passed all the while, and the change was refused as if the server's time stood still."""
    night = watched(more="")
    text = night.text.replace('{ action = "Canary"', '{ check = "Calm", gate = "errors < 5" },\n  { action = "Canary"')
    night.close()
    night = type(night)(night.folder.parent / "second", text, night.env)
    driver = night.driver()
    assert driver.senses.sampler
    real = driver.senses.sampler.tick

    async def slow(book: Any, now: Any, read: Any, aside: bool = False) -> Any:
        found = await real(book, now, read, aside)
        if aside:
            number = driver.record.number
            await until(lambda: driver.record.number >= number + 2, "two ticks came in")
        return found

    monkeypatch.setattr(
        driver.senses.sampler, "tick", lambda book, now, read, aside=False: slow(book, now, read, aside=aside)
    )

    def passes() -> bool:
        return bool(driver.senses.last and driver.senses.last.gates["go/calm"].state == "pass")

    def calm() -> bool:
        return driver.record.state.step("go/calm").outcome == "passed"

    async def work() -> None:
        await driver.ask(LEAD, a.Resolve("go/calm"))  # enters the phase
        await until(passes, "the gate passes in it")
        await driver.ask(LEAD, a.Resolve("go/calm"))
        await until(lambda: passes() and calm(), "it is ticked")
        answer = await driver.ask(LEAD, a.SetFlags("go/canary", "10"))
        assert not answer.refused, answer.said
        await until(lambda: driver.record.state.step("go/canary").outcome == "passed", "it is written")
        done = await driver.ask(LEAD, a.SetFlags("go/four", "production"))
        assert not done.refused, done.said

    await running(driver, work)
    assert flags.posts[0] == ("canary", 10)
    night.close()


class Told:
    """A metric service whose time is told in advance."""

    def __init__(self, *times: float) -> None:
        self._times = list(times)

    def server_time(self) -> float:
        """The next of them."""
        return self._times.pop(0)

    def poll(self, queries: object, time: float, deadline: float) -> dict[str, Reading]:
        """Nothing."""
        return {}


async def test_a_reading_between_two_ticks_makes_none_of_them_stand_still() -> None:
    """It may be answered before a tick that was asked earlier; ticks among themselves must advance."""
    sampler = Sampler(Told(10, 12, 11, 11), 1.0, 5.0)  # type: ignore[arg-type]
    plain = book(book_text())
    found = [await sampler.tick(plain, lambda: NOW, {}, aside) for aside in (False, True, False, False)]
    assert [tick.time for tick, _ in found[:3]] == [10, 12, 11]
    assert [tick.failed for tick, _ in found] == [None, None, None, "the server's time did not advance"]


async def test_a_hole_is_told_and_filled_from_what_the_service_remembers(
    watched: Callable[..., Night], metrics: MetricServer
) -> None:
    """A guard that comes late journals how long nobody watched, and asks the service for just that time."""
    night = watched()
    await running(night.driver(), lambda: until(lambda: True, ""))
    heir = night.driver()
    last = heir.record.ticks[-1].at
    await until(lambda: (heir.record.clock.now() - last).total_seconds() > 0.5, "a hole is there")
    assert not metrics.ranges
    await running(heir, lambda: until(lambda: True, ""))
    lost = night.facts(TicksLost)
    assert len(lost) == 1
    assert lost[0].seconds >= 0.5
    query, start, end = metrics.ranges[0]
    assert query == "errors"
    assert last.timestamp() < start <= end


async def test_a_fault_in_one_judgement_does_not_end_the_watch(
    watched: Callable[..., Night], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug in this program is told as one, with its place, and the next tick is taken."""
    night = watched()
    driver = night.driver()
    real, broken = driver.senses.judge.judge, [True]

    def judge(*args: object, **names: object) -> object:
        if broken[0] and driver.record.number > 1:
            raise KeyError("a bug")
        return real(*args, **names)  # type: ignore[arg-type]

    monkeypatch.setattr(driver.senses.judge, "judge", judge)

    async def work() -> None:
        await until(lambda: "tick" in driver.record.state.lost, "the fault is told")
        assert "a fault of this program: KeyError at " in driver.record.state.lost["tick"]
        broken[0] = False
        await until(lambda: "tick" not in driver.record.state.lost, "the next tick is taken")

    await running(driver, work)
