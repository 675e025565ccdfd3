"""A replay shows at each moment what the night showed then: by seeking, by playing, by steps, from journal or file."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pags_tui.core.decide import asks as a
from pags_tui.core.errors import Refused
from pags_tui.core.events import GUARD, Event, HoldBegan, NoteAdded, Resumed, RunStarted, TZeroSet
from pags_tui.core.judge import Judged, encode_judged
from pags_tui.core.ports import TickRow
from pags_tui.core.series import Tick
from pags_tui.core.state import RunState, fold
from pags_tui.core.updates import Began, Happened, Ticked, Update
from pags_tui.edge.journal import export_run, open_readonly
from pags_tui.replay import Recording, ReplayDesk
from tests.live import LEAD, SIX, FlagServer, Night, book, book_text, env_of, running, until

START = datetime(2026, 11, 24, 21, tzinfo=UTC)
BOOK = book_text()


def at(seconds: float) -> datetime:
    """So long after the start."""
    return START + timedelta(seconds=seconds)


def tape() -> Recording:
    """T+0 ten seconds in, held from T+20s to T+50s of wall time, a note each 10 s, a tick each 5 s; 120 s."""
    facts: list[tuple[float, object]] = [
        (0, RunStarted("night", "live", BOOK, book(BOOK).sha256, "runbook.toml", "night", "ana", "ana", "1")),
        (1, TZeroSet(at(10))),
        *((10.0 * n, NoteAdded(f"note {n}")) for n in range(1, 13)),
        (30, HoldBegan("wait")),
        (60, Resumed("go on")),
    ]
    facts.sort(key=lambda pair: pair[0])
    events = [Event(n, at(seconds), GUARD, fact) for n, (seconds, fact) in enumerate(facts, 1)]  # type: ignore[arg-type]
    judged = [Judged(n, at(5.0 * n), Tick(at(5.0 * n).timestamp()), {}, {}) for n in range(1, 25)]
    return Recording(events, [TickRow(one.number, one.at, 0, encode_judged(one)) for one in judged])


TAPE = tape()


class Screen:
    """Folds what a desk feeds it, as the war room does."""

    def __init__(self) -> None:
        self.state = RunState()
        self.ticks: list[int] = []

    def receive(self, update: Update) -> None:
        """One update."""
        if isinstance(update, Began):
            self.state = fold(update.events)
            self.ticks = [judged.number for judged in update.ticks]
        elif isinstance(update, Happened):
            self.state = fold(update.events, self.state)
        elif isinstance(update, Ticked):
            self.ticks.append(update.judged.number)


class Steady:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def attached(begin: datetime | None = None) -> tuple[ReplayDesk, Screen]:
    """A desk that shows on a screen, and does not play by itself."""
    desk, screen = ReplayDesk(TAPE, Steady(), begin), Screen()
    await desk.attach(screen.receive)
    await desk.detach()
    return desk, screen


def as_it_was(moment: datetime) -> RunState:
    """The fold of all that had happened."""
    return fold(event for event in TAPE.events if event.at <= moment)


@given(st.lists(st.floats(-20, 150), min_size=1, max_size=6), st.booleans())
def test_at_any_moment_it_is_the_fold_up_to_then(moments: list[float], plays: bool) -> None:
    """Sought or played to, back or forth: state and ticks are those of the moment, and the ends hold."""

    async def work() -> None:
        desk, screen = await attached()
        for seconds in sorted(moments) if plays else moments:
            if plays:
                desk._go_on(max(at(seconds), desk.now()))
            else:
                desk.seek(at(seconds))
            moment = min(max(at(seconds), TAPE.start), TAPE.end)
            assert desk.now() == moment
            assert screen.state == as_it_was(moment)
            assert screen.ticks == [n for n in range(1, 25) if at(5.0 * n) <= moment]

    asyncio.run(work())


async def test_it_plays_at_its_speed_and_stops_at_the_end() -> None:
    """Sixty seconds of the run a second of the clock; played on from the end it begins again."""
    clock = Steady()
    desk, screen = ReplayDesk(TAPE, clock), Screen()
    await desk.attach(screen.receive)
    await asyncio.sleep(0)  # so that its own clock has been read once
    desk.set_speed(60)
    desk.play(True)
    clock.seconds += 1
    await until(lambda: desk.now() >= at(60), "a second has been played")
    assert desk.now() == at(60)
    assert screen.state == as_it_was(at(60))
    clock.seconds += 10
    await until(lambda: not desk.playing, "the end is reached")
    assert desk.now() == TAPE.end
    desk.play(True)
    assert (desk.now(), desk.playing) == (TAPE.start, True)
    desk.set_speed(10_000)
    assert desk.speed == 600
    await desk.detach()


async def test_it_steps_by_event_and_by_tick() -> None:
    """Forward and back land on the same stops; at the ends it stays."""
    desk, screen = await attached()
    seen = []
    for _ in range(4):
        desk.step_event(1)
        seen.append(desk.now())
    assert seen == [at(1), at(10), at(20), at(30)]
    assert screen.state.hold is not None
    desk.step_event(-1)
    assert desk.now() == at(20)
    desk.step_tick(1)
    desk.step_tick(1)
    assert desk.now() == at(30)
    desk.step_tick(-1)
    assert desk.now() == at(25)
    desk.seek(TAPE.end)
    desk.step_event(1)
    assert desk.now() == TAPE.end
    desk.seek(TAPE.start)
    desk.step_event(-1)
    assert desk.now() == TAPE.start


@pytest.mark.parametrize(("t", "wall"), [(0, 10), (5, 15), (20, 30), (21, 61), (50, 90), (-5, 5)], ids=str)
async def test_a_moment_of_t_counts_the_hold(t: float, wall: float) -> None:
    """T stands for thirty seconds: what comes after the hold lies so much later; beyond the end is the end."""
    assert TAPE.moment_of_t(t) == at(wall)
    desk, _ = await attached(TAPE.moment_of_t(t))
    assert desk.now() == at(wall)


async def test_a_replay_answers_nothing() -> None:
    """Whatever is asked of it is refused; it has one seat and no run without an event."""
    desk, _ = await attached()
    assert (await desk.ask(a.AddNote("x"))).refused
    assert desk.seat == "replay"
    with pytest.raises(Refused):
        Recording((), ())


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    """A live run with flags."""
    with FlagServer(SIX) as flags:
        found = Night(tmp_path / "j", book_text(flags), env_of(flags))
        yield found
        found.close()


async def test_an_exported_run_replays_as_the_journal_has_it(night: Night, tmp_path: Path) -> None:
    """The recording holds every event and every tick of the run; its last moment is the state that the guard had."""
    driver = night.driver()

    async def work() -> None:
        await driver.ask(LEAD, a.SetFlags("go/canary", "10"))
        await driver.settle()
        await until(lambda: driver.record.number > 3, "some ticks were taken")

    await running(driver, work)
    file = export_run(night.journal, night.run, tmp_path / "night.db")
    with open_readonly(file) as reader:
        copy = Recording(reader.events(night.run), reader.ticks(night.run))
        assert reader.verify(night.run) is None
    original = Recording(night.events, night.journal.ticks(night.run))
    assert copy.events == original.events
    assert copy.rows == original.rows
    assert fold(copy.story(copy.end).events) == driver.record.state
    assert [judged.number for judged in copy.story(copy.end).ticks] == [row.tick for row in original.rows]
