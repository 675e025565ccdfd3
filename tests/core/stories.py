"""A run told from the inside: facts happen, ticks are judged, people ask. Fast, whole, and without a loop or a clock.

What the live driver does around the core is here in its shortest form: a flag service that is a dict, one judge, and
`time_passes`. Times are offsets of T with T+0 at 22:00 UTC (`T+5m`); while T runs, they are also wall times.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pags_tui.core import events as e
from pags_tui.core.decide import View, decide
from pags_tui.core.decide import asks as a
from pags_tui.core.decide.blockers import all_blockers, forward_blockers, sign_blockers, standing
from pags_tui.core.decide.flags import next_forward, next_number
from pags_tui.core.decide.guard import after_tick, as_time_passes, flags_read, on_start
from pags_tui.core.errors import Refused
from pags_tui.core.events import GUARD, Actor, Event, Fact, Result
from pags_tui.core.judge import Judge, Judged
from pags_tui.core.plan.confirmed import last_write, missing_moves
from pags_tui.core.plan.progress import missing_flags
from pags_tui.core.plan.rollback import option_plan, same
from pags_tui.core.series import FlagReading, FlagValue, Point, Reading, Tick, labels_of
from pags_tui.core.state import RunState, fold
from pags_tui.core.units import parse_offset

T0 = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
ANA = Actor("ana")
"""The lead."""
BOB = Actor("bob")
EVERY = 5.0
FRESH = 3 * EVERY

HEAD = """
[runbook]
id = "night"
title = "The night"
traffic = "canary"
window = "T-60m..T+240m"
lead = "cutover-lead"
[services.prometheus]
url = "${PROMETHEUS_URL}"
[services.flags]
url = "${FLAGS}"
target = "production"
[roles.cutover-lead]
title = "Cutover Lead"
[roles.database-lead]
title = "Database Lead"
users = ["dbl"]
[roles.monitoring-lead]
title = "Monitoring Lead"
[metrics.errors]
title = "Errors"
unit = "ratio"
query = "errors"
slo = "< 0.5%"
[metrics.queue]
title = "Queue"
query = "queue"
[flags.canary]
type = "integer"
range = [0, 100]
[flags.brain]
type = "boolean"
[flags.readonly]
type = "boolean"
"""
PHASES = """
[[phases]]
id = "prepare"
at = "T-10m"
title = "Prepare"
steps = ["Team ready", { check = "Queue short", gate = "queue <= 500" }]

[[phases]]
id = "ten"
at = "T+0"
title = "Ten"
steps = [{ action = "Send a tenth", set = { canary = 10 } }]
[phases.monitor]
steps = [{ check = "Errors low", gate = "errors < 0.5%" }]
[phases.checkpoint]
at = "T+15m"
sign_off = ["cutover-lead", "monitoring-lead"]
steps = [{ check = "Stable", gate = "errors < 0.5% for 1m" }]

[[phases]]
id = "fifty"
at = "T+15m"
title = "Fifty"
steps = [
  { check = "Queue still short", gate = "queue <= 500" },
  { action = "Send half", set = { canary = 50, brain = true } },
]
[phases.monitor]
for = "30m"
steps = [{ check = "Errors still low", gate = "errors < 0.5%" }]
[phases.checkpoint]
at = "T+45m"
steps = ["Users content"]

[[phases]]
id = "all"
at = "T+45m"
title = "All"
steps = [{ action = "Send all", set = { canary = 100 } }]
[phases.monitor]
for = "60m"
steps = [{ check = "Queue fine", gate = "queue <= 500" }, "Users still content"]

[[phases]]
id = "last"
at = "T+60m"
title = "Last"
steps = ["Say thanks"]
"""
TAIL = """
[triggers.errors]
title = "Errors above 1% for a minute"
when = "errors > 1% for 1m"
[triggers.queue]
title = "Queue above 800 for a minute"
when = "queue > 800 for 1m"
[rollback]
title = "Back"
auto = "countdown"
countdown = "60s"
steps = [
  { action = "Features off", set = { brain = false, canary = 0 }, parallel = true },
  { action = "Read only", set = { readonly = true } },
  { action = "Tell support", command = "call 4711" },
]
[rollback.checkpoint]
steps = [{ check = "Errors gone", gate = "errors < 0.5%" }]
[comms.internal]
title = "Internal"
template = "hello"
[[success]]
title = "Technical"
criteria = [{ check = "A minute without errors after all", gate = "errors < 0.5% for 1m since all" }, "No data lost"]
[[follow_ups]]
title = "Soon"
within = "2h"
from = "done"
items = ["Thank everybody"]
[[follow_ups]]
title = "After a rollback"
within = "1h"
from = "rolled-back"
items = ["Find out why"]
[[follow_ups]]
title = "Either way"
within = "24h"
from = "end"
items = ["Write it down"]
"""
NIGHT = HEAD + PHASES + TAIL
WELL: Mapping[str, float] = {"errors": 0.001, "queue": 10.0}
AS_BEFORE: Mapping[str, FlagValue] = {"canary": 0, "brain": False, "readonly": False}

READY, SHORT = "prepare/team-ready", "prepare/queue-short"
TENTH, LOW, STABLE = "ten/send-a-tenth", "ten/errors-low", "ten/stable"
STILL, HALF, STILL_LOW, CONTENT = (
    "fifty/queue-still-short",
    "fifty/send-half",
    "fifty/errors-still-low",
    "fifty/users-content",
)
EVERYTHING, FINE, THANKS = "all/send-all", "all/queue-fine", "last/say-thanks"


class Story:
    """One run, told step by step. Every method changes it; `facts` gives what the last one led to."""

    def __init__(self, runbook: str = NIGHT, *, t: str = "T-10m", kind: e.Kind = "live", t0: bool = True) -> None:
        self.events: list[Event] = []
        self.state = RunState()
        self.now = moment(t)
        self.service: dict[str, FlagValue] = dict(AS_BEFORE)
        self.misbehaves: dict[str, Result] = {}
        """Flags whose writes come out so (a `mismatch` and a `refused` do not arrive, an `unknown` does)."""
        self.last: Judged | None = None
        self.facts: tuple[Fact, ...] = ()
        sha = hashlib.sha256(runbook.encode()).hexdigest()
        self.happened(e.RunStarted("run-1", kind, runbook, sha, "night.toml", "production", "ana", "ana", "1"))
        self.judge = Judge(self.state.runbook, EVERY)
        if t0:
            self.happened(e.TZeroSet(T0))
        self.read()

    # ------------------------------------------------------------ what happens

    def happened(self, *facts: Fact, by: Actor = GUARD) -> Story:
        """These facts, now."""
        first = len(self.events) + 1
        fresh = [Event(first + n, self.now, by, fact) for n, fact in enumerate(facts)]
        self.events += fresh
        self.state = fold(fresh, self.state)
        self.facts = facts
        return self

    def wait(self, to: str) -> Story:
        """It is that late now; nothing else."""
        self.now = moment(to)
        return self

    def later(self, seconds: float) -> Story:
        """So many seconds later; nothing else."""
        self.now += timedelta(seconds=seconds)
        return self

    def tick(self, failed: str | None = None, live: bool = True, **metrics: object) -> Story:
        """One tick now, judged, and what the guard makes of it. `errors="refused"` is a failed query, None is empty."""
        time = self.now.timestamp()
        readings = {name: _reading(value) for name, value in {**WELL, **metrics}.items()}
        read = {key: FlagReading(value, None, time) for key, value in self.service.items()}
        number = self.last.number + 1 if self.last else 1
        self.last = self.judge.judge(number, Tick(time, readings, read, failed), self.state, self.now, live)
        return self.happened(*after_tick(self.view(GUARD), self.last)) if live else self

    def ticks(self, seconds: float, **metrics: object) -> Story:
        """A tick every five seconds for so long, the last one at the end; time passes as it does live."""
        for _ in range(int(seconds // EVERY)):
            self.later(EVERY).tick(**metrics)
            self.time_passes()
        return self

    def time_passes(self) -> Story:
        """What the moment brings without anyone asking."""
        facts = as_time_passes(self.view(GUARD), self.last, FRESH)
        return self.happened(*facts) if facts else self

    def taken_over(self) -> Story:
        """Another guard goes on with the run."""
        self.happened(e.GuardStarted(2, "jump", 2), *on_start(self.view(GUARD)))
        return self

    def read(self, **values: FlagValue | None) -> Story:
        """All flags are read; `values` are what somebody else made of some (None: cannot be read)."""
        self.service.update({key: value for key, value in values.items() if value is not None})
        time = self.now.timestamp()
        found = {
            key: FlagReading(None, "connection refused", time)
            if key in values and values[key] is None
            else FlagReading(value, None, time)
            for key, value in self.service.items()
        }
        return self.happened(*flags_read(self.view(GUARD), found))

    # ------------------------------------------------------------ who asks

    def view(self, by: Actor = ANA) -> View:
        """What a decision sees now."""
        gates, triggers = (self.last.gates, self.last.triggers) if self.last else ({}, {})
        if self.last and by != GUARD:
            gates = self.judge.standing(self.last, self.state)
        time = self.now.timestamp()
        flags = {key: FlagReading(value, None, time) for key, value in self.service.items()}
        return View(self.state, self.now, by, gates, triggers, flags)

    def ask(self, ask: a.Ask, by: Actor = ANA) -> tuple[Fact, ...]:
        """The facts that the ask led to; they have happened, and what they ask for was performed."""
        facts = decide(ask, self.view(by))
        self.happened(*facts, by=by)
        self.perform(by)
        return facts

    def refused(self, ask: a.Ask, by: Actor = ANA) -> str:
        """The sentence with which the ask is refused. Fails when it is not."""
        try:
            facts = decide(ask, self.view(by))
        except Refused as sentence:
            return str(sentence)
        raise AssertionError(f"{ask} was not refused: {facts}")

    def tick_off(self, *steps: str, by: Actor = ANA) -> Story:
        """Those steps are passed."""
        for step in steps:
            self.ask(a.Resolve(step), by)
        return self

    def set(self, step: str, by: Actor = ANA) -> Story:
        """The step's flags are changed, confirmed as the dialog wants it."""
        self.ask(a.SetFlags(step, self.typed(step)), by)
        return self

    def typed(self, step: str) -> str:
        """What confirms that step now."""
        from pags_tui.core.decide.flags import typed_for

        return typed_for(self.state, self.state.runbook.step(step))

    def roll_back(self, by: Actor = ANA) -> Story:
        """The default rollback, confirmed and performed."""
        plan = option_plan(self.state, self.state.runbook.option(""))
        moves = tuple(e.Move(line.flag, line.after, line.step) for line in plan.lines)
        self.ask(a.RollBack("rollback", moves, plan.title), by)
        return self

    # ------------------------------------------------------------ what the writer does

    def perform(self, by: Actor) -> None:
        """Writes what is asked for and goes on with the step, as the driver does."""
        while asked := next((c for c in self.state.changes.values() if c.result is None and c.owed), None):
            self.answer(asked.number)
            step = self.state.runbook.step(asked.step) if asked.step and asked.purpose == "forward" else None
            if step is None or self.state.changes[asked.number].result != "verified":
                continue
            if missing := missing_flags(self.state, step):
                if not any(standing(self.view(by))):
                    self.happened(next_forward(self.view(by), step, missing[0]), by=by)
            elif self.state.step(step.id).outcome is None:
                self.happened(e.StepResolved(step.id, "passed"), by=by)
        if self.state.rolling_back:
            self.roll_on()

    def answer(self, number: int) -> None:
        """What becomes of one write."""
        change = self.state.changes[number]
        result = self.misbehaves.get(change.flag, "verified")
        if result in ("verified", "unknown", "unverified"):
            self.service[change.flag] = change.value
        found = change.value if result == "verified" else None if result in ("unknown", "unverified") else -1
        self.happened(e.FlagAnswered(number, result, self.service[change.flag] if found == -1 else found))

    def roll_on(self) -> None:
        """What moved since it was verified is missing again; each missing move once; finished when none is left."""
        rollback = self.state.rollback
        assert rollback is not None
        for move in rollback.moves:
            change, found = last_write(self.state, rollback, move.flag), self.service.get(move.flag)
            if change is not None and change.result in ("verified", "unverified") and not same(found, move.value):
                self.happened(e.FlagAnswered(change.number, "mismatch", found))
        for move in missing_moves(self.state, rollback):
            number, now = next_number(self.state), self.service.get(move.flag)
            self.happened(e.FlagAsked(number, move.flag, move.value, now, "rollback", move.step, rollback.number))
            self.answer(number)
        if not missing_moves(self.state, rollback):
            self.happened(e.RollbackFinished(rollback.number, len(rollback.moves), len(rollback.moves)))

    # ------------------------------------------------------------ how it stands

    def waits_for(self, step: str) -> list[str]:
        """Everything that stands before the forward change of that step."""
        return [blocker.text for blocker in forward_blockers(self.view(), self.state.runbook.step(step))]

    def sign_waits_for(self, phase: str) -> list[str]:
        """Everything that stands before a signature."""
        return [blocker.text for blocker in sign_blockers(self.view(), self.state.runbook.phase(phase))]

    def why_not(self) -> list[str]:
        """What `w` lists."""
        return [blocker.text for blocker in all_blockers(self.view())]

    def outcome(self, step: str) -> str | None:
        """What became of the step."""
        return self.state.step(step).outcome

    def t(self) -> float:
        """T in seconds."""
        t = self.state.t(self.now)
        assert t is not None
        return t


def moment(t: str) -> datetime:
    """The wall time of an offset from 22:00."""
    return T0 + timedelta(seconds=parse_offset(t))


def _reading(value: object) -> Reading:
    if isinstance(value, str):
        return Reading(failed=value)
    if isinstance(value, Mapping):
        return Reading(tuple(Point(labels_of({"queue": str(name)}), float(one)) for name, one in value.items()))
    return Reading() if value is None else Reading((Point((), float(value)),))  # type: ignore[arg-type]


# ---------------------------------------------------------------- places in the night


def prepared() -> Story:
    """T+0: everything before the first change is done, and the gates have passed for a while."""
    story = Story().time_passes()
    story.ticks(30).tick_off(READY, SHORT)
    return story.wait("T+0").tick().time_passes()


def at_ten() -> Story:
    """T+2m: a tenth is on the new stack, the checks are ticked, nothing is signed."""
    return prepared().set(TENTH).ticks(120).tick_off(LOW, STABLE)


def signed_ten() -> Story:
    """T+15m: the first checkpoint is signed by both, the phase after it entered."""
    story = at_ten().wait("T+13m30s").ticks(90)
    story.ask(a.Sign("ten", "cutover-lead"))
    story.ask(a.Sign("ten", "monitoring-lead"), BOB)
    return story.time_passes()


def at_fifty() -> Story:
    """T+15m30s: half is on the new stack."""
    return signed_ten().tick_off(STILL).set(HALF).ticks(15)
