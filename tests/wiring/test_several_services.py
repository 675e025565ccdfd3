"""Several flag services in one runbook: each flag goes to its own service, with that service's own token."""

from __future__ import annotations

import json
import socket
from pathlib import Path

from tests.edge.misbehaving import Asked, Misbehaving, as_json, status
from tests.edge.one_run import OneRun

BOOK = """
[runbook]
id = "night"
title = "Night"

[services.flags]
url = "${FIRST}"
token = "${FIRST_KEY}"
target = "production"

[services.edge]
kind = "http"
url = "${SECOND}"
token = "${SECOND_KEY}"
method = "PUT"
path = "/v1/switches/{key}"
body = '{"state": {"on": {value}}}'
value_path = "state.on"

[services.build]
kind = "env-file"
file = "${FOLDER}/build.env"

[flags.canary]
type = "integer"
range = [0, 100]
before = 0

[flags.brain]
type = "boolean"
before = false
service = "edge"

[flags.colour]
type = "string"
before = "blue"
env = "VITE_COLOUR"
service = "build"

[[phases]]
id = "go"
at = "T+0"
steps = [ { id = "all", action = "All", set = { canary = 10, brain = true, colour = "green" } } ]

[rollback]
title = "Take it back"
steps = [ { action = "Off", parallel = true, set = { canary = 0, brain = false, colour = "blue" } } ]
"""


class Store(Misbehaving):
    """Flags in memory, in either shape."""

    def __init__(self, **held: object) -> None:
        super().__init__(self.answer)
        self.held = held
        self.written: list[tuple[str, object]] = []

    def answer(self, asked: Asked, connection: socket.socket) -> object:
        key = asked.target.rpartition("/")[2]
        if key not in self.held:
            return status(404)(asked, connection)
        if asked.method != "GET":
            sent = json.loads(asked.body)
            self.held[key] = sent["value"] if "value" in sent else sent["state"]["on"]
            self.written.append((key, self.held[key]))
        as_json({"value": self.held[key], "state": {"on": self.held[key]}})(asked, connection)
        return None  # a connection each: who goes away is met at once


async def test_each_flag_goes_to_its_own_service(tmp_path: Path) -> None:
    """One step sets a flag in each of three services; each is written once there, verified, and taken back."""
    file = tmp_path / "build.env"
    file.write_text("# colours\nexport VITE_COLOUR=blue\n")
    with Store(canary=0) as first, Store(brain=False) as second:
        env = {"FIRST": first.url, "SECOND": second.url, "FIRST_KEY": "key-of-first", "SECOND_KEY": "key-of-second",
               "FOLDER": str(tmp_path)}  # fmt: skip
        async with OneRun(tmp_path, BOOK, env) as run:
            answer = await run.set("go/all", "production", {"canary": 0, "brain": False, "colour": "blue"})
            assert not answer.refused, answer.said
            await run.until(lambda state: state.step("go/all").outcome, "the step is done")
            assert (first.held, second.held) == ({"canary": 10}, {"brain": True})
            assert file.read_text() == "# colours\nexport VITE_COLOUR=green\n"
            await run.roll_back()
            assert (run.state.rollback.verified, len(run.state.rollback.moves)) == (3, 3)
    assert file.read_text() == "# colours\nexport VITE_COLOUR=blue\n"
    assert first.written == [("canary", 10), ("canary", 0)]
    assert second.written == [("brain", True), ("brain", False)]
    assert {asked.headers["authorization"] for asked in first.asked} == {"Bearer key-of-first"}
    assert {asked.headers["authorization"] for asked in second.asked} == {"Bearer key-of-second"}
    assert {(asked.method, asked.target) for asked in second.asked} == {
        ("GET", "/v1/switches/brain"),
        ("PUT", "/v1/switches/brain"),
    }


async def test_one_service_that_is_gone_holds_up_no_other(tmp_path: Path) -> None:
    """A rollback writes what it can reach, and says which service it could not."""
    (tmp_path / "build.env").write_text("export VITE_COLOUR=green\n")
    with Store(canary=10) as first, Store(brain=True) as second:
        env = {"FIRST": first.url, "SECOND": second.url, "FIRST_KEY": "a-key", "SECOND_KEY": "b-key",
               "FOLDER": str(tmp_path)}  # fmt: skip
        async with OneRun(tmp_path, BOOK, env) as run:
            second.go_away()
            run.driver.roller.rounds = 1
            await run.start_rollback()
            await run.until(
                lambda state: sum(c.result == "verified" for c in state.changes.values()) == 2, "two are taken back"
            )
            await run.until(lambda state: any(c.result == "unknown" for c in state.changes.values()), "one is not")
            (lost,) = (c for c in run.state.changes.values() if c.result == "unknown")
            assert (lost.flag, "refused the connection" in lost.detail) == ("brain", True)
            assert lost.curl.startswith('curl -fsS --max-time 10 -X PUT "${SECOND}/v1/switches/brain"')
    assert first.held == {"canary": 0}
    assert (tmp_path / "build.env").read_text() == "export VITE_COLOUR=blue\n"
