"""`check` as it is called: what it prints, its exit codes, and what the services add with `--online`."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pags_tui.cli import main
from tests.live import TOKEN, FlagServer, MetricServer
from tests.prometheus import RealPrometheus, need_prometheus

ROOT = Path(__file__).parents[2]
PLAIN = '[runbook]\nid = "x"\n[[phases]]\nid = "only"\nat = "T+0"\nsteps = ["Look"]\n'
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the program with those words: exit code, stdout, stderr."""

    def run(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.fixture
def book(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "night.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


# ---------------------------------------------------------------- the file alone


def test_nothing_to_say(call: Call) -> None:
    """The cutover runbook is in order: exit 0, and nothing on stdout."""
    code, out, err = call("check", ROOT / "runbook.toml")
    assert (code, out) == (0, "")
    assert "0 warnings" in err


def test_warnings(call: Call, book: Callable[[str], Path]) -> None:
    """A doubt has its place, says that it is one, and makes exit 1."""
    path = book(PLAIN + '[metrics.m]\nquery = "m"\n')
    code, out, _ = call("check", path)
    assert (code, out) == (1, f"{path}:7:10: warning: nothing uses m; name it in a gate or leave it out\n")


def test_a_file_that_cannot_be_used(call: Call, book: Callable[[str], Path]) -> None:
    """Every fault, and exit 2."""
    path = book(PLAIN + "[metrcs.m]\n")
    code, out, _ = call("check", path)
    assert (code, out) == (2, f"{path}:7:2: there is no key 'metrcs' here; did you mean 'metrics'?\n")


def test_json(call: Call, book: Callable[[str], Path]) -> None:
    """A list of objects of six keys, whether or not the file can be used."""
    code, out, _ = call("check", book(PLAIN + "[metrcs.m]\n"), "--json")
    (fault,) = json.loads(out)
    assert code == 2
    assert list(fault) == ["file", "line", "column", "severity", "code", "message"]
    assert (fault["line"], fault["column"], fault["severity"], fault["code"]) == (7, 2, "error", "unknown-key")
    assert json.loads(call("check", book(PLAIN), "--json")[1]) == []


@pytest.mark.parametrize(
    ("template", "line", "words"),
    [
        ("Status {{ status", 9, "the template cannot be read"),
        ("Hello\\n{{ stauts }}", 9, "'stauts'; did you mean 'status'?"),
        ("{{ metrics.eror }}", 9, "there is no 'eror' in metrics; did you mean 'error'?"),
    ],
)
def test_templates_are_read(call: Call, book: Callable[[str], Path], template: str, line: int, words: str) -> None:
    """A template that cannot be read, or names what is not there, is a fault of the file."""
    path = book(f'{PLAIN}[comms.all]\ntitle = "All"\ntemplate = "{template}"\n[metrics.error]\nquery = "m"\n')
    code, out, _ = call("check", path)
    assert code == 2
    assert any(one.startswith(f"{path}:{line}:") and words in one for one in out.splitlines())


# ---------------------------------------------------------------- the services

SERVICES = """
[runbook]
id = "x"
[services.prometheus]
url = "${PROMETHEUS_URL}"
[services.flags]
url = "${FEATURE_FLAG_API}"
token = "${API_KEY}"
[services.webhooks]
room = "${WAR_ROOM_WEBHOOK:-}"
[metrics.load]
query = "load"
[flags.canary]
type = "integer"
before = 0
[flags.brain]
type = "boolean"
before = false
[[phases]]
id = "only"
at = "T+0"
steps = [
  { check = "Calm", gate = "load < 5" },
  { action = "Go", set = { canary = 10, brain = true } },
]
[rollback]
steps = [{ action = "Back", set = { canary = 0, brain = false } }]
[rollback.checkpoint]
steps = ["Better"]
"""


@pytest.fixture
def flags(monkeypatch: pytest.MonkeyPatch) -> Iterator[FlagServer]:
    with FlagServer({"canary": 0, "brain": False}) as server:
        monkeypatch.setenv("FEATURE_FLAG_API", server.url)
        monkeypatch.setenv("API_KEY", TOKEN)
        yield server


@pytest.fixture
def metrics(monkeypatch: pytest.MonkeyPatch) -> Iterator[MetricServer]:
    with MetricServer(load=1.0, **{"time() - timestamp(load)": 3.0}) as server:
        monkeypatch.setenv("PROMETHEUS_URL", server.url)
        yield server


def test_online_and_all_is_well(
    call: Call, book: Callable[[str], Path], flags: FlagServer, metrics: MetricServer
) -> None:
    """A line for each thing asked, exit 0, and nothing was written."""
    code, out, _ = call("check", book(SERVICES), "--online")
    assert code == 0, out
    lines = out.splitlines()
    assert all(line.startswith("ok ") for line in lines)
    asked = ("its clock is", "load: 1 now", "load, age", "canary is 0", "brain is false", "webhook room")
    assert [words for words in asked if not any(words in line for line in lines)] == []
    assert flags.posts == []


def test_a_token_that_is_not_accepted(
    call: Call, book: Callable[[str], Path], flags: FlagServer, metrics: MetricServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said of each flag, without the token, and exit 3."""
    monkeypatch.setenv("API_KEY", "wrong-0123456789")
    code, out, _ = call("check", book(SERVICES), "--online")
    assert code == 3
    assert "401" in out
    assert "wrong-0123456789" not in out


def test_services_that_are_down(
    call: Call, book: Callable[[str], Path], flags: FlagServer, metrics: MetricServer
) -> None:
    """Both are told at once, each with its place in the file, and exit 3."""
    flags.down()
    metrics.down()
    code, out, _ = call("check", book(SERVICES), "--online", "--json")
    assert code == 3
    assert {(one["line"], one["code"]) for one in json.loads(out)} == {(4, "unreachable"), (6, "unreachable")}


def test_a_variable_that_is_not_set(call: Call, book: Callable[[str], Path], metrics: MetricServer) -> None:
    """It is named, the other service is asked all the same, and exit 2."""
    code, out, _ = call("check", book(SERVICES), "--online")
    assert code == 2
    assert "The variable API_KEY is not set" in out
    assert "load: 1 now" in out


def test_flags_that_hold_something_else(
    call: Call, book: Callable[[str], Path], flags: FlagServer, metrics: MetricServer
) -> None:
    """Another value than before the night is a doubt; another kind of value is a fault."""
    flags.values["canary"] = 10
    code, out, _ = call("check", book(SERVICES), "--online")
    assert code == 1
    assert "warning: canary is 10, not 0 as before the night" in out
    flags.values["canary"] = "ten"
    assert call("check", book(SERVICES), "--online")[0] == 2


def test_a_metric_without_an_answer(
    call: Call, book: Callable[[str], Path], flags: FlagServer, metrics: MetricServer
) -> None:
    """Nothing now, and data that is old, are doubts."""
    metrics.values = {"load": None, "time() - timestamp(load)": 300.0}
    code, out, _ = call("check", book(SERVICES), "--online")
    assert code == 1
    assert "load answers nothing now" in out
    assert "load is 5m old, more than its 1m15s" in out


REAL = """
[runbook]
id = "x"
[services.prometheus]
url = "${PROMETHEUS_URL}"
[metrics.latency]
unit = "seconds"
slo = "< 300ms"
query = 'histogram_quantile(0.95, sum by (le) (rate(took_seconds_bucket[5m])))'
fresh = 'time() - max(timestamp(took_seconds_bucket))'
[metrics.depth]
query = 'depth'
[metrics.wrong]
query = 'sum(rate(depth[1m])'
fresh = 'vector(0)'
[[phases]]
id = "only"
at = "T+0"
steps = [{ check = "Short", gate = "depth < 5" }, { check = "Right", gate = "wrong < 5" }]
[triggers.slow]
when = "latency > 200% of slo for 5m"
[triggers.slower]
when = "latency > 400ms for 5m"
"""


@pytest.mark.prometheus
def test_what_a_real_server_knows(
    call: Call, book: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query that it does not read, several series under one gate, a bound above the top bucket of the histogram."""
    promtool = need_prometheus("promtool")
    now = int(time.time())
    rows = ["# TYPE took_seconds histogram"]
    for at in range(now - 120, now + 1, 20):
        rows += [f'took_seconds_bucket{{le="{le}"}} {at - now + 200} {at}' for le in ("0.1", "0.5", "+Inf")]
    rows += ["# TYPE depth gauge", *(f'depth{{queue="{q}"}} 3 {at}' for q in "ab" for at in (now - 60, now - 5))]
    (tmp_path / "rows").write_text("\n".join([*rows, "# EOF", ""]))
    data = tmp_path / "prometheus" / "data"
    data.mkdir(parents=True)
    subprocess.run(
        [promtool, "tsdb", "create-blocks-from", "openmetrics", tmp_path / "rows", data],
        check=True,
        capture_output=True,
        timeout=60,
    )
    with RealPrometheus(tmp_path) as server:
        monkeypatch.setenv("PROMETHEUS_URL", server.url)
        path = book(REAL)
        code, out, _ = call("check", path, "--online")
        found = json.loads(call("check", path, "--online", "--json")[1])
    assert code == 2, out
    told = {(one["code"], one["line"]): one["message"] for one in found}
    assert "parse error" in told["bad-query", 14]
    assert "depth answers 2 series" in told["several-series", 19]
    assert ("out-of-reach", 21) in told
    assert ("out-of-reach", 23) not in told
    assert "its top finite bucket is 500ms" in out
