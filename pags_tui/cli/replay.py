"""`replay`: the war room over a recording, read-only, without a network, an environment or a runbook file."""

from __future__ import annotations

import asyncio
import gc
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pags_tui.cli.common import FILE, db_option, show
from pags_tui.core.errors import PagsError, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pags_tui.core.events import Event
    from pags_tui.core.ports import Archive, TickRow
    from pags_tui.replay import Recording
    from pags_tui.wiring.journals import Store

COLLECTED = (5_000, 20, 50)
"""Objects, and collections, from one collection of a generation to the next: a few milliseconds in every fourth seek,
not thirty in every fiftieth."""


@click.command()
@click.argument("recording", metavar="[RECORDING|RUN]", required=False, type=FILE)
@click.option("--at", metavar="T+22m", help="Where to begin.")
@click.option("--speed", type=click.FloatRange(1, 600), default=60.0, show_default=True, help="Seconds a second.")
@click.option(
    "--what-if",
    "changes",
    metavar="KEY=VALUE",
    multiple=True,
    help="Suppose: 'triggers.error-rate.when=error-rate > 2% for 5m'.",
)
@db_option
def replay(recording: str | None, at: str | None, speed: float, changes: tuple[str, ...], db: str | None) -> int:
    """Replay a recording file, or a run of the journal (default the newest).

    \b
    pags-tui replay night.db --at T+22m
    pags-tui replay pags-cutover-2026-11-24
    """
    from pags_tui.replay import ReplayDesk
    from pags_tui.wiring.clocks import boot_seconds

    file, run_id = which(recording, db)
    tape = read_recording(file, run_id)
    begin = _moment(tape, at) if at else None
    desk = ReplayDesk(tape, boot_seconds, begin, settled=settle)
    desk.set_speed(speed)
    asyncio.run(desk.suppose(changes))
    warn = {"damaged": tape.damage} if tape.damage else {}
    return show(desk, player=desk, warn=lambda _: warn, back="A replay only reads: nothing is lost. Start it again.")


def settle() -> None:
    """Once the screen is there, the collector need not go through it in the middle of a seek; it takes small steps."""
    gc.freeze()
    gc.set_threshold(*COLLECTED)


def _moment(tape: Recording, at: str) -> datetime:
    """When T was that. Raises UsageError for what is no T; where T never came to it, the end, and a sentence."""
    from pags_tui.core.units import parse_offset

    try:
        found = tape.moment_of_t(parse_offset(at))
    except PagsError as error:
        raise click.UsageError(f"--at '{at}': {error}") from None
    if found is None:
        click.echo(f"T never came to {at} in this recording: the replay begins at its end.", err=True)
    return found or tape.end


def which(recording: str | None, db: str | None) -> tuple[Store, str | None]:
    """The file to read, and the run in it; a name that is no file is a run of the journal."""
    from pags_tui.wiring.places import journal_at

    if recording is not None and (Path(recording).is_file() or "/" in recording or recording.endswith(".db")):
        return Path(recording), None
    return journal_at(db), recording


def read_recording(store: Store, run_id: str | None) -> Recording:
    """The recording of a run; of a damaged one, what can be read of it, and a sentence. Raises PagsError for none."""
    from pags_tui.cli.damaged import read
    from pags_tui.replay import Recording

    def work(reader: Archive) -> tuple[str, tuple[Sequence[Event], Sequence[TickRow]]]:
        row = next((row for row in reader.runs() if run_id in (None, row.id)), None)
        if row is None:
            name = "" if run_id is None else f" {run_id}"
            raise Refused(f"{store} holds no run{name}. 'pags-tui runs' lists them.")
        return row.id, (reader.events(row.id), reader.ticks(row.id))

    (events, ticks), damage = read(store, work)
    found = Recording(events, ticks, damage)
    # What was read stays as long as we do: without this, the collector goes through all of it in the middle of a seek.
    gc.freeze()
    return found
