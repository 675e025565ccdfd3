"""Judges gates. A judge sees settings, what the tick showed and the time; it never fetches, waits or writes.

    fail      some series is bad (`any`: all of them), at once
    unknown   answered, but NaN, empty, little traffic, old, partial, or a series is missing, at once
    stale     the query fails for longer than `stale_after`; until then the last verdict stays, with its age. Failed
              queries are skipped: the count goes on after them, unless they lasted longer than `HOLE`
    settling  OK, but not yet three ticks in a row, or not yet an unbroken `for D`, or from before a change
    pass      proven

A memory goes in, a new one comes out; both are plain values. Start with `GateMemory()`.
"""

from pags_tui.core.gates.finding import FLAG_STALE_AFTER, find, series
from pags_tui.core.gates.judging import HOLE, OK_IN_A_ROW, judge, standing, worsen
from pags_tui.core.gates.shapes import (
    FROM_THE_START,
    Answer,
    Finding,
    GateContext,
    GateMemory,
    GateSpec,
    GateState,
    GateVerdict,
    Part,
    PartMemory,
    PartVerdict,
    SeriesFinding,
    TriggerStanding,
)

__all__ = [
    "FLAG_STALE_AFTER",
    "FROM_THE_START",
    "HOLE",
    "OK_IN_A_ROW",
    "Answer",
    "Finding",
    "GateContext",
    "GateMemory",
    "GateSpec",
    "GateState",
    "GateVerdict",
    "Part",
    "PartMemory",
    "PartVerdict",
    "SeriesFinding",
    "TriggerStanding",
    "find",
    "judge",
    "series",
    "standing",
    "worsen",
]
