"""What if, over a recording: with nothing changed it is the night itself; with another bound or duration it differs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pags_tui.core.runbook.whatif import ChangeError, rewritten
from pags_tui.core.supposed import Supposed, SupposedLine
from pags_tui.replay.whatif import WhatIf
from tests.runs.make import NIGHTS, tape

T0 = datetime(2026, 11, 24, 22, 0)


def supposed(name: str, *changes: str) -> Supposed:
    """A recorded night, supposed to be otherwise."""
    what = WhatIf(tape(name), changes)
    *_, last = what.play()
    assert last == 1.0
    return what.found()


@pytest.mark.parametrize("name", NIGHTS[:2])
def test_with_nothing_changed_every_answer_is_as_recorded(name: str) -> None:
    """Every gate and trigger of a whole night, judged again from its samples: the same words at the same ticks."""
    what = WhatIf(tape(name), ())
    assert what.touched == frozenset()
    what.touched = frozenset((*what._after.gates, *what._after.triggers))
    what._would = {name: [] for name in what.touched}
    list(what.play())
    found = what.found()
    assert len(found.lines) == 6
    for line in found.lines:
        assert line.did == line.would, line.id
        assert line.did
    assert found.apart() == ()


def test_a_shorter_duration_fires_sooner() -> None:
    """The error spike fired after three minutes above 1%; with one minute it would have fired two minutes before."""
    found = supposed("error-spike", "triggers.error-rate.when=error-rate > 1% for 1m")
    (line,) = found.lines
    assert (line.kind, line.id) == ("trigger", "error-rate")
    assert (line.was, line.now) == ("error-rate > 1% for 3m", "error-rate > 1% for 1m")
    did, would = (next(at for at, word in turns if word == "firing") for turns in (line.did, line.would))
    assert timedelta(seconds=105) <= did - would <= timedelta(seconds=135)
    assert found.apart()[0] == would
    assert line.did_at(would) is not None
    assert line.would_at(would) == (would, "firing")
    assert [pair for _, *pair in line.differences()] == [["pending", "firing"], ["firing", "firing"]]


def test_another_bound_never_fires_and_another_promise_moves_its_gates() -> None:
    """A bound that was never reached: inactive all night. A lower SLO: its gates fail sooner, no trigger moves."""
    (line,) = supposed("error-spike", "triggers.error-rate.when=error-rate > 50% for 1m").lines
    assert {word for _, word in line.would} <= {"unknown", "inactive"}
    assert "firing" in {word for _, word in line.did}
    found = supposed("error-spike", "metrics.error-rate.slo=< 0.0001%")
    assert {line.kind for line in found.lines} == {"gate"}
    assert found.apart()


def test_a_change_that_cannot_be_made_says_why() -> None:
    """As `backtest --set` does."""
    with pytest.raises(ChangeError, match="nonsense"):
        WhatIf(tape("steady"), ["triggers.nonsense.when=error-rate > 1%"])


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("> 2%", "error-rate > 2% for 10m since go"),
        ("> 2% for 5m", "error-rate > 2% for 5m since go"),
        ("for 5m", "error-rate > 1% for 5m since go"),
        ("in 1%..2%", "error-rate in 1%..2% for 10m since go"),
        ("> 2% since stop", "error-rate > 2% for 10m since stop"),
        ("queue-depth > 5", "queue-depth > 5"),
    ],
)
def test_a_part_of_a_condition_is_enough(typed: str, made: str) -> None:
    """Another bound, another duration; the rest stays as it stands."""
    assert rewritten("error-rate > 1% for 10m since go", typed) == made


def test_conditions_of_other_forms_are_rewritten_too() -> None:
    """`all slos`, `any`, no duration yet."""
    assert rewritten("all slos for 15m", "for 5m") == "all slos for 5m"
    assert rewritten("any queue-depth > 500", "for 5m") == "any queue-depth > 500 for 5m"
    assert rewritten("< 0.5%", "< 1%") == "< 1%"


WORDS = st.sampled_from(["pass", "fail", "unknown"])
TURNS = st.lists(st.tuples(st.integers(0, 30), WORDS), max_size=8)


@given(TURNS, TURNS)
def test_differences_are_where_the_words_are_apart(did: list[tuple[int, str]], would: list[tuple[int, str]]) -> None:
    """Second by second: apart by the list of differences exactly when the two words are not the same."""

    def line(turns: list[tuple[int, str]]) -> tuple[tuple[datetime, str], ...]:
        return tuple((T0 + timedelta(seconds=at), word) for at, word in sorted(dict(turns).items()))

    found = SupposedLine("gate", "g", "", "", line(did), line(would))
    apart = ("", "")
    for second in range(31):
        moment = T0 + timedelta(seconds=second)
        apart = next((pair for at, *pair in reversed(found.differences()) if at <= moment), apart)
        pair = [turn[1] if turn else "" for turn in (found.did_at(moment), found.would_at(moment))]
        assert (pair[0] != pair[1]) == (apart[0] != apart[1])
        assert pair[0] == pair[1] or pair == list(apart)
