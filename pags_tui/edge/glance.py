"""A glance at a journal's file: which run is open, and whose guard it is. It loads nothing of what events are made of.

A screen that comes back to a living run needs no more of the journal than this: the guard holds it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pags_tui.core.ports import Lease, RunRow

OPEN = (
    "SELECT id, runbook, kind, started, t0 FROM runs WHERE {} = ? AND kind = ? AND ended IS NULL "
    "ORDER BY started DESC, rowid DESC LIMIT 1"
)
CLOSED = "SELECT 1 FROM events WHERE run = ? AND kind = 'run-ended' LIMIT 1"
"""A run may be closed while follow-ups are due: its row says nothing of it."""
LEASE = "SELECT token, pid, host, boot, heartbeat, beat FROM leases WHERE run = ? ORDER BY token DESC LIMIT 1"


def open_run(file: Path, by: Literal["id", "runbook"], name: str, kind: str) -> tuple[RunRow, Lease] | None:
    """The newest open run of that id or runbook, and its newest lease; None for whatever else there is in that file."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=0.2)) as db:
            run = db.execute(OPEN.format(by), (name, kind)).fetchone()
            is_open = run and not db.execute(CLOSED, run[:1]).fetchone()
            lease = db.execute(LEASE, run[:1]).fetchone() if is_open else None
        return (_run(*run), _lease(*lease)) if lease else None
    except (sqlite3.Error, ValueError, TypeError):
        return None  # whoever opens it properly says what is wrong


def _run(run: str, runbook: str, kind: Any, started: str, t0: str | None) -> RunRow:
    return RunRow(run, runbook, kind, datetime.fromisoformat(started), datetime.fromisoformat(t0) if t0 else None, None)


def _lease(token: int, pid: int, host: str, boot: str, heartbeat: str, beat: float) -> Lease:
    return Lease(token, pid, host, boot, datetime.fromisoformat(heartbeat), beat)
