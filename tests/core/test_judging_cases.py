"""Plays every case of `tests/cases/gates/*.toml` and `tests/cases/triggers/*.toml`. A new case needs no Python.

A file holds `[[case]]` tables. A row is text with one word a tick; `600*4` is four times 600, and a last `...` repeats
the word before to the end.

    name      what the case proves
    gate      the conditions of a gate, all of which must hold; or
    trigger   the conditions of a trigger, any of which
    metrics   by id: unit, slo, expect, max_age, stale_after (durations as in a runbook)
    flags     types of flags, by key
    every     spacing of the ticks (default "10s"); `times` gives them one by one, in seconds from the first
    series    rows by `metric` or `metric{label="value"}`: a number, NaN, +Inf, -Inf, or `-` for no such series
    queries   rows by metric: `ok`, `x` (failed), `part` (partial answer), `few` (little traffic)
    ages      rows by series: age of the data in seconds, `-` where it was not asked
    reads     rows by flag: its value, `x` (failed), `-` (not read yet); `old` and `before` are reads of false that are
              too old, and from before everything
    tick      a row: `ok`, `x` (the whole tick failed)
    live      a row: `live`, `past` (back-filled)
    since     a row: seconds from the first tick from which evidence counts, `none` for not begun (default: the start)
    triggers  rows by trigger for `no triggers`: inactive, pending, firing, unknown, or `fired@SECONDS` (inactive again)
    posture   a row: `acts`, `unarmed`, `muted`, `observing`, `vetoed`
    unlatch   a row: `-`, or `now` to unlatch before the tick
    retired   rows by series: `-`, or `yes` once a person retired it

Then what must come out, each a row and each optional: `state` and `now` (a character a tick, as the back-test prints),
`clock` (seconds), `row` (live OK ticks), `value` (`none`, a number, NaN), `events` (`-`, or fired, would, cleared,
restarted, joined with `+`), and `reasons`, a table of tick number (from 0) to words that the reason must hold.
`by_series` holds the same kinds of row (`state`, `now`, `clock`) by series. `said` holds by tick all that there is to
see: a line for the whole, one for each condition where there are several, and one for each series.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pags_tui.core import gates, triggers
from pags_tui.core.conditions import MetricNames, Names, Use, parse
from pags_tui.core.observe import MetricSpec, Sights, TriggerState, Watch, observe, series_name
from pags_tui.core.series import FlagReading, Labels, Point, Reading, Tick
from pags_tui.core.units import Unit, parse_duration

CASES = Path(__file__).parent.parent / "cases"
CHARACTERS = {
    "pass": ".",
    "settling": "s",
    "stale": "~",
    "unknown": "U",
    "fail": "F",
    "inactive": ".",
    "pending": "p",
    "firing": "F",
}
START = 1_700_000_000.0
KNOWN = {
    "name",
    "gate",
    "trigger",
    "metrics",
    "flags",
    "every",
    "times",
    "series",
    "queries",
    "ages",
    "reads",
    "tick",
    "live",
    "since",
    "triggers",
    "posture",
    "unlatch",
    "retired",
    "state",
    "now",
    "clock",
    "row",
    "value",
    "events",
    "reasons",
    "by_series",
    "places",
    "said",
}


def cases(folder: str) -> Iterator[Any]:
    for file in sorted((CASES / folder).glob("*.toml")):
        for case in tomllib.loads(file.read_text())["case"]:
            yield pytest.param(case, id=f"{file.stem}: {case['name']}")


def words(row: str, length: int) -> list[str]:
    """One word a tick."""
    found: list[str] = []
    for word in row.split():
        if word == "...":
            found += [found[-1]] * (length - len(found))
        elif times := re.fullmatch(r"(.+)\*(\d+)", word):
            found += [times[1]] * int(times[2])
        else:
            found.append(word)
    assert len(found) == length, f"a row of {len(found)} words for {length} ticks: {row}"
    return found


def series_of(text: str) -> tuple[str, Labels]:
    """`queue{q="a"}` as a metric and its labels."""
    metric, _, rest = text.partition("{")
    return metric, tuple(sorted(re.findall(r'(\w+)="([^"]*)"', rest)))


@dataclass
class Case:
    """A case as rows of words, each as long as there are ticks."""

    raw: Mapping[str, Any]
    times: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        assert not set(self.raw) - KNOWN, f"no such thing in a case: {set(self.raw) - KNOWN}"
        self.every = parse_duration(self.raw.get("every", "10s"))
        if "times" in self.raw:
            self.times = [float(word) for word in self.raw["times"].split()]
        else:
            self.times = [n * self.every for n in range(self.length())]

    def length(self) -> int:
        """Ticks: as many as the state has characters."""
        return len(self.raw["state"].replace(" ", ""))

    def row(self, name: str, default: str) -> list[str]:
        return words(self.raw.get(name, f"{default} ..."), self.length())

    def rows(self, name: str) -> dict[str, list[str]]:
        return {key: words(row, self.length()) for key, row in self.raw.get(name, {}).items()}

    def names(self) -> Names:
        metrics = {
            name: MetricNames(Unit(given.get("unit", "count")), given.get("slo"))
            for name, given in self.raw.get("metrics", {}).items()
        }
        return Names(metrics, self.raw.get("flags", {}), self.raw.get("places", {}))

    def specs(self) -> dict[str, MetricSpec]:
        return {
            name: MetricSpec(
                name,
                parse_duration(given.get("max_age", "75s")),
                parse_duration(given.get("stale_after", "30s")),
                given.get("expect", {}),
            )
            for name, given in self.raw.get("metrics", {}).items()
        }

    def tick(self, n: int) -> Tick:
        """Everything polled at tick `n`."""
        readings = {name: self.reading(name, n) for name in self.raw.get("metrics", {})}
        flags = {key: found for key, row in self.rows("reads").items() if (found := self.read(key, row, n))}
        failed = "no server time" if self.row("tick", "ok")[n] == "x" else None
        return Tick(START + self.times[n], readings, flags, failed)

    def reading(self, metric: str, n: int) -> Reading:
        query = words(self.raw.get("queries", {}).get(metric, "ok ..."), self.length())[n]
        points = tuple(self.points("series", metric, n))
        ages = tuple(self.points("ages", metric, n)) or None
        return Reading(
            points if query != "x" else (),
            "connection refused" if query == "x" else None,
            ("some blocks are missing",) if query == "part" else (),
            False if query == "few" else None,
            ages,
        )

    def points(self, rows: str, metric: str, n: int) -> Iterator[Point]:
        for key, row in self.rows(rows).items():
            name, labels = series_of(key)
            if name == metric and row[n] != "-":
                yield Point(labels, float(row[n]))

    def read(self, key: str, row: list[str], n: int) -> FlagReading | None:
        now = START + self.times[n]
        if row[n] in ("-", "x"):
            return None if row[n] == "-" else FlagReading(None, "HTTP 503", now)
        if row[n] in ("old", "before"):
            return FlagReading(False, None, now - 80 if row[n] == "old" else START - 1)
        kind = self.raw["flags"][key]
        value = {"boolean": row[n] == "true", "string": row[n]}.get(kind)
        return FlagReading(int(row[n]) if value is None else value, None, now)

    def retired(self, n: int) -> dict[str, list[Labels]]:
        gone: dict[str, list[Labels]] = {}
        for key, row in self.rows("retired").items():
            metric, labels = series_of(key)
            if row[n] == "yes":
                gone.setdefault(metric, []).append(labels)
        return gone

    def sights(self) -> Iterator[tuple[int, Sights]]:
        """Tick by tick, what was seen."""
        watch = Watch()
        for n in range(self.length()):
            live = self.row("live", "live")[n] == "live"
            watch, sights = observe(
                self.specs(), watch, self.tick(n), every=self.every, retired=self.retired(n), live=live
            )
            yield n, sights

    def moments(self, row: list[str], n: int) -> float | None:
        if row[n].isdigit():
            return START + int(row[n])
        return {"start": gates.FROM_THE_START, "none": None}[row[n]]

    def standing(self, word: str) -> gates.TriggerStanding:
        if word.startswith("fired@"):
            return gates.TriggerStanding(TriggerState.INACTIVE, START + float(word[6:]))
        return gates.TriggerStanding(TriggerState(word))

    def check(self, name: str, found: list[str]) -> None:
        if name in self.raw:
            assert found == words(self.raw[name], self.length()), name

    def check_reasons(self, reasons: list[str]) -> None:
        for n, wanted in self.raw.get("reasons", {}).items():
            assert wanted in reasons[int(n)], f"tick {n}: {reasons[int(n)]}"

    def check_said(self, said: list[list[str]]) -> None:
        for n, wanted in self.raw.get("said", {}).items():
            assert said[int(n)] == wanted, f"tick {n}"


Told = gates.GateVerdict | gates.PartVerdict
Heard = triggers.TriggerVerdict | triggers.ClockVerdict
SHARED = ("state", "test", "reason", "value", "bound", "metric", "series", "row", "clock", "for_", "age", "data_age")
HEARD = ("state", "now", "clock", "for_", "value", "bound", "reason", "metric", "series")


def seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def reading(value: float | None, bound: str, metric: str | None, series: Labels | None) -> str:
    """What is read, of whom, and against what."""
    name = (metric or "-") if series is None else series_name(metric or "-", series)
    return f"{name} {shown(value)} ({bound})" if bound else name


def gate_line(one: Told) -> str:
    counted = f"row {one.row}, clock {one.clock:g}/{one.for_:g}, age {seconds(one.age)}, data {seconds(one.data_age)}"
    return f"{one.state}, {reading(one.value, one.bound, one.metric, one.series)}, {counted}: {one.reason}"


def gate_said(verdict: gates.GateVerdict, series: tuple[gates.SeriesFinding, ...]) -> list[str]:
    """All of a verdict. Where there is one condition, the whole says what that one says."""
    assert verdict.id == "phase/step"
    assert verdict.metrics == {part.metric for part in verdict.parts if part.metric}
    parts = [f"{part.text}: {gate_line(part)}" for part in verdict.parts]
    if len(parts) == 1:
        part = verdict.parts[0]
        assert [getattr(verdict, name) for name in SHARED] == [getattr(part, name) for name in SHARED]
    each = [
        f"{one.part}. {one.answer}, {reading(one.value, '...', one.metric, one.series)}: {one.reason}" for one in series
    ]
    return [gate_line(verdict), *(parts if len(parts) > 1 else []), *each]


def trigger_line(one: Heard) -> str:
    clock = f"clock {one.clock:g}/{one.for_:g}"
    return f"{one.state}/{one.now}, {reading(one.value, one.bound, one.metric, one.series)}, {clock}: {one.reason}"


def trigger_said(verdict: triggers.TriggerVerdict, series: tuple[triggers.SeriesVerdict, ...]) -> list[str]:
    """All of a verdict. Where there is one condition, the whole says what that one says."""
    assert verdict.id == "t"
    parts = [f"{part.text}: {trigger_line(part)}" for part in verdict.parts]
    if len(parts) == 1:
        assert [getattr(verdict, name) for name in HEARD] == [getattr(verdict.parts[0], name) for name in HEARD]
    each = [
        f"{one.part}. {one.state}/{one.now}, {reading(one.value, '...', one.metric, one.series)}, "
        f"clock {one.clock:g}: {one.reason}"
        for one in series
    ]
    facts = [name for name in ("bad", "bad_now", "latched") if getattr(verdict, name)]
    fired = [] if verdict.fired_at is None else [f"fired at {verdict.fired_at - START:g}"]
    return [trigger_line(verdict), " ".join([*facts, *fired]), *(parts if len(parts) > 1 else []), *each]


def shown(value: float | None) -> str:
    return "none" if value is None else "NaN" if math.isnan(value) else f"{value:g}"


@pytest.mark.parametrize("raw", cases("gates"))
def test_gate(raw: Mapping[str, Any]) -> None:
    """The gate's states, clocks and reasons are those that the case names."""
    case = Case(raw)
    places = {place: words(row, case.length()) for place, row in raw.get("places", {}).items()}
    spec = gates.GateSpec("phase/step", tuple(parse(text, case.names()) for text in raw["gate"]))
    memory, verdicts, said = gates.GateMemory(), [], []
    for n, sights in case.sights():
        context = gates.GateContext(
            case.every,
            case.moments(case.row("since", "start"), n),
            {place: case.moments(row, n) for place, row in places.items()},
            {name: case.standing(row[n]) for name, row in case.rows("triggers").items()},
            tuple(case.names().flags),
        )
        memory, verdict = gates.judge(spec, memory, sights, context)
        verdicts.append(verdict)
        said.append(gate_said(verdict, gates.series(spec, sights)))
    assert "".join(CHARACTERS[v.state] for v in verdicts) == raw["state"].replace(" ", ""), [v.reason for v in verdicts]
    case.check("clock", [f"{v.clock:g}" for v in verdicts])
    case.check("row", [str(v.row) for v in verdicts])
    case.check("value", [shown(v.value) for v in verdicts])
    case.check_reasons([v.reason for v in verdicts])
    case.check_said(said)


POSTURES = {
    "acts": triggers.Posture(),
    "unarmed": triggers.Posture(armed=False),
    "muted": triggers.Posture(muted=True),
    "observing": triggers.Posture(observing=True),
    "vetoed": triggers.Posture(vetoed=True),
}


def events(verdict: triggers.TriggerVerdict) -> str:
    names = {
        "fired": verdict.fired,
        "would": verdict.would_fire,
        "cleared": verdict.cleared,
        "restarted": bool(verdict.restarted),
    }
    return "+".join(name for name, happened in names.items() if happened) or "-"


@pytest.mark.parametrize("raw", cases("triggers"))
def test_trigger(raw: Mapping[str, Any]) -> None:
    """The trigger's states, latched and not, its clocks and its events are those that the case names."""
    case = Case(raw)
    places = {place: words(row, case.length()) for place, row in raw.get("places", {}).items()}
    spec = triggers.TriggerSpec("t", tuple(parse(text, case.names(), Use.TRIGGER) for text in raw["trigger"]))
    memory, verdicts, said = triggers.TriggerMemory(), [], []
    by_series: dict[tuple[str, Labels], list[triggers.SeriesVerdict | None]] = {
        series_of(key): [] for key in raw.get("by_series", {})
    }
    for n, sights in case.sights():
        if case.row("unlatch", "-")[n] == "now":
            memory = triggers.unlatch(memory)
        context = triggers.TriggerContext(
            case.every,
            POSTURES[case.row("posture", "acts")[n]],
            {place: case.moments(row, n) for place, row in places.items()},
            tuple(case.names().flags),
        )
        memory, verdict = triggers.judge(spec, memory, sights, context)
        verdicts.append(verdict)
        each = triggers.series(spec, memory, sights, context)
        found = {(one.metric, one.series): one for one in each}
        said.append(trigger_said(verdict, each))
        for key, row in by_series.items():
            row.append(found.get(key))
    reasons = [v.reason for v in verdicts]
    assert "".join(CHARACTERS[v.state] for v in verdicts) == raw["state"].replace(" ", ""), reasons
    if "now" in raw:
        assert "".join(CHARACTERS[v.now] for v in verdicts) == raw["now"].replace(" ", ""), reasons
    case.check("clock", [f"{v.clock:g}" for v in verdicts])
    case.check("value", [shown(v.value) for v in verdicts])
    case.check("events", [events(v) for v in verdicts])
    case.check_reasons(reasons)
    case.check_said(said)
    for key, wanted in raw.get("by_series", {}).items():
        check_series(case, wanted, by_series[series_of(key)])


def check_series(case: Case, wanted: Mapping[str, str], found: list[triggers.SeriesVerdict | None]) -> None:
    """One series' own rows; a series that is not known yet, or no longer, is a space-holder `_`."""
    for kind in ("state", "now"):
        if kind in wanted:
            line = "".join("_" if one is None else CHARACTERS[getattr(one, kind)] for one in found)
            assert line == wanted[kind].replace(" ", ""), kind
    if "clock" in wanted:
        assert ["_" if one is None else f"{one.clock:g}" for one in found] == words(wanted["clock"], case.length())
