"""Settings as they come where nobody has a file of their own; `settings` reads one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ThemeName = Literal["pags-dark", "pags-light", "pags-contrast"]
Awaited = Literal["countdown", "ask", "firing", "message"]
How = Literal["bell", "osc9", "osc777"]


@dataclass(frozen=True, slots=True)
class UsualCalls:
    """How a person is called to the screen."""

    on: tuple[Awaited, ...] = ("countdown", "ask", "firing", "message")
    how: tuple[How, ...] = ("bell",)


@dataclass(frozen=True, slots=True)
class Usual:
    """What every key of `config.toml` is when it is left out. What they mean is said at `Settings`."""

    theme: ThemeName | None = None
    refresh: float = 1.0
    mouse: bool = False
    ascii: bool = False
    calls: UsualCalls = UsualCalls()
    keys: Mapping[str, str] = field(default_factory=dict)


USUAL = Usual()
