"""What rollbacks had to leave beside the journal (`rollback-<time>.jsonl`): whoever can write it takes that in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pags_tui.core.errors import JournalError
from pags_tui.core.events import FlagAnswered, RollbackConfirmed, RollbackFinished
from pags_tui.core.series import Seconds
from pags_tui.driver import Record, left_behind
from pags_tui.driver.spill import Found
from pags_tui.driver.threads import in_thread
from pags_tui.wiring import places
from pags_tui.wiring.journals import Store

LOOK_EVERY: Seconds = 10.0
"""Between two looks of a living guard."""
QUIET: Seconds = 45.0
"""A file that long unchanged is nobody's any more: longer than any pause of whoever performs a rollback."""


def left_beside(db: Store, run: str) -> Iterator[Found]:
    """Such files with events of that run, oldest first."""
    yield from left_behind(places.spill_folders(db), run, places.name_of(db))


def take_in(record: Record, db: Store) -> None:
    """All of it, before anything else is journaled: a newer order must not come to stand before an older one.

    Raises JournalError when the journal cannot be written, Refused when another process owns the run.
    """
    for found in left_beside(db, record.run):
        record.merge(found)


async def keep_taking_in(record: Record, db: Store) -> None:
    """A guard that lives looks again and again: a rollback that went round it is in its journal soon.

    What somebody may still be writing is left to him. Raises Refused when another guard owns the run.
    """
    while True:
        await asyncio.sleep(LOOK_EVERY)
        for found in await in_thread(lambda: [one for one in left_beside(db, record.run) if _is_over(one)]):
            if record.spill is None or found.path != record.spill.path:  # its own is journaled from memory
                with suppress(JournalError):
                    record.merge(found)


def _is_over(found: Found) -> bool:
    """Each order in it has its end, or nobody has written it for a while."""
    return _last_end(found) is not None or _age(found.path) >= QUIET


def owed(found: Found) -> tuple[int, int] | None:
    """How many flags of how many the last order in it has verified; None when all, or when there is no order in it."""
    orders = [event.fact for event in found.events if isinstance(event.fact, RollbackConfirmed)]
    if not orders:
        return None
    answers = [event.fact for event in found.events if isinstance(event.fact, FlagAnswered)]
    of, end = len(orders[-1].moves), _last_end(found)
    verified = end.verified if end else min(len({one.change for one in answers if one.result == "verified"}), of)
    return (verified, of) if end is None or verified < of else None


def _last_end(found: Found) -> RollbackFinished | None:
    """The end of the last order in it."""
    orders = [event.fact.rollback for event in found.events if isinstance(event.fact, RollbackConfirmed)]
    ends = {event.fact.rollback: event.fact for event in found.events if isinstance(event.fact, RollbackFinished)}
    return ends.get(orders[-1]) if orders else None


def _age(path: Path) -> Seconds:
    with suppress(OSError):
        return time.time() - path.stat().st_mtime
    return 0.0
