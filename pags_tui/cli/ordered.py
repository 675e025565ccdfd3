"""A rollback that a screen has confirmed and that no guard performs: the order on stdin, what happens on stdout.

It outlives the screen: what nobody reads any more is passed over.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pags_tui.cli.bad_line import Teller, unstoppable
from pags_tui.cli.common import INCOMPLETE
from pags_tui.core.errors import PagsError

if TYPE_CHECKING:
    from pags_tui.core.runbook import Runbook
    from pags_tui.wiring.journals import Store

NOTE = "The guard did not take the rollback that was confirmed on a screen: a process of its own performs it."


def carry_out(raw: bytes, db: Store, env: Mapping[str, str]) -> int:
    """Performs the order; 0 when all of it is verified, 5 when not. Raises Refused for what is no order."""
    from pags_tui.core.decide.flags import UNNAMED
    from pags_tui.core.plan.confirmed import not_made
    from pags_tui.desk.wire import read_order, update_line
    from pags_tui.wiring.performing import Order, perform
    from pags_tui.wiring.places import user
    from pags_tui.wiring.rollback import find_ground

    told = read_order(raw)
    ground = find_ground(_book(told.text), db, env, told.run)
    with Teller() as teller:
        order = Order(
            told.ask.moves,
            told.ask.title,
            told.by(user()),
            lambda _, update: teller.say(update_line(update).rstrip(b"\n")),
            told.ask.cause,
            NOTE,
            ask_guard=False,
        )
        with unstoppable(teller):
            state = asyncio.run(perform(ground, order, env, teller.warn))
    return INCOMPLETE if not_made(state, told.ask.title or UNNAMED, told.ask.moves)[0] else 0


def _book(text: str) -> Runbook | None:
    """The runbook as the screen knew it: what a rollback goes by where the journal cannot be read."""
    from pags_tui.core.runbook import load

    with contextlib.suppress(PagsError):
        return load(text, "runbook.toml") if text else None
    return None
