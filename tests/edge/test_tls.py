"""TLS is always verified, and a company's own authority can be named."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from pags_tui.core.errors import BadAnswer, Unreachable
from pags_tui.core.ports import FlagService as Port
from pags_tui.core.runbook.services import FlagService
from pags_tui.edge.flags import Access, open_flags
from pags_tui.edge.prometheus import Prometheus

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")

VECTOR = b'{"status":"success","data":{"resultType":"scalar","result":[1,"5"]},"value":7}'


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate for 127.0.0.1, signed by nobody that any system knows."""
    file = tmp_path_factory.mktemp("tls") / "loopback.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(file),
         "-out", str(file) + ".crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


@pytest.fixture
def server(certificate: Path):
    """An https:// address that answers a query and a flag with one document."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
                with context.wrap_socket(plain, server_side=True) as connection:
                    connection.recv(65_536)
                    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(VECTOR)}\r\nConnection: close\r\n\r\n"
                    connection.sendall(head.encode() + VECTOR)
            except ssl.SSLError:
                continue
            except OSError:
                if listener.fileno() == -1:
                    return

    threading.Thread(target=serve, daemon=True).start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def flags(url: str, **settings: object) -> Port:
    return open_flags(FlagService.model_validate({"url": "${U}", **settings}), Access({"U": url}))


def test_an_unknown_authority_is_refused(server: str) -> None:
    """Both clients verify, and say in a sentence what was wrong."""
    with pytest.raises(Unreachable, match="TLS certificate was not accepted"):
        flags(server).read("f", 2.0)
    with pytest.raises(Unreachable, match="TLS certificate was not accepted"):
        Prometheus(server).query("up", 1.0)
    assert flags(server).write("f", 1, "k", 2.0).status == "unreachable"


def test_an_authority_of_ones_own_is_accepted(server: str, certificate: Path) -> None:
    """`ca_file` is trusted instead of the system's."""
    assert flags(server, ca_file=f"{certificate}.crt").read("f", 2.0) == 7
    assert Prometheus(server, ca_file=f"{certificate}.crt").query("up", 1.0).points[0].value == 5.0


def test_a_certificate_file_that_is_none_names_the_settings(tmp_path: Path) -> None:
    """A wrong path is the author's to mend, and the text says where."""
    with pytest.raises(BadAnswer, match=r"`ca_file` and `client_cert` under \[services.flags\]"):
        flags("https://127.0.0.1:1", ca_file=str(tmp_path / "none.pem")).read("f", 1.0)
    with pytest.raises(BadAnswer, match=r"under \[services.prometheus\]"):
        Prometheus("https://127.0.0.1:1", ca_file=str(tmp_path / "none.pem")).query("up", 1.0)
