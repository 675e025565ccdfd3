"""Gates and triggers against a second judge, written from the contract's sentences alone: slow, and plain to read.

It remembers nothing: at each tick it looks back over all that was seen. What it says of any night that Hypothesis can
think of, tick for tick, is what the real judge has to say.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hypothesis import example, given
from hypothesis import strategies as st

from pags_tui.core import gates, triggers
from pags_tui.core.conditions import MetricNames, Names, Use, parse
from pags_tui.core.observe import MetricSpec, Sights, Watch, observe
from pags_tui.core.series import Point, Reading, Tick
from pags_tui.core.units import Unit

NAMES = Names({"m": MetricNames(Unit.COUNT)})
EVERY, STALE_AFTER = 10.0, 30.0
LOOK_BACK = 300.0
"""Five minutes."""


@dataclass(frozen=True)
class Seen:
    """One tick: what the query answered."""

    gap: float
    """Seconds since the tick before."""
    values: Mapping[str, float]
    """By series; one that is not named is not in the answer."""
    how: str = "ok"
    """ok, failed, partial, little."""
    live: bool = True


def good(value: float) -> bool:
    """The test of every condition here is `< 5`."""
    return value < 5


numbers = st.sampled_from([1.0, 4.0, 9.0, math.nan, math.inf])
series_values = st.dictionaries(st.sampled_from("abc"), numbers, max_size=3)
steady = st.sampled_from([{"a": 1.0}, {"a": 1.0, "b": 4.0}, {"a": 9.0, "b": 1.0}, {"a": 9.0, "b": 9.0}])
gaps = st.sampled_from([10.0, 10.0, 10.0, 10.0, 20.0, 60.0, 290.0, 310.0, 0.0, -5.0])
hows = st.sampled_from(["ok", "ok", "ok", "ok", "ok", "failed", "failed", "partial", "little"])
nights = st.lists(st.builds(Seen, gaps, st.one_of(steady, steady, series_values), hows, st.just(True)), max_size=14)


@dataclass(frozen=True)
class Moment:
    """One tick as the second judge knows it."""

    time: float
    failed: bool
    answers: Mapping[str, str]
    """Of each series that has to be there: OK, BAD or UNKNOWN."""
    live: bool


def moments(night: Sequence[Seen], expect: Sequence[str]) -> list[Moment]:
    """A tick whose time does not advance is a failed query. Series seen in this run have to stay, or those expected."""
    found: list[Moment] = []
    known: list[str] = []
    latest, asked = -math.inf, 0.0
    for seen in night:
        asked += seen.gap
        failed = seen.how == "failed" or asked <= latest
        latest = max(latest, asked)
        if not failed:
            known += [name for name in sorted(seen.values) if name not in known]
        blind = seen.how in ("partial", "little")
        here = [] if blind or failed else sorted(seen.values)
        needed = known if not expect else list(dict.fromkeys([*expect, *here]))
        answers = {name: _answer(seen, name, blind or failed) for name in needed}
        found.append(Moment(latest, failed, answers, seen.live))
    return found


def _answer(seen: Seen, name: str, blind: bool) -> str:
    value = seen.values.get(name, math.nan)
    return "UNKNOWN" if blind or math.isnan(value) else "OK" if good(value) else "BAD"


def whole(moment: Moment, some: bool) -> str:
    """What the tick says of the condition: of every series, or (`any`) of some."""
    answers = set(moment.answers.values())
    if moment.failed:
        return "FAILED"
    decisive, other = ("OK", "BAD") if some else ("BAD", "OK")
    if decisive in answers:
        return decisive
    return "UNKNOWN" if not answers or "UNKNOWN" in answers else other


def gate_by_the_book(seen: Sequence[Moment], n: int, some: bool, for_: float, since: float) -> tuple[str, int, float]:
    """State, live OK ticks in a row and unbroken OK seconds at tick `n`."""
    said = whole(seen[n], some)
    if said == "BAD":
        return "fail", 0, 0.0
    if said == "UNKNOWN":
        return "unknown", 0, 0.0
    if said == "FAILED":
        last = next((k for k in range(n, -1, -1) if whole(seen[k], some) != "FAILED"), None)
        if last is None:
            return "unknown", 0, 0.0
        state, row, clock = gate_by_the_book(seen, last, some, for_, since)
        return ("stale" if seen[n].time - seen[last].time > STALE_AFTER else state), row, clock
    row, first, at = 0, None, seen[n].time
    for moment in reversed(seen[: n + 1]):
        tick = whole(moment, some)
        if tick == "FAILED":
            continue
        if tick != "OK" or moment.time < since or at - moment.time > LOOK_BACK:
            break
        first = at = moment.time
        row += moment.live
    clock = 0.0 if first is None else seen[n].time - first
    return ("pass" if row >= 3 and first is not None and clock >= for_ else "settling"), row, clock


def sights(night: Sequence[Seen], expect: Sequence[str]) -> Iterator[Sights]:
    """The same night as the real judge sees it."""
    watch, time = Watch(), 0.0
    specs = {"m": MetricSpec("m", stale_after=STALE_AFTER, expect={"s": list(expect)} if expect else {})}
    for seen in night:
        time += seen.gap
        points = tuple(Point((("s", name),), value) for name, value in seen.values.items())
        reading = Reading(
            () if seen.how == "failed" else points,
            "refused" if seen.how == "failed" else None,
            ("half",) if seen.how == "partial" else (),
            False if seen.how == "little" else None,
        )
        watch, found = observe(specs, watch, Tick(time, {"m": reading}), every=EVERY, live=seen.live)
        yield found


@given(
    nights,
    st.integers(0, 6),
    st.booleans(),
    st.sampled_from([0, 20, 40, 400]),
    st.sampled_from([-100.0, 25.0, 60.0]),
    st.sampled_from([(), (), ("a",), ("a", "b")]),
)
@example([Seen(10, {"a": 1.0})] * 3 + [Seen(290, {"a": 1.0}, "failed"), Seen(10, {"a": 1.0})], 0, False, 0, -100.0, ())
@example([Seen(10, {"a": 1.0})] * 3 + [Seen(310, {"a": 1.0})], 0, False, 0, -100.0, ())
def test_a_gate_says_what_the_book_says(
    night: list[Seen], past: int, some: bool, for_: int, since: float, expect: tuple[str, ...]
) -> None:
    """State, ticks in a row and clock, at every tick: failures, gaps, times that repeat, back-filling, `expect`."""
    night = [Seen(seen.gap, seen.values, seen.how, number >= past) for number, seen in enumerate(night)]
    spec = gates.GateSpec("g", (parse(f"{'any ' if some else ''}m < 5 for {for_}s", NAMES),))
    memory, context = gates.GateMemory(), gates.GateContext(EVERY, since)
    book = moments(night, expect)
    for n, found in enumerate(sights(night, expect)):
        memory, verdict = gates.judge(spec, memory, found, context)
        said = str(verdict.state), verdict.row, verdict.clock
        assert said == gate_by_the_book(book, n, some, for_, since), n
        if said[0] == "pass":
            assert verdict.value is not None
            assert good(verdict.value)


@dataclass
class Clock:
    """One series of a trigger."""

    clock: float | None = None
    known: float | None = None
    """When it was last known, good or bad."""
    firm: bool = False
    soft: bool = False

    def tick(self, now: float, answer: str, for_: float, acts: bool) -> tuple[str, str, float]:
        """State (latched), the present answer, and the clock."""
        bridge = min(LOOK_BACK, max(for_, 2 * EVERY))
        if answer == "BAD":
            gap = 0.0 if self.clock is None or self.known is None else now - self.known
            if self.clock is None or gap > max(for_, bridge):
                self.clock = 0.0
            elif gap <= bridge:
                self.clock += gap
        elif answer == "OK":
            self.clock, self.soft = None, False
        if answer != "UNKNOWN":
            self.known = now
        present = self.present(now, for_, bridge)
        if answer == "BAD" and present == "firing":
            self.firm, self.soft = self.firm or acts, self.soft or not acts
        return ("firing" if self.firm or self.soft else present), present, self.clock or 0.0

    def present(self, now: float, for_: float, bridge: float) -> str:
        if self.known is None or now - self.known > bridge:
            return "unknown"
        if self.clock is None:
            return "inactive"
        return "firing" if self.clock >= for_ else "pending"


@given(nights, st.sampled_from([0, 20, 40, 100, 400]), st.integers(0, 14), st.sampled_from([(), ("a", "b")]))
def test_a_trigger_says_what_the_book_says(night: list[Seen], for_: int, armed: int, expect: tuple[str, ...]) -> None:
    """Each series latched, unlatched, and its clock, at every tick; armed from some tick on; the whole is the worst."""
    spec = triggers.TriggerSpec("t", (parse(f"m >= 5 for {for_}s", NAMES, Use.TRIGGER),))
    memory = triggers.TriggerMemory()
    clocks: dict[str, Clock] = {}
    for n, (found, moment) in enumerate(zip(sights(night, expect), moments(night, expect), strict=True)):
        context = triggers.TriggerContext(EVERY, triggers.Posture(armed=n >= armed))
        memory, verdict = triggers.judge(spec, memory, found, context)
        each = {one.series[0][1]: one for one in triggers.series(spec, memory, found, context)}
        said = {
            name: clocks.setdefault(name, Clock()).tick(moment.time, answer, for_, n >= armed)
            for name, answer in moment.answers.items()
            if not expect or name in expect
        }
        for name, wanted in said.items():
            one = each[name]
            assert (str(one.state), str(one.now), one.clock) == wanted, (n, name)
        if each.keys() == said.keys():
            worst = max((present for _, present, _ in said.values()), key=RANKS.index, default="unknown")
            assert verdict.now == worst
            if worst in ("pending", "firing"):
                assert verdict.clock == max(clock for _, present, clock in said.values() if present == worst)
        if verdict.bad or verdict.fired:
            assert "BAD" in moment.answers.values()
            assert not moment.failed


RANKS = ("inactive", "unknown", "pending", "firing")
