"""A screen's side of the socket. When the guard goes away it says so and goes on trying; nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from pags_tui.core.decide.asks import Accepted, Ask, RollBack
from pags_tui.core.errors import PagsError, Refused, Unreachable
from pags_tui.core.events import Actor
from pags_tui.core.ports import Clock
from pags_tui.desk.glass import Breaker, Glass
from pags_tui.desk.lines import LONGEST_LINE, WIRE, Hello, hello_line, parse
from pags_tui.desk.port import Began, Gone, Seat, Update
from pags_tui.desk.wire import answer_of, ask_line, update_of

AGAIN = 1.0
"""Seconds between two tries to find the guard again."""
PATIENCE = 30.0
"""Longest wait in seconds for the answer to an ask; a forward change reads gates and flags first."""
SILENCE = 5.0
"""Seconds without a word after which a guard counts as hanging: five of its signs of life."""


class SocketDesk:
    """A seat at a guard in another process."""

    def __init__(
        self,
        path: Path,
        me: Actor,
        clock: Clock,
        seat: Seat = "desk",
        wake: Callable[[], None] | None = None,
        glass: Glass | None = None,
    ) -> None:
        """`wake` starts a guard where none lives: it blocks, or raises PagsError. None: only wait for one.

        `glass` performs a rollback that the guard does not take. None: there is no other way (no live run).
        """
        self.me = me
        self.seat: Seat = seat
        self._path = path
        self._clock = clock
        self._ahead = timedelta()
        self._writer: asyncio.StreamWriter | None = None
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Accepted]] = {}
        self._task: asyncio.Task[None] | None = None
        self._receive: Callable[[Update], None] = lambda _: None
        self._wake = wake
        self._breaker = Breaker(glass, lambda update: self._receive(update)) if glass else None
        self._found = asyncio.Event()

    def now(self) -> datetime:
        """The guard's clock, as of its last word."""
        return self._clock.now() + self._ahead

    async def attach(self, receive: Callable[[Update], None]) -> None:
        """Feeds updates until detached; attaches again by itself."""
        self._receive = receive
        self._task = asyncio.get_running_loop().create_task(self._stay())

    async def _stay(self) -> None:
        while True:
            try:
                if await self._listen():
                    return
                reason = "the guard went away"
            except TimeoutError:
                reason = f"the guard hangs: not a word for {SILENCE:.0f} s"
            except OSError as error:
                reason = f"no guard answers ({type(error).__name__})"
            except (PagsError, ValueError, KeyError, TypeError) as error:
                reason = str(error) if isinstance(error, PagsError) else "the guard speaks another version"
            if self._breaker is None or not self._breaker.busy:
                self._drop(reason)
            await asyncio.sleep(AGAIN)
            if self._breaker is not None:
                await self._breaker.over()  # the run is in other hands, for a moment
            await self._start_guard()

    async def _start_guard(self) -> None:
        """The watch must go on: whoever sits here starts a guard where the last one died."""
        if self._wake is None:
            return
        from pags_tui.driver.threads import in_thread

        try:
            await in_thread(self._wake)
        except PagsError as error:
            self._receive(Gone(f"no guard can be started: {error}"))

    async def _listen(self) -> bool:
        """One connection, to its end. True: the guard said that it was the last one."""
        reader, writer = await asyncio.open_unix_connection(self._path, limit=LONGEST_LINE)
        self._writer = writer
        writer.write(hello_line(Hello(WIRE, self.me.name, seat=self.seat)))
        while raw := await _next(reader):
            if self._take(raw):
                return True
        return False

    def _take(self, raw: bytes) -> bool:
        content = parse(raw)
        update = update_of(content)
        if update is None:
            self._answered(content.get("answer", {}))
            return False
        if isinstance(update, Began):
            self._found.set()
            self._ahead = update.now - self._clock.now()
        if self._breaker is not None:
            self._breaker.heard(update)
        self._receive(update)
        return isinstance(update, Gone) and update.final

    def _answered(self, answer: dict[str, object]) -> None:
        waiting = self._waiting.pop(int(str(answer.get("id", 0))), None)
        if waiting is None or waiting.done():
            return
        waiting.set_result(answer_of(answer))

    def _drop(self, reason: str) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer = None
        self._found.clear()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(Unreachable(reason))
        self._waiting.clear()
        self._receive(Gone(reason))

    async def ask(self, ask: Ask) -> Accepted:
        """The guard's answer. Without a guard, or without an answer in time, a refusal that says so.

        A rollback waits two seconds for the guard, then it is performed without it.
        """
        if isinstance(ask, RollBack) and self._breaker is not None:
            return await self._breaker.roll_back(ask, lambda: self._found_and_asked(ask), self._drop)
        if self._writer is None and self._wake is not None and isinstance(ask, RollBack):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._found.wait(), PATIENCE)
        if self._writer is None:
            said = "No guard answers: nothing was done. A live run, in another shell: pags-tui rollback"
            return Accepted(said=said, refused=True)
        try:
            return await asyncio.wait_for(self._asked(ask), PATIENCE)
        except TimeoutError:
            return Accepted(said="The guard did not answer in time. It may have happened; look.", refused=True)
        except Unreachable as error:
            return Accepted(said=f"No answer: {error}. It may have happened; look.", refused=True)

    async def _found_and_asked(self, ask: Ask) -> Accepted:
        if self._writer is None:
            await self._found.wait()
        return await self._asked(ask)

    async def _asked(self, ask: Ask) -> Accepted:
        """The guard's answer. Raises Unreachable when the guard goes away, or there is none."""
        if self._writer is None:
            raise Unreachable("no guard answers")
        number = next(self._numbers)
        waiting: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        self._writer.write(ask_line(number, ask))
        try:
            return await waiting
        finally:
            self._waiting.pop(number, None)

    async def detach(self) -> None:
        """Lets go; the guard goes on."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, PagsError, OSError):
                await self._task
        if self._breaker is not None:
            await self._breaker.detach()
        if self._writer is not None:
            self._writer.close()


async def ask_once(path: Path, me: Actor, clock: Clock, ask: Ask, patience: float) -> Accepted:
    """One ask from a shell. Raises Unreachable when no guard answers in time, Refused when it will not talk to us."""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_unix_connection(path, limit=LONGEST_LINE), patience)
    except (OSError, TimeoutError):
        raise Unreachable("No guard of this run answers: 'pags-tui run' starts one.") from None
    try:
        writer.write(hello_line(Hello(WIRE, me.name)) + ask_line(1, ask))
        return await asyncio.wait_for(_first_answer(reader), patience)
    except (OSError, TimeoutError):
        raise Unreachable("The guard did not answer in time. It may have happened: pags-tui status.") from None
    finally:
        writer.close()


async def first_story(path: Path, patience: float) -> Began:
    """The run so far, as its guard tells it. Raises Unreachable, or Refused when it will not talk to us."""
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_unix_connection(path, limit=LONGEST_LINE)
            try:
                writer.write(hello_line(Hello(WIRE)))
                told = update_of(parse(await reader.readline()))
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):
        raise Unreachable("The guard did not tell its run: 'pags-tui status' of its user says more.") from None
    if isinstance(told, Began):
        return told
    raise Refused(told.reason if isinstance(told, Gone) else "The guard speaks another version.")


async def ask_and_follow(
    path: Path, me: Actor, ask: Ask, patience: float, receive: Callable[[Update], bool]
) -> Accepted:
    """One ask from a shell, and then every update until `receive` says that it has seen enough.

    Raises Unreachable when no guard answers in time or when it goes away, Refused when it will not talk to us.
    """
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_unix_connection(path, limit=LONGEST_LINE)
            writer.write(hello_line(Hello(WIRE, me.name)) + ask_line(1, ask))
            answer, over = await _answer_among(reader, receive)
        while not (over or answer.refused) and (raw := await _next(reader)):
            over = _received(parse(raw), receive)
    except (OSError, TimeoutError, ValueError):
        raise Unreachable("no guard answers") from None
    finally:
        if writer is not None:
            writer.close()
    if not (over or answer.refused):
        raise Unreachable("the guard went away")
    return answer


async def _next(reader: asyncio.StreamReader) -> bytes:
    """The next line; raises TimeoutError when there is not a word for too long."""
    async with asyncio.timeout(SILENCE):  # `wait_for` would swallow a cancellation that comes with a line
        return await reader.readline()


async def _answer_among(reader: asyncio.StreamReader, receive: Callable[[Update], bool]) -> tuple[Accepted, bool]:
    over = False
    while raw := await reader.readline():
        content = parse(raw)
        if "answer" in content:
            return answer_of(content["answer"]), over
        if content.get("gone"):
            raise Refused(content["gone"])
        over = _received(content, receive)
    raise Unreachable("the guard closed the line")


def _received(content: dict[str, object], receive: Callable[[Update], bool]) -> bool:
    update = update_of(content)
    return update is not None and receive(update)


async def _first_answer(reader: asyncio.StreamReader) -> Accepted:
    while raw := await reader.readline():
        content = parse(raw)
        if "answer" in content:
            return answer_of(content["answer"])
        if content.get("gone"):
            raise Refused(content["gone"])
    raise Unreachable("The guard closed the line. It may have happened: pags-tui status.")
