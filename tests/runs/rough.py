"""A rough night, told fact by fact: everything that a report has a place for happens once, in other people's words."""

from __future__ import annotations

from datetime import timedelta

from pags_tui.core import events as e
from pags_tui.core.events import Actor, Evidence, Fact, Move
from pags_tui.core.series import FlagValue
from tests.ui.desks import ANA, CALM, NIGHT, T_ZERO, Night, Readings

BOB = Actor("bob", "Bob <b@x.example>")
DBL = Actor("dbl")
HOSTILE = "<script>alert(1)</script> [x](http://evil.example) | `rm -rf` \x1b]52;c;eA==\x07 \u202eesrever @all"
"""What a note, a label or a reason may hold."""
LOW = Evidence("canary-10/errors", "pass", 0.002, "< 0.5%", "error-rate 0.2% < 0.5%")
HIGH = Evidence("canary-10/queue", "fail", 612.0, "< 500", "queue-depth 612 >= 500", overridden=True)


def rough() -> Night:
    """The whole night."""
    night = Night(NIGHT.read_text(), "live")
    night.read_flags({"canary-percentage": 0, "use-new-brain": False, "legacy-mode": True})
    night.happen(e.TZeroSet(T_ZERO), by=ANA)
    prepare(night)
    canary(night)
    expand(night)
    back(night)
    return night


def watched(night: Night, first: int, last: int, readings: Readings = CALM) -> None:
    """A tick a minute, from one minute of T (on the wall) to another."""
    for minute in range(first, last):
        night.at(minute).tick({**CALM, **readings})


def by(night: Night, minute: float, who: Actor, *facts: Fact) -> None:
    """Somebody did that, at that minute of the wall's T."""
    moment = T_ZERO + timedelta(minutes=minute)
    night.now = max(night.now, moment)
    night.happen(*facts, by=who)


def moved(night: Night, minute: float, number: int, flag: str, value: FlagValue, step: str) -> None:
    """A forward change, verified."""
    before = night.flags[flag]
    by(night, minute, ANA, e.FlagAsked(number, flag, value, before, "forward", step))
    night.flags[flag] = value
    night.now += timedelta(seconds=1.25)
    night.happen(e.FlagAnswered(number, "verified", value, "read back"))


def prepare(night: Night) -> None:
    """T-30 to T-5: a captured value, a failed step that is waived, a poll with a voiced answer, two signatures."""
    by(night, -35, ANA, e.RoleNamed("database-lead", "Dora"), e.ContactNoted("emergency", "+49 30 <b>1</b>"))
    by(night, -30, ANA, e.PhaseEntered("prepare"))
    watched(night, -29, -22)
    by(night, -21, ANA, e.StepResolved("prepare/backups-are-fresh", "failed", "the backup of Monday is missing"))
    by(night, -20, DBL, e.StepResolved("prepare/replica-count-noted", "passed", value="3"))
    by(night, -19, ANA, e.StepResolved("prepare/freeze-deployments", "passed"))
    moved(night, -18, 1, "use-new-brain", True, "prepare/brain")
    moved(night, -17.9, 2, "legacy-mode", False, "prepare/brain")
    by(night, -17.8, ANA, e.StepResolved("prepare/brain", "passed"))
    by(night, -15, ANA, e.StepResolved("prepare/backups-are-fresh", "waived", "full dump taken by hand"))
    by(night, -12, ANA, e.NoteAdded(HOSTILE, "prepare/brain", T_ZERO - timedelta(minutes=14)))
    by(night, -10, ANA, e.PollOpened(1, "Go for 10%?"))
    by(night, -9.5, ANA, e.PollAnswered(1, "cutover-lead", "go"))
    by(night, -9, ANA, e.PollAnswered(1, "database-lead", "go", "by phone", voiced=True))
    by(night, -8.9, ANA, e.PollClosed(1))
    by(night, -7, ANA, e.StepResolved("prepare/everybody-is-here", "passed"))
    by(night, -6, ANA, e.Signed("prepare", "cutover-lead", "ana", "ana"))
    by(night, -5, ANA, e.Signed("prepare", "database-lead", "Dora", "ana", same_account=True))
    watched(night, -4, 0)


def canary(night: Night) -> None:
    """T+0 to T+20: the canary, a lost Prometheus, a queue that grows, an override that ends, a veto, a mute."""
    by(night, 1, ANA, e.PhaseEntered("canary-10"))
    moved(night, 1.5, 3, "canary-percentage", 10, "canary-10/ten")
    by(night, 1.6, ANA, e.StepResolved("canary-10/ten", "passed"))
    watched(night, 2, 5)
    by(night, 5.5, e.GUARD, e.SourceLost("prometheus", "the server did not answer within 4 s"))
    by(night, 8, e.GUARD, e.SourceBack("prometheus"), e.TicksLost(120.0, "the machine slept"))
    growing = {"queue-depth": {"mail": 560, 'brain"}<b>': 14}}
    watched(night, 9, 12, growing)
    by(night, 12, e.GUARD, e.TriggerChanged("queue-depth", "pending", 560.0, "queue-depth 560 > 500, 0:00 of 15:00"))
    by(night, 12.1, BOB, e.IssueOpened(1, "major", "mail queue grows | nobody drains it"))
    by(night, 12.5, ANA, e.TriggerMuted("queue-depth", T_ZERO + timedelta(minutes=27), "the worker restarts"))
    by(night, 13, ANA, e.OverrideGiven("canary-10/queue", "fail", 612.0, "drains since 22:12",
                                       T_ZERO + timedelta(minutes=28), "queue-depth"))  # fmt: skip
    by(night, 13.5, ANA, e.StepResolved("canary-10/errors", "passed", evidence=(LOW,)))
    by(night, 13.6, ANA, e.StepResolved("canary-10/queue", "passed", evidence=(HIGH,)))
    by(night, 14, BOB, e.StepResolved("canary-10/user-facing-pages-load", "deferred", "the tester is late"))
    by(night, 15, e.GUARD, e.OverrideVoided("canary-10/queue", "fail is worse than what was overridden: 700 >= 500"))
    watched(night, 15, 17, {"queue-depth": {"mail": 700, 'brain"}<b>': 14}})
    by(night, 17, BOB, e.HoldBegan("", "operator"))
    by(night, 17.2, BOB, e.HoldExplained("wait for the worker"))
    watched(night, 18, 24)
    by(night, 24, ANA, e.IssueClosed(1, "drained"), e.Resumed("queue is short again"))
    by(night, 24.5, BOB, e.StepResolved("canary-10/user-facing-pages-load", "passed"))
    by(night, 25, ANA, e.StepResolved("canary-10/slos", "passed", evidence=(LOW,)))
    by(night, 26, ANA, e.Signed("canary-10", "cutover-lead", "ana", "ana", (LOW, HIGH)))
    by(
        night,
        26.5,
        ANA,
        e.MessageDrafted(1, "internal", "every 30m"),
        e.MessageAsked(1, "internal", f"Good: {HOSTILE}"),
    )
    by(night, 26.6, e.GUARD, e.MessageSent(1, "sent"), e.Notified("war-room", "checkpoint signed", "HTTP 502"))


def expand(night: Night) -> None:
    """T+20 to T+40: half the traffic, somebody else's change, an amendment, a lead who is relieved, a recycle."""
    by(night, 27, ANA, e.PhaseEntered("canary-50"))
    moved(night, 29, 4, "canary-percentage", 50, "canary-50/fifty")
    watched(night, 30, 33)
    by(night, 33, e.GUARD, e.DriftFound("legacy-mode", False, True))
    by(night, 34, ANA, e.DriftAccepted("legacy-mode", True, "support asked for it"))
    text = night.text.replace("queue-depth > 500 for 15m", "queue-depth > 500 for 10m")
    by(night, 35, ANA, e.RunbookAmended(text, "f00d" * 16))
    by(night, 36, BOB, e.LeadTaken("Bob", "bob", "ana sleeps"))
    by(night, 37, BOB, e.Recycled(900.0, "again from the sign-off"))
    errors = {"error-rate": 0.021}
    watched(night, 38, 44, errors)
    fired = e.TriggerFired("error-rate", "countdown", 0.021, "error-rate 2.1% > 1% for 10m")
    ends = T_ZERO + timedelta(minutes=45)
    by(night, 44, e.GUARD, e.TriggerChanged("error-rate", "firing", 0.021, "error-rate 2.1% > 1% for 10m"), fired,
       e.CountdownBegan(("error-rate",), ends))  # fmt: skip
    by(night, 44.4, BOB, e.Vetoed(("error-rate",), "a known spike", T_ZERO + timedelta(minutes=54)))
    watched(night, 45, 47, errors)


def back(night: Night) -> None:
    """T+47: the rollback by hand, one of its flags not verified, and the end."""
    moves = (Move("canary-percentage", 0, "rollback/no-traffic"), Move("legacy-mode", True, "rollback/legacy-mode-on"))
    by(night, 47, BOB, e.RollbackConfirmed(1, "Immediate rollback", moves, "Data corruption detected"),
       e.HoldBegan("rolling back", "rollback"))  # fmt: skip
    by(night, 47, BOB, e.FlagAsked(5, "canary-percentage", 0, 50, "rollback", moves[0].step, 1))
    by(night, 47.05, e.GUARD, e.FlagAnswered(5, "verified", 0, "read back"))
    by(night, 47.05, BOB, e.FlagAsked(6, "legacy-mode", True, True, "rollback", moves[1].step, 1))
    curl = "curl -X POST -H 'Authorization: Bearer ${API_KEY}' http://localhost:8080/flags/legacy-mode"
    by(night, 47.2, e.GUARD, e.FlagAnswered(6, "unknown", None, "the service did not answer within 5 s", curl))
    by(night, 47.3, BOB, e.FlagSettled(6, "accepted", True, "seen in the service's own page"))
    by(night, 47.4, e.GUARD, e.RollbackFinished(1, 1, 2))
    watched(night, 48, 52)
    by(night, 52, BOB, e.StepResolved("rollback/tell-support", "passed"))
    by(night, 53, BOB, e.RunEnded("abandoned", "again next week"))
