"""The page about flag services knows every key and every kind."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from pags_tui.core.runbook import load
from pags_tui.core.runbook.services import FlagService
from pags_tui.edge.flags import KINDS

PAGE = (Path(__file__).resolve().parents[2] / "docs/flag-services.md").read_text(encoding="utf-8")


def test_every_key_has_its_row() -> None:
    """No key can be added without saying what it means."""
    rows = set(re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE))
    assert set(FlagService.model_fields) - rows == set()
    assert {name for name in rows if "_" in name} <= set(FlagService.model_fields)


def test_every_kind_has_its_chapter() -> None:
    """The page, the runbook's words and the table that opens a service agree."""
    kinds = get_args(FlagService.model_fields["kind"].annotation)
    assert set(re.findall(r'^## `kind = "([a-z-]+)"`', PAGE, re.MULTILINE)) == set(kinds) == set(KINDS)


def test_the_examples_load() -> None:
    """What is shown can be copied."""
    frame = '[runbook]\nid = "a"\ntitle = "A"\n[[phases]]\nid = "p"\nat = "T+0"\nsteps = ["Look"]\n'
    for example in re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL):
        load(frame + example, "example.toml")
