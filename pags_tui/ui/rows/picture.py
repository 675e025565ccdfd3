"""The first picture of a run: every row of the main screen, and its form on the way. Immutable; decides nothing.

A guard has all at hand and makes it; a screen paints it at once, and folds the run by itself behind that.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pags_tui.ui.rows.band import BandMode, BandRow
from pags_tui.ui.rows.head import HeaderRow
from pags_tui.ui.rows.panes import (
    BoardRow,
    Bound,
    ChecklistRow,
    GateRow,
    HeadingRow,
    Kind,
    LogRow,
    MetricRow,
    TimelineRow,
    TriggerRow,
)
from pags_tui.ui.rows.words import Fact, FooterKey, Level, Mark, Status


@dataclass(frozen=True, slots=True)
class Picture:
    """What the panes of the main screen show at one moment, in the present phase."""

    header: HeaderRow
    band: BandRow | None
    timeline: tuple[TimelineRow, ...]
    title: str
    """Of the checklist."""
    checklist: tuple[ChecklistRow, ...]
    cursor: str
    """The row of the checklist to begin at; empty: wherever."""
    metrics: tuple[MetricRow, ...]
    board: tuple[BoardRow, ...]
    strip: tuple[GateRow, ...]
    log: tuple[LogRow, ...]
    footer: tuple[FooterKey, ...]


SHAPES: Mapping[str, type[Any]] = {
    shape.__name__: shape
    for shape in (
        BandMode, BandRow, Bound, ChecklistRow, Fact, FooterKey, GateRow, HeaderRow, HeadingRow, Kind, Level, LogRow,
        Mark, MetricRow, Picture, Status, TimelineRow, TriggerRow,
    )
}  # fmt: skip
"""All that a picture is made of besides texts, numbers and tuples: nothing else is ever made of what somebody sent."""


def encode(value: object) -> Any:
    """A row, or whatever is in one, as JSON: `{"Fact": ["text", …]}`, `{"Level": "bad"}`, a sequence as a list."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [encode(one) for one in value]
    if isinstance(value, Enum):
        return {type(value).__name__: value.value}
    if dataclasses.is_dataclass(value):
        return {type(value).__name__: [encode(getattr(value, one.name)) for one in dataclasses.fields(value)]}
    return value


def decode(content: Any) -> Any:
    """The value again. Raises TypeError, ValueError or KeyError for what `encode` did not write."""
    if isinstance(content, list):
        return tuple([decode(one) for one in content])
    if isinstance(content, dict):
        ((name, parts),) = content.items()
        shape = SHAPES[name]
        return shape(parts) if issubclass(shape, Enum) else shape(*[decode(one) for one in parts])
    return content


def picture_of(content: Any) -> Picture | None:
    """The picture that somebody sent; None for anything else, such as one of another version."""
    try:
        found = decode(content)
    except (TypeError, ValueError, KeyError):
        return None
    return found if isinstance(found, Picture) else None
