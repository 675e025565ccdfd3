"""What scripts read: runs, status, events; recordings written and verified."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pags_tui.cli.common import INCOMPLETE, db_option, json_option, known_runs, print_json, stamp, tell
from pags_tui.cli.seats import run_option
from pags_tui.core.errors import Refused

if TYPE_CHECKING:
    from pags_tui.core.ports import Archive, RunRow
    from pags_tui.wiring.journals import Damaged, Store

BROKEN = 1


def _row(row: RunRow, state: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "runbook": row.runbook,
        "kind": row.kind,
        "state": state,
        "started": stamp(row.started),
        "t0": stamp(row.t0),
        "ended": stamp(row.ended),
    }


@click.command()
@db_option
@json_option
def runs(db: str | None, as_json: bool) -> int:
    """List the runs of the journal, newest first.

    \b
    pags-tui runs
    pags-tui runs --json
    """
    from pags_tui.cli.damaged import DAMAGED, read
    from pags_tui.core.plan.progress import clock_name
    from pags_tui.core.state import fold
    from pags_tui.wiring.journals import is_there
    from pags_tui.wiring.places import journal_at

    def work(reader: Archive) -> tuple[None, list[tuple[RunRow, str]]]:
        return None, [(row, clock_name(fold(reader.events(row.id)))) for row in reader.runs()]

    found, damage = read(journal_at(db), work, journal=True) if is_there(journal_at(db)) else ([], "")
    rows = [_row(row, state) for row, state in found]
    outcomes = {row.id: row.outcome for row, _ in found}
    if as_json:
        print_json(rows)
        return DAMAGED if damage else 0
    for row in rows:
        state = outcomes[row["id"]] or row["state"] if row["ended"] else row["state"]
        tell(f"{row['id']:<40} {row['kind']:<10} {state:<12} {row['started']}")
    if not rows:
        tell("No run yet. Begin one with 'pags-tui run RUNBOOK'.", err=True)
    return DAMAGED if damage else 0


@click.command()
@run_option
@db_option
@json_option
def status(run_id: str | None, db: str | None, as_json: bool) -> int:
    """How a run stands. Exit 5 while a confirmed rollback is not whole and nobody works on it.

    \b
    pags-tui status
    pags-tui status --json
    """
    from pags_tui.cli.damaged import DAMAGED, read
    from pags_tui.cli.standing import alarm, lines, newest, standing
    from pags_tui.wiring.beside import left_beside, owed
    from pags_tui.wiring.places import journal_at
    from pags_tui.wiring.runs import find_run

    def work(reader: Archive) -> tuple[str, tuple[RunRow, dict[str, Any], str]]:
        row = find_run(reader, run_id)
        last, missing = newest(reader, row.id)
        return row.id, (row, standing(reader, row, last), missing)

    (row, found, missing), damage = read(journal_at(db), work, journal=True)
    if missing:
        tell(missing, err=True)
    if loud := alarm(found):
        click.secho(loud, err=True, bold=True)
    for left in left_beside(journal_at(db), row.id):
        late = f"{len(left.events)} events of it are not in the journal yet"
        tell(f"{late}: the run's guard, or pags-tui rollback, takes {left.path} in.", err=True)
        if (counts := owed(left)) is not None:
            found["rollback"] |= {"state": "incomplete", "verified": counts[0], "of": counts[1]}
            loud = "ROLLBACK NOT WHOLE: one was confirmed beside the journal. Finish it: pags-tui rollback"
            click.secho(loud, err=True, bold=True)
    if as_json:
        print_json(found)
    else:
        for text in lines(found, row.outcome):
            tell(text)
    return INCOMPLETE if loud else DAMAGED if damage or missing else 0


@click.command()
@click.argument("run_id", metavar="RUN", shell_complete=known_runs)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the file.")
@db_option
def export(run_id: str, file: Path, force: bool, db: str | None) -> int:
    """Write one run as a recording of its own.

    \b
    pags-tui export pags-cutover-2026-11-24 night.db
    """
    from pags_tui.cli.damaged import DAMAGED, read
    from pags_tui.wiring.journals import export_run
    from pags_tui.wiring.places import journal_at
    from pags_tui.wiring.runs import find_run

    def work(reader: Archive) -> tuple[str, Path]:
        row = find_run(reader, run_id)
        if file.exists() and not force:
            raise Refused(f"{file} exists already: name another file, or replace it (--force).")
        return row.id, export_run(reader, row.id, file, overwrite=force)

    made, damage = read(journal_at(db), work, journal=True)
    tell(f"{made} ({made.stat().st_size:,} bytes). Replay it: pags-tui replay {made}", err=True)
    return DAMAGED if damage else 0


@click.command(name="import-run")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--run", "run_id", metavar="ID", help="Only this run; default every run of the file.")
@db_option
def import_run(file: Path, run_id: str | None, db: str | None) -> int:
    """Take the runs of a recording, or of another journal's file, into the journal, every row and hash as it is.

    What does not verify is not taken in (exit 1). From a database to a file: pags-tui export, then this.

    \b
    pags-tui import-run night.db --db postgresql://pags@db.example/nights
    """
    from pags_tui.core.chain import first_broken
    from pags_tui.wiring.alive import is_alive
    from pags_tui.wiring.journals import open_journal, open_readonly
    from pags_tui.wiring.places import journal_at
    from pags_tui.wiring.runs import find_run

    with open_readonly(file) as reader, open_journal(journal_at(db)) as journal:
        rows = reader.runs() if run_id is None else [find_run(reader, run_id)]
        if not rows:
            raise Refused(f"{file} holds no run.")
        for row in reversed(rows):
            if is_alive(reader.lease(row.id)):
                raise Refused(f"A guard of {row.id} is alive: stop it first (pags-tui guard --stop --db {file}).")
            with reader.whole(row.id) as found:
                if broken := first_broken(found):
                    tell(f"{row.id}: not taken in, BROKEN at event {broken.seq}: {broken.reason}", err=True)
                    return BROKEN
                journal.adopt(found)
            tell(f"{row.id} is in the journal.", err=True)
    return 0


@click.command()
@click.argument("name", metavar="FILE|RUN", shell_complete=known_runs)
@db_option
@json_option
def verify(name: str, db: str | None, as_json: bool) -> int:
    """Check the hash chain of a recording, or of a run of the journal; exit 1 names the first bad row.

    \b
    pags-tui verify night.db
    pags-tui verify night.db --json
    pags-tui verify pags-cutover-2026-11-24 --db postgresql://pags@db.example/nights
    """
    from pags_tui.cli.replay import which
    from pags_tui.wiring.journals import Damaged

    store, run = which(name, db)
    try:
        found = _checked(store, run)
    except Damaged as damage:
        found = _damaged(store, run, damage)
    if as_json:
        print_json(found)
    else:
        for one in found:
            where = f"BROKEN at event {one['seq']}" if one["run"] else "BROKEN"
            tell(f"{one['run'] or store}: " + ("whole" if one["ok"] else f"{where}: {one['reason']}"))
    return 0 if all(one["ok"] for one in found) else BROKEN


def _checked(store: Store, run: str | None) -> list[dict[str, Any]]:
    """Every run of the store, or that one, with the first of its rows that does not verify."""
    from pags_tui.wiring.journals import open_readonly
    from pags_tui.wiring.runs import find_run

    found = []
    with open_readonly(store) as reader:
        rows = reader.runs() if run is None else [find_run(reader, run)]
        if not rows:
            return [_nothing("it holds no run")]
        for row in rows:
            broken = reader.verify(row.id)
            reason = None if broken is None else broken.reason
            found.append({"run": row.id, "ok": broken is None, "seq": broken.seq if broken else None, "reason": reason})
    return found


def _damaged(store: Store, run: str | None, damage: Damaged) -> list[dict[str, Any]]:
    """The same of a file that cannot be read as a whole. Raises the damage where a run of it was named, and is lost."""
    from pags_tui.wiring.journals import remains

    found = []
    for left in remains(store):
        if run not in (None, left.run.id):
            continue
        reason = f"the file is damaged ({damage.why}): {left.upto}"
        found.append({"run": left.run.id, "ok": False, "seq": len(left.events) + 1, "reason": reason})
    if not found and run is not None:
        raise damage
    return found or [_nothing(f"nothing of it can be read ({damage.why})")]


def _nothing(why: str) -> dict[str, Any]:
    """A file without a run that could be checked. It does not verify."""
    return {"run": None, "ok": False, "seq": None, "reason": why}
