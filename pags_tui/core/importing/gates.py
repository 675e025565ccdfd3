"""Sentences with a number in them, as conditions: `Error rate < 0.5%`. The query stays to be written by a person."""

from __future__ import annotations

import re
from typing import NamedTuple

from pags_tui.core.importing.book import Book, Metric
from pags_tui.core.importing.words import LENGTH, for_of, ident
from pags_tui.core.runbook.base import slug

SIGNS = {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "≤": "<=", "≥": ">=", "=": "=="}
WORDS = {
    "less than": "<",
    "fewer than": "<",
    "below": "<",
    "under": "<",
    "lower than": "<",
    "at most": "<=",
    "no more than": "<=",
    "more than": ">",
    "greater than": ">",
    "above": ">",
    "over": ">",
    "exceeds": ">",
    "higher than": ">",
    "at least": ">=",
    "no less than": ">=",
}
UNITS = {
    "%": ("%", "ratio"),
    "ms": ("ms", "seconds"),
    "s": ("s", "seconds"),
    "sec": ("s", "seconds"),
    "second": ("s", "seconds"),
    "m": ("m", "seconds"),
    "min": ("m", "seconds"),
    "minute": ("m", "seconds"),
    "h": ("h", "seconds"),
    "hour": ("h", "seconds"),
    "b": ("B", "bytes"),
    "kb": ("kB", "bytes"),
    "mb": ("MB", "bytes"),
    "gb": ("GB", "bytes"),
    "kib": ("KiB", "bytes"),
    "mib": ("MiB", "bytes"),
    "gib": ("GiB", "bytes"),
    "/s": ("/s", "per-second"),
    "rps": ("/s", "per-second"),
    "": ("", "count"),
}
_UNIT = r"(?P<unit>%|/s\b|(?:ms|seconds?|secs?|s|minutes?|mins?|m|hours?|h|[kmg]i?b|b|rps)\b)?"
_OPS = "|".join(re.escape(word) for word in sorted((*SIGNS, *WORDS), key=len, reverse=True))
BOUND = re.compile(rf"(?P<op>{_OPS})\s*(?P<number>\d+(?:\.\d+)?)\s*{_UNIT}(?P<slo>\s+of\s+(?:the\s+)?slo\b)?", re.I)
BETWEEN = re.compile(r"(?P<low>\d+(?:\.\d+)?)\s*%?\s*(?:-|–|to)\s*(?P<high>\d+(?:\.\d+)?)\s*%")
PERCENTILE = re.compile(r"\bp\s?(\d{2})\b", re.I)
LOAD = re.compile(r"\s*(?:load|traffic|canary|rollout|of (?:all )?(?:users|traffic|load))\b", re.I)
"""`Stable under 50% load` says when, not how much."""
GUESSED = {"ratio": "< 1%", "seconds": "<= 1s", "bytes": "<= 1GB", "count": "<= 100", "per-second": "<= 100/s"}
"""Promises that no document made, where one is spoken of without a number."""


class Test(NamedTuple):
    """A bound found in a sentence."""

    text: str
    """`< 0.5%`, `in 20%..30%`."""
    unit: str
    subject: str
    """The sentence without it."""


def gate_of(text: str, book: Book) -> list[str]:
    """The conditions that a line to confirm comes to; none when a person must judge. Notes the metrics it needs."""
    lasts = f" for {length}" if (length := for_of(text) or _plus(text)) else ""
    if re.search(r"\ball slos?\b", text, re.I):
        return [f"all slos{lasts}{_since(text, book)}"]
    if re.search(r"\bmetrics?\s+(?:are\s+|remain\s+|stay\s+)?stable\b", text, re.I):
        return [f"all slos{lasts}"]
    if re.search(r"\bno\s+(?:rollback\s+)?triggers?\b", text, re.I):
        return ["no triggers"]
    if test := test_of(text):
        return [f"{metric(book, test.subject, test.unit)} {test.text}{lasts}"]
    if found := re.search(r"\s*\bwithin\s+(?:its\s+|the\s+)?slos?\b", text, re.I):
        name = metric(book, text[: found.start()], _guess(text))
        promise(book, name)
        return [f"{name} within slo"]
    return []


def test_of(text: str) -> Test | None:
    """The bound in a sentence; None without one. A bare number behind a word (`at least 3 people`) is none."""
    if found := BETWEEN.search(text):
        return Test(f"in {found['low']}%..{found['high']}%", "ratio", _without(text, found))
    for found in BOUND.finditer(text):
        op, unit = found["op"].lower(), (found["unit"] or "").lower()
        if op in WORDS and (not unit or LOAD.match(text, found.end())):
            continue
        suffix, kind = UNITS.get(unit) or UNITS[unit.rstrip("s")]
        sign = SIGNS.get(op) or WORDS[op]
        if found["slo"]:
            return Test(f"{sign} {found['number']}% of slo", _guess(text), _without(text, found))
        return Test(f"{sign} {found['number']}{suffix}", kind, _without(text, found))
    return None


def trigger_of(name: str, rest: str, book: Book) -> tuple[str, str]:
    """The condition of a trigger, and what is still to be said about it."""
    lasts, note = for_of(rest), ""
    if lasts is None:
        lasts, note = "5m", "the document does not say for how long"
    percentile = PERCENTILE.search(rest)
    subject = f"{name} {percentile[0] if percentile else ''}"
    if test := test_of(rest):
        named = metric(book, subject, test.unit)
        if "of slo" in test.text:
            promise(book, named)
        return f"{named} {test.text} for {lasts}", note
    return f"{metric(book, subject, 'count')} > 0 for {lasts}", "the document gives no number"


def metric(book: Book, subject: str, unit: str) -> str:
    """The id of the metric that a sentence speaks of; a new one when it is the first to do so."""
    title = _title(subject)
    found = PERCENTILE.search(title)
    rest = PERCENTILE.sub(" ", title)
    name = ident(f"p{found[1]} {rest}" if found else rest, f"metric-{len(book.metrics) + 1}")
    while name in book.metrics and book.metrics[name].unit != unit:
        name = f"{name}-{unit}"
    book.metrics.setdefault(name, Metric(title, unit))
    return name


def promise(book: Book, name: str) -> None:
    """Gives a metric an SLO to be held against, where the document speaks of one and gives no number."""
    known = book.metrics[name]
    if not known.slo:
        known.slo, known.guessed = GUESSED[known.unit], True


def _title(subject: str) -> str:
    text = re.sub(r"\bfor\s+" + LENGTH.pattern, " ", subject, flags=re.I)
    text = re.sub(r"[^\w%/ -]+", " ", text)
    text = re.sub(r"\b(?:is|are|stays?|remains?|should be|must be|the|a|an|ago|for)\b", " ", text, flags=re.I)
    words = text.split()[:6]
    return " ".join(words).strip(" -") or "Metric"


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _guess(text: str) -> str:
    return "seconds" if re.search(r"latenc|duration|time|\bp\d\d\b", text, re.I) else "ratio"


def _plus(text: str) -> str | None:
    """`for 2+ hours`, whose plus the plain reading does not know."""
    return for_of(re.sub(r"(\d)\+", r"\1", text))


def _since(text: str, book: Book) -> str:
    """`after full cutover`: from the phase of that name on."""
    found = re.search(r"\b(?:after|since)\s+(?:the\s+)?(.+)$", text, re.I)
    name = slug(found[1]) if found else ""
    phase = next((phase.id for phase in book.phases if name and phase.id.startswith(name)), "")
    return f" since {phase}" if phase else ""
