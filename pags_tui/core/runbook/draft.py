"""A runbook while it is being read: the values of the file, and every fault found in them so far.

A draft never stops at the first fault and never raises for what an author wrote; `refuse_if_faulty` does, at the end.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from pags_tui.core.errors import Fault, RunbookError
from pags_tui.core.runbook.base import Path
from pags_tui.core.units import show_duration

Model = TypeVar("Model", bound=BaseModel)

SHOWN = 8
"""How many names a message lists before it stops."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to say about one place of the file."""

    path: Path
    message: str
    code: str = "invalid"
    offset: int | None = None
    """Character within a text value, from 0; None: the value as a whole."""
    at_key: bool = False
    """Points at the key instead of its value."""
    severity: str = "error"


@dataclass(slots=True)
class Draft:
    """The faults of one file, by path; places are looked up once, at the end."""

    file: str
    text: str
    findings: list[Finding] = field(default_factory=list)

    def fault(
        self, path: Path, message: str, code: str = "invalid", *, offset: int | None = None, at_key: bool = False
    ) -> None:
        """Notes a fault, once."""
        found = Finding(path, message, code, offset, at_key)
        if found not in self.findings:
            self.findings.append(found)

    def table(self, value: object, path: Path, allowed: Iterable[str] | None = None) -> dict[str, Any]:
        """`value` as a table with only `allowed` keys (None: any); what does not belong is noted and left out."""
        if not isinstance(value, dict):
            self.fault(path, f"this must be a table, not {kind_of(value)}", "wrong-type")
            return {}
        if allowed is None:
            return value
        known = tuple(allowed)
        for key in value:
            if key not in known:
                self.fault(
                    (*path, key), f"there is no key '{key}' here; {instead(key, known)}", "unknown-key", at_key=True
                )
        return {key: item for key, item in value.items() if key in known}

    def tables(self, value: object, path: Path) -> list[tuple[Path, dict[str, Any]]]:
        """A list of tables, each with its path."""
        if not isinstance(value, list):
            self.fault(path, f"this must be a list of tables, not {kind_of(value)}", "wrong-type")
            return []
        rows = [((*path, index), item) for index, item in enumerate(value)]
        for at, item in rows:
            self.table(item, at)
        return [(at, item) for at, item in rows if isinstance(item, dict)]

    def items(self, value: object, path: Path) -> list[object]:
        """A list of anything."""
        if isinstance(value, list):
            return value
        self.fault(path, f"this must be a list, not {kind_of(value)}", "wrong-type")
        return []

    def name(self, name: object, path: Path, kind: str, known: Iterable[str], *, at_key: bool = False) -> bool:
        """Whether `name` is one of `known`; notes it otherwise."""
        names = tuple(known)
        if isinstance(name, str) and name in names:
            return True
        self.fault(path, missing(kind, name, names), f"unknown-{kind.replace(' ', '-')}", at_key=at_key)
        return False

    def build(
        self, model: type[Model], data: Mapping[str, object], path: Path, names: Mapping[str, str] | None = None
    ) -> Model | None:
        """`model` from `data` read at `path`; None with its faults noted. `names` maps fields to keys of the file."""
        try:
            return model.model_validate(frozen(data), strict=True, context={"file": True})
        except ValidationError as error:
            for details in error.errors(include_url=False):
                self._note(details, data, path, names or {})
            return None

    def _note(self, details: ErrorDetails, data: object, path: Path, names: Mapping[str, str]) -> None:
        place: Path = path
        for depth, part in enumerate(details["loc"]):
            if isinstance(data, list | tuple):
                inside = isinstance(part, int) and part < len(data)
            else:
                inside = isinstance(data, dict) and part in data
            if not inside:
                break
            place = (*place, names.get(part, part) if depth == 0 and isinstance(part, str) else part)
            data = data[part]  # type: ignore[index]
        message, code = wording(details, names)
        self.fault(place, message, code)

    def refuse_if_faulty(self) -> None:
        """Raises RunbookError with every fault noted, in file order."""
        if self.findings:
            raise RunbookError(self.faults())

    def faults(self) -> tuple[Fault, ...]:
        """What was noted, with its places, in file order."""
        return placed(self.file, self.text, self.findings)


def placed(file: str, text: str, findings: Iterable[Finding]) -> tuple[Fault, ...]:
    """Findings as faults with line and column, in file order."""
    from pags_tui.core.runbook.positions import Positions, locate

    try:
        positions = locate(text.removeprefix("\ufeff"))
    except RecursionError:  # nested deeper than any runbook: the fault is told without its place
        positions = Positions()
    faults = []
    for found in findings:
        line, column = positions.key(found.path) if found.at_key else positions.value(found.path, found.offset)
        faults.append(Fault(file, line, column, found.message, found.severity, found.code))
    return tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))


def frozen(value: object) -> Any:
    """Lists as tuples all the way down, as the models hold them."""
    if isinstance(value, Mapping):
        return {key: frozen(item) for key, item in value.items()}
    return tuple(frozen(item) for item in value) if isinstance(value, list | tuple) else value


def instead(name: object, known: Iterable[str]) -> str:
    """What an author may have meant: the close match, else what there is."""
    names = tuple(dict.fromkeys(known))
    close = difflib.get_close_matches(name, names, 1) if isinstance(name, str) else []
    if close:
        return f"did you mean '{close[0]}'?"
    if not names:
        return "this runbook defines none"
    more = ", …" if len(names) > SHOWN else ""
    return f"there is {', '.join(names[:SHOWN])}{more}"


def missing(kind: str, name: object, known: Iterable[str]) -> str:
    """The sentence for an unknown name."""
    return f"there is no {kind} '{name}'; {instead(name, known)}"


def kind_of(value: object) -> str:
    """What a TOML value is, in words."""
    kinds = ((bool, "true or false"), (str, "text"), (int, "a number"), (float, "a number"), (list, "a list"))
    return next(
        (words for kind, words in kinds if isinstance(value, kind)), "a table" if isinstance(value, dict) else "a date"
    )


def wording(details: ErrorDetails, names: Mapping[str, str]) -> tuple[str, str]:
    """A validation error in plain words, with its code."""
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    field_name = str(details["loc"][-1]) if details["loc"] else ""
    match kind:
        case "missing" if field_name.isdigit():
            return "this list is too short; give every value", "wrong-type"
        case "missing":
            return f"'{names.get(field_name, field_name)}' is missing; add it", "missing-key"
        case "literal_error":
            known = [word.strip("' ") for word in str(context.get("expected", "")).replace(" or ", ", ").split(",")]
            return f"'{value}' is not allowed here; {instead(value, known)}", "unknown-value"
        case "value_error":
            return str(context.get("error", details["msg"])), "invalid"
        case "string_too_short":
            return "this may not be empty; write something", "empty"
        case "too_long":
            return f"this list is too long; give {context['max_length']} values", "wrong-type"
        case "greater_than":
            return f"this must be more than {show_duration(context['gt'])}", "out-of-range"
        case "greater_than_equal":
            return f"this must be at least {context['ge']}", "out-of-range"
        case "less_than_equal":
            return f"this must be at most {show_duration(context['le'])}", "out-of-range"
    wanted = WANTED.get(kind)
    if wanted:
        return f"this must be {wanted}, not {kind_of(list(value) if isinstance(value, tuple) else value)}", "wrong-type"
    return details["msg"].lower(), "invalid"


WANTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
}
