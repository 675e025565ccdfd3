"""The locks against what is installed from them: enough for every supported Python, and in step with one another."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s\\]+)", re.MULTILINE)


def locked(repo_root: Path, name: str) -> dict[str, str]:
    """Version by name."""
    return {canonicalize_name(n): v for n, v in PINNED.findall((repo_root / name).read_text())}


def needed(start: list[str], python: str) -> set[str]:
    """All that the requirements lead to on that Python, as far as the installed metadata says."""
    seen: set[tuple[str, str]] = set()
    waiting = [(Requirement(text), "") for text in start]
    while waiting:
        requirement, extra = waiting.pop()
        there = {"python_version": python, "python_full_version": f"{python}.0", "extra": extra}
        if requirement.marker and not requirement.marker.evaluate(there):
            continue
        for wanted in ("", *requirement.extras):
            key = (canonicalize_name(requirement.name), wanted)
            if key in seen:
                continue
            seen.add(key)
            try:
                found = distribution(requirement.name).requires or []
            except PackageNotFoundError:
                found = []
            waiting += [(Requirement(text), wanted) for text in found]
    return {name for name, _ in seen}


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_is_enough(repo_root: Path, lock: str, python: str) -> None:
    """Whatever the dependencies need on a supported Python is in the lock, so an install by hash is complete."""
    described = tomllib.loads((repo_root / "pyproject.toml").read_text())
    start = described["project"]["dependencies"] + described["build-system"]["requires"]
    if lock == "requirements-dev.lock":
        for extra in described["project"]["optional-dependencies"].values():
            start += extra
    assert needed(start, python) - set(locked(repo_root, lock)) == set()


def test_few_dependencies(repo_root: Path) -> None:
    """Twelve direct ones at run time, no more: each is somebody else's code beside a token that changes production."""
    described = tomllib.loads((repo_root / "pyproject.toml").read_text())
    assert len(described["project"]["dependencies"]) <= 12


def test_the_locks_agree(repo_root: Path) -> None:
    """What is tested is what runs: the work lock holds every run-time package at the same version."""
    runtime, work = locked(repo_root, "requirements.lock"), locked(repo_root, "requirements-dev.lock")
    assert runtime.items() <= work.items()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_fits_the_oldest_python(repo_root: Path, lock: str) -> None:
    """Nothing in it wants a later patch than 3.11.0: distributions ship early ones (Debian 12: 3.11.2)."""
    wanting = {}
    for name in locked(repo_root, lock):
        try:
            wanted = distribution(name).metadata["Requires-Python"] or ""
        except PackageNotFoundError:
            continue
        if not SpecifierSet(wanted).contains("3.11.0"):
            wanting[name] = wanted
    assert wanting == {}
