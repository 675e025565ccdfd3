"""A live run marks its events on Grafana's graphs; a rehearsal marks nothing; a Grafana that fails stops nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.events import Event, HoldBegan, Notified, Resumed
from pags_tui.core.runbook import load
from pags_tui.driver import notices
from pags_tui.wiring.services import open_marks
from tests.core.stories import Story
from tests.grafana import GRAFANA_TOKEN, Grafana
from tests.live import LEAD, SIX, FlagServer, Night, book_text, env_of, running, until

KINDS = ("flag", "hold")
SECTION = '[services.grafana]\nurl = "${GRAFANA}"\ntoken = "${GRAFANA_TOKEN}"\n'


def milliseconds(event: Event) -> int:
    """When it was, as Grafana counts."""
    return round(event.at.timestamp() * 1000)


async def moved(folder: Path, grafana: Grafana, kind: str, lines: int) -> Night:
    """A run in which a flag moves, and T is held and runs again; until so many marks are there."""
    with FlagServer(SIX) as flags:
        text = book_text(flags, services=SECTION)
        env = env_of(flags) | {"GRAFANA": grafana.url, "GRAFANA_TOKEN": GRAFANA_TOKEN}
        night = Night(folder / kind, text, env, kind)
        driver = night.driver(marks=open_marks(load(text), env))

        async def work() -> None:
            for ask in (a.SetFlags("go/canary", "10"), a.HoldClock("<pager>"), a.Resume("go on")):
                assert not (answer := await driver.ask(LEAD, ask)).refused, answer.said
                await driver.settle()
            written = lambda: len([t for t in grafana.targets if t[:3] != "GET"])  # noqa: E731
            await until(lambda: max(written(), len(night.facts(Notified))) >= lines, "the marks are there")

        await running(driver, work)
        return night


async def test_a_night_is_marked(tmp_path: Path) -> None:
    """Flag and hold, with what, who and which run; a hold becomes a region; the journal holds no token and no line."""
    with Grafana() as grafana:
        night = await moved(tmp_path, grafana, "live", 3)
    flag, hold = sorted(grafana.made, key=lambda mark: mark["time"])
    assert [mark["tags"] for mark in (flag, hold)] == [["pags-tui", "night", "production", kind] for kind in KINDS]
    assert flag["text"] == "[The night ▸ production] canary → 10: verified"
    assert "timeEnd" not in flag
    held, over = (next(one for one in night.events if isinstance(one.fact, kind)) for kind in (HoldBegan, Resumed))
    assert (hold["time"], hold["timeEnd"]) == (milliseconds(held), milliseconds(over))
    assert hold["text"].endswith(f"by {LEAD.shown}: &lt;pager&gt;; it runs again ({LEAD.shown})")
    assert grafana.targets[-1] == f"PATCH /api/annotations/{grafana.made.index(hold) + 1}"
    assert night.facts(Notified) == []
    night.close()
    assert GRAFANA_TOKEN.encode() not in night.db.read_bytes()


async def test_a_hold_whose_mark_cannot_be_changed_is_marked_anew(tmp_path: Path) -> None:
    """A token that may only create: its beginning stays a mark, and its end makes a region."""
    with Grafana() as grafana:
        grafana.patching = 403
        night = await moved(tmp_path, grafana, "live", 4)
    begun, whole = [mark for mark in grafana.made if mark["tags"][-1] == "hold"]
    assert begun["time"] == whole["time"] < whole["timeEnd"]
    assert "timeEnd" not in begun
    assert night.facts(Notified) == []
    night.close()


async def test_a_region_is_not_made_twice_where_nobody_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What may have arrived is asked again, which changes nothing more; then the log says that it is in doubt."""
    monkeypatch.setattr(notices, "TRIES", 2)
    with Grafana() as grafana:
        grafana.patching = "lost"
        night = await moved(tmp_path, grafana, "live", 2 + notices.TRIES)
    assert [target[:5] for target in grafana.targets] == ["POST "] * 2 + ["PATCH"] * notices.TRIES
    assert sorted(mark["tags"][-1] for mark in grafana.made) == sorted(KINDS)
    ((failed,),) = [[one.failed for one in night.facts(Notified)]]
    assert "status 503" in failed
    night.close()


async def test_a_guard_that_came_later_marks_the_whole_hold() -> None:
    """Nobody knows the number of a mark that another guard made: the hold is marked as a region of its own."""
    with Grafana() as grafana:
        marks = open_marks(load(book_text(services=SECTION)), {"GRAFANA": grafana.url, "GRAFANA_TOKEN": GRAFANA_TOKEN})
        notifier = notices.Notifier({}, True, marks=marks)
        story = Story().happened(HoldBegan("x")).later(40).happened(Resumed("go on"))
        notifier.event(story.events[-1], story.state)
        await notifier.close()
    (whole,) = grafana.made
    assert whole["timeEnd"] - whole["time"] == 40_000
    assert "T was held for 40s by" in whole["text"]


async def test_a_rehearsal_and_a_demo_mark_nothing(tmp_path: Path) -> None:
    """Not even when the service is there."""
    with Grafana() as grafana:
        for kind in ("rehearsal", "demo"):
            (await moved(tmp_path, grafana, kind, 0)).close()
    assert grafana.targets == []


async def test_what_could_not_be_marked_is_in_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused once, not asked again; the run goes on."""
    with Grafana() as grafana:
        grafana.manner = 403
        night = await moved(tmp_path, grafana, "live", 3)
    failed: list[Any] = night.facts(Notified)
    assert [(one.to, "annotations:create" in one.failed) for one in failed] == [(notices.MARKS, True)] * 3
    assert len(grafana.targets) == 3
    assert night.state.flag("canary").seen == 10
    night.close()
