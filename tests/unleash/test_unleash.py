"""A canary against a real Unleash: what our journal says, Unleash's own event log says too."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pags_tui.core.events import FlagAsked
from pags_tui.core.runbook import Flag
from pags_tui.core.runbook.services import FlagService
from pags_tui.edge.flags import Access, UnleashFlags, open_flags
from tests.edge.one_run import OneRun
from tests.unleash.server import RealUnleash, need_unleash

pytestmark = pytest.mark.unleash

BOOK = """
[runbook]
id = "night"
title = "Night"
traffic = "canary"

[services.flags]
kind = "unleash"
url = "${UNLEASH_URL}"
token = "${UNLEASH_TOKEN}"
environment = "production"
target = "production"

[flags.canary]
type = "integer"
range = [0, 100]
before = 0

[flags.brain]
type = "boolean"
before = false

[[phases]]
id = "go"
at = "T+0"
steps = [
  { id = "ten", action = "Ten", set = { canary = 10 } },
  { id = "brain", action = "Brain", set = { brain = true } },
  { id = "fifty", action = "Fifty", set = { canary = 50 } },
  { id = "all", action = "All", set = { canary = 100 } },
]

[rollback]
title = "Take it back"
steps = [ { action = "Off", set = { canary = 0, brain = false } } ]
"""


@pytest.fixture(scope="module")
def unleash() -> Iterator[RealUnleash]:
    """One server for all tests here: starting it takes longer than they do."""
    need_unleash()
    with RealUnleash() as server:
        yield server


Opening = Callable[..., UnleashFlags]


@pytest.fixture
def opening(unleash: RealUnleash) -> Iterator[Opening]:
    """Opens our client for some flags: `opening(canary="integer")`."""
    made: list[UnleashFlags] = []

    def make(token: str = unleash.token, **flags: str) -> UnleashFlags:
        words = {"kind": "unleash", "url": "${UNLEASH_URL}", "token": "${UNLEASH_TOKEN}", "environment": "production"}
        held = {key: Flag.model_validate({"key": key, "type": kind}) for key, kind in flags.items()}
        env = {"UNLEASH_URL": unleash.url}
        opened = open_flags(FlagService.model_validate(words), Access(env, token, "flags", held))
        assert isinstance(opened, UnleashFlags)
        made.append(opened)
        return opened

    yield make
    for one in made:
        one.close()


def shares(events: list[dict[str, object]]) -> list[int]:
    """The values that a flag had, by Unleash's own log: its share while it is on, else 0."""
    share, on, found = 100, False, [0]
    for event in events:
        data = event.get("data")
        if event["type"] in ("feature-strategy-add", "feature-strategy-update") and isinstance(data, dict):
            share = int(data["parameters"]["rollout"])
        on = {"feature-environment-enabled": True, "feature-environment-disabled": False}.get(str(event["type"]), on)
        if found[-1] != (share if on else 0):
            found.append(share if on else 0)
    return found


def kinds(events: list[dict[str, object]]) -> list[str]:
    return [str(event["type"]).removeprefix("feature-") for event in events]


async def test_a_canary_and_its_rollback(unleash: RealUnleash, tmp_path: Path) -> None:
    """0, 10, 50, 100 and back: each verified, and Unleash logged the same values in the same order, each once."""
    for name in ("canary", "brain"):
        unleash.make_flag(name)
    env = {"UNLEASH_URL": unleash.url, "UNLEASH_TOKEN": unleash.token}
    async with OneRun(tmp_path, BOOK, env, verify=10.0) as run:
        for step, typed, seen in (("ten", "10", 0), ("brain", "true", False), ("fifty", "50", 10), ("all", "100", 50)):
            flag = "brain" if step == "brain" else "canary"
            answer = await run.set(f"go/{step}", typed, {flag: seen})
            assert not answer.refused, answer.said
        await run.roll_back()
        ours = [event.fact for event in run.events if isinstance(event.fact, FlagAsked)]
        assert {change.result for change in run.state.changes.values()} == {"verified"}
        assert (run.state.rollback.verified, len(run.state.rollback.moves)) == (2, 2)
        assert unleash.token.encode() not in run.stored()
    asked = {key: [fact.value for fact in ours if fact.flag == key] for key in ("canary", "brain")}
    assert shares(unleash.events("canary")) == [0, *asked["canary"]] == [0, 10, 50, 100, 0]
    assert kinds(unleash.events("canary")) == [
        *("created", "strategy-add", "environment-enabled"),
        *("strategy-update", "strategy-update", "environment-disabled"),
    ]
    assert asked["brain"] == [True, False]
    assert [kind for kind in kinds(unleash.events("brain")) if kind.startswith("environment")] == [
        "environment-enabled",
        "environment-disabled",
    ]


def test_values_come_back_as_they_were_written(unleash: RealUnleash, opening: Opening) -> None:
    """Percentages as whole numbers, switches as booleans; off is 0 whatever share stands there."""
    unleash.make_flag("round")
    share, switch = opening(round="integer"), opening(round="boolean")
    read = []
    for value in (0, 1, 100, 0, 37):
        assert share.write("round", value, "k", 10.0).accepted is True
        read.append(share.read("round", 10.0))
    assert read == [0, 1, 100, 0, 37]
    assert [type(value) for value in read] == [int] * 5
    assert switch.read("round", 10.0) is True
    assert switch.write("round", False, "k", 10.0).accepted is True
    assert (switch.read("round", 10.0), share.read("round", 10.0)) == (False, 0)


def test_what_somebody_else_built_is_left_alone(unleash: RealUnleash, opening: Opening) -> None:
    """Two strategies are no percentage: it is refused with a sentence, and off still works."""
    unleash.make_flag("two")
    path = "/projects/default/features/two/environments/production"
    for rollout in ("10", "20"):
        parameters = {"rollout": rollout, "stickiness": "default", "groupId": "two"}
        unleash.ask("POST", f"{path}/strategies", {"name": "flexibleRollout", "parameters": parameters})
    unleash.ask("POST", f"{path}/on")
    opened = opening(two="integer")
    before = kinds(unleash.events("two"))
    answer = opened.write("two", 50, "k", 10.0)
    assert (answer.accepted, "2 active strategies" in answer.detail) == (False, True)
    assert kinds(unleash.events("two")) == before
    assert opened.write("two", 0, "k", 10.0).accepted is True
    assert opened.read("two", 10.0) == 0


def test_constraints_stay_when_the_share_changes(unleash: RealUnleash, opening: Opening) -> None:
    """Only the share is ours."""
    unleash.make_flag("narrow")
    path = "/projects/default/features/narrow/environments/production"
    constraint = {"contextName": "appName", "operator": "IN", "values": ["new-stack"]}
    parameters = {"rollout": "5", "stickiness": "random", "groupId": "mine"}
    strategy = {"name": "flexibleRollout", "parameters": parameters, "constraints": [constraint], "title": "ours"}
    unleash.ask("POST", f"{path}/strategies", strategy)
    assert opening(narrow="integer").write("narrow", 50, "k", 10.0).accepted is True
    (found,) = unleash.ask("GET", path)["strategies"]
    assert found["parameters"] == {**parameters, "rollout": "50"}
    assert (found["title"], found["constraints"][0]["values"]) == ("ours", ["new-stack"])


def test_refusals_are_sentences(unleash: RealUnleash, opening: Opening) -> None:
    """A flag, a project or an environment that is not there, and a token that is none."""
    opened = opening(nowhere="integer")
    assert opened.write("nowhere", 10, "k", 10.0).accepted is False
    assert opened.write("nowhere", 0, "k", 10.0).detail == "Unleash at 127.0.0.1 does not know the flag nowhere (404)"
    wrong = opening(token="*:*.wrong", f="boolean")
    assert wrong.write("f", True, "k", 10.0).detail == "Unleash at 127.0.0.1 did not accept the token (401)"


@pytest.mark.parametrize("value", [10, 50, 0, 60])
def test_the_commands_by_hand_work(unleash: RealUnleash, opening: Opening, value: int) -> None:
    """A shell with curl and sed does the same, with and without a rollout to change."""
    if "by-hand" not in {flag["name"] for flag in unleash.ask("GET", "/projects/default/features")["features"]}:
        unleash.make_flag("by-hand")
    opened = opening(**{"by-hand": "integer"})
    line = opened.curl("by-hand", value)
    assert unleash.token not in line
    env = {"PATH": os.environ["PATH"], "UNLEASH_URL": unleash.url, "UNLEASH_TOKEN": unleash.token}
    subprocess.run(["sh", "-c", line], env=env, check=True, capture_output=True)
    assert opened.read("by-hand", 10.0) == value
