"""The site of docs/: it builds without a doubt and without a network, and a reader's browser asks nobody else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

pytestmark = pytest.mark.long

OUTSIDE = re.compile(
    r'<(?:script|img|iframe|source)\b[^>]*\bsrc="(https?:)?//|<link\b[^>]*\brel="(?:stylesheet|preconnect|preload|icon)"'
    r'[^>]*\bhref="(https?:)?//|@import\s+url\(|url\(["\']?https?://'
)
"""What a browser would fetch from somewhere else."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it, with every address of a network behind a wall."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)]
    walls = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:1")
    env = {**os.environ, **walls, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_every_page_is_there(site: Path) -> None:
    """Each file of docs/ is a page, and so are changelog and the map of the house."""
    wanted = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    wanted |= {Path("changelog.html"), Path("contributing.html")}
    assert {name for name in wanted if not (site / name).is_file()} == set()


def test_nothing_comes_from_outside(site: Path) -> None:
    """No font, script, picture or style of anybody else, in pages, styles and pictures."""
    files = [path for path in site.rglob("*") if path.suffix in (".html", ".css", ".svg")]
    assert len(files) > 20
    found = [(file.name, match[0]) for file in files for match in OUTSIDE.finditer(file.read_text(encoding="utf-8"))]
    assert found == []


def test_pictures_and_examples_came_along(site: Path) -> None:
    """What pages link to outside of docs/ lies beside them."""
    assert list(site.glob("files/tests/ui/__snapshots__/*/*.svg"))
    assert (site / "files/runbook.toml").read_text() == (ROOT / "runbook.toml").read_text()
