"""The way from here to a run's guard: over this host's socket, or through the database that several hosts share.

What the second way is made of is imported only where the journal is a database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from pags_tui.core.decide.asks import Accepted, Ask
from pags_tui.core.events import Actor
from pags_tui.core.series import Seconds
from pags_tui.desk.client import SocketDesk, ask_once
from pags_tui.desk.glass import Glass
from pags_tui.desk.port import Desk, Seat
from pags_tui.wiring import places
from pags_tui.wiring.alive import answers
from pags_tui.wiring.clocks import SteadyClock
from pags_tui.wiring.journals import Store


def desk_at(
    store: Store,
    run: str,
    name: str,
    seat: Seat = "desk",
    wake: Callable[[], None] | None = None,
    glass: Glass | None = None,
) -> Desk:
    """A seat at the guard of that run, wherever it is; it moves when the guard has. Raises JournalError."""

    def here() -> Desk:
        return SocketDesk(places.socket_path(store, run), Actor(places.user(), name), SteadyClock(), seat, wake, glass)

    if isinstance(store, Path):
        return here()
    from pags_tui.desk.roaming import RoamingDesk
    from pags_tui.wiring import afar

    return RoamingDesk(
        lambda: afar.guard_is_here(store, run), here, lambda: afar.remote_desk(store, run, name, seat, wake, glass)
    )


def ask_at(store: Store, run: str, name: str, ask: Ask, patience: Seconds) -> Accepted:
    """One ask from a shell. Raises Unreachable when no guard answers in time, Refused when it will not talk to us."""
    me, path = Actor(places.user(), name), places.socket_path(store, run)
    if isinstance(store, Path) or answers(path):
        return asyncio.run(ask_once(path, me, SteadyClock(), ask, patience))
    from pags_tui.wiring import afar

    return afar.ask(store, run, name, ask, patience)
