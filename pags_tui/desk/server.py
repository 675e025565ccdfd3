"""The guard's side of the socket: every screen gets the same updates, and asks as the Unix user that it runs as.

A screen that reads too slowly is dropped and reads on from where it was; it never holds up the guard.
"""

from __future__ import annotations

import asyncio
import contextlib
import grp
import json
import os
import pwd
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pags_tui.core.decide.asks import Accepted, decode_ask
from pags_tui.core.errors import PagsError, Refused
from pags_tui.core.events import Actor, Seated
from pags_tui.desk.lines import LONGEST_LINE, WIRE, Hello, line, parse, read_hello
from pags_tui.desk.port import Began, Gone, Present, Seat, Update
from pags_tui.desk.wire import BEAT, answer_line, update_line

if TYPE_CHECKING:
    from pags_tui.driver import Driver

SLOWEST = 8 * 1024 * 1024
"""Bytes that may wait for one screen before it is dropped."""
BEAT_EVERY = 1.0
"""Seconds between two signs of life: a screen hears no later than that when a guard hangs."""
LAST_WORDS = 1.0
"""Seconds that the last line to a screen may take."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may attach besides the guard's own user and root."""

    group: str = ""
    """Members may watch."""
    group_asks: bool = False
    """Members may ask as well."""


Pictures = Callable[[Began, Actor, Seat, Sequence[Seated], Mapping[str, str]], Any]
"""Makes the first picture for a screen: of the story so far, for whom, in which seat, who is present, a keymap."""


class Server:
    """Listens for screens of one run."""

    def __init__(self, driver: Driver, path: Path, admission: Admission, pictures: Pictures | None = None) -> None:
        self.driver = driver
        self.path = path
        self.admission = admission
        self._pictures = pictures
        self._server: asyncio.Server | None = None
        self._file: tuple[int, int] | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._seats: dict[asyncio.StreamWriter, Seated] = {}
        self._elsewhere: tuple[Seated, ...] | None = None
        self._answers: set[asyncio.Task[None]] = set()
        self._beating: asyncio.Task[None] | None = None
        self._said: tuple[Update | None, bytes] = (None, b"")

    async def start(self) -> None:
        """Listens. A socket file left behind by a dead guard is replaced.

        Raises PagsError when the folder is full, not ours, or cannot be given to the group.
        """
        try:
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()
            self._server = await asyncio.start_unix_server(self._serve, sock=self._bound(), limit=LONGEST_LINE)
        except OSError as error:
            raise PagsError(f"No screen could attach: {self.path} cannot be made ({error.strerror}).") from error
        self._beating = asyncio.get_running_loop().create_task(self._beat())
        if self.admission.group:
            self._let_in(self.admission.group)

    def _bound(self) -> socket.socket:
        """The socket, known as ours before anybody can reach it: a guard that stands still right after it began to
        listen would take the socket of the one that replaced it for its own, and remove that at its end."""
        made = socket.socket(socket.AF_UNIX)
        try:
            made.bind(str(self.path))
            self.path.chmod(0o600)
            self._file = _identity(self.path)
        except OSError:
            made.close()
            raise
        return made

    def _let_in(self, group: str) -> None:
        """Gives the socket and its folder to the group. Only a member can."""
        gid = grp.getgrnam(group).gr_gid
        try:
            os.chown(self.path, -1, gid)
            self.path.chmod(0o660)
            os.chown(self.path.parent, -1, gid)
            self.path.parent.chmod(0o750)
        except PermissionError:
            raise PagsError(f"You are not in the group '{group}' ('id' lists yours): it cannot be let in.") from None

    async def stop(self, reason: str, final: bool = True) -> None:
        """Tells every screen, and closes. `final`: the run is over, and no other guard will come."""
        if self._beating is not None:
            self._beating.cancel()
        writers = tuple(self._writers)
        for writer in writers:
            with contextlib.suppress(ConnectionError, RuntimeError):
                writer.write(update_line(Gone(reason, final)))
                writer.close()
        if self._server is not None:
            self._server.close()
        if _identity(self.path) == self._file:  # the guard after us may listen there already
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()
        if writers:
            await asyncio.wait([asyncio.ensure_future(_closed(writer)) for writer in writers], timeout=LAST_WORDS)

    async def _beat(self) -> None:
        """Tells every screen that this guard lives. One that reads nothing is dropped when updates pile up."""
        while True:
            for writer in tuple(self._writers):
                if not writer.transport.get_write_buffer_size():
                    with contextlib.suppress(ConnectionError, RuntimeError):
                        writer.write(BEAT)
            await asyncio.sleep(BEAT_EVERY)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        leave: Callable[[], None] = lambda: None  # noqa: E731 - replaced once the screen is known
        try:
            by, may_ask, hello = await self._greet(reader, writer)
            if hello.picture is not None:
                seat: Seat = "desk" if may_ask and hello.seat == "desk" else "watch"
                writer.write(line({"picture": await self._picture(by, seat, hello.picture)}))
                return
            leave = self.driver.subscribe(lambda update: self._send(writer, update, hello.since))
            self._sit(writer, by, hello.seat if may_ask else "watch")
            while raw := await reader.readline():
                self._hear(raw, by, may_ask, writer)
        except (PagsError, OSError, ValueError, KeyError, TypeError) as error:
            reason = str(error) if isinstance(error, PagsError) else "that was no line of this protocol"
            with contextlib.suppress(ConnectionError, RuntimeError):
                writer.write(update_line(Gone(reason, final=True)))
        finally:
            leave()
            self._writers.discard(writer)
            if self._seats.pop(writer, None):
                self.tell_present(self._elsewhere)
            writer.close()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[Actor, bool, Hello]:
        hello = read_hello(await reader.readline())
        if hello.wire != WIRE:
            raise Refused("the guard runs another version than this screen: use the version that started the guard")
        uid = _peer(writer)
        own = uid in (os.getuid(), 0)
        return Actor(_name_of(uid), hello.name), own or self.admission.group_asks, hello

    async def _picture(self, by: Actor, seat: Seat, keymap: Mapping[str, str]) -> Any:
        """Made in a thread: the watch goes on. None: nobody makes pictures here."""
        if (make := self._pictures) is None:
            return None
        from pags_tui.driver.threads import in_thread

        told, here = self.driver.record.story(), tuple(self._seats.values())
        return await in_thread(lambda: make(told, by, seat, here, keymap))

    def _sit(self, writer: asyncio.StreamWriter, by: Actor, seat: str) -> None:
        if seat:
            self._seats[writer] = Seated(by, self.driver.identity.host, seat)
            self.tell_present(self._elsewhere)

    def seats(self) -> Mapping[str, Seated]:
        """Who sits at a screen of this host; the key is unlike that of any other screen."""
        who = self.driver.identity
        return {f"{who.host} {who.pid} {id(writer)}": seated for writer, seated in tuple(self._seats.items())}

    def tell_present(self, elsewhere: Sequence[Seated] | None) -> None:
        """Tells every screen who is present: here, and on other hosts as they are known."""
        self._elsewhere = None if elsewhere is None else tuple(elsewhere)
        others = [one for one in self._elsewhere or () if one.host != self.driver.identity.host]
        update = Present((*self._seats.values(), *others))
        for writer in tuple(self._writers):
            self._send(writer, update, 0)

    def _send(self, writer: asyncio.StreamWriter, update: Update, since: int) -> None:
        if writer.transport.get_write_buffer_size() > SLOWEST or writer.transport.is_closing():
            writer.transport.abort()
            return
        if isinstance(update, Began) and since:
            update = Began(tuple(e for e in update.events if e.seq > since), update.ticks, update.now)
        if update is not self._said[0]:  # put into words once, however many listen
            self._said = (update, update_line(update))
        writer.write(self._said[1])

    def _hear(self, raw: bytes, by: Actor, may_ask: bool, writer: asyncio.StreamWriter) -> None:
        asked = parse(raw).get("ask")
        if not isinstance(asked, dict):
            raise Refused("this guard understands asks only")
        answer = self._answer(int(asked["id"]), asked, by, may_ask, writer)
        task = asyncio.get_running_loop().create_task(answer)
        self._answers.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._answers.discard)

    async def _answer(
        self, number: int, asked: dict[str, object], by: Actor, may_ask: bool, writer: asyncio.StreamWriter
    ) -> None:
        try:
            if not may_ask:
                raise Refused(f"{by.user} may watch this run, not change it.")
            ask = decode_ask(str(asked.get("kind")), json.dumps(asked.get("payload")))
            answer = await self.driver.ask(by, ask)
        except PagsError as error:
            answer = Accepted(said=str(error), refused=True)
        with contextlib.suppress(ConnectionError, RuntimeError):
            writer.write(answer_line(number, answer))


async def _closed(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        await writer.wait_closed()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _peer(writer: asyncio.StreamWriter) -> int:
    """The Unix user at the other end, as the kernel knows it."""
    peer: socket.socket = writer.get_extra_info("socket")
    raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", raw)
    return int(uid)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
