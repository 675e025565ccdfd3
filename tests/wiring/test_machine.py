"""What the machine says before a night."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path

import pytest

from pags_tui.core.errors import Fault
from pags_tui.wiring import machine as here
from pags_tui.wiring.machine import machine


def told(store: Path) -> tuple[list[str], list[Fault]]:
    """The lines and the faults."""
    found = list(machine("night.toml", store))
    return [line for line, _ in found], [fault for _, faults in found for fault in faults]


def test_all_is_well(tmp_path: Path) -> None:
    """A line for each thing, nothing to say, and nothing was made."""
    lines, faults = told(tmp_path / "new" / "journal.db")
    assert faults == []
    assert [line.partition(":")[0] for line in lines] == ["terminal", "settings", "journal", "logging out"]
    assert list(tmp_path.iterdir()) == []


def test_settings_with_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are named by file and line, as when a screen opens."""
    file = tmp_path / "config.toml"
    file.write_text("mouse = 3\n")
    monkeypatch.setenv("PAGS_TUI_CONFIG", str(file))
    _, (fault,) = told(tmp_path / "journal.db")
    assert str(fault).startswith(f"{file}:1:9: this must be true or false")


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too little room for a night is said with what is left."""
    usage = namedtuple("usage", "total used free")(1, 1, 5_000_000)
    monkeypatch.setattr(here.shutil, "disk_usage", lambda path: usage)
    _, (fault,) = told(tmp_path / "journal.db")
    assert (fault.code, fault.severity) == ("journal", "warning")
    assert "only 5 MB are free" in fault.message


def test_a_network_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal there would be refused: it is said the day before."""
    from pags_tui.edge.journal import place

    monkeypatch.setattr(place, "network_of", lambda path: place.Mount("/mnt", "nfs4"))
    _, (fault,) = told(tmp_path / "journal.db")
    assert (fault.code, fault.severity) == ("journal", "error")
    assert "nfs4" in fault.message


def test_a_machine_that_ends_what_its_users_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where logging out ends the guard, it is said, with what keeps it."""
    from pags_tui.wiring import sessions

    monkeypatch.setattr(sessions, "ended_at_logout", lambda user: True)
    _, (fault,) = told(tmp_path / "journal.db")
    assert "enable-linger" in fault.message
