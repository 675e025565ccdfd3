"""The Pythons of this machine that the program must run on, each once: on PATH, and those of pyenv."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SUPPORTED = ("3.11", "3.12", "3.13", "3.14")


@cache
def pythons() -> dict[str, str]:
    """Version to program; the one that runs the tests is always among them."""
    found = {f"{sys.version_info.major}.{sys.version_info.minor}": getattr(sys, "_base_executable", sys.executable)}
    for version in SUPPORTED:
        for program in _candidates(version):
            if version not in found and _makes_environments(program):
                found[version] = program
    return {version: found[version] for version in SUPPORTED if version in found}


def _candidates(version: str) -> Iterator[str]:
    if there := shutil.which(f"python{version}"):
        yield there
    root = Path(os.environ.get("PYENV_ROOT") or Path(pwd.getpwuid(os.getuid()).pw_dir) / ".pyenv")
    yield from (str(path) for path in sorted(root.glob(f"versions/{version}.*/bin/python"), reverse=True))


def _makes_environments(program: str) -> bool:
    """It starts, and can make a virtual environment with a pip in it."""
    done = subprocess.run([program, "-c", "import ensurepip, venv"], capture_output=True)
    return done.returncode == 0
