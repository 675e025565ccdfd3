"""The form of the lines between a guard and a screen, and the first of them. What the others hold is in `wire`.

It loads nothing of what a run is made of: with it a screen asks for its first picture while all that is loaded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pags_tui.core.errors import Refused

WIRE = 1
"""Version of these lines. A guard refuses a screen of another one."""
LONGEST_LINE = 64 * 1024 * 1024
"""Bytes; a longer line is no line of ours."""


@dataclass(frozen=True, slots=True)
class Hello:
    """A screen's first line."""

    wire: int
    name: str = ""
    """A self-declared name on a shared account."""
    since: int = 0
    """The last event that the screen has."""
    seat: str = ""
    """`desk` or `watch`; empty: nobody sits there, a shell asks."""
    picture: Mapping[str, str] | None = None
    """Asks for the first picture and nothing else, with this keymap; None: it is here to stay."""


def line(content: dict[str, Any]) -> bytes:
    """One line."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def parse(raw: bytes) -> dict[str, Any]:
    """The object of one line. Raises Refused for anything else."""
    try:
        content = json.loads(raw)
    except ValueError:
        raise Refused("what came over the socket is not a line of this protocol") from None
    if not isinstance(content, dict):
        raise Refused("what came over the socket is not a line of this protocol")
    return content


def hello_line(hello: Hello) -> bytes:
    """A screen's first line."""
    said: dict[str, Any] = {"wire": hello.wire, "name": hello.name, "since": hello.since, "seat": hello.seat}
    if hello.picture is not None:
        said["picture"] = dict(hello.picture)
    return line({"hello": said})


def read_hello(raw: bytes) -> Hello:
    """The hello of that line. Raises Refused for anything else, KeyError or TypeError for a broken one."""
    said = parse(raw).get("hello")
    if not isinstance(said, dict):
        raise Refused("a screen says hello first")
    keys = said.get("picture")
    wanted = {str(key): str(value) for key, value in keys.items()} if isinstance(keys, dict) else None
    return Hello(
        int(said["wire"]), str(said.get("name", "")), int(said.get("since", 0)), str(said.get("seat", "")), wanted
    )
