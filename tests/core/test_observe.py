"""What a tick lets us know, where a case file cannot say it: bounds, twins, ages, one series alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pags_tui.core import observe as observing
from pags_tui.core.conditions import Comparison, MetricCondition, MetricNames, Names, parse
from pags_tui.core.observe import (
    MOST_SERIES,
    MetricSpec,
    Sights,
    TriggerState,
    Watch,
    least_true,
    narrow,
    observe,
    reading_words,
    series_name,
    truest,
)
from pags_tui.core.series import Labels, Point, Reading, Tick
from pags_tui.core.units import Unit

SPECS = {"m": MetricSpec("m")}


def labelled(**labels: str) -> Labels:
    return tuple(sorted(labels.items()))


def look(watch: Watch, time: float, *points: Point, **more: object) -> tuple[Watch, Sights]:
    reading = Reading(points, **more)  # type: ignore[arg-type]
    return observe(SPECS, watch, Tick(time, {"m": reading}), every=10)


def test_the_watch_that_went_in_stays_as_it_was() -> None:
    """Observing gives a new watch: the same tick seen twice from the same watch shows the same."""
    first, _ = look(Watch(), 0, Point(labelled(q="a"), 1.0))
    kept = repr(first)
    second = look(first, 10, Point(labelled(q="b"), 2.0))
    assert repr(first) == kept
    assert look(first, 10, Point(labelled(q="b"), 2.0)) == second


def test_a_tick_that_goes_back_in_time_is_judged_at_the_latest_time() -> None:
    """A clock that jumps back counts as a failed query at the time already reached."""
    watch, _ = look(Watch(), 100, Point((), 1.0))
    watch, sights = look(watch, 50, Point((), 9.0))
    assert (watch.time, sights.time, sights.advanced) == (100, 100, False)
    assert sights.metrics["m"].failed == "the server's time did not advance"


def test_twins_are_unknown() -> None:
    """Two series with the same labels: nobody can say which value counts."""
    twin = Point(labelled(q="a"), 1.0)
    _, sights = look(Watch(), 0, twin, Point(labelled(q="a"), 9.0), Point(labelled(q="b"), 1.0))
    sight = sights.metrics["m"]
    assert list(sight.unknown.values()) == ["bad answer: two series with these labels"]
    assert [sight.labels[sid] for sid in sight.values] == [labelled(q="b")]


def test_more_series_than_can_be_watched_leave_the_rest_unknown() -> None:
    """Memory is bounded: beyond the limit the rest is one unknown, so a gate cannot pass on what nobody watches."""
    points = [Point(labelled(q=str(n)), 1.0) for n in range(MOST_SERIES + 5)]
    watch, sights = look(Watch(), 0, *points)
    assert len(watch.metrics["m"].labels) == MOST_SERIES
    assert len(sights.metrics["m"].values) == MOST_SERIES - 1
    assert list(sights.metrics["m"].unknown.values()) == ["more than 10000 series: sum the query up"]
    watch, sights = look(watch, 10, *points)
    assert len(watch.metrics["m"].labels) == MOST_SERIES
    assert len(sights.metrics["m"].unknown) == 1
    _, sights = look(watch, 20, *points[: MOST_SERIES - 1])
    assert not sights.metrics["m"].unknown


def test_an_age_that_fits_no_series_leaves_the_last_one() -> None:
    """The answer about the data's age may be empty, about other series, or NaN: then the age known before goes on."""
    watch, sights = look(Watch(), 0, Point((), 1.0), ages=(Point(labelled(pod="1"), 20.0), Point((), 5.0)))
    assert sights.metrics["m"].age == 20
    watch, sights = look(watch, 10, Point((), 1.0), ages=())
    assert sights.metrics["m"].age == 20
    watch, sights = look(watch, 90, Point((), 1.0), ages=(Point((), float("nan")),))
    assert sights.metrics["m"].age == 40
    _, sights = look(watch, 100)
    assert sights.metrics["m"].age is None


def test_an_age_of_other_labels_is_not_this_series() -> None:
    """Labels that both have must agree."""
    _, sights = look(
        Watch(),
        0,
        Point(labelled(zone="x"), 1.0),
        Point(labelled(zone="y"), 1.0),
        ages=(Point(labelled(zone="x", pod="1"), 100.0),),
    )
    assert len(sights.metrics["m"].unknown) == len(sights.metrics["m"].values) == 1


def test_a_failed_query_that_says_bad_answer_keeps_its_words() -> None:
    """`bad answer` is a reason of its own, not a missing one."""
    _, sights = look(Watch(), 0, failed="bad answer: HTML")
    assert sights.metrics["m"].void == "bad answer: HTML"


def test_a_failed_query_does_not_make_a_series_vanish() -> None:
    """With `expect`, a failed query leaves every series unknown that was there, and lets none go."""
    specs = {"m": MetricSpec("m", expect={"q": ["a"]})}
    points = (Point(labelled(q="a"), 1.0), Point(labelled(q="b"), 1.0), Point(labelled(q="c"), 1.0))
    watch, _ = observe(specs, Watch(), Tick(0, {"m": Reading(points)}), every=10)
    watch, sights = observe(specs, watch, Tick(10, {"m": Reading(points[:2])}), every=10)
    assert len(sights.metrics["m"].gone) == 1
    watch, sights = observe(specs, watch, Tick(20, {"m": Reading(failed="time-out")}), every=10)
    assert len(sights.metrics["m"].unknown) == 2
    assert len(sights.metrics["m"].gone) == 1
    _, sights = observe(specs, watch, Tick(30, {"m": Reading(points)}), every=10)
    assert len(sights.metrics["m"].values) == 3
    assert sorted(sights.metrics["m"].regained.values()) == [0, 10, 10]


def test_one_series_alone() -> None:
    """Narrowed to one series, the sight shows that one and nothing of the others; an unknown series shows nothing."""
    watch, _ = look(Watch(), 0, Point(labelled(q="a"), 1.0), Point(labelled(q="b"), 9.0))
    _, sights = look(watch, 10, Point(labelled(q="a"), 1.0), Point(labelled(q="c"), 9.0))
    one = narrow(sights, "m", labelled(q="a")).metrics["m"]
    assert (list(one.values.values()), one.unknown, one.void) == ([1.0], {}, None)
    assert one.lowest == one.highest == next(iter(one.values))
    top = narrow(sights, "m", labelled(q="c")).metrics["m"]
    assert top.lowest == top.highest == next(iter(top.values))
    assert list(narrow(sights, "m", labelled(q="b")).metrics["m"].unknown.values()) == ["no data"]
    assert narrow(sights, "m", labelled(q="z")).metrics["m"].void == "no data"


def test_names_and_words() -> None:
    """A series is named with its labels quoted; a reading stands with its bound, and with what a share of it is."""
    assert series_name("m", labelled(q='a"b', z="1")) == 'm{q="a\\"b",z="1"}'
    found = parse("m > 200% of slo", Names({"m": MetricNames(Unit.SECONDS, "<= 300ms")}))
    assert isinstance(found, MetricCondition)
    assert reading_words(found, "m", 0.7) == "m 700ms > 200% of slo (600ms)"
    assert reading_words(found, "m", 0.6) == "m 600ms <= 200% of slo (600ms)"


def test_states_have_an_order() -> None:
    """From quiet to loud: inactive, unknown, pending, firing."""
    assert sorted(TriggerState, key=lambda state: state.rank) == ["inactive", "unknown", "pending", "firing"]


values = st.lists(st.sampled_from([0.0, 1.0, 1.5, 2.0, 3.0, float("inf"), float("-inf")]), max_size=5)


@given(values, st.sampled_from(["< 1.5", "<= 1", "> 1", ">= 2", "== 1", "!= 1.5", "in 1..2"]))
def test_two_series_decide_for_all(numbers: list[float], test: str) -> None:
    """The series furthest from passing fails if any does, and the deepest passes if any does: no scan is needed."""
    condition = parse(f"m {test}", Names({"m": MetricNames(Unit.COUNT)}))
    assert isinstance(condition, MetricCondition)
    points = [Point(labelled(q=str(n)), number) for n, number in enumerate(numbers)]
    sight = look(Watch(), 0, *points)[1].metrics["m"]
    held = [observing.sight.true_of(condition.test, number) for number in numbers]
    least, most = least_true(condition.test, sight), truest(condition.test, sight)
    assert (least is None) == (most is None) == (not numbers)
    if least is not None and most is not None:
        assert observing.sight.true_of(condition.test, sight.values[least]) == all(held)
        assert observing.sight.true_of(condition.test, sight.values[most]) == any(held)


def test_as_many_series_as_there_is_room_for_leave_no_rest() -> None:
    """The limit itself is no overflow; one more is."""
    points = [Point(labelled(q=str(n)), 1.0) for n in range(4)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(observing.look, "MOST_SERIES", 4)
        watch, sights = look(Watch(), 0, *points[:3])
        assert not sights.metrics["m"].unknown
        _, sights = look(watch, 10, *points)
        assert len(sights.metrics["m"].unknown) == 1


def test_nan_and_twins_are_both_told() -> None:
    """One series that is NaN and two that are twins: each has its own reason."""
    twin = Point(labelled(q="a"), 1.0)
    _, sights = look(Watch(), 0, twin, twin, Point(labelled(q="b"), float("nan")))
    assert sorted(sights.metrics["m"].unknown.values()) == ["NaN", "bad answer: two series with these labels"]


def test_old_data_says_how_old_it_is_by_now() -> None:
    """An age holds until it is asked again, and a tick longer; from then on it grows, and so do the words."""
    watch, _ = look(Watch(), 0, Point((), 1.0), ages=(Point((), 60.0),))
    watch, sights = look(watch, 80, Point((), 1.0))
    assert (sights.metrics["m"].age, dict(sights.metrics["m"].unknown)) == (70.0, {})
    _, sights = look(watch, 100, Point((), 1.0))
    assert list(sights.metrics["m"].unknown.values()) == ["old data: 1m30s, more than 1m15s"]


def test_a_failure_that_says_no_answer_keeps_its_words() -> None:
    """The reason is not said twice."""
    assert look(Watch(), 0, failed="no answer: refused")[1].metrics["m"].void == "no answer: refused"


def test_an_expected_series_is_the_one_that_comes() -> None:
    """A series with exactly the expected labels is that one, not a second one beside it."""
    specs = {"m": MetricSpec("m", expect={"q": ["a"]})}
    watch, sights = observe(specs, Watch(), Tick(0, {"m": Reading()}), every=10)
    assert list(sights.metrics["m"].unknown.values()) == ["no data"]
    _, sights = observe(specs, watch, Tick(10, {"m": Reading((Point(labelled(q="a"), 1.0),))}), every=10)
    assert sights.metrics["m"].labels[1:] == (labelled(q="a"),)
    assert list(sights.metrics["m"].values) == [1]


def test_labels_of_any_alphabet_are_shown_as_they_are() -> None:
    """Only what would break the line is escaped."""
    assert series_name("m", labelled(ort="Zürich\n")) == 'm{ort="Zürich\\n"}'


def test_twins_are_unknown_where_there_are_too_many_series_too() -> None:
    """Beyond the limit the rest is unknown as one; a twin among the watched ones is told all the same."""
    points = [Point(labelled(q=str(n)), 1.0) for n in (1, 2, 2, 3, 4, 4, 5)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(observing.look, "MOST_SERIES", 4)
        sight = look(Watch(), 0, *points)[1].metrics["m"]
    assert [sight.labels[sid] for sid in sight.values] == [labelled(q="1"), labelled(q="3")]
    assert sorted(sight.unknown.values()) == [
        "bad answer: two series with these labels",
        "more than 4 series: sum the query up",
    ]


def test_no_bound_is_minus_zero() -> None:
    """Written so or worked out so: it is 0, and is shown as 0."""
    for text in ("m > -0% of slo", "m > -0ms", "m > -0"):
        found = parse(text, Names({"m": MetricNames(Unit.SECONDS, "<= 300ms")}))
        assert isinstance(found, MetricCondition)
        assert isinstance(found.test, Comparison)
        assert str(found.test.bound.value) == "0.0"
