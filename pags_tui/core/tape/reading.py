"""Reads stored ticks back, in any order. Old ones, each of which stands alone, too."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from pydantic import ValidationError

from pags_tui.core.errors import JournalError
from pags_tui.core.events import adapter
from pags_tui.core.judge import Judged, decode_judged
from pags_tui.core.ports import TickRow
from pags_tui.core.series import Seconds, Tick
from pags_tui.core.tape.foreseen import oldest_of
from pags_tui.core.tape.small import DAMAGED, MARK, Base, Both, later, opened, told

KEPT = 16
"""Whole ticks that are remembered: more than a screen shows at once leans on."""

TICK_ENDS = re.compile(rb'("failed":(?:null|"(?:[^"\\]|\\.)*")\}),"gates":\{')
"""Where the verdicts begin. Nothing else ends so: what follows the `failed` of a reading, or of a flag, is a field."""


class Decoder:
    """Decodes ticks of one run. `payload_of` finds the stored bytes of a tick by its number; None: it is not there."""

    def __init__(self, payload_of: Callable[[int], bytes | None]) -> None:
        self._payload_of = payload_of
        self._base = lru_cache(maxsize=KEPT)(self._base_at)
        self._oldest = lru_cache(maxsize=32 * KEPT)(self._oldest_at)

    def decode(self, payload: bytes) -> Judged:
        """The tick. Raises JournalError for a damaged one, or one that leans on a tick that is not there."""
        if not payload.startswith(MARK):
            return _standing_alone(payload)
        head = opened(payload)
        base = self._base(head.base)
        return told(head, base, lambda: self._oldest(head.asked) if head.asked else {})

    def _base_at(self, number: int) -> Base:
        payload = self._stored(number)
        if payload.startswith(MARK):
            raise JournalError(DAMAGED)
        return Base(_standing_alone(payload))

    def _oldest_at(self, number: int) -> Mapping[str, Seconds]:
        return oldest_of(self.decode(self._stored(number))) or {}

    def _stored(self, number: int) -> bytes:
        payload = self._payload_of(number)
        if payload is None:
            raise JournalError(f"a stored tick cannot be read: tick {number}, which it leans on, is not there")
        return payload


@dataclass(frozen=True, slots=True)
class _Seen:
    """A whole tick without what was said of it, which is most of its bytes."""

    number: int
    at: datetime
    tick: Tick


class _Alone:
    """The verdicts of a whole tick."""

    __slots__ = ("_found", "_payload")

    def __init__(self, payload: bytes) -> None:
        self._payload = payload
        self._found: Both | None = None

    def both(self) -> Both:
        if self._found is None:
            judged = decode_judged(self._payload)
            self._found = dict(judged.gates), dict(judged.triggers)
        return self._found


def _without_verdicts(text: bytes) -> bytes:
    """What was said is most of the text: it need not be looked at."""
    end = TICK_ENDS.search(text)
    return text[: end.end(1)] + b"}" if end else text


def _standing_alone(payload: bytes) -> Judged:
    try:
        seen: _Seen = adapter(_Seen).validate_json(_without_verdicts(zlib.decompress(payload)))
    except (zlib.error, ValidationError) as error:
        raise JournalError(DAMAGED) from error
    return later(seen.number, seen.at, seen.tick, _Alone(payload))


def decode_rows(rows: Sequence[TickRow]) -> tuple[Judged, ...]:
    """The ticks of those rows, whole in memory. Left out at the beginning: ticks that lean on one before the rows.

    To have the last n ticks for certain, take `n + REACH` rows. Of rows with a damaged one only what follows it is
    taken: nobody may take it for an unbroken watch.
    """
    stored = {row.tick: row.payload for row in rows}
    decoder = Decoder(stored.get)
    found: list[Judged] = []
    for row in rows:
        if not found and row.payload.startswith(MARK):
            head = opened(row.payload)
            if head.base not in stored or (head.asked and head.asked not in stored):
                continue
        try:
            found.append(_whole(decoder.decode(row.payload)))
        except JournalError:
            found.clear()
    return tuple(found)


def _whole(judged: Judged) -> Judged:
    tick = replace(judged.tick, readings=dict(judged.tick.readings), flags=dict(judged.tick.flags))
    return Judged(judged.number, judged.at, tick, dict(judged.gates), dict(judged.triggers))
