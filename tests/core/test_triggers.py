"""Triggers, where a case file cannot say it: memories, amendments, verdict facts, thousands of series."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from pags_tui.core.conditions import MetricNames, Names, Use, parse
from pags_tui.core.observe import MetricSpec, Sights, TriggerState, Watch, observe
from pags_tui.core.series import FlagReading, Point, Reading, Tick
from pags_tui.core.triggers import (
    Posture,
    Restart,
    TriggerContext,
    TriggerMemory,
    TriggerSpec,
    TriggerVerdict,
    bridge_of,
    judge,
    series,
    unlatch,
)
from pags_tui.core.units import Unit

NAMES = Names({"m": MetricNames(Unit.COUNT, "< 5"), "n": MetricNames(Unit.COUNT)}, {"f": "boolean"})
SPECS = {"m": MetricSpec("m"), "n": MetricSpec("n")}
CONTEXT = TriggerContext(10)


def trigger(*texts: str) -> TriggerSpec:
    return TriggerSpec("t", tuple(parse(text, NAMES, Use.TRIGGER) for text in texts))


def seen(*ticks: dict[str, float | None]) -> list[Sights]:
    """Ticks of ten seconds: by series of `m` its value, None for no such series."""
    watch, found = Watch(), []
    for number, values in enumerate(ticks):
        points = tuple(Point((("q", name),), value) for name, value in values.items() if value is not None)
        watch, sights = observe(SPECS, watch, Tick(10.0 * number, {"m": Reading(points)}), every=10)
        found.append(sights)
    return found


def through(spec: TriggerSpec, sights: list[Sights], context: TriggerContext = CONTEXT) -> list[TriggerVerdict]:
    memory, verdicts = TriggerMemory(), []
    for each in sights:
        memory, verdict = judge(spec, memory, each, context)
        verdicts.append(verdict)
    return verdicts


def test_the_bridge() -> None:
    """min(5m, max(`for`, 2 x `every`))."""
    assert [bridge_of(0, 5), bridge_of(60, 5), bridge_of(900, 5), bridge_of(0, 200)] == [10, 60, 300, 300]


def test_a_verdict_carries_what_others_need() -> None:
    """Metrics, posture, whether this tick is bad, when it fired, and what each condition says."""
    spec = trigger("m > 5 for 10s", "n > 5")
    verdicts = through(spec, seen({"a": 9}, {"a": 9}, {"a": 1}), TriggerContext(10, Posture(armed=False)))
    assert [v.fired_at for v in verdicts] == [None, 10, 10]
    assert [v.bad for v in verdicts] == [False, True, False]
    assert [v.latched for v in verdicts] == [False, False, False]
    assert verdicts[1].metrics == {"m", "n"}
    assert [part.state for part in verdicts[1].parts] == [TriggerState.FIRING, TriggerState.UNKNOWN]
    assert (verdicts[1].bound, verdicts[1].for_, verdicts[1].series) == ("> 5", 10, (("q", "a"),))
    assert not verdicts[1].posture.acts


def test_what_cannot_be_read_for_a_while_is_named_while_all_is_calm() -> None:
    """Within the bridge the answer stays, and the words say which series cannot be read and why: never "None"."""
    calm = through(trigger("m > 5 for 10s"), seen({"a": 1, "b": 1}, {"a": math.nan, "b": math.nan}))[-1]
    assert (calm.state, calm.reason) == (TriggerState.INACTIVE, 'm{q="a"}: NaN')


def test_a_restart_names_its_series_and_gap() -> None:
    """A clock that begins anew after a gap says which and after how long, for the journal."""
    sights = seen({"a": 9, "b": 1}, *[{"a": None, "b": 1}] * 4, {"a": 9, "b": 1})
    restart = through(trigger("m > 5 for 30s"), sights)[-1].restarted[0]
    assert (restart.metric, restart.series, restart.gap) == ("m", (("q", "a"),), 50)


def test_the_memory_that_went_in_stays_as_it_was() -> None:
    """Judging twice from the same memory gives the same."""
    spec, sights = trigger("m > 5 for 10s"), seen({"a": 9}, {"a": 9, "b": 9}, {"a": 1, "b": 9})
    memory, _ = judge(spec, TriggerMemory(), sights[0], CONTEXT)
    kept = repr(memory)
    assert judge(spec, memory, sights[1], CONTEXT) == judge(spec, memory, sights[1], CONTEXT)
    assert repr(memory) == kept


def test_an_amended_condition_begins_anew() -> None:
    """A clock belongs to its condition: another one in its place starts at 0, an equal one goes on."""
    sights = seen({"a": 9}, {"a": 9}, {"a": 9})
    memory, _ = judge(trigger("m > 5 for 60s"), TriggerMemory(), sights[0], CONTEXT)
    same, verdict = judge(trigger("m > 5 for 60s"), memory, sights[1], CONTEXT)
    assert verdict.clock == 10
    _, verdict = judge(trigger("m > 6 for 60s"), same, sights[2], CONTEXT)
    assert verdict.clock == 0


def test_a_metric_that_is_not_observed_is_unknown() -> None:
    """A trigger on a metric that left the runbook is unknown, and says so."""
    _, sights = observe({}, Watch(), Tick(0), every=10)
    memory, verdict = judge(trigger("m > 5"), TriggerMemory(), sights, CONTEXT)
    assert (verdict.state, verdict.reason) == (TriggerState.UNKNOWN, "m: not observed")
    assert series(trigger("m > 5"), memory, sights, CONTEXT) == ()


def test_a_sentence_that_no_trigger_can_be_is_unknown() -> None:
    """`all slos` is refused by the parser; handed in all the same, it neither fires nor shows as quiet."""
    spec = TriggerSpec("t", (parse("all slos", NAMES),))
    assert through(spec, seen({"a": 9}))[0].state is TriggerState.UNKNOWN


def test_unlatching_nothing_changes_nothing() -> None:
    """A veto of a trigger that does not fire leaves its clocks alone."""
    memory, _ = judge(trigger("m > 5 for 60s"), TriggerMemory(), seen({"a": 9})[0], CONTEXT)
    assert unlatch(memory) == memory


def test_labels_never_repeat_in_the_series_of_a_condition() -> None:
    """Each series stands once, held ones too."""
    sights = seen({"a": 9, "b": 1}, {"a": None, "b": 9})
    memory = TriggerMemory()
    for each in sights:
        memory, _ = judge(trigger("m > 5 for 60s"), memory, each, CONTEXT)
    assert [one.series[0][1] for one in series(trigger("m > 5 for 60s"), memory, sights[-1], CONTEXT)] == ["b", "a"]


walks = st.lists(
    st.fixed_dictionaries({name: st.sampled_from([1.0, 9.0, None, float("nan")]) for name in "abc"}), max_size=12
)


@given(walks, st.sampled_from([0, 10, 20, 40]), st.sampled_from(["", "any ", "every "]))
def test_the_whole_is_its_worst_series(ticks: list[dict[str, float | None]], for_: int, quantifier: str) -> None:
    """No series says worse than the whole; it fires only on a bad tick; and the present never outdoes the latch."""
    spec, memory = trigger(f"{quantifier}m > 5 for {for_}s"), TriggerMemory()
    for values, sights in zip(ticks, seen(*ticks), strict=True):
        memory, verdict = judge(spec, memory, sights, CONTEXT)
        each = series(spec, memory, sights, CONTEXT)
        assert verdict.state.rank >= verdict.now.rank
        if not quantifier:
            assert max((one.now.rank for one in each), default=1) == verdict.now.rank
            assert (
                verdict.state is TriggerState.FIRING
                or max((one.state.rank for one in each), default=1) == verdict.state.rank
            )
        if verdict.fired:
            assert 9.0 in values.values()
            assert verdict.clock >= for_


def test_every_restart_is_told() -> None:
    """Two conditions whose clocks begin anew at the same tick are two restarts, each with its metric."""
    watch, memory = Watch(), TriggerMemory()
    spec = trigger("m > 5 for 20s", "n > 5 for 20s")
    found = []
    for number, value in enumerate([9.0, None, None, None, 9.0]):
        points = () if value is None else (Point((), value),)
        readings = {"m": Reading(points), "n": Reading(points)}
        watch, sights = observe(SPECS, watch, Tick(10.55555 * number, readings), every=10)
        memory, verdict = judge(spec, memory, sights, CONTEXT)
        found.append([(restart.metric, restart.gap) for restart in verdict.restarted])
    assert found == [[], [], [], [], [("m", 42.222), ("n", 42.222)]]


def test_a_clock_without_a_metric_begins_anew_too() -> None:
    """A flag that was bad, then could not be read for long, begins at 0: told without a metric."""
    spec, memory = trigger("flag f == true"), TriggerMemory()
    restarts = []
    for time, value in ((0.0, True), (10.0, None), (100.0, True)):
        read = {"f": FlagReading(value, None if value else "HTTP 503", time)}
        memory, verdict = judge(spec, memory, Sights(time, None, True, True, {}, read), CONTEXT)
        restarts += verdict.restarted
    assert restarts == [Restart("", (), 100.0)]


def test_evidence_that_begins_elsewhere_forgets_the_clock() -> None:
    """A clock from before the change counts for nothing after it; nor does when the whole was last known."""
    names = Names(NAMES.metrics, NAMES.flags, ("there",))
    for quantifier in ("", "any "):
        spec = TriggerSpec("t", (parse(f"{quantifier}m > 5 for 20s since there", names, Use.TRIGGER),))
        memory, clocks = TriggerMemory(), []
        for sights, since in zip(seen({"a": 9}, {"a": 9}, {"a": 9}, {"a": 9}), (0.0, 0.0, 20.0, 20.0), strict=True):
            memory, verdict = judge(spec, memory, sights, TriggerContext(10, places={"there": since}))
            clocks.append((str(verdict.now), verdict.clock))
        assert clocks == [("pending", 0), ("pending", 10), ("pending", 0), ("pending", 10)]
        blind = seen({"a": 9}, {"a": None})
        memory, _ = judge(spec, TriggerMemory(), blind[0], TriggerContext(10, places={"there": 0.0}))
        memory, verdict = judge(spec, memory, blind[1], TriggerContext(10, places={"there": 10.0}))
        assert (verdict.state, verdict.clock) == (TriggerState.UNKNOWN, 0)


def test_what_cannot_be_bad_says_so() -> None:
    """The reason names what is wrong with the sentence."""
    spec = TriggerSpec("t", (parse("all slos", NAMES),))
    assert through(spec, seen({"a": 9}))[0].reason == "`all slos` says when all is well, and cannot be bad"
    assert through(spec, seen({"a": 9}))[0].bad is False


def test_a_series_that_nobody_requires_is_held_for_a_while_and_said_to_be_gone() -> None:
    """With `expect`, another series that vanishes in the bad keeps its clock through `for`; it has no data."""
    specs = {"m": MetricSpec("m", expect={"q": ["b"]})}
    spec, memory, watch = trigger("m > 5 for 400s"), TriggerMemory(), Watch()
    found = []
    for number, values in enumerate([{"a": 9.0, "b": 1.0}, *[{"b": 1.0}] * 4]):
        points = tuple(Point((("q", name),), value) for name, value in values.items())
        watch, sights = observe(specs, watch, Tick(100.0 * number, {"m": Reading(points)}), every=100)
        memory, verdict = judge(spec, memory, sights, TriggerContext(100))
        words = [one.reason for one in series(spec, memory, sights, TriggerContext(100)) if one.series == (("q", "a"),)]
        found.append((str(verdict.now), verdict.clock, words))
    gone = ['m{q="a"}: no data']
    assert found == [
        ("pending", 0, ['m{q="a"} 9 > 5']),
        ("pending", 0, gone),
        ("pending", 0, gone),
        ("pending", 0, gone),
        ("unknown", 0, gone),
    ]
