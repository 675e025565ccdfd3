"""What the widgets show: immutable rows of text that is ready to be drawn.

`present` makes rows, widgets lay them out. A row decides nothing, knows no clock and no terminal: every text in it is
final except for truncation; every state comes as mark, word and level, so that nothing is told by colour alone.
"""

from __future__ import annotations

from pags_tui.ui.rows.band import BandMode, BandRow
from pags_tui.ui.rows.graph import GraphLine, GraphMark, GraphRow, ScrubRow, plain_number
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
from pags_tui.ui.rows.words import (
    ARMED,
    FAIL,
    NO_FACT,
    NO_STATUS,
    PASS,
    ROLLBACK_KEY,
    SETTLING,
    STALE,
    UNKNOWN,
    Fact,
    FooterKey,
    Level,
    Mark,
    Status,
)

__all__ = [
    "ARMED",
    "FAIL",
    "NO_FACT",
    "NO_STATUS",
    "PASS",
    "ROLLBACK_KEY",
    "SETTLING",
    "STALE",
    "UNKNOWN",
    "BandMode",
    "BandRow",
    "BoardRow",
    "Bound",
    "ChecklistRow",
    "Fact",
    "FooterKey",
    "GateRow",
    "GraphLine",
    "GraphMark",
    "GraphRow",
    "HeaderRow",
    "HeadingRow",
    "Kind",
    "Level",
    "LogRow",
    "Mark",
    "MetricRow",
    "ScrubRow",
    "Status",
    "TimelineRow",
    "TriggerRow",
    "plain_number",
]
