"""The Prometheus port against servers that answer, and against servers that misbehave."""

from __future__ import annotations

import itertools
import math
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from pags_tui.core.errors import BadAnswer, EdgeError, Unreachable
from pags_tui.core.ports import MetricQuery, Metrics
from pags_tui.core.series import Point
from pags_tui.edge.prometheus import Prometheus
from tests.edge.misbehaving import HTML, Misbehaving, as_json, cut, drip, flood, hang_up, refusing_url, silent, status

SECRET = "s3cr3t-token"


def vector(*values: tuple[dict[str, str], str], **more: object) -> dict[str, object]:
    result = [{"metric": labels, "value": [1000.0, value]} for labels, value in values]
    return {"status": "success", "data": {"resultType": "vector", "result": result}, **more}


def scalar(value: str) -> dict[str, object]:
    return {"status": "success", "data": {"resultType": "scalar", "result": [1000.0, value]}}


def query_of(target: str) -> str:
    return parse_qs(urlsplit(target).query)["query"][0]


def by_query(answers: dict[str, object]):
    """A manner that answers each query text with its own manner."""
    return lambda asked, connection: answers[query_of(asked.target)](asked, connection)


def test_a_scalar_and_a_vector_become_points() -> None:
    """A scalar is one point without labels; a vector keeps labels, NaN and infinity."""
    with Misbehaving(as_json(scalar("7.5"))) as server:
        prometheus = Prometheus(server.url)
        assert prometheus.query("7.5", 1000.0).points == (Point((), 7.5),)
        server.manner = as_json(vector(({"__name__": "up", "job": "a"}, "+Inf"), ({"job": "b"}, "NaN")))
        first, second = prometheus.query("up", 1000.0).points
    assert first == Point((("job", "a"),), math.inf)
    assert second.labels == (("job", "b"),)
    assert math.isnan(second.value)


def test_it_is_a_metric_service() -> None:
    """The class fits the port that the driver knows."""
    service: Metrics = Prometheus("http://prometheus.example:9090")
    assert repr(service) == "<Prometheus: Prometheus at prometheus.example>"


def test_server_time_is_the_answer_of_the_time_query() -> None:
    """The tick's time is the server's own, not this machine's."""
    with Misbehaving(as_json(scalar("1764000000.25"))) as server:
        assert Prometheus(server.url).server_time() == 1764000000.25
        assert query_of(server.asked[0].target) == "time()"


def test_the_moment_is_passed_to_the_millisecond() -> None:
    """Every query of a tick is asked at the tick's own time."""
    with Misbehaving(as_json(vector())) as server:
        assert Prometheus(server.url).query("up", 1764000000.1234).points == ()
    assert parse_qs(urlsplit(server.asked[0].target).query)["time"] == ["1764000000.123"]


def test_warnings_are_told_apart_from_remarks() -> None:
    """A partial answer says so in `warnings`; `infos` are remarks on style and make nothing partial."""
    warned = vector(({}, "1"), warnings=["store\nunavailable"], infos=["metric might not be a counter"])
    with Misbehaving(as_json(warned)) as server:
        prometheus = Prometheus(server.url)
        answer = prometheus.query("up", 1.0)
        reading = prometheus.poll([MetricQuery("m", "up")], 1.0, 2.0)["m"]
    assert answer.warnings == ("store unavailable",)
    assert answer.infos == ("metric might not be a counter",)
    assert reading.warnings == ("store unavailable",)


def test_a_range_keeps_its_exact_ends_and_is_asked_in_pieces() -> None:
    """Neither end is rounded to seconds, and more points than the server allows become several requests."""

    def answer(asked, connection):
        params = {
            name: float(value[0])
            for name, value in parse_qs(urlsplit(asked.target).query).items()
            if name in ("start", "end", "step")
        }
        count = round((params["end"] - params["start"]) / params["step"]) + 1
        values = [[params["start"] + n * params["step"], str(n)] for n in range(count)]
        result = [{"metric": {"job": "a"}, "values": values}]
        return as_json({"status": "success", "data": {"resultType": "matrix", "result": result}})(asked, connection)

    with Misbehaving(answer) as server:
        ((labels, values),) = Prometheus(server.url).query_range("up", 100.25, 100.25 + 0.5 * 14_999, 0.5)
    assert labels == (("job", "a"),)
    assert len(values) == 15_000
    assert values[0][0] == 100.25
    assert {round(later[0] - earlier[0], 6) for earlier, later in itertools.pairwise(values)} == {0.5}
    assert len(server.asked) == 2


def test_a_poll_reads_value_traffic_and_age() -> None:
    """One metric's reading joins its three queries; `fresh` is asked only when the tick says so."""
    answers = {
        "value": as_json(vector(({}, "0.5"))),
        "value > 9": as_json(vector()),
        "age": as_json(vector(({"job": "a"}, "12"))),
    }
    with Misbehaving(by_query(answers)) as server:
        prometheus = Prometheus(server.url)
        spec = MetricQuery("m", "value", enough="value > 9")
        silent_on_age = prometheus.poll([spec], 1.0, 2.0)["m"]
        reading = prometheus.poll([MetricQuery("m", "value", "value > 9", "age")], 1.0, 2.0)["m"]
    assert silent_on_age.ages is None
    assert reading.points == (Point((), 0.5),)
    assert reading.enough is False
    assert reading.ages == (Point((("job", "a"),), 12.0),)


@pytest.mark.parametrize(
    ("answer", "enough"),
    [
        (vector(({}, "250")), True),
        (vector(({}, "1")), True),
        (vector(({}, "0")), False),
        (vector(({}, "NaN")), False),
        (vector(), False),
        (scalar("1"), True),
    ],
    ids=["filter-holds", "bool-1", "bool-0", "nan", "filter-empty", "scalar"],
)
def test_enough_understands_filters_and_bools(answer: object, enough: bool) -> None:
    """`x >= 20` answers nothing when it does not hold, `x >= bool 20` answers 0."""
    with Misbehaving(by_query({"v": as_json(vector(({}, "1"))), "e": as_json(answer)})) as server:
        assert Prometheus(server.url).poll([MetricQuery("m", "v", "e")], 1.0, 2.0)["m"].enough is enough


def test_a_metric_whose_traffic_is_unknown_has_no_reading() -> None:
    """Without an answer to `enough` the value may not be judged."""
    with Misbehaving(by_query({"v": as_json(vector(({}, "1"))), "e": status(503)})) as server:
        failed = Prometheus(server.url).poll([MetricQuery("m", "v", "e")], 1.0, 2.0)["m"].failed
    assert failed == "`enough`: Prometheus at 127.0.0.1 is not able to answer now (503)"


def test_equal_queries_are_asked_once_a_tick() -> None:
    """Ten metrics with the same traffic condition cost one query for it."""
    with Misbehaving(as_json(vector(({}, "1")))) as server:
        Prometheus(server.url).poll([MetricQuery(str(n), f"q{n}", "traffic") for n in range(10)], 1.0, 2.0)
    assert len(server.asked) == 11


def test_one_hanging_query_holds_no_other_up() -> None:
    """On the deadline the tick has every answer but the hanging one; later ticks do not ask that one again."""
    quick = as_json(vector(({}, "1")))
    with Misbehaving(hang_up) as server:
        server.manner = by_query({"slow": silent(lambda: server), "quick": quick})
        prometheus = Prometheus(server.url, timeout=30.0)
        specs = [MetricQuery("slow", "slow"), MetricQuery("quick", "quick")]
        before = threading.active_count()
        first = prometheus.poll(specs, 1.0, 0.3)
        again = [prometheus.poll(specs, 1.0, 0.3) for _ in range(5)]
        threads = threading.active_count() - before
    assert first["slow"].failed == "no answer within 0.3 s"
    assert first["quick"].points == (Point((), 1.0),)
    assert all("no answer yet to the query of" in reading["slow"].failed for reading in again)
    assert [query_of(asked.target) for asked in server.asked].count("slow") == 1
    # The hanging query's own thread, plus those of the server's connections.
    assert threads <= 1 + server.connections + 1


def test_a_query_that_hung_is_asked_again_once_it_has_ended() -> None:
    """A recovered server is noticed: the guard against piling up ends with the hanging request."""
    with Misbehaving(hang_up) as server:
        server.manner = silent(lambda: server)
        prometheus = Prometheus(server.url, timeout=0.3)
        assert prometheus.poll([MetricQuery("m", "q")], 1.0, 0.1)["m"].failed
        server.manner = as_json(vector(({}, "1")))
        for _ in range(100):
            reading = prometheus.poll([MetricQuery("m", "q")], 1.0, 0.1)["m"]
            if reading.failed is None:
                break
            threading.Event().wait(0.05)
    assert reading.points == (Point((), 1.0),)


HUGE = vector(*[({"n": str(n)}, "1") for n in range(10_000)])
NATIVE = {
    "status": "success",
    "data": {"resultType": "vector", "result": [{"metric": {}, "histogram": [1, {"count": "3"}]}]},
}
PARSE = {"status": "error", "errorType": "bad_data", "error": "1:5: parse error: unexpected end of input"}


@pytest.mark.parametrize(
    ("manner", "kind", "text"),
    [
        (HTML, BadAnswer, "answered with a web page where JSON was due"),
        (status(200, "hello"), BadAnswer, "not JSON"),
        (status(200, "[1]"), BadAnswer, "not in the shape"),
        (as_json({"status": "success", "data": {"resultType": "vector", "result": [{}]}}), BadAnswer, "without labels"),
        (as_json(vector(({}, "twelve"))), BadAnswer, "not a number"),
        (as_json(NATIVE), BadAnswer, "native histogram"),
        (as_json({"status": "success", "data": {"resultType": "matrix", "result": []}}), BadAnswer, "a matrix"),
        (as_json(HUGE), BadAnswer, "10000 series where at most 2000 are expected"),
        (flood, BadAnswer, "answered more than 8 MB"),
        (as_json(PARSE, 400), BadAnswer, "refused the query: 1:5: parse error"),
        (status(401, "who?"), BadAnswer, "did not accept the credentials (401)"),
        (status(404), BadAnswer, "has no query API under this address (404)"),
        (status(429), BadAnswer, "is being asked too often (429)"),
        (status(500), BadAnswer, "answered with status 500"),
        (status(503), Unreachable, "is not able to answer now (503)"),
        (status(302, Location="http://127.0.0.1:1/"), BadAnswer, "a redirect, which is not followed"),
        (cut, Unreachable, "the connection was lost"),
        (hang_up, Unreachable, "the connection was lost"),
    ],
    ids=["html", "text", "array", "no-labels", "word", "native", "matrix", "series", "bytes", "parse", "401", "404",
         "429", "500", "503", "redirect", "cut", "hang-up"],
)  # fmt: skip
def test_a_bad_answer_becomes_a_plain_sentence(manner, kind: type[EdgeError], text: str) -> None:
    """Whatever the server does, the reason is one line, of the right kind, and holds no secret."""
    with Misbehaving(manner) as server:
        prometheus = Prometheus(f"{server.url}/{SECRET}", {"Authorization": f"Bearer {SECRET}"}, timeout=3.0)
        with pytest.raises(kind) as caught:
            prometheus.query("up", 1.0)
    assert text in str(caught.value)
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_refused_connection_names_the_host_alone() -> None:
    """Address and headers may be secret: the text holds neither."""
    url = refusing_url().replace("http://", f"http://user:{SECRET}@") + f"/{SECRET}?key={SECRET}"
    prometheus = Prometheus(url, {"X-Key": SECRET})
    with pytest.raises(Unreachable) as caught:
        prometheus.query("up", 1.0)
    assert str(caught.value) == "Prometheus at 127.0.0.1 refused the connection"
    assert SECRET not in repr(prometheus)


def test_an_unknown_host_says_so() -> None:
    """A name that does not resolve is not reported as a lost connection."""
    with pytest.raises(Unreachable, match="this name is not known here"):
        Prometheus("http://nowhere.invalid:9090", timeout=10.0).query("up", 1.0)


@pytest.mark.parametrize("manner", [drip, silent], ids=["drip", "silent"])
def test_silence_and_a_slow_drip_end_at_the_timeout(manner) -> None:
    """The time-out covers the whole answer: a byte now and then does not keep a request alive."""
    with Misbehaving(hang_up) as server:
        server.manner = manner(lambda: server)
        with pytest.raises(Unreachable, match=r"within 0\.3 s"):
            Prometheus(server.url, timeout=0.3).query("up", 1.0)


def test_a_server_that_quotes_the_token_does_not_bring_it_to_the_screen() -> None:
    """An error text of the server or a proxy may hold what it was sent."""
    quoting = as_json({"status": "error", "error": f"bad tenant, sent Bearer {SECRET}"}, 400)
    with Misbehaving(quoting) as server, pytest.raises(BadAnswer) as caught:
        Prometheus(server.url, {"Authorization": f"Bearer {SECRET}"}).query("up", 1.0)
    assert SECRET not in str(caught.value)
    assert "bad tenant" in str(caught.value)


def test_headers_and_credentials_of_the_address_are_sent_and_netrc_is_not(tmp_path, monkeypatch) -> None:
    """The runbook's headers win over ~/.netrc; an empty header (an unset tenant) is left out."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login other password person\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with Misbehaving(as_json(vector())) as server:
        Prometheus(server.url, {"Authorization": "Bearer abc", "X-Scope-OrgID": ""}).query("up", 1.0)
        Prometheus(server.url.replace("http://", "http://me:pass%40@")).query("up", 1.0)
    assert server.asked[0].headers["authorization"] == "Bearer abc"
    assert "x-scope-orgid" not in server.asked[0].headers
    assert server.asked[1].headers["authorization"] == "Basic bWU6cGFzc0A="


def test_check_tells_a_wrong_query_from_an_absent_server() -> None:
    """`check --online`: a query that the server refuses has a reason; a server that is away is another matter."""
    with Misbehaving(as_json(PARSE, 400)) as server:
        prometheus = Prometheus(server.url)
        assert "parse error" in prometheus.check("sum(")
        server.manner = as_json(vector())
        assert prometheus.check("up") is None
    with pytest.raises(Unreachable):
        Prometheus(refusing_url()).check("up")


@pytest.mark.parametrize("url", ["", "prometheus:9090", "ftp://x", "http://", "http://x:notaport"])
def test_an_address_that_is_none_is_refused_with_the_next_move(url: str) -> None:
    """The text names the setting, not the value, which may be secret."""
    with pytest.raises(BadAnswer, match=r"set `url` under \[services.prometheus\]"):
        Prometheus(url)


def test_connections_are_reused_from_tick_to_tick() -> None:
    """Ten ticks of five queries need no more connections than five."""
    with Misbehaving(as_json(vector(({}, "1")))) as server:
        prometheus = Prometheus(server.url)
        for tick in range(10):
            prometheus.poll([MetricQuery(str(n), f"q{n}") for n in range(5)], float(tick), 2.0)
    assert server.connections <= 8
