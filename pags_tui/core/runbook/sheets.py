"""The outline of a whole file: phases, groups and ways back, with their lines named. Values are read later.

Names come first because a condition may point at any of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pags_tui.core.runbook.base import Path
from pags_tui.core.runbook.draft import Draft
from pags_tui.core.runbook.outline import ONCE, Line, Names, group_id, lines, repeats
from pags_tui.core.runbook.steps import Section

PHASE_KEYS = ("id", "at", "title", "foreach", "hold", "steps", "monitor", "checkpoint")
MONITOR_KEYS = ("title", "for", "role", "steps")
CHECKPOINT_KEYS = ("title", "at", "sign_off", "steps")
SUCCESS_KEYS = ("id", "title", "criteria")
FOLLOW_UP_KEYS = ("id", "title", "within", "from", "items")
OPTION_KEYS = ("title", "steps", "loses", "valid", "duration", "checkpoint")
ROLLBACK_KEYS = (*OPTION_KEYS, "auto", "countdown", "armed", "considerations")


@dataclass(slots=True)
class Sheet:
    """One phase, group or way back as written, with its lines by section."""

    id: str
    path: Path
    keys: dict[str, Any]
    lines: dict[Section, list[Line]] = field(default_factory=dict)
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """`monitor` and `checkpoint` as written."""


@dataclass(slots=True)
class Outline:
    """Everything in the file that has lines."""

    phases: list[Sheet]
    success: list[Sheet]
    follow_ups: list[Sheet]
    rollback: list[Sheet]
    """The default way back first, with an empty id, then the named ones."""

    @property
    def lines(self) -> Iterator[Line]:
        """Every line, in the order of the resolved runbook."""
        for sheet in (*self.phases, *self.success, *self.rollback, *self.follow_ups):
            for some in sheet.lines.values():
                yield from some


def outline(draft: Draft, data: dict[str, Any]) -> Outline:
    """The outline of a file."""
    names = Names(draft)
    return Outline(
        phases=_phases(names, data),
        success=_groups(names, data, "success", "success", SUCCESS_KEYS, "criteria"),
        follow_ups=_groups(names, data, "follow_ups", "follow-ups", FOLLOW_UP_KEYS, "items"),
        rollback=_ways_back(names, data["rollback"]) if "rollback" in data else [],
    )


def _phases(names: Names, data: dict[str, Any]) -> list[Sheet]:
    draft = names.draft
    if "phases" not in data:
        draft.fault((), "there is no [[phases]]; a runbook needs at least one", "missing-key")
        return []
    found = []
    for path, item in draft.tables(data["phases"], ("phases",)):
        keys = draft.table(item, path, PHASE_KEYS)
        sheet = Sheet(group_id(draft, keys, path, "phase"), path, keys)
        names.take("[[phases]]", sheet.id, (*path, "id") if "id" in keys else path, "phase")
        rounds = repeats(draft, keys["foreach"], (*path, "foreach")) if "foreach" in keys else ONCE
        sheet.lines["steps"] = lines(names, keys.get("steps", []), (*path, "steps"), sheet.id, "steps", rounds)
        _part(names, sheet, "monitor", MONITOR_KEYS, rounds)
        _part(names, sheet, "checkpoint", CHECKPOINT_KEYS, rounds)
        found.append(sheet)
    if not found and not draft.findings:
        draft.fault(("phases",), "there is no phase; a runbook needs at least one", "missing-key")
    return found


def _part(names: Names, sheet: Sheet, section: Section, allowed: tuple[str, ...], rounds: tuple[Any, ...]) -> None:
    """The monitor or checkpoint of a phase; its lines share the phase's names."""
    if section in sheet.keys:
        path = (*sheet.path, section)
        part = sheet.parts[section] = names.draft.table(sheet.keys[section], path, allowed)
        sheet.lines[section] = lines(names, part.get("steps", []), (*path, "steps"), sheet.id, section, rounds)


def _groups(
    names: Names, data: dict[str, Any], key: str, section: Section, allowed: tuple[str, ...], list_key: str
) -> list[Sheet]:
    found = []
    for path, item in names.draft.tables(data.get(key, []), (key,)):
        keys = names.draft.table(item, path, allowed)
        sheet = Sheet(group_id(names.draft, keys, path, "group"), path, keys)
        names.take(f"[[{section}]]", sheet.id, path, "group")
        place = f"{section}.{sheet.id}"
        sheet.lines[section] = lines(names, keys.get(list_key, []), (*path, list_key), place, section)
        found.append(sheet)
    return found


def _ways_back(names: Names, value: object) -> list[Sheet]:
    """The default way back and every named one: a table of another name than the known keys."""
    path: Path = ("rollback",)
    given = names.draft.table(value, path)
    options = {name: item for name, item in given.items() if name not in ROLLBACK_KEYS and isinstance(item, dict)}
    for name in options:
        if close := difflib.get_close_matches(name, ("checkpoint", "armed"), 1, 0.8):
            names.draft.fault(
                (*path, name), f"there is no key '{name}' here; did you mean '{close[0]}'?", "unknown-key", at_key=True
            )
    own = names.draft.table({key: item for key, item in given.items() if key not in options}, path, ROLLBACK_KEYS)
    default = _way_back(names, "", path, own)
    return [default, *(_way_back(names, name, (*path, name), item) for name, item in options.items())]


def _way_back(names: Names, name: str, path: Path, item: dict[str, Any]) -> Sheet:
    keys = names.draft.table(item, path, OPTION_KEYS if name else None)
    sheet = Sheet(name, path, keys)
    place = f"rollback.{name}" if name else "rollback"
    sheet.lines["rollback"] = lines(names, keys.get("steps", []), (*path, "steps"), place, "rollback")
    if "checkpoint" in keys:
        at = (*path, "checkpoint")
        part = sheet.parts["checkpoint"] = names.draft.table(keys["checkpoint"], at, CHECKPOINT_KEYS)
        sheet.lines["checkpoint"] = lines(
            names, part.get("steps", []), (*at, "steps"), f"{place}.checkpoint", "rollback"
        )
    return sheet
