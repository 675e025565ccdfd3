"""Facts go into the journal and come out as they were."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pags_tui.core.errors import JournalError
from pags_tui.core.events import FACTS, Actor, FlagSeen, NoteAdded, OverrideGiven, RunStarted, encode
from pags_tui.core.ports import RunRow
from pags_tui.core.series import FlagValue
from pags_tui.edge.journal import open_journal, open_readonly

NOW = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
BY = Actor("ann", "Ann B.")
RUN = RunRow("r1", "cutover", "live", NOW, None, None)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
times = st.datetimes(timezones=st.just(UTC))
INTEGERS = st.integers(-(2**63), 2**63 - 1)
VALUES = st.booleans() | INTEGERS | st.floats(allow_nan=False, allow_infinity=False) | texts
"""What a flag may hold: JSON, which has no infinity."""
PLAIN = {str: texts, bool: st.booleans(), int: INTEGERS, float: st.floats(allow_nan=False), datetime: times}


def anything(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a type that a fact's field may have."""
    if kind in PLAIN:
        return PLAIN[kind]
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return st.builds(kind, **{field.name: anything(hints[field.name]) for field in fields(kind)})
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(inside)
    if origin is tuple and inside[-1] is Ellipsis:
        return st.lists(anything(inside[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(anything, inside))
    if origin in (Union, UnionType) and set(inside) >= set(get_args(FlagValue)):
        return VALUES | st.none() if NoneType in inside else VALUES
    if origin in (Union, UnionType):
        return st.one_of(*(st.none() if one is NoneType else anything(one) for one in inside))
    raise TypeError(f"no strategy for {kind}")


@pytest.mark.parametrize("kind", sorted(FACTS))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(data=st.data())
def test_every_fact_comes_back_as_it_was(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    """What append gives back, what a reader reads, and what was handed in are one and the same, for each class."""
    facts = data.draw(st.lists(anything(FACTS[kind]), min_size=1, max_size=3))
    run = uuid4().hex
    with open_journal(tmp_path / "own" / "j.db") as journal:
        journal.begin(RunRow(run, "cutover", "live", NOW, None, None), "00")
        written = journal.append(run, facts, NOW, BY, None)
        assert [event.fact for event in written] == facts
        with open_readonly(journal.path) as reader:
            assert reader.events(run) == written


def test_values_keep_their_json_type(tmp_path: Path) -> None:
    """True, 1, 1.0 and "1" stay four different flag values."""
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
