"""`/metrics`: raw series from which a real Prometheus, with the runbook's own queries, gets the simulator's values.

Every query is turned into conditions on the raw series that it reads; solving them gives rates, gauges and histogram
shares; counters add up from scrape to scrape. What cannot be turned around is named in a comment of the answer, and is
then absent. Scrape it with `honor_labels: true`, as some queries select `job` or `instance`.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pags_tui.core.runbook import Runbook
from pags_tui.core.series import Labels, Seconds
from pags_tui.simulator.families import combinations, frozen
from pags_tui.simulator.histograms import bounds_for, shares_below
from pags_tui.simulator.promql import Expr, PromqlError, normal, parse
from pags_tui.simulator.shapes import Condition, Each, NotRecognised, Quantile, Raw, Total, conditions, enough_traffic
from pags_tui.simulator.solver import Row, solve
from pags_tui.simulator.weather import Weather

BEGUN = 100_000.0
"""Where counters begin: Prometheus guesses at the start of one that is near zero, and would get a rate wrong."""

EVENTS = 20.0
"""Observations a second in each histogram."""

LONGEST_STEP = 5.0
"""Seconds over which a rate counts as steady while counters are brought up to now."""

MOST_STEPS = 12
"""After a long silence the steps get longer instead."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What one query needs of the raw series at one time."""

    name: str
    """The metric, for comments."""
    conditions: tuple[Condition, ...]


@dataclass(slots=True)
class Sample:
    """The raw series at one time."""

    values: dict[tuple[str, Labels], float] = field(default_factory=dict)
    """Gauges as they are, counters as rates."""
    histograms: dict[tuple[str, Labels], list[float]] = field(default_factory=dict)
    """The share of events below each bound."""
    missing: dict[str, str] = field(default_factory=dict)
    """Metrics that these series do not reproduce, and why."""


class Exposition:
    """The raw series of one simulator. Safe to use from several threads."""

    def __init__(self, runbook: Runbook, weather: Weather) -> None:
        self._weather = weather
        self._missing: dict[str, str] = {}
        self._queries = self._parsed(runbook)
        self._enough = [(one.id, one.enough) for one in runbook.metrics.values() if one.enough is not None]
        first = self._wishes(0.0)
        self._missing.update(_clashes(first))
        self._families = self._chosen(first)
        self._bounds = self._bucket_bounds(first)
        self._totals: dict[tuple[str, Labels], float] = {}
        self._last: Seconds | None = None
        self._lock = threading.Lock()

    def text(self, at: Seconds) -> str:
        """The answer to a scrape at that time; counters have grown since the one before."""
        with self._lock:
            sample = self._advance(at)
            return "\n".join([*self._comments(sample), *self._lines(sample)]) + "\n"

    # ---- once

    def _parsed(self, runbook: Runbook) -> dict[str, Expr]:
        """The queries by metric, equal ones once."""
        found: dict[str, Expr] = {}
        texts: set[str] = set()
        for id_, metric in runbook.metrics.items():
            if normal(metric.query) in texts:
                continue
            texts.add(normal(metric.query))
            try:
                found[id_] = parse(metric.query)
            except PromqlError as error:
                self._missing[id_] = str(error)
        return found

    def _chosen(self, wishes: list[Wish]) -> dict[str, list[dict[str, str]]]:
        """The label sets of each raw name."""
        raws: dict[str, dict[Raw, None]] = {}
        grouped: dict[str, set[str]] = {}
        for wish in wishes:
            for raw in _raws(wish.conditions):
                raws.setdefault(raw.name, {})[raw] = None
                labels = self._weather.series(wish.name)[:1]
                grouped.setdefault(raw.name, {"le"}).update(label for one in labels for label, _ in one)
        found = {}
        for name, selections in raws.items():
            try:
                found[name] = combinations(selections, grouped[name])
            except NotRecognised as reason:
                for wish in wishes:
                    if any(raw.name == name for raw in _raws(wish.conditions)):
                        self._missing[wish.name] = str(reason)
        return found

    def _bucket_bounds(self, wishes: list[Wish]) -> dict[str, tuple[float, ...]]:
        """Bounds per histogram that hold its values today and in the scenario."""
        values: dict[str, list[float]] = {}
        for wish in wishes:
            for one in wish.conditions:
                if isinstance(one, Quantile):
                    bend = self._weather.bends.get(wish.name)
                    values.setdefault(one.raw.name, []).extend([one.value, *([bend.bad] if bend else [])])
        return {name: bounds_for(found) for name, found in values.items()}

    # ---- at one time

    def _wishes(self, at: Seconds) -> list[Wish]:
        """What every query needs: enough traffic first, then the metrics in file order."""
        found: list[Wish] = []
        for id_, text in self._enough:
            try:
                found.append(Wish(id_, tuple(enough_traffic(text, at))))
            except (NotRecognised, PromqlError) as reason:
                self._missing.setdefault(id_, f"enough: {reason}")
        for id_, expr in self._queries.items():
            try:
                answers = self._weather.values(id_, at).items()
                needed = [one for labels, value in answers for one in conditions(expr, labels, value, at)]
                found.append(Wish(id_, tuple(needed)))
            except NotRecognised as reason:
                self._missing.setdefault(id_, str(reason))
        return [wish for wish in found if wish.name not in self._missing]

    def _sample(self, at: Seconds) -> Sample:
        sample = Sample(missing=dict(self._missing))
        wishes = self._wishes(at)
        self._solve(wishes, sample)
        self._shape(wishes, sample)
        return sample

    def _solve(self, wishes: list[Wish], sample: Sample) -> None:
        """Gauges and rates. A metric that contradicts those before it is left out."""
        places = [(name, labels) for name, family in self._families.items() for labels in family]
        numbers: dict[str, list[int]] = {}
        for number, (name, _) in enumerate(places):
            numbers.setdefault(name, []).append(number)
        taken = [(wish.name, self._rows(wish, places, numbers)) for wish in wishes]
        values: dict[int, float] = dict.fromkeys(range(len(places)), 0.0)
        for component in _components([(name, rows) for name, rows in taken if rows]):
            values.update(_best(component, sample.missing))
        for number, (name, labels) in enumerate(places):
            if name not in self._bounds:
                sample.values[name, frozen(labels)] = values[number]

    def _rows(
        self, wish: Wish, places: list[tuple[str, dict[str, str]]], numbers: Mapping[str, list[int]]
    ) -> list[Row]:
        rows = []
        for one in wish.conditions:
            if isinstance(one, Each):
                taken = [number for number in numbers[one.raw.name] if one.raw.takes(places[number][1])]
                rows += [Row({number: 1.0}, one.value) for number in taken]
            elif isinstance(one, Total):
                factors: dict[int, float] = {}
                for raw, factor in one.sums.parts.items():
                    for number in numbers[raw.name]:
                        if raw.takes(places[number][1]):
                            factors[number] = factors.get(number, 0.0) + factor
                rows.append(Row(factors, one.total - one.sums.rest, one.at_least))
        return rows

    def _shape(self, wishes: list[Wish], sample: Sample) -> None:
        """Histograms: each label set serves the selections that take it, if all of those select the same."""
        for name, bounds in self._bounds.items():
            asked = [(wish.name, one) for wish in wishes for one in wish.conditions
                     if isinstance(one, Quantile) and one.raw.name == name]  # fmt: skip
            for labels in self._families.get(name, ()):
                mine = [(metric, one) for metric, one in asked if one.raw.takes(labels)]
                if not mine:
                    continue
                served = [(metric, one) for metric, one in mine if one.raw == mine[0][1].raw]
                shares = shares_below(bounds, [(one.q, one.value) for _, one in served])
                if shares is None:
                    served, shares = served[:1], shares_below(bounds, [(mine[0][1].q, mine[0][1].value)])
                sample.histograms[name, frozen(labels)] = shares or []
                for metric, _ in mine:
                    if metric not in {one for one, _ in served}:
                        sample.missing[metric] = f"shares buckets of {name} with another quantile"

    # ---- counters

    def _advance(self, at: Seconds) -> Sample:
        """Brings counters and histograms up to now, and gives back the raw series of now."""
        passed = max(0.0, at - self._last) if self._last is not None else 0.0
        steps = min(MOST_STEPS, math.ceil(passed / LONGEST_STEP))
        self._last = at
        if not steps:
            sample = self._sample(at)
            self._grow(sample, 0.0)
        for index in range(steps):
            sample = self._sample(at - passed + (index + 1) * passed / steps)
            self._grow(sample, passed / steps)
        return sample

    def _grow(self, sample: Sample, passed: Seconds) -> None:
        for key, rate in sample.values.items():
            self._totals[key] = self._totals.get(key, BEGUN) + rate * passed
        for (name, labels), shares in sample.histograms.items():
            for bound, share in zip([*map(_number, self._bounds[name]), "+Inf"], [*shares, 1.0], strict=True):
                key = (name, (*labels, ("le", bound)))
                self._totals[key] = self._totals.get(key, BEGUN * share) + EVENTS * share * passed

    # ---- text

    def _comments(self, sample: Sample) -> Iterable[str]:
        yield "# Raw series of a simulated night; scrape with honor_labels: true."
        for metric, reason in sample.missing.items():
            yield f"# Not reproduced here: {metric}, for {' '.join(reason.split())}."

    def _lines(self, sample: Sample) -> Iterable[str]:
        counters = {raw.name for wish in self._wishes(0.0) for raw in _raws(wish.conditions) if raw.counter}
        for name in self._families:
            if name in self._bounds:
                yield from self._histogram_lines(name, sample)
                continue
            yield f"# TYPE {name} {'counter' if name in counters else 'gauge'}"
            for (other, labels), value in sample.values.items():
                if other == name:
                    yield _line(name, labels, self._totals.get((name, labels), BEGUN) if name in counters else value)

    def _histogram_lines(self, name: str, sample: Sample) -> Iterable[str]:
        base = name.removesuffix("_bucket")
        yield f"# TYPE {base} histogram"
        for (other, labels), shares in sample.histograms.items():
            if other != name:
                continue
            for bound, share in zip([*map(_number, self._bounds[name]), "+Inf"], [*shares, 1.0], strict=True):
                full = (*labels, ("le", bound))
                total = self._totals.get((name, full), BEGUN * share)
                yield _line(name, full, total)
            if f"{base}_count" not in self._families:
                yield _line(f"{base}_count", labels, total)
            if f"{base}_sum" not in self._families:
                yield _line(f"{base}_sum", labels, total * self._bounds[name][len(shares) // 2])


def _raws(wished: Iterable[Condition]) -> Iterable[Raw]:
    for one in wished:
        if isinstance(one, Total):
            yield from one.sums.parts
        else:
            yield one.raw


def _clashes(wishes: list[Wish]) -> dict[str, str]:
    """Metrics that read one raw name in a way that an earlier metric's reading rules out."""
    kinds: dict[str, str] = {}
    found: dict[str, str] = {}
    for wish in wishes:
        for one in wish.conditions:
            for raw in _raws((one,)):
                kind = "histogram" if isinstance(one, Quantile) else "counter" if raw.counter else "gauge"
                if kinds.setdefault(raw.name, kind) != kind:
                    found[wish.name] = f"{raw.name} is read as a {kinds[raw.name]} and as a {kind}"
    return found


def _components(taken: list[tuple[str, list[Row]]]) -> list[list[tuple[str, list[Row]]]]:
    """Metrics in groups that share no raw series, so that each group can be solved by itself."""
    groups: list[tuple[set[int], list[tuple[str, list[Row]]]]] = []
    for name, rows in taken:
        touched = {number for row in rows for number in row.factors}
        mine: list[tuple[str, list[Row]]] = []
        apart = []
        for group in groups:
            if group[0] & touched:
                touched |= group[0]
                mine += group[1]
            else:
                apart.append(group)
        groups = [*apart, (touched, [*mine, (name, rows)])]
    return [members for _, members in groups]


def _best(members: list[tuple[str, list[Row]]], missing: dict[str, str]) -> dict[int, float]:
    """Values for one group: for all of it, else for as many metrics as go together, in their order."""
    rows = [row for _, more in members for row in more]
    if (found := _solved(rows)) is not None:
        return found
    kept: list[Row] = []
    values: dict[int, float] = {}
    for name, more in members:
        found = _solved([*kept, *more])
        if found is None:
            missing[name] = "its value contradicts another metric's"
        else:
            kept, values = [*kept, *more], found
    return values


def _solved(rows: list[Row]) -> dict[int, float] | None:
    return solve(rows, dict.fromkeys(number for row in rows for number in row.factors))


def _number(value: float) -> str:
    return f"{value:g}"


def _line(name: str, labels: Labels, value: float) -> str:
    escaped = (text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") for _, text in labels)
    pairs = ",".join(f'{label}="{text}"' for (label, _), text in zip(labels, escaped, strict=True))
    return f"{name}{{{pairs}}} {value!r}" if pairs else f"{name} {value!r}"
