"""The way back to a run whose guard lives: it loads no more than that takes, since somebody waits for the screen."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pags_tui.core.ports import RunRow
from pags_tui.edge.glance import open_run
from pags_tui.wiring.alive import answers, is_alive, is_here
from pags_tui.wiring.places import journal_at, socket_path
from pags_tui.wiring.stores import fixed


def living(db: str | None, path: str, run: str | None, kind: str) -> tuple[Path, RunRow] | None:
    """The journal and the open run of that id, else of the runbook in that file, if its guard is here and answers.

    The runbook is not judged: what counts is the one in the journal. None: look properly, there may be much to say.
    """
    store = fixed(journal_at(db))
    name = run or _id_in(path)
    if not isinstance(store, Path) or not name:
        return None
    found = open_run(store, "id" if run else "runbook", name, kind)
    if found is None:
        return None
    row, lease = found
    return (store, row) if is_here(lease) and is_alive(lease) and answers(socket_path(store, row.id)) else None


def _id_in(path: str) -> str | None:
    """What a runbook is called; None for a file that does not tell."""
    try:
        told = tomllib.loads(Path(path).read_text(encoding="utf-8"))["runbook"]["id"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return told if isinstance(told, str) else None
