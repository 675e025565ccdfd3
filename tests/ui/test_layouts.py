"""What is on the screen at each size, and where the style sheets lie."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widget import Widget

from pags_tui.ui import layouts
from tests.ui.gallery import Gallery

PANES = ("header", "band", "timeline", "checklist", "metrics", "gates", "gate-strip", "facts", "log", "footer")

ALL = {"header", "timeline", "checklist", "metrics", "gates", "log", "footer"}
ONE = {"header", "checklist", "gate-strip", "facts", "log", "footer"}
LEAST = {"header", "checklist", "gate-strip", "footer"}

SIZES = {
    "200x50": ((200, 50), ALL),
    "120x40": ((120, 40), ALL),
    "100x24": ((100, 24), ALL),
    "99x40": ((99, 40), ONE),
    "80x24": ((80, 24), ONE),
    "60x18": ((60, 18), ONE),
    "59x40": ((59, 40), LEAST),
    "120x17": ((120, 17), LEAST),
    "40x10": ((40, 10), LEAST),
}


def seen(app: Gallery) -> set[str]:
    """Ids of what takes any room."""
    return {name for name in PANES if takes_room(app.screen.query_one(f"#{name}"))}


def takes_room(widget: Widget) -> bool:
    """Whether it is shown, with its parents."""
    return widget.is_on_screen and widget.size.height > 0 and widget.size.width > 0


@pytest.mark.parametrize(("size", "expected"), SIZES.values(), ids=SIZES.keys())
async def test_what_each_size_shows(size: tuple[int, int], expected: set[str]) -> None:
    """All panes from a hundred columns on; below, one pane, a strip of gates and the facts; tiny, the least."""
    async with Gallery().run_test(size=size) as pilot:
        await pilot.pause()
        assert seen(pilot.app) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("pane", ["timeline", "metrics", "gates", "log"])
async def test_a_pane_takes_the_place_of_the_checklist(pane: str) -> None:
    """At 80 columns a class on the screen brings a pane, and its going brings the checklist back."""
    async with Gallery().run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        pilot.app.screen.add_class(f"-pane-{pane}")
        await pilot.pause()
        assert seen(pilot.app) == (ONE - {"checklist"}) | {pane}  # type: ignore[arg-type]
        pilot.app.screen.remove_class(f"-pane-{pane}")
        await pilot.pause()
        assert seen(pilot.app) == ONE  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [(120, 40), (200, 50)], ids=["120x40", "200x50"])
@pytest.mark.parametrize("pane", ["timeline", "checklist", "metrics", "gates", "log"])
async def test_a_zoomed_pane_is_alone(pane: str, size: tuple[int, int]) -> None:
    """Header, footer and the zoomed pane; the log below stays, as it costs little."""
    async with Gallery().run_test(size=size) as pilot:
        await pilot.pause()
        pilot.app.screen.add_class(f"-zoom-{pane}")
        await pilot.pause()
        assert seen(pilot.app) == {"header", pane, "log", "footer"}  # type: ignore[arg-type]
        assert pilot.app.screen.query_one(f"#{pane}").outer_size.width == size[0]


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (60, 18), (40, 10)], ids=["200", "80", "60", "40"])
async def test_a_band_leaves_the_rest_usable(size: tuple[int, int]) -> None:
    """The band takes the full width and leaves the checklist in view, with the cursor's row on it."""
    async with Gallery(band=True).run_test(size=size) as pilot:
        await pilot.pause()
        band, checklist = pilot.app.screen.query_one("#band"), pilot.app.screen.query_one("#checklist")
        assert band.outer_size.width == size[0]
        assert band.size.height >= 2
        assert checklist.size.height >= 2


async def test_every_size_can_follow_every_other() -> None:
    """Resizing forth and back loses nothing, down to a single cell."""
    async with Gallery().run_test(size=(120, 40)) as pilot:
        for size in ((80, 24), (1, 1), (200, 50), (40, 10), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert seen(pilot.app) == ALL  # type: ignore[arg-type]


def test_the_sheets_are_found() -> None:
    """From a checkout they lie beside the package; each of them is there."""
    assert all(Path(sheet).is_file() for sheet in layouts.sheets())
    assert [Path(sheet).stem for sheet in layouts.sheets()] == ["base", "narrow", "normal", "wide", "short"]
