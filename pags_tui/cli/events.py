"""`events`: what happened, a line each, for people and for log shippers. Reads only."""

from __future__ import annotations

import contextlib
import json
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from pags_tui.cli.common import db_option, json_option, json_text, stamp, tell
from pags_tui.cli.seats import run_option
from pags_tui.core.events import Event

if TYPE_CHECKING:
    from pags_tui.core.ports import Archive

LOOK_AGAIN = 0.5
"""Seconds between two looks of `--follow`."""


@click.command()
@run_option
@click.option("--follow", is_flag=True, help="Go on as they happen; ends with the run.")
@click.option("--since", type=click.IntRange(0), default=0, metavar="SEQ", help="Only those after this number.")
@db_option
@json_option
def events(run_id: str | None, follow: bool, since: int, db: str | None, as_json: bool) -> int:
    """The events of a run, one a line; with --json one object a line.

    Each line is written at once and whole. SIGTERM ends after a whole line; a reader that goes away ends it too.

    \b
    pags-tui events
    pags-tui events --follow --json | vector --config ship.toml
    pags-tui events --follow --json --since 120
    """
    from pags_tui.cli.damaged import DAMAGED, read
    from pags_tui.wiring.places import journal_at

    with _ending() as ended:
        shown = Shown(since, as_json, ended)
        code, damage = read(journal_at(db), lambda reader: shown.upto_now(reader, run_id, follow), journal=True)
    return code or (DAMAGED if damage else 0)


class Shown:
    """What was printed so far: it goes on from there, whoever reads."""

    def __init__(self, since: int, as_json: bool, ended: list[int]) -> None:
        from pags_tui.core.state import RunState

        self._since, self._as_json, self._ended = since, as_json, ended
        self._seq, self._state = 0, RunState()

    def upto_now(self, reader: Archive, run_id: str | None, follow: bool) -> tuple[str, int]:
        """Prints every event, with `follow` those to come; the run and the exit code. Damage ends it."""
        from pags_tui.wiring.journals import Wreck
        from pags_tui.wiring.runs import find_run

        run = find_run(reader, run_id).id
        follow = follow and not isinstance(reader, Wreck)
        while True:
            for event in reader.events(run, since=self._seq):
                self._print(event)
                if self._ended:
                    return run, 128 + self._ended[0]
            if not follow or self._state.ended or _reader_gone():
                return run, 0
            if self._ended:
                return run, 128 + self._ended[0]

    def _print(self, event: Event) -> None:
        from pags_tui.core.state import fold
        from pags_tui.ui.present.logs import told

        self._seq, self._state = event.seq, fold((event,), self._state)
        if event.seq > self._since:
            text = as_line(event) if self._as_json else f"{event.at:%H:%M:%S} {told(event, self._state.runbook)}"
            tell(text)


def as_line(event: Event) -> str:
    """One event as a line of JSON."""
    from pags_tui.core.events import encode

    kind, payload = encode(event.fact)
    head = {"seq": event.seq, "at": stamp(event.at), "user": event.by.user, "name": event.by.name, "kind": kind}
    return json_text({**head, "payload": json.loads(payload)})


@contextmanager
def _ending() -> Iterator[list[int]]:
    """Notes the signal that ends us, so that no line is cut in the middle."""
    got: list[int] = []
    before = {number: signal.signal(number, lambda n, _: got.append(n)) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield got
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _reader_gone() -> bool:
    """Waits a moment. A pipe whose reader has gone says so at once, though there is nothing to write."""
    poll = select.poll()
    with contextlib.suppress(ValueError, OSError):
        poll.register(sys.stdout.fileno(), 0)
    return bool(poll.poll(LOOK_AGAIN * 1000))
