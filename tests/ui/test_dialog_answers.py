"""Questions: what counts as an answer, and what is said to what does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pags_tui.core.errors import Refused
from pags_tui.ui.dialogs.clock import parse_moment
from pags_tui.ui.dialogs.entry import wrap
from pags_tui.ui.dialogs.questions import Option, Question, word
from pags_tui.ui.renderables.line import text_of

NOW = datetime(2026, 11, 24, 21, 20, tzinfo=UTC)


def test_a_word_is_exact() -> None:
    """Neither an empty line, nor another case, nor a blank too many confirms anything."""
    question = word("Type rollback:", "rollback")
    assert question.answer("rollback") == ("rollback", "")
    assert question.answer("") == ("", "Enter alone changes nothing: type rollback")
    assert question.answer("Rollback") == ("", "'Rollback' changes nothing: type rollback")
    assert question.answer("rollback ")[0] == ""


def test_an_option_is_a_number_or_the_beginning_of_a_name() -> None:
    """What is not clear is not chosen; what is off says why."""
    options = (Option("failed"), Option("first"), Option("skipped", why_not="not yet"))
    question = Question("how", "How:", options=options)
    assert question.answer("1") == ("failed", "")
    assert question.answer("fir") == ("first", "")
    assert question.answer("f") == ("", "'f' is more than one choice: type a number from 1 to 3.")
    assert question.answer("9") == ("", "'9' is no choice: type a number from 1 to 3.")
    assert question.answer("skipped") == ("", "skipped: not yet")
    assert question.answer("") == ("", "Nothing happens yet. Type a number or a name from the list.")


def test_an_option_that_is_a_number_goes_by_its_name() -> None:
    """`10` among earlier values means the value 10, not the tenth line; `1` still means the first."""
    question = Question("value", "Back to:", options=(Option("10"), Option("0"), Option("1")))
    assert question.answer("10") == ("10", "")
    assert question.answer("1") == ("1", "")
    assert question.answer("0") == ("0", "")
    assert question.answer("2") == ("0", "")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("22:00", datetime(2026, 11, 24, 22, 0, tzinfo=UTC)),
        ("21:00", datetime(2026, 11, 25, 21, 0, tzinfo=UTC)),
        ("+60m", NOW + timedelta(hours=1)),
        ("2026-11-24T23:00Z", datetime(2026, 11, 24, 23, 0, tzinfo=UTC)),
        ("2026-11-24T23:00+01:00", datetime(2026, 11, 24, 22, 0, tzinfo=UTC)),
    ],
    ids=["today", "tomorrow", "from-now", "rfc3339", "with-zone"],
)
def test_t_zero_in_words(text: str, wanted: datetime) -> None:
    """A time of day is the next one; the rest is what it says."""
    assert parse_moment(text, NOW, ZoneInfo("UTC")) == wanted


@pytest.mark.parametrize("text", ["soon", "25:00", "+soon", "2026-13-01"])
def test_no_time_is_refused(text: str) -> None:
    """With what would be right."""
    with pytest.raises(Refused, match=r"is no time\. Type a time such as 22:00"):
        parse_moment(text, NOW, ZoneInfo("UTC"))


def test_lines_are_wrapped_at_blanks() -> None:
    """A continued line is set in; a word longer than the line is cut hard, nothing is lost."""
    rows = wrap((("one two three four", "calm"),), 10)
    assert [text_of(row).rstrip() for row in rows] == ["one two", "  three", "  four"]
    long = wrap((("x" * 25, "calm"),), 10)
    assert "".join(text_of(row).strip() for row in long) == "x" * 25
    assert max(len(text_of(row)) for row in long) <= 10
