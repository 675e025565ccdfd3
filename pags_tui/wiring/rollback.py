"""What a break-glass rollback stands on: the open live run, else a runbook; its plan, and the flags as they are.

It waits for nothing for long, needs no metric service, and leaves rehearsals and demos alone. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pags_tui.core.errors import PagsError, Refused
from pags_tui.core.events import GUARD, Event, FlagSeen
from pags_tui.core.plan.rollback import RollbackPlan, choices, option_plan
from pags_tui.core.ports import FlagService, RunRow
from pags_tui.core.runbook import Runbook
from pags_tui.core.state import RunState, fold
from pags_tui.driver import Services
from pags_tui.driver.rolling import READ_BEFORE
from pags_tui.driver.services import read_flags
from pags_tui.edge import within
from pags_tui.wiring.clocks import SteadyClock
from pags_tui.wiring.journals import Store, is_there, open_readonly
from pags_tui.wiring.way_back import ASK_DISK, open_what_opens


@dataclass(frozen=True, slots=True)
class Ground:
    """What a rollback stands on."""

    db: Store
    """The journal."""
    run: str | None
    """The open live run; None when there is none, or when it cannot be read."""
    state: RunState
    """As far as it is known; without a run just what the runbook says."""
    events: tuple[Event, ...]
    """Those that the state is folded from."""
    runbook: Runbook
    services: Mapping[str, FlagService]
    said: tuple[str, ...]
    """What could not be used, each a sentence."""

    @property
    def target(self) -> str:
        """What the operator types."""
        return self.state.run.target if self.state.run else self.runbook.target


def find_ground(
    runbook: Runbook | None, db: Store, env: Mapping[str, str], run: str | None = None, named: bool = True
) -> Ground:
    """The open live run of that runbook, else the runbook itself; one that nobody has `named` only comes before others.

    `run`: that run and no other. Raises Refused when there is neither.
    """
    found, events, said = _open_run(db, lambda rows: _choose(rows, runbook, run, named))
    state = fold(events)
    book = state.runbook if found else runbook
    if book is None:
        none = "Whether a live run is open cannot be known" if said else "No live run is open"
        raise Refused(" ".join((*said, f"{none}: give the runbook, pags-tui rollback RUNBOOK.")))
    if not found:
        state = replace(RunState(), runbook=book)
    return Ground(db, found, state, events, book, open_what_opens(book, env), said)


def _choose(rows: Sequence[RunRow], runbook: Runbook | None, run: str | None, named: bool) -> RunRow | None:
    """Which of the open live runs, newest first, is meant."""
    if run is not None:
        return next((row for row in rows if row.id == run), None)
    mine = [row for row in rows if runbook is not None and row.runbook == runbook.id]
    return next(iter(mine if runbook is not None and named else (*mine, *rows)), None)


Chosen = tuple[str | None, tuple[Event, ...]]


def _open_run(
    db: Store, choose: Callable[[Sequence[RunRow]], RunRow | None]
) -> tuple[str | None, tuple[Event, ...], tuple[str, ...]]:
    """The chosen run with its events, and what is in the way of the journal."""
    if not is_there(db):
        return None, (), ()
    try:
        run, events = within(ASK_DISK, lambda: _read(db, choose))
        fold(events)
    except Exception as error:  # whatever is wrong with the journal: a rollback goes on without it
        why = str(error) if isinstance(error, PagsError) else type(error).__name__
        return None, (), (f"The journal {db} cannot be used ({why}).",)
    return run, events, ()


def _read(db: Store, choose: Callable[[Sequence[RunRow]], RunRow | None]) -> Chosen:
    with open_readonly(db) as reader:
        row = choose([row for row in reader.runs() if row.kind == "live" and row.ended is None])
        return (row.id, tuple(reader.events(row.id))) if row else (None, ())


def plan_of(state: RunState, option: str | None) -> RollbackPlan:
    """The plan of that option; None: the default one. Raises Refused with the names there are."""
    back = state.runbook.rollback
    plans = [option_plan(state, one) for one in back.every_option] if back else []
    every = {plan.option: plan for plan in (*choices(state), *plans)}
    if (option or "") in every:
        return every[option or ""]
    names = ", ".join(name for name in every if name) or "none"
    if option:
        raise Refused(f"There is no way back '{option}' in this runbook. There are: {names}.")
    raise Refused(f"This runbook has no default rollback: give one with --option. There are: {names}.")


async def with_flags_read(ground: Ground) -> RunState:
    """The state with its flags read just now, a second at most each; what cannot be read says why."""
    services, now = Services(flags=ground.services), SteadyClock(ground.state.at).now()
    found = await read_flags(services, ground.runbook, ground.runbook.flags, now.timestamp(), READ_BEFORE)
    facts = [FlagSeen(key, reading.value, reading.failed or "") for key, reading in found.items()]
    return fold([Event(ground.state.seq + n, now, GUARD, fact) for n, fact in enumerate(facts, 1)], ground.state)
