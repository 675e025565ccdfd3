"""Shell blocks of a document: which of them change flags, and which are commands to show. Runs nothing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

FlagValue = bool | int | str

FLAG_URL = re.compile(r"(?P<base>[^\s\"']*)/flags/(?P<key>[\w.-]+)")
VALUE = re.compile(r"-(?:d|-data(?:-raw)?)\s*(?P<quote>['\"])(?P<json>.*?)(?P=quote)(?=\s|$|\\)", re.S)
BEARER = re.compile(r"Bearer\s+(\$\{?\w+\}?)")
EXPORT = re.compile(r"^\s*(?:export\s+)(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>\"[^\"]*\"|'[^']*'|\S+)\s*$", re.M)
COMMENT = re.compile(r"^\s*#\s*(.*?)\s*$", re.M)


@dataclass(slots=True)
class Shell:
    """What a block of code comes to."""

    sets: list[tuple[str, dict[str, FlagValue]]] = field(default_factory=list)
    """Flag writes by the comment above them, in order; exported names still in capitals."""
    rest: str = ""
    """What is no flag write: commands to be shown."""
    service: str = ""
    """Address of the flag service, as written."""
    token: str = ""


def shell_of(text: str) -> Shell:
    """Reads a block. A block of nothing but comments keeps them as its rest."""
    shell, kept, comment = Shell(), [], ""
    for piece in _pieces(text):
        change = _change(piece, shell)
        if change is None:
            if found := COMMENT.fullmatch(piece):
                comment = found[1]
            kept.append(piece)
            continue
        if shell.sets and not comment:
            shell.sets[-1][1].update(change)
        else:
            shell.sets.append((comment, change))
        kept = [line for line in kept if not COMMENT.fullmatch(line)]
        comment = ""
    shell.rest = "\n".join(kept).strip()
    return shell


def _pieces(text: str) -> list[str]:
    """Lines, with those joined that end in a backslash."""
    joined: list[str] = []
    for line in text.splitlines():
        if joined and joined[-1].endswith("\\"):
            joined[-1] += "\n" + line
        elif line.strip():
            joined.append(line)
    return joined


def _change(piece: str, shell: Shell) -> dict[str, FlagValue] | None:
    if found := EXPORT.fullmatch(piece):
        return {found["name"]: value_of(found["value"])}
    url = FLAG_URL.search(piece) if piece.lstrip().startswith("curl") else None
    body = VALUE.search(piece) if url else None
    if url is None or body is None:
        return None
    try:
        value = json.loads(body["json"].replace('\\"', '"'))["value"]
    except (ValueError, KeyError, TypeError):
        return None
    shell.service = shell.service or url["base"]
    if token := BEARER.search(piece):
        shell.token = token[1]
    return {url["key"]: value} if isinstance(value, bool | int | str) else None


def value_of(text: str) -> FlagValue:
    """A shell value as a flag's: true, false, a whole number, or a text."""
    bare = text.strip("\"'")
    if bare.lower() in ("true", "false"):
        return bare.lower() == "true"
    return int(bare) if re.fullmatch(r"-?\d{1,9}", bare) else bare
