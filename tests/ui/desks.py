"""A desk in memory: a real runbook, real decisions, real judging, and no service, journal or clock of the machine.

`Night` writes a story down (facts and ticks); `FakeDesk` is that story with a driver that does what it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pags_tui.core import events as e
from pags_tui.core.decide import View, decide
from pags_tui.core.decide.asks import Accepted, Ask, ReadFlags
from pags_tui.core.decide.flags import next_forward
from pags_tui.core.errors import PagsError
from pags_tui.core.events import GUARD, Actor, Event, Fact
from pags_tui.core.judge import Judge, Judged
from pags_tui.core.plan.confirmed import missing_moves
from pags_tui.core.plan.progress import missing_flags
from pags_tui.core.runbook import load
from pags_tui.core.series import FlagReading, FlagValue, Point, Reading, Tick
from pags_tui.core.state import RunState, fold
from pags_tui.core.supposed import Supposed
from pags_tui.core.updates import Began, Happened, Ticked, Update
from pags_tui.desk.port import Seat

NIGHT = Path(__file__).with_name("night.toml")
ANA = Actor("ana")
T_ZERO = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
EVERY = 5.0

Readings = Mapping[str, float | Mapping[str, float]]
"""A metric's value, or one value per queue."""

CALM: Readings = {"error-rate": 0.002, "p95-latency": 0.212, "queue-depth": {"mail": 120, "brain": 14}}


class Night:
    """A story that is written down as it is told; time is what the story says."""

    def __init__(self, text: str | None = None, kind: e.Kind = "live", lead: Actor = ANA) -> None:
        self.text = NIGHT.read_text() if text is None else text
        self.now = T_ZERO - timedelta(minutes=40)
        self.events: list[Event] = []
        self.ticks: list[Judged] = []
        self.state = RunState()
        self.flags: dict[str, FlagValue] = {}
        self.stuck: dict[str, str] = {}
        """Flags whose writes fail, and how (`unknown`, `mismatch`, `refused`)."""
        self.judge = Judge(load(self.text, "night.toml"), EVERY)
        self.told: list[Update] = []
        lead_name = lead.name or lead.user
        self.happen(
            e.RunStarted("night-1", kind, self.text, "0", "night.toml", "production", lead_name, lead.user, "1")
        )
        self.happen(e.GuardStarted(4711, "jump-1", 1))

    def at(self, moment: timedelta | float) -> Night:
        """Go to a T, in minutes."""
        self.now = T_ZERO + (moment if isinstance(moment, timedelta) else timedelta(minutes=moment))
        return self

    def happen(self, *facts: Fact, by: Actor = GUARD) -> list[Event]:
        """Facts, journaled and folded."""
        first = len(self.events) + 1
        fresh = [Event(seq, self.now, by, fact) for seq, fact in enumerate(facts, first)]
        self.events += fresh
        self.state = fold(fresh, self.state)
        return fresh

    def read_flags(self, values: Mapping[str, FlagValue]) -> Night:
        """The flags as they were before the night."""
        self.flags = dict(values)
        self.happen(*(e.FlagSeen(key, value) for key, value in values.items()))
        return self

    def tick(self, readings: Readings = CALM, times: int = 1) -> Night:
        """So many ticks with those values."""
        for _ in range(times):
            self.now += timedelta(seconds=EVERY)
            self.ticks.append(self.judge.judge(len(self.ticks) + 1, self._tick(readings), self.state, self.now))
        return self

    def _tick(self, readings: Readings) -> Tick:
        now = self.now.timestamp()
        flags = {key: FlagReading(value, None, now) for key, value in self.flags.items()}
        return Tick(now, {name: _reading(value) for name, value in readings.items()}, flags)

    def view(self, by: Actor = ANA) -> View:
        """What a decision looks at."""
        last = self.ticks[-1] if self.ticks else None
        read = {key: FlagReading(value, None, self.now.timestamp()) for key, value in self.flags.items()}
        return View(self.state, self.now, by, last.gates if last else {}, last.triggers if last else {}, read)

    def ask(self, *asks: Ask, by: Actor = ANA) -> Night:
        """Asks of the past, performed at once."""
        for ask in asks:
            self.do(ask, by)
        return self

    def do(self, ask: Ask, by: Actor) -> list[Event]:
        """Decide, and write whatever is to be written."""
        fresh = self.happen(*decide(ask, self.view(by)), by=by)
        for event in fresh:
            if isinstance(event.fact, e.FlagAsked):
                fresh += self._written(event.fact)
            elif isinstance(event.fact, e.RollbackConfirmed):
                fresh += self._rolled_back()
        return fresh

    def _written(self, asked: e.FlagAsked) -> list[Event]:
        answer = self._answer(asked)
        fresh = self.happen(answer)
        if answer.result != "verified" or asked.purpose != "forward":
            return fresh
        step = self.state.runbook.step(asked.step)
        missing = missing_flags(self.state, step)
        if not missing:
            return fresh + self.happen(e.StepResolved(step.id, "passed"))
        again = next_forward(self.view(), step, missing[0])
        return fresh + self.happen(again) + self._written(again)

    def _answer(self, asked: e.FlagAsked) -> e.FlagAnswered:
        failed = self.stuck.get(asked.flag)
        if failed == "unknown":
            curl = f"curl -X POST http://localhost:8080/flags/{asked.flag}" if asked.purpose == "rollback" else ""
            return e.FlagAnswered(asked.change, "unknown", None, "the service did not answer within 5 s", curl)
        if failed == "mismatch":
            return e.FlagAnswered(asked.change, "mismatch", self.flags[asked.flag], "the service says something else")
        self.flags[asked.flag] = asked.value
        return e.FlagAnswered(asked.change, "verified", asked.value, "read back")

    def _rolled_back(self) -> list[Event]:
        rollback = self.state.rollback
        assert rollback is not None
        fresh: list[Event] = []
        for move in missing_moves(self.state, rollback):
            number, before = len(self.state.changes) + 1, self.flags.get(move.flag)
            asked = e.FlagAsked(number, move.flag, move.value, before, "rollback", move.step, rollback.number)
            fresh += self.happen(asked) + self.happen(self._answer(asked))
        left = missing_moves(self.state, rollback)
        done = len(rollback.moves) - len(left)
        return fresh + ([] if left else self.happen(e.RollbackFinished(rollback.number, done, len(rollback.moves))))


def _reading(value: float | Mapping[str, float]) -> Reading:
    if isinstance(value, Mapping):
        return Reading(tuple(Point((("queue", queue),), float(number)) for queue, number in value.items()))
    return Reading((Point((), value),))


class FakeDesk:
    """A `Desk` on a night. Time stands still unless the night is moved."""

    def __init__(self, night: Night, me: Actor = ANA, seat: Seat = "desk") -> None:
        self.night = night
        self.me = me
        self.seat: Seat = seat
        self.asked: list[Ask] = []
        self.detached = False
        self._receive: Callable[[Update], None] = lambda update: None

    def now(self) -> datetime:
        """The night's own time."""
        return self.night.now

    async def attach(self, receive: Callable[[Update], None]) -> None:
        """The whole story so far."""
        self._receive = receive
        receive(Began(tuple(self.night.events), tuple(self.night.ticks), self.night.now))

    async def ask(self, ask: Ask) -> Accepted:
        """Decided by the real decisions, performed at once."""
        self.asked.append(ask)
        try:
            fresh = self.night.do(ask, self.me)
        except PagsError as error:
            return Accepted(said=str(error), refused=True)
        self.tell(fresh)
        return Accepted(tuple(event.seq for event in fresh))

    async def detach(self) -> None:
        """Nobody listens any more."""
        self.detached = True

    def tell(self, events: Iterable[Event]) -> None:
        """Further events."""
        if fresh := tuple(events):
            self._receive(Happened(fresh))

    def happen(self, *facts: Fact, by: Actor = GUARD) -> None:
        """Something that nobody here asked for."""
        self.tell(self.night.happen(*facts, by=by))

    def tick(self, readings: Readings = CALM) -> None:
        """One more tick."""
        self.night.tick(readings)
        self._receive(Ticked(self.night.ticks[-1]))

    @property
    def wanted(self) -> list[Ask]:
        """What was asked for, reads of flags left out."""
        return [ask for ask in self.asked if not isinstance(ask, ReadFlags)]


class FakePlayer:
    """A `Player` over the span of a night, that notes what it was told."""

    def __init__(self, desk: FakeDesk) -> None:
        self.desk = desk
        self.playing = False
        self.speed = 1.0
        self.steps: list[tuple[str, int]] = []
        self.supposed: Supposed | None = None
        self.span = (desk.night.events[0].at, desk.night.now)

    def play(self, playing: bool) -> None:
        self.playing = playing

    def set_speed(self, speed: float) -> None:
        self.speed = speed

    def seek(self, moment: datetime) -> None:
        self.desk.night.now = moment

    @property
    def events(self) -> Sequence[Event]:
        return self.desk.night.events

    def seek_t(self, t: float) -> bool:
        clock = self.desk.night.state.clock
        if clock is not None:
            self.seek(clock.wall(t, self.desk.night.now))
        return clock is not None

    def step_event(self, by: int) -> bool:
        self.steps.append(("event", by))
        return True

    def step_kind(self, kind: str, by: int) -> bool:
        self.steps.append((kind, by))
        return kind != "hold"

    def step_tick(self, by: int) -> None:
        self.steps.append(("tick", by))

    async def suppose(self, changes: Sequence[str], tell: Callable[[float], None]) -> None:
        self.supposed = Supposed(tuple(changes), ()) if changes else None
