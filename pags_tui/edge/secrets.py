"""Where a service's token comes from. It goes nowhere but into its header: never into an error, a log or a repr."""

from __future__ import annotations

import importlib
import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

from pags_tui.core.errors import BadAnswer
from pags_tui.core.runbook import Credentials, expand

COMMAND_WAIT = 10.0
"""Longest wait in seconds for a token command."""


def token_of(settings: Credentials, env: Mapping[str, str], name: str) -> str | None:
    """The token of a service; None when it needs none.

    Raises MissingVariable for a variable that is not set, BadAnswer for a file or command that gives no token.
    """
    if settings.token is not None:
        return expand(settings.token, env) or None
    if settings.token_file is not None:
        return _from_file(Path(expand(settings.token_file, env)).expanduser(), name)
    if settings.token_command is not None:
        return _from_command([expand(word, env) for word in settings.token_command], name)
    if settings.token_keyring is not None:
        return _from_keyring(settings.token_keyring, name)
    return None


def _from_file(path: Path, name: str) -> str:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadAnswer(f"services.{name}: the token file {path} cannot be read ({type(error).__name__})") from None
    if stat.S_IMODE(mode) & 0o077:
        raise BadAnswer(f"services.{name}: the token file {path} can be read by others: chmod 600 {path}")
    return _first_line(text, f"the token file {path}", name)


def _from_command(words: list[str], name: str) -> str:
    what = f"the token command '{words[0]}'"
    try:
        done = subprocess.run(words, capture_output=True, timeout=COMMAND_WAIT, check=False, env=dict(os.environ))
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BadAnswer(f"services.{name}: {what} cannot be run ({type(error).__name__})") from None
    if done.returncode != 0:
        raise BadAnswer(f"services.{name}: {what} ended with {done.returncode}")
    return _first_line(done.stdout.decode(errors="replace"), what, name)


def _from_keyring(entry: str, name: str) -> str:
    service, _, user = entry.partition("/")
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        raise BadAnswer(f"services.{name}: token_keyring needs the keyring package: pip install keyring") from None
    found = keyring.get_password(service, user)
    if not found:
        raise BadAnswer(f"services.{name}: the keyring has no password for {entry}")
    return str(found)


def _first_line(text: str, what: str, name: str) -> str:
    first = text.strip().splitlines()[0].strip() if text.strip() else ""
    if not first:
        raise BadAnswer(f"services.{name}: {what} gave no token")
    return first
