"""The guard of `test_soak.py`: a driver with its socket in a process of its own, on a clock that runs fast.

`python soak.py DB RUN SOCKET SPEED HOURS`: guards the run for so many simulated hours, telling once an hour, as a line
of JSON, how much memory and how many open files it has.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from datetime import timedelta
from pathlib import Path

from pags_tui.desk.server import Admission, Server
from pags_tui.driver import Driver, Identity, Pace, Record, Spill
from pags_tui.edge.journal import open_journal
from pags_tui.wiring.clocks import FastClock, boot_seconds, wall
from pags_tui.wiring.services import open_services

EVERY = 30.0
"""Simulated seconds between two ticks."""
DEADLINE = 0.3
"""Real seconds that a tick may wait: three simulated minutes at the full speed, so an outage does cost ticks."""


def memory() -> int:
    """Bytes of this process in memory, after what can be let go of is gone."""
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def main(db: Path, run: str, socket: Path, speed: float, hours: int) -> None:
    """Guards, and tells."""
    with open_journal(db, busy=0.2) as journal:
        clock = FastClock(wall(), speed)
        lease = journal.take_lease(run, os.getpid(), "here", "boot", clock.now(), boot_seconds())
        record = Record(journal, run, clock, lease.token, Spill([db.parent], "rollback-soak.jsonl"))
        services = open_services(record.state.runbook, os.environ)
        driver = Driver(
            record,
            services,
            Identity(os.getpid(), "here", lease.token),
            Pace(EVERY, DEADLINE, verify=0.5),
            lambda: journal.beat(run, lease.token, clock.now(), boot_seconds()),
        )
        server = Server(driver, socket, Admission())
        await server.start()
        task = asyncio.create_task(driver.run())
        start = clock.now()
        for hour in range(hours + 1):
            while clock.now() < start + timedelta(hours=hour) and not task.done():
                await asyncio.sleep(0.02)
            files = len(os.listdir("/proc/self/fd"))
            print(json.dumps({"hour": hour, "memory": memory(), "files": files}), flush=True)
        driver.stop("the soak is over")
        await task
        await server.stop("the soak is over")
    await asyncio.sleep(1.0)
    print(json.dumps({"hour": hours, "memory": memory(), "files": len(os.listdir("/proc/self/fd"))}), flush=True)


asyncio.run(main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])))
