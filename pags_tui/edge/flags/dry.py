"""Flags in memory: a rehearsal runs the same code as the night, and nothing leaves this process."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping

from pags_tui.core import ports
from pags_tui.core.errors import BadAnswer
from pags_tui.core.ports import WriteAnswer
from pags_tui.core.series import FlagValue, Seconds


class DryFlags:
    """Keeps writes in memory, so a rehearsal runs the same code as the night."""

    reads_back = True

    def __init__(self, initial: Mapping[str, FlagValue], real: ports.FlagService | None = None) -> None:
        """`real` is only ever asked how a write would look by hand; it is neither read nor written."""
        self._values = dict(initial)
        self._real = real
        self._lock = threading.Lock()

    def read(self, key: str, deadline: Seconds) -> FlagValue:
        """The value last written here, else the initial one. Raises BadAnswer for a flag that it does not know."""
        with self._lock:
            if key not in self._values:
                raise BadAnswer(f"the dry run does not know the flag {key}")
            return self._values[key]

    def write(self, key: str, value: FlagValue, idempotency_key: str, deadline: Seconds) -> WriteAnswer:
        """Keeps the value. A flag that it does not know is refused, as a service would."""
        with self._lock:
            if key not in self._values:
                return WriteAnswer(False, "404", f"the dry run does not know the flag {key}")
            self._values[key] = value
        return WriteAnswer(True, "200", "kept in memory: nothing left this process")

    def describe(self) -> str:
        """Says that it is none."""
        return "dry run, in memory"

    def curl(self, key: str, value: FlagValue) -> str:
        """How the real service would be asked by hand; without one, a comment that says what would be set."""
        return self._real.curl(key, value) if self._real else f"# dry run: {key} = {json.dumps(value)}"
