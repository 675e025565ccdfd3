"""One connection to the journal's database: every wait on it ends, and a lost one is made anew behind the scenes.

Never runs a statement twice: what was sent and not answered is in doubt, and whoever sent it has to look.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import select
import selectors
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from psycopg import conninfo, pq

from pags_tui.core.errors import JournalError, Unreachable
from pags_tui.core.series import Seconds
from pags_tui.edge import within
from pags_tui.edge.postgres.address import HIDDEN, Database
from pags_tui.edge.postgres.faults import ADDRESS, LOST, OUT_OF_REACH, doubtful, told, unreachable

CONNECT_WITHIN: Seconds = 4.0
"""Longest wait for a connection; libpq itself knows no less than two seconds."""
AGAIN: Seconds = 0.5
"""Between two tries to connect again."""

# A lost host is noticed within about 15 s, by either side.
KEEPALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 4, "tcp_user_timeout": 12000}
SESSION = (
    "SET client_encoding TO 'UTF8'",
    "SET TimeZone TO 'UTC'",
    "SET search_path TO ''",
    "SET lock_timeout TO '1s'",
    "SET idle_in_transaction_session_timeout TO '60s'",
    "SET tcp_keepalives_idle TO 5",
    "SET tcp_keepalives_interval TO 2",
    "SET tcp_keepalives_count TO 4",
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') IN ('off', 'local')",
)
"""What holds for every session of ours, whatever the server's settings."""


class Silent(psycopg.OperationalError):
    """The server said nothing for too long."""


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection on which nothing is waited for longer than its patience; a silent one is closed."""

    patience: Seconds = 2.0

    def wait(self, gen: Any, interval: float = 0.0, timeout: float | None = None) -> Any:
        """Works through one step with the server. Raises Silent when it stops short."""
        try:
            with selectors.DefaultSelector() as selector:
                wanted = next(gen)
                while True:
                    key = selector.register(self.pgconn.socket, int(wanted))
                    ready = selector.select(self.patience)
                    selector.unregister(key.fileobj)
                    if not ready:
                        self.pgconn.finish()
                        raise Silent(f"no word within {self.patience:g} s")
                    wanted = gen.send(ready[0][1])
        except StopIteration as end:
            return end.value


def parameters(db: Database) -> dict[str, Any]:
    """What is added to the address. To another host TLS is required, unless the address or PGSSLMODE says otherwise."""
    if str(db) == HIDDEN:  # perhaps a password with a slash in it, which would be looked up as a host's port
        raise JournalError(ADDRESS)
    try:
        given = conninfo.conninfo_to_dict(db.url)
    except psycopg.Error:
        raise JournalError(ADDRESS) from None
    implied = {one.keyword.decode(): one.val.decode() for one in pq.Conninfo.get_defaults() if one.val}
    every = {**implied, **given}
    host = str(every.get("host") or every.get("hostaddr") or "")
    found: dict[str, Any] = {"application_name": "pags-tui", "connect_timeout": 3, **KEEPALIVE}
    chosen = "sslmode" in given or "PGSSLMODE" in os.environ or "service" in every
    if not chosen and not all(_here(one) for one in host.split(",")):
        found["sslmode"] = "require"
    return {key: value for key, value in found.items() if key not in given}


def _here(host: str) -> bool:
    """That host is this machine: a folder of sockets, or loopback."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def connect(db: Database, patience: Seconds) -> Connection:
    """A session of ours, in autocommit. Raises JournalError."""
    added = parameters(db)

    def work() -> Connection:
        try:
            made = Connection.connect(db.url, autocommit=True, **added)
        except psycopg.OperationalError as error:
            raise unreachable(error, db) from None
        made.patience = max(patience, CONNECT_WITHIN)
        for statement in SESSION:
            made.execute(statement)
        made.patience = patience
        return made

    with told(db):
        try:
            return within(CONNECT_WITHIN, work)
        except Unreachable as error:
            raise JournalError(OUT_OF_REACH.format(db=db, why=error)) from None


class Line:
    """A connection that is there, or is being made again."""

    def __init__(self, db: Database, patience: Seconds) -> None:
        """Connects. Raises JournalError when that cannot be done."""
        self.db = db
        self._patience = patience
        self._lock = threading.RLock()
        self._closed = threading.Event()
        self._why = ""
        self.anew: Callable[[Connection], None] = lambda _: None
        """Called on every new connection, before anything else is done with it."""
        self._channels: tuple[str, ...] = ()
        self._heard = False
        self._connection: Connection | None = connect(db, patience)

    @contextlib.contextmanager
    def use(self, run: str = "", token: int | None = None, *, writes: bool = False) -> Iterator[Connection]:
        """The connection, for this thread alone.

        Raises JournalError while there is none, and for what goes wrong; InDoubt when a write was sent and not
        answered; Refused when the token is no longer the run's newest.
        """
        with self._lock:
            connection = self._connection
            if connection is None:
                raise JournalError(LOST.format(db=self.db, why=self._why or "closed"))
            try:
                with told(self.db, run, token):
                    try:
                        yield connection
                    except psycopg.OperationalError as error:
                        if not connection.closed:
                            raise
                        self._lose(connection, str(error).partition("\n")[0])
                        if writes:
                            raise doubtful(self.db, self._why) from None
                        raise
            finally:
                if connection.closed and self._connection is connection:
                    self._lose(connection, "the connection was lost")

    def listen(self, *channels: str) -> None:
        """Listens there from now on, on every connection to come as well. A channel's name is letters and digits."""
        self._channels = channels
        with self.use() as connection:
            self._listen(connection)

    def _listen(self, connection: Connection) -> None:
        def note(_: psycopg.Notify) -> None:
            self._heard = True

        for channel in self._channels:
            connection.add_notify_handler(note)
            connection.execute(f"LISTEN {channel}".encode())  # a hash: see `channel` in board.py
        self._heard = True  # what was said before is unheard

    def heard(self, seconds: Seconds) -> bool:
        """Waits until something was said, at most so long; whether it was. Nobody else is kept from the line."""
        connection = self._connection
        if connection is None or connection.closed:
            self._closed.wait(min(seconds, AGAIN))
            return False
        if not self._heard:
            with contextlib.suppress(OSError, ValueError, psycopg.Error):
                select.select([connection.pgconn.socket], [], [], seconds)
            with self._lock, contextlib.suppress(JournalError), self.use() as mine:
                mine.pgconn.consume_input()  # without asking the server anything; raises where the connection has ended
                while mine.pgconn.notifies():
                    self._heard = True
        found, self._heard = self._heard, False
        return found

    def _lose(self, connection: Connection, why: str) -> None:
        self._connection, self._why = None, self.db.clean(why)
        with contextlib.suppress(psycopg.Error):
            connection.close()
        if not self._closed.is_set():
            threading.Thread(target=self._again, name="journal-line", daemon=True).start()

    def _again(self) -> None:
        while not self._closed.wait(AGAIN):
            try:
                made = connect(self.db, self._patience)
                with told(self.db):
                    self.anew(made)
                    self._listen(made)
            except Exception:  # noqa: S112 - why it was lost is known; why it cannot be had yet would only hide that
                continue
            with self._lock:
                if self._closed.is_set():
                    made.close()
                else:
                    self._connection = made
            return

    def close(self) -> None:
        """Lets go of it."""
        self._closed.set()
        with self._lock:
            connection, self._connection, self._why = self._connection, None, "closed"
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()
