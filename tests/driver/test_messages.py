"""Messages through the driver: one attempt each, what became of it, and nothing that goes out twice or unasked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.events import MessageAsked, MessageDrafted, MessageSent
from pags_tui.edge.webhooks import SlackWebhook
from tests.live import LEAD, FlagServer, HookServer, Night, book_text, env_of, running, until

MORE = """
[comms.updates]
title = "Updates"
every = "30m"
webhook = "room"
template = "hello"
[comms.escalation]
title = "Escalation"
on = ["major-issue"]
template = "help"
"""


@pytest.fixture
def hook() -> Iterator[HookServer]:
    """A chat."""
    with HookServer() as server:
        yield server


@pytest.fixture
def talking(tmp_path: Path, flags: FlagServer, hook: HookServer) -> Iterator[Callable[..., Night]]:
    """A run whose messages have a webhook."""
    made = []

    def make(kind: str = "live") -> Night:
        text = book_text(flags, services='[services.webhooks]\nroom = "${HOOK}"', more=MORE)
        made.append(Night(tmp_path / "journal", text, env_of(flags, hook=hook), kind=kind))
        return made[-1]

    yield make
    for one in made:
        one.close()


async def fate(night: Night, hook: HookServer, ask: a.SendMessage, times: int = 1) -> list[tuple[str, str]]:
    """What became of that message."""
    driver = night.driver(webhooks={"room": SlackWebhook("room", hook.url)})

    async def work() -> None:
        for _ in range(times):
            assert not (await driver.ask(LEAD, ask)).refused
        await until(lambda: night.facts(MessageSent), "it is known what became of it")
        await driver.settle()

    await running(driver, work)
    return [(fact.result, fact.detail) for fact in night.facts(MessageSent)]


async def test_it_goes_out_once(talking: Callable[..., Night], hook: HookServer) -> None:
    """Journaled before and after; the same ask again changes nothing."""
    night = talking()
    assert await fate(night, hook, a.SendMessage("updates", "all is well", 1), times=2) == [("sent", "")]
    assert hook.lines == ["all is well"]
    assert len(night.facts(MessageAsked)) == 1


async def test_what_was_copied_by_hand_is_not_sent(talking: Callable[..., Night], hook: HookServer) -> None:
    """A person took it elsewhere: no webhook is called, and it stays copied."""
    found = await fate(talking(), hook, a.SendMessage("updates", "all is well", copied=True))
    assert (found, hook.lines) == ([("copied", "")], [])


@pytest.mark.parametrize(("manner", "result"), [(404, "failed"), (500, "unknown"), (429, "unknown")])
async def test_a_status_says_what_is_known(
    talking: Callable[..., Night], hook: HookServer, manner: int, result: str
) -> None:
    """Refused is refused; an error of the chat may have come after the message. One attempt in each case."""
    hook.manner = manner
    found = await fate(talking(), hook, a.SendMessage("updates", "all is well"))
    assert [one for one, _ in found] == [result]
    assert len(hook.lines) == 1


async def test_a_chat_that_refuses_the_connection_has_not_got_it(
    talking: Callable[..., Night], hook: HookServer
) -> None:
    """It never left: failed, not in doubt."""
    hook.down()
    assert [one for one, _ in await fate(talking(), hook, a.SendMessage("updates", "all is well"))] == ["failed"]


async def test_a_rehearsal_sends_nothing(talking: Callable[..., Night], hook: HookServer) -> None:
    """The same keys, the same record, and no request."""
    found = await fate(talking("rehearsal"), hook, a.SendMessage("updates", "all is well"))
    assert found == [("sent", "not really: nothing goes outside here")]
    assert hook.lines == []


async def test_a_guard_that_died_while_sending(talking: Callable[..., Night], hook: HookServer) -> None:
    """The next one says that nobody knows, and sends nothing."""
    night = talking()
    night.write(MessageAsked(1, "updates", "all is well"))
    driver = night.driver(webhooks={"room": SlackWebhook("room", hook.url)})

    async def work() -> None:
        await until(lambda: night.facts(MessageSent), "the new guard looked around")

    await running(driver, work)
    assert [fact.result for fact in night.facts(MessageSent)] == ["unknown"]
    assert hook.lines == []


async def test_a_major_issue_drafts_an_escalation(talking: Callable[..., Night], hook: HookServer) -> None:
    """By itself, within a turn of the loop; nothing is sent."""
    night = talking()
    driver = night.driver()

    async def work() -> None:
        assert not (await driver.ask(LEAD, a.OpenIssue("major", "login fails"))).refused
        await until(lambda: night.facts(MessageDrafted), "it drafted itself")

    await running(driver, work)
    assert [(one.comms, one.cause) for one in night.facts(MessageDrafted)] == [
        ("escalation", "major issue: login fails")
    ]
    assert hook.lines == []
