"""The sentences of gates and triggers: what each means, what each wrong one is told, and that print and parse agree."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pags_tui.core.conditions import (
    AllSlos,
    Comparison,
    Condition,
    ConditionError,
    FlagCondition,
    FlagsReadable,
    MetricCondition,
    MetricNames,
    Names,
    NoTriggers,
    Quantifier,
    Range,
    Use,
    excess,
    hints,
    nearest,
    parse,
    parse_test,
    same_value,
    show_flag_value,
    true_of,
)
from pags_tui.core.units import ALL_SUFFIXES, Unit

NAMES = Names(
    {
        "error-rate": MetricNames(Unit.RATIO, "< 0.5%"),
        "p95-latency": MetricNames(Unit.SECONDS, "<= 300ms"),
        "queue-depth": MetricNames(Unit.COUNT),
        "throttle-rate": MetricNames(Unit.RATIO, "in 20%..30%"),
        "disk": MetricNames(Unit.BYTES),
        "deadlocks": MetricNames(Unit.PER_SECOND),
        "broken": MetricNames(Unit.RATIO, "< 5ms"),
        "any": MetricNames(Unit.COUNT, "< 5"),
        "flag": MetricNames(Unit.COUNT),
    },
    {"consent": "boolean", "canary": "integer", "colour": "string"},
    ("full-cutover", "canary-10/enable"),
)
UNBROKEN = Names(
    {name: metric for name, metric in NAMES.metrics.items() if name != "broken"}, NAMES.flags, NAMES.places
)


def metric(text: str, use: Use = Use.GATE) -> MetricCondition:
    found = parse(text, UNBROKEN, use)
    assert isinstance(found, MetricCondition)
    return found


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("error-rate < 0.5%", 0.005),
        ("error-rate < 0.005", 0.005),
        ("error-rate < 1", 1.0),
        ("p95-latency > 200% of slo", 0.6),
        ("p95-latency > 12.5% of slo", 0.0375),
        ("p95-latency > 300 ms", 0.3),
        ("p95-latency > 2m", 120.0),
        ("p95-latency > 3us", 3e-6),
        ("disk >= 1.5GiB", 1_610_612_736.0),
        ("disk >= 2MB", 2e6),
        ("deadlocks > 1/s", 1.0),
        ("deadlocks > 1", 1.0),
        ("queue-depth != -5", -5.0),
        ("queue-depth == 1e3", 1000.0),
        ("queue-depth<.5", 0.5),
        ("queue-depth > +2", 2.0),
        ("queue-depth > -0", 0.0),
    ],
)
def test_bounds_in_the_metrics_own_unit(text: str, bound: float) -> None:
    """A bound converts in decimal and is rounded once."""
    test = metric(text).test
    assert isinstance(test, Comparison)
    assert test.bound.value == bound


def test_a_metric_condition_has_all_its_parts() -> None:
    """Quantifier, metric, test, `for` and `since` are read, and a range with both ends."""
    found = metric("  any throttle-rate in 20% .. 30% for 1h30m   since canary-10/enable ")
    assert (found.quantifier, found.metric, found.for_, found.since) == (
        Quantifier.ANY,
        "throttle-rate",
        5400.0,
        "canary-10/enable",
    )
    assert isinstance(found.test, Range)
    assert (found.test.low.value, found.test.high.value) == (0.2, 0.3)
    assert str(found) == "any throttle-rate in 20%..30% for 1h30m since canary-10/enable"


def test_all_slos_is_every_metric_with_one() -> None:
    """`all slos` carries one `within slo` per metric that has an SLO, with the same `for` and `since`."""
    found = parse("all slos for 2h since full-cutover", UNBROKEN)
    assert isinstance(found, AllSlos)
    with_slo = ("error-rate", "p95-latency", "throttle-rate", "any")
    assert [str(slo) for slo in found.slos] == [f"{name} within slo for 2h since full-cutover" for name in with_slo]
    assert found.slos[0].test == parse_test("< 0.5%", Unit.RATIO)


def test_conditions_without_a_metric() -> None:
    """Triggers, flags of each type, and the flag service as a whole."""
    assert parse("no triggers", NAMES) == NoTriggers()
    assert parse("no triggers since full-cutover", NAMES) == NoTriggers("full-cutover")
    assert parse("flags readable", NAMES) == FlagsReadable()
    assert parse("flag consent == false", NAMES) == FlagCondition("consent", "==", False)
    assert parse("flag canary != 10.0", NAMES) == FlagCondition("canary", "!=", 10)
    assert parse("flag colour == 10", NAMES) == FlagCondition("colour", "==", "10")
    assert parse("flag colour == 'two \"words\"'", NAMES) == FlagCondition("colour", "==", 'two "words"')


def test_a_metric_may_be_called_like_a_word_of_the_grammar() -> None:
    """`any < 5` is the metric of that name; `any any < 5` quantifies it; `flag` followed by a test is a metric too."""
    assert metric("any < 5").metric == "any"
    assert metric("any in 1..2").quantifier is None
    assert metric("any within slo").within_slo
    assert metric("any any < 5").quantifier is Quantifier.ANY
    assert metric("flag < 5").metric == "flag"


def refused() -> Iterator[Any]:
    file = Path(__file__).parent.parent / "cases/conditions/refused.toml"
    for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]:
        yield pytest.param(case, id=case.get("text", case.get("slo"))[:40] or "empty")


@pytest.mark.parametrize("case", refused())
def test_what_is_wrong_is_said_at_its_column(case: dict[str, Any]) -> None:
    """An error says what was found and what would be right, at the column where it stands, with a word for scripts."""
    use = Use(case.get("use", "gate"))
    reading: Callable[[], object]
    if "slo" in case:
        reading = partial(parse_test, case["slo"], Unit.RATIO)
    else:
        reading = partial(parse, case["text"], NAMES if use is Use.GATE else UNBROKEN, use)
    with pytest.raises(ConditionError) as caught:
        reading()
    assert caught.value.message == str(caught.value) == case["message"]
    assert (caught.value.column, caught.value.code) == (case["column"], case["code"])


def test_all_slos_needs_an_slo() -> None:
    """`all slos` in a runbook without one would pass for nothing."""
    with pytest.raises(ConditionError, match="no metric of this runbook has an `slo`") as caught:
        parse("all slos", Names({"m": MetricNames(Unit.COUNT)}))
    assert caught.value.message == (
        "`all slos`, but no metric of this runbook has an `slo`; give one to a metric, or name the metric here"
    )
    assert (caught.value.column, caught.value.code) == (1, "no-slo")


def test_a_name_far_from_all_known_ones_gets_them_listed_only_while_they_are_few() -> None:
    """Up to eight known names are listed; of many, only a close one is named."""
    assert nearest("zzz", ["a", "b"]) == "; known are `a`, `b`"
    assert nearest("zzz", map(str, range(9))) == ""
    assert nearest("zzz", []) == ""


def test_close_names() -> None:
    """Half alike is close enough to ask for, and only the closest is named."""
    assert nearest("abcd", ["abxy", "zzzz"]) == "; did you mean `abxy`?"
    assert nearest("abcd", ["abce", "abcf", "abcd-x"]).count("`") == 2


def test_odd_spellings_that_are_right() -> None:
    """Spaces before a metric that is called like a quantifier, a tab inside quotes, numbers at their limits."""
    assert metric("  any < 5").metric == "any"
    assert parse('flag colour == "a\tb"', NAMES) == FlagCondition("colour", "==", "a\tb")
    assert parse("flag canary == 181", NAMES) == FlagCondition("canary", "==", 181)
    assert parse(f"flag canary == {'0' * 299}7", NAMES) == FlagCondition("canary", "==", 7)
    assert str(metric(f"queue-depth < {'0' * 299}7").test).endswith("07")
    assert show_flag_value("schön ü") == '"schön ü"'


def test_what_a_hint_says() -> None:
    """Each hint in full, with the numbers that it is about."""
    found = [
        hint.message
        for text, use, names in (
            ("error-rate < 5", Use.GATE, UNBROKEN),
            ("any queue-depth < 5", Use.GATE, UNBROKEN),
            ("flags readable", Use.TRIGGER, UNBROKEN),
            ("flags readable", Use.GATE, Names()),
        )
        for hint in hints(parse(text, names, use), names, use)
    ]
    assert found == [
        "`5` on the ratio error-rate means 500%; write 5% if that is meant",
        "`any` lets queue-depth pass while a single one of its series is good",
        "in a trigger, `flags readable` is bad as long as the flags can be read",
        "`flags readable` never passes, as the runbook names no flag",
    ]


def test_hints() -> None:
    """`check` warns of a ratio above 1, of `any` in a gate, and of `flags readable` where it makes no sense."""

    def codes(text: str, use: Use = Use.GATE, names: Names = UNBROKEN) -> list[str]:
        return [hint.code for hint in hints(parse(text, names, use), names, use)]

    assert codes("error-rate < 5") == ["ratio-above-one"]
    assert codes("throttle-rate in 2..3") == ["ratio-above-one"] * 2
    assert codes("error-rate < 5%") == codes("error-rate < 1") == codes("error-rate within slo") == []
    assert codes("error-rate > 200% of slo") == codes("queue-depth < 5") == codes("flag consent == true") == []
    assert codes("any queue-depth < 5") == ["any-in-gate"]
    assert codes("any queue-depth < 5", Use.TRIGGER) == codes("flags readable") == []
    assert codes("flags readable", Use.TRIGGER) == ["flags-readable-trigger"]
    assert codes("flags readable", names=Names()) == ["no-flags"]


def test_flag_values_are_equal_in_type_and_value() -> None:
    """10 is 10.0; true is not 1; a text is no number."""
    assert same_value(10, 10.0)
    assert same_value(True, True)
    assert same_value("a", "a")
    assert not same_value(True, 1)
    assert not same_value(0, False)
    assert not same_value("10", 10)
    assert not same_value("a", "b")
    assert [show_flag_value(v) for v in (True, False, 10, 10.0, 1.5, "a", "a b", "")] == [
        "true",
        "false",
        "10",
        "10",
        "1.5",
        "a",
        '"a b"',
        '""',
    ]


@given(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.floats(allow_nan=False), st.integers(-3, 3))
def test_how_far_inside_agrees_with_inside(op: str, value: float, bound: int) -> None:
    """What is further inside a test is never less true: picking the deepest series and judging it is judging all."""
    test = parse_test(f"{op} {bound}", Unit.COUNT)
    other = value + 1
    if excess(test, value) >= excess(test, other):
        assert true_of(test, value) or not true_of(test, other)


@given(st.floats(allow_nan=False))
def test_a_range_holds_both_its_ends(value: float) -> None:
    """Inside is from the low end to the high one, and how far inside is negative outside."""
    test = parse_test("in 2..5", Unit.COUNT)
    assert true_of(test, value) == (2 <= value <= 5) == (excess(test, value) >= 0)


numbers = st.one_of(
    st.decimals(-(10**6), 10**6, allow_nan=False, allow_infinity=False, places=3).map(lambda d: f"{d:f}"),
    st.integers(-(10**9), 10**9).map(str),
)
tails = st.builds(
    lambda for_, since: for_ + since,
    st.sampled_from(["", " for 90s", " for 0s", " for 1d2h"]),
    st.sampled_from(["", " since full-cutover"]),
)
tests = st.one_of(
    st.builds(
        lambda op, number, unit: f"{op} {number}{unit}",
        st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
        numbers,
        st.sampled_from(["", "% of slo", *ALL_SUFFIXES]),
    ),
    st.builds(lambda a, b, unit: f"in {a}{unit}..{b}{unit}", numbers, numbers, st.sampled_from(["", "%", "ms", "MiB"])),
    st.just("within slo"),
)
flag_values = st.one_of(
    st.text(max_size=8).map(show_flag_value), st.integers().map(str), st.sampled_from(["true", "false", "'it''s'"])
)
sentences = st.one_of(
    st.builds(
        lambda q, m, t, tail: f"{q}{m} {t}{tail}",
        st.sampled_from(["", "every ", "any "]),
        st.sampled_from(sorted(UNBROKEN.metrics)),
        tests,
        tails,
    ),
    tails.map("all slos".__add__),
    tails.map("no triggers".__add__),
    st.just("flags readable"),
    st.builds(
        lambda k, op, v: f"flag {k} {op} {v}",
        st.sampled_from(sorted(NAMES.flags)),
        st.sampled_from(["==", "!="]),
        flag_values,
    ),
)


def parsed(text: str, use: Use) -> Condition | None:
    try:
        return parse(text, UNBROKEN, use)
    except ConditionError as error:
        column = error.column
    assert 1 <= column <= len(text) + 1
    return None


@given(sentences, st.sampled_from(Use))
def test_print_and_parse_agree(text: str, use: Use) -> None:
    """What a condition prints is read back as the same condition, and prints the same again."""
    found = parsed(text, use)
    if found is not None:
        again = parse(str(found), UNBROKEN, use)
        assert again == found
        assert str(again) == str(found)


scraps = st.lists(
    st.sampled_from(
        [
            "error-rate",
            "queue-depth",
            "<",
            ">=",
            "=",
            "5",
            "0.5",
            "%",
            "ms",
            "/s",
            "in",
            "..",
            "for",
            "15m",
            "since",
            "slo",
            "within",
            "of",
            "all",
            "slos",
            "no",
            "triggers",
            "flag",
            "flags",
            "readable",
            "consent",
            "true",
            "'",
            '"',
            "\\",
            " ",
            "\t",
            "\u2003",
            "٣",
            "1e5",
            "-",
            "any",
            "every",
            "full-cutover",
        ]
    ),
    max_size=12,
)


@given(st.one_of(st.text(max_size=60), scraps.map(" ".join), scraps.map("".join)), st.sampled_from(Use))
@example("queue-depth < 1e-999", Use.GATE)
@example("queue-depth < 1e9999", Use.GATE)
@example("flag canary == 1e999", Use.GATE)
@example('flag colour == "\ud800"', Use.GATE)
def test_parse_raises_nothing_else(text: str, use: Use) -> None:
    """Any text is a condition or a ConditionError whose column lies in it."""
    parsed(text, use)
