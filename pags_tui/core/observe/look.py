"""One tick over all metrics: which series are known, which are not and why, which came back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from pags_tui.core.observe.ages import ASKED_EVERY, join_ages
from pags_tui.core.observe.shapes import MetricSpec, MetricWatch, Sid, Sight, Sights, Watch
from pags_tui.core.series import Labels, Point, Reading, Seconds, Tick
from pags_tui.core.units import show_duration

STOOD_STILL = "the server's time did not advance"
"""Why a tick is none at the time of the one before it."""
REST: Sid = 0
"""Stands for all series beyond MOST_SERIES: unknown, as nobody watches them."""
_REST_LABELS: Labels = (("series", "the rest"),)
MOST_SERIES = 10_000
"""Series remembered per metric and run. With more than these the rest is UNKNOWN together."""


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
    failed = tick.failed if advanced else tick.failed or STOOD_STILL
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
        sight = Sight(
            labels=self.labels,
            values=values,
            unknown=unknown,
            raw=raw,
            lowest=min(values, key=values.__getitem__, default=None),
            highest=max(values, key=values.__getitem__, default=None),
            lost=lost,
            regained=regained,
            gone=gone,
            failed=reading.failed,
            void=None if values or unknown else blanket or "no data",
            age=self.oldest(ages, asked_at, raw),
            stale_after=self.spec.stale_after,
        )
        watch = MetricWatch(self.labels, self.index, seen, gone, values, lost, ages, asked_at, self.expected)
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
        if len(raw) != len(reading.points):
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
        told = "bad answer: two series with these labels"
        return {self.index[labels]: told for labels, n in counts.items() if n > 1 and labels in self.index}

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


def _first_watch(spec: MetricSpec) -> MetricWatch:
    """A watch that has seen nothing, but knows what is expected."""
    labels = (_REST_LABELS, *spec.expected())
    index = {each: sid for sid, each in enumerate(labels) if sid != REST}
    expected = tuple(
        (own, tuple(sid for sid in index.values() if set(labels[own]) <= set(labels[sid]))) for own in index.values()
    )
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
