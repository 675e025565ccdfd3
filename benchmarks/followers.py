"""What a hundred followers on other hosts cost the guard: one event in PostgreSQL, alone and with many listening.

It starts a PostgreSQL of its own (Debian's, or what tools/fetch-postgres brings). Events come at a pace, as in a night;
blocks without and with followers take turns, so that both meet the same machine. The writer tells its followers beside
its writing, as a guard does. A follower is a connection that hears and reads every event, as a screen on another host
does; here they share the machine's cores with server and writer, which those on other hosts would not, so they are nice
to them.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event as Flag

from benchmarks._table import Figure, Row, alone
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
FOLLOWERS = 100
BLOCK, ROUNDS, PROCESSES = 4, 14, 2
FACT = GateChanged("one/first", "pass", 0.004, "< 0.5%", "error-rate 0.4% ≤ 0.5%")


TITLE = "What a hundred followers on other hosts cost the guard: one event in PostgreSQL"


def rows(quick: bool) -> Iterator[Row]:
    """Nothing where no PostgreSQL is to be had: tools/fetch-postgres finds or fetches one."""
    if binaries() is None:
        return
    with RealPostgres(True, "-c", "max_connections=300") as server:
        yield from measured(Database(server.database("bench")), FOLLOWERS, 2 if quick else ROUNDS)


def measured(db: Database, followers: int, rounds: int) -> Iterator[Row]:
    """Alone and followed in turns."""
    alone_: list[float] = []
    followed: list[float] = []
    with open_journal(db) as journal:
        journal.hush()
        for run in ("alone", "followed"):
            journal.begin(RunRow(run, "bench", "demo", NOW, None, None), "00")
        reader, board = open_board(db, "followed")
        with following(db, "followed", followers) as seen:
            for _ in range(rounds):
                alone_ += block(journal, "alone", board)
                followed += block(journal, "followed", board)
            time.sleep(1.0)
            total = seen()
    reader.close()
    nobody = Figure.of(alone_, "ms")
    yield Row(f"an event, {followers} followers", Figure.of(followed, "ms"), "nobody listens", nobody, times=1.05)
    written = Figure(float(BLOCK * rounds), "events")
    yield Row("read by each follower", Figure(total / followers, "events"), "written", written)


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
    alone(TITLE, rows)
