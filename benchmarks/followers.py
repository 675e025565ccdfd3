"""What a hundred followers on other hosts cost the guard: one event in PostgreSQL, alone and with many listening.

Run from the root of the repository: `python -m benchmarks.followers [--followers 100]`. It starts a PostgreSQL of its
own (Debian's, or what tools/fetch-postgres brings). Events come at a pace, as in a night; blocks without and with
followers take turns, so that both meet the same machine. The writer tells its followers beside its writing, as a guard
does. A follower is a connection that hears and reads every event, as a screen on another host does; here they share the
machine's cores with server and writer, which those on other hosts would not, so they are nice to them.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event as Flag
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pags_tui.core.events import Actor, GateChanged
from pags_tui.core.ports import RunRow
from pags_tui.edge.postgres.address import Database
from pags_tui.edge.postgres.board import PostgresBoard
from pags_tui.edge.postgres.journal import open_board, open_journal
from pags_tui.edge.postgres.writing import PostgresJournal
from tests.postgres.server import RealPostgres, binaries

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
BY = Actor("ann")
PACE = 1.0
"""Seconds between two events; a busy night has a few a minute."""
BLOCK, ROUNDS, PROCESSES = 4, 14, 2
FACT = GateChanged("one/first", "pass", 0.004, "< 0.5%", "error-rate 0.4% ≤ 0.5%")


def main() -> None:
    """Measures, and prints one line a number."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--followers", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if binaries() is None:
        print("no PostgreSQL here: tools/fetch-postgres finds or fetches one")
        return
    with RealPostgres(True, "-c", "max_connections=300") as server:
        found = measured(Database(server.database("bench")), asked.followers)
    if asked.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:44}{value:10.3f}")


def measured(db: Database, followers: int) -> dict[str, float]:
    """Alone and followed in turns. The lower quartiles are the least disturbed by whatever else the machine does."""
    alone: list[float] = []
    followed: list[float] = []
    with open_journal(db) as journal:
        journal.hush()
        for run in ("alone", "followed"):
            journal.begin(RunRow(run, "bench", "demo", NOW, None, None), "00")
        reader, board = open_board(db, "followed")
        with following(db, "followed", followers) as seen:
            for _ in range(ROUNDS):
                alone += block(journal, "alone", board)
                followed += block(journal, "followed", board)
            time.sleep(1.0)
            total = seen()
    reader.close()
    quiet = [statistics.quantiles(times, n=4)[0] for times in (alone, followed)]
    return {
        "event, nobody listens, ms": statistics.median(alone),
        f"event, {followers} followers, ms": statistics.median(followed),
        "ratio of the medians": statistics.median(followed) / statistics.median(alone),
        "ratio of the lower quartiles": quiet[1] / quiet[0],
        "events read by every follower, part": total / (followers * BLOCK * ROUNDS),
    }


def block(journal: PostgresJournal, run: str, board: PostgresBoard) -> list[float]:
    """Some events at their pace; how long each took the writer, in ms."""
    found = []
    for number in range(BLOCK):
        time.sleep(PACE)
        began = time.perf_counter()
        journal.append(run, [FACT], NOW + timedelta(seconds=number), BY, None)
        found.append((time.perf_counter() - began) * 1000)
        board.tell(run)
    return found


@contextmanager
def following(db: Database, run: str, followers: int) -> Iterator[Callable[[], int]]:
    """That many connections that hear and read the run; called, it tells how many events they have read together."""
    ready, stop = multiprocessing.Barrier(PROCESSES + 1), multiprocessing.Event()
    read = multiprocessing.Value("l", 0)
    share = [followers // PROCESSES + (n < followers % PROCESSES) for n in range(PROCESSES)]
    workers = [
        multiprocessing.Process(target=follow, args=(db, run, count, ready, stop, read), daemon=True) for count in share
    ]
    for worker in workers:
        worker.start()
    ready.wait()
    try:
        yield lambda: read.value
    finally:
        stop.set()
        for worker in workers:
            worker.join()


def follow(db: Database, run: str, count: int, ready: object, stop: Flag, read: object) -> None:
    """Some followers, each with a thread of its own, as screens have."""
    import os
    import threading

    os.nice(19)  # a screen's own work is done on its own host

    def one() -> None:
        reader, board = open_board(db, run, "run")
        seq = 0
        ready_here.release()
        while not stop.is_set():
            if board.heard(1.0):
                events = reader.events(run, since=seq)
                if events:
                    with read.get_lock():  # type: ignore[attr-defined]
                        read.value += events[-1].seq - seq  # type: ignore[attr-defined]
                    seq = events[-1].seq
        reader.close()

    ready_here = threading.Semaphore(0)
    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
        ready_here.acquire()
    ready.wait()  # type: ignore[attr-defined]
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
