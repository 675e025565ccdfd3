"""A watching screen in a browser: textual-serve runs one such screen for each page that is open. Read-only.

The server listens where it was told to and answers only those who call it by the name that it has there: a page of
somebody else, opened in the same browser, reaches neither the screen nor what it shows.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import shlex
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pags_tui.core.errors import PagsError, Refused

if TYPE_CHECKING:
    from aiohttp import web

MOST_VIEWERS = 16
"""Pages at once: each is a process of its own on this machine."""
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' {ws};"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""Nothing from outside; the terminal of the page sets its styles inline."""

Handler = Callable[["web.Request"], Awaitable["web.StreamResponse"]]


def is_local(host: str) -> bool:
    """Only this machine can reach it there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_host(host: str, anyone: bool) -> None:
    """Raises Refused for an address that others reach, unless that was asked for."""
    if not is_local(host) and not anyone:
        raise Refused(
            f"{host} can be reached from other machines, and whoever reaches it sees the run, without a password. "
            "If that is meant: --anyone. Otherwise leave out --host, and forward the port: ssh -L 8000:127.0.0.1:8000"
        )


def serve(words: Sequence[str], title: str, host: str, port: int, tell: Callable[[str], None]) -> None:
    """Serves until it is ended. `words` begin one screen.

    Raises PagsError when the optional part is not installed, or the port cannot be used.
    """
    try:
        from textual_serve.server import Server
    except ImportError:
        raise PagsError(
            "watch --web needs an optional part of this program: pip install 'pags-tui[web]' (in a clone: '.[web]')."
        ) from None
    from aiohttp import web

    class Screens(Server):
        """Ours: no words of its own, no secrets in a log, no page but the one."""

        def __init__(self, *words: Any, **more: Any) -> None:
            super().__init__(*words, **more)
            self.viewers: set[asyncio.Task[Any] | None] = set()

        def initialize_logging(self) -> None:
            """What goes wrong, as a line on stderr; never the values that were at hand."""
            logging.basicConfig(level="WARNING", format="%(message)s", stream=sys.stderr)

        async def on_startup(self, app: web.Application) -> None:
            """Say where."""
            tell(f"Read-only, at {self.public_url}. Ctrl+C ends it.")

        async def _make_app(self) -> web.Application:
            app = await super()._make_app()
            app.middlewares.append(web.middleware(_guarded(self.host, self.port)))
            return app

        async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
            """One screen for one page."""
            if len(self.viewers) >= MOST_VIEWERS:
                raise web.HTTPServiceUnavailable(text=f"{MOST_VIEWERS} pages are open already.")
            task = asyncio.current_task()
            self.viewers.add(task)
            try:
                return await super().handle_websocket(request)
            finally:
                self.viewers.discard(task)

        async def on_shutdown(self, app: web.Application) -> None:
            """End the screens; without that an open page would be waited for."""
            for task in filter(None, self.viewers):
                task.cancel()

        async def handle_index(self, request: web.Request) -> Any:
            """The page, with addresses as this browser calls us."""
            self.public_url = f"{request.scheme}://{request.host}"
            return await super().handle_index(request)

    check_port(host, port)
    templates = Path(__file__).resolve().parent.parent / "web"
    Screens(shlex.join(words), host, port, title, templates_path=templates).serve()


def check_port(host: str, port: int) -> None:
    """Raises PagsError when nobody can listen there."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except OSError as error:
        raise PagsError(f"Nothing can listen at {host}:{port}: {error.strerror}. Choose another --port.") from None


def _guarded(host: str, port: int) -> Any:
    """Refuses whoever calls us by another name, and pages of others."""
    from aiohttp import web

    names = {f"{name}:{port}" for name in ("localhost", "127.0.0.1", "[::1]", host)}

    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if is_local(host) and request.host not in names:
            raise web.HTTPForbidden(text="This is not the name of this server.")
        origin = request.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != request.host:
            raise web.HTTPForbidden(text="This page belongs to somebody else.")
        response = await handler(request)
        if not response.prepared:
            response.headers["Content-Security-Policy"] = POLICY.format(ws=f"ws://{request.host} wss://{request.host}")
            response.headers["X-Content-Type-Options"] = "nosniff"
            response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return guard


__all__ = ["MOST_VIEWERS", "check_host", "check_port", "is_local", "serve"]
