"""A night driven over the guard's socket by the autopilot, on real HTTP services that look into the journal.

Nothing here is a stand-in: the guard is a process, the journal a file, the simulator answers on loopback.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pags_tui.core.decide import View
from pags_tui.core.decide import asks as a
from pags_tui.core.events import Event, FlagAnswered, FlagAsked
from pags_tui.core.judge import Judged
from pags_tui.core.runbook import load
from pags_tui.core.series import FlagValue
from pags_tui.core.state import RunState, fold
from pags_tui.core.updates import Began, Happened, Ticked
from pags_tui.desk.lines import LONGEST_LINE, WIRE, Hello, hello_line, parse
from pags_tui.desk.wire import ask_line, update_of
from pags_tui.edge.journal import open_readonly
from pags_tui.simulator import Simulator
from pags_tui.simulator.autopilot import next_ask, roll_back
from pags_tui.wiring.clocks import wall
from tests.live import LEAD

FLAGS = ("canary", "search", "mail", "cache", "queue", "reports")
PAUSE = 0.1
"""Seconds at the most between an answer and the next ask."""
ROUNDS = 6
"""Phases that move every flag a bit."""


def book_text() -> str:
    """Six flags, moved by one, by two and by three in each of six phases; a gate on every second phase."""
    lines = [
        '[runbook]\nid = "night"\ntitle = "The night"\ntraffic = "canary"',
        '[services.prometheus]\nurl = "${METRICS}"\nevery = "1s"\ntimeout = "1s"',
        '[services.flags]\nurl = "${FLAG_API}"\ntoken = "${API_KEY}"\ntarget = "production"\nverify_within = "4s"',
        '[metrics.errors]\ntitle = "Errors"\nunit = "ratio"\nquery = "errors"\nslo = "< 5%"',
        '[triggers.errors]\ntitle = "Errors"\nwhen = "errors > 50% for 30s"',
        *(f'[flags.{key}]\ntype = "integer"\nrange = [0, 100]\nbefore = 0' for key in FLAGS),
        *map(_phase, range(ROUNDS)),
        '[rollback]\ntitle = "All back"\nauto = "ask"',
        f'steps = [ {{ action = "All off", set = {{ {_set(FLAGS, 0)} }} }} ]',
    ]
    return "\n".join(lines)


def _phase(number: int) -> str:
    value = (number + 1) * 10
    parts = (FLAGS[:1], FLAGS[1:3], FLAGS[3:])
    steps = [f'{{ action = "Move {len(part)}", set = {{ {_set(part, value)} }} }}' for part in parts]
    steps += ['{ check = "Errors low", gate = "errors < 5%" }'] if number % 2 else ['"Looks good"']
    head = f'[[phases]]\nid = "round-{number}"\nat = "T+{number}s"\ntitle = "Round {number}"'
    return f'{head}\nsteps = [ {", ".join(steps)} ]\n[phases.checkpoint]\nat = "T+{number}s"'


def _set(keys: tuple[str, ...], value: int) -> str:
    return ", ".join(f"{key} = {value}" for key in keys)


@dataclass
class Arrived:
    """One write, as the service saw it come in."""

    key: str
    flag: str
    value: object
    intent: FlagAsked | None
    """What the journal held under that key at this very moment; None: nothing."""
    verified: bool
    """The journal knew already that this rollback had verified this flag."""


class Watchful(Simulator):
    """The simulator, whose flag service looks into the journal before it takes a write."""

    def __init__(self, db: Path, seed: int) -> None:
        super().__init__(load(book_text(), "runbook.toml"), clock=time.time)
        self.db = db
        self.dice = random.Random(seed)
        self.arrived: list[Arrived] = []

    def write_flag(self, key: str, value: object, idempotency_key: str) -> tuple[int, str]:
        """Notes what the journal knows, then answers soon, or late, or never."""
        self.arrived.append(self._look(idempotency_key, key, value))
        answer = super().write_flag(key, value, idempotency_key)
        time.sleep(self.dice.choice((0.0, 0.0, 0.02, 0.2)))
        return (0, "") if self.dice.random() < 0.05 else answer

    def _look(self, idempotency_key: str, key: str, value: object) -> Arrived:
        run, _, number = idempotency_key.rpartition("-")
        with open_readonly(self.db) as journal:
            facts = [event.fact for event in journal.events(run)]
        asked = {fact.change: fact for fact in facts if isinstance(fact, FlagAsked)}
        intent = asked.get(int(number))
        told = {
            (asked[fact.change].rollback, asked[fact.change].flag): fact.result
            for fact in facts
            if isinstance(fact, FlagAnswered)
        }
        verified = bool(intent and intent.rollback) and told.get((intent.rollback, key)) == "verified"
        return Arrived(idempotency_key, key, value, intent, verified)

    def wrong(self) -> list[str]:
        """Every write that should not have come."""
        keys = Counter(one.key for one in self.arrived)
        found = [f"{key} came {times} times" for key, times in keys.items() if times > 1]
        for one in self.arrived:
            if one.intent is None or one.intent.flag != one.flag or one.intent.value != one.value:
                found.append(f"{one.key} ({one.flag} = {one.value}) came without an intent in the journal")
            elif one.verified:
                found.append(f"{one.key} ({one.flag}) came although this rollback had verified it")
        return found


@dataclass
class Story:
    """All that a screen was ever told of one run, over however many guards."""

    events: dict[int, Event] = field(default_factory=dict)
    answered: set[int] = field(default_factory=set)
    """Events that an ask was answered with."""
    refused: int = 0
    broken: list[str] = field(default_factory=list)

    def take(self, events: tuple[Event, ...]) -> None:
        """Events from the guard: what was told once must be told so for ever."""
        for event in events:
            if self.events.setdefault(event.seq, event) != event:
                self.broken.append(f"event {event.seq} was told as {self.events[event.seq]} and is now {event}")

    def against(self, kept: tuple[Event, ...]) -> list[str]:
        """What the journal lacks, or has otherwise."""
        there = {event.seq: event for event in kept}
        lost = [f"event {seq} was told, and is lost" for seq, event in self.events.items() if there.get(seq) != event]
        lost += [f"event {seq} was answered, and is lost" for seq in self.answered if seq not in there]
        known = [self.events[seq] for seq in sorted(self.events)]
        if not lost and known and fold(known) != fold(kept[: len(known)]):
            lost.append("the fold of what was told is not the fold of what is kept")
        return self.broken + lost


class Hands:
    """The lead: the autopilot's moves, with notes, issues and holds in between, until the line breaks."""

    def __init__(self, story: Story, dice: random.Random) -> None:
        self.story = story
        self.dice = dice
        self.give_up = False
        """Roll back, whatever the autopilot would do."""
        self.last: Judged | None = None
        self._state: RunState = fold(())
        self._number = 0

    async def work(self, socket: Path, seconds: float) -> None:
        """Sits at the guard for so long, or until it is gone."""
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(seconds):
                reader, writer = await asyncio.open_unix_connection(socket, limit=LONGEST_LINE)
                try:
                    writer.write(hello_line(Hello(WIRE)))
                    await self._listen(reader, writer)
                finally:
                    writer.close()

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting = False
        while raw := await reader.readline():
            content = parse(raw)
            if "answer" in content:
                waiting = False
                self.story.refused += bool(content["answer"]["refused"])
                self.story.answered.update(content["answer"]["seqs"])
            match update_of(content):
                case Began(events=events):
                    self.story.take(events)
                    self._state = fold(events)
                case Happened(events=events):
                    self.story.take(events)
                    self._state = fold(events, self._state)
                case Ticked(judged=judged):
                    self.last = judged
            if not waiting and (ask := self._next()) is not None:
                await asyncio.sleep(self.dice.random() * PAUSE)
                self._number += 1
                writer.write(ask_line(self._number, ask))
                waiting = True

    def _next(self) -> a.Ask | None:
        state = self._state
        if self.give_up and not state.rolling_back and not state.rollback:
            return roll_back(state, "the night is over")
        if self.dice.random() < 0.3:
            return self.dice.choice((a.AddNote(f"note {self._number}"), a.OpenIssue("minor", "odd"), a.HoldClock()))
        flags = self.last.tick.flags if self.last else {}
        gates, triggers = (self.last.gates, self.last.triggers) if self.last else ({}, {})
        return next_ask(View(state, wall(), LEAD, gates, triggers, flags))


def values_of(simulator: Simulator) -> dict[str, FlagValue | None]:
    """Every flag as the service has it."""
    return {key: simulator.read_flag(key) for key in FLAGS}
