"""The program under test in `test_last_words.py`: a screen whose desk breaks under it, with a secret in the error."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from pags_tui.cli.common import show
from pags_tui.core.events import Actor

BACK = "The run night-1 is kept in journal.db. Back to it: pags-tui run"


class Broken:
    """A desk that nobody can sit at."""

    me = Actor("ana")
    seat = "desk"

    def now(self) -> datetime:
        """Some time."""
        return datetime(2026, 11, 24, tzinfo=UTC)

    async def attach(self, receive: object) -> None:
        """Breaks."""
        token = "-".join(("s3cret", "token"))
        raise RuntimeError(f"with {token} in its text")

    async def detach(self) -> None:
        """Nothing to let go of."""


sys.exit(show(Broken(), back=BACK))
