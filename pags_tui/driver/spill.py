"""The file beside the journal that takes a rollback's events while the journal itself cannot be written.

One JSON object a line, appended and synced. It never stops anything: a disk that refuses even this file is passed over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pags_tui.core.errors import PagsError
from pags_tui.core.events import Actor, Event, decode, encode

PATTERN = "rollback-*.jsonl"
MERGED = ".merged"
"""Added to the name of a file whose events are all in the journal."""


class Spill:
    """Where a rollback's events go for the time being: the first of some folders that takes them."""

    def __init__(self, folders: Sequence[Path], name: str, journal: str = "") -> None:
        """`name` is `rollback-<time>.jsonl`. `journal` names the journal: folders are shared, and so are run ids."""
        self._journal = journal
        self._places = [folder / name for folder in folders]
        self.path: Path | None = None
        """The file, once something is in it."""

    def add(self, run: str, events: Iterable[Event]) -> None:
        """Appends the events durably; says nothing when no folder takes them."""
        text = "".join(_line(run, event, self._journal) for event in events)
        for place in [self.path] if self.path else self._places:
            with suppress(OSError):
                descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
                try:
                    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
                        file.write(text)
                        file.flush()
                        os.fsync(file.fileno())
                except OSError:
                    _unmade(place)
                    raise
                self.path = place
                return

    @property
    def taken(self) -> bool:
        """Somebody has taken it into the journal: what goes on with its order is there."""
        return self.path is not None and _aside(self.path).exists()

    def done(self) -> None:
        """What it held is in the journal now."""
        if self.path is not None:
            with suppress(OSError):
                self.path.rename(_aside(self.path))
            self.path = None


def _unmade(place: Path) -> None:
    """A full disk takes a name and no content: an empty file is no use to anybody."""
    if place.stat().st_size == 0:
        place.unlink()


def _aside(path: Path) -> Path:
    return path.with_name(path.name + MERGED)


@dataclass(frozen=True, slots=True)
class Found:
    """A file that somebody left, with its events of one run."""

    path: Path
    events: tuple[Event, ...]
    lines: tuple[str, ...]
    """Their lines."""
    others: tuple[str, ...]
    """Lines of other runs, and what nobody can read."""


def set_aside(found: Found) -> None:
    """Moves what is merged out of the way, so that nobody merges it again; what is of others stays."""
    with suppress(OSError):
        if not found.others:
            found.path.rename(_aside(found.path))
            return
        _aside(found.path).write_text("".join(f"{line}\n" for line in found.lines), encoding="utf-8")
        rest = found.path.with_name(f".{found.path.name}.part")
        rest.write_text("".join(f"{line}\n" for line in found.others), encoding="utf-8")
        rest.replace(found.path)


def left_behind(folders: Sequence[Path], run: str, journal: str = "") -> Iterator[Found]:
    """Every such file with events of that run, oldest first. What cannot be read is left where it is.

    `journal`: events that name another journal are another run's, whatever its id. Empty: that is not looked at.
    """
    paths = sorted({path for folder in folders for path in _listed(folder)}, key=lambda path: path.name)
    for path in paths:
        with suppress(OSError, UnicodeDecodeError):
            found = found_in(str(path), path.read_text(encoding="utf-8"), run, journal)
            if found is not None:
                yield found


def found_in(name: str, text: str, run: str, journal: str = "") -> Found | None:
    """The events of that run in such a file's text; None when there are none. `journal` as in `left_behind`."""
    lines = [line for line in text.split("\n") if line.strip()]
    rows = [(line, None if _is_elsewhere(line, journal) else _event(line)) for line in lines]
    mine = [(line, row[1]) for line, row in rows if row and row[0] == run]
    others = tuple(line for line, row in rows if not row or row[0] != run)
    if not mine:
        return None
    return Found(Path(name), tuple(event for _, event in mine), tuple(line for line, _ in mine), others)


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.glob(PATTERN))
    except OSError:
        return []


def _is_elsewhere(line: str, journal: str) -> bool:
    """It is of another journal. A line that names none is of any."""
    try:
        named = json.loads(line).get("journal", "")
    except (ValueError, AttributeError):
        return False
    return bool(journal and named and named != journal)


def _line(run: str, event: Event, journal: str) -> str:
    kind, payload = encode(event.fact)
    row = {"run": run, "seq": event.seq, "at": event.at.isoformat(), "user": event.by.user, "name": event.by.name}
    where = {"journal": journal} if journal else {}
    return json.dumps({**where, **row, "kind": kind, "payload": json.loads(payload)}) + "\n"


def _event(line: str) -> tuple[str, Event] | None:
    """The run and the event of a line; None for a line cut off, edited, or of a later version."""
    try:
        row = json.loads(line)
        fact = decode(row["kind"], json.dumps(row["payload"]))
        by = Actor(row["user"], row.get("name", ""))
        at = datetime.fromisoformat(row["at"])
        return (row["run"], Event(int(row["seq"]), at, by, fact)) if at.tzinfo else None
    except (ValueError, KeyError, TypeError, PagsError):
        return None
