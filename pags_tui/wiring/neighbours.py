"""Guards of other Unix users on this machine: where they listen, which run they guard. Reads nobody's journal."""

from __future__ import annotations

import asyncio
import pwd
import stat
import tempfile
from pathlib import Path

from pags_tui.core.errors import PagsError, Refused, Unreachable
from pags_tui.core.state import RunState, fold
from pags_tui.desk.client import first_story
from pags_tui.wiring.alive import answers

PATIENCE = 10.0
"""Longest wait in seconds for a guard's first word."""


def find_guard(user: str, run: str | None) -> Path:
    """Where the guard of that user listens; `run` tells which one where there are several.

    Raises Refused when there is none, when it is not told which, and when that user lets us in nowhere.
    """
    found = [path for path in sorted(_folder(user).glob("*.sock")) if answers(path)]
    if len(found) == 1 and run is None:
        return found[0]
    named = {told: path for path in found if (told := _run_of(path))}
    if run is None and named:
        raise Refused(f"{user} guards several runs, say which: --run {' or --run '.join(sorted(named))}.")
    if run is None or run not in named:
        whose = f"No guard of {user} that lets you in" + (f" guards {run}" if run else " is alive")
        raise Refused(f"{whose}: {user} starts one with 'pags-tui run --group GROUP', GROUP being one of yours.")
    return named[run]


def _folder(user: str) -> Path:
    """The user's socket folder, which nobody else can have made."""
    try:
        uid = pwd.getpwnam(user).pw_uid
    except KeyError:
        raise PagsError(f"There is no user '{user}' on this machine: see 'getent passwd'.") from None
    folder = Path(tempfile.gettempdir()) / f"pags-tui-{uid}"
    try:
        found = folder.lstat()
        next(iter(folder.iterdir()), None)
    except PermissionError:
        raise Refused(
            f"{user}'s guard does not let you in: {user} starts it with 'pags-tui run --group GROUP', "
            "GROUP being one of yours ('id' lists them)."
        ) from None
    except OSError:
        raise Refused(f"No guard of {user} is alive on this machine.") from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
        raise PagsError(f"{folder} does not belong to {user}: somebody else made it. Tell {user}.")
    return folder


def story_of(socket: Path) -> RunState:
    """A run as its guard tells it. Raises Unreachable when it does not, Refused when it will not talk to us."""
    return fold(asyncio.run(first_story(socket, PATIENCE)).events)


def _run_of(socket: Path) -> str | None:
    try:
        state = story_of(socket)
    except (Refused, Unreachable):
        return None
    return state.run.id if state.run else None
