"""The lock of the real Unleash: every package by version and hash, and no address."""

from __future__ import annotations

import json
import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "tests/unleash"


def test_the_lock_names_no_place() -> None:
    """Whatever registry the machine knows will do: the hash decides."""
    text = (FOLDER / "package-lock.json").read_text(encoding="utf-8")
    assert re.findall(r'://|"resolved"', text) == []


def test_every_package_has_its_hash() -> None:
    """And what is asked for is asked for by its exact version."""
    lock = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, found in lock.items() if name and not found.get("integrity")] == []
    wanted = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert {name: lock[f"node_modules/{name}"]["version"] for name in wanted} == wanted
