"""What gates and triggers did, beside what they would have done, had the runbook said otherwise. Pure values."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Turn = tuple[datetime, str]
"""From when on it said so, and what: a state's word, as the journal has it."""
NEVER = ""
"""Before it said anything."""


@dataclass(frozen=True, slots=True)
class SupposedLine:
    """One gate or trigger."""

    kind: Literal["gate", "trigger"]
    id: str
    was: str
    """Its conditions as they were; empty where there was none of that id."""
    now: str
    """Its conditions in the supposition."""
    did: tuple[Turn, ...]
    would: tuple[Turn, ...]

    def did_at(self, moment: datetime) -> Turn | None:
        """What it said then, and since when."""
        return _at(self.did, moment)

    def would_at(self, moment: datetime) -> Turn | None:
        """What it would have said then, and since when."""
        return _at(self.would, moment)

    def differences(self) -> tuple[tuple[datetime, str, str], ...]:
        """From when on the two were apart, or apart in another way: moment, did, would. Equal words: together again."""
        found: list[tuple[datetime, str, str]] = []
        for moment in sorted({at for at, _ in (*self.did, *self.would)}):
            pair = tuple(turn[1] if turn else NEVER for turn in (self.did_at(moment), self.would_at(moment)))
            before = found[-1][1:] if found else (NEVER, NEVER)
            apart, was_apart = pair[0] != pair[1], before[0] != before[1]
            if (apart and pair != before) or (was_apart and not apart):
                found.append((moment, pair[0], pair[1]))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Supposed:
    """A supposition, judged over the whole of a recording."""

    changes: tuple[str, ...]
    """Each `KEY=VALUE`, as `backtest --set` takes them."""
    lines: tuple[SupposedLine, ...]
    """Every gate and trigger that the changes touch."""

    def apart(self) -> tuple[datetime, ...]:
        """Every moment at which an answer begins to be another one, in order."""
        moments = {at for line in self.lines for at, did, would in line.differences() if did != would}
        return tuple(sorted(moments))


def turns(said: Sequence[Turn]) -> tuple[Turn, ...]:
    """Only where it says something else than before."""
    return tuple(_changes(said))


def _changes(said: Sequence[Turn]) -> Iterator[Turn]:
    before = None
    for at, word in said:
        if word != before:
            yield at, word
            before = word


def _at(found: Sequence[Turn], moment: datetime) -> Turn | None:
    place = bisect.bisect_right(found, moment, key=lambda turn: turn[0])
    return found[place - 1] if place else None
