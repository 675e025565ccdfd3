"""A small judge of JSON against a JSON Schema: as much of it as pydantic writes. Unknown keywords are a fault."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "number": (int, float), "integer": (int,),
    "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
SAID = {"title", "description", "default", "$defs", "$schema", "$id", "type"}
"""Keywords that judge nothing here, or are read with another."""


def faults(content: Any, schema: dict[str, Any]) -> list[str]:
    """Everything in which the content is not as the schema says, each with its place."""
    return list(_faults(content, schema, schema, "$"))


def _faults(content: Any, rule: dict[str, Any], root: dict[str, Any], at: str) -> Iterator[str]:
    if "$ref" in rule:
        rule = root["$defs"][rule["$ref"].removeprefix("#/$defs/")]
    kind = rule.get("type")
    if kind and (not isinstance(content, TYPES[kind]) or (isinstance(content, bool) and kind != "boolean")):
        yield f"{at}: {content!r} is no {kind}"
        return
    for word, value in rule.items():
        if word not in SAID:
            yield from KEYWORDS[word](content, value, rule, root, at)


def _any_of(content: Any, value: Any, rule: Any, root: Any, at: str) -> Iterator[str]:
    if all(list(_faults(content, one, root, at)) for one in value):
        yield f"{at}: {content!r} is none of what it may be"


def _properties(content: Any, value: Any, rule: Any, root: Any, at: str) -> Iterator[str]:
    for name, one in content.items():
        if name in value:
            yield from _faults(one, value[name], root, f"{at}.{name}")
        else:
            yield f"{at}: there is no {name}"


def _required(content: Any, value: Any, rule: Any, root: Any, at: str) -> Iterator[str]:
    yield from (f"{at}: {name} is missing" for name in value if name not in content)


def _items(content: Any, value: Any, rule: Any, root: Any, at: str) -> Iterator[str]:
    for number, one in enumerate(content[len(rule.get("prefixItems", ())) :]):
        yield from _faults(one, value, root, f"{at}[{number}]")


def _prefix(content: Any, value: Any, rule: Any, root: Any, at: str) -> Iterator[str]:
    for number, (one, of) in enumerate(zip(content, value, strict=False)):
        yield from _faults(one, of, root, f"{at}[{number}]")


def _additional(content: Any, value: Any, rule: Any, root: Any, at: str) -> Iterator[str]:
    for name in content.keys() - rule.get("properties", {}).keys():
        if value is False:
            yield f"{at}: there is no {name}"
        else:
            yield from _faults(content[name], value, root, f"{at}.{name}")


def _format(content: Any, value: Any, rule: Any, root: Any, at: str) -> Iterator[str]:
    assert value == "date-time"
    if datetime.fromisoformat(content).tzinfo is None or not content.endswith("Z"):
        yield f"{at}: {content!r} is no time in UTC"


KEYWORDS = {
    "anyOf": _any_of,
    "properties": _properties,
    "required": _required,
    "items": _items,
    "prefixItems": _prefix,
    "additionalProperties": _additional,
    "format": _format,
    "enum": lambda content, value, rule, root, at: [] if content in value else [f"{at}: {content!r} is not in {value}"],
    "const": lambda content, value, rule, root, at: [] if content == value else [f"{at}: {content!r} is not {value}"],
    "minItems": lambda content, value, rule, root, at: [] if len(content) >= value else [f"{at}: too short"],
    "maxItems": lambda content, value, rule, root, at: [] if len(content) <= value else [f"{at}: too long"],
}
