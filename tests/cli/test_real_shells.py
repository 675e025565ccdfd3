"""The completions in a real zsh and a real fish, by what somebody types there. bash: test_completion.py."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pags_tui.cli import COMMANDS
from tests.line.tmux import ROOT, needs, program
from tests.pty_harness import Pty

pytestmark = pytest.mark.long

FILES = {"zsh": ROOT / ".cache/zsh/usr", "fish": ROOT / ".cache/fish/usr"}
"""Where the fetched ones are: what they load lies there, not where they were built for."""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """`pags-tui` on PATH, a home of its own with a runbook in it."""
    command = tmp_path / "bin/pags-tui"
    command.parent.mkdir()
    called = f"{sys.executable} -c 'from pags_tui.cli import main; main()' \"$@\""
    command.write_text(f"#!/bin/sh\nPYTHONPATH={ROOT} exec {called}\n")
    command.chmod(0o755)
    (tmp_path / "runbook.toml").write_text("")
    (tmp_path / "runtime").mkdir()
    path = f"{command.parent}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "TERM": "xterm"}


@needs("fish")
def test_a_real_fish_completes(env: dict[str, str], tmp_path: Path) -> None:
    """Commands with the whole of what is said of them, options, values, and files."""
    found = FILES["fish"] / "share/fish/functions"
    load = f"set -p fish_function_path {found}; " if found.exists() else ""
    script = load + "pags-tui completion fish | source; "
    typed = ("", "demo err", "check --on", "check r")
    script += "; echo ---; ".join(f'complete -C "pags-tui {words}"' for words in typed)
    command = [program("fish"), "--no-config", "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    lists = [[line.split("\t") for line in part.strip().splitlines()] for part in done.stdout.split("---\n")]
    assert sorted(line[0] for line in lists[0]) == sorted(COMMANDS)
    assert dict(lists[0]) == {name: said for name, (_, said) in COMMANDS.items()}
    offered = [[line[0] for line in part] for part in lists[1:]]
    assert offered == [["error-spike"], ["--online"], ["runbook.toml", "runtime/"]]


TYPED = {"comp": "completion", "demo err": "error-spike", "check --on": "--online", "check runb": "runbook.toml"}
"""What somebody types behind the program's name, and the word that the tabulator makes of it."""


@needs("zsh")
def test_a_real_zsh_completes(env: dict[str, str], tmp_path: Path) -> None:
    """Set up as the help says: a command, a value, an option, a file; and all commands with what is said of them."""
    lines = ["PS1='> '", "LISTMAX=100", "autoload -U compinit && compinit -u -D"]
    lines += ['eval "$(pags-tui completion zsh)"', "cd ~"]
    if modules := next(iter(FILES["zsh"].glob("lib/*/zsh/*")), None):
        functions = [str(path) for path in (FILES["zsh"] / "share/zsh/functions").rglob("*") if path.is_dir()]
        lines = [f"module_path=({modules})", f"fpath=({' '.join(functions)})", *lines]
    (tmp_path / ".zshrc").write_text("\n".join(lines) + "\n")
    with Pty([program("zsh"), "-d", "-i"], env={**env, "ZDOTDIR": str(tmp_path)}) as shell:
        at = 0
        for typed, whole in TYPED.items():
            shell.wait_for(b"> ", at)
            at = len(shell.output)
            shell.send(f"pags-tui {typed}\t".encode())
            shell.wait_for(f"pags-tui {typed.rpartition(' ')[0]}".rstrip().encode(), at)
            shell.wait_for(whole.removeprefix(typed.rpartition(" ")[2]).encode(), at)
            at = len(shell.output)
            shell.send(b"\x15\n")
        shell.wait_for(b"> ", at)
        at = len(shell.output)
        shell.send(b"pags-tui \t\t")
        for name in COMMANDS:
            shell.wait_for(name.encode(), at)
        shell.wait_for(b"Roll back, with or without an open run", at)
        assert b"not found" not in shell.output
        assert b"failed to load" not in shell.output
