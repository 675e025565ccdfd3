"""Judges the clocks of triggers. A judge sees settings, what the tick showed and the time; it never acts.

    bridge    min(5m, max(`for`, 2 x `every`))
    BAD       first: clock 0, pending. After a gap up to `bridge`: clock += gap. Over `bridge` but up to `for`: the
              clock pauses. Longer: clock 0 (`TriggerVerdict.restarted`). Fires when clock >= `for` on a BAD tick.
    OK        clock 0, inactive
    UNKNOWN   never fires and never clears; after `bridge` without a known reading it shows `unknown`

With steady data the unlatched answer (`now`) agrees tick for tick with `for:` of a Prometheus alerting rule. `state` is
latched: it stays firing until it is unlatched, or, where it fired unable to act, until its first OK.

A memory goes in, a new one comes out; both are plain values. Start with `TriggerMemory()`.
"""

from pags_tui.core.triggers.judging import judge, series, unlatch
from pags_tui.core.triggers.shapes import (
    ClockMemory,
    ClockVerdict,
    Posture,
    Restart,
    SeriesVerdict,
    TriggerContext,
    TriggerMemory,
    TriggerSpec,
    TriggerVerdict,
)
from pags_tui.core.triggers.world import BRIDGE, bridge_of

__all__ = [
    "BRIDGE",
    "ClockMemory",
    "ClockVerdict",
    "Posture",
    "Restart",
    "SeriesVerdict",
    "TriggerContext",
    "TriggerMemory",
    "TriggerSpec",
    "TriggerVerdict",
    "bridge_of",
    "judge",
    "series",
    "unlatch",
]
