"""An HTTP server that does whatever a test tells it, as wrong as it likes: cuts, drips, floods, redirects, silence.

It speaks HTTP by hand over a socket, since a well-behaved library would not let it misbehave.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


Manner = Callable[[Asked, socket.socket], None]
"""Answers one request on its socket; returning closes the connection unless it wrote a keep-alive answer."""


class Misbehaving:
    """The server; `with Misbehaving(status(500)) as server: server.url`. Its manner may be changed at any time."""

    def __init__(self, manner: Manner, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.manner = manner
        self.tls = tls
        """With it, https://; its certificate may be changed at any time."""
        self.asked: list[Asked] = []
        self.connections = 0
        self.released = threading.Event()
        """Set at the end: what is silent on purpose waits for it."""
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Misbehaving:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.released.set()
        self.go_away()

    def go_away(self) -> None:
        """Refuses connections from here on. Safe to call again."""
        if self._listener.fileno() == -1:
            return
        # A close alone would not wake the thread that waits in accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        if self.tls is not None:
            try:
                connection = self.tls.wrap_socket(connection, server_side=True)
            except OSError:
                return
        with connection, connection.makefile("rb") as stream:
            try:
                while (asked := _read(stream)) is not None:
                    self.asked.append(asked)
                    if self.manner(asked, connection) is not KEEP:
                        return
            except OSError:
                return


KEEP = object()
"""What a manner returns to keep the connection open."""


def _read(stream: object) -> Asked | None:
    line = stream.readline()
    if not line:
        return None
    method, target, _ = line.decode().split(" ", 2)
    headers = {}
    while (line := stream.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(method, target, headers, stream.read(int(headers.get("content-length", 0))))


def status(code: int, body: bytes | str = b"", kind: str = "text/plain", **headers: str) -> Manner:
    """A complete answer; `Retry_After="3"` becomes a header."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {code} Whatever", f"Content-Type: {kind}", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    def answer(_: Asked, connection: socket.socket) -> object:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
        return KEEP

    return answer


def as_json(document: object, code: int = 200, **headers: str) -> Manner:
    """A JSON answer."""
    return status(code, json.dumps(document), "application/json", **headers)


HTML = status(200, "<!DOCTYPE html><html><body>Please sign in</body></html>", "text/html")
"""What a login page in front of the service answers."""


def silent(server: Callable[[], Misbehaving]) -> Manner:
    """Takes the request and says nothing until the test ends."""

    def answer(_: Asked, __: socket.socket) -> None:
        server().released.wait(30)

    return answer


def cut(_: Asked, connection: socket.socket) -> None:
    """Promises 100 bytes, sends ten and hangs up."""
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n" + b'{"status":'
    )


def hang_up(_: Asked, __: socket.socket) -> None:
    """Hangs up without a word."""


def flood(_: Asked, connection: socket.socket) -> None:
    """A body without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        connection.sendall(b'{"value": "' + b"x" * 1_000_000)


def drip(server: Callable[[], Misbehaving]) -> Manner:
    """A byte now and then, for ever: no single read ever times out."""

    def answer(_: Asked, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
        while not server().released.wait(0.05):
            connection.sendall(b" ")

    return answer


def refusing_url() -> str:
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"
