"""A real Prometheus for tests: found on PATH or in the repository's cache, started with its own configuration, stopped.

`with RealPrometheus(tmp_path, targets=["127.0.0.1:1234"]) as prometheus: prometheus.url`
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

CACHE = Path(__file__).resolve().parent.parent / ".cache/prometheus/usr/bin"
"""Where `tools/fetch-prometheus` puts the distribution's own."""

STARTS_WITHIN = 30.0


def find_prometheus(name: str = "prometheus") -> Path | None:
    """Where a program of Prometheus lies (`prometheus` or `promtool`); None where there is none."""
    found = shutil.which(name)
    if found is not None:
        return Path(found)
    return CACHE / name if os.access(CACHE / name, os.X_OK) else None


def need_prometheus(name: str = "prometheus") -> Path:
    """The same, or a skipped test that says what to do; under CI=true a failed one."""
    found = find_prometheus(name)
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            f"{name} is neither on PATH nor in .cache/prometheus; tools/fetch-prometheus fetches it"
        )
    return found


class RealPrometheus:
    """One server on a free port of loopback, with its data in a folder of the test's own."""

    def __init__(
        self,
        folder: Path,
        targets: Sequence[str] = (),
        *,
        scrape: str = "500ms",
        rules: str = "",
        flags: Sequence[str] = (),
        job: Mapping[str, object] | None = None,
    ) -> None:
        """`targets` are `host:port`, scraped at `/metrics`; `rules` is the text of a rule file, evaluated as often."""
        self._folder = folder / "prometheus"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._flags = flags
        self._process: subprocess.Popen[bytes] | None = None
        self._write(targets, scrape, rules, job or {})
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> RealPrometheus:
        program = need_prometheus()
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    str(program),
                    f"--config.file={self._folder / 'prometheus.yml'}",
                    f"--storage.tsdb.path={self._folder / 'data'}",
                    f"--web.listen-address=127.0.0.1:{self.port}",
                    "--log.level=warn",
                    *self._flags,
                ],
                stdout=log,
                stderr=log,
                cwd=self._folder,
            )
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _write(self, targets: Sequence[str], scrape: str, rules: str, job: Mapping[str, object]) -> None:
        lines = [
            "global:",
            f"  scrape_interval: {scrape}",
            f"  scrape_timeout: {scrape}",
            f"  evaluation_interval: {scrape}",
        ]
        if rules:
            (self._folder / "rules.yml").write_text(rules)
            lines += ["rule_files: [rules.yml]"]
        if targets:
            lines += ["scrape_configs:", "  - job_name: simulator", "    honor_labels: true"]
            lines += [f"    {name}: {value}" for name, value in job.items()]
            lines += ["    static_configs:", f"      - targets: [{', '.join(repr(one) for one in targets)}]"]
        (self._folder / "prometheus.yml").write_text("\n".join(lines) + "\n")

    def _wait(self) -> None:
        ends = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < ends:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/-/ready", timeout=1):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        self.__exit__()
        pytest.fail(f"Prometheus did not start:\n{(self._folder / 'log').read_text(errors='replace')}")
