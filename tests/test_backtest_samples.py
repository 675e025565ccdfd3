"""Samples as JSON lines: what makes a tick, what is refused and with which words."""

from __future__ import annotations

import json
import math
import random

import pytest

from pags_tui.backtest import SampleError, read_samples, samples
from pags_tui.core.series import Point, Reading

A = (("queue", "a"),)


def lines(*rows: object) -> list[bytes]:
    return [row if isinstance(row, bytes) else json.dumps(row).encode() + b"\n" for row in rows]


def test_ticks_are_the_distinct_times_in_order() -> None:
    """Times may come in any order and more than once; each makes one tick."""
    history, _ = read_samples(
        lines(
            {"metric": "m", "t": 60, "value": 1},
            {"t": 180},
            {"metric": "m", "t": -30.5, "value": 2},
            {"metric": "n", "t": 60, "value": 3},
        ),
        "f",
    )
    assert list(history.times) == [-30.5, 60, 180]
    assert history.tick(1).readings == {"m": Reading((Point((), 1.0),)), "n": Reading((Point((), 3.0),))}
    assert history.tick(2).readings == {}


def test_values_as_prometheus_writes_them() -> None:
    """Numbers, "NaN", "+Inf" and "-Inf" are values; an error is a failed query."""
    row = {"metric": "m", "labels": {"queue": "a"}}
    texts = ["NaN", "+Inf", "-Inf", 1e-3, 7]
    history, _ = read_samples(lines(*({**row, "t": n, "value": v} for n, v in enumerate(texts))), "f")
    values = [history.tick(n).readings["m"].points[0].value for n in range(5)]
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf, 0.001, 7.0]
    history, _ = read_samples(lines({"metric": "m", "t": 1, "error": "connection refused"}), "f")
    assert history.tick(0).readings["m"] == Reading(failed="connection refused")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (b"nonsense\n", "this is no JSON"),
        (b"[1]\n", "no JSON object"),
        ({"metric": "m", "value": 1}, "'t' is missing"),
        ({"metric": "m", "t": "1", "value": 1}, "'t' must be a number"),
        ({"metric": "m", "t": True, "value": 1}, "'t' must be a number"),
        (b'{"metric":"m","t":1e999,"value":1}\n', "'t' must be a number"),
        ({"t": 1, "value": 1}, "'metric' is missing"),
        ({"metric": 5, "t": 1, "value": 1}, "'metric' must be"),
        ({"metric": "m", "t": 1}, "'value' or 'error' is missing"),
        ({"metric": "m", "t": 1, "value": "fast"}, "'value' must be a number"),
        ({"metric": "m", "t": 1, "value": None}, "'value' must be a number"),
        ({"metric": "m", "t": 1, "value": True}, "'value' must be a number"),
        ({"metric": "m", "t": 1, "labels": {"a": 1}, "value": 1}, "'labels' must be"),
        ({"metric": "m", "t": 1, "value": 1, "error": "x"}, "'error' must be a text"),
        (b'{"metric":"m","t":1-2,"value":1}\n', "this is no JSON"),
        (b'{"metric":"m","t":1,"value":1.2.3}\n', "this is no JSON"),
        ({"metric": "m", "t": 1, "valeu": 1}, "no key 'valeu'; did you mean 'value'?"),
    ],
)
def test_a_line_that_cannot_be_used(row: object, words: str) -> None:
    """Each fault names file and line, what is wrong, and shows a line that is right."""
    with pytest.raises(SampleError) as error:
        read_samples(lines({"metric": "m", "t": 0, "value": 1}, b"\n", row), "night.jsonl")
    assert str(error.value).startswith("night.jsonl:3: ")
    assert words in str(error.value)


def test_a_file_without_samples() -> None:
    """An empty file is said to be one."""
    with pytest.raises(SampleError, match="there is no sample"):
        read_samples([b"\n"], "f")


def test_a_metric_that_the_runbook_does_not_know() -> None:
    """It is told, with the close match, and not in the way."""
    history, doubts = read_samples(lines({"metric": "eror-rate", "t": 0, "value": 1}), "f", ["error-rate"])
    assert len(history) == 1
    assert doubts == ("f: the runbook has no metric 'eror-rate'; did you mean 'error-rate'?",)


TRICKY = [
    b'{"metric":"m","t":1,"labels":{"value":"NaN"},"value":3}\n',
    b'{"metric":"m","t":2,"labels":{"value":"+Inf"},"value":4}\n',
    b'{"metric":"m","t":3,"labels":{"value":"5"},"value":"NaN"}\n',
    b'{"metric":"m","t":4,"value":6,"labels":{"value":"NaN"}}\n',
    b'{"t":5,"metric":"m","labels":{"t":"9"},"value":7}\n',
    b'{"metric":"m","labels":{"t":"9","x":"\\"t\\":8,"},"t":6,"value":8}\n',
    b' { "metric" : "m", "t" : 7 , "value" : 9 } \r\n',
    b'{"metric":"m","t":8.50,"value":-1.5e+3}\r\n',
    b'{"metric":"\\u006d","t":9,"labels":{"b":"2","a":"1"},"value":1}\n',
    b'{"metric":"m","t":9,"labels":{"a":"1","b":"3"},"value":1}\n',
    b'{"metric":"m","t":9,"t":10,"value":1}\n',
    b'{"metric":"m","t":11,"value":2,"value":3}',
]


def test_shapes_change_nothing() -> None:
    """A line read by its shape says what it says as JSON, however keys and labels are called or ordered."""
    rows = TRICKY * 3
    random.Random(3).shuffle(rows)
    history, _ = read_samples(rows, "f")
    found = {
        (t, "m", point.labels, str(point.value))
        for n, t in enumerate(history.times)
        for point in history.tick(n).readings["m"].points
    }
    meant = set()
    for row in map(json.loads, TRICKY):
        labels = tuple(sorted(row.get("labels", {}).items()))
        meant.add((float(row["t"]), row["metric"], labels, str(float(row["value"]))))
    assert found == meant


def ticks(count: int = 40) -> list[bytes]:
    """Ticks of nine lines each, alike but for times and values."""
    dice = random.Random(5)
    return [
        b'{"metric":"%b","t":%d,"labels":{"s":"%d"},"value":%b}\n'
        % (metric, n * 15, series, repr(round(dice.random() * 10 ** dice.randrange(-3, 9), 4)).encode())
        for n in range(count)
        for metric in (b"a", b"bb", b"c")
        for series in range(3)
    ]


def as_read(rows: list[bytes], together: int) -> object:
    """All that was read, or the error, with so many lines at a time handed in and read."""
    pieces = [b"".join(rows[n : n + together]) for n in range(0, len(rows), together)]
    try:
        history, _ = read_samples(pieces, "f")
    except SampleError as error:
        return str(error)
    return [repr(history.tick(n)) for n in range(len(history))]


ODD = [
    b'{"metric":"a","t":150,"labels":{"s":"1"},"value":7}\r\n',
    b'{"metric":"a","t":150,"labels":{"s":"1"},"value":"NaN"}\n',
    b'{"metric":"a","t":150,"labels":{"s":"1"},"value":"-Inf"}\n',
    b'{"metric":"a","t":150,"labels":{"s":"1"},"value":"7"}\n',
    b'{"metric":"a","t":150,"labels":{"s":"1"},"value":true}\n',
    b'{"metric":"a","t":150,"labels":{"s":"1"},"value":null}\n',
    b'{"metric":"a","t":150,"labels":{"s":"1"},"value":1,2}\n',
    b'{"metric":"a","t":150,"labels":{"s":"1"},"value":[1]}\n',
    b'{"metric":"a","t":150,"labels":{"s":"1"},"value":}\n',
    b'{"metric":"a","t":150,"labels":{"s":"1"},"value":1_0}\n',
    b'{"metric":"a","t":150,"labels":{"s":"1"},"value":1e400}\n',
    b'{"metric":"a","t":150,"labels":{"s":"1"},"value":NaN}\n',
    b'{"metric":"a","t":150,"labels":{"s":"1"},"value":1' + b"0" * 400 + b"}\n",
    b'{"metric":"a","t":150,"labels":{"s":"2"},"value":1}\n',
    b'{"metric":"a","t":165,"labels":{"s":"1"},"value":1}\n',
    b'{"metric":"a","t":150,"error":"refused"}\n',
    b'{"metric":"a","t":150,"labels":{"s":"1"},"value":1}}\n',
    b'{"metric":"a","t":150,"labels":{"s":"1"},"value":1\n',
    b"5}\n",
    b"\n",
    b'{"t":150}\n',
    b"",
]
"""In place of the second line of the tenth tick."""


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_a_tick_taken_as_a_whole_says_what_its_lines_say(odd: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all but one line are as in the tick before, the odd one counts or is refused as it would be alone."""
    rows = ticks()
    rows[10 * 9 + 1 : 10 * 9 + 2] = [odd] if odd else []
    monkeypatch.setattr(samples, "FEWEST", 10**9)
    alone = as_read(rows, 1)
    monkeypatch.setattr(samples, "FEWEST", 4)
    monkeypatch.setattr(samples, "SIZE", 2000)
    assert as_read(rows, 1) == alone
    assert as_read(rows, 7) == alone
    assert as_read(rows, 1000) == alone


def test_most_ticks_are_taken_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of a file of ticks that are alike are hardly ever looked at one by one, wherever it is cut."""
    looked = 0
    real = samples._Reader.lines

    def counted(self: samples._Reader, found: list[samples.Line]) -> None:
        nonlocal looked
        looked += len(found)
        real(self, found)

    monkeypatch.setattr(samples._Reader, "lines", counted)
    monkeypatch.setattr(samples, "SIZE", 1500)
    rows = ticks(400)
    history, _ = read_samples(rows, "f")
    assert len(history) == 400
    assert looked < 100
    assert history.tick(399).readings["c"].points[2].value == json.loads(rows[-1])["value"]


def test_a_tick_that_is_larger_than_a_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for until it ends; one that does not end in time is taken as it comes."""
    rows = ticks(6)
    alone = as_read(rows, 1)
    monkeypatch.setattr(samples, "SIZE", 100)
    assert as_read(rows, 2) == alone
    monkeypatch.setattr(samples, "MOST", 200)
    assert as_read(rows, 2) == alone
