"""A supposition beside what was: from when on the two are apart, and from when together again."""

from __future__ import annotations

from datetime import datetime, timedelta

from pags_tui.core.supposed import Supposed, SupposedLine, Turn, turns
from tests.core.stories import T0


def at(minutes: int) -> datetime:
    return T0 + timedelta(minutes=minutes)


def line(did: list[Turn], would: list[Turn]) -> SupposedLine:
    return SupposedLine("gate", "ten/low", "errors < 1%", "errors < 2%", tuple(did), tuple(would))


def test_only_what_is_another_word_is_a_turn() -> None:
    """The same word again is none."""
    assert turns([(at(0), "pass"), (at(1), "pass"), (at(2), "fail")]) == ((at(0), "pass"), (at(2), "fail"))


def test_what_each_said_at_a_moment() -> None:
    """The last turn up to then; before the first there is none."""
    one = line([(at(1), "pass"), (at(3), "fail")], [(at(2), "pass")])
    assert [one.did_at(at(n)) for n in (0, 1, 2, 3)] == [
        None, (at(1), "pass"), (at(1), "pass"), (at(3), "fail"),
    ]  # fmt: skip
    assert (one.would_at(at(1)), one.would_at(at(9))) == (None, (at(2), "pass"))


def test_apart_apart_in_another_way_and_together_again() -> None:
    """Each is told once, with both words; where both turn alike nothing is told."""
    one = line(
        [(at(0), "pass"), (at(1), "fail"), (at(4), "pass"), (at(5), "fail")],
        [(at(0), "pass"), (at(2), "unknown"), (at(4), "pass"), (at(5), "fail")],
    )
    assert one.differences() == (
        (at(1), "fail", "pass"), (at(2), "fail", "unknown"), (at(4), "pass", "pass"),
    )  # fmt: skip


def test_the_moments_at_which_anything_begins_to_be_apart() -> None:
    """Of all lines, each once, in order; coming together is none."""
    one, two = line([(at(1), "fail"), (at(2), "pass")], [(at(2), "pass")]), line([(at(0), "pass")], [(at(1), "pass")])
    assert Supposed(("ten/low.gate=errors < 2%",), (one, two)).apart() == (at(0), at(1))
