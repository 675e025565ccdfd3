"""The file of a person's own settings: where it lies, and what happens when it cannot be used."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from pags_tui.core.errors import RunbookError
from pags_tui.ui.settings import Settings
from pags_tui.ui.usual import USUAL
from pags_tui.wiring.screens import settings


def test_what_is_usual_is_what_a_file_may_leave_out() -> None:
    """Without a file the same holds as with an empty one."""
    assert dataclasses.asdict(USUAL) == Settings().model_dump()


def test_no_file_is_no_fault() -> None:
    """Nobody has to write one."""
    assert settings() == USUAL


def test_the_config_folder(own_home: Path) -> None:
    """It is read where such files lie."""
    folder = own_home / "config" / "pags-tui"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text("mouse = true\n")
    assert settings().mouse


def test_another_place_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PAGS_TUI_CONFIG names another; empty it leaves all out."""
    file = tmp_path / "mine.toml"
    file.write_text("ascii = true\n")
    monkeypatch.setenv("PAGS_TUI_CONFIG", str(file))
    assert settings().ascii
    monkeypatch.setenv("PAGS_TUI_CONFIG", "")
    assert settings() == USUAL


@pytest.mark.parametrize(("content", "said"), [
    (b"theme = 3\n", "mine.toml:1:9: '3' is not allowed here"),
    (b"mouse =\n", "mine.toml:1:8: this is no TOML"),
    (b"\xff\xfe", "mine.toml:1:1: cannot be read (UnicodeDecodeError)"),
], ids=["value", "syntax", "bytes"])  # fmt: skip
def test_what_is_wrong_names_its_place_and_the_way_around(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    """File and line, and how to go on without it in the middle of a night."""
    file = tmp_path / "mine.toml"
    file.write_bytes(content)
    monkeypatch.setenv("PAGS_TUI_CONFIG", str(file))
    with pytest.raises(RunbookError) as raised:
        settings()
    assert said in str(raised.value)
    assert str(raised.value).endswith("leave the file out for once: PAGS_TUI_CONFIG= pags-tui …")


def test_a_folder_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads to no file is a sentence as well."""
    monkeypatch.setenv("PAGS_TUI_CONFIG", str(tmp_path))
    with pytest.raises(RunbookError, match="cannot be read"):
        settings()
