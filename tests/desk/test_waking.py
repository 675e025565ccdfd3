"""A screen over a guard that died: it starts another one, and its rollback waits for that."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from pags_tui.core.decide import asks as a
from pags_tui.core.events import Move, RollbackFinished
from pags_tui.core.updates import Began, Gone, Update
from pags_tui.desk.client import SocketDesk
from pags_tui.wiring import places
from pags_tui.wiring.clocks import SteadyClock
from tests.live import LEAD, SIX, FlagServer, begun, book_text, env_of, events_of, guarding, until


async def test_a_rollback_asked_over_a_dead_guard_is_done_by_the_next_one(tmp_path: Path) -> None:
    """kill -9 of the guard under an open screen, then the word is typed: a new guard starts and takes all six back."""
    db = tmp_path / "private" / "journal.db"
    with FlagServer(dict(SIX)) as flags, ExitStack() as guards:
        run = begun(db, book_text(flags))
        first = guards.enter_context(guarding(db, run, env_of(flags)))
        first.ready()
        told: list[Update] = []

        def wake() -> None:
            if not any(guard.process.poll() is None for guard in started):
                started.append(guards.enter_context(guarding(db, run, env_of(flags))))

        started = [first]
        desk = SocketDesk(places.socket_path(db, run), LEAD, SteadyClock(), wake=wake)
        await desk.attach(told.append)
        await until(lambda: any(isinstance(update, Began) for update in told), "the screen is attached")
        first.kill()
        await until(lambda: any(isinstance(update, Gone) for update in told), "the screen sees that nobody is there")
        moves = tuple(Move(key, value) for key, value in SIX.items())
        answer = await desk.ask(a.RollBack("rollback", moves))
        assert not answer.refused, answer.said
        assert len(started) == 2
        await until(lambda: finished(db, run), "the rollback is finished")
        await desk.detach()
    assert [(fact.verified, fact.of) for fact in finished(db, run)] == [(6, 6)]


def finished(db: Path, run: str) -> list[RollbackFinished]:
    """Every end of a rollback in the journal."""
    return [event.fact for event in events_of(db, run) if isinstance(event.fact, RollbackFinished)]
