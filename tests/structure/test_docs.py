"""The pages tell the truth, as far as it can be seen without running anything: TOML, options, keys, links, pictures."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from pags_tui.core.errors import RunbookError
from pags_tui.core.runbook.draft import Draft
from pags_tui.core.runbook.loading import _runbook
from pags_tui.ui.keys import KEYS, printed
from pags_tui.ui.settings import load_settings
from tests.docs.pages import GUIDES, PAGES, ROOT, Block, blocks
from tools.reference.told import commands

BASE = tomllib.loads((Path(__file__).parents[1] / "docs" / "base.toml").read_text(encoding="utf-8"))
"""What fragments on the pages refer to."""
TOML = list(blocks("toml"))


@pytest.mark.parametrize("block", TOML, ids=[block.where for block in TOML])
def test_toml_can_be_copied(block: Block) -> None:
    """A fragment is accepted in a runbook that has what it refers to; settings are accepted as settings."""
    try:
        if block.title == "config.toml":
            load_settings(block.text, block.where)
            return
        draft = Draft(block.where, block.text)
        _runbook(draft, merged(BASE, tomllib.loads(block.text)))
        draft.refuse_if_faulty()
    except (RunbookError, tomllib.TOMLDecodeError) as error:
        pytest.fail(f"{block.where}: {error}\nIf it refers to something new, add that to tests/docs/base.toml.")


def merged(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Tables are put into one another; phases take the place of those with the same id; all else is replaced."""
    made = copy.deepcopy(base)
    for key, value in more.items():
        if key == "phases":
            ids = {phase.get("id") for phase in value}
            made[key] = [*value, *(phase for phase in made.get(key, []) if phase["id"] not in ids)]
        elif isinstance(value, dict) and isinstance(made.get(key), dict):
            made[key] = merged(made[key], value)
        else:
            made[key] = value
    return made


FOREIGN = {"--user", "--index-url"}
"""Options of other programs, on a page."""


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_option_is_there(page: Path) -> None:
    """No sentence names an option that no command has."""
    known = {word for one in commands() for option in one.options for word in re.findall(r"--[a-z0-9-]+", option.shown)}
    known |= {"--help", "--version"} | FOREIGN
    prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    named = {word for code in re.findall(r"`([^`\n]+)`", prose) for word in re.findall(r"(?<![\w-])--[a-z0-9-]+", code)}
    assert sorted(named - known) == []


KEY_PAGES = ("first-rehearsal.md", "night.md", "afterwards.md")


@pytest.mark.parametrize("name", KEY_PAGES)
def test_every_key_is_there(name: str) -> None:
    """No page for the night names a key that does nothing."""
    known = {printed(key) for one in KEYS for key in one.keys} | {key for one in KEYS for key in one.keys}
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    named = set(re.findall(r"`([^`\s]{1,2}|F\d+|ctrl\+\w|space|tab)`", text))
    assert sorted(named - known - {"-", "+"}) == []


LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Each file that a page links to is there, and so is each heading."""
    for path, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = (page.parent / unquote(path)) if path else page
        assert target.exists(), f"{page.name} links to {path}, which is not there"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{page.name} links to #{anchor} of {target.name}"


def anchors(page: Path) -> set[str]:
    """The headings as the site names them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", head).strip().lower()) for head in heads}


def test_pictures_are_screens_of_the_suite() -> None:
    """Each picture is a frozen screen that the suite draws anew, so that none goes stale."""
    found = [
        (page.name, unquote(path))
        for page in PAGES
        for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    ]
    assert len(found) >= 8
    assert [one for one in found if "/__snapshots__/" not in f"/{one[1]}"] == []


def test_json_can_be_parsed() -> None:
    """What is shown as JSON is JSON."""
    for block in blocks("json"):
        json.loads(block.text)


def test_every_variable_is_there() -> None:
    """Each variable of the program is told of in README or docs and in the man page, and no other."""
    variable = re.compile(r"\bPAGS_TUI_[A-Z_]+\b")
    code = {name for file in (ROOT / "pags_tui").rglob("*.py") for name in variable.findall(file.read_text())}
    told = {name for page in PAGES for name in variable.findall(page.read_text(encoding="utf-8"))}
    manual = set(variable.findall((ROOT / "man/man1/pags-tui.1").read_text().replace("\\-", "-")))
    assert told == code
    assert manual == code


PLACEHOLDER = re.compile(r"^pags-tui .*?(?<![$\w{.'=-])([A-Z]{3,}|<[a-z]+>|\.\.\.)(?![\w.:-])", re.MULTILINE)


def test_shell_blocks_can_be_run() -> None:
    """An `sh` block is run by tests/docs, line by line: what only shows a form (RUN, FILE, NAME) is a `text` block."""
    found = [(block.where, name) for block in blocks("sh") for name in PLACEHOLDER.findall(block.text)]
    assert found == [], "make these ```text"


LANGUAGES = {"sh", "text", "toml", "json", "yaml", "bash", "sql"}


def test_blocks_say_what_they_are() -> None:
    """So that a test knows what to do with each: `sh` is run, `toml` is loaded, `json` is parsed, `text` is shown, and
    `sql` is carried out by a real PostgreSQL (make test-postgres)."""
    assert [(block.where, block.language) for block in blocks() if block.language not in LANGUAGES] == []
