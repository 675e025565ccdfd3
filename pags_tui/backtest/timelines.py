"""What a backtest prints: a timeline per gate and trigger, a character a tick, or JSON lines. Decides nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pags_tui.backtest.playing import Moment, SeriesState
from pags_tui.core.observe import series_name
from pags_tui.core.series import Labels, Seconds
from pags_tui.core.units import show_offset

CHARACTERS: Mapping[str, str] = {
    "inactive": ".",
    "pass": ".",
    "settling": "s",
    "pending": "p",
    "firing": "F",
    "fail": "F",
    "unknown": "U",
    "stale": "~",
}
LEGEND = ". inactive or pass   s settling   p pending   F firing or fail   U unknown   ~ stale"
AXIS_STEP = 20
"""Ticks between two marks on the axis."""
LONGEST_NAME = 48
"""Longer names are cut: the line is there for its ticks."""
NOW = "now"
NOT_YET = " "
"""A series before its first tick."""


class Timelines:
    """Collects the characters of a backtest, tick by tick."""

    def __init__(self) -> None:
        self.times: list[Seconds] = []
        self._rows: dict[tuple[str, str], dict[str, list[str]]] = {}
        """By kind and id, then by what of it: "" for the whole, "now" for it unlatched, else a series' name."""

    def add(self, moment: Moment) -> None:
        """One more tick."""
        self.times.append(moment.t)
        for name, trigger in moment.triggers.items():
            rows = self._rows.setdefault(("trigger", name), {})
            self._put(rows, "", trigger.state)
            self._put(rows, NOW, trigger.now)
            self._series(rows, moment.trigger_series.get(name, ()))
        for name, gate in moment.gates.items():
            rows = self._rows.setdefault(("gate", name), {})
            self._put(rows, "", gate.state)
            self._series(rows, moment.gate_series.get(name, ()))

    def put_line(self, kind: str, id_: str, states: Iterable[str], now: Iterable[str] | None = None) -> None:
        """A whole timeline at once, and the unlatched one of a trigger; `times` must be set."""
        rows = self._rows.setdefault((kind, id_), {})
        rows[""] = [CHARACTERS[state] for state in states]
        if now is not None:
            rows[NOW] = [CHARACTERS[state] for state in now]

    def _put(self, rows: dict[str, list[str]], what: str, state: str) -> None:
        row = rows.setdefault(what, [])
        row += NOT_YET * (len(self.times) - 1 - len(row))
        row.append(CHARACTERS[state])

    def _series(self, rows: dict[str, list[str]], states: Iterable[SeriesState]) -> None:
        for one in states:
            self._put(rows, series_name(one.metric, one.labels), one.state)

    def text(self, width: int | None = None) -> Iterator[str]:
        """The lines to print; folded to `width` columns, or (None) as long as they are."""
        shown = list(self._shown())
        names = [_cut(visible(name)) for name, _ in shown]
        margin = max(map(len, names), default=0) + 2
        chunk = max(1, len(self.times)) if width is None else max(AXIS_STEP, width - margin)
        for start in range(0, len(self.times), chunk):
            yield (" " * margin + axis(self.times[start : start + chunk])).rstrip()
            for name, (_, row) in zip(names, shown, strict=True):
                yield f"{name:<{margin}}{''.join(row[start : start + chunk])}".rstrip()
            yield ""
        yield LEGEND

    def _shown(self) -> Iterator[tuple[str, list[str]]]:
        """Every row with its name; an unlatched one only where it differs."""
        for (kind, id_), rows in self._rows.items():
            yield f"{kind} {id_}", rows[""]
            if NOW in rows and rows[NOW] != rows[""]:
                yield "  unlatched", rows[NOW]
            yield from ((f"  {name}", rows[name]) for name in sorted(rows) if name not in ("", NOW))


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def visible(text: str) -> str:
    """Other people's text with control characters made visible."""
    return "".join(one if one.isprintable() else f"\\x{ord(one):02x}" for one in text)


def axis(times: Sequence[Seconds]) -> str:
    """T at every twentieth tick, standing over it: `|T+0                |T+20m`. The last one only where it fits."""
    marks = [f"|{show_offset(times[n])}" for n in range(0, len(times), AXIS_STEP)]
    if len(marks) > 1 and len(marks[-1]) > (len(times) - 1) % AXIS_STEP + 1:
        del marks[-1]
    return "".join(mark.ljust(AXIS_STEP)[:AXIS_STEP] for mark in marks)


# ---------------------------------------------------------------- JSON lines


def json_lines(moment: Moment, armed: bool) -> Iterator[str]:
    """One object per gate and trigger, and one more per series where they were asked for."""
    t = exact(moment.t)
    for name, trigger in moment.triggers.items():
        head = {"t": t, "kind": "trigger", "id": name}
        yield _line(head, None, trigger.state, trigger.now, armed, trigger.clock, trigger.value, trigger.reason)
        yield from _series_lines(head, armed, moment.trigger_series.get(name, ()))
    for name, gate in moment.gates.items():
        head = {"t": t, "kind": "gate", "id": name}
        yield _line(head, None, gate.state, gate.state, None, gate.clock, gate.value, gate.reason)
        yield from _series_lines(head, None, moment.gate_series.get(name, ()))


def _series_lines(head: Mapping[str, object], armed: bool | None, states: Iterable[SeriesState]) -> Iterator[str]:
    for one in states:
        yield _line(head, one.labels, one.state, one.now, armed, one.clock, one.value, one.reason)


def _line(
    head: Mapping[str, object],
    labels: Labels | None,
    state: str,
    now: str,
    armed: bool | None,
    clock: Seconds,
    value: float | None,
    reason: str,
) -> str:
    return json.dumps(
        {
            **head,
            "series": None if labels is None else dict(labels),
            "state": state,
            "now": now,
            "armed": armed,
            "clock": clock,
            "value": plain(value),
            "reason": reason,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def exact(number: float) -> float | int:
    """Whole seconds without a point, all others to the millisecond."""
    whole = round(number)
    return whole if number == whole else round(number, 3)


def plain(value: float | None) -> float | str | None:
    """A value as JSON has it: a number, "NaN", "+Inf", "-Inf" or null."""
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
