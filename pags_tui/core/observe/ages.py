"""How old the data of each series is, from an answer about other series."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from pags_tui.core.observe.shapes import Sid
from pags_tui.core.series import Labels, Point, Seconds

ASKED_EVERY = 6
"""Ticks from one question after the age of the data to the next."""


def join_ages(ages: Sequence[Point], series: Mapping[Sid, Labels]) -> dict[Sid, Seconds]:
    """The age of each series: of all ages whose labels agree with its own where both have them, the oldest.

    A sum has fewer labels than what it is made of, and is as old as its oldest part.
    """
    by_names: dict[tuple[str, ...], list[Sid]] = {}
    for sid, labels in series.items():
        by_names.setdefault(tuple(name for name, _ in labels), []).append(sid)
    found: dict[Sid, Seconds] = {}
    for names, sids in by_names.items():
        oldest: dict[tuple[str, ...], dict[Labels, Seconds]] = {}
        for point in (point for point in ages if point.value == point.value):
            shared = tuple(name for name, _ in point.labels if name in names)
            key = tuple(pair for pair in point.labels if pair[0] in shared)
            group = oldest.setdefault(shared, {})
            group[key] = max(group.get(key, -math.inf), point.value)
        for sid in sids:
            fitting = [
                group[key]
                for shared, group in oldest.items()
                if (key := tuple(pair for pair in series[sid] if pair[0] in shared)) in group
            ]
            if fitting:
                found[sid] = max(fitting)
    return found
