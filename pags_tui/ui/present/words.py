"""Small words that every row is made of: times, values, states, other people's text. It looks at no clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from pags_tui.core.conditions import show_flag_value
from pags_tui.core.events import Actor
from pags_tui.core.plan.rollback import NOT_NOTED, noted
from pags_tui.core.runbook import Runbook, Step
from pags_tui.core.series import FlagValue, Labels, Seconds
from pags_tui.core.units import Unit, show, show_clock, show_duration, show_offset
from pags_tui.ui.rows import FooterKey
from pags_tui.ui.scene import Scene
from pags_tui.ui.text import clean as clean

Keys = Mapping[str, str]
"""Id of a key to how it is printed."""

KEYS: Keys = MappingProxyType({
    "rollback": "F9", "veto": "v", "act": "a", "tick": "space", "sign": "s", "hold": "h", "override": "o",
    "outcome": "x", "open": "↵", "why": "w", "message": "m", "poll": "p", "owed": "^p", "drift": "^p", "recycle": "^p",
})  # fmt: skip
"""As printed where nobody mapped them anew; what is not here is found by name, with ^p."""

_FAR = timedelta(hours=20)
"""Farther away than this a time of day needs its weekday."""


def key(id_: str, label: str, *, loud: bool = False) -> FooterKey:
    """A key for a band, as printed."""
    return FooterKey(KEYS.get(id_, "^p"), label, loud=loud)


# ---------------------------------------------------------------- time


@lru_cache(maxsize=16)
def zone_of(name: str) -> tzinfo:
    """The zone of that name; UTC where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def zone(runbook: Runbook) -> tzinfo:
    """The zone in which the runbook's wall times are shown."""
    return zone_of(runbook.timezone)


def hms(moment: datetime, runbook: Runbook) -> str:
    """`22:22:41`, in the runbook's zone."""
    return moment.astimezone(zone(runbook)).strftime("%H:%M:%S")


def zone_name(moment: datetime, runbook: Runbook) -> str:
    """`UTC`, `CET`."""
    return moment.astimezone(zone(runbook)).tzname() or "UTC"


def hm(moment: datetime, now: datetime, runbook: Runbook) -> str:
    """`01:05`; with its weekday where that is not plain: `Thu 01:05`, with its date a week away."""
    local, apart = moment.astimezone(zone(runbook)), abs(moment - now)
    if apart > timedelta(days=6):
        return local.strftime("%d %b %H:%M")
    return local.strftime("%a %H:%M" if apart > _FAR else "%H:%M")


def at_text(seconds: Seconds) -> str:
    """A place on T, short: `T+15` in minutes, else as the runbook writes it (`T+90s`, `T+2d`)."""
    whole = round(seconds)
    if whole % 60 or abs(whole) >= 86400:
        return show_offset(seconds)
    return f"T{'-' if whole < 0 else '+'}{abs(whole) // 60}"


def minutes(seconds: Seconds) -> str:
    """A long countdown: `97:12`; from ten hours on in hours."""
    whole = int(abs(seconds))
    return show_clock(whole) if whole >= 36000 else f"{whole // 60:02}:{whole % 60:02}"


def late(seconds: Seconds) -> str:
    """How late, in a narrow column: `+3:10`, `-0:30`."""
    whole = int(abs(seconds))
    return f"{'-' if seconds < 0 else '+'}{whole // 60}:{whole % 60:02}" if whole < 36000 else f"+{whole // 3600}h"


def ago(seconds: Seconds) -> str:
    """`2 s ago`, `3m10s ago`."""
    whole = max(0, int(seconds))
    return f"{whole} s ago" if whole < 60 else f"{show_duration(whole)} ago"


def since(moment: datetime | None, now: datetime) -> Seconds:
    """Seconds from that moment on; 0 for none."""
    return (now - moment).total_seconds() if moment else 0.0


# ---------------------------------------------------------------- values


def unit_of(runbook: Runbook, metric: str | None) -> Unit:
    """The unit of that metric; a count where it is not known."""
    found = runbook.metrics.get(metric or "")
    return found.unit if found else Unit.COUNT


def value_text(runbook: Runbook, metric: str | None, value: float | None) -> str:
    """A metric's value in its unit; a dash for none."""
    return show(value, unit_of(runbook, metric))


def flag_text(value: FlagValue | None) -> str:
    """A flag's value, safe to show; `not read` for none."""
    return "not read" if value is None else clean(show_flag_value(value))


def series_text(metric: str, labels: Labels | None) -> str:
    """`queue-depth{queue="mail"}`, safe to show."""
    pairs = ",".join(f'{name}="{value}"' for name, value in labels or ())
    return clean(f"{metric}{{{pairs}}}" if pairs else metric)


_OPS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
_OPPOSITE = {"<=": ">", ">=": "<", "<": "≥", ">": "≤", "==": "≠", "!=": "="}


def bound_text(bound: str | None, *, broken: bool = False) -> str:
    """A test as the screen writes it: `< 0.5%`, `≤ 300ms`; broken, what is true instead: `≥ 0.5%`."""
    if not bound:
        return ""
    op, _, rest = bound.partition(" ")
    if op == "in":
        return f"outside {rest}" if broken else rest
    return f"{(_OPPOSITE if broken else _OPS).get(op, op)} {rest}"


def tight(bound: str) -> str:
    """A bound without its space, for narrow columns: `<0.5%`."""
    return bound.replace(" ", "", 1) if bound[:1] in "<>≤≥=≠" else bound


def plural(count: int, word: str, many: str = "") -> str:
    """`1 flag`, `2 flags`."""
    return f"{count} {word if count == 1 else many or word + 's'}"


def who(actor: Actor) -> str:
    """Who did it; the guard by its name."""
    return clean(actor.shown)


def quoted(text: str) -> str:
    """A line of somebody's, in quotes."""
    return f"'{clean(text)}'"


def tail(text: str, lead: str = ": ") -> str:
    """A reason behind a sentence, where there is one."""
    return f"{lead}{clean(text)}" if text else ""


def filled(text: str, captures: Mapping[str, str], missing: str | None = None) -> str:
    """The line with its captured values. What was not noted stays as it is written, or prints as `missing`."""
    return clean(noted(text, captures, missing))


def step_text(scene: Scene, step: Step) -> str:
    """The step's line as it stands on the screen."""
    return filled(step.text, scene.state.captures, NOT_NOTED if step.section == "rollback" else None)


def flag_name(runbook: Runbook, flag: str) -> str:
    """Key and environment name: `canary-percentage (VITE_CANARY_PERCENTAGE)`."""
    known = runbook.flags.get(flag)
    return clean(f"{flag} ({known.env})" if known and known.env else flag)


def role_name(runbook: Runbook, role: str) -> str:
    """The role's title, else its id."""
    return clean(runbook.roles[role].title if role in runbook.roles else role)


def target(scene: Scene) -> str:
    """What is changed: `production`."""
    return clean(scene.state.run.target if scene.state.run else scene.state.runbook.target)
