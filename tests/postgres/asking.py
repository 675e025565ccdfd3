"""One ask to a guard on a host played here."""

from __future__ import annotations

import asyncio

from pags_tui.core.decide import asks as a
from pags_tui.core.decide.asks import Accepted
from pags_tui.desk.remote import Place, ask_through
from pags_tui.wiring.journals import open_board
from tests.postgres.hosts import Host


def ask_flag(host: Host, run: str, value: str = "10", patience: float = 20.0) -> Accepted:
    """The first flag change, through the database."""
    return ask(host, run, a.SetFlags("go/canary", value), patience)


def ask(host: Host, run: str, what: a.Ask, patience: float = 20.0) -> Accepted:
    """That ask, through the database."""
    reader, board = open_board(host.db, run, "said")
    with reader:
        return asyncio.run(ask_through(board, Place(run, host.name, f"{host.name} test"), what, patience))
