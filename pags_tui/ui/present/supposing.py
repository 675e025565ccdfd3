"""What if, on the screen: what of the runbook can be supposed to be otherwise, and what would have been then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pags_tui.core.runbook import Runbook
from pags_tui.core.supposed import Supposed, SupposedLine
from pags_tui.core.units import show_t
from pags_tui.ui.present.views import Pairs
from pags_tui.ui.present.words import clean, hms, plural
from pags_tui.ui.rows import Fact, Level
from pags_tui.ui.scene import Scene

WORDS = {"firing": "FIRING", "fail": "FAIL", "": "nothing"}
ENDED = "not any more"


@dataclass(frozen=True, slots=True)
class Supposable:
    """One condition that may be supposed to be otherwise."""

    name: str
    """What is typed to choose it."""
    key: str
    """Its key in the runbook, as `backtest --set` takes it."""
    present: str
    """Its sentence as it stands."""


def supposable(book: Runbook, first: Sequence[str] = ()) -> tuple[Supposable, ...]:
    """Every condition of a trigger, every promise of a metric, every gate; those steps first that are named."""
    triggers = [one for trigger in book.triggers.values()
                for one in _conditions(trigger.id, f"triggers.{trigger.id}.when", trigger.when)]  # fmt: skip
    slos = [Supposable(f"slo {m.id}", f"metrics.{m.id}.slo", str(m.slo)) for m in book.metrics.values() if m.slo]
    steps = sorted((step for step in book.steps if step.judged), key=lambda step: step.id not in first)
    gates = [one for step in steps for one in _conditions(step.id, f"{step.id}.gate", step.gate)]
    return (*triggers, *slos, *gates)


def _conditions(name: str, key: str, found: Sequence[object]) -> Iterator[Supposable]:
    if len(found) == 1:
        yield Supposable(name, key, str(found[0]))
    else:
        yield from (Supposable(f"{name}.{n}", f"{key}.{n}", str(one)) for n, one in enumerate(found))


def supposition(scene: Scene, supposed: Supposed | None) -> tuple[Fact, ...]:
    """One line: what is supposed, what it would say now, and what it did; the loudest difference of this moment."""
    if supposed is None:
        return ()
    head = Fact(f"what if {' · '.join(_change(change) for change in supposed.changes)}:", Level.MUTED)
    apart = [line for line in supposed.lines if _words(line, scene.now)[0] != _words(line, scene.now)[1]]
    if not apart:
        rest = len(supposed.apart())
        told = f"as it was at this moment; {plural(rest, 'difference')} (d)" if rest else "as it was, all the time"
        return head, Fact(told, Level.OK if not rest else Level.CALM)
    line = max(apart, key=lambda one: _rank(one, scene.now))
    did, would = _words(line, scene.now)
    since = line.would_at(scene.now)
    when = f" since {moment(scene, since[0])}" if since else ""
    more = f" · {len(apart) - 1} more otherwise" if len(apart) > 1 else ""
    return head, Fact(f"{clean(line.id)} would be {would}{when}", Level.WARN), Fact(f"· it was {did}{more}")


def _rank(line: SupposedLine, now: datetime) -> int:
    return ["nothing", "inactive", "pass", "settling", "stale", "unknown", "pending", "FAIL", "FIRING"].index(
        _words(line, now)[1]
    )


def _words(line: SupposedLine, now: datetime) -> tuple[str, str]:
    did, would = line.did_at(now), line.would_at(now)
    return tuple(WORDS.get(turn[1] if turn else "", turn[1] if turn else "") for turn in (did, would))  # type: ignore[return-value]


def _change(change: str) -> str:
    """`error-rate > 2% for 5m`; a promise with its metric."""
    key, _, value = change.partition("=")
    name = key.split(".")[1] if key.startswith("metrics.") else ""
    return clean(f"slo of {name} {value}" if name else value)


def differences(scene: Scene, supposed: Supposed) -> Pairs:
    """Line by line: as it was, as supposed, and when the two were apart."""
    rows: list[tuple[str, str]] = []
    for line in supposed.lines:
        rows += [(clean(line.id), clean(line.was)), ("  supposed", clean(line.now))]
        found = line.differences()
        if not found:
            rows.append(("", "the same answers, all the time"))
        for at, did, would in found:
            did, would = (WORDS.get(word, word) for word in (did, would))
            said = f"would be {would}, was {did}" if did != would else f"both {did}"
            rows.append((f"  {moment(scene, at)}", said))
    return tuple(rows) or (("", "no gate and no trigger looks at it"),)


def moment(scene: Scene, at: datetime) -> str:
    """A moment as T, where T ran from then to now; else on the wall."""
    clock = scene.state.clock
    if clock is None or not clock.running or at < clock.at:
        return hms(at, scene.state.runbook)
    return show_t(clock.read(at))


__all__ = ["Supposable", "differences", "moment", "supposable", "supposition"]
