"""What only the services can tell of a runbook, question by question."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from datetime import timedelta

from pags_tui.core.errors import Fault
from pags_tui.core.runbook import load
from pags_tui.wiring.clocks import wall
from pags_tui.wiring.machine import knock
from pags_tui.wiring.online import Online
from tests.grafana import GRAFANA_TOKEN, Grafana
from tests.live import TOKEN, FlagServer, MetricServer

HEAD = '[runbook]\nid = "x"\n[[phases]]\nid = "one"\nat = "T+0"\nsteps = ["Look"]\n'
PROMETHEUS = '[services.prometheus]\nurl = "${P}"\n'
LOAD = '[metrics.load]\nquery = "load"\nfresh = "age"\nenough = "busy"\n'


def asked(text: str, env: Mapping[str, str], ahead: float = 0.0) -> tuple[list[str], list[Fault]]:
    """The lines and the faults, with our clock that much ahead of the machine's."""
    told = list(Online(load(text), env, lambda: wall() + timedelta(seconds=ahead)).ask())
    return [one.line for one in told], [fault for one in told for fault in one.faults]


def test_clocks_that_disagree() -> None:
    """Which is ahead, by how much, and what to do."""
    with MetricServer() as server:
        (line,), (fault,) = asked(HEAD + PROMETHEUS, {"P": server.url}, ahead=90)
        assert "behind ours" in line
        assert (fault.code, fault.severity) == ("clock-offset", "warning")
        assert "its clock is 0.0 s" in asked(HEAD + PROMETHEUS, {"P": server.url})[0][0]


def test_a_server_that_answers_no_time() -> None:
    """A web page instead of an answer ends the questions to that service."""
    with MetricServer() as server:
        server.manner = "html"
        _, (fault,) = asked(HEAD + PROMETHEUS + LOAD, {"P": server.url})
    assert fault.code == "unreachable"
    assert "web page" in fault.message


def test_an_address_that_is_none() -> None:
    """It is told with its place; nothing is asked."""
    _, (fault,) = asked(HEAD + PROMETHEUS, {"P": "nowhere"})
    assert fault.code == "bad-answer"


def test_traffic_and_age() -> None:
    """Little traffic is told, and no age at all; neither is a fault."""
    with MetricServer(load=float("nan"), busy=None, age=None) as server:
        lines, faults = asked(HEAD + PROMETHEUS + LOAD, {"P": server.url})
        assert lines[1:] == ["load: NaN now", "load, enough: little traffic now", "load, age: answers nothing"]
        server.values["busy"] = 40.0
        assert "load, enough: enough traffic" in asked(HEAD + PROMETHEUS + LOAD, {"P": server.url})[0]
    assert faults == []


def test_expected_series_that_are_missing() -> None:
    """They are named."""
    with MetricServer(load=1.0, busy=1.0, age=1.0) as server:
        _, (fault,) = asked(f'{HEAD}{PROMETHEUS}{LOAD}expect = {{ queue = ["a", "b"] }}\n', {"P": server.url})
    assert (fault.code, fault.message) == (
        "expected-missing",
        "load answers no series with queue a, b, which is expected",
    )


def test_one_query_that_hangs() -> None:
    """Its own fault; the next questions are asked all the same."""
    with MetricServer(busy=1.0, age=1.0) as server:
        server.slow = {"load"}
        text = HEAD + PROMETHEUS + 'timeout = "1s"\n' + LOAD
        lines, faults = asked(text, {"P": server.url})
    assert [fault.code for fault in faults] == ["unreachable"]
    assert lines[-1] == "load, age: the oldest is 1 s old"


FLAGS = '[services.flags]\nurl = "${F}"\ntoken = "${T}"\n'
TWO = '[flags.canary]\ntype = "integer"\n[flags.brain]\ntype = "boolean"\n'


def test_flags_that_cannot_be_read_back() -> None:
    """It is said, and nothing is asked."""
    lines, faults = asked(f'{HEAD}{FLAGS}read_path = ""\n{TWO}', {"F": "http://127.0.0.1:9", "T": TOKEN})
    assert faults == []
    assert "cannot be read back" in lines[0]


def test_a_flag_service_that_is_down_is_asked_once() -> None:
    """The second flag does not wait for another time-out."""
    _, (fault,) = asked(HEAD + FLAGS + TWO, {"F": "http://127.0.0.1:9", "T": TOKEN})
    assert fault.code == "unreachable"


def test_a_flag_that_is_not_there() -> None:
    """It is told at the flag, and the others are read."""
    with FlagServer({"canary": 0, "brain": False}) as server:
        server.on_read = lambda key: 404 if key == "canary" else "ok"
        lines, (fault,) = asked(HEAD + FLAGS + TWO, {"F": server.url, "T": TOKEN})
    assert (fault.code, fault.line) == ("flag-unreadable", 10)
    assert lines[-1].startswith("brain is false")


def test_webhooks_are_not_rung() -> None:
    """Only whether somebody takes a connection, over which nothing goes; a variable that is not set is a fault."""
    text = f'{HEAD}[services.webhooks]\nroom = "${{R}}"\noff = "${{O:-}}"\npager = "${{P}}"\n'
    with socket.create_server(("127.0.0.1", 0)) as server:
        lines, (fault,) = asked(text, {"R": f"http://127.0.0.1:{server.getsockname()[1]}/x"})
        heard, _ = server.accept()
        assert heard.recv(1) == b"", "the connection was closed without a word"
        heard.close()
    answers = "webhook room: has an address that answers; nothing was sent"
    assert lines == [answers, "webhook off: is switched off", "webhook pager"]
    assert fault.code == "missing-variable"


def test_a_webhook_where_nobody_is() -> None:
    """Nobody listening is a doubt at its line, without the address, which is its secret; so is no address at all."""
    text = f'{HEAD}[services.webhooks]\nroom = "${{R}}"\npager = "${{P}}"\n'
    _, faults = asked(text, {"R": "http://127.0.0.1:1/secret", "P": "hooks.example/secret"})
    assert [(fault.code, fault.severity) for fault in faults] == [("webhook", "warning")] * 2
    assert [fault.message.partition(" (")[0] for fault in faults] == [
        "the webhook room: nobody takes a connection at 127.0.0.1:1",
        "the webhook pager: its address is no http(s) URL",
    ]


def test_a_webhook_behind_a_proxy_is_left_alone() -> None:
    """What goes through a proxy is not reached directly, and that is no fault."""
    assert knock("https://hooks.invalid/x", {"HTTPS_PROXY": "http://proxy:3128"}) is None
    assert knock("http://127.0.0.1:1/x", {"http_proxy": "http://proxy:3128", "NO_PROXY": "127.0.0.1"}) is not None


def test_grafana_takes_the_token_and_knows_the_dashboard() -> None:
    """Nothing is marked; what is wrong stands at its section."""
    section = '[services.grafana]\nurl = "${G}"\ntoken = "${GT}"\ndashboard = "cutover"\n'
    with Grafana() as grafana:
        env = {"G": grafana.url, "GT": GRAFANA_TOKEN}
        assert asked(HEAD + section, env) == (["Grafana at 127.0.0.1 takes the token; nothing was marked"], [])
        _, (fault,) = asked(HEAD + section, {**env, "GT": "wrong"})
        assert (fault.line, "annotations:read" in fault.message) == (7, True)
        grafana.dashboards = ()
        _, (fault,) = asked(HEAD + section, env)
        assert "no dashboard 'cutover'" in fault.message
        _, (fault,) = asked(HEAD + section, {"G": grafana.url})
        assert fault.code == "missing-variable"
    assert grafana.made == []
