"""Shared by the tests of the outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pags_tui.edge import Caller
from pags_tui.edge.prometheus.connection import Connection


@pytest.fixture(autouse=True)
def connections_are_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Closes at the end of a test what it opened, so that no socket is left to the collector."""
    opened: list[Caller | Connection] = []
    for kind in (Caller, Connection):

        def remember(self, *args: object, _begin=kind.__init__, **kwargs: object) -> None:
            _begin(self, *args, **kwargs)
            opened.append(self)

        monkeypatch.setattr(kind, "__init__", remember)
    yield
    for one in opened:
        one.close()
