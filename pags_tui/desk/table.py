"""The guard's side of a shared database: hears asks from other hosts, answers them, and tells who is present.

It never holds up the guard: what waits for the database waits in a thread of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable

from pags_tui.core.decide.asks import Accepted, decode_ask
from pags_tui.core.errors import JournalError, PagsError, Refused
from pags_tui.core.ports import Asked, Board
from pags_tui.core.series import Seconds
from pags_tui.desk.server import Server
from pags_tui.desk.wire import answer_content
from pags_tui.driver import Driver, found_in
from pags_tui.driver.threads import in_thread

LOOK_EVERY: Seconds = 10.0
"""Between two looks at who is present, and at what former owners left."""
ELSEWHERE = "/dev/null"
"""A folder that is none: what another host has written down lies in no file here."""
WAIT: Seconds = 1.0
"""Longest wait for an ask that was not heard."""


class Table:
    """Serves one run's screens on other hosts."""

    def __init__(self, driver: Driver, server: Server, board: Board, run: str, boot: Callable[[], Seconds]) -> None:
        """`boot`: the machine's boot-time clock."""
        self._driver, self._server, self._board, self._run, self._boot = driver, server, board, run, boot
        self._token = driver.identity.token
        self._stopped, self._news = threading.Event(), threading.Event()
        self._leave: Callable[[], None] = lambda: None
        self._tasks: set[asyncio.Task[None]] = set()
        self._known: set[str] = set()
        self._loop: asyncio.AbstractEventLoop

    def start(self) -> None:
        """Begins to hear, on the running loop's behalf."""
        self._loop = asyncio.get_running_loop()
        self._leave = self._driver.subscribe(lambda _: self._news.set())
        for work, name in ((self._work, "shared-table"), (self._tell, "shared-news")):
            threading.Thread(target=work, name=name, daemon=True).start()

    def stop(self) -> None:
        """Hears nothing more."""
        self._leave()
        self._stopped.set()
        self._news.set()

    def _tell(self) -> None:
        """Tells followers what is new, beside the writing: several events at once are told once."""
        while self._news.wait() and not self._stopped.is_set():
            self._news.clear()
            with contextlib.suppress(PagsError):
                self._board.tell(self._run)

    def _work(self) -> None:
        look_at = 0.0
        while not self._stopped.is_set():
            self._board.heard(WAIT)
            try:
                for asked in self._board.take(self._run, self._token):
                    self._loop.call_soon_threadsafe(self._serve, asked)
                if self._boot() >= look_at:
                    look_at = self._boot() + LOOK_EVERY
                    self._look()
            except Refused:
                return  # another guard owns the run
            except (JournalError, RuntimeError):
                self._stopped.wait(WAIT)

    def _serve(self, asked: Asked) -> None:
        task = self._loop.create_task(self._answer(asked))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, asked: Asked) -> None:
        try:
            answer = await self._driver.ask(asked.by, decode_ask(asked.kind, asked.payload))
        except PagsError as error:
            answer = Accepted(said=str(error), refused=True)
        text = json.dumps(answer_content(asked.number, answer))
        with contextlib.suppress(PagsError):
            await in_thread(lambda: self._board.answer(self._run, asked.number, text))

    def _look(self) -> None:
        """Tells who sits at this host's sockets, hears who sits elsewhere, takes in what a former owner left."""
        seats = dict(self._server.seats())
        for screen, who in seats.items():
            self._board.be_present(self._run, screen, who)
        for screen in self._known - set(seats):
            self._board.leave(self._run, screen)
        self._known = set(seats)
        people = tuple(self._board.present(self._run))
        self._loop.call_soon_threadsafe(self._server.tell_present, people)
        for number, name, lines in self._board.beside(self._run):
            done = threading.Event()
            self._loop.call_soon_threadsafe(self._merge, name, lines, done)
            if done.wait(LOOK_EVERY):
                self._board.merged(self._run, self._token, number)

    def _merge(self, name: str, lines: str, done: threading.Event) -> None:
        with contextlib.suppress(PagsError):
            found = found_in(f"{ELSEWHERE}/{name}", lines, self._run)
            if found is None or self._driver.record.merge(found):
                done.set()
