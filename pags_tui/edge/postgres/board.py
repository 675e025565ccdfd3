"""Asks, answers and who is present, through the journal's database: for screens on other hosts than the guard's.

Who asks is the database's authenticated user, whatever the screen says; an ask is taken once, by the run's owner, and
not at all once nobody waits for it any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from pags_tui.core.events import Actor, Seated
from pags_tui.core.ports import Asked
from pags_tui.core.series import Seconds
from pags_tui.edge.postgres.line import Line
from pags_tui.edge.postgres.reading import loose, tight

STAYS = 25
"""Seconds after which somebody who has not told that he is there any more is gone."""


def channel(what: str, run: str) -> str:
    """The name of the channel of that run: the same as the function of that name in tables.sql gives."""
    return f"pags_{what}_{hashlib.md5(run.encode(), usedforsecurity=False).hexdigest()}"


class PostgresBoard:
    """The `Board` port. Safe to use from several threads."""

    def __init__(self, line: Line, run: str, *hears: str) -> None:
        """`hears`: `run` (events and ticks), `said` (answers), `ask` (asks)."""
        self._line = line
        line.listen(*(channel(one, run) for one in hears))

    def heard(self, seconds: Seconds) -> bool:
        """Waits until something may be new, at most so long: whether it may."""
        return self._line.heard(seconds)

    def user(self) -> str:
        """The session's authenticated user."""
        return str(self._one("SELECT session_user::text"))

    def tell(self, run: str) -> None:
        """Tells the run's followers that something is new."""
        self._one("SELECT pags_tui.tell(%s)", run)

    def ask(self, run: str, by_name: str, host: str, kind: str, payload: str, patience: Seconds) -> int:
        """Puts an ask up; nobody takes it once `patience` is over. Its number."""
        values = (run, tight(by_name), tight(host), kind, payload, patience)
        return int(self._one("SELECT pags_tui.ask(%s, %s, %s, %s, %s, %s)", *values))

    def answer_to(self, number: int) -> str | None:
        """What was answered; None: nothing yet."""
        found = self._one("SELECT answer FROM pags_tui.asks WHERE number = %s", number)
        return None if found is None else str(found)

    def take(self, run: str, token: int) -> Sequence[Asked]:
        """What was asked and not taken yet, each once. Raises Refused for a former owner."""
        sql = "SELECT number, by_user, by_name, kind, payload FROM pags_tui.take_asks(%s, %s)"
        rows = self._rows(sql, run, token, token=token)
        return [Asked(number, Actor(user, loose(name)), kind, text) for number, user, name, kind, text in rows]

    def answer(self, run: str, number: int, text: str) -> None:
        """The owner's answer."""
        self._one("SELECT pags_tui.answer(%s, %s, %s)", run, number, text)

    def be_present(self, run: str, screen: str, who: Seated) -> None:
        """Tells that somebody sits there. An empty user: who we are in the database."""
        user = tight(who.who.user) or None
        values = (run, screen, user, tight(who.who.name), tight(who.host), who.seat)
        self._one("SELECT pags_tui.be_present(%s, %s, %s, %s, %s, %s)", *values)

    def leave(self, run: str, screen: str) -> None:
        """Tells that nobody sits there any more."""
        self._one("SELECT pags_tui.leave(%s, %s)", run, screen)

    def present(self, run: str) -> Sequence[Seated]:
        """Who sits at a screen of that run, on whatever host."""
        sql = (
            "SELECT by_user, by_name, host, seat FROM pags_tui.present "
            "WHERE run = %s AND seen > clock_timestamp() - make_interval(secs => %s) ORDER BY by_user, by_name, screen"
        )
        rows = self._rows(sql, run, STAYS)
        return [Seated(Actor(loose(user), loose(name)), loose(host), seat) for user, name, host, seat in rows]

    def beside(self, run: str) -> Sequence[tuple[int, str, str]]:
        """What former owners had to write down elsewhere and could not merge: number, name and lines."""
        sql = "SELECT number, name, lines FROM pags_tui.beside WHERE run = %s AND NOT taken ORDER BY number"
        return [(int(number), str(name), str(lines)) for number, name, lines in self._rows(sql, run)]

    def leave_beside(self, run: str, name: str, lines: str) -> None:
        """Leaves such lines for the owner."""
        self._one("SELECT pags_tui.leave_beside(%s, %s, %s)", run, name, lines)

    def merged(self, run: str, token: int, number: int) -> None:
        """The owner has taken those in. Raises Refused for a former owner."""
        self._rows("SELECT pags_tui.merged(%s, %s, %s)", run, token, number, token=token)

    def close(self) -> None:
        """Lets go of it."""
        self._line.close()

    def _rows(self, sql: str, *values: object, token: int | None = None) -> list[tuple[Any, ...]]:
        with self._line.use(str(values[0]) if values else "", token) as connection:
            return connection.execute(sql.encode(), values).fetchall()

    def _one(self, sql: str, *values: object) -> Any:
        rows = self._rows(sql, *values)
        return rows[0][0] if rows else None
