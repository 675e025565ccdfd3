"""Everything that can happen in a run, as past-tense facts. State is only a fold over them.

A fact holds what was known when it happened and nothing derived. A new fact is a class here, a name in `Fact`, and one
`case` in `state.py`. Facts are written to the journal as JSON and must stay readable for ever: add fields with defaults,
never rename or drop one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from pags_tui.core.errors import JournalError
from pags_tui.core.series import FlagValue, Labels, Seconds

Kind = Literal["live", "rehearsal", "demo"]
Outcome = Literal["passed", "failed", "skipped", "n/a", "waived", "deferred"]
Result = Literal["verified", "unverified", "refused", "mismatch", "unknown"]
Purpose = Literal["forward", "rollback", "restore"]
Mode = Literal["observe", "ask", "countdown"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it."""

    user: str
    """The Unix user at the other end of the socket; `guard` for what the guard did by itself."""
    name: str = ""
    """A name given with `--as`: self-declared. Empty: the Unix user is the name."""

    @property
    def shown(self) -> str:
        """The name for the screen."""
        return self.name or self.user


GUARD = Actor("guard")
"""The guard itself: what nobody asked for at that moment."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a gate said when somebody signed or confirmed."""

    gate: str
    state: str
    value: float | None
    bound: str
    reason: str
    overridden: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One flag to one value, as part of a plan."""

    flag: str
    value: FlagValue
    step: str = ""
    """The step that asks for it; empty for a single flag set by hand."""


# ---------------------------------------------------------------- the run itself


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The first fact of every run. Carries the runbook whole, so that a recording needs no other file."""

    run: str
    kind: Kind
    runbook: str
    """The text of the runbook file."""
    sha256: str
    file: str
    """The runbook's file name, for messages (no folder)."""
    target: str
    """What the screen names and a confirmation makes you type."""
    lead: str
    lead_user: str
    version: str


@dataclass(frozen=True, slots=True)
class RunbookAmended:
    """The runbook was re-read during the run."""

    runbook: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RunEnded:
    """Somebody closed the run."""

    outcome: Literal["done", "abandoned"]
    note: str = ""


@dataclass(frozen=True, slots=True)
class GuardStarted:
    """A process took the run over; `token` fences off every earlier one."""

    pid: int
    host: str
    token: int
    version: str = ""


@dataclass(frozen=True, slots=True)
class GuardStopped:
    """The guard left in good order."""

    reason: str


@dataclass(frozen=True, slots=True)
class LeadTaken:
    """The lead's seat changed hands."""

    name: str
    user: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RoleNamed:
    """Somebody was named for a role."""

    role: str
    name: str


@dataclass(frozen=True, slots=True)
class ContactNoted:
    """A contact left empty in the runbook was filled in."""

    contact: str
    value: str


# ---------------------------------------------------------------- the clock


@dataclass(frozen=True, slots=True)
class TZeroSet:
    """T+0 was set, or moved, to this wall time."""

    t0: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HoldBegan:
    """T stopped."""

    reason: str = ""
    cause: Literal["operator", "runbook", "rollback"] = "operator"


@dataclass(frozen=True, slots=True)
class HoldExplained:
    """A reason that followed a hold."""

    reason: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """T runs again."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Recycled:
    """T was set back; what lies after it is open again, signatures before it stay as history."""

    t: Seconds
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PhaseEntered:
    """T reached the phase, or its first step was touched."""

    phase: str


# ---------------------------------------------------------------- steps and sign-off


@dataclass(frozen=True, slots=True)
class StepResolved:
    """A step got its outcome."""

    step: str
    outcome: Outcome
    reason: str = ""
    value: str = ""
    """What was typed for a step that captures a value."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class StepReopened:
    """A tick was taken back."""

    step: str


@dataclass(frozen=True, slots=True)
class NoteAdded:
    """Somebody wrote something down."""

    text: str
    step: str = ""
    happened: datetime | None = None
    """When it happened, where that is not when it was written."""


@dataclass(frozen=True, slots=True)
class IssueOpened:
    """Something is wrong and stays in the header until closed."""

    issue: int
    severity: Literal["minor", "major"]
    text: str


@dataclass(frozen=True, slots=True)
class IssueClosed:
    """An issue is over."""

    issue: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint was signed by one role; the evidence is frozen here."""

    phase: str
    role: str
    name: str
    user: str
    evidence: tuple[Evidence, ...] = ()
    same_account: bool = False
    """A second signature from the same Unix user."""


@dataclass(frozen=True, slots=True)
class SignatureVoided:
    """A signature no longer counts (a gate failed before the next one came)."""

    phase: str
    role: str
    reason: str


@dataclass(frozen=True, slots=True)
class OverrideGiven:
    """The lead goes forward against a gate."""

    gate: str
    state: str
    value: float | None
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class OverrideVoided:
    """An override ended before its time."""

    gate: str
    reason: str


@dataclass(frozen=True, slots=True)
class PollOpened:
    """A go/no-go poll of all roles."""

    poll: int
    question: str


@dataclass(frozen=True, slots=True)
class PollAnswered:
    """One role's answer; `voiced` when the lead recorded what was said aloud."""

    poll: int
    role: str
    answer: Literal["go", "no-go"]
    note: str = ""
    voiced: bool = False


@dataclass(frozen=True, slots=True)
class PollClosed:
    """The poll is over."""

    poll: int


# ---------------------------------------------------------------- flags


@dataclass(frozen=True, slots=True)
class FlagAsked:
    """A write is about to be tried. Journaled before the write; what has no answer after it is owed."""

    change: int
    """Number of the change within the run."""
    flag: str
    value: FlagValue
    before: FlagValue | None
    """Read from the service just before; None when it could not be read (a rollback goes on all the same)."""
    purpose: Purpose
    step: str = ""
    rollback: int = 0
    """Number of the rollback that it belongs to."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FlagAnswered:
    """What became of a write: never the status code alone, but what was read back."""

    change: int
    result: Result
    found: FlagValue | None = None
    """What the read-back found; None when there was none."""
    detail: str = ""
    curl: str = ""
    """The command by hand, for a rollback write that is not verified (no secret in it)."""


@dataclass(frozen=True, slots=True)
class FlagSettled:
    """A person decided about a change that was not verified."""

    change: int
    how: Literal["accepted", "given-up"]
    value: FlagValue | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FlagSeen:
    """A read told something new about a flag: its first value, a change, or that it cannot be read."""

    flag: str
    value: FlagValue | None
    failed: str = ""


@dataclass(frozen=True, slots=True)
class DriftFound:
    """A flag has a value that nobody here set."""

    flag: str
    expected: FlagValue | None
    found: FlagValue


@dataclass(frozen=True, slots=True)
class DriftAccepted:
    """The lead takes somebody else's value as it is."""

    flag: str
    value: FlagValue
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RollbackConfirmed:
    """The word was typed, or the countdown ran out: a standing order from here on."""

    rollback: int
    title: str
    moves: tuple[Move, ...]
    cause: str = ""
    """The trigger, or the consideration, that led to it."""
    parallel: tuple[str, ...] = ()
    """Steps whose flags are written together; the rest go one after another."""


@dataclass(frozen=True, slots=True)
class RollbackFinished:
    """Every write of the rollback has its answer, and the late second read is over."""

    rollback: int
    verified: int
    of: int


# ---------------------------------------------------------------- judging


@dataclass(frozen=True, slots=True)
class GateChanged:
    """A gate has another state than before."""

    gate: str
    state: str
    value: float | None
    bound: str
    reason: str


@dataclass(frozen=True, slots=True)
class TriggerChanged:
    """A trigger has another state than before."""

    trigger: str
    state: str
    value: float | None
    reason: str
    clock: Seconds = 0.0


@dataclass(frozen=True, slots=True)
class TriggerFired:
    """A trigger's clock reached its end on a bad tick. `mode` None: it was not armed, and would have fired."""

    trigger: str
    mode: Mode | None
    value: float | None
    reason: str
    muted: bool = False
    observing: bool = False


@dataclass(frozen=True, slots=True)
class TriggerCleared:
    """A firing trigger is no longer latched."""

    trigger: str
    reason: str


@dataclass(frozen=True, slots=True)
class BandRaised:
    """A fired trigger asks for a rollback; it does nothing by itself."""

    triggers: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CountdownBegan:
    """A rollback will run at `ends` unless vetoed."""

    triggers: tuple[str, ...]
    ends: datetime


@dataclass(frozen=True, slots=True)
class CountdownJoined:
    """A further trigger fired during the countdown."""

    trigger: str


@dataclass(frozen=True, slots=True)
class CountdownEnded:
    """The countdown ran out: `rollback`, or `ask` with the reason why it may not act by itself."""

    how: Literal["rollback", "ask"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Vetoed:
    """Somebody stopped a countdown or put a band away."""

    triggers: tuple[str, ...]
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class TriggerMuted:
    """A trigger only observes until then."""

    trigger: str
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class SeriesRetired:
    """A series that vanished is no longer expected."""

    metric: str
    labels: Labels
    reason: str


@dataclass(frozen=True, slots=True)
class SourceLost:
    """A service stopped answering."""

    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceBack:
    """A service answers again."""

    source: str


@dataclass(frozen=True, slots=True)
class TicksLost:
    """Nobody watched for that long (the guard was dead, or the machine asleep)."""

    seconds: Seconds
    reason: str


# ---------------------------------------------------------------- messages


@dataclass(frozen=True, slots=True)
class MessageDrafted:
    """A message wants to go out; a person completes and sends it."""

    message: int
    comms: str
    cause: str


@dataclass(frozen=True, slots=True)
class MessageAsked:
    """A message is about to be sent."""

    message: int
    comms: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageSent:
    """What became of it. `copied`: a person took it elsewhere by hand."""

    message: int
    result: Literal["sent", "copied", "failed"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class MessageSnoozed:
    """The next message of that kind may come later."""

    comms: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Notified:
    """A line or a page that went out by itself, or could not."""

    to: str
    text: str
    failed: str = ""


LifeFact = RunStarted | RunbookAmended | RunEnded | GuardStarted | GuardStopped | LeadTaken | RoleNamed | ContactNoted
ClockFact = TZeroSet | HoldBegan | HoldExplained | Resumed | Recycled | PhaseEntered
WorkFact = (
    StepResolved
    | StepReopened
    | NoteAdded
    | IssueOpened
    | IssueClosed
    | Signed
    | SignatureVoided
    | OverrideGiven
    | OverrideVoided
    | PollOpened
    | PollAnswered
    | PollClosed
)
FlagFact = (
    FlagAsked
    | FlagAnswered
    | FlagSettled
    | FlagSeen
    | DriftFound
    | DriftAccepted
    | RollbackConfirmed
    | RollbackFinished
)
JudgingFact = (
    GateChanged
    | TriggerChanged
    | TriggerFired
    | TriggerCleared
    | BandRaised
    | CountdownBegan
    | CountdownJoined
    | CountdownEnded
    | Vetoed
    | TriggerMuted
    | SeriesRetired
    | SourceLost
    | SourceBack
    | TicksLost
)
MessageFact = MessageDrafted | MessageAsked | MessageSent | MessageSnoozed | Notified

Fact = LifeFact | ClockFact | WorkFact | FlagFact | JudgingFact | MessageFact


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the journal."""

    seq: int
    """Counted from 1 within the run, without gaps."""
    at: datetime
    """Wall time in UTC that never goes back within a run (a step of the local clock does not show in it)."""
    by: Actor
    fact: Fact


def kind_of(fact: type) -> str:
    """The fact's name in the journal: `FlagAsked` is `flag-asked`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", fact.__name__).lower()


FACTS: dict[str, Any] = {kind_of(fact): fact for fact in get_args(Fact)}
"""Every fact by its name in the journal."""


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """How values of that class are written as JSON and read back (NaN and ±Inf as strings)."""
    return TypeAdapter(with_config(ConfigDict(ser_json_inf_nan="strings"))(kind))


def encode(fact: Fact) -> tuple[str, str]:
    """The fact's name and its JSON, as the journal keeps them."""
    kind: Any = type(fact)
    return kind_of(kind), adapter(kind).dump_json(fact).decode()


def decode(kind: str, payload: str | bytes) -> Fact:
    """The fact that `encode` wrote.

    Raises JournalError for a fact that this version does not know, or a payload of another shape.
    """
    if kind not in FACTS:
        raise JournalError(
            f"the journal holds '{kind}', which this version does not know: use the version that wrote it"
        )
    try:
        return adapter(FACTS[kind]).validate_json(payload)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise JournalError(
            f"a '{kind}' in the journal cannot be read: {error.error_count()} fields are wrong"
        ) from error
