"""`guard`: the process that owns a run. `run` starts one by itself; systemd may keep one in the foreground."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import click

from pags_tui.cli.common import WHICH, db_option, json_option, known_runs, print_json, stamp
from pags_tui.core.errors import Refused

if TYPE_CHECKING:
    from pags_tui.core.ports import Records
    from pags_tui.wiring.guards import Post

FOUND = 1
LOOK_AGAIN = 0.1
"""Seconds between two looks whether a guard has ended."""
SAY_AFTER = 20
"""Looks after which it is said what is waited for."""


@click.command()
@click.option("--run", "run_id", metavar="ID", shell_complete=known_runs, help=WHICH)
@click.option("--foreground", is_flag=True, help="Stay in the foreground, for systemd.")
@click.option("--detached", is_flag=True, hidden=True)
@click.option("--stop", is_flag=True, help="Let the guard end; a running rollback is finished first.")
@click.option("--status", is_flag=True, help="Whether it lives.")
@click.option("--take-over", is_flag=True, help="Take the run from a guard that lives, on another host too.")
@click.option("--confirm", metavar="HOST", help="The host that --take-over takes it from, instead of typing it.")
@click.option("--group", default="", metavar="GROUP", help="Members of this Unix group may watch.")
@click.option("--group-ask", is_flag=True, help="They may also ask.")
@db_option
@json_option
def guard(
    run_id: str | None,
    foreground: bool,
    detached: bool,
    stop: bool,
    status: bool,
    take_over: bool,
    confirm: str | None,
    group: str,
    group_ask: bool,
    db: str | None,
    as_json: bool,
) -> int:
    """The guard alone: it samples, judges, counts down, writes flags and sends messages, with or without a screen.

    \b
    pags-tui guard --foreground       under systemd
    pags-tui guard --status           alive, or not
    pags-tui guard --stop             end it
    pags-tui guard --take-over        the run goes on from this host
    """
    from pags_tui.desk.server import Admission
    from pags_tui.wiring.guards import Post, ensure_guard, start_guard
    from pags_tui.wiring.journals import fixed, open_readonly
    from pags_tui.wiring.places import journal_at
    from pags_tui.wiring.runs import find_run

    store = fixed(journal_at(db))
    with open_readonly(store) as journal:
        row = find_run(journal, run_id)
        if stop:
            return _stop(journal, row.id)
        if status:
            return _status(journal, row.id, as_json)
        if take_over and not detached:
            _confirm(journal, row.id, confirm)
        post = Post(store, row.id, Admission(group, group_ask), take_over)
        if foreground or detached:
            return _keep(post)
        if take_over:
            start_guard(post)
        else:
            ensure_guard(post, journal)
    click.echo(f"The guard of {row.id} is up.", err=True)
    return 0


def _confirm(journal: Records, run: str, given: str | None) -> None:
    """Nothing is taken from a guard that lives before the name of its host is typed, or given."""
    from pags_tui.wiring.alive import is_alive

    lease = journal.lease(run)
    if lease is None or not is_alive(lease):
        return
    if given is None:
        if not sys.stdin.isatty():
            raise Refused(f"The guard of {run} lives on {lease.host}: without a terminal, --confirm {lease.host}.")
        click.echo(f"The guard of {run} lives on {lease.host}. It will be fenced off and write nothing more.", err=True)
        click.echo("A change that it has under way is unknown until it is read back.", err=True)
        given = click.prompt(f"Type {lease.host} to take the run over", err=True, default="", show_default=False)
    if given != lease.host:
        raise Refused(f"'{given}' is not {lease.host}: nothing was taken over.")


def _keep(post: Post) -> int:
    """Guards the run in this process; 128+n when signal n ended it."""
    from pags_tui.wiring.guards import guard as keep
    from pags_tui.wiring.places import environment

    ended = asyncio.run(keep(post, environment()))
    click.echo(ended.reason, err=True)
    return 0 if ended.signal is None else 128 + ended.signal


def _stop(journal: Records, run: str) -> int:
    """Asks the guard to end, and waits until it has: it finishes a rollback first."""
    from pags_tui.wiring.alive import is_alive, is_here, process_there

    lease = journal.lease(run)
    if lease is None or not is_alive(lease):
        raise Refused(f"No guard of {run} is alive.")
    if not is_here(lease):
        raise Refused(f"The guard of {run} is on {lease.host}: stop it there, or take the run over with --take-over.")
    try:
        os.kill(lease.pid, signal.SIGTERM)
    except PermissionError:
        raise Refused(f"The guard of {run} (process {lease.pid}) is another user's: it can end it.") from None
    for waited in itertools.count():
        if not process_there(lease.pid):
            click.echo(f"The guard of {run} (process {lease.pid}) has ended.", err=True)
            return 0
        if waited == SAY_AFTER:
            click.echo("It finishes what it is doing first, a rollback too. Ctrl-C leaves it to that.", err=True)
        time.sleep(LOOK_AGAIN)
    return 0


def _status(journal: Records, run: str, as_json: bool) -> int:
    """Tells whether the guard lives; 1 when it does not."""
    from pags_tui.wiring.alive import is_alive

    lease = journal.lease(run)
    alive = is_alive(lease)
    if as_json:
        beat = stamp(lease.heartbeat) if lease else None
        pid, host = (lease.pid, lease.host) if lease else (None, None)
        print_json({"run": run, "alive": alive, "pid": pid, "host": host, "heartbeat": beat})
    else:
        click.echo(f"{run}: " + (f"alive, process {lease.pid} on {lease.host}" if alive and lease else "no guard"))
    return 0 if alive else FOUND
