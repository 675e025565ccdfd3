"""What the dialogs show: frozen values of text that is final, and what an ask needs to be made of them.

A view decides nothing and holds no clock. Whatever other people wrote is cleaned before it comes in here; raw values
that only travel on into an ask (`seen`, `move`, `value`) are not for showing.
"""

from __future__ import annotations

from dataclasses import dataclass

from pags_tui.core.events import Move, Outcome
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.ui.rows import NO_STATUS, Fact, Status

Pair = tuple[str, str]
"""A label and a text."""
Pairs = tuple[Pair, ...]

VETO_REASONS = (
    "false alarm: the metric lies",
    "known cause, being fixed",
    "better already",
    "a rollback would do more harm",
    "the team decided to go on",
)
"""What `v` and a digit from 1 to 5 say."""


@dataclass(frozen=True, slots=True)
class WhyRow:
    """One thing in the way, and what clears it."""

    text: str
    key: str = ""
    """Id of the key in the key table; empty: nothing but time."""
    does: str = ""
    """What to do, in words: `override it with a reason`."""
    step: str = ""
    """The step, gate or trigger that it is about; empty: none."""


@dataclass(frozen=True, slots=True)
class FlagLine:
    """One flag of a change."""

    flag: str
    """Its key, raw: for asks and look-ups."""
    name: str
    """Key and environment name, as shown."""
    now: str
    """`10`, or `not read`."""
    next: str
    read: str
    """`read 2 s ago`."""
    origin: str
    """`set by us at T+00:01`, `not set by us`."""
    result: str = ""
    """What became of the write so far: `verified`, `refused` …; empty before it."""
    status: Status = NO_STATUS
    value: FlagValue | None = None
    """The raw value shown as `now`."""


@dataclass(frozen=True, slots=True)
class FlagView:
    """A forward change: facts first, the question last."""

    step: str
    title: str
    """`Change a flag in PRODUCTION`."""
    text: str
    """The step's own line."""
    lines: tuple[FlagLine, ...]
    means: str
    """What it means to people outside; empty: the runbook does not say."""
    gates: tuple[Fact, ...]
    """Counts by state of the gates that stand before it: `11 pass`."""
    signed: str
    """`checkpoint T+15 signed by ana 22:15:20`; empty: none stands before it."""
    drift: tuple[str, ...]
    progress: str
    """`2/4 verified`, once it was begun."""
    prompt: str
    """`Type the new value to confirm:`."""
    typed: str
    """What must be typed, to the letter."""
    seen: tuple[tuple[str, FlagValue | None], ...]
    """For the ask: each flag and the raw value that is shown here."""
    blockers: tuple[WhyRow, ...]
    """Why it may not happen now; empty: it may."""
    restore: str = ""
    """What to type to put everything back that this step wrote; empty: it wrote nothing."""
    unreal: str = ""
    """That nothing real is changed: a rehearsal, a demo; empty on the night itself."""


@dataclass(frozen=True, slots=True)
class RollbackLine:
    """One flag of a way back."""

    move: Move
    """For the ask."""
    flag: str
    now: str
    after: str
    step: str
    """The line of the runbook that asks for it; empty: none."""
    already: bool
    """It has that value already."""
    status: Status = NO_STATUS


@dataclass(frozen=True, slots=True)
class WayBack:
    """One way back, as things stand."""

    id: str
    """The option's name; empty for the default one."""
    title: str
    summary: str
    """`6 flags · about 4 s · cannot undo: mails already sent`."""
    lines: tuple[RollbackLine, ...]
    left: tuple[RollbackLine, ...]
    """Flags that this run changed and this way leaves alone; they can be added (back to before the night)."""
    manual: tuple[str, ...]
    """What a person does by hand, with the command where there is one."""
    loses: str
    """What it cannot undo; empty: nothing is written down."""
    valid: bool = True


@dataclass(frozen=True, slots=True)
class RollbackView:
    """The plan that F9 opens."""

    title: str
    """`ROLL BACK production`."""
    ways: tuple[WayBack, ...]
    """The default one first; never empty while anything can be written back."""
    prompt: str
    """`Type  rollback  to run it:`."""
    typed: str
    ready: Fact
    """As in the header."""
    considerations: tuple[str, ...] = ()
    running: str = ""
    """`a rollback is running: 3/6 verified`; empty: none."""
    warning: str = ""
    """What should be known first: guard gone, this is no live run …"""


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One step under a signature or an override, with what its gate says."""

    step: str
    text: str
    status: Status
    note: str = ""


@dataclass(frozen=True, slots=True)
class SignView:
    """A checkpoint to be signed."""

    phase: str
    title: str
    """`Sign T+45 Expand to 50% canary`."""
    role: str
    """The id of the first role that has not signed; empty: all have."""
    roles: Pairs
    """Each role that signs, and who has: `signed by ana 22:15:20`, or `not yet`."""
    evidence: tuple[EvidenceLine, ...]
    counts: tuple[Fact, ...]
    prompt: str
    typed: str
    """What must be typed: the phase's id."""
    blockers: tuple[WhyRow, ...]
    note: str = ""
    """`your account has signed already: it will be marked "same account"`."""
    early: tuple[str, ...] = ()
    """What it means to sign before the checkpoint's time; nothing when that has come."""


@dataclass(frozen=True, slots=True)
class OverrideView:
    """A gate to be gone against."""

    step: str
    title: str
    status: Status
    facts: Pairs
    state: str
    """For the ask."""
    value: float | None
    """For the ask."""
    covers: str
    """What the override would cover, and how long."""
    refused: str = ""
    """Why there can be none; empty: a reason is enough."""


@dataclass(frozen=True, slots=True)
class ResumeView:
    """T to run again."""

    title: str
    facts: Pairs
    waiting: tuple[EvidenceLine, ...]
    """Gates of the present phase that do not pass."""
    needs_reason: bool
    refused: str = ""


@dataclass(frozen=True, slots=True)
class RecycleLine:
    """One flag against its value at that T."""

    flag: str
    then: str
    now: str
    same: bool
    status: Status


@dataclass(frozen=True, slots=True)
class RecycleView:
    """T to be set back."""

    t: Seconds
    title: str
    """`Recycle to T+15`."""
    lines: tuple[RecycleLine, ...]
    reopened: str
    """`9 outcomes and 2 signatures open again`."""
    choices: tuple[tuple[Seconds, str], ...]
    """Sensible places to go back to: the phases entered so far, newest first."""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class OwedView:
    """A change of which nobody knows, or nobody has decided, whether it took effect."""

    change: int
    title: str
    """`canary-percentage: the write is unknown`."""
    result: str
    """`unknown`, `mismatch`, `unverified`."""
    facts: Pairs
    """Ours against theirs, when, by whom, what the service said."""
    curl: str
    """The write by hand; empty where none is known."""
    can_accept: bool
    accept: str
    """What accepting means, or why it cannot be accepted."""
    give_up: str
    """What giving up means."""
    others: int = 0
    """Further changes that are owed."""


@dataclass(frozen=True, slots=True)
class OutcomeChoice:
    """One outcome that a step may get."""

    outcome: Outcome
    needs_reason: bool
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """A step to get another outcome."""

    step: str
    title: str
    present: str
    """Its outcome so far, with reason and name; empty while open."""
    choices: tuple[OutcomeChoice, ...]
    capture: str = ""
    """The name of the value that it captures; empty: none."""
    captured: str = ""
    facts: Pairs = ()


@dataclass(frozen=True, slots=True)
class LeadView:
    """The lead's seat, to be taken or given."""

    title: str
    lead: str
    mine: bool
    """The seat is mine already."""
    facts: Pairs
    prompt: str
    typed: str
    people: Pairs = ()
    """Roles and the names behind them: who it could be given to."""


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message, drafted; a person completes and sends it."""

    comms: str
    message: int
    """Number of the draft; 0: none yet."""
    title: str
    facts: Pairs
    """Channel, addressees, why and when it is due."""
    fields: Pairs
    """What a person must type: name, value so far."""
    text: str
    """The drafted text, line by line as it would go out (newlines kept, everything else cleaned)."""
    sends: bool
    """True: it can be sent from here; False: shown and copied."""
    problem: str = ""
    """Why the template could not be filled in; empty when it could."""
    doubt: bool = False
    """It was sent, and nobody knows whether it arrived."""


@dataclass(frozen=True, slots=True)
class PollRow:
    """One role's answer."""

    role: str
    title: str
    name: str
    answer: str
    """`go`, `no-go`, or empty."""
    status: Status
    note: str = ""
    """`voiced, recorded by ana`."""


@dataclass(frozen=True, slots=True)
class PollView:
    """The last go/no-go poll."""

    poll: int
    """0: none was opened yet."""
    question: str
    open: bool
    rows: tuple[PollRow, ...]
    counts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class HelpView:
    """Help for where I am."""

    title: str
    here: tuple[str, ...]
    """What is shown here, in plain lines."""
    keys: Pairs
    """Key, and what it does (or why it is off)."""
    marks: tuple[tuple[Status, str], ...]
    """Each mark and what it says."""


@dataclass(frozen=True, slots=True)
class DriftView:
    """A flag that somebody else changed."""

    flag: str
    title: str
    facts: Pairs
    value: FlagValue
    """For the ask."""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class OneFlagChoice:
    """A value that a flag had earlier."""

    value: FlagValue
    """For the ask."""
    text: str
    """As it must be typed."""
    note: str


@dataclass(frozen=True, slots=True)
class OneFlagView:
    """One flag back to a value that it had earlier in this run or before it."""

    flag: str
    title: str
    now: str
    choices: tuple[OneFlagChoice, ...]
