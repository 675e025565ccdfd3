"""One bounded request at a time through prometheus-api-client, its failures turned into plain sentences.

Never retries (the next tick does), never follows a redirect (headers may hold a token), never reads an answer without
end, and never lets an address or a header into an error text.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from pags_tui.core.errors import BadAnswer, EdgeError, Unreachable
from pags_tui.edge import address, is_loopback, refuse_plain, trust
from pags_tui.edge.prometheus.answers import Payload, error_text, payload_of

if TYPE_CHECKING:
    import requests
    from prometheus_api_client.prometheus_connect import PrometheusConnect
    from requests.adapters import HTTPAdapter

MAX_BYTES = 8_000_000
"""Of one instant answer, unpacked: 2,000 series with long labels are about 1 MB."""

MAX_RANGE_BYTES = 64_000_000
"""Of one range answer."""

SHORTEST_SECRET = 6
"""A shorter header value (a tenant's number) is no secret, and taking it out would make a text unreadable."""

STATUSES = {
    401: "did not accept the credentials (401): look at `headers` under [services.prometheus]",
    403: "does not allow this (403): look at `headers` under [services.prometheus]",
    404: "has no query API under this address (404): look at `url` under [services.prometheus]",
    429: "is being asked too often (429)",
    502: "cannot be reached behind its proxy (502)",
    503: "is not able to answer now (503)",
    504: "did not answer its proxy in time (504)",
}


class Connection:
    """A connection pool to one server. Safe to use from several threads."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        timeout: float,
        pool: int,
        ca_file: str | None = None,
        client_cert: tuple[str, ...] | None = None,
        allow_plain_http: bool = False,
    ) -> None:
        parts = address(url, "Prometheus", "services.prometheus")
        self._userinfo = (unquote(parts.username or ""), unquote(parts.password or "")) if parts.username else None
        self._url = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl().rstrip("/")
        self._params = dict(parse_qsl(parts.query))
        self._headers = {name: value for name, value in headers.items() if value}
        tokens = (word for value in self._headers.values() for word in (value, value.rpartition(" ")[2]))
        secrets = (*tokens, *(self._userinfo or ()), parts.query, *self._params.values())
        self._secrets = sorted({one for one in secrets if len(one) >= SHORTEST_SECRET}, key=len, reverse=True)
        self._timeout, self._pool = timeout, pool
        self._ca_file, self._client_cert = ca_file, client_cert
        self._lock = threading.Lock()
        self._client: PrometheusConnect | None = None
        self._local = threading.local()
        self._plain_here = parts.scheme == "http" and is_loopback(parts.hostname)
        if not allow_plain_http:
            refuse_plain(url, self._headers, "services.prometheus")
        self.server = f"Prometheus at {parts.hostname}"
        """How every error text names it."""

    def __repr__(self) -> str:
        return f"<Connection to {self.server}>"

    def instant(self, promql: str, moment: float | None) -> Payload:
        """One instant query. Raises Unreachable and BadAnswer."""
        params = {"timeout": f"{self._timeout:g}s"}
        if moment is not None:
            params["time"] = f"{moment:.3f}"
        return self._request(MAX_BYTES, lambda client: client.custom_query(promql, params))

    def range(self, promql: str, start: float, end: float, step: float) -> Payload:
        """One range query, both ends included. Raises Unreachable and BadAnswer."""
        # The client rounds both ends to seconds; params are merged last, so the exact ones win.
        params = {"start": f"{start:.3f}", "end": f"{end:.3f}", "timeout": f"{self._timeout:g}s"}
        unused = datetime.fromtimestamp(0, UTC)
        return self._request(
            MAX_RANGE_BYTES,
            lambda client: client.custom_query_range(promql, unused, unused, f"{step:.3f}", params),
        )

    def close(self) -> None:
        """Give the idle connections back."""
        with self._lock:
            if self._client is not None:
                self._client.close()
                self._client = None

    def _request(self, max_bytes: int, ask: Callable[[Any], object]) -> Payload:
        client = self._connect()
        self._local.ends, self._local.max_bytes = _clock() + self._timeout, max_bytes
        self._local.payload = None
        try:
            ask(client)
        except EdgeError as failure:
            raise type(failure)(self._scrubbed(str(failure))) from None
        except Exception as failure:
            # Two unrelated families (requests', the client's own) and whatever a strange body makes of `json()`.
            # `from None`: requests' texts hold the whole address.
            raise explained(failure, self.server, self._timeout) from None
        payload: Payload | None = self._local.payload
        if payload is None:
            raise BadAnswer(f"{self.server} gave no answer that can be read")
        return replace(payload, warnings=tuple(map(self._scrubbed, payload.warnings)))

    def _scrubbed(self, text: str) -> str:
        """A server or a proxy may quote what it was sent; a token must not come back that way."""
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text

    def _connect(self) -> PrometheusConnect:
        """The client, made at first use: its imports take a tenth of a second that no start should wait for."""
        with self._lock:
            if self._client is None:
                self._client = self._make_client()
            return self._client

    def _make_client(self) -> PrometheusConnect:
        import requests
        from prometheus_api_client.prometheus_connect import PrometheusConnect
        from urllib3.util.retry import Retry

        session = requests.Session()
        # An `auth` of our own keeps ~/.netrc from replacing the runbook's Authorization header.
        session.auth = self._userinfo or (lambda request: request)
        session.trust_env = not self._plain_here  # a proxy of the environment cannot reach this machine's own
        session.verify = self._ca_file or True
        session.hooks["response"].append(self._receive)
        seconds: Any = self._timeout  # declared as whole seconds, but handed to requests as it is
        client = PrometheusConnect(self._url, self._headers, retry=Retry(0), session=session, timeout=seconds)
        # The client mounts an adapter with room for ten connections; this one has room for every worker.
        session.mount(self._url, self._adapter())
        session.params = self._params
        return client

    def _adapter(self) -> HTTPAdapter:
        from requests.adapters import HTTPAdapter
        from urllib3.util.retry import Retry

        if self._plain_here:
            return HTTPAdapter(pool_maxsize=self._pool, max_retries=Retry(0))
        # requests trusts its own list of authorities alone; a jump host's system often knows one more.
        context = trust(self._ca_file, self._client_cert, "services.prometheus")

        class SystemTrust(HTTPAdapter):
            def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
                super().init_poolmanager(*args, ssl_context=context, **kwargs)

            def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
                return super().proxy_manager_for(*args, ssl_context=context, **kwargs)

        return SystemTrust(pool_maxsize=self._pool, max_retries=Retry(0))

    def _receive(self, response: requests.Response, *_: object, **__: object) -> None:
        """Response hook: reads the body within bounds and keeps what the client drops (warnings, result type)."""
        body = self._read(response)
        if response.is_redirect:
            raise BadAnswer(f"{self.server} answered with a redirect, which is not followed: give its final address")
        if response.status_code != 200:
            raise self._status(response.status_code, body)
        self._local.payload = payload_of(body, self.server)

    def _read(self, response: requests.Response) -> bytes:
        body = bytearray()
        # `read1` hands over what has come; `iter_content` would wait for a full piece, however slowly it drips.
        while chunk := response.raw.read1(65_536, decode_content=True):
            body += chunk
            if len(body) > self._local.max_bytes:
                response.close()
                raise BadAnswer(f"{self.server} answered more than {self._local.max_bytes // 1_000_000} MB")
            if _clock() > self._local.ends:
                response.close()
                raise Unreachable(f"no complete answer within {self._timeout:g} s")
        response._content = bytes(body)  # what `response.json()` in the client reads
        return bytes(body)

    def _status(self, status: int, body: bytes) -> EdgeError:
        error = error_text(body)
        if status in (400, 422):
            return BadAnswer(f"{self.server} refused the query: {error or f'status {status}'}")
        text = f"{self.server} {STATUSES.get(status, f'answered with status {status}')}"
        kind = Unreachable if status in (502, 503, 504) else BadAnswer
        return kind(f"{text}: {error}" if error and status not in (401, 403) else text)


def explained(failure: Exception, server: str, timeout: float) -> EdgeError:
    """A failure of requests or of the client as ours. Uses only its type and its causes' types, never its text."""
    import requests.exceptions as theirs
    from urllib3.exceptions import HTTPError, NameResolutionError, ReadTimeoutError

    causes = _causes(failure)
    if isinstance(failure, theirs.Timeout) or any(
        isinstance(cause, TimeoutError | ReadTimeoutError) for cause in causes
    ):
        return Unreachable(f"no answer within {timeout:.3g} s")
    if isinstance(failure, theirs.SSLError):
        return Unreachable(f"{server}: its TLS certificate was not accepted{_verify_message(causes)}")
    if isinstance(failure, theirs.ProxyError):
        return Unreachable(f"{server} cannot be reached through the proxy of the environment")
    if any(isinstance(cause, NameResolutionError) for cause in causes):
        return Unreachable(f"{server}: this name is not known here")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return Unreachable(f"{server} refused the connection")
    if isinstance(failure, theirs.ConnectionError | theirs.ChunkedEncodingError | HTTPError):
        return Unreachable(f"{server}: the connection was lost")
    if isinstance(failure, theirs.InvalidHeader | theirs.InvalidURL | theirs.InvalidSchema):
        return BadAnswer(f"{server} cannot be asked: look at `url` and `headers` under [services.prometheus]")
    if isinstance(failure, OSError) and not isinstance(failure, theirs.RequestException):
        return Unreachable(f"{server} cannot be asked: {failure.strerror or 'a file or socket failed'}")
    return BadAnswer(f"{server} gave an answer that cannot be used")


def _causes(failure: BaseException) -> list[BaseException]:
    """The failure, what it was raised from, and what urllib3 hides in `args` and `reason`."""
    found: list[BaseException] = []
    waiting: list[object] = [failure]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    return found


def _verify_message(causes: list[BaseException]) -> str:
    messages = [getattr(cause, "verify_message", "") for cause in causes]
    return next((f" ({message})" for message in messages if message), "")


def _clock() -> float:
    return time.monotonic()  # noqa: TID251 - the deadline of one request
