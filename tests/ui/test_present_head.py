"""The header as a function of what happened: each state's word, both clocks, how far the facts can be trusted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pags_tui.core import events as e
from pags_tui.core.events import Move
from pags_tui.ui.present import header, present_detail
from pags_tui.ui.rows import HeaderRow, Level
from tests.ui.stories import FLAGS, NIGHT, T0, Story, at, canary_10, passed, story, wrote

WELL = {"error_rate": 0.0042, "queue_depth": {"mail": 12}}
MOVE = (Move("canary-percentage", 0, "rollback/disable-all-new-features"),)
ROLLED = e.RollbackConfirmed(1, "Immediate rollback", MOVE)
BACK = e.FlagAsked(2, "canary-percentage", 0, 10, "rollback", MOVE[0].step, 1)
DONE = """
[runbook]
id = "small"
title = "Small"
[[phases]]
id = "only"
at = "T+0"
title = "Only"
steps = ["One"]
"""


def word(told: Story) -> tuple[str, Level]:
    state = header(told.scene()).state
    return state.text, state.level


def test_counting() -> None:
    """While T runs and nothing is wrong the header says COUNTING."""
    assert word(canary_10()) == ("COUNTING", Level.OK)


def test_t_zero_not_set() -> None:
    """Before T+0 is known the header says so, and shows no T."""
    started = e.RunStarted("r", "live", NIGHT, "0", "f", "production", "ana", "ana", "1")
    row = header(Story().then(started).scene())
    assert (row.state.text, row.clock) == ("T+0 NOT SET", "T+--:--:--")


def test_hold() -> None:
    """A hold is a word, T stands, the wall goes on; drift is on T and stands with it."""
    row = header(canary_10().then(e.HoldBegan("consumer restarts")).wait(300).scene())
    assert (row.state.text, row.clock, row.wall.text) == ("HOLD", "T+00:01:00", "22:05:00 UTC")
    assert row.wall.short == "22:05:00Z"
    assert row.drift.text == "drift +00:00"


def test_rolling_back_and_rolled_back() -> None:
    """A confirmed rollback is ROLLING BACK until it is finished, then ROLLED BACK until T runs again."""
    rolling = canary_10().then(ROLLED, e.HoldBegan("rolling back", "rollback"), BACK)
    assert word(rolling) == ("ROLLING BACK", Level.BAD)
    finished = rolling.then(e.FlagAnswered(2, "verified", 0), e.RollbackFinished(1, 1, 1))
    assert word(finished) == ("ROLLED BACK", Level.WARN)
    assert word(finished.then(e.Resumed("fixed")))[0] == "COUNTING"


@pytest.mark.parametrize("outcome", ["done", "abandoned"])
def test_ended(outcome: str) -> None:
    """A closed run shows its outcome as its state."""
    assert word(canary_10().then(e.RunEnded(outcome)))[0] == outcome.upper()  # type: ignore[arg-type]


def test_done() -> None:
    """With every step resolved the run is DONE."""
    assert word(story(DONE, e.PhaseEntered("only"), *passed("only/one"))) == ("DONE", Level.OK)


@pytest.mark.parametrize(
    ("kind", "seat", "words"),
    [
        ("live", "desk", ["LIVE"]),
        ("rehearsal", "desk", ["REHEARSAL"]),
        ("demo", "watch", ["DEMO", "WATCHING"]),
        ("live", "replay", ["REPLAY"]),
        ("rehearsal", "replay", ["REPLAY", "REHEARSAL"]),
    ],
)
def test_kinds(kind: e.Kind, seat: str, words: list[str]) -> None:
    """What kind of run this is, and how this screen takes part, is said in words; a replay is never LIVE."""
    told = story(kind=kind)
    row = header(Story(**{**vars(told), "seat": seat}).scene())  # type: ignore[arg-type]
    assert [fact.text for fact in row.kinds] == words


def test_everything_at_rest() -> None:
    """With fresh data the header names traffic, message, lead, data, guard and how fresh a rollback's reads are."""
    row = header(canary_10().steady(80, flags=FLAGS, **WELL).wait(82).scene())
    assert (row.traffic.text, row.traffic_part) == ("10%", 0.1)
    assert row.message.text == "update due 28:38"
    assert row.lead.text == "lead ana"
    assert (row.data.text, row.guard.text) == ("data 2s", "guard ok")
    assert (row.ready.text, row.ready.level) == ("rollback ready 2s", Level.OK)
    assert row.trigger.text == "2 triggers inactive"
    assert row.safe.text == "last safe rollback in 238:28"


def pending(row: HeaderRow) -> tuple[str, str]:
    return row.trigger.text, row.trigger.short


def test_nearest_trigger_is_named_with_its_clock() -> None:
    """Of pending triggers the one nearest to firing stands in the header, short at 80 columns."""
    told = canary_10().steady(60 + 257, error_rate=0.0042, queue_depth={"mail": 612})
    assert pending(header(told.scene())) == ("queue-depth 04:10/15:00", "queue 04:10/15:00")


def test_a_trigger_that_does_not_act_is_said_to() -> None:
    """A clock that runs while its trigger is unarmed is named as such, and is not the loudest thing."""
    told = story().wait(-1000).steady(-60, error_rate=0.0042, queue_depth={"mail": 612})
    row = header(told.scene())
    assert pending(row)[0] == "queue-depth FIRING 15:35/15:00 unarmed"
    assert row.trigger.level is Level.WARN


def test_unknown_trigger_is_said() -> None:
    """A trigger that nobody can judge is counted as unknown, never as inactive."""
    row = header(canary_10().wait(90).tick(error_rate=0.0042, queue_depth=None).scene())
    assert row.trigger.text == "1 trigger unknown"
    assert row.trigger.level is Level.UNKNOWN


def test_gates_are_counted_by_state() -> None:
    """Gates of the present phase are counted by state, in words."""
    told = canary_10().steady(130, error_rate=0.0042, queue_depth={"mail": 1})
    assert [fact.text for fact in header(told.scene()).gates] == ["1 pass"]
    assert [fact.text for fact in header(told.wait(135).tick(error_rate=0.02).scene()).gates] == ["1 FAIL"]
    assert [fact.text for fact in header(told.wait(135).tick(error_rate=float("nan")).scene()).gates] == ["1 unknown"]


def test_nothing_is_green_once_nobody_watches() -> None:
    """After a minute without a tick a pass is stale, the guard quiet, the trigger unknown, the rollback not ready."""
    told = canary_10().steady(130, flags=FLAGS, **WELL).wait(130 + 95)
    row = header(told.scene())
    assert [fact.text for fact in row.gates] == ["1 stale"]
    assert row.guard.text == "guard quiet 95s"
    assert row.trigger.text == "2 triggers unknown"
    assert row.data.level is Level.BAD
    assert row.ready.text == "rollback NOT READY"
    facts = (*row.gates, row.guard, row.trigger, row.data, row.ready)
    assert all(fact.level is not Level.OK for fact in facts)


def test_guard_gone() -> None:
    """A screen without its guard says so, and calls nothing good."""
    row = header(Story(**{**vars(canary_10().steady(130, **WELL)), "gone": "connection lost"}).scene())
    assert row.guard.text == "guard GONE"
    assert row.state.level is Level.CALM
    assert [fact.text for fact in row.gates] == ["1 stale"]


def test_failed_queries_age_the_data() -> None:
    """A tick whose queries all fail brings no data: the age goes on growing."""
    told = canary_10().steady(80, **WELL)
    for second in (85, 90, 95, 100):
        told = told.wait(second).tick(error_rate="connection refused", queue_depth="connection refused")
    assert header(told.scene()).data.text == "data 20s"


def test_unread_traffic_is_a_question_mark() -> None:
    """A traffic flag that cannot be read, or whose write is owed, is never shown as known."""
    unread = header(canary_10().then(e.FlagSeen("canary-percentage", None, "refused")).scene()).traffic
    assert (unread.text, unread.level) == ("10?", Level.UNKNOWN)
    owed = canary_10().then(*wrote(2, "canary-percentage", 10, 50, "canary-50/increase-traffic-split", "unknown"))
    assert header(owed.scene()).traffic.text == "10?"
    assert header(story().scene()).traffic.text == "?"


def test_rollback_not_ready_says_so_loudly() -> None:
    """A rollback flag that cannot be read makes the rollback NOT READY."""
    row = header(canary_10().then(e.FlagSeen("use-capacity-brain", None, "401")).scene())
    assert (row.ready.text, row.ready.level) == ("rollback NOT READY", Level.BAD)


def test_issues_vetoes_mutes_overrides_and_lost_sources_are_counted() -> None:
    """What is out of the ordinary is counted in the header for as long as it lasts."""
    told = (
        canary_10()
        .then(e.IssueOpened(1, "minor", "slow"), e.IssueOpened(2, "major", "worse"))
        .then(e.Vetoed(("queue-depth",), "known", at(700)), e.TriggerMuted("error-rate", at(800), "spike"))
        .then(e.SourceLost("prometheus", "connection refused"))
        .wait(65)
        .tick(error_rate=0.006)
        .then(e.OverrideGiven("canary-10/metrics-stable", "fail", 0.006, "known", at(65 + 730)))
    )
    row = header(told.scene())
    assert (row.issues.text, row.issues.level) == ("2 issues", Level.BAD)
    assert (row.vetoes.text, row.mutes.text) == ("1 veto", "1 muted")
    assert row.overrides.text == "OVERRIDE metrics-stable 12:10"
    assert row.lost.text == "1 source lost"


def test_message_overdue_and_drafted() -> None:
    """A message that is overdue, or drafted and not sent, is said in words."""
    assert header(canary_10().wait(1930).scene()).message.text == "update OVERDUE 02:10"
    drafted = header(canary_10().then(e.MessageDrafted(1, "internal", "rollback")).scene())
    assert drafted.message.text == "1 message to send"
    sent = canary_10().then(e.MessageAsked(1, "internal", "hi"), e.MessageSent(1, "sent")).scene()
    assert header(sent).message.text == "update due 30:00"


@pytest.mark.parametrize(
    ("minutes", "level", "text"),
    [
        (16, Level.CALM, "last safe rollback in 16:00"),
        (14, Level.WARN, "last safe rollback in 14:00"),
        (4, Level.BAD, "last safe rollback in 04:00!"),
    ],
)
def test_the_last_safe_rollback_comes_nearer(minutes: int, level: Level, text: str) -> None:
    """Amber from a quarter of an hour on, red from five minutes on; loud by a sign as well as by its colour."""
    row = header(canary_10().wait(240 * 60 - 10 - minutes * 60).scene())
    assert (row.safe.level, row.safe.text) == (level, text)


def test_a_message_in_doubt_is_louder_than_one_to_send() -> None:
    """Nobody knows whether it arrived: the header says so before anything else about messages."""
    doubt = (e.MessageAsked(1, "internal", "hi"), e.MessageSent(1, "unknown", "cut"))
    fact = header(canary_10().then(*doubt).scene()).message
    assert (fact.text, fact.level) == ("1 message IN DOUBT", Level.BAD)


def test_rehearsals_that_differ_give_two_times() -> None:
    """Half of them would be over at the first, nine tenths of them at the second."""
    counted = e.RehearsalsCounted(("r",), (("canary-10", (900.0, 900.0, 5400.0)),))
    assert header(canary_10().then(counted).scene()).finish.text == "finish 22:45-00:00"


def test_window_passed() -> None:
    """Past the last safe rollback the header says so, in words."""
    row = header(canary_10().wait(240 * 60 + 60).scene())
    assert row.safe.text.startswith("last safe rollback PASSED")
    assert row.safe.level is Level.BAD


def test_other_peoples_text_is_made_visible() -> None:
    """Escape sequences in names reach no row."""
    told = story().then(e.LeadTaken("\x1b]52;c;aGk=\x07", "eve"))
    assert "\x1b" not in header(told.scene()).lead.text


def test_wall_time_is_in_the_zone_of_the_runbook() -> None:
    """Wall times are those of the runbook's zone, and name it."""
    text = NIGHT.replace('traffic = "canary-percentage"', 'timezone = "Europe/Berlin"\ntraffic = "canary-percentage"')
    wall = header(story(text).wait(0).scene()).wall
    assert (wall.text, wall.short) == ("23:00:00 CET", "23:00:00")
    assert T0.hour == 22


def test_the_lead_is_told_how_many_are_at_a_screen() -> None:
    """One alone is not counted; at 80 columns there is no room for it."""
    scene = canary_10().scene()
    somebody = tuple(e.Seated(e.Actor(name, ""), "jump-2", "desk") for name in ("ana", "ben"))
    assert header(scene).lead.text == header(replace(scene, present=somebody[:1])).lead.text
    fact = header(replace(scene, present=somebody)).lead
    assert fact.text.endswith(", 2 here")
    assert fact.at(narrow=True) == header(scene).lead.text


def test_who_is_here_names_user_and_host() -> None:
    """Other people's text is made visible."""
    scene = replace(canary_10().scene(), present=(e.Seated(e.Actor("ana", "A\x1bna"), "jump-2", "watch"),))
    [(name, where)] = present_detail(scene)
    assert where == "on jump-2, watching"
    assert name.endswith("na")
    assert "\x1b" not in name
