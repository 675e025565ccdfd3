"""The rows of a graph and of a replay's bar. Immutable; decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pags_tui.ui.rows.panes import Bound
from pags_tui.ui.rows.words import NO_STATUS, Level, Status


@dataclass(frozen=True, slots=True)
class GraphLine:
    """One series of a graph."""

    name: str
    values: tuple[float | None, ...]
    """Oldest first, evenly spaced; all lines of a graph have the same length."""
    level: Level = Level.CALM


@dataclass(frozen=True, slots=True)
class GraphMark:
    """A moment worth a line: a flag moved, a hold began."""

    index: int
    """Into the values."""
    text: str


def plain_number(value: float) -> str:
    """A number with four significant digits."""
    return f"{value:.4g}"


@dataclass(frozen=True, slots=True)
class GraphRow:
    """A metric over the whole screen."""

    id: str
    title: str
    lines: tuple[GraphLine, ...] = ()
    bounds: tuple[Bound, ...] = ()
    marks: tuple[GraphMark, ...] = ()
    ticks: tuple[tuple[int, str], ...] = ()
    """Labels of the time axis: index into the values, text."""
    status: Status = NO_STATUS
    value: str = ""
    number: Callable[[float], str] = plain_number
    """Prints a value of the axis in the metric's unit."""


@dataclass(frozen=True, slots=True)
class ScrubRow:
    """Where a replay stands."""

    start: str
    """Wall time of its first moment."""
    now: str
    """T now."""
    end: str
    """Wall time of its last moment."""
    part: float
    """0..1 of the run."""
    playing: bool = False
    speed: str = "1×"
    marks: tuple[tuple[float, Level], ...] = ()
    """Events worth finding: where (0..1), how loud."""
