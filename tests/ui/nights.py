"""Moments of the small night of `night.toml`, each reached by the asks that lead there."""

from __future__ import annotations

from pags_tui.core import events as e
from pags_tui.core.decide.asks import NameRole, Resolve, SetFlags, SetTZero, Sign
from pags_tui.core.events import Actor
from tests.ui.desks import ANA, CALM, T_ZERO, Night

BEFORE = {"canary-percentage": 0, "use-new-brain": False, "legacy-mode": True}
DBL = Actor("dbl")


def begun(kind: e.Kind = "live") -> Night:
    """T-30: nothing is ticked yet."""
    night = Night(kind=kind).read_flags(BEFORE)
    night.ask(SetTZero(T_ZERO), NameRole("database-lead", "dora")).at(-30).tick(times=3)
    night.happen(e.PhaseEntered("prepare"))
    return night


def prepared(signed: bool = True) -> Night:
    """T-6: everything of the first phase is done; signed by both, or by nobody."""
    night = begun().at(-20)
    night.ask(Resolve("prepare/backups-are-fresh"), Resolve("prepare/replica-count-noted", value="3"))
    night.ask(Resolve("prepare/freeze-deployments"), SetFlags("prepare/brain", "production"))
    night.at(-6).ask(Resolve("prepare/everybody-is-here"))
    if signed:
        night.ask(Sign("prepare", "cutover-lead")).ask(Sign("prepare", "database-lead"), by=DBL)
    return night.tick(times=3)


def canary() -> Night:
    """T+10 of the monitor period behind the 10% canary."""
    night = prepared().at(0)
    night.happen(e.PhaseEntered("canary-10"))
    night.ask(SetFlags("canary-10/ten", "10")).tick(times=6)
    night.at(10).tick(times=4)
    return night


def queueing() -> Night:
    """The same, with a queue that grows."""
    night = canary()
    for depth in (300, 480, 512, 560, 612):
        night.tick({**CALM, "queue-depth": {"mail": depth, "brain": 14}})
    return night


def counting_down() -> Night:
    """A countdown with 42 seconds left."""
    night = queueing()
    night.happen(e.TriggerFired("queue-depth", "countdown", 612.0, "queue-depth{queue=mail} 612 > 500"))
    from datetime import timedelta

    night.happen(e.CountdownBegan(("queue-depth",), night.now + timedelta(seconds=42)))
    return night


__all__ = ["ANA", "BEFORE", "DBL", "begun", "canary", "counting_down", "prepared", "queueing"]
