"""What this machine has to say before a night: terminal, settings, the journal's place, logging out, webhooks' hosts.

It looks and knocks; it writes nothing, and sends not a byte.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pags_tui.core.errors import Fault, PagsError, RunbookError

if TYPE_CHECKING:
    from pags_tui.wiring.journals import Store

KNOCK = 3.0
"""Seconds that a webhook's host has to take a connection."""
ROOM = 200 * 1024 * 1024
"""Bytes free below which a journal's disk is called full: a long night is tens of megabytes, and others write too."""
SMALL = (80, 24)
"""Columns and lines below which panes are missing."""

Look = tuple[str, tuple[Fault, ...]]
"""A line about one thing, and what is wrong with it."""


def machine(file: str, store: Store) -> Iterator[Look]:
    """Everything; `file` is the runbook's name, where faults without a place of their own are put."""
    yield _terminal(file)
    yield _settings()
    yield _journal(file, store)
    yield _logout(file)


def _doubt(file: str, code: str, message: str, severity: str = "warning") -> tuple[Fault, ...]:
    return (Fault(file, 1, 1, message, severity, code),)


def _terminal(file: str) -> Look:
    from pags_tui.ui.terminal import Colours
    from pags_tui.wiring.screens import look

    if not sys.stderr.isatty():
        return "terminal: none here, so none was looked at", ()
    found, (columns, lines) = look(), shutil.get_terminal_size()
    if found.refusal:
        return "terminal", _doubt(file, "terminal", found.refusal)
    colours = {Colours.FULL: "256 colours or more", Colours.SIXTEEN: "16 colours", Colours.NONE: "no colours"}
    line = f"terminal: {columns}x{lines}, {colours[found.colours]}, {'UTF-8' if found.unicode else 'ASCII only'}"
    if columns < SMALL[0] or lines < SMALL[1]:
        return line, _doubt(file, "terminal", f"the terminal is small: from {SMALL[0]}x{SMALL[1]} on there are panes")
    return line, ()


def _settings() -> Look:
    from pags_tui.wiring.places import config_path
    from pags_tui.wiring.screens import settings

    file = config_path()
    try:
        settings()
    except RunbookError as error:
        return "settings", error.faults
    return f"settings: {file if file and file.exists() else 'none of your own'}", ()


def _journal(file: str, store: Store) -> Look:
    if isinstance(store, Path):
        return _own_file(file, store)
    from pags_tui.wiring.journals import open_readonly

    try:
        open_readonly(store).close()
    except PagsError as error:
        return "journal", _doubt(file, "journal", str(error), "error")
    return "journal: the database answers", ()


def _own_file(file: str, journal: Path) -> Look:
    """The journal's folder, or the nearest one above it that there is."""
    from pags_tui.edge.journal import place

    folder = next(path for path in journal.absolute().parents if path.exists())
    mount = place.network_of(folder)
    if mount:
        why = f"the journal would lie on {mount.type}, whose locks do not hold; choose a local file with --db"
        return "journal", _doubt(file, "journal", why, "error")
    if not os.access(journal if journal.exists() else folder, os.W_OK):
        why = f"{journal} cannot be written; choose another file with --db"
        return "journal", _doubt(file, "journal", why, "error")
    free = shutil.disk_usage(folder).free
    line = f"journal: {journal}, {free / 1e9:.1f} GB free"
    if free < ROOM:
        return line, _doubt(file, "journal", f"only {free / 1e6:.0f} MB are free where the journal lies; make room")
    return line, ()


def _logout(file: str) -> Look:
    from pags_tui.wiring.places import user
    from pags_tui.wiring.sessions import ended_at_logout

    if ended_at_logout(user()):
        why = "this machine ends your processes when you log out, the guard too; loginctl enable-linger keeps it"
        return "logging out", _doubt(file, "logout", why)
    return "logging out: the guard goes on", ()


# ---------------------------------------------------------------- webhooks


def knock(url: str, env: Mapping[str, str]) -> str | None:
    """Why nobody takes a connection there; None when somebody does, or when a proxy stands between. Sends nothing."""
    found = urlsplit(url)
    if found.scheme not in ("http", "https") or not found.hostname:
        return "its address is no http(s) URL"
    if _proxied(found.scheme, found.hostname, env):
        return None
    with contextlib.suppress(ValueError):
        port = found.port or {"http": 80, "https": 443}[found.scheme]
        try:
            socket.create_connection((found.hostname, port), KNOCK).close()
        except OSError as error:
            return f"nobody takes a connection at {found.hostname}:{port} ({error.strerror or type(error).__name__})"
        return None
    return "its port is no port"


def _proxied(scheme: str, host: str, env: Mapping[str, str]) -> bool:
    told = {name.lower(): value for name, value in env.items() if name.lower().endswith("_proxy")}
    direct = [part.strip().lstrip(".") for part in told.get("no_proxy", "").split(",") if part.strip()]
    passed_by = "*" in direct or any(host == part or host.endswith(f".{part}") for part in direct)
    return bool(told.get(f"{scheme}_proxy") or told.get("all_proxy")) and not passed_by


__all__ = ["Look", "knock", "machine"]
