"""Every state that a night can be in, each as a screen before a told night."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.plan.progress import signers
from pags_tui.desk.port import Gone, Update
from pags_tui.ui.app import WarRoom
from pags_tui.ui.settings import Settings, ThemeName
from tests.ui.desks import CALM, FakeDesk, FakePlayer, Night
from tests.ui.nights import begun, canary, counting_down, prepared, queueing

Make = Callable[..., WarRoom]


def on(night: Callable[[], Night], seat: str = "desk") -> Make:
    """The App in that seat before that night."""

    def make(theme: ThemeName | None = None, **more: object) -> WarRoom:
        desk = FakeDesk(night(), seat=seat)  # type: ignore[arg-type]
        player = FakePlayer(desk) if seat == "replay" else None
        return WarRoom(desk, player, beat=None, settings=Settings(theme=theme), **more)  # type: ignore[arg-type]

    return make


def gone(theme: ThemeName | None = None, **more: object) -> WarRoom:
    """Nobody stands behind the desk any more."""

    class Alone(FakeDesk):
        async def attach(self, receive: Callable[[Update], None]) -> None:
            await super().attach(receive)
            receive(Gone("the guard does not answer"))

    return WarRoom(Alone(canary()), beat=None, settings=Settings(theme=theme), **more)  # type: ignore[arg-type]


def unset() -> Night:
    """T+0 is not known."""
    return Night().read_flags({"canary-percentage": 0, "use-new-brain": False, "legacy-mode": True}).tick(times=3)


def held() -> Night:
    """T stands, with a reason, and an issue is open."""
    night = queueing().ask(a.HoldClock("the mail queue grows"), a.OpenIssue("minor", "mail is late"))
    return night.tick({**CALM, "queue-depth": {"mail": 640, "brain": 14}})


def rolling_back() -> Night:
    """One of two writes has no answer."""
    night = queueing()
    night.stuck["canary-percentage"] = "unknown"
    return rolled(night)


def rolled(night: Night) -> Night:
    """The default rollback, confirmed."""
    option = night.state.runbook.option("")
    moves = tuple(e.Move(flag, value, step.id) for step in option.steps for flag, value in step.set.items())
    return night.ask(a.RollBack("rollback", moves, option.title, "the queue"))


def finished() -> Night:
    """Every step is passed and every checkpoint signed."""
    night = canary().at(200)
    book = night.state.runbook
    for phase in book.phases:
        night.happen(*(e.StepResolved(step.id, "passed") for step in phase.all_steps))
        night.happen(*(e.Signed(phase.id, role, "ana", "ana", ()) for role in signers(phase, book)))
    return night.tick(times=3)


def closed() -> Night:
    """Closed as done; what is to be done afterwards is not."""
    night = finished()
    night.happen(e.RunEnded("done", "a good night"))
    return night


def asking() -> Night:
    """A trigger asks and rolls nothing back by itself."""
    night = queueing()
    night.happen(e.TriggerFired("queue-depth", "ask", 612.0, "queue-depth{queue=mail} 612 > 500"))
    night.happen(e.BandRaised(("queue-depth",)))
    return night


def blind() -> Night:
    """No data for four minutes."""
    night = canary()
    night.happen(e.SourceLost("prometheus", "refused the connection"))
    night.now += timedelta(minutes=4)
    return night


def drifted() -> Night:
    """Somebody else moved the traffic."""
    night = canary()
    night.happen(e.FlagSeen("canary-percentage", 25), e.DriftFound("canary-percentage", 10, 25))
    return night


def owed() -> Night:
    """A forward write of which nobody knows."""
    night = prepared()
    night.stuck["canary-percentage"] = "unknown"
    return night.ask(a.SetFlags("canary-10/ten", "10"))


def overridden() -> Night:
    """A gate fails, and the lead goes on."""
    worse = {**CALM, "error-rate": 0.007}
    night = canary().tick(worse)
    gate = next(gate for gate, verdict in night.ticks[-1].gates.items() if verdict.state == "fail")
    verdict = night.ticks[-1].gates[gate]
    return night.ask(a.GiveOverride(gate, str(verdict.state), verdict.value, "a known spike")).tick(worse)


def polled() -> Night:
    """One role says no-go."""
    night = prepared().ask(a.OpenPoll(), a.AnswerPoll(1, "database-lead", "no-go", voiced=True))
    night.now += timedelta(minutes=4)
    return night.read_flags(night.flags).tick(times=3)


def rehearsed() -> Night:
    """The same, as a rehearsal."""
    return begun("rehearsal")


STATES: dict[str, Make] = {
    "unset": on(unset),
    "counting": on(begun),
    "monitoring": on(canary),
    "hold": on(held),
    "rolling-back": on(rolling_back),
    "rolled-back": on(lambda: rolled(queueing())),
    "done": on(finished),
    "closed": on(closed),
    "rehearsal": on(rehearsed),
    "replay": on(queueing, "replay"),
    "watching": on(queueing, "watch"),
    "countdown": on(counting_down),
    "asking": on(asking),
    "blind": on(blind),
    "gone": gone,
    "drift": on(drifted),
    "owed": on(owed),
    "override": on(overridden),
    "no-go": on(polled),
}
"""By name."""

WORDS: dict[str, tuple[str, ...]] = {
    "unset": ("T+0 NOT SET",),
    "counting": ("LIVE", "COUNTING"),
    "monitoring": ("COUNTING", "MONITOR"),
    "hold": ("HOLD", "iss"),
    "rolling-back": ("ROLLING BACK", "1/2 verified"),
    "rolled-back": ("ROLLED BACK", "2/2 verified"),
    "done": ("DONE",),
    "closed": ("DONE", "follow-up due"),
    "rehearsal": ("REHEARSAL", "COUNTING"),
    "replay": ("REPLAY",),
    "watching": ("WATCHING",),
    "countdown": ("ROLLBACK IN", "Queue depth above 500"),
    "asking": ("ROLL BACK?", "Queue depth above 500"),
    "blind": ("BLIND", "no data for"),
    "gone": ("guard gone",),
    "drift": ("DRIFT", "canary-percentage is 25"),
    "owed": ("canary-percentage 0", "unknown"),
    "override": ("OVERRIDE", "overridden by ana"),
    "no-go": ("NO-GO by Database Lead",),
}
"""What the screen must say in each, whatever colours it has."""
