"""The page of the runbook's keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pags_tui.core.runbook.schema import DURATION, OFFSET, PHASES, STEPS, VALUES, schema

HEAD = """# Keys of a runbook

Made from the program by `make reference`. `pags-tui check --schema` prints the same as a JSON Schema, for editors.
[Writing a runbook](../runbook.md) explains how they work together, [Conditions](../conditions.md) what a gate or a
trigger may say, [Flag services](../flag-services.md) which keys belong to which kind of service.

A **duration** is written like `90s`, `15m`, `1h30m` or `2d`; an **offset** like `T-60m`, `T+0` or `T+1d2h`; **phases**
are a list of ids, or `first..last`.
"""
TITLES = {
    "runbook": "[runbook]", "contacts": "[contacts.NAME]", "services": "[services]", "roles": "[roles.ID]",
    "metrics": "[metrics.ID]", "flags": "[flags.KEY]", "phases": "[[phases]]", "triggers": "[triggers.ID]",
    "rollback": "[rollback]", "comms": "[comms.ID]", "notify": "[notify]", "success": "[[success]]",
    "follow_ups": "[[follow_ups]]",
}  # fmt: skip
PARTS = {
    "step": "A step", "monitor": "[phases.monitor]", "checkpoint": "[phases.checkpoint], [rollback.checkpoint]",
    "mutes": "mutes = { … }", "page": "page = { … }",
}  # fmt: skip
SERVICES = {
    "prometheus": "[services.prometheus]", "flag-service": "[services.flags], [services.NAME]",
    "grafana": "[services.grafana]",
}  # fmt: skip
SAID = {
    "contacts": "A text alone is the value.",
    "step": "Exactly one of `check` and `action`. A text alone is a check that a person ticks.",
    "services": '`[services.webhooks]` holds names and addresses: `war-room = "${WAR_ROOM_WEBHOOK:-}"`.',
    "rollback": "`[rollback.NAME]` is a named way back, with the keys of the second table.",
}


def runbook_page() -> str:
    """Every key of every table."""
    whole = schema()
    return HEAD + "".join("\n" + "\n".join(lines) + "\n" for lines in _chapters(whole))


def _chapters(whole: dict[str, Any]) -> Iterator[list[str]]:
    sections, parts = whole["properties"], whole["$defs"]
    for name, title in TITLES.items():
        yield _chapter(title, name, sections[name], required=name in whole["required"])
        if name == "services":
            yield _chapter(SERVICES["prometheus"], "", sections[name]["properties"]["prometheus"])
            yield _chapter(SERVICES["flag-service"], "", parts["flag-service"])
            yield _chapter(SERVICES["grafana"], "", sections[name]["properties"]["grafana"])
        if name == "rollback":
            yield _chapter("[rollback.NAME]", "", sections[name]["additionalProperties"])
        if name == "phases":
            for part in ("step", "monitor", "checkpoint", "mutes"):
                yield _chapter(PARTS[part], part, parts[part])
        if name == "notify":
            yield _chapter(PARTS["page"], "page", parts["page"])


def _chapter(title: str, name: str, shape: dict[str, Any], required: bool = False) -> list[str]:
    table = _table(shape)
    lines = [f"## `{title}`" if "[" in title or "{" in title else f"## {title}", ""]
    if required:
        lines += ["Required.", ""]
    if name in SAID:
        lines += [SAID[name], ""]
    if name == "services":
        return lines[:-1]
    lines += ["| key | holds | means |", "|---|---|---|"]
    needed = table.get("required", [])
    return lines + [_row(key, one, key in needed) for key, one in table["properties"].items()]


def _table(shape: dict[str, Any]) -> dict[str, Any]:
    """The table behind a list of tables, tables by name, or a text that may stand for one."""
    if "properties" in shape:
        return shape
    for below in (*shape.get("anyOf", ()), shape.get("items"), shape.get("additionalProperties")):
        if isinstance(below, dict):
            found = _table(below)
            if found:
                return found
    return {}


def _row(key: str, shape: dict[str, Any], required: bool) -> str:
    said = shape.get("description", "")
    return f"| `{key}`{' (required)' if required else ''} | {holds(shape)} | {said.replace('|', chr(92) + '|')} |"


def holds(shape: dict[str, Any]) -> str:
    """What kind of value, in words."""
    bare = {name: value for name, value in shape.items() if name != "description"}
    for known, word in (
        (DURATION, "duration"),
        (OFFSET, "offset"),
        (PHASES, "phases"),
        (STEPS, "steps"),
        (VALUES, "flags and values"),
    ):
        if bare == known:
            return word
    if "enum" in bare:
        return ", ".join(f"`{value}`" for value in bare["enum"])
    if "anyOf" in bare:
        return " or ".join(dict.fromkeys(holds(one) for one in bare["anyOf"]))
    if "$ref" in bare:
        return "table"
    return _by_type(bare)


def _by_type(shape: dict[str, Any]) -> str:
    kind = shape.get("type")
    if isinstance(kind, list):
        return " or ".join(_by_type({"type": one}) for one in kind)
    if kind == "array":
        return f"list of {holds(shape['items'])}" if shape.get("items") else "list"
    if kind == "object":
        below = shape.get("additionalProperties")
        return f"table of names to {holds(below)}" if isinstance(below, dict) and below else "table"
    return {"string": "text", "boolean": "true or false", "integer": "whole number", "number": "number"}.get(
        kind or "", "value"
    )
