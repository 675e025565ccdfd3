"""`init`: a commented starter, with the schema that editors complete and check it by."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pags_tui.cli.common import FILE
from pags_tui.cli.importing import write_new

SCHEMA = "runbook.schema.json"


@click.command()
@click.argument("path", metavar="[FILE]", default="runbook.toml", type=FILE)
def init(path: str) -> int:
    """Write a commented starter to FILE (runbook.toml), and runbook.schema.json beside it for editors.

    An existing runbook is never overwritten.

    \b
    pags-tui init
    pags-tui check runbook.toml
    pags-tui demo --runbook runbook.toml
    """
    from pags_tui.core.runbook.schema import schema

    write_new(path, starter())
    beside = Path(path).with_name(SCHEMA)
    if not beside.exists():
        write_new(str(beside), json.dumps(schema(), indent=2, ensure_ascii=False) + "\n")
    click.echo(f"{path} is written. Fill it in, then: pags-tui check {path}", err=True)
    return 0


def starter() -> str:
    """The text of the starter."""
    return (Path(__file__).resolve().parent.parent / "starter.toml").read_text(encoding="utf-8")
