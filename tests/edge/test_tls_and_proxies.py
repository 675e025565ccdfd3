"""Client certificates, and proxies of the environment: what they see, and what they never see."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from pags_tui.core.errors import Unreachable
from pags_tui.core.ports import FlagService as Port
from pags_tui.core.runbook.services import FlagService
from pags_tui.edge.flags import Access, open_flags
from tests.edge.authority import Authority
from tests.edge.misbehaving import Misbehaving, as_json

TOKEN = "sesame-of-the-tunnel"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"))


def flags(url: str, **settings: object) -> Port:
    words = {"url": "${U}", "token": "${API_KEY}", **settings}
    return open_flags(FlagService.model_validate(words), Access({"U": url}, TOKEN))


def test_a_service_that_asks_for_a_certificate_gets_it(authority: Authority) -> None:
    """`client_cert` as certificate and key; without it the handshake fails with a sentence, and nothing is sent."""
    context = authority.server()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.trusted)
    mine = [str(authority.file("good")), str(authority.key)]
    with Misbehaving(as_json({"value": 7}), context) as server:
        ca = str(authority.trusted)
        assert flags(server.url, ca_file=ca, client_cert=mine).read("f", 2.0) == 7
        asked = len(server.asked)
        answer = flags(server.url, ca_file=ca).write("f", 1, "k", 2.0)
        assert (answer.accepted, TOKEN in answer.detail) == (None, False)
    assert len(server.asked) == asked


def test_verification_has_no_switch() -> None:
    """No key of the runbook turns it off: only an authority can be named."""
    keys = " ".join(FlagService.model_fields).lower()
    assert not any(word in keys for word in ("verify_tls", "insecure", "skip", "verify_ssl"))


class Tunnel:
    """A proxy that tunnels, and remembers what it saw."""

    def __init__(self, target: int) -> None:
        self.target, self.seen = target, b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            near, _ = self._listener.accept()
        except OSError:
            return
        head = near.recv(65_536)
        self.seen += head
        far = socket.create_connection(("127.0.0.1", self.target))
        near.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=self._pass_on, args=(far, near), daemon=True).start()
        self._pass_on(near, far)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65_536):
                self.seen += data
                sink.sendall(data)
        except OSError:
            return

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_a_proxy_tunnels_and_never_sees_the_token(authority: Authority, clean: pytest.MonkeyPatch) -> None:
    """HTTPS_PROXY is used for https://, as a tunnel: inside it the service's own certificate is verified."""
    with Misbehaving(as_json({"value": 7}), authority.server()) as server:
        tunnel = Tunnel(server.port)
        clean.setenv("HTTPS_PROXY", tunnel.url)
        service = flags(server.url, ca_file=str(authority.trusted))
        assert service.read("f", 2.0) == 7
        tunnel.close()
    assert tunnel.seen.startswith(b"CONNECT 127.0.0.1:")
    assert TOKEN.encode() not in tunnel.seen
    assert server.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_proxy_that_is_not_there_is_named_as_one(authority: Authority, clean: pytest.MonkeyPatch) -> None:
    """The sentence does not blame the service."""
    with Misbehaving(lambda asked, connection: None) as gone:
        url = gone.url
    clean.setenv("HTTPS_PROXY", url)
    with pytest.raises(Unreachable):
        flags("https://127.0.0.1:1", ca_file=str(authority.trusted)).read("f", 0.5)


def test_a_service_on_this_machine_needs_no_proxy(clean: pytest.MonkeyPatch) -> None:
    """Plain http to loopback never goes through the proxy of the environment: it could not reach us."""
    clean.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with Misbehaving(as_json({"value": 7})) as server:
        assert flags(server.url).read("f", 2.0) == 7
