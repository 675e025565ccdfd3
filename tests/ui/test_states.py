"""Every state of a night: as a picture on dark and on light ground, and without any colour, and in ASCII alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from pags_tui.ui import present
from pags_tui.ui.rows import Level, Mark, Status
from pags_tui.ui.terminal import Terminal
from pags_tui.ui.terminal.checks import Colours
from tests.ui.states import STATES, WORDS

Compare = Callable[..., bool]
SMALL = (80, 24)
NAMES = [pytest.param(name, id=name) for name in STATES]


async def settled(pilot: Pilot[None]) -> None:
    """Everything is drawn."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


Look = Callable[[Pilot[None]], Awaitable[None]]


@pytest.mark.long
@pytest.mark.parametrize("theme", ["pags-dark", "pags-light"])
@pytest.mark.parametrize("name", NAMES)
def test_a_state(snap_compare: Compare, name: str, theme: str) -> None:
    """As it is seen at 80x24."""
    assert snap_compare(STATES[name](theme=theme), terminal_size=SMALL, run_before=settled)


async def drawn(name: str, terminal: Terminal) -> tuple[list[str], set[object]]:
    """The rows of the screen as text, and every colour in them."""
    app = STATES[name](terminal=terminal)
    async with app.run_test(size=SMALL) as pilot:
        await settled(pilot)
        strips = app.screen._compositor.render_strips()
        rows = ["".join(segment.text for segment in strip) for strip in strips]
        styles = [segment.style for strip in strips for segment in strip if segment.style is not None]
    colours = {one for style in styles for one in (style.color, style.bgcolor) if one is not None}
    return rows, {one for one in colours if not one.is_default}


@pytest.mark.parametrize("name", NAMES)
async def test_a_state_without_colours_and_in_ascii(name: str) -> None:
    """Its words are there, in no colour at all, and every sign is one that any terminal draws."""
    rows, colours = await drawn(name, Terminal(unicode=False, colours=Colours.NONE))
    text = "\n".join(rows)
    assert not [word for word in WORDS[name] if word not in text], text
    assert {str(one) for one in colours} <= {"Color('black', ColorType.STANDARD, number=0)"}, colours
    assert sorted({char for row in rows for char in row if not char.isascii()}) == []


def statuses(name: str) -> set[Status]:
    """Every state that a row of that screen tells."""
    app = STATES[name]()
    stage = app._stage
    desk = app.desk
    from pags_tui.desk.port import Began

    stage.receive(Began(tuple(desk.night.events), tuple(desk.night.ticks), desk.night.now))  # type: ignore[attr-defined]
    scene = stage.scene(desk.now())
    rows = (*present.timeline(scene), *present.checklist(scene, None), *present.board(scene), *present.metrics(scene))
    found = [getattr(row, field, None) for row in rows for field in ("status", "verdict", "now")]
    return {one for one in found if isinstance(one, Status)}


def test_no_state_is_told_by_its_colour_alone() -> None:
    """Over all states of a night: whoever sees only sign and word knows how loud it is meant."""
    levels: dict[tuple[Mark, str], set[Level]] = {}
    for name in STATES:
        for status in statuses(name):
            levels.setdefault((status.mark, status.word), set()).add(status.level)
    assert {key: found for key, found in levels.items() if len(found) > 1} == {}
    assert len(levels) > 8
