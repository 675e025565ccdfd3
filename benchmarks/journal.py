"""What the journal costs: one durable event against plain SQLite on the same disk, a tick, a whole night read back.

Run it from a folder on the disk to be measured. The two ways of writing take turns, so that both meet the same disk.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter

from benchmarks._table import Figure, Row, alone
from pags_tui.core.chain import stamp
from pags_tui.core.events import Actor, Fact, GateChanged, NoteAdded, RunStarted, StepResolved, TriggerChanged, encode
from pags_tui.core.ports import RunRow, TickRow
from pags_tui.core.state import fold
from pags_tui.edge.journal import SqliteJournal, open_journal, open_readonly

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
BY = Actor("ann", "Ann")
WRITES = 300
EVENTS = 10_000
RUNBOOK = """
[runbook]
id = "bench"
title = "Bench"

[[phases]]
id = "one"
at = "T+0"
title = "One"
steps = ["first", "second"]
"""
NIGHT: tuple[Fact, ...] = (
    GateChanged("one/first", "pass", 0.004, "< 0.5%", "error-rate 0.4% ≤ 0.5%"),
    TriggerChanged("error-rate", "pending", 0.02, "error-rate 2% > 1%", 60.0),
    StepResolved("one/first", "passed"),
    NoteAdded("the vendor is on the line", "one/second"),
)
PAYLOAD = b"x" * 4_000
"""About what forty series take."""


TITLE = "Journal"


def rows(quick: bool) -> Iterator[Row]:
    """Measures in a folder of its own, below the present one."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        yield from writing(Path(folder), WRITES // 10 if quick else WRITES)
        yield from reading(Path(folder))


def writing(folder: Path, writes: int) -> Iterator[Row]:
    """One event and one tick."""
    with open_journal(folder / "write.db") as journal:
        journal.begin(RunRow("r", "bench", "demo", NOW, None, None), "00")
        insert = plain(folder / "plain.db")
        ours: list[float] = []
        theirs: list[float] = []
        ticks: list[float] = []
        for number in range(writes):
            at = NOW + timedelta(seconds=5 * number)
            ours.append(timed(partial(journal.append, "r", [NIGHT[0]], at, BY, None)))
            theirs.append(timed(partial(insert, number)))
            ticks.append(timed(partial(tick, journal, number, at)))
    plainly = Figure.of(theirs, "ms")
    yield Row("one event durable", Figure.of(ours, "ms"), "plain sqlite3, same pragmas", plainly, times=1.5)
    yield Row("one tick", Figure.of(ticks, "ms"), "plain sqlite3, an event", plainly)


def tick(journal: SqliteJournal, number: int, at: datetime) -> None:
    """One tick after an event: not synced by itself."""
    journal.add_tick("r", TickRow(number + 1, at, number + 1, PAYLOAD))


def plain(path: Path) -> Callable[[int], None]:
    """The least that keeps an event durably: the same pragmas, one table, one transaction."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE events (run TEXT, seq INTEGER, at TEXT, kind TEXT, payload TEXT, PRIMARY KEY (run, seq))")
    kind, payload = encode(NIGHT[0])

    def insert(seq: int) -> None:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?)", ("r", seq, stamp(NOW), kind, payload))
        db.execute("COMMIT")

    return insert


def reading(folder: Path) -> Iterator[Row]:
    """A night of EVENTS events: read and decoded, folded, verified."""
    with open_journal(folder / "read.db") as journal:
        journal.begin(RunRow("r", "bench", "demo", NOW, None, None), "00")
        started = RunStarted("r", "demo", RUNBOOK, "00", "runbook.toml", "bench", "Ann", "ann", "1.0")
        journal.append("r", [started, *(NIGHT[number % len(NIGHT)] for number in range(EVENTS - 1))], NOW, BY, None)
    with open_readonly(folder / "read.db") as reader:
        events = reader.events("r")
        payloads = [encode(event.fact)[1] for event in events]
        parsed = Figure.of(several(lambda: [json.loads(payload) for payload in payloads]), "ms")
        for what, work, most in (
            ("folded", lambda: fold(events), 50.0),
            ("read and decoded", lambda: reader.events("r"), None),
            ("verified", lambda: reader.verify("r"), None),
        ):
            yield Row(f"{len(events):,} events {what}", Figure.of(several(work), "ms"), "json.loads of their payloads",
                      parsed, most=most)  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    """How long it took, in ms."""
    began = perf_counter()
    work()
    return (perf_counter() - began) * 1000


def several(work: Callable[[], object]) -> list[float]:
    """Seven times, in ms."""
    return [timed(work) for _ in range(7)]


if __name__ == "__main__":
    alone(TITLE, rows)
