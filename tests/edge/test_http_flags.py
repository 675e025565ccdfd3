"""The flag service over HTTP: what is sent, what is believed, and what a misbehaving service does to it."""

from __future__ import annotations

import json
import shlex
import subprocess
import threading
import time

import pytest

from pags_tui.core.errors import BadAnswer, Unreachable
from pags_tui.core.ports import FlagService as Port
from pags_tui.core.runbook.services import FlagService, MissingVariable
from pags_tui.edge.flags import Access, DryFlags, HttpFlags, open_flags
from tests.edge.misbehaving import HTML, Misbehaving, as_json, cut, drip, flood, hang_up, refusing_url, silent, status

TOKEN = "t0k3n-of-the-night"


def flags(url: str, **settings: object) -> HttpFlags:
    words = {"url": "${FEATURE_FLAG_API}", "token": "${API_KEY}", **settings}
    return HttpFlags(FlagService.model_validate(words), url, TOKEN)


def test_a_write_is_the_seeds_request() -> None:
    """POST to the flag's own path with the token, the value as JSON and a key that makes a repeat harmless."""
    with Misbehaving(as_json({"value": 10})) as server:
        answer = flags(server.url + "/").write("canary-percentage", 10, "run-1/42", 2.0)
    (asked,) = server.asked
    assert (asked.method, asked.target) == ("POST", "/flags/canary-percentage")
    assert json.loads(asked.body) == {"value": 10}
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["idempotency-key"] == "run-1%2F42"
    assert (answer.accepted, answer.status) == (True, "200")


@pytest.mark.parametrize("value", [True, False, 0, 10, 2.5, "", "blue", 'a"{key}{value}'], ids=repr)
def test_values_keep_their_json_type_both_ways(value: object) -> None:
    """`true` is not 1 and `false` is not nothing, in what is sent and in what is read."""
    with Misbehaving(as_json({"value": value})) as server:
        service = flags(server.url)
        assert service.write("f", value, "k", 2.0).accepted is True
        read = service.read("f", 2.0)
    sent = json.loads(server.asked[0].body)["value"]
    assert (type(sent), sent) == (type(value), value)
    assert (type(read), read) == (type(value), value)


def test_keys_are_encoded_and_dots_are_no_folders() -> None:
    """A flag's name cannot lead to another path."""
    with Misbehaving(as_json({"value": 1})) as server:
        service = flags(server.url)
        service.read("a/b ?x", 2.0)
        with pytest.raises(BadAnswer, match="cannot be the name of a flag"):
            service.read("..", 2.0)
    assert server.asked[0].target == "/flags/a%2Fb%20%3Fx"


def test_method_path_body_and_place_of_the_value_can_be_set() -> None:
    """Another service's shape needs no code."""
    settings = {
        "method": "PUT",
        "path": "/api/{key}/set",
        "body": '{"name": "{key}", "on": {value}}',
        "read_path": "/api/{key}",
        "value_path": "data.on",
    }
    with Misbehaving(as_json({"data": {"on": False}})) as server:
        service = flags(server.url, **settings)
        service.write("f", True, "k", 2.0)
        assert service.read("f", 2.0) is False
    assert [(asked.method, asked.target) for asked in server.asked] == [("PUT", "/api/f/set"), ("GET", "/api/f")]
    assert json.loads(server.asked[0].body) == {"name": "f", "on": True}


def test_a_service_without_a_read_path_says_so() -> None:
    """Such a write can only ever be unverified."""
    service = flags("https://flags.example", read_path="")
    assert service.reads_back is False
    with pytest.raises(BadAnswer, match="no way to read"):
        service.read("f", 1.0)


@pytest.mark.parametrize(
    ("code", "accepted", "text"),
    [
        (200, True, "took it"),
        (204, True, "took it"),
        (302, False, "a redirect (302), which is not followed"),
        (400, False, "answered with status 400"),
        (401, False, "did not accept the token (401)"),
        (403, False, "does not allow this token"),
        (404, False, "does not know the flag f (404)"),
        (408, None, "gave up waiting"),
        (409, False, "a conflict"),
        (429, None, "asked too often"),
        (500, None, "answered with status 500"),
        (503, None, "not able to answer now"),
    ],
)
def test_a_status_is_taken_refused_or_unknown(code: int, accepted: bool | None, text: str) -> None:
    """4xx is refused for good, except 408 and 429; after those and 5xx nobody knows."""
    with Misbehaving(status(code, f"token {TOKEN}")) as server:
        answer = flags(server.url).write("f", 1, "k", 2.0)
    assert (answer.accepted, answer.status) == (accepted, str(code))
    assert text in answer.detail
    assert TOKEN not in answer.detail
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry_After": "3"}, 3.0),
        ({"Retry_After": "Tue, 24 Nov 2026 22:00:30 GMT", "Date": "Tue, 24 Nov 2026 22:00:00 GMT"}, 30.0),
        ({"Retry_After": "Tue, 24 Nov 2026 22:00:30 GMT"}, None),
        ({"Retry_After": "soon"}, None),
        ({}, None),
    ],
    ids=["seconds", "date", "date-alone", "word", "none"],
)
def test_retry_after_is_understood(headers: dict[str, str], wait: float | None) -> None:
    """Seconds or a date; a date counts from the answer's own date, not from this machine's clock."""
    with Misbehaving(status(429, **headers)) as server:
        assert flags(server.url).write("f", 1, "k", 2.0).retry_after == wait


def unanswered(name: str, server: Misbehaving):
    return {
        "html": HTML,
        "cut": cut,
        "hang-up": hang_up,
        "flood": flood,
        "silent": silent(lambda: server),
        "drip": drip(lambda: server),
        "packed": status(200, b"\x1f\x8b", Content_Encoding="gzip"),
    }[name]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("html", "200"),
        ("cut", "cut"),
        ("hang-up", "cut"),
        ("flood", "unreadable"),
        ("silent", "timeout"),
        ("drip", "timeout"),
        ("packed", "unreadable"),
    ],
)
def test_after_no_proper_answer_nobody_knows(name: str, code: str) -> None:
    """The write may have taken effect before the answer broke: it is neither taken nor refused."""
    with Misbehaving(hang_up) as server:
        server.manner = unanswered(name, server)
        answer = flags(server.url).write("f", 1, "k", 0.5)
    assert (answer.accepted, answer.status) == (None, code)
    assert answer.detail


def test_a_refused_connection_is_told_apart_from_a_lost_one() -> None:
    """Nothing was sent: the text says so, and the status is `unreachable`."""
    answer = flags(refusing_url()).write("f", 1, "k", 1.0)
    assert (answer.accepted, answer.status) == (None, "unreachable")
    assert answer.detail == "the flag service at 127.0.0.1 refused the connection"


@pytest.mark.parametrize("effect", [False, True], ids=["before", "after"])
def test_a_timeout_says_nothing_of_the_effect(effect: bool) -> None:
    """Whether the service hung before or after setting the flag, only the read back tells."""
    held = {"f": 0}

    def manner(asked, connection):
        if asked.method == "GET":
            return as_json({"value": held["f"]})(asked, connection)
        if effect:
            held["f"] = json.loads(asked.body)["value"]
        return silent(lambda: server)(asked, connection)

    with Misbehaving(manner) as server:
        service = flags(server.url)
        assert service.write("f", 1, "k", 0.3).accepted is None
        assert service.read("f", 1.0) == (1 if effect else 0)


@pytest.mark.parametrize(
    ("manner", "kind", "text"),
    [
        (HTML, BadAnswer, "a web page where JSON was due"),
        (status(200, "ten"), BadAnswer, "not JSON"),
        (status(200, '{"value": NaN}'), BadAnswer, "not JSON"),
        (as_json({"val": 1}), BadAnswer, "JSON without `value`"),
        (as_json([1]), BadAnswer, "JSON without `value`"),
        (as_json({"value": None}), BadAnswer, "no flag value"),
        (as_json({"value": {"a": 1}}), BadAnswer, "no flag value"),
        (as_json({"value": "x" * 20_000}), BadAnswer, "no flag value"),
        (status(204), BadAnswer, "status 204"),
        (status(401), BadAnswer, "did not accept the token"),
        (status(404), BadAnswer, "does not know the flag f"),
        (status(429), Unreachable, "asked too often"),
        (status(503), Unreachable, "not able to answer now"),
        (status(307, Location="/elsewhere"), BadAnswer, "which is not followed"),
        (cut, Unreachable, "the connection was lost"),
        (flood, BadAnswer, "more than 1 MB"),
    ],
    ids=["html", "text", "nan", "without", "array", "null", "object", "long", "204", "401", "404", "429", "503", "307",
         "cut", "flood"],
)  # fmt: skip
def test_a_read_that_is_none_is_a_plain_sentence(manner, kind: type[Exception], text: str) -> None:
    """A value is a JSON boolean, number or text under the agreed name; everything else has a reason."""
    with Misbehaving(manner) as server, pytest.raises(kind) as caught:
        flags(server.url).read("f", 2.0)
    assert text in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_the_token_does_not_follow_a_redirect() -> None:
    """Another host in the answer never sees the token, for reads and writes alike."""
    with Misbehaving(as_json({"value": 1})) as other, Misbehaving(status(307, Location=other.url)) as server:
        service = flags(server.url)
        assert service.write("f", 1, "k", 2.0).accepted is False
        with pytest.raises(BadAnswer, match="redirect"):
            service.read("f", 2.0)
    assert other.asked == []


def test_a_write_whose_deadline_has_passed_is_never_sent() -> None:
    """A connect that takes too long ends the attempt: no write goes out behind the operator's back."""
    with Misbehaving(as_json({"value": 1})) as server:
        service = flags(server.url)
        slow = threading.Event()
        client = service._caller._client
        connect = client._transport._pool._network_backend.connect_tcp

        def late(*args: object, **kwargs: object) -> object:
            slow.wait(0.4)
            return connect(*args, **kwargs)

        client._transport._pool._network_backend.connect_tcp = late
        assert service.write("f", 1, "k", 0.1).status == "timeout"
        time.sleep(0.6)
    assert server.asked == []


def test_connections_are_used_again() -> None:
    """Twenty reads in a row need one connection: a rollback does not begin with handshakes."""
    with Misbehaving(as_json({"value": 1})) as server:
        service = flags(server.url)
        for _ in range(20):
            service.read("f", 2.0)
    assert server.connections == 1


def test_a_token_over_plain_http_is_refused_unless_allowed() -> None:
    """On this machine it may; to another host only when the runbook says so."""
    with pytest.raises(BadAnswer, match="allow_plain_http = true"):
        flags("http://flags.example")
    flags("http://flags.example", allow_plain_http=True)
    flags("https://flags.example")
    flags("http://[::1]:80")
    HttpFlags(FlagService(url="http://flags.example"), "http://flags.example", None)


def test_no_text_of_it_holds_a_secret() -> None:
    """Neither repr nor description nor the command by hand shows address paths, headers or the token."""
    service = flags("https://me:hidden@flags.example/hidden-path", headers={"X-Team": "${TEAM}"})
    for text in (repr(service), service.describe(), service.curl("f", 1), repr(Access({"API_KEY": TOKEN}, TOKEN))):
        assert TOKEN not in text
        assert "hidden" not in text
    assert service.describe() == "http, flags.example"


def test_a_token_that_cannot_be_sent_names_the_setting_not_itself() -> None:
    """A line break or a letter outside ASCII in a token is a plain sentence."""
    for token in (f"{TOKEN}\n", f"{TOKEN}…"):
        service = HttpFlags(FlagService(url="${U}", token="${API_KEY}"), "http://127.0.0.1:1", token)
        with pytest.raises((BadAnswer, Unreachable)) as caught:
            service.read("f", 1.0)
        assert TOKEN not in str(caught.value)


def test_the_command_by_hand_is_the_runbooks() -> None:
    """The address and the token stay variables, so that it can be kept in a second place."""
    assert flags("https://x.example").curl("canary-percentage", 10) == (
        'curl -fsS --max-time 10 -X POST "${FEATURE_FLAG_API}/flags/canary-percentage"'
        ' -H "Authorization: Bearer ${API_KEY}" -H "Content-Type: application/json" -d \'{"value": 10}\''
    )


def test_the_command_by_hand_survives_a_shell() -> None:
    """Quotes, dollars and back-ticks in values and names reach curl as they are; variables are filled in."""
    line = flags("https://x.example", headers={"X-Odd": 'a"b`c$d'}).curl("odd key", "it's $5 `now`")
    script = f"curl() {{ printf '%s\\n' \"$@\"; }}; {line}"
    env = {"FEATURE_FLAG_API": "https://real", "API_KEY": "k", "PATH": "/usr/bin:/bin"}
    words = subprocess.run(
        ["sh", "-c", script], env=env, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert words[5] == "https://real/flags/odd%20key"
    assert "Authorization: Bearer k" in words
    assert 'X-Odd: a"b`c$d' in words
    assert json.loads(words[-1]) == {"value": "it's $5 `now`"}
    assert shlex.split(line)


def test_the_table_opens_a_service_from_the_runbooks_words() -> None:
    """Variables come from the environment that is handed in; a missing one is named."""
    settings = FlagService(url="${FLAGS}", token="${API_KEY}")
    service: Port = open_flags(settings, Access({"FLAGS": "https://flags.example"}, TOKEN))
    assert service.describe() == "http, flags.example"
    with pytest.raises(MissingVariable, match="FLAGS"):
        open_flags(settings, Access({}, TOKEN))


def test_a_dry_run_is_a_service_that_forgets() -> None:
    """It takes and reads back like the real one, refuses what it does not know, and shows the real command."""
    real = flags("https://flags.example")
    dry: Port = DryFlags({"f": False, "n": 0}, real)
    assert dry.read("f", 1.0) is False
    assert dry.write("f", True, "k", 1.0).accepted is True
    assert dry.read("f", 1.0) is True
    assert dry.write("unknown", 1, "k", 1.0).accepted is False
    with pytest.raises(BadAnswer, match="does not know"):
        dry.read("unknown", 1.0)
    assert dry.curl("n", 1) == real.curl("n", 1)
    assert dry.reads_back
