"""Metrics, gates and triggers: gaps stay gaps, the worst series speaks, and nothing in doubt is ever called good."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pags_tui.core import events as e
from pags_tui.ui.present import board, gate_detail, graph, metric_detail, metrics, strip, trigger_detail
from pags_tui.ui.rows import GateRow, Level, MetricRow, TriggerRow
from tests.ui.stories import FLAGS, NIGHT, Story, at, canary_10, story, wrote

GOOD = ("pass", "inactive", "verified", "passed")
STABLE = "canary-10/metrics-stable"


def metric(told: Story, name: str) -> MetricRow:
    return next(row for row in metrics(told.scene()) if row.id == name)


def gate(told: Story, name: str = STABLE) -> GateRow:
    return next(row for row in board(told.scene()) if isinstance(row, GateRow) and row.id == name)


def trigger(told: Story, name: str) -> TriggerRow:
    return next(row for row in board(told.scene()) if isinstance(row, TriggerRow) and row.id == name)


def test_a_metric_shows_its_worst_series() -> None:
    """Of several series the worst is shown, with both numbers told apart and how many there are."""
    row = metric(canary_10().wait(65).tick(queue_depth={"mail": 12, "brain": 612}), "queue-depth")
    assert (row.value, row.bound, row.series, row.status.word) == ("612", ">500", 2, "FAIL")
    fine = metric(canary_10().wait(65).tick(queue_depth={"mail": 12, "brain": 30}), "queue-depth")
    assert (fine.value, fine.bound, fine.status.word) == ("30", "≤500", "pass")


def test_a_value_beside_its_bound_is_told_apart() -> None:
    """A value just over its bound never reads as the bound itself."""
    row = metric(canary_10().wait(65).tick(error_rate=0.0050001), "error-rate")
    assert (row.value, row.bound) == ("0.50001%", "≥0.5%")


def test_gaps_in_a_course_are_gaps() -> None:
    """A failed query, NaN, an empty answer and ticks that never came leave None, at their own places."""
    told = canary_10().steady(75, error_rate=0.001).wait(80).tick(error_rate="refused")
    told = told.wait(85).tick(error_rate=float("nan")).wait(90).tick(error_rate=None).wait(95).tick(error_rate=0.002)
    told = told.wait(115).tick(error_rate=0.003)
    assert metric(told, "error-rate").spark == (
        0.001, 0.001, 0.001, None, None, None, 0.002, None, None, None, 0.003,
    )  # fmt: skip


def test_a_late_tick_is_no_gap() -> None:
    """A tick that came some seconds late leaves no hole in the course."""
    told = canary_10().steady(80, error_rate=0.001).wait(88).tick(error_rate=0.002).steady(98, error_rate=0.003)
    assert None not in metric(told, "error-rate").spark


def test_silence_since_the_last_tick_is_a_gap() -> None:
    """The course goes up to now: where nobody looked there is nothing."""
    spark = metric(canary_10().steady(80, error_rate=0.001).wait(100), "error-rate").spark
    assert spark[-4:] == (None,) * 4
    assert spark[-5] == 0.001


def test_moved_flags_are_marked() -> None:
    """The place at which a flag was read back is marked on every course."""
    told = canary_10().steady(100, error_rate=0.001)
    told = told.then(*wrote(2, "canary-percentage", 10, 50, "canary-50/increase-traffic-split"))
    told = told.steady(130, error_rate=0.001)
    assert metric(told, "error-rate").marks == (7,)
    row = graph(told.scene(), "error-rate")
    assert [(mark.index, mark.text) for mark in row.marks] == [(7, "canary-percentage 50")]


def test_bounds_come_from_slo_gates_and_triggers() -> None:
    """Every limit of a metric is drawn once, with the side that is bad."""
    told = canary_10().steady(70, error_rate=0.001, queue_depth={"mail": 1})
    assert [(b.text, b.bad_above) for b in metric(told, "error-rate").bounds] == [("0.5%", True), ("1%", True)]
    assert [(b.text, b.bad_above) for b in metric(told, "queue-depth").bounds] == [("500", True)]


def test_a_part_of_the_slo_is_shown_as_a_number() -> None:
    """A limit written as a part of the SLO is drawn with the number that it stands for."""
    text = NIGHT.replace("error-rate > 1% for 10m", "error-rate > 300% of slo for 10m")
    row = next(row for row in metrics(story(text).wait(5).tick(error_rate=0.001).scene()) if row.id == "error-rate")
    assert [bound.text for bound in row.bounds] == ["0.5%", "1.5%"]


@pytest.mark.parametrize(
    ("value", "word"),
    [("connection refused", "stale"), (None, "unknown"), (float("nan"), "unknown"), (float("inf"), "FAIL")],
    ids=["failed", "empty", "nan", "inf"],
)
def test_a_metric_in_doubt_is_never_good(value: object, word: str) -> None:
    """A failed, empty or NaN answer after good ones is said in its own word; infinity is a value."""
    row = metric(canary_10().steady(120, error_rate=0.001).wait(125).tick(error_rate=value), "error-rate")
    assert row.status.word == word
    assert row.status.level is not Level.OK


def test_a_metric_never_asked_is_unknown() -> None:
    """Before the first tick there is a dash and the word unknown."""
    row = metric(story(), "error-rate")
    assert (row.value, row.status.word, row.spark) == ("-", "unknown", ())


def test_a_vanished_series_makes_the_metric_unknown() -> None:
    """A series seen before that is missing now puts the metric in doubt, though the others are fine."""
    told = canary_10().steady(120, queue_depth={"mail": 1, "brain": 1}).wait(125).tick(queue_depth={"mail": 1})
    row = metric(told, "queue-depth")
    assert row.status.word == "unknown"
    assert "brain" in row.note


def words(told: Story) -> set[str]:
    """Every word and level that is called good on the boards."""
    scene = told.scene()
    rows = [*board(scene), *metrics(scene), *strip(scene)]
    return {row.status.word for row in rows if hasattr(row, "status") and row.status.level is Level.OK}


def test_no_green_word_once_nobody_watches() -> None:
    """A minute after the last tick, or without a guard, no row of any board is good."""
    told = canary_10().steady(200, error_rate=0.001, queue_depth={"mail": 1})
    assert words(told) == {"pass", "inactive"}
    assert words(told.wait(270)) == set()
    assert words(replace(told, gone="connection lost")) == set()


def test_no_green_word_for_stale_or_unknown() -> None:
    """Whatever is stale or unknown is never drawn as good."""
    told = canary_10().steady(120, error_rate=0.001, queue_depth={"mail": 1})
    for second in range(125, 200, 5):
        told = told.wait(second).tick(error_rate="refused", queue_depth="refused")
    assert gate(told).status.word == "stale"
    assert words(told) == {"inactive"}, "a trigger bridges a gap as Prometheus does"


def test_settling_says_how_far() -> None:
    """A settling gate shows its clock against the time that it needs."""
    told = canary_10().steady(95, error_rate=0.001)
    assert (gate(told).status.word, gate(told).reason) == ("settling", "00:30/01:00")


def test_a_failed_gate_shows_what_is_true() -> None:
    """A failed gate shows its value and the relation that holds instead of the one that ought to."""
    row = gate(canary_10().wait(65).tick(error_rate=0.0062))
    assert (row.value, row.bound, row.status.word) == ("0.62%", "≥ 0.5%", "FAIL")


def test_an_override_is_shown_with_its_time() -> None:
    """An override in force stands beside its gate."""
    told = canary_10().wait(65).tick(error_rate=0.006)
    told = told.then(e.OverrideGiven(STABLE, "fail", 0.006, "known", at(65 + 730)))
    assert gate(told).overridden == "by ana 12:10 left"
    assert gate(told).status.word == "FAIL"


def test_triggers_show_clock_arming_and_the_present_answer() -> None:
    """A trigger shows its clock, whether it acts, and, while latched, what it says now."""
    told = canary_10().steady(360, error_rate=0.001, queue_depth={"mail": 612})
    row = trigger(told, "queue-depth")
    assert (row.status.word, row.clock, row.arming.text, row.now) == ("pending", "04:55/15:00", "armed", None)
    assert (row.value, row.bound) == ("612", "> 500")
    quiet = trigger(told, "error-rate")
    assert (quiet.value, quiet.bound) == ("0.1%", "≤ 1%"), "what is true, not what would be bad"
    fired = told.then(e.TriggerFired("queue-depth", "countdown", 612, "")).wait(365).tick(queue_depth={"mail": 3})
    row = trigger(fired, "queue-depth")
    assert row.status.word == "FIRING"
    assert row.now is not None
    assert row.now.word == "inactive"
    muted = trigger(told.then(e.TriggerMuted("error-rate", at(360 + 730), "spike")), "error-rate")
    assert (muted.arming.text, muted.arming.level) == ("muted 12:10", Level.WARN)


def test_unarmed_before_the_first_change() -> None:
    """Before any flag moved the triggers are unarmed, and the heading says so."""
    told = story().wait(-60).tick(error_rate=0.001, queue_depth={"mail": 1})
    assert trigger(told, "queue-depth").arming.text == "unarmed"


def test_the_strip_puts_the_worst_first_under_short_names() -> None:
    """The narrow strip names metrics by their first word, the worst first."""
    moved = wrote(2, "canary-percentage", 10, 50, "canary-50/increase-traffic-split")
    told = canary_10().then(
        e.StepResolved(STABLE, "waived", "known"),
        e.StepResolved("canary-10/no-user-reported-issues", "passed"),
        e.Signed("canary-10", "cutover-lead", "ana", "ana"),
        e.Signed("canary-10", "monitoring-lead", "mo", "mo"),
        e.PhaseEntered("canary-50"),
        *moved,
    )
    rows = strip(told.steady(100, error_rate=0.0042, queue_depth={"mail": 612}).scene())
    assert [(row.title, row.value, row.status.word) for row in rows] == [
        ("queue", "612", "FAIL"), ("error", "0.42%", "pass"),
    ]  # fmt: skip


def test_the_graph_draws_each_series_on_the_same_places() -> None:
    """All lines of a graph have one length, the worst series first, and a time axis in T."""
    told = canary_10().steady(200, queue_depth={"mail": 1, "brain": 612})
    row = graph(told.scene(), "queue-depth")
    assert [line.name for line in row.lines] == ["queue=brain", "queue=mail"]
    assert len({len(line.values) for line in row.lines}) == 1
    assert row.lines[0].level is Level.BAD
    assert row.ticks[0] == (0, "T+1")


def test_other_peoples_labels_are_made_visible() -> None:
    """A label with an escape sequence reaches no row, no graph and no detail."""
    told = canary_10().steady(80, queue_depth={"\x1b]52;c;aGk=\x07": 612, "mail": 1})
    scene = told.scene()
    texts = [line.name for line in graph(scene, "queue-depth").lines]
    texts += [text for _, text in (*metric_detail(scene, "queue-depth"), *trigger_detail(scene, "queue-depth"))]
    texts += [row.reason for row in board(scene) if isinstance(row, GateRow)]
    assert all(text.isprintable() for text in texts)


def test_gate_detail_has_the_evidence() -> None:
    """An opened gate shows value, bound, ages, ticks in a row, clock and reason."""
    told = canary_10().steady(95, error_rate=0.001, flags=FLAGS).wait(97)
    pairs = dict(gate_detail(told.scene(), STABLE))
    assert pairs["state"] == "settling"
    assert (pairs["value"], pairs["bound"]) == ("0.1%", "< 0.5%")
    assert (pairs["OK in a row"], pairs["clock"]) == ("7", "00:30 of 01:00 unbroken")
    assert pairs["answered"] == "2s ago"


def test_trigger_detail_has_its_clocks() -> None:
    """An opened trigger shows each condition with its clock and its worst series."""
    told = canary_10().steady(360, error_rate=0.001, queue_depth={"mail": 612})
    pairs = dict(trigger_detail(told.scene(), "queue-depth"))
    assert pairs["series"] == 'queue-depth{queue="mail"}'
    assert (pairs["value"], pairs["bound"], pairs["clock"]) == ("612", "> 500", "04:55 of 15:00")
    assert pairs["answered"] == "0s ago"
    assert pairs["in words"] == 'queue-depth{queue="mail"} 612 > 500, 04:55 of 15:00'
    assert pairs["acting"] == "armed"


def test_details_say_how_old_the_data_is() -> None:
    """A trigger's detail and a metric's show the age of the oldest data, as far as it is a number."""
    nan = float("nan")
    told = canary_10().wait(65).tick(queue_depth={"mail": 612}, ages={"queue-depth": [nan, 12.0, nan]}).wait(66)
    said = "12s old, asked 1s ago; it counts up to 1m15s"
    assert dict(trigger_detail(told.scene(), "queue-depth"))["data"] == said
    assert dict(metric_detail(told.scene(), "queue-depth"))["data"] == said
    told = told.tick(queue_depth={"mail": 612}, ages={"queue-depth": [nan]})
    assert dict(metric_detail(told.scene(), "queue-depth"))["data"].startswith("12s old")


def test_metric_detail_lists_the_series() -> None:
    """An opened metric lists its query, every series, and what is expected of it."""
    pairs = metric_detail(canary_10().wait(65).tick(queue_depth={"mail": 612}).scene(), "queue-depth")
    assert ("series", '612  queue-depth{queue="mail"}') in pairs
    assert ("query", "queue_depth") in pairs
    assert ("trigger", "> 500") in pairs


def test_the_graph_marks_what_the_night_turns_on() -> None:
    """T+0, flags, sign-offs and holds, each at its moment; and between what and what it moved before T+0."""
    told = story(NIGHT).wait(-20).steady(-5, error_rate=0.002, queue_depth={"mail": 80}).wait(0)
    told = told.steady(20, error_rate=0.002, queue_depth={"mail": 90})
    told = told.then(e.Signed("canary-10", "cutover-lead", "ana", "ana", ()), e.HoldBegan("queue"))
    told = told.steady(40, error_rate=0.004, queue_depth={"mail": 140})
    row = graph(told.scene(), "queue-depth")
    assert [mark.text for mark in row.marks] == ["T+0", "hold", "signed canary-10"]
    assert row.value.endswith(", before T+0 80 to 80")
