"""A flag service, a metric service and a night for every test of the driver that asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live import SIX, FlagServer, MetricServer, Night, book_text, env_of


@pytest.fixture
def flags() -> Iterator[FlagServer]:
    """Six flags as before the night."""
    with FlagServer(SIX) as server:
        yield server


@pytest.fixture
def metrics() -> Iterator[MetricServer]:
    """One metric, in order."""
    with MetricServer(errors=1.0) as server:
        yield server


@pytest.fixture
def night(tmp_path: Path, flags: FlagServer) -> Iterator[Night]:
    """A live run with flags and no metric service."""
    found = Night(tmp_path / "journal", book_text(flags), env_of(flags))
    yield found
    found.close()


@pytest.fixture
def watched(tmp_path: Path, flags: FlagServer, metrics: MetricServer) -> Iterator[Callable[..., Night]]:
    """Makes a live run with flags and a metric service, of a runbook with further parts."""
    made = []

    def make(**parts: str) -> Night:
        made.append(Night(tmp_path / "journal", book_text(flags, metrics, **parts), env_of(flags, metrics)))
        return made[-1]

    yield make
    for one in made:
        one.close()
