"""`--t0`: the moment meant, and what is said where it changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pags_tui.cli.common import tell
from pags_tui.core.errors import PagsError

if TYPE_CHECKING:
    from datetime import datetime

    from pags_tui.core.ports import RunRow
    from pags_tui.core.runbook import Runbook


def moment(text: str, runbook: Runbook | None = None) -> datetime:
    """The moment meant, in the runbook's time zone. Raises UsageError for what is none."""
    from zoneinfo import ZoneInfo

    from pags_tui.wiring.clocks import wall
    from pags_tui.wiring.runs import parse_t0

    try:
        return parse_t0(text, wall(), ZoneInfo(runbook.timezone) if runbook else None)
    except (ValueError, OverflowError, PagsError) as error:
        raise click.UsageError(f"--t0 '{text}': {error}. Try 22:00, +60m or 2026-11-24T22:00Z.") from None


def say_it_stays(text: str, row: RunRow) -> None:
    """A run that was begun before keeps its T+0, however it is called again. Raises UsageError as `moment` does."""
    moment(text)
    known = f"{row.t0:%Y-%m-%d %H:%M:%S} UTC" if row.t0 else "not set"
    tell(f"{row.id} was begun before: its T+0 stays as it is ({known}). Set or move it by name: ctrl+p.", err=True)
