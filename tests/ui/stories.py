"""Builds scenes by folding events, for tests of what a screen shows. Times are seconds from T+0 at 22:00 UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from pags_tui.core import events as e
from pags_tui.core.events import Actor, Event, Fact
from pags_tui.core.judge import Judge, Judged
from pags_tui.core.runbook import load
from pags_tui.core.series import FlagReading, FlagValue, Point, Reading, Tick, labels_of
from pags_tui.core.state import RunState, fold
from pags_tui.desk.port import Seat
from pags_tui.ui.scene import Scene

T0 = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
ANA = Actor("ana")

NIGHT = """
[runbook]
id = "pags-cutover"
title = "PAGS Production Cutover"
traffic = "canary-percentage"
window = "T-60m..T+240m"

[services.prometheus]
url = "${PROMETHEUS_URL}"

[services.flags]
url = "${FEATURE_FLAG_API}"
target = "production"

[roles.cutover-lead]
title = "Cutover Lead"
[roles.monitoring-lead]
title = "Monitoring Lead"
name = "mo"

[metrics.error-rate]
title = "Error rate"
unit = "ratio"
query = "error_rate"
slo = "< 0.5%"
[metrics.queue-depth]
title = "Queue depth"
query = "queue_depth"

[flags.canary-percentage]
env = "VITE_CANARY_PERCENTAGE"
type = "integer"
range = [0, 100]
[flags.use-capacity-brain]
type = "boolean"
[flags.readonly-mode]
type = "boolean"

[[phases]]
id = "final-checks"
at = "T-5m"
title = "Final checks"
steps = ["Team ready at stations"]

[[phases]]
id = "canary-10"
at = "T+0"
title = "10% canary"
steps = [
  { action = "Enable 10% traffic", set = { canary-percentage = 10 }, means = "a tenth of all traffic" },
]
[phases.checkpoint]
at = "T+15m"
sign_off = ["cutover-lead", "monitoring-lead"]
steps = [
  { check = "Metrics stable", gate = "all slos for 1m" },
  "No user-reported issues",
]

[[phases]]
id = "canary-50"
at = "T+15m"
title = "50% canary"
steps = [
  { action = "Increase traffic split", set = { canary-percentage = 50, use-capacity-brain = true } },
]
[phases.monitor]
title = "Monitor for 30 minutes"
for = "30m"
steps = [
  { check = "All SLOs maintained", gate = "all slos" },
  { check = "Queues healthy", gate = "queue-depth <= 500", role = "monitoring-lead" },
]
[phases.checkpoint]
at = "T+45m"
steps = [ "System stable under 50% load" ]

[triggers.queue-depth]
title = "Any queue > 500 items for 15 minutes"
when = "queue-depth > 500 for 15m"
[triggers.error-rate]
title = "Error rate above 1% for 10 minutes"
when = "error-rate > 1% for 10m"

[rollback]
title = "Immediate rollback"
auto = "countdown"
steps = [
  { action = "Disable all new features", set = { use-capacity-brain = false, canary-percentage = 0 }, parallel = true },
  { action = "Tell support", command = "call 4711" },
]
considerations = ["Data corruption detected"]

[comms.internal]
title = "Internal Updates"
channel = "#pags-cutover"
every = "30m"
during = "canary-10..canary-50"
template = "hello"

[[success]]
title = "Technical"
criteria = ["No data corruption or loss"]
[[follow_ups]]
title = "Within 24 hours"
within = "24h"
items = ["Performance analysis"]
"""


def at(seconds: float) -> datetime:
    """The wall time so many seconds after 22:00 UTC."""
    return T0 + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Story:
    """A run told fact by fact. Each method gives a new one."""

    runbook: str = NIGHT
    events: tuple[Event, ...] = ()
    ticks: tuple[Judged, ...] = ()
    now: float = -3600.0
    me: Actor = ANA
    seat: Seat = "desk"
    gone: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def then(self, *facts: Fact, by: Actor = ANA) -> Story:
        """These happened, now."""
        first = len(self.events) + 1
        fresh = tuple(Event(first + number, at(self.now), by, fact) for number, fact in enumerate(facts))
        return replace(self, events=(*self.events, *fresh))

    def wait(self, to: float) -> Story:
        """It is that many seconds after 22:00 UTC now."""
        return replace(self, now=to)

    def tick(
        self,
        *,
        flags: Mapping[str, FlagValue | None] | None = None,
        failed: str | None = None,
        ages: Mapping[str, Sequence[float]] | None = None,
        **metrics: object,
    ) -> Story:
        """One tick now. A metric (`error_rate=…`): a number, numbers by queue, why it failed, None. Ages by id."""
        moment = at(self.now).timestamp()
        readings = {name.replace("_", "-"): _reading(value) for name, value in metrics.items()}
        for name, seconds in (ages or {}).items():
            readings[name] = replace(readings[name], ages=tuple(Point((), age) for age in seconds))
        read = {
            key: FlagReading(value, None if value is not None else "connection refused", moment)
            for key, value in (flags or {}).items()
        }
        tick = Tick(moment, readings, read, failed)
        unjudged = Judged(len(self.ticks) + 1, at(self.now), tick, {}, {})
        return replace(self, ticks=(*self.ticks, unjudged))

    def steady(self, until: float, every: float = 5.0, **metrics: object) -> Story:
        """A tick every few seconds up to then."""
        story = self
        while story.now + every <= until:
            story = story.wait(story.now + every).tick(**metrics)  # type: ignore[arg-type]
        return story

    def scene(self) -> Scene:
        """What the screen knows now; every tick is judged by the real judge, with the state as it was then."""
        state, judged = self._judged()
        last = judged[-1] if judged else None
        gone, extra = self.gone, self.extra
        return Scene(state, at(self.now), self.me, self.seat, last, judged, self.events, gone=gone, extra=extra)

    def _judged(self) -> tuple[RunState, tuple[Judged, ...]]:
        judge = Judge(load(self.runbook), 5.0)
        state, left, judged = RunState(), list(self.events), []
        for tick in self.ticks:
            before = [event for event in left if event.at <= tick.at]
            left = left[len(before) :]
            state = fold(before, state)
            judged.append(judge.judge(tick.number, tick.tick, state, tick.at))
        return fold(left, state), tuple(judged)


def _reading(value: object) -> Reading:
    if isinstance(value, str):
        return Reading(failed=value)
    if isinstance(value, Mapping):
        return Reading(tuple(Point(labels_of({"queue": str(name)}), float(one)) for name, one in value.items()))
    return Reading() if value is None else Reading((Point((), float(value)),))  # type: ignore[arg-type]


def story(runbook: str = NIGHT, *facts: Fact, kind: e.Kind = "live") -> Story:
    """A run that ana leads, started at T-60m, T+0 at 22:00 UTC."""
    started = e.RunStarted("night-1", kind, runbook, "0" * 64, "runbook.toml", "production", "ana", "ana", "1.0")
    begun = Story(runbook).then(started, e.GuardStarted(7, "jump", 1), e.TZeroSet(T0))
    return begun.then(*facts)


def wrote(
    number: int, flag: str, before: FlagValue, value: FlagValue, step: str, result: e.Result = "verified"
) -> tuple[Fact, ...]:
    """A forward write and its answer."""
    asked = e.FlagAsked(number, flag, value, before, "forward", step)
    found = value if result == "verified" else None
    return asked, e.FlagAnswered(number, result, found)


def passed(*steps: str) -> Iterable[Fact]:
    """Ticks."""
    return [e.StepResolved(step, "passed") for step in steps]


READ = (e.FlagSeen("canary-percentage", 0), e.FlagSeen("use-capacity-brain", False), e.FlagSeen("readonly-mode", False))
FLAGS: Mapping[str, FlagValue] = {"canary-percentage": 0, "use-capacity-brain": False, "readonly-mode": False}


def canary_10() -> Story:
    """T+1:00: ten per cent are on the new stack, all is well."""
    prepared = story(NIGHT, *READ, e.PhaseEntered("final-checks"), *passed("final-checks/team-ready-at-stations"))
    moved = prepared.wait(0).then(
        e.PhaseEntered("canary-10"), *wrote(1, "canary-percentage", 0, 10, "canary-10/enable-10-traffic")
    )
    return moved.then(*passed("canary-10/enable-10-traffic")).wait(60)
