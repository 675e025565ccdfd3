"""Unleash's admin API as our client uses it: what is sent, in which order, and what a cut in between leaves behind."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pags_tui.core.errors import BadAnswer
from pags_tui.core.runbook import Flag
from pags_tui.core.runbook.services import FlagService
from pags_tui.edge.flags import Access, UnleashFlags, open_flags
from tests.edge.misbehaving import Asked, Misbehaving, as_json, hang_up, status
from tests.edge.one_run import OneRun, one_change

TOKEN = "*:*.sesame-of-unleash"
FLAGS = {"canary": Flag(key="canary", type="integer", range=(0, 100)), "brain": Flag(key="brain", type="boolean")}

BOOK = one_change("""
kind = "unleash"
url = "${UNLEASH_URL}"
token = "${UNLEASH_TOKEN}"
environment = "production"
project = "night"
""")


def rollout(percent: object, name: str = "flexibleRollout", **more: object) -> dict[str, object]:
    return {"id": "s1", "name": name, "disabled": False, "parameters": {"rollout": percent}, **more}


class FakeUnleash(Misbehaving):
    """One flag in memory. `faults[n]` breaks the n-th write, after or before its effect."""

    def __init__(self, enabled: bool = False, strategies: tuple[dict[str, object], ...] = ()) -> None:
        super().__init__(self.answer)
        self.enabled, self.strategies = enabled, list(strategies)
        self.writes: list[tuple[str, str, object]] = []
        self.faults: dict[int, str] = {}

    def answer(self, asked: Asked, connection: socket.socket) -> object:
        if asked.method == "GET":
            found = {"name": "canary", "enabled": self.enabled, "strategies": self.strategies}
            return as_json(found)(asked, connection)
        below = asked.target.partition("/environments/production")[2]
        self.writes.append((asked.method, below, json.loads(asked.body or b"null")))
        fault = self.faults.get(len(self.writes))
        if fault != "before":
            self.perform(*self.writes[-1])
        return hang_up(asked, connection) if fault else as_json({})(asked, connection)

    def perform(self, method: str, below: str, body: object) -> None:
        if below in ("/on", "/off"):
            self.enabled = below == "/on"
        elif method == "POST":
            self.strategies.append(rollout(body["parameters"]["rollout"]))
        else:
            self.strategies[0]["parameters"]["rollout"] = body[0]["value"]


@pytest.fixture
def fake() -> Iterator[FakeUnleash]:
    with FakeUnleash(strategies=(rollout("100"),)) as server:
        yield server


def opened(url: str, **settings: object) -> UnleashFlags:
    words = {"kind": "unleash", "url": "${UNLEASH_URL}", "token": "${UNLEASH_TOKEN}", "environment": "production"}
    model = FlagService.model_validate({**words, "project": "night", **settings})
    service = open_flags(model, Access({"UNLEASH_URL": url}, TOKEN, "flags", FLAGS))
    assert isinstance(service, UnleashFlags)
    return service


def test_a_share_is_set_before_it_is_switched_on(fake: FakeUnleash) -> None:
    """A flag that stood at 100 % while it was off is never on at 100 % for a moment."""
    assert opened(fake.url).write("canary", 10, "k", 2.0).accepted is True
    change = [{"op": "replace", "path": "/parameters/rollout", "value": "10"}]
    assert fake.writes == [("PATCH", "/strategies/s1", change), ("POST", "/on", None)]
    assert opened(fake.url).read("canary", 2.0) == 10
    assert {asked.headers["authorization"] for asked in fake.asked} == {TOKEN}


def test_a_flag_that_is_on_takes_one_request(fake: FakeUnleash) -> None:
    """And so does taking it back: off at once, whatever its strategies are."""
    fake.enabled = True
    service = opened(fake.url)
    service.write("canary", 50, "k", 2.0)
    asked = len(fake.asked)
    service.write("canary", 0, "k", 2.0)
    assert [below for _, below, _ in fake.writes] == ["/strategies/s1", "/off"]
    assert len(fake.asked) == asked + 1


def test_a_flag_without_a_strategy_gets_one(fake: FakeUnleash) -> None:
    """The gradual rollout that Unleash's own screen would make; switched-off strategies don't count."""
    fake.strategies[:] = [rollout("100", disabled=True)]
    opened(fake.url).write("canary", 10, "k", 2.0)
    parameters = {"rollout": "10", "stickiness": "default", "groupId": "canary"}
    assert fake.writes[0] == ("POST", "/strategies", {"name": "flexibleRollout", "parameters": parameters})


@pytest.mark.parametrize(
    ("strategies", "text"),
    [
        ([rollout("10"), rollout("20")], "canary in production has 2 active strategies"),
        ([rollout("10", name="userWithId")], "is governed by the strategy userWithId"),
        ([rollout("a tenth")], "on without a gradual rollout of 0 to 100 %"),
        ([rollout("500")], "on without a gradual rollout of 0 to 100 %"),
        ([], "on without a gradual rollout of 0 to 100 %"),
    ],
    ids=["several", "other", "word", "too-much", "none"],
)
def test_what_is_no_percentage_is_a_sentence(fake: FakeUnleash, strategies: list, text: str) -> None:
    """Strategies add up in Unleash: a number that is not the whole truth is not shown as the value."""
    fake.enabled, fake.strategies = True, strategies
    with pytest.raises(BadAnswer, match=text):
        opened(fake.url).read("canary", 2.0)


@pytest.mark.parametrize("value", ["blue", 2.5, 101, -1])
def test_a_value_that_unleash_cannot_hold_is_refused_here(fake: FakeUnleash, value: object) -> None:
    """Nothing is sent."""
    assert opened(fake.url).write("canary", value, "k", 2.0).accepted is False
    assert fake.writes == []


def test_a_boolean_is_the_switch_of_the_environment(fake: FakeUnleash) -> None:
    """Its strategies are nobody's business."""
    service = opened(fake.url)
    fake.strategies[:] = [rollout("5"), rollout("6")]
    assert service.read("brain", 2.0) is False
    fake.enabled = True
    assert service.read("brain", 2.0) is True
    service.curl("brain", True)


@pytest.mark.parametrize("key", [".", "..", "a/b ?x"])
def test_keys_are_no_folders(fake: FakeUnleash, key: str) -> None:
    """Names are encoded, and a dot leads nowhere."""
    service = opened(fake.url)
    answer = service.write(key, False, "k", 2.0)
    assert (answer.accepted is None) == (key != "a/b ?x")
    assert all("a%2Fb%20%3Fx" in asked.target for asked in fake.asked)


@pytest.mark.parametrize(
    ("faults", "result", "reads", "below"),
    [
        ({1: "before"}, "unknown", 0, ["/strategies/s1"]),
        ({1: "after"}, "unknown", 0, ["/strategies/s1"]),
        ({2: "before"}, "unknown", 0, ["/strategies/s1", "/on"]),
        ({2: "after"}, "verified", 10, ["/strategies/s1", "/on"]),
    ],
    ids=["cut-before-share", "cut-after-share", "cut-before-on", "cut-after-on"],
)
async def test_a_write_that_was_cut_is_read_back(
    fake: FakeUnleash, tmp_path: Path, faults: dict[int, str], result: str, reads: int, below: list[str]
) -> None:
    """Cut at any point, the flag is as it was or as it was asked for; the read back says which, and nothing repeats."""
    fake.faults = faults
    async with OneRun(tmp_path, BOOK, {"UNLEASH_URL": fake.url, "UNLEASH_TOKEN": TOKEN}) as run:
        assert not (await run.set("go/canary", "10", {"canary": 0})).refused
        (change,) = run.state.changes.values()
        assert (change.result, change.found) == (result, reads), change
        assert [one for _, one, _ in fake.writes] == below
        await run.roll_back()
        assert run.state.rollback.verified == 1
        assert not fake.enabled
        assert TOKEN.encode() not in run.stored()
        assert TOKEN not in "\n".join(run.log())


@pytest.mark.parametrize(("code", "accepted"), [(403, False), (404, False), (409, False), (429, None), (500, None)])
def test_a_refusal_says_who_refused(code: int, accepted: bool | None) -> None:
    """A change request that needs an approval is a refusal; the server's own words are not repeated."""
    with Misbehaving(status(code, f"token {TOKEN}")) as server:
        answer = opened(server.url).write("canary", 0, "k", 2.0)
    assert (answer.accepted, answer.status) == (accepted, str(code))
    assert answer.detail.startswith("Unleash at 127.0.0.1 ")
    assert TOKEN not in answer.detail
    assert len(server.asked) == 1


def test_no_text_of_it_holds_the_token() -> None:
    """Description, repr and the commands by hand."""
    service = opened("https://unleash.example")
    for text in (repr(service), service.describe(), service.curl("canary", 10), service.curl("brain", False)):
        assert "sesame" not in text
    assert service.describe() == "unleash, unleash.example, production"
    assert service.curl("brain", False) == (
        "curl -fsS --max-time 10 -X POST "
        '"${UNLEASH_URL}/api/admin/projects/night/features/brain/environments/production/off"'
        ' -H "Authorization: ${UNLEASH_TOKEN}"'
    )
