"""What SQLite or the system says when the journal is in the way, as plain sentences with a next move.

Never repairs, never retries: SQLite has already waited as long as it was told to.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pags_tui.core.errors import JournalError, said

LOCKED = "the journal {file} is locked by another process: `fuser -v {file}` names it; end it, or try again"
DAMAGED = (
    "{file} is no journal, or is damaged ({why}). Nothing was changed: `pags-tui run` keeps a damaged journal aside "
    "and goes on from what can be read of it; or choose another file with --db"
)
READ_ONLY = "the journal {file} cannot be written ({why}): look at its owner, mode and file system, then try again"

SENTENCES = {
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_FULL: "the journal {file} cannot grow, the disk is full: free some space, then try again",
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_IOERR: "the disk failed under the journal {file} ({why}): `dmesg` says more; "
    "choose another place with --db if it goes on",
    sqlite3.SQLITE_CANTOPEN: "the journal {file} cannot be opened ({why}): look at its owner, its mode and its folder",
    sqlite3.SQLITE_CONSTRAINT: "the journal {file} only grows and refused this ({why}): "
    "another program writes to it, or this one is wrong; nothing was changed",
}
"""By SQLite's primary result code (https://www.sqlite.org/rescode.html)."""


class Damaged(JournalError):
    """The file is not as SQLite, or this program, wrote it."""

    def __init__(self, file: Path, why: str) -> None:
        self.why = said(why)
        """What is wrong, without the file and the next move."""
        super().__init__(DAMAGED.format(file=shown(file), why=self.why))


def plain(error: sqlite3.Error, file: Path) -> JournalError:
    """The error as a JournalError whose text names the file."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Damaged(file, str(error))
    sentence = SENTENCES.get(code, "the journal {file} failed ({why}): try again, or choose another file with --db")
    return JournalError(sentence.format(file=shown(file), why=said(str(error))))


def shown(file: Path) -> str:
    """The path for a sentence, safe to print."""
    return said(str(file), 1000)


@contextmanager
def told(file: Path) -> Iterator[None]:
    """Whatever SQLite or the system raises inside becomes a JournalError about that file."""
    try:
        yield
    except sqlite3.Error as error:
        raise plain(error, file) from error
    except UnicodeError as error:
        raise JournalError("the text holds characters that are no Unicode: type it again without them") from error
    except OSError as error:
        why = said(error.strerror or str(error))
        raise JournalError(f"the journal {shown(file)} cannot be used ({why}): choose another with --db") from error
