"""Certificates for 127.0.0.1 as a test wants them: good, expired, not yet valid. Made with openssl."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

TIMES = {
    "good": ("20200101000000Z", "20990101000000Z"),
    "expired": ("20200101000000Z", "20200201000000Z"),
    "early": ("20980101000000Z", "20990101000000Z"),
}
CONFIG = """
[ca]
default_ca = authority
[authority]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = policy
x509_extensions = server
[policy]
commonName = supplied
[server]
subjectAltName = IP:127.0.0.1,DNS:localhost
extendedKeyUsage = serverAuth,clientAuth
"""
NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


class Authority:
    """An authority of a test's own, and the certificates that it signed."""

    def __init__(self, folder: Path) -> None:
        """Raises Skipped without openssl."""
        if shutil.which("openssl") is None:
            pytest.skip("makes its certificates with openssl")
        self._folder = folder
        (folder / "ca.cnf").write_text(CONFIG)
        (folder / "index.txt").touch()
        (folder / "serial").write_text("01")
        self._openssl("req", "-x509", *NEW_KEY, "-days", "2", "-subj", "/CN=A test's authority",
                      "-keyout", "ca.key", "-out", "ca.pem")  # fmt: skip
        self._openssl("req", "-new", *NEW_KEY, "-subj", "/CN=loopback", "-keyout", "key.pem", "-out", "request.pem")
        for name, (start, end) in TIMES.items():
            (folder / "index.txt").write_text("")
            times = ("-startdate", start, "-enddate", end)
            self._openssl("ca", "-config", "ca.cnf", "-batch", "-cert", "ca.pem", "-keyfile", "ca.key", "-notext",
                          "-in", "request.pem", *times, "-out", f"{name}.pem")  # fmt: skip
        self.key = folder / "key.pem"
        self.trusted = folder / "ca.pem"

    def _openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self._folder, check=True, capture_output=True)

    def file(self, name: str) -> Path:
        """The certificate of that name."""
        return self._folder / f"{name}.pem"

    def server(self, name: str = "good") -> ssl.SSLContext:
        """What a server with that certificate listens with."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.show(context, name)
        return context

    def show(self, context: ssl.SSLContext, name: str) -> None:
        """Changes the certificate of a server that runs."""
        context.load_cert_chain(self.file(name), self.key)
