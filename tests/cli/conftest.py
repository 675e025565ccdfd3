"""A place for every test of a rollback from a shell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.place import MOVED, Place
from tests.live import FlagServer, book_text


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Everything is forward; nothing is open."""
    with FlagServer(MOVED) as flags:
        text = book_text(flags).replace('verify_within = "8s"', 'verify_within = "1s"')  # the wait without a journal
        found = Place(tmp_path, flags, text)
        Path(found.file).write_text(found.text)
        yield found
