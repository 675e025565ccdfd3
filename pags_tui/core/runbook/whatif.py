"""A runbook with some of its keys changed, loaded and checked anew: for asking "what if" without touching the file."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterable
from typing import Any

from pags_tui.core.errors import PagsError, RunbookError
from pags_tui.core.runbook.base import Path
from pags_tui.core.runbook.draft import Draft, instead
from pags_tui.core.runbook.loading import _runbook, load, toml_values
from pags_tui.core.runbook.model import Runbook


class ChangeError(PagsError):
    """A change that cannot be made. Says what is wrong with it, and what would be right."""


PIECE = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^."'][^.]*)\s*(?:\.|$)""")
EXAMPLE = "triggers.error-rate.when=error-rate > 2% for 5m"


def load_changed(text: str, file: str, changes: Iterable[str]) -> Runbook:
    """The runbook that `text` would be with those changes, each `KEY=VALUE`.

    KEY is the path into the file (`triggers.error-rate.when`, `phases.canary-10.steps.0.gate`; an item of a list by its
    number from 0, or by its `id`) or a step's name and a key of it (`canary-10/error-rate.gate`). VALUE is TOML where
    the key does not hold a text; a text needs no quotes.

    Raises RunbookError for a text that is no runbook by itself, ChangeError for a change that cannot be made.
    """
    runbook = load(text, file)
    data = toml_values(text, file)
    made = runbook
    for change in changes:
        key, equals, value = change.partition("=")
        if not equals or not key.strip():
            raise ChangeError(f"'{change}' is no KEY=VALUE. Write it like '{EXAMPLE}'")
        data = copy.deepcopy(data)
        _set(data, _path(runbook, key.strip()), key.strip(), value.strip())
        made = _loaded(text, file, data, key.strip())
    return made


def _path(runbook: Runbook, key: str) -> Path:
    """The pieces of a key; a step's name stands for its place in the file."""
    step_id, _, rest = key.rpartition(".")
    found = next((step for step in runbook.steps if step.id == step_id), None)
    if found is not None:
        return (*found.path, rest)
    pieces, at = [], 0
    while at < len(key):
        match = PIECE.match(key, at)
        if match is None:
            raise ChangeError(f"'{key}' is no key of the runbook. Write it like '{EXAMPLE.partition('=')[0]}'")
        pieces.append(_unquoted(match[1].strip()))
        at = match.end()
    return tuple(pieces)


def _unquoted(piece: str) -> str:
    return str(tomllib.loads(f"x = {piece}")["x"]) if piece[0] in "\"'" else piece


def _set(data: dict[str, Any], path: Path, key: str, value: str) -> None:
    """Puts the value there; every table on the way must exist."""
    node: Any = data
    for piece in path[:-1]:
        node = node[_inside(node, piece, key)]
    last: Any = path[-1]
    if isinstance(node, list):
        last = _inside(node, last, key)
    elif not isinstance(node, dict):
        raise ChangeError(f"{key}: '{last}' cannot stand there, the runbook has a single value in its place")
    present = node[last] if isinstance(node, list) else node.get(last)
    node[last] = _value(value, present, key)


def _inside(node: Any, piece: str | int, key: str) -> str | int:
    """The key or index of a piece within a table or a list. Raises ChangeError where there is none."""
    if isinstance(node, dict) and piece in node:
        return piece
    names: list[str] = []
    if isinstance(node, list):
        names = [str(item.get("id", n)) if isinstance(item, dict) else str(n) for n, item in enumerate(node)]
        if str(piece) in names:
            return names.index(str(piece))
        if str(piece).isdigit() and int(piece) < len(node):
            return int(piece)
    elif isinstance(node, dict):
        names = list(map(str, node))
    raise ChangeError(f"{key}: there is no '{piece}' in the runbook; {instead(str(piece), names)}")


def _value(text: str, present: object, key: str) -> object:
    """The value as TOML, or as a text where it is none or the key holds a text."""
    if isinstance(present, str) and text[:1] not in ("[", "{", '"', "'"):
        return text
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        if text[:1] in ("[", "{", '"', "'"):
            raise ChangeError(f"{key}: '{text}' is no TOML value") from None
    return text


def _loaded(text: str, file: str, data: dict[str, Any], key: str) -> Runbook:
    """The changed runbook. The file itself is in order, so whatever is wrong comes from the change."""
    draft = Draft(file, text)
    try:
        return _runbook(draft, data)
    except RunbookError:
        found = draft.findings[0]
        where = f" (at its character {found.offset + 1})" if found.offset is not None else ""
        raise ChangeError(f"{key}: {found.message}{where}") from None


SENTENCE = re.compile(r"((?:(?:every|any)\s+)?[A-Za-z0-9_]\S*)\s+(.+?)(\s+for\s+\S+)?(\s+since\s+\S+)?")


def rewritten(present: str, typed: str) -> str:
    """A condition with a part of it changed: `> 2%` is another bound, `for 5m` another duration, anything else all.

    `present` is the condition as it stands, such as `error-rate > 1% for 10m`.
    """
    typed, found = typed.strip(), SENTENCE.fullmatch(present.strip())
    if found is None or present.startswith("in "):
        return typed
    who, test, held, since = (part or "" for part in found.groups())
    if typed.startswith("for "):
        return f"{who} {test} {typed}{since if ' since ' not in typed else ''}"
    if typed[:1] in "<>=!" or typed.startswith("in ") or typed == "within slo":
        held = "" if " for " in f"{typed} " else held
        new, mark, after = typed.partition(" since ")
        return f"{who} {new}{held}{mark}{after}" if mark else f"{who} {new}{held}{since}"
    return typed


__all__ = ["ChangeError", "load_changed", "rewritten"]
