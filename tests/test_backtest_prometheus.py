"""One history told in three ways: by a real Prometheus, as samples, and by the live driver that watched it happen."""

from __future__ import annotations

import json
import math
import random
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pags_tui.backtest import Feed, Firings, Span, ranged, read_samples, recorded, told_as_json
from pags_tui.core.events import Actor
from pags_tui.core.judge import Judged
from pags_tui.core.ports import MetricQuery, TickRow
from pags_tui.core.runbook import Runbook, load
from pags_tui.core.series import Reading
from pags_tui.core.tape import decode_rows
from pags_tui.driver import Driver, Identity, Pace, Record, Services
from pags_tui.edge.journal import open_journal
from pags_tui.edge.prometheus import Prometheus
from pags_tui.wiring.clocks import LeapClock
from pags_tui.wiring.runs import Start, begin_run
from tests.prometheus import RealPrometheus, need_prometheus

pytestmark = pytest.mark.prometheus

STEP, TICKS = 30, 240
"""Two hours."""

BOOK = """
[runbook]
id = "past"
[services.prometheus]
url = "${PROMETHEUS_URL}"
every = "30s"
[metrics.queue-depth]
query = 'last_over_time(queue_depth[29s])'
slo = "<= 500"
[metrics.error-rate]
unit = "ratio"
query = 'sum(last_over_time(error_rate[29s]))'
slo = "< 0.5%"
[[phases]]
id = "watch"
at = "T+0"
steps = [
  { check = "Short queues", gate = "queue-depth < 500 for 5m" },
  { check = "One is short", gate = "any queue-depth < 100" },
  { check = "Errors", gate = ["error-rate in 0%..1%", "no triggers"] },
  { check = "All", gate = "all slos for 3m" },
  "Somebody is there",
]
[triggers]
queue = { when = "queue-depth > 500 for 2m" }
errors = { when = ["error-rate > 1% for 4m", "any queue-depth > 900 for 1m"] }
long = { when = "every queue-depth > 300 for 20m" }
[rollback]
steps = ["Go back by hand"]
"""

Sample = tuple[str, dict[str, str], int, float]


def history(dice: random.Random) -> list[Sample]:
    """Two queues and an error rate: levels that last a while, gaps of one tick to many minutes, a NaN now and then."""
    found: list[Sample] = []
    for name, labels, levels in (
        ("queue-depth", {"queue": "a"}, [40, 450, 600, 950]),
        ("queue-depth", {"queue": "b"}, [10, 350, 510]),
        ("error-rate", {}, [0.001, 0.004, 0.02]),
    ):
        tick = 0
        while tick < TICKS:
            level = dice.choice(levels)
            for _ in range(dice.randrange(1, 40)):
                value = math.nan if dice.random() < 0.01 else level * dice.choice([1.0, 1.0, 1.01])
                found.append((name, labels, tick, value))
                tick += 1
            tick += dice.choice([0, 0, 1, 3, 10, 30])
    # At the ends everything is there, so that all three tell of the same ticks.
    return [one for one in found if 0 < one[2] < TICKS] + [
        (name, labels, tick, 0.001)
        for tick in (0, TICKS)
        for name, labels in (("queue-depth", {"queue": "a"}), ("queue-depth", {"queue": "b"}), ("error-rate", {}))
    ]


def backfilled(samples: Sequence[Sample], base: int, folder: Path) -> None:
    """Blocks with those samples, where the server will look for its data."""
    lines = []
    for name in ("queue-depth", "error-rate"):
        family = name.replace("-", "_")
        lines.append(f"# TYPE {family} gauge")
        for metric, labels, tick, value in sorted(samples, key=lambda one: (str(one[1]), one[2])):
            if metric == name:
                inner = ",".join(f'{key}="{text}"' for key, text in labels.items())
                lines.append(f"{family}{{{inner}}} {value!r} {base + tick * STEP}".replace("nan", "NaN"))
    text = folder / "history.txt"
    text.write_text("\n".join([*lines, "# EOF", ""]))
    data = folder / "prometheus" / "data"
    data.mkdir(parents=True)
    done = subprocess.run(
        [need_prometheus("promtool"), "tsdb", "create-blocks-from", "openmetrics", str(text), str(data)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


class Past:
    """The server, asked at the time of a clock that runs through the past."""

    def __init__(self, server: Prometheus, clock: LeapClock) -> None:
        self._server, self._clock = server, clock

    def server_time(self) -> float:
        return self._clock.now().timestamp()

    def poll(self, queries: Sequence[MetricQuery], time: float, deadline: float) -> Mapping[str, Reading]:
        return self._server.poll(queries, time, deadline)

    def query_range(self, query: str, start: float, end: float, step: float) -> object:
        raise AssertionError("a run without a pause has no hole")


def as_lines(samples: Sequence[Sample]) -> list[bytes]:
    text = {math.inf: "+Inf", -math.inf: "-Inf"}
    ticks = [json.dumps({"t": tick * STEP}) for tick in range(TICKS + 1)]
    return [line.encode() for line in ticks] + [
        json.dumps(
            {
                "metric": name,
                "t": tick * STEP,
                "labels": labels,
                "value": "NaN" if math.isnan(value) else text.get(value, value),
            }
        ).encode()
        for name, labels, tick, value in samples
    ]


def told(feed: Feed, book: Runbook) -> list[dict[str, object]]:
    return [json.loads(line) for line in told_as_json(feed, book, Firings(), series=True)]


async def watched(book: Runbook, server: Prometheus, base: int, db: Path) -> Sequence[TickRow]:
    """What the live driver recorded, watching those two hours tick by tick."""
    start = datetime.fromtimestamp(base, UTC)
    clock = LeapClock(start)
    journal = open_journal(db)
    run = begin_run(journal, book, Start("rehearsal", Actor("me"), start), start)
    driver = Driver(
        Record(journal, run, clock, None),
        Services(Past(server, clock)),  # type: ignore[arg-type]
        Identity(1, "here", 0),
        Pace(STEP, 10.0, lockstep=True),
    )
    await driver.begin()
    while clock.now().timestamp() <= base + TICKS * STEP:
        await driver.turn()
        await driver.nap()
    driver.stop("over")
    await driver.finish()
    rows = journal.ticks(run)
    journal.close()
    return rows


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Prometheus, list[Sample], int]]:
    """A server that holds two hours of history, the samples in it, and when it begins."""
    folder = tmp_path_factory.mktemp("past")
    base = int(time.time() // STEP - TICKS - 300) * STEP
    samples = history(random.Random(7))
    need_prometheus()
    backfilled(samples, base, folder)
    with RealPrometheus(folder) as server:
        metrics = Prometheus(server.url)
        yield metrics, samples, base
        metrics.close()


async def test_three_ways_to_tell_one_history(past: tuple[Prometheus, list[Sample], int], tmp_path: Path) -> None:
    """The range of a real server, the same points as samples, and the live run: alike at every tick."""
    metrics, samples, base = past
    book = load(BOOK)
    asked, refused = ranged(metrics, book, Span(base, base + TICKS * STEP, STEP), base)
    assert not refused
    written, _ = read_samples(as_lines(samples), "samples")
    told_by_server = told(asked, book)
    states = {(one["kind"], one["state"]) for one in told_by_server}
    wanted = [("gate", "pass"), ("gate", "fail"), ("gate", "unknown"), ("trigger", "firing"), ("trigger", "pending")]
    assert states.issuperset(wanted)
    assert told(written, book) == told_by_server

    rows = await watched(book, metrics, base, tmp_path / "past.db")
    assert len(rows) == TICKS + 1
    assert told(recorded(rows, datetime.fromtimestamp(base, UTC)), book) == told_by_server
    assert [one for row, judged in zip(rows, decode_rows(rows), strict=True) for one in live(row, judged, base)] == [
        {key: one[key] for key in KEYS} for one in told_by_server if one["series"] is None
    ]


KEYS = ("t", "kind", "id", "state", "now", "clock", "value", "reason")


def live(row: TickRow, judged: Judged, base: int) -> Iterator[dict[str, object]]:
    """What the live driver said at a tick, in the words of a backtest."""
    t = row.at.timestamp() - base
    for kind, verdicts in (("trigger", judged.triggers), ("gate", judged.gates)):
        for name, said in verdicts.items():
            value = said.value
            shown = "NaN" if value is not None and math.isnan(value) else value
            now = getattr(said, "now", said.state)
            yield dict(zip(KEYS, (t, kind, name, said.state, now, said.clock, shown, said.reason), strict=True))
