"""What a decision looks at: the state, the verdicts, who asks, and what was read just now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pags_tui.core.decide.overrides import why_over
from pags_tui.core.errors import Refused
from pags_tui.core.events import Actor, Evidence, Fact, HoldBegan, PhaseEntered
from pags_tui.core.gates import OK_IN_A_ROW, GateVerdict
from pags_tui.core.runbook import Phase, Step
from pags_tui.core.series import FlagReading
from pags_tui.core.state import Override, RunState
from pags_tui.core.triggers import TriggerVerdict
from pags_tui.core.units import show_clock

OVERRIDE_FOR = timedelta(minutes=15)
VETO_FOR = timedelta(minutes=10)
LONGEST_MUTE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class View:
    """Everything that a decision may know. It holds no clock and no way to ask for more."""

    state: RunState
    now: datetime
    by: Actor
    gates: Mapping[str, GateVerdict] = field(default_factory=dict)
    """By step id; for an ask that confirms something, worsened by a reading taken just now."""
    triggers: Mapping[str, TriggerVerdict] = field(default_factory=dict)
    flags: Mapping[str, FlagReading] = field(default_factory=dict)
    """Flags read just now, for an ask that writes."""

    @property
    def is_lead(self) -> bool:
        """The one who asks is the one person who may go forward."""
        lead = self.state.lead
        return self.by.user == lead.user and self.by.name in ("", lead.name, lead.user)

    def must_lead(self, what: str) -> None:
        """Raises Refused for anybody but the lead."""
        if not self.is_lead:
            raise Refused(f"Only the lead ({self.state.lead.shown}) may {what}. Take the lead first, or ask for it.")

    def must_be_open(self) -> None:
        """Raises Refused once the run is closed."""
        if self.state.ended:
            raise Refused(f"The run was closed as {self.state.ended}. Start another with --new.")

    def override(self, gate: str) -> Override | None:
        """The override of that gate, if it covers what the gate says now."""
        given, verdict = self.state.overrides.get(gate), self.gates.get(gate)
        if given is None or verdict is None:
            return None
        return None if why_over(given, verdict, self.state, self.triggers, self.now) else given

    def gate_ok(self, step: Step) -> bool:
        """The gate passes, or is overridden; a step without a judged gate asks nothing."""
        if not step.judged:
            return True
        verdict = self.gates.get(step.id)
        return verdict is not None and (verdict.state == "pass" or self.override(step.id) is not None)

    def gate_words(self, step: Step) -> str:
        """What the gate says, for a refusal."""
        verdict = self.gates.get(step.id)
        if verdict is None:
            return "not judged yet"
        return f"{verdict.state}{_how_far(verdict)}: {verdict.reason}"

    def evidence(self, steps: tuple[Step, ...]) -> tuple[Evidence, ...]:
        """What the gates of those steps say now, to be frozen."""
        found = []
        for step in steps:
            if step.judged and (v := self.gates.get(step.id)):
                overridden = v.state != "pass" and self.override(step.id) is not None
                found.append(Evidence(step.id, str(v.state), v.value, v.bound or "", v.reason, overridden))
        return tuple(found)


def _how_far(verdict: GateVerdict) -> str:
    """How much a settling gate still needs: its time, or its good ticks in a row."""
    if verdict.state != "settling":
        return ""
    if verdict.clock < verdict.for_:
        return f" {show_clock(verdict.clock)}/{show_clock(verdict.for_)}"
    return f" {verdict.row} of {OK_IN_A_ROW}"


def enter(state: RunState, phase: Phase) -> tuple[Fact, ...]:
    """The facts of entering a phase; nothing when that happened before. A built-in hold stops T here."""
    if phase.id in state.entered:
        return ()
    hold = (HoldBegan(f"built into the runbook: {phase.title}", "runbook"),) if phase.hold and not state.hold else ()
    return (PhaseEntered(phase.id), *hold)


def touch(state: RunState, step: Step) -> tuple[Fact, ...]:
    """The facts of touching a step: its phase is entered."""
    phase = state.runbook.phase_of(step.id)
    return enter(state, phase) if phase else ()


def find_step(state: RunState, step: str) -> Step:
    """The step of that id. Raises Refused for an unknown one."""
    try:
        return state.runbook.step(step)
    except KeyError:
        raise Refused(f"There is no step '{step}' in this runbook. 'pags-tui status' lists them.") from None
