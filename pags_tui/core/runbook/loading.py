"""Loads a runbook: a text in, a resolved Runbook out, or one error with every fault of the file.

It opens no file and asks no service.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from typing import Any
from zoneinfo import ZoneInfo

from pags_tui.core.errors import Fault, RunbookError
from pags_tui.core.runbook import building, checks, sections
from pags_tui.core.runbook.base import Path, identifier, slug
from pags_tui.core.runbook.draft import Draft
from pags_tui.core.runbook.model import PhaseGroup, Runbook
from pags_tui.core.runbook.scope import Scope
from pags_tui.core.runbook.sheets import outline
from pags_tui.core.runbook.signals import Trigger

TOP_KEYS = (
    *("runbook", "contacts", "services", "roles", "metrics", "flags", "phases", "triggers", "rollback", "comms"),
    *("notify", "success", "follow_ups"),
)
HEAD_KEYS = ("id", "title", "timezone", "traffic", "window", "lead", "parts")


def load(text: str, file: str = "runbook.toml") -> Runbook:
    """The runbook that `text` is; `file` is its name in messages.

    Raises RunbookError with every fault, each as FILE:LINE:COLUMN, and nothing else.
    """
    try:
        draft = Draft(file, text)
        return _runbook(draft, toml_values(text, file))
    except RecursionError:
        raise RunbookError(
            (Fault(file, 1, 1, "this is nested too deeply; a runbook needs no more than six levels"),)
        ) from None


def toml_values(text: str, file: str) -> dict[str, Any]:
    """The values of a TOML text. Raises RunbookError with the place of what is no TOML."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except ValueError as error:  # TOMLDecodeError, and a number too long for Python to read
        raise RunbookError((_syntax(text, file, str(error)),)) from None


def _syntax(text: str, file: str, message: str) -> Fault:
    """A fault for what `tomllib` refuses; its place is part of its message."""
    text = text.removeprefix("\ufeff")
    found = re.search(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    lines = text.split("\n")
    line, column = len(lines), len(lines[-1]) + 1
    if found and found[1]:
        line, column = int(found[1]), int(found[2])
    elif found is None:
        line, column, message = 1, 1, "a number is too long to be read; shorten it"
    what = message[: found.start()] if found else message
    return Fault(file, line, column, f"this is no TOML: {HELP.get(what, what[:1].lower() + what[1:])}", code="syntax")


HELP = {
    "Cannot overwrite a value": "this key is here twice; keep one",
    "Expected '=' after a key in a key/value pair": "a `=` is missing after the key",
    "Invalid value": "this is no value; text goes in quotes",
    "Expected newline or end of document after a statement": "a line ends here; begin a new one",
    "Unclosed array": "a list is not closed; a `,` or `]` is missing",
    "Unclosed inline table": "a table is not closed; a `,` or `}` is missing",
    "Illegal character '\\n'": "a text is not closed; a quote is missing",
    "Unterminated string": "a text is not closed; a quote is missing",
}


def _runbook(draft: Draft, data: dict[str, Any]) -> Runbook:
    data = draft.table(data, (), TOP_KEYS)
    services = sections.services(draft, data)
    metrics, flags = sections.metrics(draft, data), sections.flags(draft, data)
    roles, comms = sections.roles(draft, data), sections.messages(draft, data)
    triggers = sections.entries(draft, data, "triggers", sections.keys_of(Trigger))
    scope = Scope(
        draft=draft,
        outline=outline(draft, data),
        services=services,
        metrics=metrics,
        flags=flags,
        known_metrics=_names(data, "metrics"),
        known_flags=_names(data, "flags"),
        roles=_names(data, "roles"),
        triggers=_names(data, "triggers"),
    )
    keys = _head(scope, data)
    keys |= {"contacts": sections.contacts(draft, data), "services": services, "roles": roles, "metrics": metrics}
    keys |= {"flags": flags, "phases": building.phases(scope), "triggers": building.triggers(scope, triggers)}
    keys |= {"rollback": building.rollback(scope, data), "comms": building.messages(scope, comms)}
    keys |= {"notify": sections.notify(draft, data, _webhooks(data)), "success": building.success(scope)}
    keys |= {"follow_ups": building.follow_ups(scope), "file": draft.file, "text": draft.text}
    keys["sha256"] = hashlib.sha256(draft.text.encode("utf-8", "surrogatepass")).hexdigest()
    checks.check(scope, data)
    draft.refuse_if_faulty()
    return Runbook.model_validate(keys, strict=True)


def _names(data: dict[str, Any], section: str) -> tuple[str, ...]:
    """The ids written in a section, those of faulty entries too."""
    written = data.get(section)
    return tuple(written) if isinstance(written, dict) else ()


def _webhooks(data: dict[str, Any]) -> tuple[str, ...]:
    services = data.get("services")
    return _names(services, "webhooks") if isinstance(services, dict) else ()


def _head(scope: Scope, data: dict[str, Any]) -> dict[str, Any]:
    """`[runbook]`: name, title, zone, window and the headings over phases."""
    draft, path = scope.draft, ("runbook",)
    if "runbook" not in data:
        draft.fault((), "there is no [runbook]; begin with it, and give it an `id` and a `title`", "missing-key")
        return {}
    keys = draft.table(data["runbook"], path, HEAD_KEYS)
    if not isinstance(data["runbook"], dict):
        return {}
    _identity(draft, keys, path)
    _zone(draft, keys.get("timezone", "UTC"), (*path, "timezone"))
    if "traffic" in keys:
        draft.name(keys["traffic"], (*path, "traffic"), "flag", scope.known_flags)
    if "lead" in keys:
        draft.name(keys["lead"], (*path, "lead"), "role", scope.roles)
    if "window" in keys:
        keys["window"] = _window(draft, keys["window"], (*path, "window"))
    if "parts" in keys:
        keys["parts"] = _parts(scope, keys["parts"], (*path, "parts"))
    _types(draft, keys, path)
    return {key: value for key, value in keys.items() if value is not None}


def _identity(draft: Draft, keys: dict[str, Any], path: Path) -> None:
    """An id, and a title: each is made from the other when missing."""
    if "id" not in keys and "title" not in keys:
        draft.fault(path, "'id' is missing; add it", "missing-key")
        return
    if "id" not in keys and isinstance(keys.get("title"), str):
        keys["id"] = slug(keys["title"]) or "runbook"
    if isinstance(keys.get("id"), str):
        keys.setdefault("title", keys["id"])
    try:
        identifier(str(keys.get("id", "x")))
    except ValueError as error:
        draft.fault((*path, "id"), str(error), "invalid-id")


def _types(draft: Draft, keys: dict[str, Any], path: Path) -> None:
    for key in ("id", "title"):
        if key in keys and not (isinstance(keys[key], str) and keys[key]):
            draft.fault((*path, key), "this must be text, and not empty", "wrong-type")


def _zone(draft: Draft, name: object, path: Path) -> None:
    if name == "UTC":
        return
    try:
        ZoneInfo(name if isinstance(name, str) else "")
    except (KeyError, ValueError, OSError):
        draft.fault(path, f"'{name}' is no time zone; write one such as UTC or Europe/Berlin", "unknown-zone")


def _window(draft: Draft, value: object, path: Path) -> tuple[float, float] | None:
    from pags_tui.core.units import UnitError, parse_offset

    ends = value.split("..") if isinstance(value, str) else []
    try:
        first, last = (parse_offset(end.strip()) for end in ends)
    except (UnitError, ValueError):
        draft.fault(path, f"'{value}' is no window; write it like T-60m..T+240m")
        return None
    if first >= last:
        draft.fault(path, f"the window ends before it begins; write {ends[1]}..{ends[0]}")
    return first, last


def _parts(scope: Scope, value: object, path: Path) -> tuple[PhaseGroup, ...]:
    found = []
    for title, phases in scope.draft.table(value, path).items():
        ids = scope.phases(phases, (*path, title))
        if not title:
            scope.draft.fault((*path, title), "a part needs a heading; write one before the `=`", "empty", at_key=True)
        elif ids:
            found.append(PhaseGroup(title=title, phases=ids))
    return tuple(found)
