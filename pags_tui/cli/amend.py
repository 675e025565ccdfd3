"""`amend`: the corrected runbook of an open run. Shows the difference, takes a typed word, asks the living guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pags_tui.cli.common import FILE, as_option, db_option, known_runs, read_runbook, tell, typed
from pags_tui.cli.seats import PATIENCE, answered
from pags_tui.core.errors import Refused

if TYPE_CHECKING:
    from pags_tui.core.ports import Records, RunRow
    from pags_tui.core.runbook import Runbook


@click.command()
@click.argument("path", metavar="RUNBOOK", type=FILE)
@click.option("--run", "run_id", metavar="ID", shell_complete=known_runs, help="The run; default the open one of it.")
@click.option("--confirm", metavar="WORD", help="The word amend, instead of typing it.")
@as_option
@db_option
def amend(path: str, run_id: str | None, confirm: str | None, name: str, db: str | None) -> int:
    """Read the corrected RUNBOOK into its open run.

    Shows what differs and takes the word amend, typed. Nothing that is signed is altered. The lead's.

    \b
    pags-tui amend runbook.toml
    pags-tui amend runbook.toml --confirm amend
    """
    from pags_tui.core.decide.asks import Amend
    from pags_tui.core.decide.rest import AMEND_WORD
    from pags_tui.core.state import fold
    from pags_tui.report.happening import difference
    from pags_tui.wiring.desks import ask_at
    from pags_tui.wiring.journals import fixed, open_readonly
    from pags_tui.wiring.places import journal_at

    runbook, store = read_runbook(path), fixed(journal_at(db))
    with open_readonly(store) as reader:
        row = _meant(reader, runbook, run_id)
        now = fold(reader.events(row.id)).runbook.text
    changes = difference(now, runbook.text, "amended")
    if not changes:
        tell(f"{path} is as {row.id} knows it: nothing to amend.", err=True)
        return 0
    tell(changes)
    typed(AMEND_WORD, f"take it into {row.id}", confirm)
    answer = ask_at(store, row.id, name, Amend(runbook.text, runbook.sha256, AMEND_WORD), PATIENCE)
    return answered(answer, f"{row.id} goes on with {path} (sha256 {runbook.sha256[:12]})")


def _meant(reader: Records, runbook: Runbook, run_id: str | None) -> RunRow:
    """The run that the file belongs to: the named one, else its open live run, else its open rehearsal."""
    from pags_tui.wiring.runs import find_run, open_run

    if run_id is None:
        row = open_run(reader, runbook.id, "live") or open_run(reader, runbook.id, "rehearsal")
        if row is None:
            raise Refused(f"No run of {runbook.id} is open: there is nothing to amend.")
        return row
    row = find_run(reader, run_id)
    if row.runbook != runbook.id:
        raise Refused(f"{row.id} is a run of {row.runbook}, and this file is {runbook.id}.")
    if row.ended is not None:
        raise Refused(f"{row.id} has ended: there is nothing to amend.")
    return row
