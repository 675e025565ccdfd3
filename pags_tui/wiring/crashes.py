"""What is kept of a crash: where it happened, never with what values. One small file of the user's own, rotated."""

from __future__ import annotations

import contextlib
import os
import traceback
from pathlib import Path

from pags_tui import __version__
from pags_tui.wiring import places
from pags_tui.wiring.clocks import wall

LARGEST = 256 * 1024
"""Bytes after which a log is put aside as `<name>.1`, in place of the one before it."""


def frames_of(error: BaseException) -> str:
    """Where an error came from, with the kinds of all the errors behind it. No message: it may hold a secret."""
    parts: list[str] = []
    found: BaseException | None = error
    while found is not None and len(parts) < 10:
        parts.append("".join(traceback.format_tb(found.__traceback__)) + type(found).__name__)
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return "\nafter\n".join(parts)


def keep_crash(text: str) -> Path | None:
    """Adds what is known of a crash to `crash.log` in the state folder; the file, None when it cannot be written."""
    file = places.state_folder() / "crash.log"
    with contextlib.suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        rotate(file)
        with open(private(file), "a", encoding="utf-8", errors="replace") as log:
            log.write(f"{wall():%Y-%m-%dT%H:%M:%SZ} pags-tui {__version__}, process {os.getpid()}\n{text}\n\n")
        return file
    return None


def private(file: Path) -> int:
    """A descriptor that appends to the file, which nobody else can read. Raises OSError, also for a link."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def rotate(file: Path) -> None:
    """Puts a log that has grown large aside."""
    with contextlib.suppress(OSError):
        if file.stat().st_size > LARGEST:
            file.replace(file.with_name(f"{file.name}.1"))
