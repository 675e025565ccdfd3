"""A live run marks its events on Grafana's graphs; a rehearsal marks nothing; a Grafana that fails stops nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pags_tui.core.decide import asks as a
from pags_tui.core.events import HoldBegan, Notified
from pags_tui.core.runbook import load
from pags_tui.driver import notices
from pags_tui.wiring.services import open_marks
from tests.grafana import GRAFANA_TOKEN, Grafana
from tests.live import LEAD, SIX, FlagServer, Night, book_text, env_of, running, until

SECTION = '[services.grafana]\nurl = "${GRAFANA}"\ntoken = "${GRAFANA_TOKEN}"\n'


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
            await until(lambda: len(grafana.made) + len(night.facts(Notified)) >= lines, "the marks are there")

        await running(driver, work)
        return night


async def test_a_night_is_marked(tmp_path: Path) -> None:
    """Flag, hold, resume, in order, with what, who and which run; the journal holds no token and no line about it."""
    with Grafana() as grafana:
        night = await moved(tmp_path, grafana, "live", 3)
    told = sorted((mark["time"], mark["tags"], mark["text"]) for mark in grafana.made)
    assert [tags for _, tags, _ in told] == [
        ["pags-tui", "night", "production", kind] for kind in ("flag", "hold", "hold")
    ]
    assert told[0][2] == "[The night ▸ production] canary → 10: verified"
    assert told[1][2].endswith("T is held by " + LEAD.shown + ": &lt;pager&gt;")
    held = next(event for event in night.events if isinstance(event.fact, HoldBegan))
    assert told[1][0] == round(held.at.timestamp() * 1000)
    assert night.facts(Notified) == []
    night.close()
    assert GRAFANA_TOKEN.encode() not in night.db.read_bytes()


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
