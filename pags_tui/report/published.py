"""The report as JSON, and the schema that is published for it. `schema.json` beside this file is that schema."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from pags_tui.core.visible import escaped_json
from pags_tui.report.shapes import SHAPE, Report

ADAPTER: TypeAdapter[Report] = TypeAdapter(Report)


def as_json(report: Report) -> str:
    """The report as JSON: times as RFC 3339 in UTC, durations in seconds. What cannot be seen is escaped."""
    return escaped_json(ADAPTER.dump_json(report, indent=2).decode()) + "\n"


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
