"""Writes the ticks of one run, one after another. It remembers the last whole one, and stores nothing."""

from __future__ import annotations

from pags_tui.core.judge import Judged, encode_judged
from pags_tui.core.series import Seconds
from pags_tui.core.tape.foreseen import Other, oldest_of
from pags_tui.core.tape.small import REACH, WHOLE_EVERY, Base, opened, pack, told


class Encoder:
    """Encodes ticks in order. A new one begins with a whole tick, whatever was stored before."""

    def __init__(self) -> None:
        self._base: Base | None = None
        self._asked = 0
        """The last tick that asked for ages, not before the base; 0: none."""
        self._oldest: dict[str, Seconds] = {}
        self._size = self._least = self._excess = 0

    def encode(self, judged: Judged) -> bytes:
        """One tick as it is to be stored. The next ones may lean on it: see `lost`. Raises JournalError for no text."""
        ages = oldest_of(judged)
        if ages is not None:
            self._asked, self._oldest = judged.number, ages
        payload = None if self._base is None else self._small(judged, self._base, ages is not None)
        return self._whole(judged, ages) if payload is None else payload

    def lost(self) -> None:
        """What was encoded last could not be stored: nothing may lean on it."""
        self._base, self._asked, self._oldest = None, 0, {}

    def _small(self, judged: Judged, base: Base, asked: bool) -> bytes | None:
        """The tick leaning on that one; None where it is to be whole."""
        passed = judged.number - base.judged.number
        if not 0 < passed <= REACH:
            return None
        try:
            payload = pack(judged, base, self._asked, self._oldest)
        except Other:
            return None
        due = passed >= WHOLE_EVERY or not (asked or self._pays(payload)) or (asked and not base.asked)
        # A whole tick comes where ages were asked, so that those after it know them; it waits for one.
        if due and (asked or not self._asked or passed == REACH):
            return None
        return payload if _alike(told(opened(payload), base, lambda: self._oldest), judged) else None

    def _pays(self, payload: bytes) -> bool:
        """Leaning on that whole tick still pays: what was not foreseen has not cost more by now than a new one."""
        self._least = min(self._least, len(payload))
        self._excess += len(payload) - self._least
        return self._excess <= self._size

    def _whole(self, judged: Judged, ages: dict[str, Seconds] | None) -> bytes:
        """A tick that stands alone; those after it lean on nothing that lies before it."""
        if ages is None:
            self._asked, self._oldest = 0, {}
        self._base = Base(judged)
        payload = encode_judged(judged)
        self._size, self._least, self._excess = len(payload), len(payload), 0
        return payload


def _alike(one: Judged, other: Judged) -> bool:
    """The same. Where NaN is in it, which equals nothing, the texts of both tell."""
    heads = (one.number, one.at), (other.number, other.at)
    pairs = (heads, (one.tick, other.tick), (dict(one.gates), other.gates), (dict(one.triggers), other.triggers))
    return all(mine == theirs or repr(mine) == repr(theirs) for mine, theirs in pairs)
