"""A metric's dashboard: seen in its detail, copied with `y`, and nothing that is no web address."""

from __future__ import annotations

import pytest

from pags_tui.core.errors import RunbookError
from pags_tui.core.runbook import load
from pags_tui.ui.app import WarRoom
from pags_tui.ui.present import metric_detail
from pags_tui.ui.scene import Scene
from pags_tui.ui.screens import GraphScreen
from tests.ui.desks import ANA, NIGHT, FakeDesk, Night

ADDRESS = "https://grafana.example/d/queue?orgId=1&from=now-1h"


def book(address: str = ADDRESS) -> str:
    """A runbook whose queue has a dashboard."""
    head = "[metrics.queue-depth]\n"
    return NIGHT.read_text().replace(head, f'{head}dashboard = "{address}"\n')


def test_the_detail_shows_it() -> None:
    """With all else that is known of the metric."""
    told = Night(book()).tick()
    assert ("dashboard", ADDRESS) in metric_detail(Scene(told.state, told.now, ANA), "queue-depth")


async def test_y_copies_it() -> None:
    """On the metric's graph; a metric without one has nothing to copy."""
    app = WarRoom(FakeDesk(Night(book()).tick()), beat=None)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        for metric, copied in (("error-rate", ""), ("queue-depth", ADDRESS)):
            app.push_screen(GraphScreen(app.scene, metric))
            await pilot.pause()
            await pilot.press("y")
            assert app.clipboard == copied
            await pilot.press("escape")
            await pilot.pause()


@pytest.mark.parametrize("address", ["javascript:alert(1)", "grafana.example/d/1", "https://me:secret@host", ""])
def test_what_is_no_address_is_refused(address: str) -> None:
    """It is shown and recorded, so it holds no password, and it is whole."""
    with pytest.raises(RunbookError, match=r"night\.toml:\d+:\d+: "):
        load(book(address), "night.toml")
