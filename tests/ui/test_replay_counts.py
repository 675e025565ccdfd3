"""What a seek in a long recording costs, in counts: so many ticks decoded, and objects only for what is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pags_tui.core.events import GUARD, Event, RunStarted, TZeroSet
from pags_tui.core.judge import Judged
from pags_tui.core.ports import TickRow
from pags_tui.core.runbook import load
from pags_tui.core.series import Point, Reading, Tick
from pags_tui.core.tape import Decoder, Encoder
from pags_tui.core.tape.laid import Place
from pags_tui.replay import Recording, ReplayDesk
from pags_tui.ui.app import WarRoom
from pags_tui.ui.present.courses import KEPT, Course
from pags_tui.ui.widgets.metric_board import MetricBoard

START = datetime(2026, 11, 24, 20, tzinfo=UTC)
BOOK = load(Path("runbook.toml").read_text(), "runbook.toml")
TICKS, EVERY, SERIES = 900, 5.0, 3
BASES = 3
"""Whole ticks that a course of `KEPT` may lean on, one of them begun before it."""


def moment(number: int) -> datetime:
    """When that tick was shown."""
    return START + timedelta(seconds=EVERY * number)


def seen(number: int) -> Tick:
    """Three series a metric, each going up and down on its own; ages now and then."""
    readings = {}
    for place, name in enumerate(BOOK.metrics):
        points = tuple(
            Point((("instance", f"10.0.0.{series}"),), 0.1 * ((number * (series + 3) + place) % 17))
            for series in range(SERIES)
        )
        readings[name] = Reading(points, ages=tuple(Point(p.labels, 3.0) for p in points) if number % 6 == 1 else None)
    return Tick(moment(number).timestamp(), readings)


@cache
def rows() -> tuple[TickRow, ...]:
    """The ticks of an hour and a quarter, nearly all of them small."""
    encoder = Encoder()
    ticks = (Judged(number, moment(number), seen(number), {}, {}) for number in range(1, TICKS + 1))
    return tuple(TickRow(one.number, one.at, 0, encoder.encode(one)) for one in ticks)


def tape() -> Recording:
    """A recording, of which nothing is remembered yet."""
    started = RunStarted("night", "live", BOOK.text, BOOK.sha256, "runbook.toml", "production", "ana", "ana", "1")
    return Recording([Event(1, START, GUARD, started), Event(2, START, GUARD, TZeroSet(START))], rows())


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often something costly was done."""
    found: Counter[str] = Counter()

    def count(owner: type, name: str) -> None:
        real: Callable[..., Any] = getattr(owner, name)

        def counting(*args: Any) -> Any:
            found[owner.__name__] += 1
            return real(*args)

        monkeypatch.setattr(owner, name, counting)

    for owner, name in ((Decoder, "decode"), (Place, "reading"), (Course, "_made"), (MetricBoard, "draw")):
        count(owner, name)
    return found


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_seek_decodes_what_it_shows(size: tuple[int, int], counted: Counter[str]) -> None:
    """Each tick of the shown courses once, metrics below the edge not at all, and no point but of the newest tick."""
    desk = ReplayDesk(tape(), lambda: 0.0)
    app = WarRoom(desk, desk, beat=None)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        board = app.cockpit.query_one(MetricBoard)
        shown = board.size.height // board.ROW_HEIGHT
        assert bool(shown) == (size[0] >= 100)

        def seek(number: int) -> Counter[str]:
            counted.clear()
            desk.seek(moment(number))
            app.refresh_scene()
            app.screen._compositor.render_strips()
            return Counter(counted)

        far = seek(TICKS)
        assert far["Decoder"] <= (KEPT + BASES if shown else BASES)
        assert (far["Decoder"] >= KEPT) == bool(shown)
        assert far["Course"] <= min(len(BOOK.metrics), shown + 2)
        assert far["MetricBoard"] <= min(len(BOOK.metrics), shown + 2)
        assert far["Place"] <= 4 * len(BOOK.metrics)
        near = seek(TICKS - 1)
        assert near["Decoder"] <= 2
        assert near["Course"] <= shown + 2


def test_small_ticks_are_what_is_counted() -> None:
    """Nearly all ticks of that recording lean on a whole one: what is counted is what a long night is made of."""
    whole = sum(not row.payload.startswith(b"\x01") for row in rows())
    assert whole < TICKS / 100


def test_what_was_laid_out_comes_back() -> None:
    """Readings and flags made on demand equal those that were polled, in any order of asking."""
    recording = tape()
    for index in (600, 0, 599, 6, 7):
        assert recording.judged(index).tick == seen(index + 1)
        assert repr(recording.judged(index).tick) == repr(seen(index + 1))
