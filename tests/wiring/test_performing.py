"""A rollback from a shell whose own order is in the journal already."""

from __future__ import annotations

from pathlib import Path

from pags_tui.core.events import Move, RollbackConfirmed, RollbackFinished
from pags_tui.wiring.clocks import SteadyClock
from pags_tui.wiring.journals import open_journal
from pags_tui.wiring.performing import Order, perform
from pags_tui.wiring.rollback import find_ground
from tests.live import LEAD, SIX, FlagServer, begun, book_text, env_of, state_of

MOVES = tuple(Move(key, value, "rollback/all-off") for key, value in SIX.items())


async def test_an_order_that_was_taken_in_is_not_confirmed_again_over_a_newer_one(tmp_path: Path) -> None:
    """Another process took it in and went on with a newer one, and has died: nothing of the older one is written."""
    db = tmp_path / "j" / "journal.db"
    with FlagServer({**SIX, "canary": 5}) as flags:
        run = begun(db, book_text(flags))
        ground = find_ground(None, db, env_of(flags), run)
        order = Order(MOVES, "All back", LEAD, lambda *_: None, ask_guard=False)
        newer = (Move("canary", 5, "rollback/all-off"), *MOVES[1:])
        with open_journal(db) as journal:
            mine = RollbackConfirmed(1, "All back", MOVES, order.cause)
            facts = (mine, RollbackConfirmed(2, "Five", newer), RollbackFinished(2, 6, 6))
            journal.append(run, facts, SteadyClock().now(), LEAD, None)
        state = await perform(ground, order, env_of(flags), lambda _: None)
        assert not flags.posts
    assert state.rollback is not None
    assert state.rollback.title == "Five"
    assert len(state_of(db, run).rollbacks) == 2
