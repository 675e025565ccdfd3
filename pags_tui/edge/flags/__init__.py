"""Services that hold flags, one file a kind. Which kind a runbook asks for is one line in `KINDS`.

A kind reads one flag and tries one write. It never repeats a write, never believes one (the driver reads back), and
never decides what to do when nobody knows whether it took effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pags_tui.core import ports
from pags_tui.core.errors import BadAnswer
from pags_tui.core.runbook import Flag
from pags_tui.core.runbook.services import FlagService, expand
from pags_tui.edge import Caller
from pags_tui.edge.flags.dry import DryFlags
from pags_tui.edge.flags.env_file import EnvFile
from pags_tui.edge.flags.http import HttpFlags
from pags_tui.edge.flags.unleash import UnleashFlags, Where


@dataclass(frozen=True, slots=True)
class Access:
    """What opening a service needs besides the runbook's words."""

    env: Mapping[str, str] = field(repr=False, default_factory=dict)
    """Fills in `${NAME}`."""
    token: str | None = field(repr=False, default=None)
    """The token itself, wherever it came from."""
    name: str = "flags"
    """The service's own, as in `[services.flags]`."""
    flags: Mapping[str, Flag] = field(default_factory=dict)
    """The flags that it holds, by key: their types and environment names."""

    def text(self, text: str | None) -> str:
        """`text` with its variables filled in. Raises MissingVariable."""
        return expand(text, self.env) if text else ""


def _http(settings: FlagService, access: Access) -> ports.FlagService:
    headers = {name: access.text(value) for name, value in settings.headers.items()}
    return HttpFlags(
        settings,
        access.text(settings.url),
        access.token,
        headers,
        f"services.{access.name}",
        access.text(settings.ca_file) or None,
        tuple(map(access.text, settings.client_cert or ())) or None,
    )


def _unleash(settings: FlagService, access: Access) -> ports.FlagService:
    headers = {name: access.text(value) for name, value in settings.headers.items()}
    caller = Caller(
        access.text(settings.url),
        "Unleash",
        f"services.{access.name}",
        # Its own tokens are sent bare (https://docs.getunleash.io/reference/api-tokens-and-client-keys).
        headers={**headers, "Authorization": access.token} if access.token else headers,
        ca_file=access.text(settings.ca_file) or None,
        client_cert=tuple(map(access.text, settings.client_cert or ())) or None,
        allow_plain_http=settings.allow_plain_http,
    )
    where = Where(access.text(settings.project), access.text(settings.environment))
    return UnleashFlags(settings, caller, where, access.flags, access.token is not None)


def _env_file(settings: FlagService, access: Access) -> ports.FlagService:
    return EnvFile(settings, Path(access.text(settings.file)).expanduser().absolute(), access.flags)


KINDS: dict[str, Callable[[FlagService, Access], ports.FlagService]] = {
    "http": _http,
    "unleash": _unleash,
    "env-file": _env_file,
}
"""A new kind is a file next to this one and a line here."""


def open_flags(settings: FlagService, access: Access) -> ports.FlagService:
    """The service that `[services.flags]` describes. Asks it nothing yet.

    Raises MissingVariable for a variable that is not set, BadAnswer for an address or a token that cannot be used.
    """
    if settings.kind not in KINDS:
        raise BadAnswer(f"A flag service of kind `{settings.kind}` is not known: use {', '.join(KINDS)}")
    return KINDS[settings.kind](settings, access)


__all__ = ["KINDS", "Access", "DryFlags", "EnvFile", "HttpFlags", "UnleashFlags", "open_flags"]
