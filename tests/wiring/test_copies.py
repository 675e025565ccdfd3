"""What is copied is kept in a file of the user's own, for terminals that take no clipboard."""

from __future__ import annotations

from pathlib import Path

import pytest

from pags_tui.wiring.screens import keep_copy


def test_the_file_is_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only its owner may read it, and it holds the last text alone; where nothing can be written, nothing is said."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert keep_copy("a long first text")
    assert keep_copy("dbctl s1 ro").endswith("copied.txt")
    file = tmp_path / "state" / "pags-tui" / "copied.txt"
    assert file.read_text() == "dbctl s1 ro\n"
    assert file.stat().st_mode & 0o777 == 0o600
    file.unlink()
    file.symlink_to(tmp_path / "elsewhere")
    assert keep_copy("x") == ""
    assert not (tmp_path / "elsewhere").exists()
