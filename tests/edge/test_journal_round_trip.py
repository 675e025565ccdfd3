"""Facts go into the journal and come out as they were."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pags_tui.core.errors import JournalError
from pags_tui.core.events import FACTS, Actor, NoteAdded, OverrideGiven, RunStarted, encode
from pags_tui.core.ports import RunRow
from pags_tui.edge.journal import open_journal, open_readonly

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
BY = Actor("ann", "Ann B.")
RUN = RunRow("r1", "cutover", "live", NOW, None, None)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
times = st.datetimes(timezones=st.just(UTC))
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False)
values = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | texts
st.register_type_strategy(str, texts)
st.register_type_strategy(datetime, times)
st.register_type_strategy(float, st.floats(allow_nan=False))
st.register_type_strategy(bool | int | float | str, values)


@pytest.mark.parametrize("kind", sorted(FACTS))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(data=st.data())
def test_every_fact_comes_back_as_it_was(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    """What append gives back, what a reader reads, and what was handed in are one and the same, for each class."""
    facts = data.draw(st.lists(st.from_type(FACTS[kind]), min_size=1, max_size=3))
    run = f"r{data.draw(st.integers(min_value=0))}-{id(facts)}"
    with open_journal(tmp_path / "own" / "j.db") as journal:
        journal.begin(RunRow(run, "cutover", "live", NOW, None, None), "00")
        written = journal.append(run, facts, NOW, BY, None)
        assert [event.fact for event in written] == facts
        with open_readonly(journal.path) as reader:
            assert reader.events(run) == written


def test_values_keep_their_json_type(tmp_path: Path) -> None:
    """True, 1, 1.0 and "1" stay four different flag values."""
    from pags_tui.core.events import FlagSeen

    with open_journal(tmp_path / "own" / "j.db") as journal:
        journal.begin(RUN, "00")
        values = [True, 1, 1.0, "1", False, 0, 0.0, ""]
        journal.append("r1", [FlagSeen("f", value) for value in values], NOW, BY, None)
        found = [event.fact.value for event in journal.events("r1")]  # type: ignore[union-attr]
    assert [(type(value), value) for value in found] == [(type(value), value) for value in values]


def test_nan_and_infinity_come_back(tmp_path: Path) -> None:
    """JSON has no NaN; the journal keeps it all the same."""
    with open_journal(tmp_path / "own" / "j.db") as journal:
        journal.begin(RUN, "00")
        for value in (float("nan"), float("inf"), float("-inf")):
            journal.append("r1", [OverrideGiven("g", "fail", value, "why", NOW)], NOW, BY, None)
        assert [repr(event.fact.value) for event in journal.events("r1")] == ["nan", "inf", "-inf"]  # type: ignore


def test_half_a_character_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    """A lone surrogate (a terminal with another encoding) is a sentence, not a traceback, and leaves no row."""
    with open_journal(tmp_path / "own" / "j.db") as journal:
        journal.begin(RUN, "00")
        with pytest.raises(JournalError, match="no text"):
            journal.append("r1", [NoteAdded("fine"), NoteAdded("a\udc80")], NOW, BY, None)
        with pytest.raises(JournalError, match="no Unicode"):
            journal.append("r1", [NoteAdded("fine")], NOW, Actor("ann", "\udc80"), None)
        assert journal.events("r1") == []


def test_text_of_other_people_is_kept_to_the_letter(tmp_path: Path) -> None:
    """NUL, control characters and markup in a note or a name are data."""
    nasty = "a\0b\x1b[31m[bold]'; DROP TABLE events;--\n\u202e"
    with open_journal(tmp_path / "own" / "j.db") as journal:
        journal.begin(RUN, "00")
        [event] = journal.append("r1", [NoteAdded(nasty)], NOW, Actor("ann", nasty), None)
        assert journal.events("r1") == [event]
        assert event.by.name == nasty
        assert journal.verify("r1") is None


def test_a_runbook_of_a_megabyte_fits(tmp_path: Path) -> None:
    """The first fact carries the runbook whole."""
    started = RunStarted("r1", "live", "x" * 1_000_000, "00", "runbook.toml", "production", "Ann", "ann", "1.0")
    with open_journal(tmp_path / "own" / "j.db") as journal:
        journal.begin(RUN, "00")
        journal.append("r1", [started], NOW, BY, None)
        assert encode(journal.events("r1")[0].fact) == encode(started)
