"""Proving before the night that a rollback could write: each flag's present value is written back. Changes nothing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from pags_tui.core.decide.flags import show
from pags_tui.core.errors import JournalError, Refused
from pags_tui.core.events import FlagAsked, RollbackConfirmed
from pags_tui.core.plan.rollback import same
from pags_tui.core.ports import FlagService
from pags_tui.core.series import FlagValue
from pags_tui.driver import Services
from pags_tui.driver.rolling import READ_BEFORE, ROLLBACK_STEP
from pags_tui.driver.services import read_flag
from pags_tui.driver.threads import in_thread
from pags_tui.wiring.clocks import boot_seconds
from pags_tui.wiring.journals import open_readonly
from pags_tui.wiring.rollback import Ground


@dataclass(frozen=True, slots=True)
class Probed:
    """What became of writing one flag's present value back."""

    flag: str
    value: FlagValue | None
    failed: str
    """Empty when the value was read, written and read again."""


async def probe(ground: Ground, flags: Sequence[str]) -> AsyncIterator[Probed]:
    """Writes each flag's present value back, one after another. Raises Refused while a change is under way."""
    if ground.state.rolling_back or any(change.result is None for change in ground.state.owed):
        raise Refused("A change is under way: probe when it has its answer.")
    for key in flags:
        service = Services(flags=ground.services).of(ground.runbook, key)
        if service is None:
            yield Probed(key, None, "it is changed by hand")
            continue
        value, failed = await read_flag(service, key, READ_BEFORE)
        if value is not None:
            _nothing_new(ground)
            failed = await _written_back(service, key, value)
        yield Probed(key, value, failed or "")


def _nothing_new(ground: Ground) -> None:
    """Raises Refused when somebody began to change flags meanwhile: what was read may be old, and is not written."""
    if ground.run is None:
        return
    with contextlib.suppress(JournalError), open_readonly(ground.db) as reader:
        facts = [event.fact for event in reader.events(ground.run, since=ground.state.seq)]
        if any(isinstance(fact, FlagAsked | RollbackConfirmed) for fact in facts):
            raise Refused("A change was begun meanwhile: probe again when it has its answer.")


async def _written_back(service: FlagService, key: str, value: FlagValue) -> str | None:
    """Why the value could not be written back; None when it could."""
    unique = f"probe-{key}-{os.getpid()}-{boot_seconds():.3f}"
    answer = await in_thread(lambda: service.write(key, value, unique, ROLLBACK_STEP))
    if answer.accepted is not True:
        return answer.detail
    found, failed = await read_flag(service, key, READ_BEFORE) if service.reads_back else (value, None)
    return failed if same(found, value) else failed or f"it reads {show(found)} after {show(value)} was written"
