"""The simulator's two services as a client sees them, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from pags_tui.simulator import Simulator
from tests.simulator.nights import START, Hands, pags


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def simulator(clock: Hands) -> Iterator[Simulator]:
    with Simulator(pags(), "steady", clock=clock, t0=START) as made:
        yield made


@pytest.fixture
def client(simulator: Simulator) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {simulator.token}"}
    with httpx.Client(base_url=simulator.url, trust_env=False, headers=headers, timeout=5) as made:
        yield made


def test_time_is_a_scalar_in_simulated_time(client: httpx.Client) -> None:
    """Without `time=` the simulator's clock answers; with it, that moment."""
    data = client.get("/api/v1/query", params={"query": "time()"}).json()["data"]
    assert (data["resultType"], float(data["result"][1])) == ("scalar", START)
    data = client.get("/api/v1/query", params={"query": "time()", "time": "12.5"}).json()["data"]
    assert float(data["result"][1]) == 12.5
    data = client.post("/api/v1/query", data={"query": "time() - 1", "time": "1970-01-01T00:00:10Z"}).json()["data"]
    assert float(data["result"][1]) == 9


def test_every_query_of_the_runbook_is_answered(client: httpx.Client, simulator: Simulator) -> None:
    """Value, traffic and age, by their exact texts, GET and POST alike."""
    for id_, metric in pags().metrics.items():
        for text in filter(None, (metric.query, metric.enough, metric.fresh)):
            got = client.get("/api/v1/query", params={"query": text, "time": str(START)}).json()
            assert got == client.post("/api/v1/query", data={"query": text, "time": str(START)}).json()
            assert got["data"]["result"], (id_, text)
        got = client.get("/api/v1/query", params={"query": metric.query, "time": str(START)}).json()["data"]["result"]
        told = {tuple(sorted(one["metric"].items())): float(one["value"][1]) for one in got}
        assert told == simulator.values(id_, START)


def test_white_space_does_not_matter(client: httpx.Client) -> None:
    """A query written over several lines is the same query."""
    params = {"query": "max  by(queue)\n  (job_queue_depth)", "time": str(START)}
    assert len(client.get("/api/v1/query", params=params).json()["data"]["result"]) == 3


def test_a_query_of_nobody_answers_no_series_and_a_wrong_one_is_refused(client: httpx.Client) -> None:
    """As Prometheus: an unknown metric is empty, what is no PromQL is a 400 with a place."""
    answer = client.get("/api/v1/query", params={"query": "sum(rate(nobody_total[5m]))"})
    assert answer.json()["data"] == {"resultType": "vector", "result": []}
    answer = client.get("/api/v1/query", params={"query": "sum(rate(nobody_total[5m])"})
    assert answer.status_code == 400
    assert answer.json()["errorType"] == "bad_data"
    assert "1:27: parse error" in answer.json()["error"]


def test_a_range_over_the_past_is_what_the_ticks_saw(client: httpx.Client, simulator: Simulator) -> None:
    """Back-filling a clock sees the same numbers as the ticks did."""
    query = pags().metrics["queue-depth"].query
    params = {"query": query, "start": str(START - 600), "end": str(START), "step": "15"}
    result = client.get("/api/v1/query_range", params=params).json()["data"]["result"]
    assert {len(line["values"]) for line in result} == {41}
    for line in result:
        labels = tuple(line["metric"].items())
        for at, value in line["values"]:
            assert simulator.values("queue-depth", at)[labels] == float(value)


def test_a_range_too_fine_or_backwards_is_refused(client: httpx.Client) -> None:
    """Prometheus' own limit of 11,000 points, and its own words."""
    params = {"query": "time()", "start": "0", "end": "11000", "step": "1"}
    answer = client.get("/api/v1/query_range", params=params)
    assert answer.status_code == 400
    assert "exceeded maximum resolution" in answer.json()["error"]
    assert client.get("/api/v1/query_range", params={**params, "step": "1m"}).status_code == 200
    assert client.get("/api/v1/query_range", params={**params, "end": "-5"}).status_code == 400


def test_it_looks_like_a_prometheus(client: httpx.Client) -> None:
    """Readiness and build information, as tools look for them."""
    assert client.get("/-/ready").status_code == 200
    assert client.get("/api/v1/status/buildinfo").json()["data"]["version"]
    assert client.get("/nowhere").status_code == 404


def test_flags_begin_as_before_the_night_and_hold_what_is_written(client: httpx.Client, simulator: Simulator) -> None:
    """GET and POST of the plain API; the log names every write."""
    assert client.get("/flags/shadow-mode").json()["value"] is True
    assert client.get("/flags/canary-percentage").json()["value"] == 0
    assert client.post("/flags/canary-percentage", json={"value": 10}).json()["value"] == 10
    assert client.get("/flags/canary-percentage").json()["value"] == 10
    assert [(one.key, one.value, one.took_effect) for one in simulator.writes] == [("canary-percentage", 10, True)]


def test_a_repeated_idempotency_key_changes_nothing(client: httpx.Client, simulator: Simulator) -> None:
    """The repeat of a write that took effect must not undo what came after it."""
    first = {"Idempotency-Key": "run/1"}
    client.post("/flags/canary-percentage", json={"value": 10}, headers=first)
    client.post("/flags/canary-percentage", json={"value": 50}, headers={"Idempotency-Key": "run/2"})
    assert client.post("/flags/canary-percentage", json={"value": 10}, headers=first).status_code == 200
    assert client.get("/flags/canary-percentage").json()["value"] == 50
    assert [one.took_effect for one in simulator.writes] == [True, True, False]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/flags/nobody", '{"value": 1}', 404),
        ("/flags/canary-percentage", '{"value": "10"}', 400),
        ("/flags/canary-percentage", '{"value": true}', 400),
        ("/flags/canary-percentage", '{"value": 101}', 400),
        ("/flags/canary-percentage", '{"value": null}', 400),
        ("/flags/canary-percentage", '{"val": 1}', 400),
        ("/flags/canary-percentage", "ten", 400),
        ("/flags/shadow-mode", '{"value": 1}', 400),
    ],
)
def test_a_wrong_write_is_refused(
    client: httpx.Client, simulator: Simulator, path: str, body: str, status: int
) -> None:
    """Unknown flags, other types and values out of range, as a real service would."""
    assert client.post(path, content=body).status_code == status
    assert simulator.writes == ()


def test_without_the_token_nothing_is_told_or_changed(client: httpx.Client, simulator: Simulator) -> None:
    """Reads and writes are 401."""
    headers = {"Authorization": "Bearer wrong"}
    assert client.get("/flags/shadow-mode", headers=headers).status_code == 401
    assert client.post("/flags/shadow-mode", json={"value": False}, headers=headers).status_code == 401
    assert simulator.read_flag("shadow-mode") is True


def test_connections_are_kept() -> None:
    """Sixty queries a second must not open sixty connections."""
    with Simulator(pags(), clock=Hands()) as simulator, httpx.Client(base_url=simulator.url, trust_env=False) as client:
        streams = {id(client.get("/-/ready").extensions["network_stream"]) for _ in range(20)}
    assert len(streams) == 1


def test_stopping_hangs_up_on_everybody() -> None:
    """A connected client does not keep the simulator alive, and stopping twice is no error."""
    simulator = Simulator(pags(), clock=Hands())
    simulator.start()
    with httpx.Client(base_url=simulator.url, trust_env=False) as client:
        assert client.get("/-/ready").status_code == 200
        simulator.stop()
        simulator.stop()
        with pytest.raises(httpx.TransportError):
            client.get("/-/ready")


def test_an_outage_refuses_then_hangs_then_is_over(clock: Hands) -> None:
    """Only the metric service is away; it counts from the change, in simulated time."""
    with Simulator(pags(), "prometheus-outage", clock=clock, t0=START) as simulator:
        client = httpx.Client(base_url=simulator.url, trust_env=False, timeout=0.5)
        with client:
            assert client.get("/api/v1/query", params={"query": "time()"}).status_code == 200
            simulator.set_flag("canary-percentage", 10)
            clock.at = START + 150
            assert client.get("/api/v1/query", params={"query": "time()"}).status_code == 503
            clock.at = START + 300
            with pytest.raises(httpx.ReadTimeout):
                client.get("/api/v1/query", params={"query": "time()"})
            clock.at = START + 400
            assert client.get("/api/v1/query", params={"query": "time()"}).status_code == 200


def test_flag_timeouts_hit_each_forward_change_once_with_and_without_effect(clock: Hands) -> None:
    """The first try gets no answer; every other one took effect; the way back always works."""
    with Simulator(pags(), "flag-timeouts", clock=clock, t0=START) as simulator:
        headers = {"Authorization": f"Bearer {simulator.token}"}
        with httpx.Client(base_url=simulator.url, trust_env=False, timeout=0.3, headers=headers) as client:

            def write(key: str, value: object) -> int | None:
                try:
                    return client.post(f"/flags/{key}", json={"value": value}).status_code
                except httpx.ReadTimeout:
                    return None

            assert write("canary-percentage", 10) is None
            assert client.get("/flags/canary-percentage").json()["value"] == 10
            assert write("canary-percentage", 50) is None
            assert client.get("/flags/canary-percentage").json()["value"] == 10
            assert write("canary-percentage", 50) == 200
            assert write("canary-percentage", 0) == 200
            assert write("readonly-mode", True) == 200
    assert [one.took_effect for one in simulator.writes] == [True, False, True, True, True]
    assert json.dumps([one.value for one in simulator.writes]) == "[10, 50, 50, 0, true]"
