"""Gives every line of the file its name: spreads `foreach` out, makes ids from texts, and refuses two of the same.

It reads no values of a step beyond its text and its id.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pags_tui.core.runbook.base import Path, PathPart, StepId, identifier, slug
from pags_tui.core.runbook.draft import Draft
from pags_tui.core.runbook.steps import Section

STEP_KEYS = (
    *("check", "action", "id", "gate", "set", "stage", "means", "command", "duration", "role", "capture", "when"),
    *("optional", "at", "point_of_no_return", "hard", "mutes", "parallel"),
)

Repeat = Mapping[str, str]
"""The values of one round of a `foreach`, by name."""

ONCE: tuple[Repeat, ...] = ({},)


@dataclass(frozen=True, slots=True)
class Line:
    """A step as written, with its name."""

    place: str
    name: str
    section: Section
    kind: Literal["check", "action"]
    text: str
    keys: dict[str, Any]
    """What stands beside the text."""
    path: Path

    @property
    def id(self) -> StepId:
        return f"{self.place}/{self.name}"


@dataclass(slots=True)
class Names:
    """The ids given so far, each within its place."""

    draft: Draft
    taken: dict[tuple[str, PathPart, str], Path] = field(default_factory=dict)
    """By place, the table of the file and the name: two phases of one id are told of once, not step by step."""

    def take(self, place: str, name: str, path: Path, what: str) -> None:
        """Notes a name; a second one of the same place is a fault."""
        known = (place, "" if what != "step" else path[1], name)
        if known in self.taken:
            message = f"the id '{name}' is already another {what}'s; give one of the two an `id` of its own"
            self.draft.fault(path, message, "duplicate-id")
        self.taken.setdefault(known, path)


def repeats(draft: Draft, value: object, path: Path) -> tuple[Repeat, ...]:
    """The rounds of a `foreach`, in written order; of several names every combination."""
    names = draft.table(value, path)
    columns = []
    for name, items in names.items():
        if not re.fullmatch(r"[A-Za-z_][\w-]*", name):
            draft.fault((*path, name), f"'{name}' is no name for a text; use letters, digits and `_`", at_key=True)
        values = [str(item) for item in items if isinstance(item, str | int)] if isinstance(items, list) else []
        if not values or len(values) != len(items):
            draft.fault((*path, name), 'this must be a list of texts, such as ["s1", "s2"]', "wrong-type")
        elif len(set(values)) != len(values):
            draft.fault((*path, name), "a value stands here twice; keep one", "duplicate-id")
        # A faulty list still fills its name in, so that the texts that use it are not told of as well.
        columns.append([(name, item) for item in dict.fromkeys(values or [name])])
    rounds = tuple(dict(row) for row in itertools.product(*columns))
    return rounds if rounds and names else ONCE


def _literally(text: str) -> Callable[[re.Match[str]], str]:
    """A replacement in which no backslash means anything."""
    return lambda _: text


def filled(value: Any, each: Repeat) -> Any:
    """`value` with `{{ name }}` replaced in every text, all the way down. Other names stay."""
    if isinstance(value, str):
        for name, text in each.items():
            value = re.sub(r"\{\{\s*" + re.escape(name) + r"\s*\}\}", _literally(text), value)
        return value
    if isinstance(value, dict):
        return {key: filled(item, each) for key, item in value.items()}
    return [filled(item, each) for item in value] if isinstance(value, list) else value


def lines(
    names: Names, value: object, path: Path, place: str, section: Section, rounds: tuple[Repeat, ...] = ONCE
) -> list[Line]:
    """The steps of one list, named; for every round of a `foreach` all of them."""
    draft = names.draft
    items = enumerate(draft.items(value, path))
    found = [line for index, item in items if (line := _line(draft, item, (*path, index), place, section))]
    spread = [_named(draft, line) for line in _spread(found, rounds)]
    for line in spread:
        names.take(place, line.name, line.path, "step")
    return spread


def _spread(found: list[Line], rounds: tuple[Repeat, ...]) -> list[Line]:
    """All steps round by round; of a monitor or checkpoint only the lines that name the round's values repeat."""
    if rounds == ONCE:
        return found
    if found and found[0].section == "steps":
        return [_round(line, each) for each in rounds for line in found]
    return [_round(line, each) for line in found for each in (rounds if _mentions(line, rounds[0]) else ONCE)]


def _mentions(line: Line, each: Repeat) -> bool:
    return bool(filled(line.text, each) != line.text or filled(line.keys, each) != line.keys)


def _named(draft: Draft, line: Line) -> Line:
    """The line with an id: its own, else made from its text."""
    name = line.name or slug(line.text)
    if not name:
        draft.fault(line.path, "no id can be made from this text; give the step an `id`", "missing-key")
    elif line.name:
        try:
            identifier(name)
        except ValueError as error:
            draft.fault((*line.path, "id"), str(error), "invalid-id")
    return replace(line, name=name or "-".join(str(part) for part in line.path))


def _line(draft: Draft, item: object, path: Path, place: str, section: Section) -> Line | None:
    """One step as written; None when it has no text to stand on."""
    if isinstance(item, str):
        item = {"check": item}
    elif not isinstance(item, dict):
        draft.fault(path, 'a step is a text or a table such as { check = "…" }, not this', "wrong-type")
        return None
    keys = draft.table(item, path, STEP_KEYS)
    given = [kind for kind in ("check", "action") if kind in keys]
    if len(given) != 1:
        wrong = "is both a check and an action; keep one" if given else "has no text; begin with `check` or `action`"
        draft.fault(path, f"this step {wrong}", "missing-key")
        return None
    kind: Literal["check", "action"] = "check" if given[0] == "check" else "action"
    text = keys.pop(kind)
    if not isinstance(text, str) or not text.strip():
        draft.fault((*path, kind), "this must be a text that says what is confirmed or done", "wrong-type")
        return None
    return Line(place, _own_id(draft, keys, path), section, kind, text, keys, path)


def _own_id(draft: Draft, keys: dict[str, Any], path: Path) -> str:
    own = keys.pop("id", "")
    if own == "" or not isinstance(own, str):
        if own != "":
            draft.fault((*path, "id"), "an id must be text", "wrong-type")
        return ""
    return own


def _round(line: Line, each: Repeat) -> Line:
    """The line of one round. A line that does not name the round's values gets them behind its id."""
    if not each:
        return line
    text, name = filled(line.text, each), filled(line.name, each)
    plain = name == line.name if line.name else text == line.text
    if plain:
        name = "-".join((name or slug(text), *(slug(value) or value for value in each.values())))
    return replace(line, name=name, text=text, keys=filled(line.keys, each))


def group_id(draft: Draft, given: Mapping[str, Any], path: Path, kind: str) -> str:
    """The id of a phase or group: the given one, else made from its title."""
    own = given.get("id")
    if own is None:
        made = slug(str(given.get("title", "")))
        if not made:
            draft.fault(path, f"this {kind} has no id; add `id` or a `title` that one can be made from", "missing-key")
        return made or "-".join(str(part) for part in path)
    try:
        return identifier(own if isinstance(own, str) else "")
    except ValueError as error:
        draft.fault((*path, "id"), str(error), "invalid-id")
        return slug(str(own)) or "-".join(str(part) for part in path)


__all__ = ["ONCE", "STEP_KEYS", "Line", "Names", "Repeat", "filled", "group_id", "lines", "repeats"]
