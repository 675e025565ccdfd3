"""What the widgets show: immutable rows of text that is ready to be drawn.

`present` makes rows, widgets lay them out. A row decides nothing, knows no clock and no terminal: every text in it is
final except for truncation; every state comes as mark, word and level, so that nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How loud something is: the role of its colour."""

    CALM = "calm"
    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "unknown"
    MUTED = "muted"


class Mark(Enum):
    """The glyph of a state; `looks.Glyphs` draws it, in Unicode or ASCII."""

    NONE = "none"
    PASS = "pass"  # noqa: S105 - the word for a gate that holds
    FAIL = "fail"
    UNKNOWN = "unknown"
    STALE = "stale"
    SETTLING = "settling"
    CURRENT = "current"
    FUTURE = "future"
    CHECKPOINT = "checkpoint"
    SKIPPED = "skipped"
    WAIVED = "waived"
    ALARM = "alarm"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Status:
    """A state, told three times over."""

    mark: Mark = Mark.NONE
    word: str = ""
    level: Level = Level.CALM


PASS = Status(Mark.PASS, "pass", Level.OK)
FAIL = Status(Mark.FAIL, "FAIL", Level.BAD)
UNKNOWN = Status(Mark.UNKNOWN, "unknown", Level.UNKNOWN)
STALE = Status(Mark.STALE, "stale", Level.WARN)
SETTLING = Status(Mark.SETTLING, "settling", Level.WARN)
NO_STATUS = Status()


@dataclass(frozen=True, slots=True)
class Fact:
    """One short fact of the header."""

    text: str = ""
    """As shown where there is room: `update due 07:19`."""
    level: Level = Level.CALM
    short: str = ""
    """As shown at 80 columns: `upd 07:19`. Empty: the text itself."""

    def at(self, narrow: bool) -> str:
        """The text for this width class."""
        return self.short if narrow and self.short else self.text


@dataclass(frozen=True, slots=True)
class FooterKey:
    """A key and what it does here and now."""

    key: str
    """As printed: `space`, `F9`, `^p`."""
    label: str
    why_not: str | None = None
    """Why it is off at the moment; None when it works."""
    loud: bool = False
    """The rollback key: never dropped, never dimmed."""


ROLLBACK_KEY = FooterKey("F9/^R", "ROLL BACK", loud=True)


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """Everything that is visible at every size. An empty text is simply left out.

    At 80 columns all of it has a place as long as the short texts keep to the lengths of the examples.
    """

    title: str = ""
    """`PAGS Production Cutover`."""
    run: str = ""
    """The runbook's id, shown in place of the title at 80 columns."""
    target: str = ""
    """What is changed: `production`."""
    kinds: tuple[Fact, ...] = ()
    """LIVE, REHEARSAL, DEMO, REPLAY, WATCHING: those that are true."""
    clock: str = ""
    """T: `T+00:22:41`."""
    state: Fact = Fact()
    """COUNTING, HOLD, ROLLING BACK, ROLLED BACK, DONE."""
    wall: Fact = Fact()
    """`22:22:41 UTC`, short `22:22:41Z`."""
    drift: Fact = Fact()
    """`drift +03:10`, short `+03:10`."""
    finish: Fact = Fact()
    """`finish 01:05`, short `fin 01:05`."""
    traffic: Fact = Fact()
    """`50%`."""
    traffic_part: float | None = None
    """The traffic as 0..1 for its bar; None: no bar."""
    gates: tuple[Fact, ...] = ()
    """Counts by state, best first: `9 pass`, `1 FAIL`, `1 unknown` (short `1 ?`)."""
    trigger: Fact = Fact()
    """The trigger nearest to firing: `queue-depth 04:12/15:00`. The word behind the last blank is never cut."""
    vetoes: Fact = Fact()
    """`2 vetoes`, short `2v`; empty when none."""
    mutes: Fact = Fact()
    """`1 muted`, short `1m`; empty when none."""
    overrides: Fact = Fact()
    """The override that is in force: `OVERRIDE error-rate 12:10`, short `OVR 12:10`."""
    message: Fact = Fact()
    """Next message: `update due 07:19`, short `upd 07:19`."""
    lead: Fact = Fact()
    """`lead ana`."""
    safe: Fact = Fact()
    """`last safe rollback in 97:12`, short `safe rb 97:12`; louder as it comes nearer."""
    data: Fact = Fact()
    """Age of the data: `data 2s`."""
    lost: Fact = Fact()
    """Sources lost: `2 sources lost`, short `2 lost`."""
    guard: Fact = Fact()
    """`guard ok`, or what is wrong with it."""
    issues: Fact = Fact()
    """`2 issues`, short `2 iss`."""
    ready: Fact = Fact()
    """`rollback ready 12s` (short `rb ready 12s`), or `rollback NOT READY` with level BAD."""
    rollback_key: FooterKey = ROLLBACK_KEY


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """A phase, or a checkpoint of one."""

    id: str
    at: str
    """`T+15`."""
    title: str
    status: Status = NO_STATUS
    drift: str = ""
    """`+3:10`."""
    drift_level: Level = Level.CALM
    current: bool = False
    overdue: bool = False
    checkpoint: bool = False


class Kind(Enum):
    """What a line of the checklist is."""

    STEP = "step"
    SECTION = "section"
    """A heading: no cursor, no outcome."""


@dataclass(frozen=True, slots=True)
class ChecklistRow:
    """A step, or the heading of a section (ACTION, MONITOR, CHECKPOINT)."""

    id: str
    text: str
    kind: Kind = Kind.STEP
    status: Status = NO_STATUS
    """The outcome: passed, failed, skipped …; mark NONE while open."""
    verdict: Status | None = None
    """Its gate's state; None for a step without a gate."""
    verdict_note: str = ""
    """Behind the verdict: `45s`, `612 > 500`."""
    change: Fact = Fact()
    """A value change: `10→50 verified`."""
    who: str = ""
    role: str = ""
    """The role that must do it; of a CHECKPOINT section: who signs."""
    note: str = ""
    """Behind a heading (`04:12 of 30:00`), or beside a step (a reason, a captured value)."""
    progress: float | None = None
    """0..1, the bar behind a MONITOR heading."""
    optional: bool = False
    not_yet: bool = False
    """Waits for something before it."""
    disabled: bool = False
    """Does not apply here (`when`, n/a)."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit of a metric, in the metric's unit."""

    value: float
    text: str
    """`0.5%`."""
    bad_above: bool = True
    """True: bad lies above it; False: below."""


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric with its recent course."""

    id: str
    title: str
    value: str
    """`0.42%`; a dash where there is none."""
    status: Status = NO_STATUS
    bound: str = ""
    """`<0.5%`."""
    spark: tuple[float | None, ...] = ()
    """Oldest first, evenly spaced in time; None or NaN where nothing is known."""
    bounds: tuple[Bound, ...] = ()
    marks: tuple[int, ...] = ()
    """Indices into `spark` at which a flag moved."""
    series: int = 1
    """How many series it has; the worst is shown."""
    note: str = ""
    """`data 40s old`, `little traffic`."""


@dataclass(frozen=True, slots=True)
class GateRow:
    """A gate of the present phase."""

    id: str
    title: str
    status: Status
    value: str = ""
    bound: str = ""
    reason: str = ""
    overridden: str = ""
    """`by ana 12:10 left`."""
    hard: bool = False


@dataclass(frozen=True, slots=True)
class TriggerRow:
    """A rollback trigger."""

    id: str
    title: str
    status: Status
    clock: str = ""
    """`04:12/15:00`."""
    part: float | None = None
    """The clock as 0..1."""
    arming: Fact = Fact("armed")
    """armed, unarmed, muted 12:10, observing."""
    now: Status | None = None
    """The unlatched answer, where it differs from a latched `firing`."""
    value: str = ""
    bound: str = ""


@dataclass(frozen=True, slots=True)
class HeadingRow:
    """A line between groups."""

    id: str
    text: str
    note: str = ""


BoardRow = GateRow | TriggerRow | HeadingRow


@dataclass(frozen=True, slots=True)
class LogRow:
    """One event, told in a line."""

    id: str
    wall: str
    text: str
    level: Level = Level.CALM
    who: str = ""


class BandMode(Enum):
    """What the band is about."""

    COUNTDOWN = "countdown"
    ASK = "ask"
    DRIFT = "drift"
    OVERRIDE = "override"
    ROLLBACK = "rollback"
    BLIND = "blind"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class BandRow:
    """The one loud thing: it takes the full width, and never the focus."""

    mode: BandMode
    title: str
    level: Level = Level.BAD
    clock: str = ""
    """What is counted down, in large digits: `42` or `1:42`. Digits and colons only."""
    reading: str = ""
    """`612`."""
    bound: str = ""
    """`> 500 for 15m`."""
    text: str = ""
    """What happens at its end, or what to do."""
    more: tuple[str, ...] = ()
    """Triggers that joined, lines of progress."""
    keys: tuple[FooterKey, ...] = ()


@dataclass(frozen=True, slots=True)
class GraphLine:
    """One series of a graph."""

    name: str
    values: tuple[float | None, ...]
    """Oldest first, evenly spaced; all lines of a graph have the same length."""
    level: Level = Level.CALM


@dataclass(frozen=True, slots=True)
class GraphMark:
    """A moment worth a line: a flag moved, a hold began."""

    index: int
    """Into the values."""
    text: str


def plain_number(value: float) -> str:
    """A number with four significant digits."""
    return f"{value:.4g}"


@dataclass(frozen=True, slots=True)
class GraphRow:
    """A metric over the whole screen."""

    id: str
    title: str
    lines: tuple[GraphLine, ...] = ()
    bounds: tuple[Bound, ...] = ()
    marks: tuple[GraphMark, ...] = ()
    ticks: tuple[tuple[int, str], ...] = ()
    """Labels of the time axis: index into the values, text."""
    status: Status = NO_STATUS
    value: str = ""
    number: Callable[[float], str] = plain_number
    """Prints a value of the axis in the metric's unit."""


@dataclass(frozen=True, slots=True)
class ScrubRow:
    """Where a replay stands."""

    start: str
    now: str
    end: str
    part: float
    """0..1 of the run."""
    playing: bool = False
    speed: str = "1×"
    marks: tuple[tuple[float, Level], ...] = ()
    """Events worth finding: where (0..1), how loud."""
