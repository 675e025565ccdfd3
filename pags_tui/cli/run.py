"""`run`: the war room. Attaches to the open run of a runbook, or begins one; a guard is started if none lives."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import click

from pags_tui.cli.common import (
    FILE,
    as_option,
    db_option,
    has_terminal,
    known_runs,
    need_screen,
    of_option,
    read_runbook,
    read_text,
    show,
    tell,
)
from pags_tui.cli.t_zero import moment, say_it_stays
from pags_tui.core.errors import Refused

if TYPE_CHECKING:
    from pags_tui.core.decide.asks import RollBack
    from pags_tui.core.events import Kind
    from pags_tui.core.ports import Journal, Records, RunRow
    from pags_tui.core.runbook import Runbook
    from pags_tui.desk.port import Desk
    from pags_tui.wiring.journals import Store


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for."""

    kind: Kind
    name: str
    t0: str | None
    new: bool
    run: str | None
    confirmed: str | None
    role: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a screen sits down."""

    store: Store
    row: RunRow
    name: str
    wake: Callable[[], None]
    lives: bool
    """The guard was there before this command."""


@click.command()
@click.argument("path", metavar="[RUNBOOK]", default="runbook.toml", type=FILE)
@click.option("--t0", metavar="22:00|+60m|2026-11-24T22:00Z", help="T+0 of a new run; later by name in the palette.")
@click.option("--rehearsal", is_flag=True, help="Flags stay in memory, nothing is sent outside.")
@click.option("--new", is_flag=True, help="Begin another run although one is open.")
@click.option("--run", "run_id", metavar="ID", shell_complete=known_runs, help="Attach to this run.")
@click.option("--confirm", metavar="TARGET", help="The target's name, instead of typing it at the start.")
@click.option("--role", default="", metavar="ROLE", help="Your role tonight, named on the run.")
@click.option("--group", default="", metavar="GROUP", help="Members of this Unix group may watch.")
@click.option("--group-ask", is_flag=True, help="They may also ask.")
@of_option
@as_option
@db_option
def run(
    path: str,
    t0: str | None,
    rehearsal: bool,
    new: bool,
    run_id: str | None,
    confirm: str | None,
    role: str,
    group: str,
    group_ask: bool,
    of: str,
    name: str,
    db: str | None,
) -> int:
    """The war room on RUNBOOK (default runbook.toml).

    A new live run begins only once the name of its target is typed. Leaving the screen does not end the run.

    \b
    pags-tui run                          attach, or begin
    pags-tui run --t0 22:00               begin with T+0 at 22:00
    pags-tui run --rehearsal --t0 +60m    the same code, nothing changed outside
    pags-tui run --of ana                 a second desk at ana's guard, which her --group-ask lets in
    """
    from pags_tui.wiring.attaching import living
    from pags_tui.wiring.screens import settings

    need_screen()
    if has_terminal():
        settings()  # what is wrong in it is said before anything begins
    if of:
        return _join(of, run_id, path, name)
    wanted = Wanted("rehearsal" if rehearsal else "live", name, t0, new, run_id, confirm, role)
    back = None if new else living(db, path, run_id, wanted.kind)
    store, row, begun = (*back, False) if back else _found_or_begun(db, path, wanted, (group, group_ask))
    if t0 is not None and not begun:
        say_it_stays(t0, row)
    _warn_of_logout(store, row.id)
    if role:
        _name_role(store, row.id, role, name)
    again = way_back(row, path, name, str(store) if db else None, pinned=new or run_id is not None)
    seat = Place(store, row, name, lambda: _wake(store, row.id, group, group_ask), lives=back is not None)
    return _screen(seat, path, again, begun)


def way_back(row: RunRow, path: str, name: str, db: str | None, pinned: bool) -> str:
    """The command that comes back to this very run, with its kind and its journal. `pinned`: others may be open."""
    words = ["pags-tui", "run", path, *(["--rehearsal"] if row.kind == "rehearsal" else [])]
    words += ["--run", row.id] if pinned else []
    words += ["--as", name] if name else []
    words += ["--db", db] if db else []
    return shlex.join(words)


def _found_or_begun(db: str | None, path: str, wanted: Wanted, group: tuple[str, bool]) -> tuple[Store, RunRow, bool]:
    """The journal, the run in it, and whether it was begun just now; its guard lives."""
    from pags_tui.wiring.clocks import wall
    from pags_tui.wiring.journals import fixed, mended, open_journal
    from pags_tui.wiring.places import journal_at

    store = fixed(journal_at(db))
    if told := mended(store, wall()):
        tell(told, err=True)
    with open_journal(store) as journal:
        known = {one.id for one in journal.runs()}
        row = _find_or_begin(journal, path, wanted)
        _guarded(journal, store, row.id, *group)
    return store, row, row.id not in known


def _find_or_begin(journal: Journal, path: str, wanted: Wanted) -> RunRow:
    from pags_tui.wiring.runs import find_run, open_run

    if wanted.run:
        row = find_run(journal, wanted.run)
        if row.kind != wanted.kind:
            raise Refused(f"{row.id} is a {row.kind} run: attach with the same kind, or watch it.")
        return row
    runbook = read_runbook(path)
    found = None if wanted.new else open_run(journal, runbook.id, wanted.kind)
    if found is None or (_is_closed(journal, found) and _wants_another(found)):
        return _begin(journal, runbook, wanted)
    return found


def _is_closed(journal: Journal, row: RunRow) -> bool:
    """Closed, with follow-ups due."""
    from pags_tui.core.plan.afterwards import follow_ups_due
    from pags_tui.core.state import fold
    from pags_tui.wiring.clocks import wall

    return follow_ups_due(fold(journal.events(row.id)), wall())


def _wants_another(row: RunRow) -> bool:
    """Asks which run is meant; without a terminal it is the one that there is."""
    if not sys.stdin.isatty():
        return False
    click.echo(f"{row.id} is closed, follow-ups are due.", err=True)
    choice = click.Choice(["attach", "new"])
    return bool(click.prompt("Attach to it, or begin another", type=choice, default="attach", err=True) == "new")


def _begin(journal: Journal, runbook: Runbook, wanted: Wanted) -> RunRow:
    """A new run. Its services are opened once here, so that a missing variable is said before anything is recorded."""
    from pags_tui.core.events import Actor
    from pags_tui.wiring.places import environment, user
    from pags_tui.wiring.runs import Start, begin_run, find_run
    from pags_tui.wiring.services import open_services
    from pags_tui.wiring.targets import check_free

    if wanted.role and wanted.role not in runbook.roles:
        raise Refused(f"There is no role '{wanted.role}' in this runbook: nothing was begun.")
    open_services(runbook, environment(), wanted.kind)
    if wanted.kind == "live":
        check_free(runbook, environment())
    at = moment(wanted.t0, runbook) if wanted.t0 is not None else None
    if wanted.kind == "live":
        _confirm(runbook, wanted.confirmed)
    lead = Actor(user(), wanted.name)
    return find_run(journal, begin_run(journal, runbook, Start(wanted.kind, lead, at)))


def _confirm(runbook: Runbook, given: str | None) -> None:
    """A live run begins only once its target's name is typed."""
    target = runbook.target
    if given is None:
        if not sys.stdin.isatty():
            raise Refused(f"A live run on {target} begins once that name is given: --confirm {target}.")
        tell(f"{runbook.title}: this begins a LIVE run on {target}.", err=True)
        given = click.prompt("Type the target's name to begin", err=True, default="", show_default=False)
    if given != target:
        raise Refused(f"'{given}' is not {target}: nothing was begun.")


def _guarded(journal: Records, store: Store, run_id: str, group: str, group_ask: bool) -> None:
    from pags_tui.wiring.alive import is_guarded

    if is_guarded(journal, store, run_id):
        return  # the common case, when a line dropped: nothing of what a guard is made of need be loaded
    from pags_tui.desk.server import Admission
    from pags_tui.wiring.guards import Post, ensure_guard

    ensure_guard(Post(store, run_id, Admission(group, group_ask)), journal)


def _warn_of_logout(store: Store, run_id: str) -> None:
    """Says so where logging out would end the guard, and how it is kept."""
    from pags_tui.wiring.places import environment, user
    from pags_tui.wiring.sessions import bare_line, ended_at_logout

    if has_terminal() and bare_line(environment()):
        click.echo("Over ssh, outside tmux and screen: a dropped line ends this screen. The guard goes on.", err=True)
    if ended_at_logout(user()):
        kept = f"systemd-run --user pags-tui guard --foreground --run {run_id} --db {store}"
        click.echo("This machine ends your processes when you log out (KillUserProcesses), the guard too.", err=True)
        click.echo(f"To keep it: loginctl enable-linger, pags-tui guard --stop, then\n  {kept}", err=True)


def _name_role(store: Store, run_id: str, role: str, name: str) -> None:
    """Names the person for the role. Raises Refused for a role that is not in the runbook."""
    from pags_tui.core.decide.asks import NameRole
    from pags_tui.core.events import Actor
    from pags_tui.wiring.desks import ask_at
    from pags_tui.wiring.places import user

    answer = ask_at(store, run_id, name, NameRole(role, Actor(user(), name).shown), 30.0)
    if answer.refused:
        raise Refused(answer.said)


def _wake(store: Store, run_id: str, group: str, group_ask: bool) -> None:
    """A guard of that run, where the last one died under an open screen."""
    from pags_tui.wiring.journals import open_readonly

    with open_readonly(store) as journal:
        _guarded(journal, store, run_id, group, group_ask)


def _screen(at: Place, path: str, again: str, begun: bool) -> int:
    """The screen; on a run that was begun just now it first asks for the names and contacts that nobody knows yet."""
    back = f"The run {at.row.id} is kept in {at.store}. Back to it: {again}"
    if not has_terminal():
        tell(f"No terminal, so no screen: the guard of {at.row.id} is up and goes on.\n{back}", err=True)
        return 0
    from pags_tui.desk.first import FirstPicture, LateDesk
    from pags_tui.wiring.places import socket_path
    from pags_tui.wiring.screens import picture, settings, warnings

    def make() -> Desk:
        from pags_tui.wiring.desks import desk_at

        return desk_at(at.store, at.row.id, at.name, wake=at.wake, glass=_glass(at.store, at.row, at.name))

    reread: Callable[[], str] = lambda: read_text(path)  # noqa: E731 - what `amend` reads
    if at.lives:
        first = FirstPicture(socket_path(at.store, at.row.id), at.name, "desk", settings().keys)
        desk: Desk = LateDesk("desk", make)
        code = show(desk, amended=reread, warn=warnings, back=back, first=lambda: picture(first.wait()))
    else:
        code = show(make(), amended=reread, warn=warnings, ask_people=begun, back=back)
    from pags_tui.ui.terminal import last_word

    last_word(back, sys.stderr)
    return code


def _glass(store: Store, row: RunRow, name: str) -> Callable[[RollBack, str], BinaryIO] | None:
    """What performs a rollback that the guard does not take. A rehearsal is never rolled back for real."""

    def begin(ask: RollBack, text: str) -> BinaryIO:
        from pags_tui.wiring.glass import break_glass

        return break_glass(store, row.id, name)(ask, text)

    return begin if row.kind == "live" else None


def _join(of: str, run_id: str | None, path: str, name: str) -> int:
    """A desk at somebody else's guard; the guard says who may ask."""
    from pags_tui.core.events import Actor
    from pags_tui.desk.client import SocketDesk
    from pags_tui.wiring.clocks import SteadyClock
    from pags_tui.wiring.neighbours import find_guard
    from pags_tui.wiring.places import user

    desk = SocketDesk(find_guard(of, run_id), Actor(user(), name), SteadyClock())
    back = f"The run goes on in {of}'s guard. Back to it: pags-tui run --of {of}"
    return show(desk, amended=lambda: read_text(path), back=back)
