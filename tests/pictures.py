"""What a war room shows, row by row, with every cell's style; and how a live screen and a replay may differ."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from pags_tui.core.decide.asks import Accepted, Ask
from pags_tui.core.events import Actor
from pags_tui.desk.port import Update
from pags_tui.driver import Driver
from pags_tui.replay import Recording, ReplayDesk
from pags_tui.ui.app import WarRoom

Row = tuple[str, tuple[tuple[str, str], ...]]
"""The text of a row, and its pieces with their styles."""


SETTLED = ("3", "g", "4", "g", "5", "G", "2", "g")
"""Every cursor where a screen has it that was just opened, the checklist's on its first line."""


class NearDesk:
    """A desk at a driver in the same event loop, whose clock stands still while somebody looks."""

    def __init__(self, driver: Driver, seat: Literal["desk", "watch"] = "desk") -> None:
        self.me = Actor("ana")
        self.seat: Any = seat
        self.driver = driver
        self._leave: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        """The driver's clock."""
        return self.driver.record.clock.now()

    async def attach(self, receive: Callable[[Update], None]) -> None:
        """Feeds updates as they are published."""
        self._leave = self.driver.subscribe(receive)

    async def ask(self, ask: Ask) -> Accepted:
        """Asks the driver."""
        return await self.driver.ask(self.me, ask)

    async def detach(self) -> None:
        """Takes no more updates."""
        self._leave()


def rows(app: WarRoom) -> list[Row]:
    """The screen as it is."""
    strips = app.screen._compositor.render_strips()
    return [("".join(s.text for s in strip), tuple((s.text, str(s.style)) for s in strip)) for strip in strips]


async def picture(app: WarRoom, size: tuple[int, int], *keys: str) -> list[Row]:
    """A screen of that size, opened, after those keys."""
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press(*SETTLED, *keys)
        await pilot.pause()
        return rows(app)


async def live(driver: Driver, size: tuple[int, int], *keys: str) -> list[Row]:
    """What somebody who attaches now sees."""
    return await picture(WarRoom(NearDesk(driver), beat=None), size, *keys)


async def replayed(recording: Recording, moment: datetime, size: tuple[int, int], *keys: str) -> list[Row]:
    """What a replay shows of that moment."""
    desk = ReplayDesk(recording, lambda: 0.0, moment)
    return await picture(WarRoom(desk, desk, beat=None), size, *keys)


def differing(one: list[Row], other: list[Row]) -> list[str]:
    """Every row that is not the same to the last cell and its colour.

    Left out: the kind of the run in the first row (LIVE, REPLAY) with the name that makes room for it, and the last
    row, which is keys, and the bar of the replay. The keys of a band are blank in a replay, where they do nothing.
    """
    assert len(one) == len(other)
    found = []
    for number, (mine, theirs) in enumerate(zip(one[:-1], other[:-1], strict=True)):
        if number == 0:
            mine, theirs = _from_the_clock(mine), _from_the_clock(theirs)
        if mine != theirs and not _but_for_keys(mine, theirs):
            found.append(f"{number}: {mine[0]!r}\n   {theirs[0]!r}" + ("" if mine[0] != theirs[0] else " (colours)"))
    return found


HINT = re.compile(
    r" (?:F9|\^p|[hmpv])  (?:veto, and say why|roll back(?: now)?|the plan|what is missing|resume|read back or decide"
    r"|accept or restore|answer|arrived or lost)"
)
"""A key of a band, with what it does."""


def _but_for_keys(mine: Row, theirs: Row) -> bool:
    """The same cells and colours, but that the live band has keys where the replay has blanks."""
    cells, others = ([(char, style) for piece, style in row[1] for char in piece] for row in (mine, theirs))
    for found in HINT.finditer(mine[0]):
        at = slice(*found.span())
        if any(char != " " for char, _ in others[at]):
            return False
        others[at] = cells[at]
    return cells == others


def _from_the_clock(row: Row) -> Row:
    text, pieces = row
    first = next(n for n, (piece, _) in enumerate(pieces) if piece.lstrip().startswith(("T+", "T-")))
    before = sum(len(piece) for piece, _ in pieces[:first])
    return f"{before:3}{text[before:]}", pieces[first:]
