"""What an operator can ask for. An ask is absolute (set to X, seen so), never a toggle; repeated, it changes no more.

Asks travel over the guard's socket as JSON; a new one is a class here, a name in `Ask`, and one case in `decide`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

from pags_tui.core.errors import Refused
from pags_tui.core.events import Move, Outcome, adapter, kind_of
from pags_tui.core.series import FlagValue, Labels, Seconds


@dataclass(frozen=True, slots=True)
class Resolve:
    """Give a step its outcome. All but `passed` need a reason."""

    step: str
    outcome: Outcome = "passed"
    reason: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Reopen:
    """Take a tick back."""

    step: str


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin a step: its phase is entered, and the triggers that its controlled spike would fire are muted."""

    step: str


@dataclass(frozen=True, slots=True)
class AddNote:
    """Write something down."""

    text: str
    step: str = ""
    happened: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpenIssue:
    """Say that something is wrong."""

    severity: Literal["minor", "major"]
    text: str


@dataclass(frozen=True, slots=True)
class CloseIssue:
    """Say that it is over."""

    issue: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Sign:
    """Sign a phase's checkpoint for a role (empty: the first one still missing)."""

    phase: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class GiveOverride:
    """Go forward against a gate that says `state`, seen with `value`."""

    gate: str
    state: str
    value: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class HoldClock:
    """Stop T now. While held: give or change the reason."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resume:
    """Let T run again."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Recycle:
    """Set T back."""

    t: Seconds
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SetTZero:
    """Set or move T+0."""

    t0: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TakeLead:
    """Take the lead's seat, or give it to `name` / `user` (empty: the one who asks)."""

    name: str = ""
    user: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NameRole:
    """Name the person for a role."""

    role: str
    name: str


@dataclass(frozen=True, slots=True)
class NoteContact:
    """Fill in a contact."""

    contact: str
    value: str


@dataclass(frozen=True, slots=True)
class OpenPoll:
    """Ask every role: go or no-go?"""

    question: str = "Go or no-go?"


@dataclass(frozen=True, slots=True)
class AnswerPoll:
    """One role's answer; `voiced`: said aloud, recorded by the lead."""

    poll: int
    role: str
    answer: Literal["go", "no-go"]
    note: str = ""
    voiced: bool = False


@dataclass(frozen=True, slots=True)
class ClosePoll:
    """End the poll."""

    poll: int


@dataclass(frozen=True, slots=True)
class SetFlags:
    """Perform the flag writes of a step that are still missing: a forward change."""

    step: str
    typed: str
    """The new value (one flag) or the target's name (several), as typed."""
    seen: tuple[tuple[str, FlagValue | None], ...] = ()
    """The values that the dialog showed; another one now is shown, not overwritten."""


@dataclass(frozen=True, slots=True)
class RestoreFlags:
    """Put the flags of a step back to what they were before it was begun."""

    step: str
    typed: str


@dataclass(frozen=True, slots=True)
class SetOneFlag:
    """One flag back to a value that it had earlier in this run or before it. Needs no gate."""

    flag: str
    value: FlagValue
    typed: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadBack:
    """Read the flag of a change that is not verified once more."""

    change: int


@dataclass(frozen=True, slots=True)
class SettleChange:
    """Decide about a change that is not verified: take it as it is, or give it up."""

    change: int
    how: Literal["accepted", "given-up"]
    reason: str


@dataclass(frozen=True, slots=True)
class AcceptDrift:
    """Take somebody else's value as it is."""

    flag: str
    value: FlagValue
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReadFlags:
    """Read all flags now."""


@dataclass(frozen=True, slots=True)
class RollBack:
    """Roll back. Waits for nothing; a standing order once accepted."""

    word: str
    """`rollback`, as typed."""
    moves: tuple[Move, ...]
    """What to write, in order, as the plan showed it."""
    title: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Veto:
    """Stop the countdown, or put the band away, for ten minutes."""

    reason: str


@dataclass(frozen=True, slots=True)
class Mute:
    """Let a trigger only observe for a while (at most half an hour)."""

    trigger: str
    seconds: Seconds
    reason: str


@dataclass(frozen=True, slots=True)
class RetireSeries:
    """Expect a vanished series no longer."""

    metric: str
    labels: Labels
    reason: str


@dataclass(frozen=True, slots=True)
class DraftMessage:
    """Begin a message."""

    comms: str


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Send a message (or note that it was copied elsewhere). `message` 0: one not drafted before."""

    comms: str
    text: str
    message: int = 0
    copied: bool = False


@dataclass(frozen=True, slots=True)
class SnoozeMessage:
    """Let the next message of that kind come later."""

    comms: str
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class SettleMessage:
    """Say whether a message arrived of which nobody knows. What did not may be sent again."""

    message: int
    arrived: bool


@dataclass(frozen=True, slots=True)
class Amend:
    """Take a corrected runbook. `sha256` is of the text that the difference was shown for."""

    runbook: str
    sha256: str
    typed: str


@dataclass(frozen=True, slots=True)
class EndRun:
    """Close the run."""

    outcome: Literal["done", "abandoned"]
    note: str = ""


@dataclass(frozen=True, slots=True)
class StopGuard:
    """Let the guard end; it finishes a rollback first."""

    reason: str = ""


WorkAsk = (
    Resolve
    | Reopen
    | Begin
    | AddNote
    | OpenIssue
    | CloseIssue
    | Sign
    | GiveOverride
    | OpenPoll
    | AnswerPoll
    | ClosePoll
)
ClockAsk = HoldClock | Resume | Recycle | SetTZero
LifeAsk = TakeLead | NameRole | NoteContact | Amend | EndRun | StopGuard
FlagAsk = SetFlags | RestoreFlags | SetOneFlag | ReadBack | SettleChange | AcceptDrift | ReadFlags | RollBack
JudgingAsk = Veto | Mute | RetireSeries
MessageAsk = DraftMessage | SendMessage | SettleMessage | SnoozeMessage

Ask = WorkAsk | ClockAsk | LifeAsk | FlagAsk | JudgingAsk | MessageAsk

ASKS: dict[str, Any] = {kind_of(ask): ask for ask in get_args(Ask)}
"""Every ask by its name on the socket."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an ask led to."""

    seqs: tuple[int, ...] = ()
    """The events that it made."""
    said: str = ""
    """A sentence for the operator, where there is more to say."""
    refused: bool = False
    """Nothing happened; `said` says why, and the next move."""
    at: datetime | None = field(default=None)


def encode_ask(ask: Ask) -> tuple[str, str]:
    """The ask's name and its JSON."""
    kind: Any = type(ask)
    return kind_of(kind), adapter(kind).dump_json(ask).decode()


def decode_ask(kind: str, payload: str | bytes) -> Ask:
    """The ask that `encode_ask` wrote. Raises Refused for one that this guard does not know, or of another shape."""
    if kind not in ASKS:
        raise Refused(f"this guard does not know '{kind}': it runs another version than the screen")
    try:
        return adapter(ASKS[kind]).validate_json(payload)  # type: ignore[no-any-return]
    except ValueError as error:
        raise Refused(f"'{kind}' came in another shape than this guard knows: it runs another version") from error
