"""What every metric is at any simulated time: a pure function of metric, series, scenario, time and flag history.

No state and no chance: the noise is a hash, so a range over the past answers what the ticks saw.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from pags_tui.core.conditions import same_value
from pags_tui.core.runbook import Metric, Runbook
from pags_tui.core.series import FlagValue, Labels, Seconds, labels_of
from pags_tui.simulator.flagstore import FlagStore, first_value
from pags_tui.simulator.levels import Level, bad_value, broken_value, ends, healthy_level
from pags_tui.simulator.promql import PromqlError, answer_labels, normal, parse
from pags_tui.simulator.scenarios import Scenario, Target, targets

GUST = 40.0
"""Seconds from one turn of the noise to the next."""

SETTLES = 60.0
"""Seconds until a change of traffic shows in full."""

NAMES = {
    "endpoint": ("/login", "/tasks", "/publish"),
    "queue": ("mail", "brain", "publish"),
    "region": ("eu", "us", "ap"),
}
"""Made-up label values where the runbook expects none; others become `label-1`, `label-2`, `label-3`."""


@dataclass(frozen=True, slots=True)
class Bend:
    """How a scenario changes one metric."""

    target: Target
    bad: float
    """The value in full."""
    wobble: float
    """How far the noise moves it then, without leaving what is bad; 0 for one that is exact (a full pool)."""


class Weather:
    """The values of one runbook's metrics in one scenario."""

    def __init__(self, runbook: Runbook, scenario: Scenario, flags: FlagStore, t0: Callable[[], Seconds]) -> None:
        self._runbook, self._scenario, self._flags, self._t0 = runbook, scenario, flags, t0
        self.traffic = traffic_flag(runbook)
        """The flag that moves traffic; None when nothing does."""
        self._levels = {id_: healthy_level(runbook, metric) for id_, metric in runbook.metrics.items()}
        self._texts = {id_: normal(metric.query) for id_, metric in runbook.metrics.items()}
        self._series = {id_: series_of(metric) for id_, metric in runbook.metrics.items()}
        self.bends = self._bends(targets(scenario, runbook))
        """By metric: what the scenario does to it."""

    def series(self, metric: str) -> tuple[Labels, ...]:
        """The series that a metric answers."""
        return self._series[metric]

    def values(self, metric: str, at: Seconds) -> dict[Labels, float]:
        """Each series' value at a simulated time."""
        return {labels: self._value(metric, index, labels, at) for index, labels in enumerate(self._series[metric])}

    def share(self, at: Seconds) -> float:
        """The traffic on the new side, 0 to 1, as it shows in the metrics: it takes a minute to settle."""
        if self.traffic is None:
            return 1.0 if at >= self._t0() else 0.0
        (changed, first), *later = self._flags.history(self.traffic)
        now = before = self._share_of(first)
        for time, value in later:
            if time > at:
                break
            before = before + (now - before) * _ease((time - changed) / SETTLES)
            now, changed = self._share_of(value), time
        return before + (now - before) * _ease((at - changed) / SETTLES)

    def exposures(self) -> list[tuple[Seconds, Seconds]]:
        """From and until when traffic was away from home (before the night, after a rollback); still: infinite."""
        if self.traffic is None:
            return [(self._t0(), math.inf)]
        found: list[tuple[Seconds, Seconds]] = []
        home = home_values(self._runbook, self.traffic)
        for time, value in self._flags.history(self.traffic)[1:]:
            away = not any(same_value(value, one) for one in home)
            if away and (not found or found[-1][1] < math.inf):
                found.append((time, math.inf))
            elif not away and found and found[-1][1] == math.inf:
                found[-1] = (found[-1][0], time)
        return found

    def outage(self, at: Seconds) -> str | None:
        """`refuses` or `hangs` while the metric service is away at that time, else None."""
        away = self._scenario.outage
        if away is None or not (exposures := self.exposures()):
            return None
        since = at - exposures[0][0]
        if not away.begins <= since < away.ends:
            return None
        return "refuses" if since < away.hangs else "hangs"

    def traffic_of(self, bound: float, at: Seconds) -> float:
        """An amount of traffic well above the bound that a runbook calls enough."""
        return bound * (2.5 + 1.5 * self.share(at)) + 1

    def _bends(self, found: tuple[Target, ...]) -> dict[str, Bend]:
        bends = {}
        for target in found:
            highest = self._levels[target.metric].highest
            bad = (bad_value if target.fires else broken_value)(target.test, highest)
            wobble = 0.0 if bad >= highest else 0.4 * min(abs(bad - bound) for bound in ends(target.test))
            bends[target.metric] = Bend(target, bad, wobble)
        # A metric that asks the same answers the same.
        twins = {self._texts[id_]: bend for id_, bend in bends.items()}
        return {id_: twins[text] for id_, text in self._texts.items() if text in twins}

    def _value(self, metric: str, index: int, labels: Labels, at: Seconds) -> float:
        level = self._levels[metric]
        noise = _noise(f"{self._texts[metric]}{labels}", at)
        value = level.base + level.room * (0.5 * noise + (0.4 if level.rises else -0.4) * (self.share(at) - 0.5))
        bend = self.bends.get(metric)
        if bend is not None and not (bend.target.one_series and index):
            strength = self._strength(bend, at)
            value = value * (1 - strength) + (bend.bad + bend.wobble * noise) * strength
        return _shown(value, level)

    def _strength(self, bend: Bend, at: Seconds) -> float:
        """How much of the scenario shows, 0 to 1: grows while traffic is exposed, is over soon after it is back."""
        scenario, strongest = self._scenario, 0.0
        for begun, ended in self.exposures():
            since = min(at, ended) - begun - scenario.delay
            if since < 0:
                continue
            full = _flap(since, bend.target.lasts) if scenario.flaps else min(1.0, since / scenario.ramp)
            ends = min(ended, begun + scenario.delay + scenario.lasts) if scenario.lasts is not None else ended
            over = min(1.0, max(0.0, at - ends) / scenario.recovery)
            strongest = max(strongest, full * (1 - over))
        return strongest

    def _share_of(self, value: FlagValue) -> float:
        if isinstance(value, bool | str):
            return float(value != first_value(self._runbook.flags[str(self.traffic)]))
        flag = self._runbook.flags[str(self.traffic)]
        low, high = flag.range or (0, 100)
        return min(1.0, max(0.0, (value - low) / ((high - low) or 1)))


def traffic_flag(runbook: Runbook) -> str | None:
    """The flag that exposes users: `runbook.traffic`, else the first that a phase sets and a rollback resets."""
    if runbook.traffic is not None:
        return runbook.traffic
    changed = [key for step in runbook.phase_steps for key in step.set]
    back = runbook.rollback.default.flags if runbook.rollback and runbook.rollback.default else {}
    return next((key for key in changed if key in back), next(iter(changed), None))


def home_values(runbook: Runbook, key: str) -> tuple[FlagValue, ...]:
    """The values of a flag that are no forward change: before the night, and after the default rollback."""
    back = runbook.rollback.default.flags if runbook.rollback and runbook.rollback.default else {}
    return (first_value(runbook.flags[key]), *((back[key],) if key in back else ()))


def series_of(metric: Metric) -> tuple[Labels, ...]:
    """The series of a metric: those that the runbook expects, else made up from the labels of its query's answer."""
    try:
        groups, fixed = answer_labels(parse(metric.query))
    except PromqlError:
        groups, fixed = (), {}
    varying = dict(metric.expect)
    for label in groups:
        if label not in varying:
            made_up = NAMES.get(label, tuple(f"{label}-{number}" for number in (1, 2, 3)))
            # Only the first label varies: a product of several would be a crowd.
            varying[label] = made_up if not varying else made_up[:1]
    rows = product(*([(label, value) for value in values] for label, values in varying.items()))
    return tuple(labels_of(fixed | dict(row)) for row in rows)


def _flap(since: Seconds, lasts: Seconds) -> float:
    """Bad for two fifths of what the trigger waits, good for as long again and a little more."""
    bad = min(240.0, max(20.0, 0.4 * lasts))
    return 1.0 if since % (2.2 * bad) < bad else 0.0


def _noise(name: str, at: Seconds) -> float:
    """Smooth, between -1 and 1, the same for the same name and time."""
    turn, part = divmod(at / GUST, 1.0)
    before, after = (zlib.crc32(f"{name}{turn + step:.0f}".encode()) / 2**31 - 1 for step in (0, 1))
    return before + (after - before) * _ease(part)


def _ease(part: float) -> float:
    part = min(1.0, max(0.0, part))
    return part * part * (3 - 2 * part)


def _shown(value: float, level: Level) -> float:
    value = min(value, level.highest)
    return float(round(value)) if level.whole else value
