"""What was left beside the journal and comes into it late: no old order is carried out after a newer decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from pags_tui.core.events import (
    Event,
    Fact,
    FlagAnswered,
    FlagAsked,
    HoldBegan,
    Move,
    NoteAdded,
    RollbackConfirmed,
    RollbackFinished,
)
from pags_tui.driver import Driver, Spill, left_behind
from tests.live import LEAD, SIX, FlagServer, Night, running, until

MOVES = tuple(Move(key, value, "rollback/all-off") for key, value in SIX.items())
OLD: tuple[Fact, ...] = (
    RollbackConfirmed(1, "All back", MOVES),
    HoldBegan("rolling back", "rollback"),
    FlagAsked(1, "canary", 0, 10, "rollback", "rollback/all-off", 1),
    FlagAnswered(1, "unknown", 10, "no answer"),
    FlagAsked(2, "brain", False, True, "rollback", "rollback/all-off", 1),
    FlagAnswered(2, "verified", False),
)
"""An order that somebody had to leave unfinished: one flag is back."""


def left(night: Night, facts: Iterable[Fact] = OLD) -> Path:
    """The file of that order, an hour old by its events or more."""
    spill, at = Spill([night.folder], "rollback-20261124T220000.jsonl"), night.state.at
    assert at is not None
    rows = [Event(n, at + timedelta(milliseconds=n), LEAD, fact) for n, fact in enumerate(facts, night.state.seq + 1)]
    spill.add(night.run, rows)
    assert spill.path is not None
    return spill.path


def merged(night: Night) -> Driver:
    """A driver that has taken in what there is."""
    driver = night.driver()
    for found in left_behind([night.folder], night.run):
        driver.record.merge(found)
    return driver


async def watched(driver: Driver) -> None:
    """That driver, for some ticks."""
    await running(driver, lambda: until(lambda: driver.record.number >= 2, "it has ticked twice"))


async def test_an_order_is_not_carried_out_after_traffic_went_forward_again(night: Night, flags: FlagServer) -> None:
    """It is in the journal as given up, loudly, and T is held; the flag that was set since keeps its value."""
    flags.values.update(SIX, canary=10)
    left(night)
    night.write(FlagAsked(1, "canary", 10, 0, "forward", "go/canary"), FlagAnswered(1, "verified", 10))
    await watched(merged(night))
    assert not flags.posts
    state = night.state
    assert state.rollback is not None
    assert (state.rolling_back, state.rollback.verified, state.hold is not None) == (False, 1, True)
    assert state.flag("canary").seen == 10
    assert any("nothing more is written" in one.text for one in night.facts(NoteAdded))


async def test_an_order_is_not_carried_out_after_a_newer_one_with_its_flags(night: Night, flags: FlagServer) -> None:
    """Only a note tells of it: the newer one is what counts, and is whole."""
    flags.values.update(SIX, canary=5)
    left(night)
    newer = tuple(Move(move.flag, 5 if move.flag == "canary" else move.value, move.step) for move in MOVES)
    night.write(RollbackConfirmed(1, "Five", newer), RollbackFinished(1, 6, 6))
    await watched(merged(night))
    assert not flags.posts
    assert [one.title for one in night.facts(RollbackConfirmed)] == ["Five"]
    assert night.state.hold is None
    assert any("'All back'" in one.text for one in night.facts(NoteAdded))


async def test_an_older_order_waits_for_a_newer_one_that_runs(night: Night, flags: FlagServer) -> None:
    """The newer one goes to its end; the file stays until then, and its order is given up."""
    flags.values.update(SIX, canary=50, mail=True)
    path = left(night)
    night.write(RollbackConfirmed(1, "Canary", (Move("canary", 5, "rollback/all-off"),)))
    driver = merged(night)
    assert path.exists()
    await running(driver, lambda: until(lambda: not driver.record.state.rolling_back, "it is over"))
    assert flags.posts == [("canary", 5)]
    await watched(merged(night))
    assert not path.exists()
    assert flags.posts == [("canary", 5)]
    assert [one.title for one in night.facts(RollbackConfirmed)] == ["Canary", "All back"]
    assert not night.state.rolling_back


@pytest.mark.parametrize("meanwhile", [False, True])
async def test_a_file_that_comes_back_is_not_merged_again(night: Night, flags: FlagServer, meanwhile: bool) -> None:
    """Somebody puts an older copy of it back, or it could not be set aside: its order was carried out once. Also where
    its numbers had to be moved on."""
    if meanwhile:
        night.write(FlagAsked(1, "cache", True, False, "forward", "go/four"), FlagAnswered(1, "verified", True))
    flags.values.update(SIX, canary=10)
    path = left(night)
    text = path.read_text()
    driver = merged(night)
    await running(driver, lambda: until(lambda: not driver.record.state.rolling_back, "it is over"))
    assert flags.values == SIX
    flags.values["canary"], flags.posts[:] = 10, []
    count = len(night.events)
    path.write_text(text)
    driver = merged(night)
    assert len(night.events) == count
    await watched(driver)
    assert not flags.posts


async def test_a_time_without_its_zone_stops_nothing(night: Night, flags: FlagServer) -> None:
    """Somebody has edited the file: its lines stay in it, and a guard begins all the same."""
    path = left(night)
    path.write_text(path.read_text().replace("+00:00", ""))
    await watched(merged(night))
    assert path.exists()
    assert not flags.posts
