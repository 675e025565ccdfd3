"""What growing costs: many series in a tick, many steps in a runbook, many runs in one database.

Run from the root of the repository: `python -m benchmarks.scale`. Medians in ms: of processor time where only this
program works, of passed time where something is stored. The database is a real PostgreSQL of its own, durable; the file
lies in a temp folder.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pags_tui.core.decide import View, asks, decide
from pags_tui.core.events import Actor, Event, NoteAdded, PhaseEntered, RunStarted, StepResolved
from pags_tui.core.judge import Judge
from pags_tui.core.ports import OwnJournal, RunRow, TickRow
from pags_tui.core.runbook import load
from pags_tui.core.series import Point, Reading, Tick
from pags_tui.core.state import RunState, fold
from pags_tui.core.tape import Encoder
from pags_tui.edge.postgres.address import Database
from pags_tui.edge.prometheus.answers import answer_of, payload_of
from pags_tui.ui.present import checklist
from pags_tui.ui.scene import Scene
from pags_tui.wiring.journals import open_journal
from tests.postgres.server import RealPostgres, binaries

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
BY = Actor("ann")
ROUNDS = 9
METRICS = 10


def main() -> None:
    """Three tables."""
    if binaries() is None:
        print("no PostgreSQL here: tools/fetch-postgres finds or fetches one")
        return
    with RealPostgres() as server, tempfile.TemporaryDirectory() as folder:
        print("series   answer kB   parse   judge   store kB   into the file   into PostgreSQL")
        for count in (200, 2_000, 20_000):
            print(series(count, Path(folder), Database(server.database(f"series{count}"))))
        print("steps    runbook kB   load   fold of all events   one decision   the phase's checklist")
        for count in (100, 1_000, 5_000):
            print(steps(count))
        print("runs     one event, each run's own guard, all at once")
        for count in (1, 10, 50):
            print(runs(count, Database(server.database(f"runs{count}"))))


def took(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Median of some rounds, in ms."""
    found = []
    for _ in range(ROUNDS):
        began = clock()
        work()
        found.append((clock() - began) * 1000)
    return statistics.median(found)


# ---------------------------------------------------------------- series


def series(count: int, folder: Path, db: Database) -> str:
    """One tick of that many series, spread over some metrics, each with a gate and a trigger."""
    bodies = [answer(count // METRICS, number) for number in range(METRICS)]
    parse = took(lambda: [answer_of(payload_of(body, "here"), "here") for body in bodies])
    points = [answer_of(payload_of(body, "here"), "here").points for body in bodies]
    chance = random.Random(1)
    varied = [
        [tuple(Point(one.labels, one.value * chance.uniform(0.9, 1.1)) for one in some) for some in points]
        for _ in range(3)
    ]
    book = load(metric_book(), "runbook.toml")
    judge, number = Judge(book, 5.0), [0]

    def tick() -> object:
        number[0] += 1
        at = NOW + timedelta(seconds=5 * number[0])
        readings = {f"m{n}": Reading(varied[number[0] % 3][n]) for n in range(METRICS)}
        return judge.judge(number[0], Tick(at.timestamp(), readings), state, at)

    state = fold([Event(1, NOW, BY, started(book))])
    judging = took(tick)
    encoder, sizes = Encoder(), []
    stored = []
    for _ in range(ROUNDS):
        judged = tick()
        payload = encoder.encode(judged)  # type: ignore[arg-type]
        sizes.append(len(payload))
        stored.append(TickRow(judged.number, judged.at, 1, payload))  # type: ignore[attr-defined]
    times = []
    for store in (folder / f"own{count}" / "j.db", db):
        with open_journal(store) as journal:
            journal.begin(RunRow("r", "b", "live", NOW, None, None), "00")
            rows = iter(stored)
            times.append(took(lambda journal=journal, rows=rows: journal.add_tick("r", next(rows)), time.perf_counter))
    size = sum(map(len, bodies)) / 1000
    return (
        f"{count:6}   {size:9.0f}   {parse:5.1f}   {judging:5.1f}   {statistics.median(sizes) / 1000:8.1f}"
        f"   {times[0]:13.2f}   {times[1]:15.2f}"
    )


def answer(count: int, metric: int) -> bytes:
    """What Prometheus says to one query."""
    result = [
        {
            "metric": {"instance": f"10.{metric}.{n // 250}.{n % 250}:9100", "job": "api", "zone": f"z{n % 3}"},
            "value": [NOW.timestamp(), str(0.001 + n * 1e-7)],
        }
        for n in range(count)
    ]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}}).encode()


def metric_book() -> str:
    """A runbook with a gate and a trigger for each metric."""
    text = '[runbook]\nid = "b"\ntitle = "B"\n[services.prometheus]\nurl = "http://127.0.0.1:1"\n'
    for n in range(METRICS):
        text += f'[metrics.m{n}]\ntitle = "M"\nunit = "ratio"\nquery = "m{n}"\nslo = "< 1%"\n'
        text += f'[triggers.t{n}]\ntitle = "T"\nwhen = "m{n} > 2% for 10m"\n'
    steps_ = ", ".join(f'{{ check = "C{n}", gate = "m{n} < 1%" }}' for n in range(METRICS))
    return f'{text}[[phases]]\nid = "p"\ntitle = "P"\nat = "T+0"\nsteps = [ {steps_} ]\n'


def started(book: object) -> RunStarted:
    """The first fact of a run of that runbook."""
    return RunStarted("r", "live", book.text, book.sha256, "runbook.toml", "t", "ann", "ann", "1")  # type: ignore[attr-defined]


# ---------------------------------------------------------------- steps


def steps(count: int) -> str:
    """A runbook of that many steps in phases of fifty, half of them done."""
    text = '[runbook]\nid = "b"\ntitle = "B"\n'
    for phase in range(count // 50):
        lines = ", ".join(f'{{ id = "s{n}", check = "Check number {n} of phase {phase}" }}' for n in range(50))
        text += f'[[phases]]\nid = "p{phase}"\ntitle = "P {phase}"\nat = "T+{phase}m"\nsteps = [ {lines} ]\n'
    loading = took(lambda: load(text, "runbook.toml"))
    book = load(text, "runbook.toml")
    facts = [started(book), *(PhaseEntered(f"p{n}") for n in range(count // 100))]
    facts += [StepResolved(f"p{n // 50}/s{n % 50}", "passed") for n in range(count // 2)]
    events = [Event(n, NOW, BY, fact) for n, fact in enumerate(facts, 1)]
    folding = took(lambda: fold(events))
    state: RunState = fold(events)
    step = f"p{count // 100}/s{(count // 2) % 50}"
    deciding = took(lambda: decide(asks.Resolve(step), View(state, NOW, BY)))
    scene = Scene(state, NOW, BY)
    listing = took(lambda: checklist(scene, f"p{count // 100}"))
    return (
        f"{count:5}    {len(text) / 1000:10.0f}   {loading:4.0f}   {folding:18.1f}   {deciding:12.2f}   {listing:20.2f}"
    )


# ---------------------------------------------------------------- runs


def runs(count: int, db: Database) -> str:
    """That many runs in one database, each with a writer and a connection of its own, all writing at once."""
    journals: list[OwnJournal] = []
    for n in range(count):
        journals.append(open_journal(db))
        journals[-1].begin(RunRow(f"r{n}", "b", "live", NOW, None, None), "00")
    times: list[float] = []

    def work(n: int) -> None:
        for _ in range(20):
            began = time.perf_counter()
            journals[n].append(f"r{n}", [NoteAdded("x")], NOW, BY, None)
            times.append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(count)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    passed = time.perf_counter() - began
    for journal in journals:
        journal.close()
    return f"{count:4}     {statistics.median(times):6.1f} ms, {20 * count / passed:6.0f} events a second together"


if __name__ == "__main__":
    main()
