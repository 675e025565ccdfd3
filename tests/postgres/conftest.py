"""One real PostgreSQL for all tests here; each test has a database of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from pags_tui.edge.postgres.address import Database
from tests.postgres.server import RealPostgres

_names = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[RealPostgres]:
    """Up from the first test that wants it. Whoever kills or pauses it takes one of his own."""
    with RealPostgres(durable=False) as found:
        yield found


@pytest.fixture
def database(server: RealPostgres) -> Database:
    """A new, empty database."""
    return Database(server.database(f"night{next(_names)}"))


@pytest.fixture
def databases(server: RealPostgres) -> Callable[[], Database]:
    """As many as are wanted."""
    return lambda: Database(server.database(f"night{next(_names)}"))
