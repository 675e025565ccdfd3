"""What must hold between the parts of a runbook, beyond each being right by itself. Notes faults, decides nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pags_tui.core.runbook.base import Path
from pags_tui.core.runbook.draft import instead, missing
from pags_tui.core.runbook.messages import Message
from pags_tui.core.runbook.model import Runbook
from pags_tui.core.runbook.outline import Line
from pags_tui.core.runbook.scope import Scope
from pags_tui.core.runbook.services import VARIABLE

TEMPLATE_NAMES = (
    *("t", "wall", "lead", "status", "traffic", "flags", "metrics", "gates", "issues", "next_checkpoint"),
    *("expected_completion", "contacts"),
)
"""What every template and every text may name."""

NAME = re.compile(r"\{\{-?\s*([A-Za-z_][A-Za-z0-9_]*)")
"""The first name of a `{{ … }}`."""

UNEXPANDED = ("runbook", "contacts", "roles", "metrics", "flags", "triggers", "notify")
"""Sections in which a `${NAME}` would stay as it is, and is never meant."""


def check(scope: Scope, data: Mapping[str, Any]) -> None:
    """Notes every fault between parts of the file."""
    _variables(scope, data)
    _flag_services(scope)
    _unleash_flags(scope)
    captured = _captures(scope)
    repeated = tuple(name for sheet in scope.outline.phases for name in _repeated(sheet.keys))
    for line in scope.outline.lines:
        _texts(scope, line, captured, repeated)
    for sheet in scope.outline.rollback:
        for key in ("title", "loses"):
            _names(scope, sheet.keys.get(key), (*sheet.path, key), (*captured, *TEMPLATE_NAMES))
    _templates(scope, data.get("comms"), captured)


def template_names(runbook: Runbook, message: Message | None = None) -> frozenset[str]:
    """Every name that a template may use: for whoever parses templates, which this package never does.

    With `message` also the fields that a person types for it. Ids have `_` where they have `-`.
    """
    fields = message.fields if message else ()
    return frozenset((*TEMPLATE_NAMES, *(template_name(name) for name in (*runbook.captures, *fields))))


def template_name(name: str) -> str:
    """An id as templates write it: hyphens become underscores."""
    return name.replace("-", "_")


def _variables(scope: Scope, data: Mapping[str, Any]) -> None:
    for section in UNEXPANDED:
        for path, text in texts(data.get(section), (section,)):
            if found := VARIABLE.search(text):
                message = f"{found[0]} is only filled in under [services]; write the value itself"
                scope.draft.fault(path, message, "variable", offset=found.start())


def texts(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text below a value, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, (*path, index))


def _flag_services(scope: Scope) -> None:
    """A flag's service must be configured, unless none is: then all flags are changed by hand."""
    configured = scope.services.flag_services
    for flag in scope.flags.values():
        if not configured or flag.service in configured:
            continue
        if flag.service == "flags":
            message = f"there is no [services.flags]; add it, or name a service: {instead('', configured)}"
            scope.draft.fault(flag.path, message, "unknown-service")
        else:
            message = missing("flag service", flag.service, configured)
            scope.draft.fault((*flag.path, "service"), message, "unknown-service")


def _unleash_flags(scope: Scope) -> None:
    """Unleash holds switches and percentages: a text, or a number of another range, has no place there."""
    for flag in scope.flags.values():
        service = scope.services.flag_services.get(flag.service)
        if service is None or service.kind != "unleash" or flag.type == "boolean":
            continue
        if flag.type == "string":
            message = "Unleash holds booleans and percentages, no texts; let another `service` hold it"
            scope.draft.fault((*flag.path, "type"), message, "unleash-flag")
        elif flag.range is None or flag.range[0] < 0 or flag.range[1] > 100:
            path = flag.path if flag.range is None else (*flag.path, "range")
            message = "in Unleash a number is the percentage of a gradual rollout; write range = [0, 100]"
            scope.draft.fault(path, message, "unleash-flag")


def _captures(scope: Scope) -> dict[str, Line]:
    """The captured names, each the work of one line."""
    found: dict[str, Line] = {}
    for line in scope.outline.lines:
        name = line.keys.get("capture")
        if not isinstance(name, str):
            continue
        path, known = (*line.path, "capture"), template_name(name)
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name):
            scope.draft.fault(path, f"'{name}' is no name; use letters, digits and `_`", "invalid-id")
        elif known in TEMPLATE_NAMES:
            scope.draft.fault(path, f"'{name}' already means something in every text; choose another", "duplicate-id")
        elif known in found and found[known].path != line.path:  # a line that a `foreach` repeats notes it each time
            scope.draft.fault(
                path, f"'{name}' is captured by {found[known].id} already; choose another", "duplicate-id"
            )
        else:
            found[known] = line
    return found


def _repeated(keys: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of a phase's `foreach`, which are filled in by now: one that is left is misspelt or misplaced."""
    each = keys.get("foreach")
    return tuple(each) if isinstance(each, dict) else ()


def _texts(scope: Scope, line: Line, captured: Mapping[str, Line], repeated: tuple[str, ...]) -> None:
    """Names in a line's texts must be known."""
    places = {line.kind: line.text} | {key: line.keys.get(key, "") for key in ("means", "command")}
    for key, text in places.items():
        _names(scope, text, (*line.path, key), (*captured, *TEMPLATE_NAMES), repeated)


def _templates(scope: Scope, comms: object, captured: Iterable[str]) -> None:
    """Names in a message must be known. A template with blocks may make names of its own and is left to Jinja2."""
    for message_id, item in (comms if isinstance(comms, dict) else {}).items():
        template = item.get("template") if isinstance(item, dict) else None
        if isinstance(template, str) and "{%" not in template:
            fields = item.get("fields") if isinstance(item.get("fields"), list) else []
            own = [template_name(name) for name in fields if isinstance(name, str)]
            _names(scope, template, ("comms", message_id, "template"), (*own, *TEMPLATE_NAMES, *captured))


def _names(scope: Scope, text: object, path: Path, known: tuple[str, ...], meant: tuple[str, ...] = ()) -> None:
    for match in NAME.finditer(text) if isinstance(text, str) else ():
        if match[1] not in known:
            message = missing("name", match[1], [name for name in (*meant, *known) if name != match[1]])
            scope.draft.fault(path, message, "unknown-name", offset=match.start(1))
