"""Where a service's token comes from. It goes nowhere but into its header: never into an error, a log or a repr."""

from __future__ import annotations

import importlib
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
        token = expand(settings.token, env).strip()
        return _sendable(token, f"the variable in {settings.token}", name) if token else None
    if settings.token_file is not None:
        return _from_file(Path(expand(settings.token_file, env)).expanduser(), name)
    if settings.token_command is not None:
        return _from_command(settings.token_command, env, name)
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


def _from_command(command: tuple[str, ...], env: Mapping[str, str], name: str) -> str:
    what = f"the token command '{command[0]}'"
    words = [expand(word, env) for word in command]
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_WAIT, check=False, env=dict(env)
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
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
    try:
        found = keyring.get_password(service, user)
    except Exception as error:  # each backend has errors of its own
        raise BadAnswer(f"services.{name}: the keyring cannot be asked ({type(error).__name__})") from None
    if not found:
        raise BadAnswer(f"services.{name}: the keyring has no password for {entry}")
    return _sendable(str(found), "the keyring", name)


def _first_line(text: str, what: str, name: str) -> str:
    first = text.strip().splitlines()[0].strip() if text.strip() else ""
    if not first:
        raise BadAnswer(f"services.{name}: {what} gave no token")
    return _sendable(first, what, name)


def _sendable(token: str, what: str, name: str) -> str:
    """The token, when a header can carry it (RFC 9110, 5.5: visible characters of ASCII)."""
    if not all("!" <= one <= "~" for one in token):
        raise BadAnswer(f"services.{name}: {what} gave a token with blanks or other characters that no header carries")
    return token
