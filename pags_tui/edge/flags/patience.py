"""Reads that are tried again within their deadline. Only reads: a write is tried once, whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import stamina

from pags_tui.core.errors import Unreachable
from pags_tui.core.series import Seconds
from pags_tui.edge import clock
from pags_tui.edge.flags.answers import Later

ATTEMPTS = 3
FIRST_WAIT: Seconds = 0.05
"""Before the second attempt; doubled for the third, each with as much again by chance, so that desks do not march."""
LEAST: Seconds = 0.05
"""A read with less time than this left is not begun."""

T = TypeVar("T")

# It would log every wait to stderr, which is the screen.
stamina.instrumentation.set_on_retry_hooks([])


def patiently(read: Callable[[Seconds], T], deadline: Seconds) -> T:
    """What `read` gives back, given the seconds that are left. Tried again only while the service cannot be reached.

    Waits as long as the service asks (Retry-After) when that still fits. Raises the last failure as it came.
    """
    ends = clock() + deadline
    failed = 0

    def again(error: Exception) -> bool | float:
        nonlocal failed
        failed += 1
        wait = error.wait if isinstance(error, Later) and error.wait is not None else 0.0
        worth = isinstance(error, Unreachable) and clock() + max(wait, FIRST_WAIT) + LEAST < ends
        return wait if worth and wait else worth

    attempts = stamina.retry_context(
        on=again, attempts=ATTEMPTS, timeout=deadline, wait_initial=FIRST_WAIT, wait_jitter=FIRST_WAIT, wait_max=1.0
    )
    for attempt in attempts:
        with attempt:
            return read(max(ends - clock(), LEAST))
    raise AssertionError("stamina raises the last failure")
