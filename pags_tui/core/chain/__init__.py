"""The hash chain of a run: how an event is written down, what its hash covers, and whether a stored run is whole.

The same for every journal, wherever it lies: a run that moves from one to another keeps its hashes. Pure.
"""

from __future__ import annotations

from pags_tui.core.chain.rows import (
    EventRow,
    HeadRow,
    Last,
    Link,
    SampleRow,
    encoded,
    event_hash,
    event_of,
    fenced,
    links,
    moment,
    noted,
    read_again,
    sample_of,
    stamp,
)
from pags_tui.core.chain.verify import FIRST, LAST, Broken, Stored, first_broken

__all__ = [
    "FIRST",
    "LAST",
    "Broken",
    "EventRow",
    "HeadRow",
    "Last",
    "Link",
    "SampleRow",
    "Stored",
    "encoded",
    "event_hash",
    "event_of",
    "fenced",
    "first_broken",
    "links",
    "moment",
    "noted",
    "read_again",
    "sample_of",
    "stamp",
]
