"""What somebody gets who installs: wheel and sdist, on every Python that is here, in an empty environment.

The dependencies come from a package index, so `make test-install` runs this, not `make test`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.docs.pages import ROOT, blocks
from tests.install.pythons import SUPPORTED, pythons

pytestmark = pytest.mark.install

CLONE = "In a clone"


def call(*words: str, cwd: Path, path: str = "/usr/bin:/bin", **more: str) -> subprocess.CompletedProcess[str]:
    """Runs something with an empty environment but for HOME and PATH; stdin is no terminal. Fails with what it said."""
    env: Mapping[str, str] = {"HOME": str(cwd), "PATH": path, **more}
    done = subprocess.run(
        list(words), cwd=cwd, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=900
    )
    assert done.returncode == 0, f"{words}: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
    return done


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of this tree."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_sdist_makes_the_same_wheel(built: Path, tmp_path: Path) -> None:
    """Whoever builds from the sdist gets every file of the wheel: layouts, schema, examples, man page."""
    (sdist,), (wheel,) = built.glob("*.tar.gz"), built.glob("*.whl")
    with tarfile.open(sdist) as archive:
        # As Python's own pages say it for early patches of 3.11, which know no filter.
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        archive.extractall(tmp_path)
    (tree,) = tmp_path.iterdir()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "again")]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (again,) = (tmp_path / "again").glob("*.whl")
    assert sorted(ZipFile(again).namelist()) == sorted(ZipFile(wheel).namelist())


@pytest.mark.parametrize("version", SUPPORTED)
def test_an_empty_environment(built: Path, tmp_path: Path, version: str) -> None:
    """pip install of the wheel into a fresh environment: the demo plays, a starter is made, checked and rehearsed."""
    if version not in pythons():
        pytest.skip(f"there is no Python {version} here")
    (wheel,) = built.glob("*.whl")
    call(pythons()[version], "-m", "venv", str(tmp_path / "env"), cwd=tmp_path)
    call(str(tmp_path / "env/bin/pip"), "install", "--quiet", str(wheel), cwd=tmp_path)
    program = str(tmp_path / "env/bin/pags-tui")
    assert call(program, "demo", cwd=tmp_path).stdout.splitlines()[-1] == "DONE"
    assert call(program, "demo", "--runbook", "datacenter-switchover", cwd=tmp_path).stdout.endswith("DONE\n")
    call(program, "init", cwd=tmp_path)
    call(program, "check", "runbook.toml", cwd=tmp_path)
    assert call(program, "demo", "--runbook", "runbook.toml", cwd=tmp_path).stdout.endswith("DONE\n")
    assert '"$schema"' in call(program, "check", "--schema", cwd=tmp_path).stdout
    assert (tmp_path / "env/share/man/man1/pags-tui.1").is_file()


TYPED = list(dict.fromkeys(block.page for block in blocks("sh") if block.title == CLONE))
"""Pages that begin in a clone."""


@pytest.mark.parametrize("page", TYPED, ids=lambda page: page.name)
def test_what_is_done_in_a_clone(tmp_path: Path, page: Path) -> None:
    """The lines that a page says to type in a clone, typed there."""
    clone = tmp_path / "clone"
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, files.split("\0")):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, clone / name)
    script = "\n".join(block.text for block in blocks("sh") if block.page == page and block.title == CLONE)
    home = tmp_path / "home"
    home.mkdir()
    path = f"{Path(pythons()['3.11' if '3.11' in pythons() else next(iter(pythons()))]).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-e", "-c", f"{script}\npags-tui --version"], cwd=clone, env={"HOME": str(home), "PATH": path},
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    assert done.stdout.rstrip().endswith(f"version {version_of()}")


def version_of() -> str:
    """Of this tree."""
    from pags_tui import __version__

    return __version__


def test_every_supported_python_was_found() -> None:
    """Where CI says that it has them all (PAGS_TUI_PYTHONS), none is left out."""
    wanted = os.environ.get("PAGS_TUI_PYTHONS", "").split()
    assert [version for version in wanted if version not in pythons()] == []
