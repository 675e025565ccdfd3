"""The simulated flag service's memory: values, their history in simulated time, and a log of every write. No HTTP."""

from __future__ import annotations

import math
import threading
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from pags_tui.core.runbook import Flag, Runbook
from pags_tui.core.series import FlagValue, Seconds

EMPTY: dict[str, FlagValue] = {"boolean": False, "integer": 0, "string": ""}
"""A flag's first value where the runbook names none."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write as it arrived."""

    time: Seconds
    """Simulated time, seconds since the epoch."""
    key: str
    value: FlagValue
    idempotency_key: str
    took_effect: bool
    """False for a repeat of one that did, and for one that got lost."""


class FlagStore:
    """The flags of one runbook. Safe to use from several threads."""

    def __init__(self, runbook: Runbook) -> None:
        self._flags: Mapping[str, Flag] = runbook.flags
        self._lock = threading.Lock()
        self._history: dict[str, list[tuple[Seconds, FlagValue]]] = {
            key: [(float("-inf"), first_value(flag))] for key, flag in runbook.flags.items()
        }
        self._seen: set[str] = set()
        self._writes: list[Write] = []

    @property
    def writes(self) -> tuple[Write, ...]:
        """Every write so far, in order."""
        with self._lock:
            return tuple(self._writes)

    def knows(self, key: str) -> bool:
        """Whether there is such a flag."""
        return key in self._flags

    def fits(self, key: str, value: object) -> bool:
        """Whether a value is of the flag's type and in its range."""
        flag = self._flags[key]
        if flag.type == "boolean" or isinstance(value, bool):
            return flag.type == "boolean" and isinstance(value, bool)
        if flag.type == "string" or isinstance(value, str):
            return flag.type == "string" and isinstance(value, str)
        if not isinstance(value, int | float) or not math.isfinite(value) or value != int(value):
            return False
        return flag.range is None or flag.range[0] <= value <= flag.range[1]

    def value(self, key: str, at: Seconds | None = None) -> FlagValue:
        """The flag's value, now or at a simulated time."""
        with self._lock:
            history = self._history[key]
            return history[-1][1] if at is None else history[bisect_right(history, at, key=lambda one: one[0]) - 1][1]

    def history(self, key: str) -> tuple[tuple[Seconds, FlagValue], ...]:
        """Every value that the flag had, each with the time from which on."""
        with self._lock:
            return tuple(self._history[key])

    def write(self, key: str, value: FlagValue, idempotency_key: str, at: Seconds, lost: bool = False) -> None:
        """Sets a flag, once per idempotency key. `lost`: the write is logged and has no effect."""
        with self._lock:
            fresh = not idempotency_key or idempotency_key not in self._seen
            effect = fresh and not lost
            if effect:
                self._seen.add(idempotency_key)
                self._history[key].append((max(at, self._history[key][-1][0]), value))
            self._writes.append(Write(at, key, value, idempotency_key, effect))


def first_value(flag: Flag) -> FlagValue:
    """The value before the night."""
    return EMPTY[flag.type] if flag.before is None else flag.before
