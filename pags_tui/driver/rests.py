"""When a rollback asks again: later from round to round, spread by chance, and not before the service wants it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from pags_tui.core.series import Seconds

AGAIN: tuple[Seconds, ...] = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Waits between rounds over what a rollback has not verified yet; the last one repeats."""
JITTER = 0.25
"""Share of a wait that is added by chance, so that two who roll back do not march in step."""
LONGEST_REST: Seconds = 30.0
"""Longest time that a rollback leaves a service alone because it asked for that (Retry-After)."""


class Rests:
    """How long each flag's service still wants to be left alone."""

    def __init__(self, clock: Callable[[], Seconds]) -> None:
        """`clock`: any that only goes forward."""
        self._clock = clock
        self._until: dict[str, Seconds] = {}

    def ask(self, flag: str, seconds: Seconds) -> None:
        """The service asked for it. It gets its way within bounds: a rollback does not wait for an hour."""
        self._until[flag] = self._clock() + min(seconds, LONGEST_REST)

    def left(self, flag: str) -> Seconds:
        """Seconds until that flag may be tried again; 0: now."""
        return max(0.0, self._until.get(flag, 0.0) - self._clock())

    def pause(self, flags: Iterable[str], rounds: int) -> Seconds:
        """The wait after so many rounds, until the first of the flags may be tried again."""
        wait = AGAIN[min(rounds, len(AGAIN) - 1)] * (1 + JITTER * random.random())  # noqa: S311 - spread, no secret
        return max(wait, min(map(self.left, flags)))
