"""What one tick lets us know of each series: a value, or UNKNOWN with a reason. Shared by gates and triggers.

It never judges: whether a value is good is the condition's business. It remembers only what the tick cannot say: which
series were seen in this run, when each was last known, and how old the data was when that was last asked.

A `Watch` goes in, a new one comes out; both are plain values, and the one that went in stays as it was. Inside, each
series of a metric is a small number (`sid`) that stays the same through the run.
"""

from pags_tui.core.observe.look import MOST_SERIES, STOOD_STILL, observe
from pags_tui.core.observe.shapes import MetricSpec, MetricWatch, Sid, Sight, Sights, TriggerState, Watch
from pags_tui.core.observe.sight import least_true, narrow, reading_words, series_name, truest

__all__ = [
    "MOST_SERIES",
    "STOOD_STILL",
    "MetricSpec",
    "MetricWatch",
    "Sid",
    "Sight",
    "Sights",
    "TriggerState",
    "Watch",
    "least_true",
    "narrow",
    "observe",
    "reading_words",
    "series_name",
    "truest",
]
