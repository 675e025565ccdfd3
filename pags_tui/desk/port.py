"""The one port between the screens and whatever stands behind them: a guard, a demo's driver, a recording.

A screen holds nothing that may not be lost: what it shows is folded from updates, what it wants it asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, Protocol

from pags_tui.core.decide.asks import Accepted, Ask
from pags_tui.core.events import Actor, Event
from pags_tui.core.series import Seconds
from pags_tui.core.supposed import Supposed
from pags_tui.core.updates import Began as Began
from pags_tui.core.updates import Gone as Gone
from pags_tui.core.updates import Happened as Happened
from pags_tui.core.updates import Present as Present
from pags_tui.core.updates import Ticked as Ticked
from pags_tui.core.updates import Update as Update

Seat = Literal["desk", "watch", "replay"]
"""How the screen takes part: it may ask; it only looks; it looks at a recording."""


class Desk(Protocol):
    """Updates out, asks in. Everything is called from the screen's event loop."""

    seat: Seat

    @property
    def me(self) -> Actor:
        """Who asks, as the other side will see it."""
        ...

    def now(self) -> datetime:
        """The time of the run: the guard's, the demo's, the replay's."""
        ...

    async def attach(self, receive: Callable[[Update], None]) -> None:
        """Begins to feed updates, first a `Began`; `receive` is called on the screen's event loop."""
        ...

    async def ask(self, ask: Ask) -> Accepted:
        """What the ask led to; a refusal says why and the next move. Raises nothing."""
        ...

    async def detach(self) -> None:
        """Lets go. What stands behind goes on as it was told."""
        ...


class Player(Protocol):
    """What a replay's desk can do besides."""

    playing: bool
    speed: float

    @property
    def span(self) -> tuple[datetime, datetime]:
        """Begin and end of the recording."""
        ...

    @property
    def events(self) -> Sequence[Event]:
        """Every event of the recording, those to come as well."""
        ...

    def play(self, playing: bool) -> None:
        """Goes on, or stands."""
        ...

    def set_speed(self, speed: float) -> None:
        """Seconds of the run a second."""
        ...

    def seek(self, moment: datetime) -> None:
        """Jumps there; a `Began` follows."""
        ...

    def seek_t(self, t: Seconds) -> bool:
        """Jumps to where T came to `t`, after a recycle to the next such moment; False: it never did."""
        ...

    def step_event(self, by: int) -> bool:
        """To the next (1) or the previous (-1) event that an operator would look for; False: there is none."""
        ...

    def step_kind(self, kind: str, by: int) -> bool:
        """The same among those of one kind: `flag`, `sign-off`, `trigger`, `hold`, `difference` (what if)."""
        ...

    def step_tick(self, by: int) -> None:
        """One tick on, or back."""
        ...

    @property
    def supposed(self) -> Supposed | None:
        """What is supposed to have been otherwise; None: nothing."""
        ...

    async def suppose(self, changes: Sequence[str], tell: Callable[[float], None]) -> None:
        """Supposes those changes of the runbook, each `KEY=VALUE`: judges the whole recording anew. None: as it was.

        `tell` hears which part is judged. Raises PagsError for a change that cannot be made; nothing changes then.
        """
        ...
