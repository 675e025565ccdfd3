"""A countdown of a real driver: with no screen attached it pages, counts down and rolls back; else it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.events import CountdownBegan, CountdownEnded, Notified, RollbackConfirmed, Vetoed
from pags_tui.edge.webhooks import Heartbeat, SlackWebhook
from tests.live import LEAD, SIX, FlagServer, HookServer, MetricServer, Night, killed, running, until

TRIGGER = '[triggers.errors]\ntitle = "Too many errors"\nwhen = "errors > 5"\n'
SERVICES = """
[services.webhooks]
line = "${HOOK}"
pager = "${HOOK}"
beat = "${HOOK}"
[notify]
events = "line"
heartbeat = "beat"
page = { webhook = "pager", on = ["countdown", "rollback", "blind", "guard-replaced"] }
"""


@pytest.fixture
def hook() -> Iterator[HookServer]:
    """A chat and a pager in one."""
    with HookServer() as server:
        yield server


@pytest.fixture
def armed(watched: Callable[..., Night]) -> Callable[[str], Night]:
    """Makes a night whose trigger counts down for so long."""
    return lambda seconds: watched(
        more=TRIGGER, services=SERVICES, rollback=f'auto = "countdown"\ncountdown = "{seconds}"'
    )


async def fires(night: Night, driver: object, metrics: MetricServer) -> None:
    """Ten percent, and then errors."""
    ask = driver.ask  # type: ignore[attr-defined]
    answer = await ask(LEAD, a.SetFlags("go/canary", "10"))
    assert not answer.refused, answer.said
    await until(lambda: night.state.step("go/canary").outcome == "passed", "the canary is out")
    metrics.values["errors"] = 50.0
    await until(lambda: night.facts(CountdownBegan), "the countdown began")


def hooks(hook: HookServer) -> dict[str, object]:
    """The three of the runbook."""
    line, pager = SlackWebhook("line", hook.url), SlackWebhook("pager", hook.url)
    return {"webhooks": {"line": line, "pager": pager, "beat": Heartbeat("beat", hook.url)}}


async def test_it_pages_and_rolls_back_with_nobody_there(
    armed: Callable[[str], Night], metrics: MetricServer, flags: FlagServer, hook: HookServer
) -> None:
    """No screen is attached: lines and pages go out, all flags are back, and the journal says that it ran out."""
    night = armed("1s")
    driver = night.driver(**hooks(hook))

    async def work() -> None:
        await fires(night, driver, metrics)
        await until(lambda: night.state.rollback and night.state.rollback.finished, "it has rolled back")

    await running(driver, work)
    assert flags.values == SIX
    assert [(one.how, one.reason) for one in night.facts(CountdownEnded)] == [("rollback", "ran out")]
    told = "\n".join(hook.lines)
    for word in ("unless vetoed", "ROLLING BACK", "rolled back: 6 of 6 verified", "trigger fired: Too many errors"):
        assert word in told
    assert "GET /" in hook.lines
    assert {one.to for one in night.facts(Notified)} == {"pager"}


async def test_a_pager_that_cannot_be_reached_holds_up_nothing_and_is_journaled(
    armed: Callable[[str], Night], metrics: MetricServer, flags: FlagServer, hook: HookServer
) -> None:
    """Every webhook answers 500: the rollback runs all the same, and the journal has what could not be sent."""
    hook.manner = 500
    night = armed("1s")
    driver = night.driver(**hooks(hook))

    async def work() -> None:
        await fires(night, driver, metrics)
        await until(lambda: night.state.rollback and night.state.rollback.finished, "it has rolled back")
        await until(lambda: [one for one in night.facts(Notified) if one.failed], "the failure is journaled")

    await running(driver, work)
    assert flags.values == SIX
    assert all(hook.url not in one.failed for one in night.facts(Notified))


async def test_a_veto_stops_it(armed: Callable[[str], Night], metrics: MetricServer, flags: FlagServer) -> None:
    """Vetoed with a reason: no rollback, no second countdown while the veto lasts."""
    night = armed("30s")
    driver = night.driver()

    async def work() -> None:
        await fires(night, driver, metrics)
        assert not (await driver.ask(LEAD, a.Veto("known, a deploy"))).refused
        number = driver.record.number
        await until(lambda: driver.record.number > number + 4, "further bad ticks came")

    await running(driver, work)
    assert len(night.facts(CountdownBegan)) == 1
    assert night.facts(Vetoed)[0].reason == "known, a deploy"
    assert not night.facts(RollbackConfirmed)
    assert flags.values["canary"] == 10


async def test_without_a_fresh_reading_at_its_end_it_asks(
    armed: Callable[[str], Night], metrics: MetricServer, flags: FlagServer
) -> None:
    """Blind when it runs out: a band that asks, and no write."""
    night = armed("1s")
    driver = night.driver()

    async def work() -> None:
        await fires(night, driver, metrics)
        metrics.manner = 503
        await until(lambda: night.facts(CountdownEnded), "it has ended")

    await running(driver, work)
    ended = night.facts(CountdownEnded)[0]
    assert ended.how == "ask"
    assert "reading at its end" in ended.reason
    assert night.state.band == ("errors",)
    assert flags.values["canary"] == 10


async def test_a_guard_that_dies_during_it_is_followed_by_one_that_counts_on(
    armed: Callable[[str], Night], metrics: MetricServer, flags: FlagServer
) -> None:
    """The end stays where it was; the next guard, with live bad ticks of its own, rolls back at it."""
    night = armed("2s")
    driver = night.driver()
    await killed(driver, lambda: fires(night, driver, metrics))
    assert night.state.countdown is not None
    heir = night.driver()

    async def work() -> None:
        await until(lambda: night.state.rollback and night.state.rollback.finished, "it has rolled back")

    await running(heir, work)
    assert len(night.facts(CountdownBegan)) == 1
    assert night.facts(CountdownEnded)[0].how == "rollback"
    assert flags.values == SIX


async def test_one_that_ran_out_while_the_guard_was_dead_asks(
    armed: Callable[[str], Night], metrics: MetricServer, flags: FlagServer
) -> None:
    """Nobody watched its end: the next guard raises the band and writes nothing by itself."""
    night = armed("1s")
    driver = night.driver()
    await killed(driver, lambda: fires(night, driver, metrics))
    ends = night.state.countdown.ends  # type: ignore[union-attr]
    await until(lambda: driver.record.clock.now() > ends, "it has run out")
    await running(night.driver(), lambda: until(lambda: night.facts(CountdownEnded), "it has ended"))
    ended = night.facts(CountdownEnded)[0]
    assert (ended.how, ended.reason) == ("ask", "it ran out while no guard was alive")
    assert not night.facts(RollbackConfirmed)
    assert flags.values["canary"] == 10
