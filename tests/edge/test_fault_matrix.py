"""Every fault of a network or a service, for a forward write and for a rollback's, through the real client and driver.

Each cell says what the journal has, what the operator reads, and how many writes reached the server. A forward write
reaches it once or never; a rollback's goes on until it is verified, or gives up on what is refused for good.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pags_tui.core.events import FlagAnswered, FlagAsked
from pags_tui.core.updates import Happened, Update
from pags_tui.driver import rests, rolling
from pags_tui.ui.present.writes import rollback_lines, step_change
from pags_tui.ui.scene import Scene
from tests.edge.authority import Authority
from tests.edge.misbehaving import HTML, Asked, Manner, Misbehaving, as_json, cut, drip, flood, silent, status
from tests.edge.one_run import LEAD, OneRun, one_change

TOKEN = "sesame-of-the-matrix-0123456789"
AS_ASKED = object()
"""The fault comes after the write took effect."""

BOOK = one_change("""
url = "${FLAGS}"
token = "${API_KEY}"
ca_file = "${CA}"
target = "production"
""")


@dataclass(frozen=True)
class Fault:
    """One row: what happens to a write, and what must come of it."""

    name: str
    result: str
    """Of the forward write, in the journal."""
    sees: str
    """Part of the sentence that the operator reads."""
    answer: Callable[[Service], Manner] = lambda service: status(204)
    """How the server answers the write."""
    effect: object = None
    """What the write does all the same: nothing, what was asked, or another value."""
    reaches: bool = True
    """The write reaches the server."""
    breaks: Callable[[Service], None] = lambda service: None
    """Done once the intent is journaled, before the write."""
    mends: Callable[[Service], None] = lambda service: None
    tls: bool = False

    @property
    def lasts(self) -> bool:
        """The write, or its read back, goes on until its time is over: it is given little."""
        return self.name.startswith("timeout") or self.name in ("slow-drip", "200-with-another-value")


class Service:
    """A flag service that is well until its fault begins."""

    def __init__(self, fault: Fault, held: int, authority: Authority | None, patch: pytest.MonkeyPatch) -> None:
        self.fault, self.held, self.patch, self.authority = fault, held, patch, authority
        self.well = False
        self.values: list[object] = []
        """Of the writes that reached it."""
        self.tls = authority.server() if authority else None
        self.other = Misbehaving(as_json({"value": 1}))
        self.server = Misbehaving(self.manner, self.tls)

    def manner(self, asked: Asked, connection: socket.socket) -> object:
        # Each request on a connection of its own, so that a fault of connecting is met at once; said, or the next one
        # might be sent on a connection that is just being closed.
        if asked.method == "GET":
            return as_json({"value": self.held}, Connection="close")(asked, connection) and None
        value = json.loads(asked.body)["value"]
        self.values.append(value)
        if self.well or self.fault.effect is AS_ASKED:
            self.held = value
        elif self.fault.effect is not None:
            self.held = self.fault.effect
        answer = as_json({"value": self.held}, Connection="close") if self.well else self.fault.answer(self)
        return answer(asked, connection) and None

    def mend(self) -> None:
        """From here on all is well."""
        self.well = True
        self.fault.mends(self)

    def listen_again(self) -> None:
        self.server = Misbehaving(self.manner, self.tls, self.server.port)
        self.server.__enter__()


def no_names(service: Service) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    service.patch.setattr(socket, "getaddrinfo", unknown)


def certificate(name: str) -> Callable[[Service], None]:
    def show(service: Service) -> None:
        assert service.authority is not None
        assert isinstance(service.tls, ssl.SSLContext)
        service.authority.show(service.tls, name)

    return show


def skewed(_: Service) -> Manner:
    return status(200, '{"value": 10}', "application/json", Date="Tue, 01 Jan 2019 00:00:00 GMT")


def plain(code: int, body: str = "no", **headers: str) -> Callable[[Service], Manner]:
    return lambda service: status(code, f"{body} {TOKEN}", **headers)


UNHURRIED = 20.0
"""Seconds for what is there at once, but for a busy machine."""
NOT_SO = "the service says 0, not 10"
FAULTS = (
    Fault("refused-connection", "unknown", "the flag service at 127.0.0.1 refused the connection", reaches=False,
          breaks=lambda service: service.server.go_away(), mends=Service.listen_again),
    Fault("dns-failure", "unknown", "this name is not known here", reaches=False,
          breaks=no_names, mends=lambda service: service.patch.undo()),
    Fault("timeout-before-effect", "unknown", f"no answer within 0.45 s; {NOT_SO}",
          lambda service: silent(lambda: service.server)),
    Fault("timeout-after-effect", "verified", "read back 10",
          lambda service: silent(lambda: service.server), AS_ASKED),
    Fault("cut-mid-answer-before-effect", "unknown", f"the connection was lost; {NOT_SO}", lambda service: cut),
    Fault("cut-mid-answer-after-effect", "verified", "read back 10", lambda service: cut, AS_ASKED),
    Fault("400", "refused", "answered with status 400", plain(400)),
    Fault("401", "refused", "did not accept the token (401)", plain(401)),
    Fault("403", "refused", "does not allow this token to do that (403)", plain(403)),
    Fault("404", "refused", "does not know the flag canary (404)", plain(404)),
    Fault("409", "refused", "somebody else is changing canary (409)", plain(409)),
    Fault("412", "refused", "in another state than the request expects (412)", plain(412)),
    Fault("429-with-retry-after", "unknown", f"is being asked too often (429); {NOT_SO}",
          plain(429, Retry_After="30")),
    Fault("500", "unknown", f"answered with status 500; {NOT_SO}", plain(500)),
    Fault("500-after-effect", "verified", "read back 10", plain(500), AS_ASKED),
    Fault("502", "unknown", f"is not there behind its proxy (502); {NOT_SO}", plain(502)),
    Fault("503", "unknown", f"is not able to answer now (503); {NOT_SO}", plain(503)),
    Fault("200-with-another-value", "mismatch", "the service says 7, not 10",
          lambda service: as_json({"value": 7}), 7),
    Fault("200-with-html", "unknown", f"a web page where JSON was due; {NOT_SO}", lambda service: HTML),
    Fault("huge-body", "unknown", f"answered more than 1 MB; {NOT_SO}", lambda service: flood),
    Fault("slow-drip", "unknown", "within 0.45 s; the service says 0", lambda service: drip(lambda: service.server)),
    Fault("redirect-to-another-host", "refused", "a redirect (307), which is not followed",
          lambda service: status(307, "", Location=service.other.url + "/flags/canary")),
    Fault("expired-certificate", "unknown", "certificate was not accepted (certificate has expired)", reaches=False,
          breaks=certificate("expired"), mends=certificate("good"), tls=True),
    Fault("clock-skew-certificate", "unknown", "was not accepted (certificate is not yet valid)", reaches=False,
          breaks=certificate("early"), mends=certificate("good"), tls=True),
    Fault("clock-skew-of-the-server", "verified", "read back 10", skewed, AS_ASKED),
)  # fmt: skip
EACH = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One for all cells."""
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def opened(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Fault, int], tuple[Service, OneRun]]]:
    """A service that holds a value, and a run on it; all ended afterwards."""
    made: list[Service] = []

    def make(fault: Fault, held: int) -> tuple[Service, OneRun]:
        authority = request.getfixturevalue("authority") if fault.tls else None
        service = Service(fault, held, authority, monkeypatch)
        service.server.__enter__()
        service.other.__enter__()
        made.append(service)
        host = service.server.url.replace("127.0.0.1", "localhost") if fault.name == "dns-failure" else None
        env = {"FLAGS": host or service.server.url, "API_KEY": TOKEN, "CA": str(authority.trusted) if authority else ""}
        book = BOOK if authority else BOOK.replace('ca_file = "${CA}"\n', "")
        return service, OneRun(tmp_path, book, env)

    yield make
    for service in made:
        service.server.__exit__(None, None, None)
        service.other.__exit__(None, None, None)


def once(run: OneRun, kind: type, act: Callable[[], None]) -> None:
    """Acts at the first fact of that kind that is journaled, before anything is done about it."""
    acted = []

    def receive(update: Update) -> None:
        facts = [event.fact for event in update.events] if isinstance(update, Happened) else []
        if not acted and any(isinstance(fact, kind) for fact in facts):
            acted.append(True)
            act()

    run.driver.subscribe(receive)


def shown(run: OneRun) -> str:
    """All that a screen says of the writes: the log, the step, the rollback's lines."""
    scene = Scene(run.state, run.driver.record.clock.now(), LEAD)
    lines = rollback_lines(scene, run.state.rollback) if run.state.rollback else ()
    step = step_change(scene, run.runbook.step("go/canary"))
    return "\n".join([*run.log(), step.text, *lines])


def no_secret(run: OneRun, service: Service) -> None:
    """The token went to the service and nowhere else."""
    assert TOKEN not in shown(run)
    assert TOKEN.encode() not in run.stored()
    assert service.other.asked == []
    assert any(asked.headers["authorization"] == f"Bearer {TOKEN}" for asked in service.server.asked)


@EACH
async def test_forward(fault: Fault, opened: Callable[[Fault, int], tuple[Service, OneRun]]) -> None:
    """A forward write is tried once: its result is what was read back, its reason is a sentence, and nobody repeats."""
    service, running = opened(fault, 0)
    async with running as run:
        once(run, FlagAsked, lambda: fault.breaks(service))
        answer = await run.set("go/canary", "10", {"canary": 0})
        assert not answer.refused, answer.said
        (change,) = run.state.changes.values()
        await asyncio.sleep(0.3)
        sees = shown(run)
        assert change.result == fault.result, change
        assert fault.sees in sees
        assert f"0→10 {fault.result}" in sees
        assert service.values == ([10] if fault.reaches else [])
        assert change.owed == (fault.result not in ("verified", "refused")), "what nobody knows stands in the way"
        assert (run.state.step("go/canary").outcome == "passed") == (fault.result == "verified")
        facts = [event.fact for event in run.events]
        asked = next(n for n, fact in enumerate(facts) if isinstance(fact, FlagAsked))
        assert any(isinstance(fact, FlagAnswered) for fact in facts[asked:])
        no_secret(run, service)


@pytest.mark.parametrize("fault", [f for f in FAULTS if not f.reaches], ids=lambda fault: fault.name)
async def test_forward_that_cannot_be_read(
    fault: Fault, opened: Callable[[Fault, int], tuple[Service, OneRun]]
) -> None:
    """Where the service cannot be reached when it is asked for, the write is not even begun, and it is said why."""
    service, running = opened(fault, 0)
    async with running as run:
        fault.breaks(service)
        answer = await run.set("go/canary", "10", {"canary": 0})
        assert answer.refused
        assert answer.said.startswith("canary cannot be read just now (the flag service at ")
        assert answer.said.endswith("nothing was written.")
        assert fault.sees.removeprefix("the flag service at 127.0.0.1 ") in answer.said
        assert (service.values, run.state.changes) == ([], {})
        no_secret(run, service)


@EACH
async def test_rollback(
    fault: Fault,
    opened: Callable[[Fault, int], tuple[Service, OneRun]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A rollback's write is tried until it is read back; what is refused for good is given up with its command."""
    monkeypatch.setattr(rests, "AGAIN", (0.02,))
    monkeypatch.setattr(rests, "LONGEST_REST", 0.02)
    monkeypatch.setattr(rolling, "ROLLBACK_STEP", 2.0 if fault.lasts else UNHURRIED)
    monkeypatch.setattr(rolling, "READ_BEFORE", UNHURRIED)
    service, running = opened(fault, 10)

    def mend() -> None:
        service.mend()
        monkeypatch.setattr(rolling, "ROLLBACK_STEP", UNHURRIED)

    async with running as run:
        once(run, FlagAsked, lambda: fault.breaks(service))
        if fault.result != "refused":
            once(run, FlagAnswered, mend)
        await run.roll_back()
        sees = shown(run)
        answers = [event.fact for event in run.events if isinstance(event.fact, FlagAnswered)]
        if fault.result == "refused":
            assert {answer.result for answer in answers} == {"refused"}
            assert service.values == [0] * rolling.REFUSED_ROUNDS
            assert "finished: 0/1 verified" in sees
            assert f"{fault.sees}" in sees
            assert 'by hand: curl -fsS --max-time 10 -X POST "${FLAGS}/flags/canary"' in sees
        else:
            assert answers[-1].result == "verified"
            assert service.held == 0
            assert len(service.values) == fault.reaches + (fault.effect is not AS_ASKED)
            assert "finished: 1/1 verified" in sees
        no_secret(run, service)
