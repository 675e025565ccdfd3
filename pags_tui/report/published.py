"""The report as JSON, and the schema that is published for it. `schema.json` beside this file is that schema."""

from __future__ import annotations

import unicodedata
from typing import Any

from pydantic import TypeAdapter

from pags_tui.report.shapes import SHAPE, Report
from pags_tui.report.words import UNSEEN

ADAPTER: TypeAdapter[Report] = TypeAdapter(Report)


def as_json(report: Report) -> str:
    """The report as JSON: times as RFC 3339 in UTC, durations in seconds. What cannot be seen is escaped."""
    lines = ADAPTER.dump_json(report, indent=2).decode().split("\n")
    return "\n".join("".join(map(_escaped, line)) for line in lines) + "\n"


def _escaped(one: str) -> str:
    """Direction marks, characters without width and the like, written as JSON may write them."""
    if one.isascii() or unicodedata.category(one) not in UNSEEN:
        return one
    units = one.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `as_json` writes."""
    made = ADAPTER.json_schema(mode="serialization")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:pags-tui:report:{SHAPE}",
        "title": "A report of pags-tui",
    }
    return {**head, **{key: value for key, value in made.items() if key != "title"}}


__all__ = ["as_json", "schema"]
