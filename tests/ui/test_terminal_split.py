"""A function key that a slow line took apart is still that key; what is typed is never lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pags_tui.ui.terminal.split import PATIENCE, Rejoiner


def after_escape(*pieces: str) -> str:
    """What the parser sees of these pieces, once an escape went out; an empty one is a beat."""
    rejoiner = Rejoiner()
    rejoiner.escaped()
    return "".join(rejoiner.feed(piece) for piece in pieces)


@pytest.mark.parametrize(
    ("pieces", "seen"),
    [
        (("[20~",), "\x1b[20~"),
        (("[", "2", "", "0", "~"), "\x1b[20~"),
        (("O", "P"), "\x1bOP"),
        (("[A", "j"), "\x1b[Aj"),
        (("[20~rollback",), "\x1b[20~rollback"),
        (("jk",), "jk"),
        (("", "", "rollback"), "rollback"),
        (("[", "[", "x"), "[[x"),
    ],
    ids=["at-once", "byte-by-byte", "F1", "arrow", "typed-behind", "letters", "later-letters", "brackets"],
)
def test_what_follows_an_escape(pieces: tuple[str, ...], seen: str) -> None:
    """The rest of a key joins it; letters are letters."""
    assert after_escape(*pieces) == seen


def test_a_bracket_is_not_held_for_ever() -> None:
    """What looks like a key's beginning goes on as it came, once nothing follows."""
    assert after_escape("[", *[""] * PATIENCE) == ""
    assert after_escape("[", *[""] * (PATIENCE + 1)) == "["


@given(pieces=st.lists(st.text("[O20~jA", max_size=3), max_size=8))
def test_no_character_is_lost(pieces: list[str]) -> None:
    """Whatever comes goes through in its order; at most the escape that was given out is put back before it."""
    typed = "".join(pieces)
    assert after_escape(*pieces, *[""] * (PATIENCE + 2)).removeprefix("\x1b") == typed


@given(pieces=st.lists(st.text(max_size=5), max_size=5))
def test_without_an_escape_nothing_is_touched(pieces: list[str]) -> None:
    """Text passes as it comes."""
    rejoiner = Rejoiner()
    assert [rejoiner.feed(piece) for piece in pieces] == pieces
