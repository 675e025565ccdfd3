"""Samples as JSON lines, read into columns. Says FILE:LINE for what cannot be read; opens no file itself.

    {"metric":"queue-depth","t":60,"labels":{"queue":"a"},"value":600}
    {"metric":"queue-depth","t":120,"error":"connection refused"}
    {"t":180}

Lines that differ from an earlier one in time and value alone, as nearly all do, are not read as JSON again; and ticks
that differ from the one before in nothing else are taken as a whole (`steady`).
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import groupby, repeat
from typing import Any

from pydantic_core import from_json

from pags_tui.backtest.columns import Columns, History, Source, number_of
from pags_tui.backtest.steady import Steady
from pags_tui.core.errors import PagsError, said
from pags_tui.core.runbook.draft import instead
from pags_tui.core.series import labels_of

KEYS = frozenset({"metric", "t", "labels", "value", "error"})
SHAPE = re.compile(
    rb'(\{[^\n]*?"t": ?)([-+.0-9eE]++)(,[^\n]*"value": ?)([-+.0-9eE]++|"NaN"|"\+Inf"|"-Inf")\}\r?\n|([^\n]*\n)'
)
"""A line whose value comes last, after its time: what stays the same, the time, what stays the same, the value. Any
other line as a whole."""
SIZE = 1 << 18
"""Bytes read at a time."""
MOST = 1 << 23
"""Bytes of one tick that are waited for, to see where it ends."""
FEWEST = 4
"""Lines of a tick from which on it pays to take the next one by this one's lines."""

SPECIAL = {b'"NaN"': math.nan, b'"+Inf"': math.inf, b'"-Inf"': -math.inf}
Progress = Callable[[int], None]
"""Told now and then how many lines are read."""

Line = tuple[bytes, bytes, bytes, bytes, bytes]
NEW, ASK = -1, -2


class SampleError(PagsError):
    """A line of a samples file that cannot be used. Says which, and what would be right."""


def read_samples(
    lines: Iterable[bytes], file: str, known: Collection[str] = (), progress: Progress = lambda _: None
) -> tuple[History, tuple[str, ...]]:
    """The ticks in those lines, and a sentence for each metric that is none of `known` (none given: all are).

    Each of `lines` is one line, or several whole ones together. Raises SampleError with FILE:LINE.
    """
    reader = _Reader(file)
    for text in _texts(lines):
        reader.read(text)
        progress(reader.number)
    reader.slow(reader.left)
    history = reader.columns.history()
    if not len(history):
        raise SampleError(f"{file}: there is no sample in it. Write one JSON object a line, as in {EXAMPLE}")
    strange = sorted({source.metric for source in reader.columns.sources} - set(known)) if known else []
    return history, tuple(f"{file}: the runbook has no metric '{said(one)}'; {instead(one, known)}" for one in strange)


EXAMPLE = '{"metric":"queue-depth","t":60,"labels":{"queue":"a"},"value":600}'


def _texts(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The same, many lines at a time, and every line ended."""
    kept: list[bytes] = []
    size = 0
    for line in lines:
        kept.append(line if line[-1:] == b"\n" else line + b"\n")
        size += len(line)
        if size >= SIZE:
            yield b"".join(kept)
            kept, size = [], 0
    yield b"".join(kept)


class _Reader:
    """Reads line after line. `shapes` remembers lines that differ in time and value alone."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.columns = Columns()
        self.number = 0
        """Lines read so far."""
        self.time: float | None = None
        self.shapes: dict[tuple[bytes, bytes], int] = {}
        """The source's number, or ASK when such lines must be read as JSON."""
        self.sources: dict[Source, int] = {}
        self.steady: Steady | None = None
        self.left = b""
        """The last lines so far, of one time: more of the same tick may follow."""

    def read(self, text: bytes) -> None:
        """Takes whole lines."""
        text = self.left + text
        if self.steady is not None:
            text = self.take(self.steady, text)
            if text.count(b"\n") < len(self.steady.pieces):
                self.left = text
                return
        found = SHAPE.findall(text)
        whole = last_run(found)
        if whole or len(text) > MOST:
            self.lines(found[: whole or None])
            self.learn_tick(found[last_run(found[:whole]) : whole])
            text = b"\n".join(text.split(b"\n")[whole:]) if whole else b""
        self.left = text

    def take(self, steady: Steady, text: bytes) -> bytes:
        """Takes the ticks at its beginning that are as the last one; what is left."""
        ticks, left = steady.take(text)
        for time, values in ticks:
            self.at(time)
            self.columns.numbers.extend(steady.sources)
            self.columns.values.extend(values)
        self.number += len(ticks) * len(steady.pieces)
        return left

    def learn_tick(self, lines: Sequence[Line]) -> None:
        """The next ticks may be as this one."""
        pieces = [(head, middle) for head, _, middle, _, _ in lines]
        sources = [self.shapes.get(piece, NEW) for piece in pieces]
        good = len(lines) >= FEWEST and min(sources) >= 0
        self.steady = Steady(pieces, array("I", sources)) if good else None

    def slow(self, text: bytes) -> None:
        """Takes whole lines one by one."""
        self.lines(SHAPE.findall(text))

    def lines(self, found: Sequence[Line]) -> None:
        """Takes lines; an empty one is none."""
        if not found:
            return
        heads, times, middles, texts, others = zip(*found, strict=True)
        sources = list(map(self.shapes.get, zip(heads, middles, strict=True), repeat(NEW)))
        try:
            values = array("d", map(float, texts))
            plain = min(sources) >= 0 and not any(others) and all(map(math.isfinite, map(float, set(times))))
        except ValueError:  # "NaN" and the like, or no number at all
            plain = False
        if not plain:
            self.one_by_one(found)
            return
        self.number += len(found)
        end = 0
        for time, group in groupby(times):
            start, end = end, end + len(list(group))
            self.at(float(time))
            self.columns.numbers.fromlist(sources[start:end])
        self.columns.values.extend(values)

    def one_by_one(self, found: Iterable[Line]) -> None:
        """The same, where some line is odd."""
        for head, time, middle, value, other in found:
            self.number += 1
            source = self.shapes.get((head, middle), NEW)
            number = _float(value)
            if source < 0 or other or number is None:
                self.odd(other, source, (head, middle), (time, value))
                continue
            self.at(_float(time))
            self.columns.numbers.append(source)
            self.columns.values.append(number)

    def odd(self, other: bytes, source: int, shape: tuple[bytes, bytes], texts: tuple[bytes, bytes]) -> None:
        """A line of no known shape."""
        line = other or b"%b%b%b%b}" % (shape[0], texts[0], shape[1], texts[1])
        if other or source == ASK:
            if line.strip():
                self.slowly(self.number, line)
        else:
            self.learn(line, shape, texts)

    def at(self, time: float | None) -> None:
        """The time of what follows."""
        if time is None or not math.isfinite(time):
            raise self.wrong(self.number, "'t' must be a number, the seconds from T+0")
        if time != self.time:
            self.columns.at(time)
            self.time = time

    def learn(self, line: bytes, shape: tuple[bytes, bytes], texts: tuple[bytes, bytes]) -> None:
        """The first line of its shape: read as JSON; later ones need not be, if that found the same."""
        source = self.slowly(self.number, line)
        time, value = map(_float, texts)
        same = time == self.time and value is not None and repr(value) == repr(self.columns.values[-1])
        self.shapes[shape] = source if source is not None and same else ASK

    def slowly(self, number: int, line: bytes) -> int | None:
        """Reads a line as JSON; the number of its source, None for a line without one."""
        try:
            row = from_json(line)
        except ValueError as error:
            raise self.wrong(number, f"this is no JSON ({said(str(error))})") from None
        if not isinstance(row, dict):
            raise self.wrong(number, "this is no JSON object")
        self.at(self.time_of(number, row))
        if "metric" not in row:
            if extra := KEYS & row.keys() - {"t"}:
                raise self.wrong(number, f"'metric' is missing beside '{min(extra)}'")
            return None
        source, value = self.sample(number, row)
        found = self.sources.get(source)
        if found is None:
            found = self.sources[source] = self.columns.source(source)
        self.columns.numbers.append(found)
        self.columns.values.append(value)
        return found

    def time_of(self, number: int, row: dict[str, Any]) -> float:
        """`t`, and no key that is none."""
        if strange := row.keys() - KEYS:
            raise self.wrong(number, f"there is no key '{said(min(strange))}'; {instead(min(strange), sorted(KEYS))}")
        if "t" not in row:
            raise self.wrong(number, "'t' is missing, the seconds from T+0")
        time = row["t"]
        if isinstance(time, bool) or not isinstance(time, int | float) or not math.isfinite(time):
            raise self.wrong(number, "'t' must be a number, the seconds from T+0")
        return float(time)

    def sample(self, number: int, row: dict[str, Any]) -> tuple[Source, float]:
        """The source and the value; of a failed query, a source that says so."""
        metric, labels = row["metric"], row.get("labels", {})
        if not isinstance(metric, str) or not metric:
            raise self.wrong(number, "'metric' must be a metric's name")
        if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
            raise self.wrong(number, "'labels' must be an object of texts")
        if "error" in row:
            if "value" in row or not isinstance(row["error"], str):
                raise self.wrong(number, "'error' must be a text, and has no 'value' beside it")
            return Source(metric, (), said(row["error"]) or "no answer"), math.nan
        if "value" not in row:
            raise self.wrong(number, "'value' or 'error' is missing (a tick without any answer is {\"t\":180} alone)")
        value = number_of(row["value"])
        if value is None:
            raise self.wrong(number, '\'value\' must be a number, "NaN", "+Inf" or "-Inf"')
        return Source(metric, labels_of(labels)), value

    def wrong(self, number: int, what: str) -> SampleError:
        """The error for a line."""
        return SampleError(f"{self.file}:{number}: {what}. Write it like {EXAMPLE}")


def last_run(lines: Sequence[Line]) -> int:
    """Where the lines begin that share the last line's time."""
    start = len(lines)
    while start and lines[start - 1][1] == lines[-1][1]:
        start -= 1
    return start


def _float(text: bytes) -> float | None:
    """A number, or what stands for one; None for anything else."""
    try:
        return SPECIAL[text] if text[:1] == b'"' else float(text)
    except ValueError:
        return None
