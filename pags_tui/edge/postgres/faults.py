"""What PostgreSQL or the network says when the journal is in the way, as plain sentences with a next move.

Never repairs, never retries, and lets no password out: texts of the client library are shown cleaned, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from pags_tui.core.chain import fenced
from pags_tui.core.errors import InDoubt, JournalError, PagsError, said
from pags_tui.edge.postgres.address import Database

FENCED, MISPLACED, KEPT = "PT001", "PT002", "PT004"
"""What the functions in tables.sql raise."""

ADDRESS = (
    "the address of the journal's database cannot be understood: it looks like postgresql://user@host:5432/name; "
    "in a password, @ : / and % are written %40 %3A %2F and %25, or it is left to PGPASSWORD or ~/.pgpass"
)
LOST = "the journal's database {db} does not answer ({why}): it is tried again by itself"
OUT_OF_REACH = "the journal's database {db} cannot be reached ({why}): see whether it is up, and reachable from here"
UNPROVEN = (
    "the journal's database {db} does not prove who it is ({why}): look at sslrootcert (PGSSLROOTCERT), at the host's "
    "name, and at the server's certificate"
)
KEYLESS = (
    "the journal's database {db} does not let this user in ({why}): look at sslcert and sslkey (PGSSLCERT, PGSSLKEY), "
    "whose key nobody else may read"
)
IN_THE_CLEAR = (
    "the journal's database {db} offers no TLS ({why}): switch it on there, or say sslmode=disable where the network "
    "may be trusted"
)
REFUSED = {
    "28": "the journal's database {db} does not let this user in ({why}): look at user, password and pg_hba.conf",
    "3D": "there is no database {db} ({why}): createdb makes one, --db names another",
    "42": "this user may not do that in {db} ({why}): docs/postgresql.md has the grants",
    "53": "the journal's database {db} has no room for it ({why}): free disk or connections, then try again",
    "25": "the journal's database {db} takes no writes ({why}): it may be a standby; name the primary with --db",
    "55": "the journal's database {db} is busy ({why}): try again",
    "57": LOST,
    "08": LOST,
}
"""By the class of SQLSTATE (PostgreSQL, Appendix A)."""
TOLD = (
    (("certificate verify failed", "does not match host name", "root certificate file"), UNPROVEN),
    (("server does not support SSL",), IN_THE_CLEAR),
    (("client certificate", "private key file", "certificate file"), KEYLESS),
    (("authentication", "pg_hba.conf", "role", "password", "permission denied"), REFUSED["28"]),
    (("does not exist",), REFUSED["3D"]),
)
"""By words of libpq, where there is no SQLSTATE; the first that fits."""


def plain(error: psycopg.Error, db: Database, run: str = "", token: int | None = None) -> PagsError:
    """The error as one of ours, whose text names the database."""
    state = error.sqlstate or ""
    if state == FENCED:
        newest = error.diag.message_detail or ""
        return fenced(run, int(newest) if newest else None, token)
    if state == MISPLACED:
        return JournalError(f"the run goes on elsewhere in {db} than this program thought: it looks again")
    why = db.clean(said(error.diag.message_primary or str(error).partition("\n")[0], 160))
    sentence = REFUSED.get(state[:2]) or (LOST if not state else "the journal's database {db} refused this ({why})")
    return JournalError(sentence.format(db=db, why=why))


def unreachable(error: psycopg.Error, db: Database) -> JournalError:
    """Why no connection could be made. The client library tells it as text alone."""
    text = " ".join(str(error).split()).removeprefix("connection failed: ")
    told = text.rpartition("FATAL: ")[2].strip()
    fitting = (sentence for words, sentence in TOLD if any(word in told for word in words))
    return JournalError(next(fitting, OUT_OF_REACH).format(db=db, why=db.clean(said(told, 200))))


def doubtful(db: Database, why: str) -> InDoubt:
    """What a writer hears whose statement was sent, and never answered."""
    return InDoubt(f"the journal's database {db} did not answer ({db.clean(said(why))}): it may have been recorded")


@contextmanager
def told(db: Database, run: str = "", token: int | None = None) -> Iterator[None]:
    """Whatever psycopg raises inside becomes an error of ours about that database."""
    try:
        yield
    except psycopg.ProgrammingError as error:
        if error.sqlstate is None:  # the client library's own: its text may hold the address
            raise JournalError(ADDRESS) from None
        raise plain(error, db, run, token) from None
    except psycopg.Error as error:
        raise plain(error, db, run, token) from None
    except UnicodeError:
        raise JournalError("the text holds characters that are no Unicode: type it again without them") from None
