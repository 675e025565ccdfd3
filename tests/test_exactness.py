"""A replay is the night again: every row of the live screen, at every moment that counts, cell by cell.

Live screens are captured while a night runs: one that was there all along, and one that somebody opens just then.
Afterwards the run is exported, and a replay is asked to show the same moments.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pags_tui.core.decide import View
from pags_tui.core.decide import asks as a
from pags_tui.core.events import Actor
from pags_tui.core.runbook import load
from pags_tui.core.updates import Began, Happened, Ticked
from pags_tui.edge.journal import export_run, open_readonly
from pags_tui.replay import Recording
from pags_tui.ui import present
from pags_tui.ui.app import WarRoom
from pags_tui.ui.scene import Scene, Stage
from pags_tui.wiring import demo
from pags_tui.wiring.clocks import LeapClock
from pags_tui.wiring.runs import Start
from tests.live import SIX, FlagServer, MetricServer, Night, book_text, env_of, running, until
from tests.pictures import SETTLED, NearDesk, Row, differing, live, replayed, rows
from tests.runs.make import NIGHTS, tape

ROOT = Path(__file__).resolve().parents[1]
SIZES = ((80, 24), (120, 40))
START = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)


@dataclass
class Shot:
    """What one live screen showed."""

    what: str
    moment: datetime
    size: tuple[int, int]
    keys: tuple[str, ...]
    rows: list[Row]


Moments = dict[str, Callable[[View], object]]

INCIDENT: Moments = {
    "before T": lambda view: (view.state.t(view.now) or 0) > -600 and view.triggers,
    "moved": lambda view: any(change.result == "verified" for change in view.state.changes.values()),
    "held": lambda view: view.state.hold and not view.state.rolling_back and not view.state.rollback,
    "resumed": lambda view: (view.state.t(view.now) or 0) > 60 and not view.state.hold,
    "pending": lambda view: any(v.now == "pending" for v in view.triggers.values()) and view.state.changes,
    "counting down": lambda view: view.state.countdown,
    "rolled back": lambda view: view.state.rollback and view.state.rollback.finished,
}
"""Moments of a canary whose errors rise: held once by hand, then rolled back; each the first time that it is true."""
LOUD = ("counting down", "rolled back")
"""Moments at which every pane is looked at in the small terminal as well."""


async def shots_of(night: demo.Demo, moments: Moments, folder: Path) -> tuple[list[Shot], Recording]:
    """The night played to its end, with what its screens showed on the way; and its recording."""
    found: list[Shot] = []
    left, held = dict(moments), False
    driver = night.driver()
    async with AsyncExitStack() as stack:
        there = [(size, WarRoom(NearDesk(driver), beat=None)) for size in SIZES]
        await driver.begin()
        pilots = [await stack.enter_async_context(app.run_test(size=size)) for size, app in there]
        for _ in range(5000):
            view = driver.view(night.lead)
            for what in [name for name, true in left.items() if true(view)]:
                del left[what]
                await night.clock.sleep(1)  # a moment of its own: nothing else happens at it
                for (size, app), pilot in zip(there, pilots, strict=True):
                    app.refresh_scene()
                    await pilot.press(*SETTLED)
                    await pilot.pause()
                    found.append(Shot(f"{what}, there all along", driver.record.clock.now(), size, (), rows(app)))
                    for keys in ((), ("3",), ("4",), ("5",)) if size == SIZES[0] and what in LOUD else ((),):
                        seen = await live(driver, size, *keys)
                        found.append(Shot(f"{what}, opened", driver.record.clock.now(), size, keys, seen))
                await night.clock.sleep(1)
            if demo.is_over(view):
                break
            if "moved" not in left and not held:
                held = True
                await driver.ask(night.lead, a.HoldClock("the pager rang"))
                continue
            await driver.turn()
            if "held" not in left or not view.state.hold:
                await demo._work(driver, night)
            await driver.nap()
        driver.stop("the night is over")
        await driver.finish()
    assert not left, f"never seen: {list(left)}"
    file = export_run(night.journal, night.run, folder / "night.db")
    with open_readonly(file) as reader:
        return found, Recording(reader.events(night.run), reader.ticks(night.run))


@pytest.mark.long
async def test_a_night_that_is_rolled_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The repository's own runbook on the simulator: quiet, moved, held, resumed, pending, countdown, rolled back."""
    monkeypatch.setattr(demo, "Start", lambda kind, *rest: Start("live", *rest))
    plan = demo.Plan(load((ROOT / "runbook.toml").read_text(), "runbook.toml"), "error-spike", 60.0, tmp_path / "d.db")
    night = demo.Demo(plan, LeapClock(START), lockstep=True)
    try:
        shots, recording = await shots_of(night, INCIDENT, tmp_path)
    finally:
        night.close()
    assert len(shots) == len(INCIDENT) * 4 + len(LOUD) * 3
    wrong = []
    for shot in shots:
        again = await replayed(recording, shot.moment, shot.size, *shot.keys)
        if found := differing(shot.rows, again):
            wrong.append("\n".join([f"{shot.what} {shot.size} {shot.keys}", *found]))
    assert not wrong, "\n\n".join(wrong)


async def test_a_tick_is_replayed_from_when_it_was_shown(tmp_path: Path) -> None:
    """While answers are awaited a screen shows the tick before; so does the replay of that moment, on a real clock."""
    with FlagServer(SIX) as flags, MetricServer(errors=1) as metrics:
        night = Night(tmp_path / "j", book_text(flags, metrics), env_of(flags, metrics))
        driver, shots = night.driver(), []
        sampler = driver.senses.sampler
        assert sampler is not None
        at_once, waits = sampler.tick, asyncio.Event()

        async def slowly(*asked: Any) -> Any:
            found = await at_once(*asked)
            if waits.is_set():
                await asyncio.sleep(0.6)
            return found

        async def work() -> None:
            app = WarRoom(NearDesk(driver), beat=None)
            async with app.run_test(size=SIZES[0]) as pilot:
                await until(lambda: driver.record.number > 3, "some ticks were taken")
                waits.set()
                metrics.values["errors"] = 9
                for _ in range(3):
                    await asyncio.sleep(0.25)
                    await pilot.press("g")
                    await pilot.pause()
                    app.refresh_scene()
                    await pilot.pause()
                    shots.append((app.scene.now, rows(app)))

        sampler.tick = slowly  # type: ignore[method-assign]
        await running(driver, work)
        recording = Recording(night.events, night.journal.ticks(night.run))
        night.close()
    assert any(row.at - recording.judged(n).at > timedelta(seconds=0.5) for n, row in enumerate(recording.rows))
    for moment, seen in shots:
        assert not differing(seen, await replayed(recording, moment, SIZES[0]))


def panes(scene: Scene) -> dict[str, object]:
    """Every row of every pane, as a screen would draw them."""
    book = scene.state.runbook
    return {
        "header": replace(present.header(scene), kinds=()), "band": present.band(scene),
        "timeline": present.timeline(scene), "metrics": present.metrics(scene), "board": present.board(scene),
        "strip": present.strip(scene), "log": present.log(scene),
        **{phase.id: present.checklist(scene, phase.id) for phase in book.phases},
        **{metric: present.metric_detail(scene, metric) for metric in book.metrics},
        **{f"graph {metric}": replace(present.graph(scene, metric), number=None) for metric in book.metrics},
    }  # fmt: skip


@pytest.mark.parametrize("name", ["rough", *(pytest.param(name, marks=pytest.mark.long) for name in NIGHTS[:2])])
def test_every_moment_of_a_night_has_the_rows_of_then(name: str) -> None:
    """A screen that was there all along, event by event and tick by tick, in the middle of a rollback too: a jump to
    that moment shows the same rows, from the last one to the first."""
    recording = tape(name)
    lived = Stage(Actor("ana"), "replay", recording.start)
    told = [(at, 0, number) for number, at in enumerate(recording.event_times)]
    told += [(at, 1, number) for number, at in enumerate(recording.tick_times)]
    moments: dict[datetime, dict[str, object]] = {}
    lived.receive(Began((), (), recording.start))
    for at, kind, number in sorted(told):
        if kind:
            lived.receive(Ticked(recording.judged(number)))
        else:
            lived.receive(Happened((recording.events[number],)))
        if lived.scene(at).state.run is not None:
            moments[at] = panes(lived.scene(at))
    assert len(moments) > 20
    for at, rows_then in reversed(moments.items()):
        jumped = Stage(Actor("ana"), "replay", at)
        jumped.receive(recording.story(at))
        assert panes(jumped.scene(at)) == rows_then
