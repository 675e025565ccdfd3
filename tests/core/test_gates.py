"""Gates, where a case file cannot say it: the reading at the moment of confirming, single series, odd inputs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pags_tui.core.conditions import MetricNames, Names, parse
from pags_tui.core.gates import (
    Answer,
    GateContext,
    GateMemory,
    GateSpec,
    GateState,
    GateVerdict,
    TriggerStanding,
    judge,
    series,
    standing,
    worsen,
)
from pags_tui.core.observe import MetricSpec, Sights, TriggerState, Watch, observe
from pags_tui.core.series import FlagReading, Point, Reading, Tick
from pags_tui.core.units import Unit

NAMES = Names({"m": MetricNames(Unit.COUNT), "n": MetricNames(Unit.COUNT)}, {"f": "boolean"})
SPECS = {"m": MetricSpec("m"), "n": MetricSpec("n")}
CONTEXT = GateContext(10, since=0.0)
CONTEXT_ALWAYS = GateContext(10)
NOT_READ = FlagReading(None, "HTTP 503", 30)


def gate(*texts: str) -> GateSpec:
    return GateSpec("phase/step", tuple(parse(text, NAMES) for text in texts))


class Night:
    """One gate over ticks of ten seconds, in which each metric has the one value given."""

    def __init__(self, *texts: str) -> None:
        self.spec = gate(*texts)
        self.watch = Watch()
        self.memory = GateMemory()
        self.time = -10.0

    def see(self, *, advance: float = 10, flag: FlagReading | None = None, **values: float | str | None) -> Sights:
        self.time += advance
        readings = {
            name: Reading(failed=value)
            if isinstance(value, str)
            else Reading((Point((), value),) if value is not None else ())
            for name, value in values.items()
        }
        flags = {"f": flag or FlagReading(False, None, self.time)}
        self.watch, sights = observe(SPECS, self.watch, Tick(self.time, readings, flags), every=10)
        return sights

    def tick(self, **values: float | str | None) -> GateVerdict:
        self.memory, verdict = judge(self.spec, self.memory, self.see(**values), CONTEXT)
        return verdict

    def passing(self, **values: float) -> GateVerdict:
        for _ in range(3):
            verdict = self.tick(**values)
        assert verdict.state is GateState.PASS
        return verdict


@pytest.mark.parametrize(
    ("reading", "state", "reason"),
    [
        (1.0, GateState.PASS, "m 1 < 5"),
        (9.0, GateState.FAIL, "read just now: m 9 >= 5"),
        (float("nan"), GateState.UNKNOWN, "read just now: m: NaN"),
        (None, GateState.UNKNOWN, "read just now: m: no data"),
        ("time-out", GateState.STALE, "read just now: m: no answer: time-out"),
    ],
    ids=str,
)
def test_the_reading_at_confirming_can_only_worsen(reading: float | str | None, state: GateState, reason: str) -> None:
    """A pass stays only while the fresh reading is OK; what cannot be read refuses."""
    night = Night("m < 5")
    verdict = night.passing(m=1.0)
    now = worsen(night.spec, verdict, night.see(m=reading), CONTEXT)
    assert (now.state, now.reason) == (state, reason)
    assert (now.row, now.clock) == (3, 20)


def test_a_good_reading_at_confirming_mends_nothing() -> None:
    """A fail stays a fail, and settling stays settling, whatever is read just now."""
    night = Night("m < 5")
    failing = night.tick(m=9.0)
    assert worsen(night.spec, failing, night.see(m=1.0), CONTEXT) == failing
    settling = night.tick(m=1.0)
    assert worsen(night.spec, settling, night.see(m=1.0), CONTEXT) == settling


def test_a_fail_takes_the_worse_value_of_the_fresh_reading() -> None:
    """An override named a value: what is further off just now is not covered by it, what is nearer changes nothing."""
    night = Night("m < 5", "flag f == true")
    failing = night.tick(m=9.0)
    assert worsen(night.spec, failing, night.see(m=8.0), CONTEXT) == failing
    now = worsen(night.spec, failing, night.see(m=12.0), CONTEXT)
    assert (now.state, now.value, now.reason) == (GateState.FAIL, 12, "read just now: m 12 >= 5")
    assert not now.no_worse_than(failing.value)


def test_a_reading_whose_time_did_not_advance_refuses() -> None:
    """The same server time again is no fresh reading, for a flag neither."""
    night = Night("m < 5", "flag f == false")
    verdict = night.passing(m=1.0)
    sights = night.see(advance=0, m=1.0)
    now = worsen(night.spec, verdict, sights, CONTEXT)
    assert [part.state for part in now.parts] == [GateState.STALE, GateState.STALE]


def test_a_flag_that_cannot_be_read_at_confirming_refuses() -> None:
    """A flag's read of just now counts like a metric's; one from before the change makes a pass settle again."""
    night = Night("flag f == false")
    verdict = night.passing()
    assert worsen(night.spec, verdict, night.see(flag=NOT_READ), CONTEXT).state is GateState.STALE
    early = night.see(flag=FlagReading(False, None, -1))
    assert worsen(night.spec, verdict, early, CONTEXT).state is GateState.SETTLING


def test_an_overridden_fail_is_covered_only_while_it_is_no_worse() -> None:
    """`no_worse_than` compares in the direction of the broken test, and needs a number on both sides, or on none."""
    night = Night("m < 5")
    verdict = night.tick(m=9.0)
    assert verdict.no_worse_than(9.0)
    assert verdict.no_worse_than(9.5)
    assert not verdict.no_worse_than(8.9)
    assert not verdict.no_worse_than(None)
    assert not verdict.no_worse_than(float("nan"))
    assert not night.tick(m=None).no_worse_than(9.0)
    flag = Night("flag f == true").tick()
    assert flag.state is GateState.FAIL
    assert flag.no_worse_than(None)
    assert not flag.no_worse_than(9.0)


def test_a_verdict_names_all_its_metrics() -> None:
    """The metrics of a gate are those of all its conditions."""
    assert Night("m < 5", "n < 5", "flag f == false").tick(m=1.0, n=1.0).metrics == {"m", "n"}


def test_each_series_can_be_looked_at() -> None:
    """Every series under every metric condition, with its own answer; a metric that is not observed has none."""
    spec = gate("m < 5", "n < 5", "flag f == false")
    points = (Point((("q", "a"),), 1.0), Point((("q", "b"),), 9.0), Point((("q", "c"),), float("nan")))
    _, sights = observe({"m": SPECS["m"]}, Watch(), Tick(0, {"m": Reading(points)}), every=10)
    assert [(one.part, one.series[0][1], one.answer, one.reason) for one in series(spec, sights)] == [
        (0, "a", Answer.OK, 'm{q="a"} 1 < 5'),
        (0, "b", Answer.BAD, 'm{q="b"} 9 >= 5'),
        (0, "c", Answer.UNKNOWN, 'm{q="c"}: NaN'),
    ]
    _, verdict = judge(spec, GateMemory(), sights, CONTEXT)
    assert [part.state for part in verdict.parts] == [GateState.FAIL, GateState.UNKNOWN, GateState.UNKNOWN]
    assert verdict.parts[1].reason == "n: not observed"


def test_how_many_more_are_bad_or_unknown_is_said() -> None:
    """The worst series is named, and the others are counted."""
    night = Night("m < 5")
    points = [Point((("q", str(n)),), 5.0 + n) for n in range(3)]
    night.watch, sights = observe(SPECS, night.watch, Tick(0, {"m": Reading(tuple(points))}), every=10)
    night.memory, verdict = judge(night.spec, night.memory, sights, CONTEXT)
    assert verdict.reason == 'm{q="2"} 7 >= 5, and 2 more'
    night.watch, sights = observe(SPECS, night.watch, Tick(10, {"m": Reading()}), every=10)
    _, verdict = judge(night.spec, night.memory, sights, CONTEXT)
    assert verdict.reason == 'm{q="0"}: no data, and 2 more'


def test_an_amended_condition_begins_anew() -> None:
    """What was proven under another condition proves nothing for the one that took its place."""
    night = Night("m < 5")
    night.passing(m=1.0)
    night.spec = gate("m < 4")
    assert night.tick(m=1.0).state is GateState.SETTLING
    night.spec = gate("m < 4", "n < 5")
    assert night.tick(m=1.0, n=1.0).row == 1


def test_a_gate_judged_before_its_metric_was_observed_skips_nothing() -> None:
    """A metric that leaves the runbook is unknown, not stale and not passed."""
    night = Night("m < 5")
    night.passing(m=1.0)
    _, sights = observe({}, night.watch, Tick(60, {}), every=10)
    assert judge(night.spec, night.memory, sights, CONTEXT)[1].state is GateState.UNKNOWN


def test_states_have_an_order() -> None:
    """From best to worst: pass, settling, stale, unknown, fail."""
    assert sorted(GateState, key=lambda state: state.rank) == ["pass", "settling", "stale", "unknown", "fail"]


def test_the_reading_at_confirming_looks_at_everything_that_the_tick_looks_at() -> None:
    """Triggers, every flag, a place of its own, and which series it was: worsening asks what judging asks."""
    names = Names(NAMES.metrics, NAMES.flags, ("there",))
    spec = GateSpec(
        "phase/step", (parse("no triggers", names), parse("flags readable", names), parse("m < 5 since there", names))
    )
    quiet = GateContext(10, 0.0, {"there": 0.0}, {"a": TriggerStanding(TriggerState.INACTIVE)}, ("f",))
    night = Night()
    memory = GateMemory()
    for _ in range(3):
        memory, verdict = judge(spec, memory, night.see(m=1.0), quiet)
    assert verdict.state is GateState.PASS
    sights = night.see(m=1.0)
    assert worsen(spec, verdict, sights, quiet) == verdict
    loud = replace(quiet, triggers={"a": TriggerStanding(TriggerState.FIRING)})
    assert worsen(spec, verdict, sights, loud).reason == "read just now: trigger a is firing"
    later = replace(quiet, places={"there": None})
    assert worsen(spec, verdict, sights, later) == verdict, "what is good now was proven before"
    early = night.see(m=1.0, flag=FlagReading(False, None, -1))
    found = worsen(spec, verdict, early, quiet)
    assert (found.state, found.reason) == (GateState.SETTLING, "read just now: read before the change")


def test_a_place_of_its_own_counts_at_confirming() -> None:
    """A trigger that fired before that place began is forgotten there, whatever the gate's own beginning."""
    names = Names(NAMES.metrics, NAMES.flags, ("there",))
    spec = GateSpec("phase/step", (parse("no triggers since there", names),))
    context = GateContext(10, 0.0, {"there": 50.0}, {"a": TriggerStanding(TriggerState.INACTIVE, 20.0)}, ())
    night, memory = Night(), GateMemory()
    night.time = 50.0
    for _ in range(3):
        memory, verdict = judge(spec, memory, night.see(), context)
    assert verdict.state is GateState.PASS
    assert worsen(spec, verdict, night.see(), context) == verdict


def test_the_series_read_at_confirming_is_named() -> None:
    """What is worse just now may be another series than the one of the tick."""
    spec = gate("m < 5")
    points = (Point((("q", "a"),), 1.0), Point((("q", "b"),), 2.0))
    watch, sights = observe(SPECS, Watch(), Tick(0, {"m": Reading(points)}), every=10)
    _, verdict = judge(spec, GateMemory(), sights, CONTEXT)
    assert verdict.series == (("q", "b"),)
    _, sights = observe(SPECS, watch, Tick(10, {"m": Reading((Point((("q", "a"),), 9.0), points[1]))}), every=10)
    found = worsen(spec, verdict, sights, CONTEXT)
    assert (found.series, found.value, found.parts[0].series) == ((("q", "a"),), 9.0, (("q", "a"),))


def test_the_same_value_at_confirming_changes_nothing() -> None:
    """Equally bad is no worse; and an unknown stays the one that was judged, whatever number it came with."""
    night = Night("m < 5")
    failing = night.tick(m=9.0)
    assert worsen(night.spec, failing, night.see(m=9.0), CONTEXT) == failing
    unknown = night.tick(m=float("nan"))
    few = Tick(night.time + 10, {"m": Reading((Point((), 99.0),), enough=False)})
    _, sights = observe(SPECS, night.watch, few, every=10)
    assert worsen(night.spec, unknown, sights, CONTEXT) == unknown
    _, doubtful = judge(night.spec, GateMemory(), sights, CONTEXT)
    assert (doubtful.state, doubtful.value) == (GateState.UNKNOWN, 99.0)
    worse = Tick(night.time + 20, {"m": Reading((Point((), 100.0),), enough=False)})
    _, sights = observe(SPECS, night.watch, worse, every=10)
    assert worsen(night.spec, doubtful, sights, CONTEXT) == doubtful


def test_a_flags_read_counts_for_75_seconds() -> None:
    """Up to and with that age; its age is shown to the millisecond, and never below 0."""
    night = Night("flag f == false")
    for age, state, shown in (
        (75.0, GateState.SETTLING, 75.0),
        (1.23456, GateState.SETTLING, 1.235),
        (-5.0, GateState.PASS, 0.0),
    ):
        night.memory, verdict = judge(
            night.spec, night.memory, night.see(flag=FlagReading(False, None, night.time + 10 - age)), CONTEXT_ALWAYS
        )
        assert (verdict.state, verdict.age) == (state, shown)
    night.memory, verdict = judge(
        night.spec, night.memory, night.see(flag=FlagReading(False, None, night.time + 10 - 75.5)), CONTEXT_ALWAYS
    )
    assert verdict.row == 3, "an older one is no read"
    assert (verdict.state, verdict.age) == (GateState.PASS, 5.0)


def test_all_flags_count_from_the_moment_of_the_change() -> None:
    """The oldest read decides; one of that very moment is not from before it."""
    spec = gate("flags readable")
    context = GateContext(10, since=100.0, flags=("f",))
    for read_at, state in ((100.0, GateState.SETTLING), (99.9, GateState.SETTLING)):
        sights = Sights(110.0, 100.0, True, True, {}, {"f": FlagReading(True, None, read_at)})
        _, verdict = judge(spec, GateMemory(), sights, context)
        assert (verdict.state, verdict.row) == (state, 1 if read_at == 100 else 0)


def test_a_failed_read_without_a_reason_says_so() -> None:
    """There is always something to show."""
    sights = Sights(0.0, None, True, True, {}, {"f": FlagReading(None, None, 0.0)})
    _, verdict = judge(gate("flag f == true"), GateMemory(), sights, CONTEXT)
    assert verdict.reason == "f: cannot be read: no reason given"


def test_the_age_of_a_stale_answer_is_in_milliseconds() -> None:
    """It is the time since the last answer."""
    night = Night("m < 5")
    night.tick(m=1.0)
    night.memory, verdict = judge(night.spec, night.memory, night.see(advance=10.12345, m="refused"), CONTEXT)
    assert (verdict.state, verdict.age) == (GateState.SETTLING, 10.123)


def test_an_equal_condition_goes_on() -> None:
    """Read again, the same sentence is the same condition: an amendment elsewhere costs no clock."""
    night = Night("m < 5")
    night.passing(m=1.0)
    night.spec = gate("m < 5")
    assert (night.tick(m=1.0).state, night.memory.parts[0].row) == (GateState.PASS, 4)


def test_a_metric_that_is_not_observed_is_named() -> None:
    """So that an override knows what it is about."""
    _, sights = observe({}, Watch(), Tick(0, {}), every=10)
    assert judge(gate("n < 5"), GateMemory(), sights, CONTEXT)[1].metric == "n"


def test_a_change_at_a_moment_without_an_answer_keeps_the_condition() -> None:
    """Two changes while nothing answers: the verdict stays, settling, and never becomes unknown."""
    night = Night("m < 5")
    night.passing(m=1.0)
    for since in (30.0, 40.0):
        night.memory, verdict = judge(night.spec, night.memory, night.see(m="refused"), GateContext(10, since))
        assert (verdict.state, verdict.row, verdict.clock) == (GateState.SETTLING, 0, 0)


def test_a_pass_stands_until_a_change_or_another_condition_comes_between() -> None:
    """Of each condition on its own: what rests on evidence from before its beginning settles; nothing else moves."""
    names = Names(NAMES.metrics, NAMES.flags, ("there",))
    texts = ("m < 5 for 20s", "n < 5 since there", "flag f == false")
    spec = GateSpec("phase/step", tuple(parse(text, names) for text in texts))
    before = GateContext(10, 0.0, {"there": 0.0})
    night, memory = Night(), GateMemory()
    for _ in range(3):
        memory, verdict = judge(spec, memory, night.see(m=1.0, n=2.0), before)
    assert [(part.state, part.row, part.clock) for part in verdict.parts] == [(GateState.PASS, 3, 20)] * 3
    amended = GateSpec("phase/step", (parse("m < 6 for 20s", names), *spec.parts[1:]))
    for now, context, known, still in (
        (spec, before, memory, (True, True, True)),
        (spec, GateContext(10, 25.0, {"there": 0.0}), memory, (False, True, False)),
        (spec, GateContext(10, 0.0, {"there": 25.0}), memory, (True, False, True)),
        (spec, GateContext(10, 0.0, {"there": None}), memory, (True, False, True)),
        (amended, before, memory, (False, True, True)),
        (spec, before, GateMemory(), (False, False, False)),
    ):
        found = standing(now, known, verdict, context)
        assert (found is verdict) == all(still)
        assert (found.id, found.metrics) == ("phase/step", {"m", "n"})
        assert found.state is (GateState.PASS if all(still) else GateState.SETTLING)
        assert (found.row, found.clock) == ((3, 20) if all(still) else (0, 0))
        for part, was, holds in zip(found.parts, verdict.parts, still, strict=True):
            words = f"{was.reason}; counts from the change on"
            settles = replace(was, state=GateState.SETTLING, reason=words, row=0, clock=0.0)
            assert part == (was if holds else settles)
    failing = judge(spec, memory, night.see(m=9.0, n=2.0), before)[1]
    after = standing(spec, memory, failing, GateContext(10, 25.0, {"there": 0.0}))
    assert after.parts[0] == failing.parts[0], "what fails goes on failing"
    assert (after.state, after.reason) == (GateState.FAIL, "m 9 >= 5")


def test_a_metric_that_fails_at_its_first_reading_is_unknown() -> None:
    """It was named before it was observed: there is a verdict, but no answer whose age could be told."""
    spec = gate("m < 5")
    watch, sights = observe({}, Watch(), Tick(0, {}), every=10)
    memory, _ = judge(spec, GateMemory(), sights, CONTEXT)
    _, sights = observe(SPECS, watch, Tick(10, {"m": Reading(failed="refused")}), every=10)
    _, verdict = judge(spec, memory, sights, CONTEXT)
    assert (verdict.state, verdict.age) == (GateState.UNKNOWN, None)
    assert verdict.reason == "m: no answer: refused"


def test_a_condition_new_at_a_tick_whose_time_stands_still_is_unknown() -> None:
    """Nothing was ever read under it, and this tick reads nothing."""
    night = Night("flag f == false")
    night.passing()
    sights = night.see(advance=0)
    _, verdict = judge(gate("flag f != true"), night.memory, sights, CONTEXT)
    assert (verdict.state, verdict.row) == (GateState.UNKNOWN, 0)
    assert verdict.reason == "the server's time did not advance"
    night.memory, verdict = judge(night.spec, night.memory, sights, CONTEXT)
    assert (verdict.state, verdict.reason) == (GateState.PASS, "f is false")
