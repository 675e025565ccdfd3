"""The band: which thing is the loudest, what it says, and that it goes away."""

from __future__ import annotations

from dataclasses import replace

from pags_tui.core import events as e
from pags_tui.core.events import GUARD, Move
from pags_tui.core.updates import Began, Gone
from pags_tui.ui import keys
from pags_tui.ui.dialogs.base import alarm
from pags_tui.ui.present import band, bands, header, why
from pags_tui.ui.present.changes import rollback_view
from pags_tui.ui.rows import BandMode, BandRow, Level
from pags_tui.ui.scene import Stage
from tests.ui.stories import FLAGS, NIGHT, Story, at, canary_10, wrote

WELL = {"error_rate": 0.0042, "queue_depth": {"mail": 12}}
FEATURES, SUPPORT = "rollback/disable-all-new-features", "rollback/tell-support"
MOVES = (Move("use-capacity-brain", False, FEATURES), Move("canary-percentage", 0, FEATURES))
QUEUE = e.TriggerFired("queue-depth", "countdown", 612, "612 > 500")


def loud(told: Story) -> BandRow:
    found = band(told.scene())
    assert found is not None
    return found


def watched() -> Story:
    """Ten per cent, data and flags fresh."""
    return canary_10().steady(80, flags=FLAGS, **WELL)


def test_nothing_is_loud_when_all_is_well() -> None:
    """Calm when all is well: no band."""
    assert band(watched().scene()) is None


def test_countdown() -> None:
    """A countdown shows its seconds, reading and bound, what happens at its end, and both keys."""
    told = canary_10().steady(965, error_rate=0.0042, queue_depth={"mail": 612}, flags=FLAGS)
    row = loud(told.then(QUEUE, e.CountdownBegan(("queue-depth",), at(965 + 60)), by=GUARD).wait(965 + 18))
    assert (row.mode, row.level, row.clock) == (BandMode.COUNTDOWN, Level.BAD, "42")
    assert (row.reading, row.bound) == ("612", "> 500 for 15m")
    assert row.text == "2 flags go back by themselves at 0; 1 step by hand. Nothing else is held up."
    assert [(key.key, key.loud) for key in row.keys] == [("v", False), ("F9", True)]


def test_a_replay_shows_the_band_without_its_keys() -> None:
    """What was loud then is as loud and as large; keys that do nothing now leave their room blank."""
    told = canary_10().then(QUEUE, e.CountdownBegan(("queue-depth",), at(60 + 42)))
    live, then = loud(told), loud(replace(told, seat="replay"))
    assert replace(then, keys=live.keys) == live
    assert {(key.key + key.label).strip() for key in then.keys} == {""}
    assert [len(key.key + key.label) for key in then.keys] == [len(key.key + key.label) for key in live.keys]
    assert "vetoes" in str(alarm(told.scene()))
    assert "vetoes" not in str(alarm(replace(told, seat="replay").scene()))


def test_countdown_over_a_minute_shows_minutes_and_who_joined() -> None:
    """Large digits are digits and colons; a trigger that joined is listed."""
    told = canary_10().then(QUEUE, e.CountdownBegan(("queue-depth",), at(60 + 102)), e.CountdownJoined("error-rate"))
    row = loud(told)
    assert row.clock == "1:42"
    assert "also error-rate" in row.more


def test_countdown_outranks_a_lost_guard() -> None:
    """A lost guard does not hide a countdown that runs on without this screen."""
    told = canary_10().then(QUEUE, e.CountdownBegan(("queue-depth",), at(120)))
    row = loud(replace(told, gone="connection lost"))
    assert row.mode is BandMode.COUNTDOWN
    assert any("guard gone" in line for line in row.more)


def test_a_countdown_that_may_not_act_says_so() -> None:
    """Where nothing can be written back the countdown tells that it will only ask."""
    text = NIGHT[: NIGHT.index("[rollback]")] + NIGHT[NIGHT.index("[comms.internal]") :]
    told = replace(canary_10(), runbook=text)
    started = replace(told.events[0], fact=replace(told.events[0].fact, runbook=text))  # type: ignore[arg-type]
    told = replace(told, events=(started, *told.events[1:])).then(e.CountdownBegan(("queue-depth",), at(120)))
    assert loud(told).text.startswith("at 0 it only asks")


def test_ask() -> None:
    """A trigger that asks raises a band without a clock, until it is vetoed."""
    told = watched().then(e.TriggerFired("queue-depth", "ask", 612, ""), e.BandRaised(("queue-depth",)))
    row = loud(told)
    assert (row.mode, row.clock, row.title) == (BandMode.ASK, "", "Any queue > 500 items for 15 minutes")
    assert band(told.then(e.Vetoed(("queue-depth",), "known", at(600))).scene()) is None


def asked(number: int, move: Move) -> e.FlagAsked:
    return e.FlagAsked(number, move.flag, move.value, None, "rollback", move.step, 1)


def rolling() -> Story:
    confirmed = e.RollbackConfirmed(1, "Immediate rollback", MOVES, "Any queue > 500", (FEATURES,))
    return canary_10().then(confirmed, e.HoldBegan("rolling back", "rollback"))


def test_a_running_rollback_shows_a_line_for_each_step() -> None:
    """Progress is n/m and a line per step; a flag that failed tells what to do by hand."""
    first = rolling().then(asked(2, MOVES[0]), e.FlagAnswered(2, "verified", False), asked(3, MOVES[1]))
    row = loud(first)
    assert row.mode is BandMode.ROLLBACK
    assert row.title == "Immediate rollback: 1/2 verified"
    assert row.more[0] == "… 1/2 Disable all new features: use-capacity-brain, canary-percentage"
    assert row.text.endswith("it goes on whatever happens to this screen")
    row = loud(first.then(e.FlagAnswered(3, "verified", 0)))
    assert row.text.endswith("all are set; they are read once more when no late write can land any more")
    curl = "curl -X POST https://flags/canary-percentage -H 'Authorization: Bearer ${API_KEY}'"
    row = loud(first.then(e.FlagAnswered(3, "unknown", None, "timeout", curl)))
    assert row.more[0].startswith("✗ 1/2")
    assert row.more[1] == "✗ canary-percentage→0 unknown: timeout"
    assert row.more[2] == f"by hand: {curl}"


def test_rolled_back_says_what_is_left() -> None:
    """After it the band says how much is verified and which steps a person still has to do, until T runs again."""
    told = rolling().then(asked(2, MOVES[0]), e.FlagAnswered(2, "verified", False))
    told = told.then(asked(3, MOVES[1]), e.FlagAnswered(3, "verified", 0), e.RollbackFinished(1, 2, 2))
    row = loud(told)
    assert row.title == "ROLLED BACK: Immediate rollback, 2/2 verified"
    assert row.level is Level.WARN
    also = "also: rolled back, 1 follow-up due: tick them off: 1, down to Follow-ups, ↵"
    assert row.more == ("○ by hand: Tell support: call 4711", also)
    ticked = told.then(e.StepResolved(SUPPORT, "passed"))
    assert loud(ticked).more == (also,)
    assert band(ticked.then(e.Resumed("fixed")).steady(80, flags=FLAGS, **WELL).scene()) is None


def test_rolled_back_in_part_by_choice_names_what_was_left_out() -> None:
    """Of a plan of two flags one was chosen: the band does not say that all of the plan is back."""
    confirmed = e.RollbackConfirmed(1, "Immediate rollback", MOVES[:1], "", ())
    told = watched().then(confirmed, e.HoldBegan("rolling back", "rollback"), asked(2, MOVES[0]))
    row = loud(told.then(e.FlagAnswered(2, "verified", False), e.RollbackFinished(1, 1, 1)))
    assert row.title == "ROLLED BACK: Immediate rollback, 1/1 verified"
    assert row.text.startswith("1 of the plan's 2 flags are back, left out: canary-percentage; triggers only")
    assert "○ left out: canary-percentage is 10" in row.more


def test_rolled_back_in_part_is_loud() -> None:
    """A rollback that ended with a flag not verified stays red and names the flag."""
    told = rolling().then(asked(2, MOVES[0]), e.FlagAnswered(2, "verified", False))
    told = told.then(asked(3, MOVES[1]), e.FlagAnswered(3, "refused", None, "403"), e.RollbackFinished(1, 1, 2))
    row = loud(told)
    assert row.level is Level.BAD
    assert "✗ canary-percentage→0 refused: 403" in row.more


def test_an_unknown_change_is_loud() -> None:
    """A write of which nobody knows stands in the band until it is decided."""
    told = watched().then(*wrote(2, "canary-percentage", 10, 50, "canary-50/increase-traffic-split", "unknown"))
    row = loud(told)
    assert row.title == "canary-percentage 10→50 is unknown"
    assert row.text.endswith("nothing goes forward until it is read back or decided")
    assert band(told.then(e.FlagSettled(2, "given-up")).scene()) is None


def test_a_write_in_flight_is_not_loud_yet() -> None:
    """A write without an answer is loud only once the longest read-back is over."""
    asked_ = wrote(2, "canary-percentage", 10, 50, "canary-50/increase-traffic-split")[0]
    told = watched().then(asked_)
    assert band(told.scene()) is None
    assert loud(told.wait(102)).title == "canary-percentage 10→50 is writing"


def test_drift() -> None:
    """A flag that somebody else moved is named with both values."""
    row = loud(watched().then(e.DriftFound("canary-percentage", 10, 25)))
    assert (row.mode, row.title) == (BandMode.DRIFT, "canary-percentage is 25, not 10")


def test_guard_gone() -> None:
    """Without a guard the band says so, and what still works."""
    row = loud(replace(watched(), gone="connection lost"))
    assert (row.mode, row.title) == (BandMode.BLIND, "guard gone: connection lost")
    assert "pags-tui rollback" in row.text


def test_a_rehearsal_whose_guard_is_gone_is_not_sent_to_the_real_rollback() -> None:
    """`pags-tui rollback` writes for real, always: neither band nor plan names it in a rehearsal."""
    told = watched()
    first = told.events[0]
    assert isinstance(first.fact, e.RunStarted)
    rehearsal = replace(first, fact=replace(first.fact, kind="rehearsal"))
    told = replace(told, events=(rehearsal, *told.events[1:]), gone="connection lost")
    assert "'pags-tui guard' starts another" in loud(told).text
    for seat in ("desk", "watch"):
        scene = replace(told, seat=seat).scene()
        assert "pags-tui rollback" not in rollback_view(scene).warning


def test_not_ready_while_armed() -> None:
    """A rollback that could not be written is loud while triggers are armed, with the reason."""
    told = watched().then(e.FlagSeen("use-capacity-brain", None, "401 unauthorized"))
    assert loud(told).title == "rollback NOT READY: use-capacity-brain: 401 unauthorized"


def test_blind_while_armed() -> None:
    """Armed triggers that see nothing are loud after a minute without data."""
    told = watched().then(e.SourceLost("prometheus", "connection refused"))
    for second in range(85, 150, 5):
        told = told.wait(second).tick(error_rate="refused", queue_depth="refused", flags=FLAGS)
    row = loud(told)
    assert (row.mode, row.title) == (BandMode.BLIND, "no data for 01:05: prometheus: connection refused")


def test_override_in_force() -> None:
    """An override in force is shown with who gave it and for how long."""
    told = watched().wait(85).tick(error_rate=0.006, queue_depth={"mail": 1}, flags=FLAGS)
    told = told.then(e.OverrideGiven("canary-10/metrics-stable", "fail", 0.006, "known spike", at(85 + 900)))
    row = loud(told.wait(90).tick(error_rate=0.006, queue_depth={"mail": 1}, flags=FLAGS))
    assert (row.mode, row.title) == (BandMode.OVERRIDE, "'Metrics stable' is fail, overridden by ana")
    assert row.text == "14:55 left, until 22:16:25: known spike"


def test_terminal_warning_is_the_least_loud() -> None:
    """What is odd about the terminal is told when nothing else is, and listed below what is."""
    told = replace(watched(), extra={"utf8": "this terminal draws ASCII only"})
    assert (loud(told).mode, loud(told).title) == (BandMode.INFO, "this terminal draws ASCII only")
    drifted = loud(told.then(e.DriftFound("canary-percentage", 10, 25)))
    assert drifted.more == ("also: this terminal draws ASCII only",)


def test_several_are_ordered() -> None:
    """The loudest comes first; the rest are listed."""
    told = watched().then(e.DriftFound("canary-percentage", 10, 25), QUEUE, e.CountdownBegan(("queue-depth",), at(140)))
    assert [row.mode for row in bands(told.scene())] == [BandMode.COUNTDOWN, BandMode.DRIFT]


def test_why_names_what_clears_each() -> None:
    """Every blocker comes with the id of the key that clears it."""
    told = watched().then(e.HoldBegan("queue grows"), e.DriftFound("canary-percentage", 10, 25))
    rows = why(told.scene())
    assert [(row.text, row.key) for row in rows[:2]] == [
        ("T is held: queue grows", "hold"),
        ("canary-percentage is 25, which nobody here set (it was 10)", "drift"),
    ]
    assert all(row.does for row in rows)
    assert why(replace(told, seat="watch").scene())[0].text == "this screen only watches: it cannot ask"


def test_a_watching_screen_is_offered_no_key_that_does_nothing_there() -> None:
    """The plan can be looked at; a veto, a resume and an acceptance are for a desk, and so are the words about them."""
    told = watched().then(QUEUE, e.BandRaised(("queue-depth",)), e.DriftFound("canary-percentage", 10, 25))
    rows = bands(replace(told, seat="watch").scene())
    assert [[(one.key, one.label) for one in row.keys] for row in rows] == [[("F9", "the plan")], []]
    assert "once a desk confirms" in rows[0].text
    assert "once you confirm" in bands(told.scene())[0].text


def test_why_names_the_services_that_are_dead() -> None:
    """Regression: it was silent where the metrics, the flags or the journal could not be had."""
    told = watched().then(e.SourceLost("prometheus", "no answer within 2 s"), e.SourceLost("journal", "disk full"))
    told = told.then(
        *(e.FlagSeen(flag, None, "connection refused") for flag in ("canary-percentage", "use-capacity-brain"))
    )
    rows = {row.text: row.does for row in why(told.scene())}
    assert list(rows)[:3] == [
        "the metrics service does not answer: no answer within 2 s",
        "the journal cannot be written: disk full",
        "2 flags cannot be read: connection refused",
    ]
    assert rows["2 flags cannot be read: connection refused"] == "no flag changes until the service answers"
    well = told.then(e.SourceBack("prometheus"), e.SourceBack("journal"), e.FlagSeen("use-capacity-brain", False, ""))
    assert [row.text for row in why(well.scene()) if "cannot" in row.text or "answer" in row.text] == [
        "canary-percentage cannot be read: connection refused"
    ]
    assert not [row for row in why(told.then(e.RunEnded("abandoned")).scene()) if "refused" in row.text]


def test_a_poll_names_who_says_no_and_who_says_nothing() -> None:
    """After three minutes the silent are named; a no-go is louder, and names the way out."""
    told = watched().then(e.PollOpened(1, "Go?"))
    assert "no answer" not in str(bands(told.wait(150).scene()))
    quiet = next(row for row in bands(told.wait(350).scene()) if "no answer" in row.title)
    assert (quiet.title, quiet.text) == (
        "no answer yet from Cutover Lead, Monitoring Lead (mo)", "asked more than 3 minutes ago",
    )  # fmt: skip
    noes = told.then(e.PollAnswered(1, "monitoring-lead", "no-go"))
    assert next(row for row in bands(noes.scene()) if "NO-GO" in row.title).level is Level.BAD


def test_a_message_in_doubt_is_a_band() -> None:
    """It is not sent again by itself: somebody looks."""
    told = watched().then(e.MessageAsked(1, "internal", "hi"), e.MessageSent(1, "unknown", "no answer within 10 s"))
    row = next(row for row in bands(told.scene()) if "gone out" in row.title)
    assert row.title.endswith("may have gone out or not: no answer within 10 s")
    assert [key.label for key in row.keys] == ["arrived or lost"]


def test_a_closed_run_is_calm() -> None:
    """Ended by somebody: who and when, nothing blind, nothing of a guard that is gone; no key that does nothing."""
    by = e.Actor("root")
    told = watched().then(e.HoldBegan("a pause")).wait(90).then(e.RunEnded("done", "a good night"), by=by)
    stage = Stage(told.me, "watch", at(0))
    stage.receive(Began(told.events, (), at(90)))
    stage.receive(Gone("the run was ended as done", final=True))
    scene = stage.scene(at(900))
    found = bands(scene)
    assert [row.title for row in found] == ["closed, 1 follow-up due", "closed as done by root 22:01"]
    assert {row.mode for row in found} == {BandMode.INFO}
    assert found[1].level is Level.CALM
    row = header(scene)
    facts = (row.guard, row.data, row.ready, row.safe, row.state)
    assert not {fact.level for fact in facts} & {Level.BAD, Level.UNKNOWN}
    assert row.guard.text == "run closed"
    assert not {"resume", "tick", "act", "sign"} & {key.label for key in keys.footer(scene)}
