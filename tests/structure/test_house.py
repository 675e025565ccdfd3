"""Habits of this code that no linter knows: size, opening docstrings of tests, locks that name no place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

FUNCTION = 60
"""Lines of a function, without its decorators. About 10 is the habit and 40 the aim; this is where it must be cut."""

FILE = 400
"""Lines of a module; from about 300 it becomes a folder of the same name with named pieces."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(file: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def test_functions_stay_small(repo_root: Path) -> None:
    """No function of the package is longer than its limit."""
    long = [
        f"{file.relative_to(repo_root)}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for file in sorted(repo_root.glob("pags_tui/**/*.py"))
        for node in functions(file)
        if node.end_lineno is not None and node.end_lineno - node.lineno >= FUNCTION
    ]
    assert not long, "\n".join(long)


def test_files_stay_small(repo_root: Path) -> None:
    """No module of the package is longer than its limit."""
    sizes = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in repo_root.glob("pags_tui/**/*.py")}
    long = [f"{file.relative_to(repo_root)}: {lines} lines" for file, lines in sizes.items() if lines > FILE]
    assert not long, "\n".join(sorted(long))


def test_every_test_says_what_it_proves(repo_root: Path) -> None:
    """Each test has a docstring with the fact that it proves."""
    silent = [
        f"{file.relative_to(repo_root)}:{node.lineno} {node.name}"
        for file in sorted(repo_root.glob("tests/**/test_*.py"))
        for node in functions(file)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert not silent, "\n".join(silent)


def test_test_files_have_names_of_their_own(repo_root: Path) -> None:
    """No two test files share a name, so a failure names its file."""
    names = [file.name for file in repo_root.glob("tests/**/test_*.py")]
    assert sorted(names) == sorted(set(names))


PLACE = re.compile(r"://|--(index-url|extra-index-url|find-links|trusted-host)|@ *(file|http)|/(home|root|opt|tmp)/")


def test_locks_name_no_place(repo_root: Path) -> None:
    """The locks hold names, versions and hashes; where they come from is the machine's own setting."""
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert not PLACE.findall((repo_root / name).read_text()), name
