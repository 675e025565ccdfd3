"""One live run a target: the lock that keeps a second one on this machine off the same flag service and target."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Mapping
from typing import TextIO

from pags_tui.core.errors import PagsError, Refused
from pags_tui.core.runbook import Runbook
from pags_tui.core.state import RunState
from pags_tui.wiring import places
from pags_tui.wiring.journals import Store
from pags_tui.wiring.services import lock_name


@contextlib.contextmanager
def only_one(db: Store, run: str, state: RunState, env: Mapping[str, str]) -> Iterator[None]:
    """Holds the lock of a live run's flag service and target. Raises Refused while another run holds it.

    A guard of the same run that hangs may hold it: the run's fencing token keeps those two apart.
    """
    name = lock_name(state.runbook, env) if state.run and state.run.kind == "live" else ""
    if not name:
        yield
        return
    target, me = state.run.target if state.run else state.runbook.target, f"{db} {run}"
    with _lock_file(name) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if file.read() != me:
                raise _taken(target) from None
        else:
            file.truncate(0)
            file.write(me)
            file.flush()
        yield


def check_free(runbook: Runbook, env: Mapping[str, str]) -> None:
    """Raises Refused while a live run on this machine holds the runbook's flag service and target."""
    if name := lock_name(runbook, env):
        with _lock_file(name) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise _taken(runbook.target) from None


def _taken(target: str) -> Refused:
    return Refused(f"Another live run on this machine already changes {target}: end it first (pags-tui runs).")


def _lock_file(name: str) -> TextIO:
    """The lock's file, open. In a shared folder nobody may create over somebody else's file, so it is first opened."""
    try:
        path = places.lock_path(name)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        except FileNotFoundError:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
            os.fchmod(descriptor, 0o666)
    except OSError as error:
        raise PagsError(
            f"The lock of this target cannot be opened ({error.strerror}): look at {error.filename}."
        ) from None
    return os.fdopen(descriptor, "r+", encoding="utf-8")
