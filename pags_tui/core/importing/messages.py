"""Message templates: `[Brackets]` and `X.X%` become names that the war room, or a person, fills in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pags_tui.core.runbook.base import slug

KNOWN = {
    "status": "status",
    "traffic": "traffic",
    "issues": 'issues or "None"',
    "next checkpoint": "next_checkpoint",
    "expected completion": "expected_completion",
    "lead": "lead",
    "time": "wall",
}
"""What the war room knows by itself, by the words before a blank."""
TAKEN = {*KNOWN.values(), "t", "wall", "metrics", "flags", "gates", "contacts", "issues"}
CLOCK = re.compile(r"\bT\s*[+-]\s*X+\s*(?:min)?")
BLANK = re.compile(r"\[([^\[\]\n]{2,60})\]|<([A-Za-z][\w /-]{2,40})>")
NUMBER = re.compile(r"(?P<name>[A-Za-z][\w ]*?)\s+X+(?:\.X+)?\s*(?:%|ms|s)(?![A-Za-z])")


def template_of(text: str, metrics: Iterable[str]) -> tuple[str, list[str]]:
    """The template, and the fields that a person types for it."""
    fields: list[str] = []
    names = set(metrics)
    text = text.replace("{{", "{ {").replace("{%", "{ %")
    lines = [_line(line.rstrip(), names, fields) for line in text.strip("\n").splitlines()]
    return "\n".join(lines) + "\n", fields


def _line(line: str, metrics: set[str], fields: list[str]) -> str:
    line = CLOCK.sub("{{ t }}", line.replace("[T", "[ T") if CLOCK.search(line) else line).replace("[ {{", "[{{")
    line = NUMBER.sub(lambda found: _metric(found, metrics), line)

    def fill(found: re.Match[str]) -> str:
        words, before = found[1] or found[2], line[: found.start()]
        label = re.search(r"([A-Za-z][\w ]*?)\s*:\s*$", before)
        known = KNOWN.get((label[1] if label else words).strip().lower())
        if known:
            return "{{ " + known + " }}"
        name = slug(label[1] if label else words).replace("-", "_") or "value"
        name = f"the_{name}" if name in TAKEN or not name[0].isalpha() else name
        if name not in fields:
            fields.append(name)
        return "{{ " + name + " }}"

    return BLANK.sub(lambda found: found[0] if "{{" in found[0] else fill(found), line)


def _metric(found: re.Match[str], metrics: set[str]) -> str:
    words = re.sub(r"^.*:\s*", "", found["name"])
    name = slug(words)
    return f"{found['name']} {{{{ metrics.{name.replace('-', '_')} }}}}" if name in metrics else found[0]
