"""The reader of PromQL: trees, labels of answers, and errors with a place."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pags_tui.simulator.promql import (
    Aggregate,
    Binary,
    Call,
    Matcher,
    Number,
    PromqlError,
    Selector,
    answer_labels,
    normal,
    parse,
)
from tests.simulator.nights import pags


def test_a_tree_has_the_operators_in_their_order() -> None:
    """`*` binds closer than `+`, `^` closer still and to the right, `or` least."""
    assert parse("a + b * 2") == Binary("+", Selector("a"), Binary("*", Selector("b"), Number(2.0)))
    assert parse("2 ^ 3 ^ 4") == Binary("^", Number(2.0), Binary("^", Number(3.0), Number(4.0)))
    assert parse("-a ^ 2") == Binary("*", Number(-1.0), Binary("^", Selector("a"), Number(2.0)))
    assert parse("a or b > bool 1") == Binary("or", Selector("a"), Binary(">", Selector("b"), Number(1.0), True))


def test_selectors_carry_matchers_window_and_offset() -> None:
    """Every quoting style, durations of several units, and a name inside the braces."""
    found = parse("rate(x_total{a=\"1\",b!~'5..',c=~`q|\\.`}[1m30s] offset 1h)")
    matchers = (Matcher("a", "=", "1"), Matcher("b", "!~", "5.."), Matcher("c", "=~", "q|\\."))
    assert found == Call("rate", (Selector("x_total", matchers, 90.0, 3600.0),))
    assert parse('{__name__="up",job="a"}') == Selector("up", (Matcher("job", "=", "a"),))
    assert parse("sum by (a, b) (x)") == parse("sum(x) by (a, b)") == Aggregate("sum", Selector("x"), ("a", "b"))
    assert parse("a / on (x) group_left (y) b") == Binary("/", Selector("a"), Selector("b"))
    assert parse("max_over_time(a[5m:10s])  # why") == parse("max_over_time(a[5m:10s])")


@pytest.mark.parametrize(
    ("query", "groups", "fixed"),
    [
        ("sum by (queue) (x)", ("queue",), {}),
        ("sum by (q) (a) / sum by (q) (b)", ("q",), {}),
        ("1 - sum by (q) (a) / sum by (q) (b)", ("q",), {}),
        ("histogram_quantile(0.9, sum by (le, shop) (rate(x_bucket[1m])))", ("shop",), {}),
        ('x{a="1",b=~"2"}', (), {"a": "1"}),
        ("sum(x)", (), {}),
        ("time()", (), {}),
    ],
)
def test_the_labels_of_an_answer_follow_from_the_query(
    query: str, groups: tuple[str, ...], fixed: dict[str, str]
) -> None:
    """What the simulator's made-up series must look like."""
    assert answer_labels(parse(query)) == (groups, fixed)


@pytest.mark.parametrize(
    ("query", "place"),
    [("sum(", "1:5"), ("a{b=}", "1:5"), ("a\n  + + )", "2:7"), ("a b", "1:3"), ('a{b=~"("}', "1:9"), ("§", "1:1")],
)
def test_an_error_names_its_place_as_prometheus_does(query: str, place: str) -> None:
    """Line and column, counted from one."""
    with pytest.raises(PromqlError, match=rf"^{place}: parse error: "):
        parse(query)


@given(st.text(alphabet="ab(){}[],=~!\"'`<>+-*/^%@:#0159.msd \n", max_size=60))
def test_any_text_is_a_tree_or_a_plain_error(text: str) -> None:
    """No other exception comes out, whatever is typed."""
    with suppress(PromqlError):
        answer_labels(parse(text))


@pytest.mark.parametrize("text", ["(" * 50_000, "-" * 50_000, "1+" * 50_000 + "1", "9" * 9_000 + "s", "a[0x1m]"])
def test_a_monstrous_text_is_a_plain_error_too(text: str) -> None:
    """Depth and digits have limits."""
    try:
        parse(text)
    except PromqlError:
        return
    assert text.startswith("1+")


def test_the_normal_form_forgets_white_space_only() -> None:
    """Two spellings of one query are known to be the same; two queries are not."""
    for metric in pags().metrics.values():
        assert normal(metric.query) == normal(metric.query.replace(" ", "  \n"))
    assert normal('a{b="x y"}') != normal('a{b="xy"}')
