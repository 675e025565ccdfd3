"""Times and lengths as people write them in documents, turned into those of a runbook. Reads single lines only."""

from __future__ import annotations

import re
import unicodedata

from pags_tui.core.runbook.base import slug
from pags_tui.core.units import show_duration, show_offset

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
UNIT = r"(?P<unit>weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)?(?![A-Za-z])"
OFFSET = re.compile(rf"\bT\s*(?P<sign>[+\-−–])\s*(?P<count>\d+(?:\.\d+)?)\s*{UNIT}", re.I)
ZERO = re.compile(r"\bT\s*=?\s*0\b|\bT0\b")
RANGE = re.compile(r"T\s*[+\-−–]\s*\d+\w*\s*(?:to|until|\.\.|–|—|-)\s*T?\s*[+\-−–]?\s*\d+", re.I)
LENGTH = re.compile(
    r"(?P<count>\d+(?:\.\d+)?)\s*\+?\s*-?\s*(?P<unit>weeks?|days?|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s|d)\b",
    re.I,
)
FOR = re.compile(r"\bfor\s+(?:at least\s+|another\s+)?" + LENGTH.pattern, re.I)


def offset_of(text: str) -> tuple[str, str] | None:
    """The first T offset of a text as a runbook writes it, and the text without it. Bare numbers are minutes."""
    if RANGE.search(text):
        return None
    if found := OFFSET.search(text):
        sign = 1 if found["sign"] == "+" else -1
        return show_offset(sign * _seconds(found["count"], found["unit"] or "m")), _without(text, found)
    if found := ZERO.search(text):
        return "T+0", _without(text, found)
    return None


def _without(text: str, found: re.Match[str]) -> str:
    rest = f"{text[: found.start()]} {text[found.end() :]}"
    rest = re.sub(r"[(\[]\s*[)\]]", " ", rest)
    return re.sub(r"\s{2,}", " ", rest).strip(" :-–—|").strip()


def length_of(text: str) -> str | None:
    """The first length of time in a text, such as `30m`."""
    found = LENGTH.search(text)
    return None if found is None else show_duration(_seconds(found["count"], found["unit"]))


def for_of(text: str) -> str | None:
    """The length behind `for` in a text."""
    found = FOR.search(text)
    return None if found is None else show_duration(_seconds(found["count"], found["unit"]))


def _seconds(count: str, unit: str) -> float:
    return float(count) * SECONDS[unit[0].lower()]


def ident(text: str, otherwise: str) -> str:
    """An id in plain letters, as keys of a TOML file are written without quotes."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return slug(folded) or otherwise


def plain(text: str) -> str:
    """A text without Markdown's marks of emphasis; a link as `text (address)`."""
    text = re.sub(r"\[([^\]]+)\]\(([^)\s]+)[^)]*\)", r"\1 (\2)", text)
    text = re.sub(r"\*\*|__", "", text)
    text = re.sub(r"(?<![\w*])[*_](?=\S)([^*_]+?)(?<=\S)[*_](?![\w*])", r"\1", text)
    return " ".join(text.split())


def label_of(text: str) -> tuple[str, str] | None:
    """`**Name**: rest` (or `Name:` alone on its line) as its two parts; None for anything else."""
    bold = re.match(r"^(\*\*|__)(?P<name>.+?)\1\s*:?\s*(?P<rest>.*)$", text)
    if bold:
        return plain(bold["name"]).rstrip(": "), bold["rest"].lstrip(":-– ").strip()
    short = re.match(r"^(?P<name>[A-Z][\w /&-]{1,70}?):\s*(?P<rest>.*)$", text)
    return (short["name"].strip(), short["rest"].strip()) if short else None
