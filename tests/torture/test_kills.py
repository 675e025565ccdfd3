"""kill -9 of the guard at random moments of a driven night, again and again. After each one the books must agree."""

from __future__ import annotations

import asyncio
import random
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from pags_tui.core.events import FlagAsked, RollbackFinished
from pags_tui.edge.journal import open_readonly
from pags_tui.wiring import places
from pags_tui.wiring.clocks import wall
from pags_tui.wiring.guards import answers
from tests.live import TOKEN, begun, guarding, state_of, wait_until
from tests.torture.figures import keep, times
from tests.torture.night import FLAGS, Hands, Story, Watchful, book_text, values_of

KILLS = times(12, 300)
EARLY = 0.2
"""The part of the guards that is killed while they start."""
A_NIGHT = (10, 20)
"""Kills of one night; the last third of them hits a rollback."""
SEED = 20261125


class Torture:
    """One journal, one flag service, night after night."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.db = folder / "journal.db"
        self.dice = random.Random(seed)
        self.service = Watchful(self.db, seed)
        self.service.token = TOKEN
        self.kills = self.early = self.events = self.rollbacks = 0

    def night(self, kills: int) -> list[str]:
        """A night with so many kills; everything that is wrong after one of them."""
        run = begun(self.db, book_text(), wall())
        story = Story()
        hands = Hands(story, self.dice)
        for number in range(kills):
            hands.give_up = number >= kills * 2 // 3
            self._guard_and_kill(run, hands)
            if wrong := self._wrong(run, story):
                return [f"kill {number + 1} of {run}: {one}" for one in wrong]
        return self._last(run, hands)

    def _guard_and_kill(self, run: str, hands: Hands) -> None:
        """A guard, driven until it is killed at a moment that nobody chose: while it starts, or at work."""
        socket = places.socket_path(self.db, run)
        with guarding(self.db, run, self._env()) as guard:
            if self.dice.random() < EARLY:
                time.sleep(self.dice.uniform(0, 2))
                self.early += 1
            else:
                wait_until(lambda: guard.process.poll() is not None or answers(socket), "the guard answers")
                ends = time.monotonic() + self.dice.choice((self.dice.uniform(0, 1), self.dice.uniform(0, 4)))
                killer = threading.Timer(ends - time.monotonic(), guard.process.kill)
                killer.start()
                while time.monotonic() < ends and guard.process.poll() is None:
                    asyncio.run(hands.work(socket, max(ends - time.monotonic(), 0)))
                    time.sleep(0.02)
                killer.join()
            guard.process.kill()
            guard.process.wait()
            assert guard.process.returncode == -signal.SIGKILL, guard.said
        self.kills += 1

    def _env(self) -> dict[str, str]:
        return {"METRICS": self.service.url, "FLAG_API": self.service.url, "API_KEY": TOKEN}

    def _wrong(self, run: str, story: Story) -> list[str]:
        with open_readonly(self.db) as journal:
            kept, broken = tuple(journal.events(run)), journal.verify(run)
        return [*story.against(kept), *self.service.wrong(), *([f"the chain: {broken.reason}"] if broken else [])]

    def _last(self, run: str, hands: Hands) -> list[str]:
        """The guard that nobody kills: it finishes the rollback, and everything is back."""
        with guarding(self.db, run, self._env()) as guard:
            hands.give_up = True

            def rolled_back() -> bool:
                with suppress(OSError):
                    asyncio.run(hands.work(places.socket_path(self.db, run), 0.5))
                rollback = state_of(self.db, run).rollback
                return rollback is not None and rollback.finished is not None

            wait_until(rolled_back, "the rollback is finished")
            guard.end()
        with open_readonly(self.db) as journal:
            facts = [event.fact for event in journal.events(run)]
        finished = [fact for fact in facts if isinstance(fact, RollbackFinished)]
        self.events += len(facts)
        self.rollbacks += len(finished)
        wrong = self._wrong(run, hands.story)
        wrong += [] if [(one.verified, one.of) for one in finished] == [(6, 6)] else [f"rolled back: {finished}"]
        wrong += [] if set(values_of(self.service).values()) == {0} else [f"left: {values_of(self.service)}"]
        return wrong

    def told(self) -> str:
        """What the nights held."""
        asked = [one.intent for one in self.service.arrived if one.intent]
        forward = sum(one.purpose == "forward" for one in asked if isinstance(one, FlagAsked))
        return (
            f"{self.kills} kills (seed {SEED}; {self.early} while it started), {self.events} events, "
            f"{forward} forward and {len(asked) - forward} rollback writes, "
            f"{self.rollbacks} rollbacks of {len(FLAGS)} flags"
        )


@pytest.mark.long
def test_killed_at_any_moment_nothing_recorded_is_lost_and_nothing_is_written_twice(tmp_path: Path) -> None:
    """After each kill -9 every event that was told or answered is kept as it was, the fold of both is one, the chain is
    whole, each write came once, with its intent in the journal before it. In the end all six flags are back."""
    torture = Torture(tmp_path / "j", SEED)
    with torture.service:
        while torture.kills < KILLS:
            assert not torture.night(min(torture.dice.randint(*A_NIGHT), max(KILLS - torture.kills, 6)))
    forward = sum(one.intent is not None and one.intent.purpose == "forward" for one in torture.service.arrived)
    assert forward
    assert torture.rollbacks
    keep("kill -9 of the guard", torture.told(), f"{torture.kills} of {torture.kills}", "no event, no write twice")
