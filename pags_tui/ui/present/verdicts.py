"""What gates and triggers say now, as marks and words. What is not known for certain is never green here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from pags_tui.core.decide.blockers import next_change
from pags_tui.core.events import Mode
from pags_tui.core.gates import GateVerdict
from pags_tui.core.plan.arming import armed_mode
from pags_tui.core.plan.progress import applies, current_phase, monitor_clock
from pags_tui.core.runbook import Phase, Step
from pags_tui.core.series import Seconds
from pags_tui.core.triggers import TriggerVerdict
from pags_tui.core.units import show_clock, show_duration
from pags_tui.ui.present.words import bound_text, clean, minutes, since, value_text
from pags_tui.ui.rows import FAIL, PASS, SETTLING, STALE, UNKNOWN, Fact, Level, Mark, Status
from pags_tui.ui.scene import Scene

QUIET_AFTER: Seconds = 60.0
"""Without a tick for this long nothing on the screen is called good any more."""

GATES: Mapping[str, Status] = {"pass": PASS, "settling": SETTLING, "stale": STALE, "unknown": UNKNOWN, "fail": FAIL}

TRIGGERS: Mapping[str, Status] = {
    "inactive": Status(Mark.PASS, "inactive", Level.OK),
    "pending": Status(Mark.ALARM, "pending", Level.WARN),
    "firing": Status(Mark.ALARM, "FIRING", Level.BAD),
    "unknown": UNKNOWN,
}

WORST_FIRST = ("fail", "unknown", "stale", "settling", "pass")
MODES: Mapping[Mode, str] = {"observe": "observing", "ask": "armed: ask", "countdown": "armed: countdown"}


def silence(scene: Scene) -> Seconds | None:
    """Seconds since the newest tick; None before the first."""
    return max(0.0, since(scene.last.at, scene.now)) if scene.last else None


def fresh(scene: Scene) -> bool:
    """Somebody watches: the newest tick is young, and the desk is not alone."""
    quiet = silence(scene)
    return not scene.gone and quiet is not None and quiet <= _patience(scene)


def _patience(scene: Scene) -> Seconds:
    prometheus = scene.state.runbook.services.prometheus
    return max(QUIET_AFTER, 3 * prometheus.every if prometheus else 0.0)


# ---------------------------------------------------------------- gates


def gates_now(scene: Scene) -> tuple[Step, ...]:
    """The gates that count now, in file order.

    Those of the present phase; of monitors without a checkpoint that were begun; and, until the present phase's flags
    are moved, those of the checkpoint before it.
    """
    state, present = scene.state, current_phase(scene.state)
    found: list[Step] = []
    for phase in state.runbook.phases:
        if present and phase.id == present.id:
            found += phase.all_steps
        elif phase.monitor and not phase.checkpoint and monitor_clock(state, phase, scene.now).began:
            found += phase.monitor.steps
        elif phase.id == _checkpoint_before(scene, present):
            found += phase.checkpoint.steps if phase.checkpoint else ()
    return tuple(step for step in found if step.judged and applies(state, step) and not set_aside(scene, step))


def _checkpoint_before(scene: Scene, present: Phase | None) -> str:
    """The phase whose checkpoint judges the next change of the present phase; empty: none does any more."""
    change = next_change(scene.view)
    if present is None or change is None or change.place != present.id:
        return ""
    earlier = scene.state.runbook.phases[: scene.state.runbook.phase_index(present.id)]
    return next((phase.id for phase in reversed(earlier) if phase.checkpoint), "")


def set_aside(scene: Scene, step: Step) -> bool:
    """Its gate does not count: skipped, n/a or waived by name."""
    return scene.state.step(step.id).outcome in ("skipped", "n/a", "waived")


def verdict_of(scene: Scene, step: Step | str) -> GateVerdict | None:
    """What the newest tick says of that gate; None when it was not judged."""
    gate = step if isinstance(step, str) else step.id
    return scene.last.gates.get(gate) if scene.last else None


def gate_status(scene: Scene, step: Step | str) -> Status:
    """The gate's state. Once nobody watches, a pass is stale; what was never judged is unknown."""
    verdict = verdict_of(scene, step)
    return state_status(str(verdict.state) if verdict else "unknown", fresh(scene))


def state_status(state: str, trusted: bool = True) -> Status:
    """A gate's state by its word."""
    if not trusted and state in ("pass", "settling"):
        return STALE
    return GATES.get(state, UNKNOWN)


def counts(scene: Scene, steps: Iterable[Step]) -> tuple[Fact, ...]:
    """`9 pass`, `1 FAIL`, `1 unknown`: best first."""
    found = Counter(gate_status(scene, step).word for step in steps)
    ordered = (PASS, SETTLING, STALE, FAIL, UNKNOWN)
    short = {UNKNOWN.word: "?", STALE.word: "~", SETTLING.word: "…"}
    return tuple(
        Fact(f"{found[s.word]} {s.word}", s.level, f"{found[s.word]} {short.get(s.word, s.word)}")
        for s in ordered
        if found[s.word]
    )


def gate_note(scene: Scene, verdict: GateVerdict | None) -> str:
    """What stands behind the word: both numbers of a fail, how long unknown, how far it has settled."""
    if verdict is None:
        return "not judged yet"
    book = scene.state.runbook
    match str(verdict.state):
        case "fail" if verdict.value is not None:
            return f"{value_text(book, verdict.metric, verdict.value)} {bound_text(verdict.bound, broken=True)}".strip()
        case "settling" if verdict.for_:
            return f"{show_clock(verdict.clock)}/{show_clock(verdict.for_)}"
        case "settling":
            return f"{verdict.row} of 3"
        case "stale" | "unknown":
            return show_duration(verdict.age) if verdict.age else short_reason(verdict.reason)
    return ""


def short_reason(reason: str) -> str:
    """A reason without the metric that it begins with: `no data`, `NaN`."""
    return clean(reason.partition(": ")[2] or reason)


def overridden(scene: Scene, gate: str) -> str:
    """`by ana 12:10 left`; empty when no override covers what the gate says."""
    given = scene.view.override(gate)
    return f"by {clean(given.by.shown)} {minutes(-since(given.until, scene.now))} left" if given else ""


# ---------------------------------------------------------------- triggers


def trigger_of(scene: Scene, trigger: str) -> TriggerVerdict | None:
    """What the newest tick says of that trigger; None when it was not judged."""
    return scene.last.triggers.get(trigger) if scene.last else None


def trigger_status(scene: Scene, trigger: str) -> Status:
    """The trigger's latched state. Not judged, or once nobody watches, it is unknown; firing stays firing."""
    if scene.state.firing(trigger).fired:
        return TRIGGERS["firing"]
    verdict = trigger_of(scene, trigger)
    return running_status(str(verdict.state) if verdict else "unknown", fresh(scene))


def running_status(state: str, trusted: bool = True) -> Status:
    """A trigger's state by its word."""
    return TRIGGERS.get(state, UNKNOWN) if trusted or state in ("firing", "pending") else UNKNOWN


def trigger_clock(verdict: TriggerVerdict | None) -> str:
    """`04:12/15:00`."""
    return f"{show_clock(verdict.clock)}/{show_clock(verdict.for_)}" if verdict else ""


def arming(scene: Scene, trigger: str) -> Fact:
    """Whether it acts: `armed`, `unarmed`, `muted 12:10`, `observing`, `vetoed 04:10`."""
    state, firing = scene.state, scene.state.firing(trigger)
    if firing.muted_until and firing.muted_until > scene.now:
        return Fact(f"muted {minutes(-since(firing.muted_until, scene.now))}", Level.WARN)
    if firing.vetoed_until and firing.vetoed_until > scene.now:
        return Fact(f"vetoed {minutes(-since(firing.vetoed_until, scene.now))}", Level.WARN)
    if state.observing:
        return Fact("observing", Level.WARN)
    mode = armed_mode(state, state.runbook.triggers[trigger], scene.now)
    return Fact("unarmed", Level.MUTED) if mode is None else Fact("observing" if mode == "observe" else "armed")


def muted(scene: Scene) -> tuple[str, ...]:
    """The triggers that are muted now."""
    firings = scene.state.triggers.items()
    return tuple(name for name, firing in firings if firing.muted_until and firing.muted_until > scene.now)
