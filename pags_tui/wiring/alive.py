"""Whether the guard of a run lives, and answers."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from pags_tui.core.ports import Lease, Records
from pags_tui.wiring import places
from pags_tui.wiring.clocks import boot_seconds
from pags_tui.wiring.stores import Store

DEAD_AFTER = 15.0
"""Seconds without a heartbeat after which a guard counts as dead: three of its five-second beats."""


CUT_OFF_AFTER = 8.0
"""The same for a guard on another host that is not connected to the database any more: its process has ended, or it
cannot journal."""


def is_alive(lease: Lease | None) -> bool:
    """The guard that holds the lease lives: same boot, a recent heartbeat, and its process is there.

    Of a guard on another host a database that both share tells how long ago its heartbeat was.
    """
    if lease is None:
        return False
    if not is_here(lease):
        return lease.age is not None and lease.age <= (DEAD_AFTER if lease.held else CUT_OFF_AFTER)
    if boot_seconds() - lease.beat > DEAD_AFTER:
        return False
    return process_there(lease.pid)


def is_guarded(journal: Records, store: Store, run: str) -> bool:
    """Its guard lives, and answers; one on another host does so through the database."""
    lease = journal.lease(run)
    if lease is None or not is_alive(lease):
        return False
    return not is_here(lease) or answers(places.socket_path(store, run))


def answers(path: Path) -> bool:
    """Somebody listens there."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(1.0)
        try:
            line.connect(str(path))
        except OSError:
            return False
    return True


def is_here(lease: Lease) -> bool:
    """The lease was taken on this machine, since it was started."""
    return lease.boot == places.boot_id() and lease.host == places.host()


def process_there(pid: int) -> bool:
    """A process of that number runs; one that has ended and was not yet waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    return told.rpartition(")")[2].split()[0] not in ("Z", "X")
