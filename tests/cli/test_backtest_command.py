"""`backtest` as it is called: its sources, its options, what it prints, and its exit codes."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pags_tui.cli import main
from pags_tui.core.events import Actor
from pags_tui.core.judge import Judged, encode_judged
from pags_tui.core.ports import TickRow
from pags_tui.core.runbook import load
from pags_tui.core.series import Point, Reading, Tick
from pags_tui.edge.journal import open_journal
from pags_tui.wiring.runs import Start, begin_run
from tests.live import MetricServer

BOOK = """
[runbook]
id = "x"
[services.prometheus]
url = "${PROMETHEUS_URL}"
every = "60s"
[metrics.queue-depth]
query = "queue_depth"
fresh = "age"
[[phases]]
id = "one"
at = "T+0"
steps = [{ check = "Calm", gate = "queue-depth < 500 for 3m" }]
[triggers.queue]
when = "queue-depth > 500 for 2m"
"""
VALUES = [10, 10, 10, 10, 600, 600, 600, 10, None, "x", 10]
"""One a minute; None: no series, a text: a failed query."""

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """Calls `backtest` over the book: exit code, stdout, stderr."""
    (tmp_path / "x.toml").write_text(BOOK)

    def run(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["backtest", str(tmp_path / "x.toml"), *(str(word) for word in words)])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    path = tmp_path / "s.jsonl"
    path.write_text("".join(map(line, range(len(VALUES)), VALUES)))
    return path


def line(minute: int, value: object) -> str:
    row: dict[str, object] = {"t": minute * 60}
    if value is not None:
        row |= {"metric": "queue-depth", "labels": {"queue": "a"}}
        row["error" if isinstance(value, str) else "value"] = value
    return json.dumps(row) + "\n"


TEXT = """\
               |T+0
trigger queue  ....ppFFFFF
  unlatched    ....ppF....
gate one/calm  sss.FFFsUUs

. inactive or pass   s settling   p pending   F firing or fail   U unknown   ~ stale
trigger queue fires at T+6m: queue-depth{queue="a"} 600 > 500 for 2m
"""


def test_timelines(call: Call, samples: Path) -> None:
    """A character a tick for each trigger and gate, latched and not, and what fired."""
    code, out, err = call("--samples", samples)
    assert (code, err) == (0, "")
    assert out == TEXT


def test_series_and_width(call: Call, samples: Path) -> None:
    """Each series under what looks at it, folded to the width that was asked for."""
    _, out, _ = call("--samples", samples, "--series", "--width", "40")
    lines = out.splitlines()
    assert '  queue-depth{queue="a"}  ....ppFFFFF' in lines
    many = samples.with_name("many.jsonl")
    many.write_text("".join(line(minute, 10) for minute in range(100)))
    lines = call("--samples", many, "--width", "60")[1].splitlines()
    assert [one.partition("  ")[2] for one in lines if one.startswith("gate")] == ["sss" + 42 * ".", 45 * ".", 10 * "."]
    assert [one.split() for one in lines if "|" in one] == [["|T+0", "|T+20m"], ["|T+45m", "|T+1h5m"], ["|T+1h30m"]]
    assert max(map(len, lines[:-1])) <= 60


def test_json_lines(call: Call, samples: Path) -> None:
    """One object a line, with exactly the keys of the contract; numbers that JSON has not as Prometheus writes them."""
    code, out, _ = call("--samples", samples, "--json", "--series")
    rows = [json.loads(one) for one in out.splitlines()]
    assert code == 0
    assert {tuple(row) for row in rows} == {
        ("t", "kind", "id", "series", "state", "now", "armed", "clock", "value", "reason")
    }
    fired = next(row for row in rows if row["t"] == 360 and row["kind"] == "trigger" and row["series"] is None)
    assert fired == {
        "t": 360,
        "kind": "trigger",
        "id": "queue",
        "series": None,
        "state": "firing",
        "now": "firing",
        "armed": True,
        "clock": 120.0,
        "value": 600.0,
        "reason": 'queue-depth{queue="a"} 600 > 500 for 2m',
    }
    assert [row["state"] for row in rows if row["kind"] == "gate" and row["series"] == {"queue": "a"}][:5] == [
        "settling",
        "settling",
        "settling",
        "pass",
        "fail",
    ]


def test_fail_on_fire(call: Call, samples: Path) -> None:
    """Exit 1 when an armed trigger fired, 0 when none did."""
    assert call("--samples", samples, "--fail-on-fire")[0] == 1
    assert call("--samples", samples, "--fail-on-fire", "--set", "triggers.queue.when=queue-depth > 700")[0] == 0
    code, out, _ = call("--samples", samples, "--fail-on-fire", "--armed", "T+7m..T+9m")
    assert code == 0
    assert "trigger queue would fire at T+6m, not armed" in out
    assert call("--samples", samples, "--fail-on-fire", "--armed", "T+6m..T+6m", "--json")[0] == 1


def test_from_stdin(call: Call, samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads the samples from a pipe."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(samples.read_bytes())))
    assert "FFFFF" in call("--samples", "-")[1]


def test_a_range_of_prometheus(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a server: times as they are given, `t` from T+0, age and value as live."""
    with MetricServer(queue_depth=600.0, age=5.0) as server:
        monkeypatch.setenv("PROMETHEUS_URL", server.url)
        code, out, _ = call(
            "--from",
            "2026-01-02T03:00Z",
            "--to",
            "2026-01-02T03:05Z",
            "--t0",
            "2026-01-02T03:02Z",
            "--step",
            "30s",
            "--json",
        )
        rows = [json.loads(one) for one in out.splitlines()]
        assert code == 0
        assert [row["t"] for row in rows if row["kind"] == "gate"] == list(range(-120, 181, 30))
        assert [row["state"] for row in rows if row["kind"] == "trigger"] == ["pending"] * 4 + ["firing"] * 7
        server.values["age"] = 500.0
        out = call("--from", "-10m")[1]
        assert "trigger queue  UUUUUUUUUUU\n" in out


def test_a_recording(call: Call, samples: Path, tmp_path: Path) -> None:
    """The polled values of a recorded run judge as the same samples do; T+0 is the run's."""
    start = datetime(2026, 1, 2, 3, tzinfo=UTC)
    with open_journal(tmp_path / "night.db") as journal:
        run = begin_run(journal, load(BOOK), Start("rehearsal", Actor("me"), start + timedelta(minutes=2)), start)
        for minute, value in enumerate(VALUES):
            reading = (
                Reading(failed=value)
                if isinstance(value, str)
                else Reading(() if value is None else (Point((("queue", "a"),), float(value)),))
            )
            at = start + timedelta(minutes=minute)
            judged = Judged(minute + 1, at, Tick(at.timestamp(), {"queue-depth": reading}), {}, {})
            journal.add_tick(run, TickRow(minute + 1, at, 1, encode_judged(judged)))
        begin_run(journal, load(BOOK), Start("rehearsal", Actor("me")), start + timedelta(days=1))
    code, out, _ = call("--recording", tmp_path / "night.db", "--run", run)
    assert code == 0
    assert out == TEXT.replace("|T+0", "|T-2m").replace("T+6m", "T+4m")
    code, _, err = call("--recording", tmp_path / "night.db")
    assert (code, err) == (4, "This recording holds no tick: nothing was polled in that run.\n")


def test_a_server_that_is_down(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 3, and a sentence."""
    monkeypatch.setenv("PROMETHEUS_URL", "http://127.0.0.1:9")
    code, out, err = call("--from", "-10m")
    assert (code, out) == (3, "")
    assert err == "Prometheus at 127.0.0.1 refused the connection\n"


def test_a_query_that_is_refused(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """As live it is a failed query at every tick; which one is said."""
    with MetricServer() as server:
        server.manner = 422
        monkeypatch.setenv("PROMETHEUS_URL", server.url)
        code, out, err = call("--from", str(int(time.time()) - 300))
    assert code == 0
    assert err.startswith("queue-depth: ")
    assert "UUUUUU" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Say where the history is"),
        (["--samples", "a", "--recording", "b"], "--samples and --recording: give one of them."),
        (["--samples", "a", "--step", "5s"], "--step goes with --from, not with --samples."),
        (["--samples", "a", "--run", "x"], "--run goes with --recording, not with --samples."),
        (["--samples", "/nowhere"], "/nowhere: cannot be read: No such file"),
        (["--samples", "a", "--armed", "T+5m"], "--armed 'T+5m' is no range"),
        (["--samples", "a", "--armed", "T+5m..T+0"], "ends before it begins"),
        (["--samples", "a", "--set", "triggers.x.when=1"], "there is no 'x' in the runbook"),
        (["--from", "soon"], "--from 'soon' is no time"),
        (["--from", "-1h", "--to", "-2h"], "--to is before --from."),
        (["--from", "-1h", "--step", "often"], "--step: `often` is no duration"),
        (["--from", "-1h", "--step", "0s"], "--step must be longer than nothing"),
        (["--from", "-900d", "--step", "1s"], "more than 200,000 ticks"),
    ],
)
def test_words_that_make_no_sense(call: Call, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str) -> None:
    """Exit 2, nothing on stdout, and what would be right."""
    monkeypatch.setenv("PROMETHEUS_URL", "http://127.0.0.1:9")
    code, out, err = call(*words)
    assert (code, out) == (2, "")
    assert said in err


def test_a_line_that_cannot_be_read(call: Call, samples: Path) -> None:
    """FILE:LINE: and a sentence."""
    samples.write_text(samples.read_text() + '{"metric":"queue-depth","t":"soon"}\n')
    code, _, err = call("--samples", samples)
    assert code == 2
    assert err.startswith(f"{samples}:12: 't' must be a number")
