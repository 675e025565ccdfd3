"""What the journal costs: one durable event against plain SQLite on the same disk, a tick, a whole night read back.

Run from the root of the repository: `python -m benchmarks.journal [--folder FOLDER] [--json]`. Times are medians; the
two ways of writing take turns, so that both meet the same disk.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter

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


def main() -> None:
    """Measures in a folder of its own and prints one line a number."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path.cwd(), help="on the disk to be measured")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        found = writing(Path(folder)) | reading(Path(folder))
    if asked.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:34}{value:10.3f}")


def writing(folder: Path) -> dict[str, float]:
    """One event and one tick, in ms, and the event's ratio to plain SQLite."""
    with open_journal(folder / "write.db") as journal:
        journal.begin(RunRow("r", "bench", "demo", NOW, None, None), "00")
        insert = plain(folder / "plain.db")
        ours: list[float] = []
        theirs: list[float] = []
        ticks: list[float] = []
        for number in range(WRITES):
            at = NOW + timedelta(seconds=5 * number)
            ours.append(timed(partial(journal.append, "r", [NIGHT[0]], at, BY, None)))
            theirs.append(timed(partial(insert, number)))
            ticks.append(timed(partial(tick, journal, number, at)))
    return {
        "event durable, ms": statistics.median(ours),
        "event durable, p95 ms": statistics.quantiles(ours, n=20)[-1],
        "plain sqlite3 insert, ms": statistics.median(theirs),
        "ratio": statistics.median(ours) / statistics.median(theirs),
        "tick, ms": statistics.median(ticks),
    }


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


def reading(folder: Path) -> dict[str, float]:
    """A night of EVENTS events: read and decoded, folded, verified; in ms."""
    with open_journal(folder / "read.db") as journal:
        journal.begin(RunRow("r", "bench", "demo", NOW, None, None), "00")
        started = RunStarted("r", "demo", RUNBOOK, "00", "runbook.toml", "bench", "Ann", "ann", "1.0")
        journal.append("r", [started, *(NIGHT[number % len(NIGHT)] for number in range(EVENTS - 1))], NOW, BY, None)
    with open_readonly(folder / "read.db") as reader:
        events = reader.events("r")
        return {
            f"{len(events)} events read, ms": best(lambda: reader.events("r")),
            f"{len(events)} events folded, ms": best(lambda: fold(events)),
            f"{len(events)} events verified, ms": best(lambda: reader.verify("r")),
        }


def timed(work: Callable[[], object]) -> float:
    """How long it took, in ms."""
    began = perf_counter()
    work()
    return (perf_counter() - began) * 1000


def best(work: Callable[[], object]) -> float:
    """The median of five, in ms."""
    return statistics.median(timed(work) for _ in range(5))


if __name__ == "__main__":
    main()
