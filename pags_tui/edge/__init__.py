"""The outside world, one file (or folder) a thing. None knows another; each may know the core.

Here is only what all of them need: a call that ends, and an HTTP request that gives nothing away. It never retries,
never follows a redirect (the token would go along), never reads an answer without end, never sends a request whose
deadline has passed, and lets no address, header or token into an error text.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import SplitResult, urlsplit

from pags_tui.core.errors import BadAnswer, EdgeError, Unreachable
from pags_tui.core.series import Seconds

if TYPE_CHECKING:
    import httpx

MAX_BYTES = 1_000_000
"""Of one answer: a flag or a receipt is a few hundred bytes."""

KEEP_ALIVE = 90.0
"""Seconds an idle connection is kept: longer than the half minute between two reads of all flags."""

T = TypeVar("T")


class NoReply(Unreachable):
    """No complete answer. `status` says how far it came: `unreachable` (nothing was sent), `timeout` or `cut`."""

    def __init__(self, text: str, status: str) -> None:
        super().__init__(text)
        self.status = status
        self.may_have_arrived = status != "unreachable"


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


def clock() -> Seconds:
    """Seconds for the deadline of one request, and for nothing else."""
    return time.monotonic()  # noqa: TID251 - the deadline of one request


def within(seconds: Seconds, work: Callable[[], T]) -> T:
    """What `work` gives back or raises, or NoReply after so many seconds. The thread it ran in is left behind then:
    a daemon, since quitting must not wait for a server that hangs."""
    done = threading.Event()
    outcome: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work())
        except BaseException as failure:  # handed on to the caller, in its own thread
            failures.append(failure)
        finally:
            done.set()

    threading.Thread(target=run, name="bounded-call", daemon=True).start()
    if not done.wait(seconds):
        raise NoReply(f"no answer within {seconds:.3g} s", "timeout")
    if failures:
        raise failures[0]
    return outcome[0]


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine: `localhost`, 127.0.0.0/8 or ::1."""
    if host is None or host == "localhost" or host.endswith(".localhost"):
        return host is not None
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_plain(url: str, headers: Mapping[str, str], section: str) -> None:
    """Raises BadAnswer where a token would travel readable for everyone on the way."""
    from pags_tui.core.runbook.services import is_secret_header

    parts = urlsplit(url)
    secret = bool(parts.password) or any(is_secret_header(name) and value for name, value in headers.items())
    if secret and parts.scheme == "http" and not is_loopback(parts.hostname):
        raise BadAnswer(
            f"A token may not travel over plain http:// to {parts.hostname}: use https://, "
            f"or set `allow_plain_http = true` under [{section}]"
        )


def trust(ca_file: str | None, client_cert: tuple[str, ...] | None, section: str) -> ssl.SSLContext:
    """TLS that is always verified, against the system's authorities or `ca_file`. Raises BadAnswer for a bad file."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
        if client_cert:
            context.load_cert_chain(*client_cert)
    except (OSError, ssl.SSLError):
        raise BadAnswer(
            f"A certificate file cannot be used: look at `ca_file` and `client_cert` under [{section}]"
        ) from None
    return context


class Caller:
    """Requests to one HTTP service. Safe to use from several threads; connections are kept and used again."""

    def __init__(
        self,
        url: str,
        what: str,
        section: str,
        *,
        headers: Mapping[str, str] | None = None,
        ca_file: str | None = None,
        client_cert: tuple[str, ...] | None = None,
        allow_plain_http: bool = False,
    ) -> None:
        """`what` names it in errors (`the flag service`), `section` is where the runbook configures it.

        Raises BadAnswer when the address is no http(s) URL, and when a token would travel unprotected.
        """
        self._url, self._section = url, section
        self._headers = {name: value for name, value in (headers or {}).items() if value}
        self._ca_file, self._client_cert = ca_file, client_cert
        self.host = str(address(url, what, section).hostname)
        self.server = f"{what} at {self.host}"
        """How every error text names it."""
        self._lock = threading.Lock()
        if not allow_plain_http:
            refuse_plain(url, self._headers, section)

    def __repr__(self) -> str:
        return f"<Caller of {self.server}>"

    def call(
        self,
        method: str,
        path: str,
        deadline: Seconds,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request, ended after `deadline` seconds whatever happens. Raises NoReply and BadAnswer."""
        ends = clock() + deadline
        every = {"Accept-Encoding": "identity", "Accept": "application/json"} | self._headers | dict(headers or {})
        return within(deadline, lambda: self._send(method, path, body, every, ends, deadline))

    def close(self) -> None:
        """Let idle connections go."""
        if "_client" in self.__dict__:
            self._client.close()

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx

        parts = urlsplit(self._url)
        plain_here = parts.scheme == "http" and is_loopback(parts.hostname)
        # Plain HTTP to this machine needs no authority, and loading the system's takes 30 ms.
        context = (
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            if plain_here
            else trust(self._ca_file, self._client_cert, self._section)
        )
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=KEEP_ALIVE)
        # A proxy of the environment cannot reach this machine's own services.
        return httpx.Client(verify=context, limits=limits, follow_redirects=False, trust_env=not plain_here)

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], ends: float, deadline: float
    ) -> Reply:
        import httpx

        def trace(name: str, _: object) -> None:
            # After a slow connect or handshake the caller has long gone on: a write may not happen behind its back.
            if name.endswith("send_request_headers.started") and clock() > ends:
                raise NoReply(f"no answer within {deadline:.3g} s", "timeout")

        try:
            with self._lock:
                client = self._client
            timeout = httpx.Timeout(max(0.001, ends - clock()))
            address = self._url.rstrip("/") + path if path else self._url
            extensions = {"trace": trace}
            with client.stream(
                method, address, content=body, headers=headers, timeout=timeout, extensions=extensions
            ) as response:
                return Reply(response.status_code, dict(response.headers), self._read(response, ends, deadline))
        except EdgeError:
            raise
        except Exception as failure:
            # `from None`: their texts may hold the address or a header.
            raise self._explained(failure, deadline) from None

    def _read(self, response: httpx.Response, ends: float, deadline: float) -> bytes:
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > MAX_BYTES:
                raise BadAnswer(f"{self.server} answered more than {MAX_BYTES // 1_000_000} MB")
            if clock() > ends:
                raise NoReply(f"no complete answer within {deadline:g} s", "timeout")
        if "content-encoding" in response.headers:
            raise BadAnswer(f"{self.server} answered packed, though it was asked not to")
        return bytes(body)

    def _explained(self, failure: Exception, deadline: float) -> EdgeError:
        import httpx

        if isinstance(failure, httpx.TimeoutException):
            sent = not isinstance(failure, httpx.ConnectTimeout | httpx.PoolTimeout)
            return NoReply(f"no answer within {deadline:.3g} s", "timeout" if sent else "unreachable")
        if isinstance(failure, httpx.ProxyError):
            return NoReply(f"{self.server} cannot be reached through the proxy of the environment", "unreachable")
        if isinstance(failure, httpx.ConnectError):
            return NoReply(f"{self.server}{_connecting(failure)}", "unreachable")
        if isinstance(failure, httpx.LocalProtocolError | httpx.UnsupportedProtocol | httpx.InvalidURL | UnicodeError):
            return BadAnswer(
                f"{self.server} cannot be asked: look at `url`, token and `headers` under [{self._section}]"
            )
        if isinstance(failure, httpx.TransportError | OSError):
            return NoReply(f"{self.server}: the connection was lost", "cut")
        return BadAnswer(f"{self.server} gave an answer that cannot be used")


def _connecting(failure: BaseException) -> str:
    """Why a connection could not be made, from the causes' types alone."""
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f": its TLS certificate was not accepted ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            return ": the TLS handshake failed"
        if isinstance(cause, ConnectionRefusedError):
            return " refused the connection"
        if cause.__class__.__name__ == "gaierror":
            return ": this name is not known here"
        cause = cause.__cause__ or cause.__context__
    return " cannot be reached"


def address(url: str, what: str, section: str) -> SplitResult:
    """The parts of a service's address. Raises BadAnswer when it is no http(s) URL with a host."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise BadAnswer(f"The address of {what} is no http:// or https:// URL: set `url` under [{section}]")
    return parts
