"""One run of a journal as a recording: a single file, complete by itself. Never touches the journal it reads."""

from __future__ import annotations

import os
import tempfile
from contextlib import closing, nullcontext
from pathlib import Path

from pags_tui.core.chain import Stored
from pags_tui.core.errors import JournalError
from pags_tui.core.ports import Archive
from pags_tui.edge.journal import place, schema
from pags_tui.edge.journal.faults import shown, told
from pags_tui.edge.journal.reading import JournalReader, connect, open_readonly, written_now
from pags_tui.edge.journal.remains import Wreck
from pags_tui.edge.journal.rows import copy_run


def export_run(journal: Archive, run: str, file: Path | str, *, overwrite: bool = False) -> Path:
    """Writes the run, as it is at this moment, to `file` (0600); gives back the file's path.

    The journal may be in use, and any kind of journal: a file is read through a connection of its own, in one snapshot.
    Leases stay behind: they are about processes, not about what happened.
    Raises JournalError when
    there is no such run, when `file` exists and `overwrite` is False, and when it cannot be written.
    """
    target = Path(os.path.realpath(file))
    source = journal.path if isinstance(journal, JournalReader) else None
    _check_target(target, journal.path if isinstance(journal, Wreck) else source, overwrite)
    with told(target):
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
        os.close(descriptor)
        try:
            with open_readonly(source) if source else nullcontext(journal) as reader, reader.whole(run) as found:
                _copy(found, Path(name))
            _name(Path(name), target, overwrite)
        finally:
            Path(name).unlink(missing_ok=True)
        place.sync_folder(target.parent)
    return target


def _check_target(target: Path, source: Path | None, overwrite: bool) -> None:
    if not target.parent.is_dir():
        raise JournalError(f"there is no folder {shown(target.parent)}: make it, or name another file")
    if target == source or written_now(target):
        raise JournalError(f"{shown(target)} is a journal in use: name another file for the recording")
    if target.exists() and not overwrite:
        raise _exists(target)


def _exists(target: Path) -> JournalError:
    return JournalError(f"{shown(target)} exists already: name another file, or replace it (--force)")


def _copy(found: Stored, file: Path) -> None:
    with closing(connect(file, "mode=rw")) as db:
        schema.migrate(db, file)
        db.execute("BEGIN")
        copy_run(found, db)
        db.execute("COMMIT")
        db.execute("VACUUM")


def _name(made: Path, target: Path, overwrite: bool) -> None:
    """Gives the finished file its name at once; without `overwrite` never in place of another."""
    if overwrite:
        os.replace(made, target)
        return
    try:
        os.link(made, target)
    except FileExistsError:
        raise _exists(target) from None
    except OSError:  # a file system without hard links
        if target.exists():
            raise _exists(target) from None
        os.replace(made, target)
