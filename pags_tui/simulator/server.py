"""The simulator over HTTP on loopback: Prometheus' query API, the flag service, `/metrics`. It holds no values itself.

Prometheus: https://prometheus.io/docs/prometheus/latest/querying/api/. Flags: `GET` and `POST /flags/{key}` with a
bearer token, `{"value": V}` both ways.
"""

from __future__ import annotations

import json
import math
import select
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from pags_tui.core.series import FlagValue, Labels, Seconds
from pags_tui.simulator.book import Found
from pags_tui.simulator.promql import PromqlError, seconds

MAX_POINTS = 11_000
"""Prometheus' own limit of points per series of a range."""

LONGEST_SILENCE = 30.0
"""Real seconds that a request is left without an answer: longer than any client waits."""

MAX_BODY = 1_000_000


class Behind(Protocol):
    """What the server asks for values."""

    token: str

    def now(self) -> Seconds: ...
    def ask(self, query: str, at: Seconds) -> Found: ...
    def outage(self) -> str | None: ...
    def read_flag(self, key: str) -> FlagValue | None: ...
    def write_flag(self, key: str, value: object, idempotency_key: str) -> tuple[int, str]: ...
    def exposition(self) -> str: ...


class Server(ThreadingHTTPServer):
    """Listens on loopback; ends at once, whatever is still connected."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, behind: Behind, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.behind = behind
        self.ending = threading.Event()
        self._open: set[socket.socket] = set()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no news; stderr belongs to the screen."""

    def end(self) -> None:
        """Stop listening and hang up on everybody."""
        self.ending.set()
        self.shutdown()
        self.server_close()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "pags-tui-simulator"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server
    routes: ClassVar[Mapping[str, Callable[[Handler, Mapping[str, str]], None]]]

    def do_GET(self) -> None:
        """Queries, flags, `/metrics`."""
        parts = urlsplit(self.path)
        if parts.path.startswith("/flags/"):
            self._read_flag(unquote(parts.path.removeprefix("/flags/")))
        elif (route := self.routes.get(parts.path)) is not None:
            route(self, _params(parts.query))
        else:
            self._json(404, {"status": "error", "error": "not found"})

    def do_POST(self) -> None:
        """Queries as a form, and flag writes."""
        body = self.rfile.read(min(MAX_BODY, int(self.headers.get("Content-Length") or 0)))
        parts = urlsplit(self.path)
        if parts.path.startswith("/flags/"):
            self._write_flag(unquote(parts.path.removeprefix("/flags/")), body)
        elif (route := self.routes.get(parts.path)) is not None:
            route(self, _params(parts.query) | _params(body.decode("utf-8", "replace")))
        else:
            self._json(404, {"status": "error", "error": "not found"})

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: stderr belongs to the screen."""

    # ---- Prometheus

    def _query(self, params: Mapping[str, str]) -> None:
        if self._away():
            return
        at = _moment(params.get("time"), self.server.behind.now())
        found = self._ask(params.get("query", ""), at)
        if found is None:
            return
        if found.kind == "scalar":
            result: Any = [at, shown(found.series[()])]
        else:
            result = [{"metric": dict(labels), "value": [at, shown(value)]} for labels, value in found.series.items()]
        self._json(200, {"status": "success", "data": {"resultType": found.kind, "result": result}})

    def _query_range(self, params: Mapping[str, str]) -> None:
        if self._away():
            return
        start, end = (_moment(params.get(name), math.nan) for name in ("start", "end"))
        step = _step(params.get("step", ""))
        if math.isnan(start) or math.isnan(end) or step <= 0 or end < start:
            return self._bad('invalid parameter "start", "end" or "step"')
        count = int((end - start) / step + 1e-9) + 1
        if count > MAX_POINTS:
            return self._bad(
                "exceeded maximum resolution of 11,000 points per timeseries. "
                "Try decreasing the query resolution (?step=XX)"
            )
        lines: dict[Labels, list[list[Any]]] = {}
        for index in range(count):
            at = round(start + index * step, 3)
            found = self._ask(params.get("query", ""), at)
            if found is None:
                return None
            for labels, value in found.series.items():
                lines.setdefault(labels, []).append([at, shown(value)])
        result = [{"metric": dict(labels), "values": values} for labels, values in lines.items()]
        return self._json(200, {"status": "success", "data": {"resultType": "matrix", "result": result}})

    def _ask(self, query: str, at: Seconds) -> Found | None:
        try:
            return self.server.behind.ask(query, at)
        except PromqlError as error:
            self._bad(f'invalid parameter "query": {error}')
            return None

    def _away(self) -> bool:
        """Plays an outage; True when the request is dealt with."""
        match self.server.behind.outage():
            case "refuses":
                self._json(503, {"status": "error", "errorType": "unavailable", "error": "Service Unavailable"})
                return True
            case "hangs":
                self.stay_silent()
                return True
        return False

    def _build(self, _: Mapping[str, str]) -> None:
        data = {"version": "3.0.0", "revision": "simulator", "branch": "simulator", "goVersion": "none"}
        self._json(200, {"status": "success", "data": data})

    def _ready(self, _: Mapping[str, str]) -> None:
        self._answer(200, b"Prometheus Server is Ready.\n", "text/plain; charset=utf-8")

    def _metrics(self, _: Mapping[str, str]) -> None:
        text = self.server.behind.exposition()
        self._answer(200, text.encode(), "text/plain; version=0.0.4; charset=utf-8")

    def _bad(self, error: str) -> None:
        self._json(400, {"status": "error", "errorType": "bad_data", "error": error})

    # ---- flags

    def _read_flag(self, key: str) -> None:
        if not self._known():
            return
        value = self.server.behind.read_flag(key)
        if value is None:
            self._json(404, {"error": f"there is no flag {key}"})
        else:
            self._json(200, {"key": key, "value": value})

    def _write_flag(self, key: str, body: bytes) -> None:
        if not self._known():
            return
        try:
            value = json.loads(body)["value"]
        except (ValueError, KeyError, TypeError):
            self._json(400, {"error": 'expected {"value": V}'})
            return
        status, text = self.server.behind.write_flag(key, value, self.headers.get("Idempotency-Key") or "")
        if status == 0:
            self.stay_silent()
        else:
            self._json(status, {"key": key, "value": value} if status == 200 else {"error": text})

    def _known(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {self.server.behind.token}":
            return True
        self._json(401, {"error": "unknown token"})
        return False

    # ---- answers

    def stay_silent(self) -> None:
        """No answer at all, until the client has had enough."""
        self.close_connection = True
        for _ in range(int(LONGEST_SILENCE * 10)):
            # Readable means that the client hung up: it has nothing more to say before an answer.
            gone, _, _ = select.select([self.connection], [], [], 0.1)
            if gone or self.server.ending.is_set():
                return

    def _json(self, status: int, document: object) -> None:
        self._answer(status, json.dumps(document).encode(), "application/json")

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


Handler.routes = {
    "/api/v1/query": Handler._query,
    "/api/v1/query_range": Handler._query_range,
    "/api/v1/status/buildinfo": Handler._build,
    "/-/ready": Handler._ready,
    "/-/healthy": Handler._ready,
    "/metrics": Handler._metrics,
}


def shown(value: float) -> str:
    """A value as Prometheus writes it."""
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else repr(value)


def _params(text: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}


def _moment(text: str | None, otherwise: Seconds) -> Seconds:
    """Seconds since the epoch, or RFC 3339."""
    if not text:
        return otherwise
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return otherwise


def _step(text: str) -> Seconds:
    try:
        return float(text)
    except ValueError:
        return seconds(text)
