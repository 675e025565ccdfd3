"""Runs in the journal: beginning one, finding the open one, whether its guard lives."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from pags_tui import __version__
from pags_tui.core.errors import PagsError, Refused
from pags_tui.core.events import Actor, Fact, Kind, RehearsalsCounted, RunStarted, TZeroSet
from pags_tui.core.plan.rehearsed import KEPT, together
from pags_tui.core.ports import Journal, Lease, Records, RunRow
from pags_tui.core.runbook import Runbook
from pags_tui.core.state import fold
from pags_tui.wiring.alive import is_here
from pags_tui.wiring.clocks import boot_seconds, wall


@dataclass(frozen=True, slots=True)
class Start:
    """How a new run begins."""

    kind: Kind
    lead: Actor
    t0: datetime | None = None
    target: str = ""


def begin_run(journal: Journal, runbook: Runbook, start: Start, now: datetime | None = None) -> str:
    """Writes the first facts of a new run; its id."""
    now = now or wall()
    run = _new_id(journal, runbook, start.kind, now)
    target = start.target or runbook.target
    journal.begin(RunRow(run, runbook.id, start.kind, now, start.t0, None), runbook.sha256)
    facts: list[Fact] = [
        RunStarted(
            run,
            start.kind,
            runbook.text,
            runbook.sha256,
            os.path.basename(runbook.file),
            target,
            start.lead.shown,
            start.lead.user,
            __version__,
        )
    ]
    if start.kind != "demo" and (known := rehearsals(journal, runbook.id)):
        facts.append(known)
    if start.t0 is not None:
        facts.append(TZeroSet(start.t0))
    journal.append(run, facts, now, start.lead, None)
    return run


def rehearsals(journal: Journal, runbook: str) -> RehearsalsCounted | None:
    """How long the phases took in the newest rehearsals of that runbook; None: none of them finished one."""
    rows = [row for row in journal.runs() if row.runbook == runbook and row.kind == "rehearsal"][:KEPT]
    counted = {}
    for row in rows:
        with contextlib.suppress(PagsError):  # of another version, or damaged: a new run does not wait for it
            counted[row.id] = fold(journal.events(row.id))
    times = together(counted.values())
    return RehearsalsCounted(tuple(counted), times) if times else None


def _new_id(journal: Journal, runbook: Runbook, kind: Kind, now: datetime) -> str:
    """`pags-cutover-2026-11-24`, with `-rehearsal` or `-demo`, and a number when that is taken."""
    base = f"{runbook.id}-{now:%Y-%m-%d}" + ("" if kind == "live" else f"-{kind}")
    taken = {row.id for row in journal.runs()}
    return next(name for n in range(1, 10_000) if (name := base if n == 1 else f"{base}-{n}") not in taken)


def open_run(journal: Records, runbook: str, kind: Kind) -> RunRow | None:
    """The newest run of that runbook and kind that nobody has ended."""
    rows = (row for row in journal.runs() if row.runbook == runbook and row.kind == kind and row.ended is None)
    return next(rows, None)


def find_run(journal: Records, run: str | None) -> RunRow:
    """The run of that id; without one the newest open run, a live one before others, else the newest.

    Raises Refused when there is none.
    """
    rows = journal.runs()
    if run is not None:
        found = next((row for row in rows if row.id == run), None)
        if found is None:
            raise Refused(f"There is no run '{run}' in this journal. 'pags-tui runs' lists them.")
        return found
    if not rows:
        raise Refused("This journal holds no run yet. Begin one with 'pags-tui run RUNBOOK'.")
    going_on = [row for row in rows if row.ended is None]
    return next((row for row in going_on if row.kind == "live"), (going_on or rows)[0])


def run_now(lease: Lease | None) -> datetime:
    """The time of a run by its guard's clock; this machine's own where no guard of this boot has told it.

    A step of the wall clock moves ours, not that of a run.
    """
    if lease is not None and not is_here(lease) and lease.age is not None:
        return lease.heartbeat + timedelta(seconds=lease.age)
    if lease is None or not is_here(lease):
        return wall()
    return lease.heartbeat + timedelta(seconds=boot_seconds() - lease.beat)


def parse_t0(text: str, now: datetime, zone: object = None) -> datetime:
    """T+0 from `22:00`, `+60m` or `2026-11-24T22:00Z`. Raises ValueError with what would be right."""
    from zoneinfo import ZoneInfo

    from pags_tui.core.units import parse_duration

    if text.startswith("+"):
        return now + timedelta(seconds=parse_duration(text[1:]))
    local = now.astimezone(zone) if isinstance(zone, ZoneInfo) else now
    if len(text) <= 5 and ":" in text:
        hour, minute = (int(part) for part in text.split(":"))
        at = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return (at if at > local - timedelta(hours=12) else at + timedelta(days=1)).astimezone(now.tzinfo)
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (at if at.tzinfo else at.replace(tzinfo=local.tzinfo)).astimezone(now.tzinfo)
