"""What one tick lets us know of each series: a value, or UNKNOWN with a reason. Shared by gates and triggers.

It never judges: whether a value is good is the condition's business. It remembers only what the tick cannot say: which
series were seen in this run, when each was last known, and how old the data was when that was last asked.

A `Watch` goes in, a new one comes out; both are plain values, and the one that went in stays as it was. Inside, each
series of a metric is a small number (`sid`) that stays the same through the run.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pags_tui.core.conditions import Comparison, MetricCondition, Range, Test, excess, true_of
from pags_tui.core.series import FlagReading, Labels, Point, Reading, Seconds, Tick
from pags_tui.core.units import show, show_apart, show_duration

Sid = int
"""The number of a series within its metric's watch."""

REST: Sid = 0
"""Stands for all series beyond MOST_SERIES: unknown, as nobody watches them."""
_REST_LABELS: Labels = (("series", "the rest"),)
ASKED_EVERY = 6
"""Ticks from one question after the age of the data to the next."""
MOST_SERIES = 10_000
"""Series remembered per metric and run. With more than these the rest is UNKNOWN together."""


class TriggerState(StrEnum):
    """A trigger's answer."""

    INACTIVE = "inactive"
    UNKNOWN = "unknown"
    PENDING = "pending"
    FIRING = "firing"

    @property
    def rank(self) -> int:
        """From quiet to loud: inactive 0, unknown 1, pending 2, firing 3."""
        return _RANKS[self]


_RANKS = {state: rank for rank, state in enumerate(TriggerState)}


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """What observing one metric takes."""

    id: str
    max_age: Seconds = 75.0
    """Oldest data that still counts: five scrapes of 15 s."""
    stale_after: Seconds = 30.0
    """How long a gate's verdict outlives failing queries."""
    expect: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Label to values. With several labels every combination is required."""

    def expected(self) -> tuple[Labels, ...]:
        """The label pairs that must each be matched by some series; `()` when no series is required by name."""
        if not self.expect:
            return ()
        names = sorted(self.expect)
        combinations = itertools.product(*(self.expect[name] for name in names))
        return tuple(tuple(zip(names, values, strict=True)) for values in combinations)


@dataclass(frozen=True, slots=True)
class MetricWatch:
    """What is remembered of one metric from tick to tick."""

    labels: tuple[Labels, ...] = ()
    """By sid. Expected series that never came stand here with the label pairs they were expected with."""
    index: Mapping[Labels, Sid] = field(default_factory=dict)
    seen: frozenset[Sid] = frozenset()
    """Those that were really there at some tick."""
    gone: frozenset[Sid] = frozenset()
    """Those that vanished from a good answer and are not required."""
    known: Mapping[Sid, float] = field(default_factory=dict)
    """The values known at the last tick."""
    lost: Mapping[Sid, Seconds] = field(default_factory=dict)
    """Series known before, but not at the last tick: when last."""
    answered_at: Seconds | None = None
    """The last tick at which the query answered."""
    ages: Mapping[Sid, Seconds] = field(default_factory=dict)
    """Age of the data when last asked."""
    asked_at: Seconds = 0.0
    expected: tuple[tuple[Sid, tuple[Sid, ...]], ...] = ()
    """Each required series' own sid, with the sids seen so far that match it."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The memory of a run's observing. Begin with `Watch()`; replaying recorded ticks builds the same one again."""

    time: Seconds | None = None
    """The latest tick's time; None before the first."""
    metrics: Mapping[str, MetricWatch] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sight:
    """What is known of one metric at one tick."""

    labels: Sequence[Labels]
    """By sid."""
    values: Mapping[Sid, float]
    """Series with a value that counts. ±Inf is a value, NaN is not."""
    unknown: Mapping[Sid, str]
    """Series that ought to be known and are not, with the reason."""
    raw: Mapping[Sid, float]
    """Every number that was answered, NaN and those that do not count too."""
    lowest: Sid | None
    """The series with the least of `values`; None without any."""
    highest: Sid | None
    """The series with the greatest of `values`; None without any."""
    lost: Mapping[Sid, Seconds]
    """When each series that is not known now was last known; those never known are missing."""
    regained: Mapping[Sid, Seconds]
    """Series known now but not at the last tick, and known before: when they were last."""
    gone: frozenset[Sid] = frozenset()
    """Vanished series that nobody requires."""
    failed: str | None = None
    """Why the query has no answer; then every series is unknown."""
    void: str | None = None
    """Why nothing at all can be said, where there is no series to say it of."""
    answered_at: Seconds | None = None
    """The last tick at which the query answered: this one, unless it failed."""
    age: Seconds | None = None
    """Age of the oldest data, as far as known."""
    stale_after: Seconds = 30.0


@dataclass(frozen=True, slots=True)
class Sights:
    """Everything that one tick showed."""

    time: Seconds
    before: Seconds | None
    """The time of the tick before; None at the first."""
    advanced: bool
    """False when the time did not move on: nothing of this tick counts as evidence."""
    live: bool
    """False for a past tick that is replayed after a restart."""
    metrics: Mapping[str, Sight]
    flags: Mapping[str, FlagReading]


def observe(
    specs: Mapping[str, MetricSpec],
    watch: Watch,
    tick: Tick,
    *,
    every: Seconds,
    retired: Mapping[str, Collection[Labels]] | None = None,
    live: bool = True,
) -> tuple[Watch, Sights]:
    """The watch after this tick, and what the tick showed of each metric in `specs`.

    `retired` names, by metric, series that a person said will not come back. A tick whose time does not advance counts
    as a failed query of every metric.
    """
    advanced = watch.time is None or tick.time > watch.time
    now = tick.time if watch.time is None else max(tick.time, watch.time)
    failed = tick.failed if advanced else tick.failed or "the server's time did not advance"
    watches: dict[str, MetricWatch] = {}
    sights: dict[str, Sight] = {}
    for name, spec in specs.items():
        reading = Reading(failed=failed) if failed else tick.readings.get(name, _EMPTY)
        look = _Look(spec, watch.metrics.get(name), now, watch.time, every)
        watches[name], sights[name] = look.at(reading, (retired or {}).get(name, ()))
    return Watch(now, watches), Sights(now, watch.time, advanced, live, sights, tick.flags)


_EMPTY = Reading()


class _Look:
    """One metric at one tick: what the pieces of that work share. Lives no longer than the call."""

    def __init__(
        self, spec: MetricSpec, watch: MetricWatch | None, now: Seconds, before: Seconds | None, every: Seconds
    ) -> None:
        self.spec = spec
        self.now = now
        self.before = now if before is None else before
        self.every = every
        self.watch = watch or _first_watch(spec)
        self.labels = self.watch.labels
        self.index = self.watch.index
        self.expected = self.watch.expected
        self.crowded = False

    def at(self, reading: Reading, retired: Collection[Labels]) -> tuple[MetricWatch, Sight]:
        """The watch afterwards, and the sight."""
        raw = self.numbered(reading.points)
        seen = self.watch.seen if raw.keys() <= self.watch.seen else self.watch.seen.union(raw)
        ages, asked_at = self.aged(reading, raw)
        blanket = blanket_reason(reading)
        missing, gone = self.missing(raw, seen, retired, blanket)
        unknown = missing | (dict.fromkeys(raw, blanket) if blanket else self.unusable(reading, raw, ages, asked_at))
        values = {sid: value for sid, value in raw.items() if sid not in unknown} if unknown else raw
        lost, regained = self.turns(values)
        answered_at = self.watch.answered_at if reading.failed is not None else self.now
        sight = Sight(
            labels=self.labels, values=values, unknown=unknown, raw=raw,
            lowest=min(values, key=values.__getitem__, default=None),
            highest=max(values, key=values.__getitem__, default=None),
            lost=lost, regained=regained, gone=gone, failed=reading.failed,
            void=None if values or unknown else blanket or "no data",
            answered_at=answered_at, age=self.oldest(ages, asked_at, raw), stale_after=self.spec.stale_after,
        )
        watch = MetricWatch(
            self.labels, self.index, seen, gone, values, lost, answered_at, ages, asked_at, self.expected
        )
        return watch, sight

    def numbered(self, points: Sequence[Point]) -> Mapping[Sid, float]:
        """The values by sid; new series get their number here."""
        try:
            return {self.index[point.labels]: point.value for point in points}
        except KeyError:
            pass
        fresh = [labels for labels in dict.fromkeys(point.labels for point in points) if labels not in self.index]
        room = max(0, MOST_SERIES - len(self.labels))
        self.crowded = len(fresh) > room
        self.learn(fresh[:room])
        return {self.index[point.labels]: point.value for point in points if point.labels in self.index}

    def learn(self, fresh: Sequence[Labels]) -> None:
        """Gives new series their numbers, and tells the expectations that they answer to."""
        numbers = range(len(self.labels), len(self.labels) + len(fresh))
        self.labels = (*self.labels, *fresh)
        self.index = {**self.index, **dict(zip(fresh, numbers, strict=True))}
        self.expected = tuple(
            (own, (*matching, *(sid for sid in numbers if set(self.labels[own]) <= set(self.labels[sid]))))
            for own, matching in self.expected
        )

    def missing(
        self, raw: Mapping[Sid, float], seen: frozenset[Sid], retired: Collection[Labels], blanket: str | None
    ) -> tuple[dict[Sid, str], frozenset[Sid]]:
        """Series that ought to be there and are not, with the reason; and those that vanished and nobody requires.

        With `expect`, what it names is required; without, every series seen in this run that nobody retired. An answer
        that says nothing (failed, partial) cannot make a series vanish.
        """
        absent = seen - raw.keys()
        left = frozenset(sid for sid in absent if self.labels[sid] in retired) if retired and absent else frozenset()
        required = absent - left
        if self.spec.expect:
            named = self.unmatched(raw, seen, retired)
            required = named | (required - self.watch.gone if blanket else frozenset())
        reasons = dict.fromkeys(required, blanket or "no data")
        if self.crowded:
            reasons[REST] = f"more than {MOST_SERIES} series: sum the query up"
        return reasons, absent - required - left

    def unmatched(self, raw: Mapping[Sid, float], seen: frozenset[Sid], retired: Collection[Labels]) -> frozenset[Sid]:
        """The series that `expect` names and that no series of the answer matches: as last seen, else as named."""
        found: set[Sid] = set()
        for own, matching in self.expected:
            if self.labels[own] in retired or any(sid in raw for sid in matching):
                continue
            known = [sid for sid in matching if sid in seen and self.labels[sid] not in retired]
            found.update(known or [own])
        return frozenset(found)

    def unusable(
        self, reading: Reading, raw: Mapping[Sid, float], ages: Mapping[Sid, Seconds], asked_at: Seconds
    ) -> dict[Sid, str]:
        """Series of a good answer whose own value does not count."""
        reasons: dict[Sid, str] = {sid: "NaN" for sid, value in raw.items() if value != value}
        if len(raw) != len(reading.points) and not self.crowded:
            reasons |= self.twins(reading.points)
        growth = self.growth(asked_at)
        limit = self.spec.max_age - growth
        for sid, age in ages.items():
            if age > limit and sid in raw:
                reasons[sid] = f"old data: {show_duration(age + growth)}, more than {show_duration(self.spec.max_age)}"
        return reasons

    def twins(self, points: Sequence[Point]) -> dict[Sid, str]:
        """Series that stand twice in an answer: which of the two values counts, nobody can say."""
        counts = Counter(point.labels for point in points)
        return {self.index[labels]: "bad answer: two series with these labels" for labels, n in counts.items() if n > 1}

    def turns(self, values: Mapping[Sid, float]) -> tuple[Mapping[Sid, Seconds], Mapping[Sid, Seconds]]:
        """When each series not known now was last known; and that of those which are known again."""
        known, lost = self.watch.known, self.watch.lost
        if not lost and known.keys() <= values.keys():
            return lost, {}
        now_lost = {sid: at for sid, at in lost.items() if sid not in values}
        now_lost |= {sid: self.before for sid in known if sid not in values}
        return now_lost, {sid: at for sid, at in lost.items() if sid in values}

    def aged(self, reading: Reading, raw: Mapping[Sid, float]) -> tuple[Mapping[Sid, Seconds], Seconds]:
        """Age per series when last asked, and when that was. An answer that fits no series leaves the last one."""
        if not reading.ages:
            return self.watch.ages, self.watch.asked_at
        ages = join_ages(reading.ages, {sid: self.labels[sid] for sid in raw})
        return (ages, self.now) if ages else (self.watch.ages, self.watch.asked_at)

    def growth(self, asked_at: Seconds) -> Seconds:
        """What to add to an age since it was asked. An answer holds until the next one is due, and one tick longer:
        until then newer data may have come in; after that nobody knows, and it counts as none."""
        return max(0.0, self.now - asked_at - (ASKED_EVERY + 1) * self.every)

    def oldest(self, ages: Mapping[Sid, Seconds], asked_at: Seconds, raw: Mapping[Sid, float]) -> Seconds | None:
        """The age of the oldest series in the answer; None when no age is known."""
        oldest = max((ages[sid] for sid in ages.keys() & raw.keys()), default=None)
        return None if oldest is None else oldest + self.growth(asked_at)


def least_true(test: Test, sight: Sight) -> Sid | None:
    """The known series furthest from passing the test: it fails if any does. None without a known series."""
    if isinstance(test, Comparison) and test.op == "!=":
        return min(sight.values, key=lambda sid: excess(test, sight.values[sid]), default=None)
    ends = [sid for sid in (sight.lowest, sight.highest) if sid is not None]
    return min(ends, key=lambda sid: excess(test, sight.values[sid]), default=None)


def truest(test: Test, sight: Sight) -> Sid | None:
    """The known series deepest inside the test: it passes if any does. None without a known series."""
    if isinstance(test, Range) or test.op == "==":
        return max(sight.values, key=lambda sid: excess(test, sight.values[sid]), default=None)
    ends = [sid for sid in (sight.lowest, sight.highest) if sid is not None]
    return max(ends, key=lambda sid: excess(test, sight.values[sid]), default=None)


def narrow(sights: Sights, metric: str, labels: Labels) -> Sights:
    """What the tick would have shown, had this metric only that one series: for judging a series on its own."""
    sight = sights.metrics[metric]
    own = [sid for sid, each in enumerate(sight.labels) if each == labels]
    values = {sid: sight.values[sid] for sid in own if sid in sight.values}
    unknown = {sid: sight.unknown[sid] for sid in own if sid in sight.unknown}
    sid = next(iter(values), None)
    one = replace(
        sight, values=values, unknown=unknown, lowest=sid, highest=sid,
        void=None if values or unknown else sight.void or "no data",
    )
    return replace(sights, metrics={**sights.metrics, metric: one})


def series_name(metric: str, labels: Labels) -> str:
    """A series as a reason names it: `queue-depth{queue="mail"}`. The labels are other people's text."""
    if not labels:
        return metric
    pairs = ",".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in labels)
    return f"{metric}{{{pairs}}}"


def reading_words(condition: MetricCondition, name: str, value: float) -> str:
    """A value against its bound, both numbers, as it truly stands: `error-rate 0.62% >= 0.5%`."""
    test, unit = condition.test, condition.unit
    held = true_of(test, value)
    if isinstance(test, Range):
        return f"{name} {show(value, unit)} {'in' if held else 'outside'} {test.low}..{test.high}"
    bound = str(test.bound) if not test.bound.of_slo else f"{test.bound} ({show(test.bound.value, unit)})"
    return f"{name} {show_apart(value, test.bound.value, unit)} {test.op if held else _NOT[test.op]} {bound}"


_NOT: Mapping[str, str] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def _first_watch(spec: MetricSpec) -> MetricWatch:
    """A watch that has seen nothing, but knows what is expected."""
    labels = (_REST_LABELS, *spec.expected())
    index = {each: sid for sid, each in enumerate(labels) if sid != REST}
    expected = tuple((own, tuple(sid for sid in index.values() if set(labels[own]) <= set(labels[sid]))) for own in
                     index.values())
    return MetricWatch(labels, index, expected=expected)


def blanket_reason(reading: Reading) -> str | None:
    """Why nothing in this reading counts; None when its series speak for themselves."""
    if reading.failed is not None:
        return failed_words(reading.failed)
    if reading.warnings:
        return f"partial answer: {reading.warnings[0]}"
    return "little traffic" if reading.enough is False else None


def failed_words(failed: str) -> str:
    """A failed query as a reason: `no answer: connection refused`."""
    return failed if failed.startswith(("no answer", "bad answer")) else f"no answer: {failed}"


def join_ages(ages: Sequence[Point], series: Mapping[Sid, Labels]) -> dict[Sid, Seconds]:
    """The age of each series: of all ages whose labels agree with its own where both have them, the oldest.

    A sum has fewer labels than what it is made of, and is as old as its oldest part.
    """
    by_names: dict[tuple[str, ...], list[Sid]] = {}
    for sid, labels in series.items():
        by_names.setdefault(tuple(name for name, _ in labels), []).append(sid)
    found: dict[Sid, Seconds] = {}
    for names, sids in by_names.items():
        oldest: dict[tuple[str, ...], dict[Labels, Seconds]] = {}
        for point in (point for point in ages if point.value == point.value):
            shared = tuple(name for name, _ in point.labels if name in names)
            key = tuple(pair for pair in point.labels if pair[0] in shared)
            group = oldest.setdefault(shared, {})
            group[key] = max(group.get(key, -math.inf), point.value)
        for sid in sids:
            fitting = [
                group[key] for shared, group in oldest.items()
                if (key := tuple(pair for pair in series[sid] if pair[0] in shared)) in group
            ]
            if fitting:
                found[sid] = max(fitting)
    return found
