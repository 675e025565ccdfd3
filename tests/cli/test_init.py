"""`init`, the schema of runbooks, and SARIF: what editors, reviewers and hooks get."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pags_tui.cli import main
from pags_tui.core.runbook import lint, load
from pags_tui.core.runbook.schema import schema

ROOT = Path(__file__).parents[2]
BOOKS = [
    ROOT / "runbook.toml",
    ROOT / "pags_tui" / "starter.toml",
    ROOT / "tests" / "cases" / "runbooks" / "everything.toml",
    *sorted((ROOT / "examples").glob("*.toml")),
]
HEAD = '[runbook]\nid = "x"\n'
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls the program in a folder of its own: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


# ---------------------------------------------------------------- init


def test_the_starter_has_nothing_to_warn_of(call: Call) -> None:
    """`init`, then `check`: exit 0 at the first attempt, with the schema beside it and named in its first line."""
    assert call("init")[0] == 0
    assert call("check")[:2] == (0, "")
    assert Path("runbook.toml").read_text().startswith("#:schema ./runbook.schema.json\n")
    assert json.loads(Path("runbook.schema.json").read_text()) == schema()


def test_the_starter_is_played_to_its_end(tmp_path: Path) -> None:
    """A night on the starter, by the program itself, is done."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pags_tui",
            "demo",
            "--runbook",
            str(ROOT / "pags_tui" / "starter.toml"),
            "--headless",
            "--db",
            str(tmp_path / "private" / "demo.db"),
        ],
        capture_output=True,
        text=True,
        timeout=150,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "DONE")


def test_nothing_is_overwritten(call: Call) -> None:
    """A runbook that is there stays as it is: exit 4."""
    Path("runbook.toml").write_text("mine")
    code, _, err = call("init")
    assert (code, Path("runbook.toml").read_text()) == (4, "mine")
    assert err == "runbook.toml is there already, and is left as it is. Choose another name.\n"


# ---------------------------------------------------------------- the schema


def test_the_schema_in_the_package_is_current() -> None:
    """The file is what the models say; `tools/schema` writes it."""
    written = (ROOT / "pags_tui" / "runbook.schema.json").read_text(encoding="utf-8")
    assert written == json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def unknown(value: Any, shape: dict[str, Any], path: str = "") -> Iterator[str]:
    """The keys and types of a file that the schema does not know: the part of JSON Schema that ours uses."""
    if "$ref" in shape:
        shape = {**schema()["$defs"][shape["$ref"].rsplit("/", 1)[1]], **shape}
    if "anyOf" in shape:
        found = [list(unknown(value, one, path)) for one in shape["anyOf"]]
        yield from min(found, key=len)
        return
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "number": float, "boolean": bool}
    named = shape.get("type", [])
    wanted = tuple(kinds[one] for one in ([named] if isinstance(named, str) else named))
    if wanted and not isinstance(value, wanted):
        yield f"{path}: {value!r} is no {named}"
    if "enum" in shape and value not in shape["enum"]:
        yield f"{path}: {value!r} is none of {shape['enum']}"
    if isinstance(value, dict):
        yield from (f"{path}: no {key}" for key in shape.get("required", ()) if key not in value)
        for key, one in value.items():
            inner = shape.get("properties", {}).get(key, shape.get("additionalProperties", {}))
            if inner is False:
                yield f"{path}.{key} is unknown"
            else:
                yield from unknown(one, inner, f"{path}.{key}")
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from unknown(one, shape.get("items", {}), f"{path}[{number}]")


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_the_schema_takes_what_the_loader_takes(path: Path) -> None:
    """Every key and type of every runbook here is known to the schema."""
    assert list(unknown(tomllib.loads(path.read_text(encoding="utf-8")), schema())) == []


@pytest.mark.parametrize(
    "text",
    [
        HEAD + 'titel = "y"\n[[phases]]\n',
        HEAD + "[[phases]]\nat = 5\n",
        HEAD,
        HEAD + '[[phases]]\nsteps = [{ chek = "y" }]\n',
        HEAD + '[[phases]]\n[flags.f]\ntype = "real"\n',
    ],
    ids=["key", "type", "no phases", "step", "flag"],
)
def test_the_schema_refuses_slips(text: str) -> None:
    """A misspelt key, a number for a time, a missing section, an unknown word."""
    assert list(unknown(tomllib.loads(text), schema()))


def test_every_key_has_a_sentence() -> None:
    """What an editor shows on hover: each key of a table of the file is explained."""
    silent = [
        f"{name}.{key}"
        for name, shape in schema()["properties"].items()
        for one in (shape, shape.get("additionalProperties"), shape.get("items"))
        if isinstance(one, dict)
        for key, inner in one.get("properties", {}).items()
        if "description" not in inner and name != "services"
    ]
    assert silent == []


def test_the_command_prints_it(call: Call) -> None:
    """`check --schema` is the same."""
    assert json.loads(call("check", "--schema")[1]) == schema()


# ---------------------------------------------------------------- for reviews and hooks


def test_sarif(call: Call) -> None:
    """A result with place, rule and level for each fault, in the form that code review reads."""
    Path("bad.toml").write_text('[runbook]\nid = "x"\n[[phases]]\nid = "a"\nsteps = ["x"]\n[metrcs.m]\n')
    code, out, _ = call("check", "bad.toml", "--sarif")
    (run,) = json.loads(out)["runs"]
    (result,) = run["results"]
    assert code == 2
    assert (result["ruleId"], result["level"]) == ("unknown-key", "error")
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["unknown-key"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("bad.toml", 6)


def test_several_runbooks(call: Call) -> None:
    """A hook gives all changed files at once: each is checked, and the worst of them is the exit code."""
    Path("bad.toml").write_text("[runbook]\n")
    assert call("check", str(ROOT / "runbook.toml"), str(BOOKS[-1]))[0] == 0
    code, out, _ = call("check", str(ROOT / "runbook.toml"), "bad.toml", "--json")
    assert code == 2
    assert {fault["file"] for fault in json.loads(out)} == {"bad.toml"}


def test_the_hook_names_the_command(repo_root: Path) -> None:
    """The pre-commit hook calls `pags-tui check` on runbooks."""
    hook = (repo_root / ".pre-commit-hooks.yaml").read_text()
    for line in ("- id: pags-tui-check", "  entry: pags-tui check", "  language: python"):
        assert f"{line}\n" in hook


def test_the_starter_loads_as_it_lies_in_the_package() -> None:
    """No warning, so that a beginner starts from clean."""
    assert lint(load(BOOKS[1].read_text(encoding="utf-8"), "starter.toml")) == ()
