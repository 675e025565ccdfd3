"""One plain sentence for every fact there is, and which of them the screen's log shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pags_tui.core import events as e
from pags_tui.core.events import Actor, Event, Move
from pags_tui.core.runbook import load
from pags_tui.ui.present import event_detail, log, sentence, told
from pags_tui.ui.rows import Level
from tests.ui.stories import ANA, NIGHT, T0, at, canary_10, story, wrote

BOOK = load(NIGHT)
QUEUE = (("queue", "mail"),)
MOVE = (Move("canary-percentage", 0, "rollback/disable-all-new-features"),)

SENTENCES: list[tuple[e.Fact, str]] = [
    (
        e.RunStarted("r", "live", NIGHT, "0" * 64, "runbook.toml", "production", "ana", "ana", "1"),
        "live run of PAGS Production Cutover against production started, lead ana",
    ),
    (e.RunbookAmended(NIGHT, "abcdef0123456789"), "runbook amended (sha256 abcdef012345)"),
    (e.RunEnded("done", "good night"), "run closed as done: good night"),
    (e.GuardStarted(7, "jump", 2), "guard 7 on jump took the run over"),
    (e.GuardStopped("SIGTERM"), "guard stopped: SIGTERM"),
    (e.LeadTaken("bo", "uid7", "shift ends"), "bo (uid7) has the lead: shift ends"),
    (e.RoleNamed("cutover-lead", "ana"), "Cutover Lead is ana"),
    (e.ContactNoted("status-page", "https://status"), "status-page is https://status"),
    (
        e.RehearsalsCounted(("r-2", "r-1"), (("canary-10", (60.0, 90.0)),)),
        "2 earlier rehearsals counted, for the times of 1 phase",
    ),
    (e.TZeroSet(T0, "late train"), "T+0 is 22:00:00 UTC on 2026-11-24: late train"),
    (e.HoldBegan("queue grows"), "hold: T stands: queue grows"),
    (e.HoldBegan(cause="rollback"), "hold: T stands (a rollback)"),
    (e.HoldExplained("consumer restarts"), "held because: consumer restarts"),
    (e.Resumed(), "resumed: T runs again"),
    (e.Recycled(900.0, "again"), "recycled: T is set back to T+15: again"),
    (e.PhaseEntered("canary-50"), "T+15 50% canary begins"),
    (e.StepResolved("canary-10/metrics-stable", "failed", "no"), "'Metrics stable' failed: no"),
    (e.StepResolved("gone/step", "passed", value="12"), "'gone/step' passed = 12"),
    (e.StepReopened("canary-10/metrics-stable"), "'Metrics stable' is open again"),
    (e.NoteAdded("consumer restarted"), '"consumer restarted"'),
    (
        e.NoteAdded("seen", "canary-10/metrics-stable", at(60)),
        "'Metrics stable': \"seen\" (happened 22:01:00)",
    ),
    (e.IssueOpened(1, "major", "500s"), "major issue 1: 500s"),
    (e.IssueClosed(1, "gone"), "issue 1 closed: gone"),
    (
        e.Signed("canary-10", "monitoring-lead", "mo", "mo", (), True),
        "checkpoint T+0 10% canary signed by mo as Monitoring Lead, same account",
    ),
    (
        e.SignatureVoided("canary-10", "monitoring-lead", "a gate failed"),
        "signature of Monitoring Lead under T+0 10% canary is void: a gate failed",
    ),
    (
        e.OverrideGiven("canary-10/metrics-stable", "fail", 0.006, "known", at(900)),
        "OVERRIDE of 'Metrics stable', which is fail, until 22:15:00: known",
    ),
    (e.OverrideVoided("canary-10/metrics-stable", "worse"), "override of 'Metrics stable' ended: worse"),
    (e.PollOpened(1, "Go or no-go?"), "poll 1: Go or no-go?"),
    (e.PollAnswered(1, "monitoring-lead", "no-go", "queue", True), "poll 1: Monitoring Lead no-go, said aloud: queue"),
    (e.PollClosed(1), "poll 1 closed"),
    (e.FlagAsked(1, "canary-percentage", 50, 10, "forward", "s"), "canary-percentage 10→50: writing"),
    (
        e.FlagAsked(1, "canary-percentage", 0, None, "rollback", "s", 3),
        "canary-percentage ?→0: writing (rollback 3)",
    ),
    (e.FlagAnswered(1, "mismatch", 10), "change 1 is mismatch, the service says 10"),
    (e.FlagAnswered(1, "unknown", None, "timeout"), "change 1 is unknown: timeout"),
    (e.FlagSettled(1, "given-up", None, "by hand"), "change 1 given up: by hand"),
    (e.FlagSeen("readonly-mode", False), "readonly-mode is false"),
    (e.FlagSeen("readonly-mode", None, "401"), "readonly-mode cannot be read: 401"),
    (e.DriftFound("canary-percentage", 10, 25), "canary-percentage is 25, not 10: nobody here set it"),
    (e.DriftAccepted("canary-percentage", 25, "ours"), "canary-percentage 25 accepted as it is: ours"),
    (
        e.RollbackConfirmed(1, "Immediate rollback", MOVE, "Any queue > 500"),
        "ROLLBACK 1 confirmed: Immediate rollback, 1 flag because of Any queue > 500",
    ),
    (e.RollbackFinished(1, 5, 6), "rollback 1 finished: 5/6 verified"),
    (
        e.GateChanged("canary-10/metrics-stable", "fail", 0.006, "< 0.5%", "error-rate 0.6% >= 0.5%"),
        "gate 'Metrics stable' FAIL: error-rate 0.6% >= 0.5%",
    ),
    (
        e.TriggerChanged("queue-depth", "pending", 612, 'queue-depth{queue="mail"} 612 > 500', 0.0),
        'trigger queue-depth pending: queue-depth{queue="mail"} 612 > 500',
    ),
    (e.TriggerFired("queue-depth", "countdown", 612, "612 > 500"), "trigger queue-depth FIRED (countdown): 612 > 500"),
    (e.TriggerFired("queue-depth", None, 612, ""), "trigger queue-depth would fire (not armed)"),
    (e.TriggerFired("queue-depth", "ask", 612, "", muted=True), "trigger queue-depth would fire (muted)"),
    (e.TriggerCleared("queue-depth", "vetoed"), "trigger queue-depth fires no longer: vetoed"),
    (e.BandRaised(("queue-depth",)), "queue-depth asks for a rollback"),
    (
        e.CountdownBegan(("queue-depth",), at(60)),
        "COUNTDOWN: queue-depth rolls back at 22:01:00 unless vetoed",
    ),
    (e.CountdownJoined("error-rate"), "error-rate joins the countdown"),
    (e.CountdownEnded("ask", "stale"), "the countdown ended: it only asks: stale"),
    (e.Vetoed(("queue-depth",), "known", at(600)), "VETO of queue-depth until 22:10:00: known"),
    (e.TriggerMuted("error-rate", at(900), "spike"), "error-rate muted until 22:15:00: spike"),
    (
        e.SeriesRetired("queue-depth", QUEUE, "shut down"),
        'queue-depth{queue="mail"} is not expected any more: shut down',
    ),
    (e.SourceLost("prometheus", "refused"), "prometheus does not answer: refused"),
    (e.SourceBack("prometheus"), "prometheus answers again"),
    (e.TicksLost(130.0, "guard was dead"), "nobody watched for 2m10s: guard was dead"),
    (e.MessageDrafted(1, "internal", "rollback"), "message 'Internal Updates' drafted: rollback"),
    (e.MessageAsked(1, "internal", "hello"), "message 'Internal Updates' goes out: hello"),
    (e.MessageSent(1, "unknown", "cut"), "message 1 IN DOUBT: nobody knows whether it arrived: cut"),
    (e.MessageSent(1, "failed", "404"), "message 1 NOT sent: 404"),
    (e.MessageSnoozed("internal", at(600)), "message 'Internal Updates' put off until 22:10:00"),
    (e.Notified("pager", "COUNTDOWN"), "pager was told: COUNTDOWN"),
    (e.Notified("pager", "COUNTDOWN", "refused"), "pager could not be told: COUNTDOWN (refused)"),
]


NAMES = [f"{type(fact).__name__}-{number}" for number, (fact, _) in enumerate(SENTENCES)]
TEXTS = ("reason", "text", "note", "title", "detail", "step", "gate", "trigger", "flag", "lead", "name", "cause")
"""Fields that other people fill in."""


@pytest.mark.parametrize(("fact", "text"), SENTENCES, ids=NAMES)
def test_sentence(fact: e.Fact, text: str) -> None:
    """Each fact is told in one plain sentence."""
    assert sentence(Event(1, T0, ANA, fact), BOOK) == text


def test_every_fact_has_its_sentence_here() -> None:
    """No class of fact is missing above."""
    assert {type(fact) for fact, _ in SENTENCES} == set(e.FACTS.values())


@pytest.mark.parametrize("fact", [fact for fact, _ in SENTENCES], ids=NAMES)
def test_a_sentence_is_one_safe_line(fact: e.Fact) -> None:
    """Whatever people wrote, a sentence holds no control character, with any runbook."""
    evil = {name: "\x1b[2J\nsecond line\u202e" for name in TEXTS if isinstance(getattr(fact, name, None), str)}
    assert sentence(Event(1, T0, ANA, replace(fact, **evil)), BOOK).isprintable()


def test_the_log_leaves_out_what_nobody_wants_to_read() -> None:
    """Settling gates, flags read as expected and lines that went out stay in the journal; failures are shown."""
    told_ = story().then(
        e.FlagSeen("readonly-mode", False),
        e.GateChanged("canary-10/metrics-stable", "settling", None, "", ""),
        e.Notified("war-room", "hold"),
        e.FlagSeen("readonly-mode", None, "401"),
        e.Notified("war-room", "hold", "refused"),
    )
    texts = [row.text for row in log(told_.scene())][3:]
    assert texts == ["readonly-mode cannot be read: 401", "war-room could not be told: hold (refused)"]


def test_the_log_names_the_flag_of_an_answer() -> None:
    """An answer is told with the flag and the values that it is about."""
    told_ = canary_10().then(*wrote(2, "canary-percentage", 10, 50, "canary-50/increase-traffic-split", "unknown"))
    assert log(told_.scene())[-1].text == "canary-percentage 10→50 is unknown"
    assert log(told_.scene())[-1].level is Level.UNKNOWN


def test_who_did_it_stands_before_the_sentence() -> None:
    """A person is named; what the guard did by itself names nobody."""
    by_ana = Event(1, T0, Actor("uid1", "ana"), e.HoldBegan("why"))
    assert told(by_ana, BOOK) == "ana: hold: T stands: why"
    assert told(Event(1, T0, e.GUARD, e.SourceBack("prometheus")), BOOK) == "prometheus answers again"
    assert log(story().then(e.HoldBegan(), by=e.GUARD).scene())[-1].who == ""


def test_event_detail_shows_every_field() -> None:
    """An opened event shows what it holds, with a self-declared name marked as such."""
    told_ = canary_10().then(e.TriggerMuted("error-rate", at(900), "spike"), by=Actor("uid1", "bo"))
    pairs = dict(event_detail(told_.scene(), len(told_.events)))
    assert pairs["by"] == "bo (uid1, self-declared)"
    assert (pairs["trigger"], pairs["until"], pairs["reason"]) == ("error-rate", "22:15:00", "spike")
    assert pairs["event"].endswith("trigger-muted")
