"""What rows of the journal refuse: times of no zone, columns of another kind, words that are no text, an old token."""

from __future__ import annotations

from datetime import datetime

import pytest

from pags_tui.core import events as e
from pags_tui.core.chain import encoded
from pags_tui.core.chain.rows import event_of, fenced, stamp
from pags_tui.core.errors import JournalError, Refused
from tests.core.stories import T0


def test_a_time_without_a_zone_is_not_recorded() -> None:
    """Nobody could say when that was; with one it is UTC, to the microsecond."""
    assert stamp(T0) == "2026-11-24T22:00:00.000000Z"
    with pytest.raises(ValueError, match="needs a time zone"):
        stamp(datetime(2026, 11, 24, 22, 0))


@pytest.mark.parametrize("columns", [("1", "ana"), (1, b"ana")])
def test_columns_of_another_kind_are_no_event(columns: tuple[object, object]) -> None:
    """A number that is text, an author that is bytes: a damaged journal, said in a sentence."""
    seq, user = columns
    with pytest.raises(TypeError, match="an event's number is no number, or its author is no text"):
        event_of(seq, stamp(T0), user, "ana", "note-added", '{"text": "x"}')  # type: ignore[arg-type]  # the case


def test_half_a_character_is_refused_before_anything_is_written() -> None:
    """From a terminal with another encoding: the journal holds text only."""
    with pytest.raises(JournalError, match="this cannot be recorded, it holds what is no text"):
        encoded([e.NoteAdded("half \ud83d")])


def test_a_guard_that_was_taken_over_hears_whose_run_it_is() -> None:
    """With both tokens and the next move; the run's name cannot write on the terminal."""
    said = fenced("night\x1b[2J", 4, 3)
    assert isinstance(said, Refused)
    assert str(said).startswith("run 'night")
    assert "\x1b" not in str(said)
    assert "(its token is 4, this one's 3): nothing was written. `pags-tui run` attaches" in str(said)
