"""`guard`: the process that owns a run. `run` starts one by itself; systemd may keep one in the foreground."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import click

from pags_tui.cli.common import db_option, json_option, print_json, stamp
from pags_tui.core.errors import Refused

if TYPE_CHECKING:
    from pags_tui.core.ports import Records


@click.command()
@click.option("--run", "run_id", metavar="ID", help="The run; default the newest open one.")
@click.option("--foreground", is_flag=True, help="Stay in the foreground, for systemd.")
@click.option("--detached", is_flag=True, hidden=True)
@click.option("--stop", is_flag=True, help="Let the guard end; a running rollback is finished first.")
@click.option("--status", is_flag=True, help="Whether it lives.")
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
    """
    from pags_tui.desk.server import Admission
    from pags_tui.edge.journal import open_journal
    from pags_tui.wiring.guards import Post, start_guard
    from pags_tui.wiring.guards import guard as keep
    from pags_tui.wiring.places import environment, journal_path
    from pags_tui.wiring.runs import find_run

    path = journal_path(db)
    with open_journal(path, create=False) as journal:
        row = find_run(journal, run_id)
        if status or stop:
            return _tell(journal, row.id, stop, as_json)
    post = Post(path.resolve(), row.id, Admission(group, group_ask))
    if not (foreground or detached):
        start_guard(post)
        click.echo(f"The guard of {row.id} is up.", err=True)
        return 0
    click.echo(asyncio.run(keep(post, environment())), err=True)
    return 0


def _tell(journal: Records, run: str, stop: bool, as_json: bool) -> int:
    from pags_tui.wiring.runs import is_alive

    lease = journal.lease(run)
    alive = is_alive(lease)
    if stop:
        if not alive or lease is None:
            raise Refused(f"No guard of {run} is alive.")
        os.kill(lease.pid, signal.SIGTERM)
        click.echo(f"The guard of {run} (process {lease.pid}) was asked to end.", err=True)
        return 0
    if as_json:
        beat = stamp(lease.heartbeat) if lease else None
        pid, host = (lease.pid, lease.host) if lease else (None, None)
        print_json({"run": run, "alive": alive, "pid": pid, "host": host, "heartbeat": beat})
    else:
        click.echo(f"{run}: " + (f"alive, process {lease.pid} on {lease.host}" if alive and lease else "no guard"))
    return 0 if alive else 1
