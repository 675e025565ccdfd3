"""The pages of `watch --web`: each begins `watch` anew, in a process of its own."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import click


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the pages are served, and for whom."""

    host: str
    port: int
    anyone: bool


def checked(pages: Pages) -> Pages:
    """The same. Raises Refused for an address that others reach, unless that was asked for."""
    from pags_tui.wiring.web import check_host

    check_host(pages.host, pages.anyone)
    return pages


def serve_pages(pages: Pages, run_id: str | None, of: str, name: str, db: str | None) -> int:
    """Serves until it is ended."""
    from pags_tui.wiring.web import serve

    if db:  # not as a word: an address may hold a password, and words show in the process list
        os.environ["PAGS_TUI_DB"] = db if "://" in db else str(Path(db).resolve())
    given = (("--run", run_id), ("--of", of), ("--as", name))
    words = [sys.executable, "-m", "pags_tui", "watch", "--in-browser"]
    words += [word for option, value in given if value for word in (option, value)]
    title = f"pags-tui: {run_id or 'the newest run'}"
    serve(words, title, pages.host, pages.port, lambda text: click.echo(text, err=True))
    return 0
