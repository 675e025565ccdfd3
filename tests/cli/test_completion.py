"""What a shell is told: the script that it reads, and the answers while somebody types."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from pags_tui.cli import COMMANDS, main, pags_tui

ROOT = Path(__file__).resolve().parents[2]


def told(*words: str) -> list[str]:
    """What is offered for the last of those words."""
    made = BashComplete(pags_tui, {}, "pags-tui", "_PAGS_TUI_COMPLETE")
    return [f"{item.type} {item.value}" for item in made.get_completions(list(words[:-1]), words[-1])]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_calls_the_program(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each shell gets Click's own script, for this program."""
    with pytest.raises(SystemExit) as ended:
        main(["completion", shell])
    assert ended.value.code == 0
    assert f"_PAGS_TUI_COMPLETE={shell}_complete" in capsys.readouterr().out


def test_commands_options_scenarios() -> None:
    """Each kind of word is completed; a file is left to the shell."""
    assert told("ru") == ["plain run", "plain runs"]
    assert told("check", "--on") == ["plain --online"]
    assert told("demo", "error") == ["plain error-spike"]
    assert told("check", "run") == ["file run"]
    assert told("status", "--run", "x") == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_a_real_bash_completes(tmp_path: Path) -> None:
    """Sourced into bash, an empty word lists every command."""
    command = tmp_path / "pags-tui"
    called = f"{sys.executable} -c 'from pags_tui.cli import main; main()' \"$@\""
    command.write_text(f"#!/bin/sh\nPYTHONPATH={ROOT} exec {called}\n")
    command.chmod(0o755)
    script = (
        'eval "$(pags-tui completion bash)"; COMP_WORDS=(pags-tui ""); COMP_CWORD=1;'
        ' _pags_tui_completion pags-tui; echo "${COMPREPLY[*]}"'
    )
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env={**os.environ, "PATH": path})
    assert done.stdout.split() == list(COMMANDS), done.stderr
