"""What every test stands on: an environment that is nobody's, folders of its own, the same examples each time.

It never replaces a part of the program; what a test needs real, it builds real.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.prometheus import need_prometheus

ROOT = Path(__file__).resolve().parent.parent
"""The repository: `runbook.toml`, `layouts/` and `pyproject.toml` lie here."""

FOREIGN = (
    "NO_COLOR",
    "FORCE_COLOR",
    "COLORTERM",
    "COLUMNS",
    "LINES",
    "TMUX",
    "STY",
    "SSH_CONNECTION",
    "PAGS_TUI_DB",
    "PAGS_TUI_CONFIG",
    "PROMETHEUS_URL",
    "FEATURE_FLAG_API",
    "API_KEY",
    "TENANT",
    "WAR_ROOM_WEBHOOK",
    "PAGER_WEBHOOK",
    "HEARTBEAT_URL",
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGUSER",
    "PGPASSWORD",
    "PGDATABASE",
    "PGSERVICE",
    "PGSSLMODE",
    "PGPASSFILE",
    # Python of its own accord keeps output back; with this a pipe that broke is seen sooner than anybody else sees it.
    "PYTHONUNBUFFERED",
)
"""Variables of the person who runs the tests that would change what they see or whom they reach."""


def forget_the_person() -> None:
    """Drop what the caller's shell says about colours, services and proxies; every service of a test is on loopback."""
    for name in list(os.environ):
        textual = name.startswith("TEXTUAL") and name != "TEXTUAL_SNAPSHOT_TEMPDIR"
        if name in FOREIGN or textual or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ["TERM"] = "xterm-256color"
    os.environ["LANG"] = os.environ["LC_ALL"] = "C.UTF-8"
    os.environ["PATH"] = f"{ROOT / '.cache/prometheus/usr/bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


# Before any import of Textual, which reads its variables once.
forget_the_person()

settings.register_profile("here", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for each test, so that no journal, socket or setting of a person is read or written."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("STATE", "DATA", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return home


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """The repository, absolute."""
    return ROOT


def tool(name: str) -> str:
    """Where a program of Prometheus lies; without one a skipped test, under CI=true a failed one."""
    return str(need_prometheus(name))


@pytest.fixture(scope="session")
def prometheus() -> str:
    """The path of a real Prometheus server."""
    return tool("prometheus")


@pytest.fixture(scope="session")
def promtool() -> str:
    """The path of promtool, the judge of alerting rules."""
    return tool("promtool")
