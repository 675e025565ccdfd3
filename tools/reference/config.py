"""The page of a person's own settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic_core import PydanticUndefined

from pags_tui.core.runbook.base import Part
from pags_tui.core.runbook.schema import sentences
from pags_tui.core.units import show_duration
from pags_tui.ui.settings import Calls, Settings

HEAD = """# Settings of your own

Made from the program by `make reference`. They stand in `~/.config/pags-tui/config.toml` (under `XDG_CONFIG_HOME` where
that is set), or where `PAGS_TUI_CONFIG` says; `PAGS_TUI_CONFIG=` leaves them out for once. Every key may be left out.
What is wrong is named with line and column before anything begins. [Habits](../habits.md) shows one whole.
"""

IDS = "The ids are in the [list of keys](keys.md). F9 and ctrl+r stay with the rollback, which may get further ones."


def config_page() -> str:
    """Every key."""
    keys = ["## `[keys]`", "", f"{_said(Settings, 'keys')} {IDS}"]
    parts = [_table("At the top", Settings), _table("`[calls]`", Calls), keys]
    return HEAD + "".join("\n" + "\n".join(lines) + "\n" for lines in parts)


def _table(title: str, model: type[Part]) -> list[str]:
    return [f"## {title}", "", "| key | holds | left out | means |", "|---|---|---|---|", *_rows(model)]


def _rows(model: type[Part]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        if name in ("calls", "keys"):
            continue
        yield f"| `{name}` | {_holds(info.annotation)} | {_value(info.default)} | {_said(model, name)} |"


def _said(model: type[Part], name: str) -> str:
    return sentences(model).get(name, "")


def _holds(hint: Any) -> str:
    """What kind of value, in words."""
    values = [one for one in get_args(hint) if one is not type(None) and one is not Ellipsis]
    if get_origin(hint) is tuple:
        return f"one or a list of {_holds(values[0])}"
    if all(isinstance(one, str) for one in values) and values:
        return ", ".join(f"`{one}`" for one in values)
    if values:
        return _holds(values[0])
    return {bool: "true or false", float: "duration"}.get(hint, "text")


def _value(default: object) -> str:
    if default is None or default is PydanticUndefined:
        return ""
    if isinstance(default, tuple):
        return ", ".join(f"`{one}`" for one in default)
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{show_duration(default)}`" if isinstance(default, float) else f"`{default}`"
