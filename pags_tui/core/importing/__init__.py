"""Turns a document's blocks into a commented runbook. Pure: it reads no file and knows no Markdown library.

What it understands becomes a phase, step, gate, flag, trigger, message or name; what it does not is kept as a comment
and told of. Nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pags_tui.core.importing.blocks import Block, Code, Heading, Item, Paragraph, Rule, Table
from pags_tui.core.importing.finishing import finished
from pags_tui.core.importing.lost import lost
from pags_tui.core.importing.mojibake import mended
from pags_tui.core.importing.reading import Reader
from pags_tui.core.importing.writing import toml_of


@dataclass(frozen=True, slots=True)
class Imported:
    """A runbook made from a document."""

    toml: str
    unplaced: tuple[tuple[int, str], ...]
    """Line and text of what found no place but a comment."""


def imported(blocks: Sequence[Block], source: str) -> Imported:
    """The runbook that the blocks come to. `source` is the document's name, for the first line."""
    reader = Reader()
    reader.read(blocks)
    book = finished(reader)
    toml = toml_of(book, source)
    missing = lost(blocks, toml)
    if missing:
        toml += "\n# Without a place:\n" + "".join(f"# {text}\n" for _, text in missing)
    return Imported(toml, tuple(sorted([*book.unplaced, *missing])))


__all__ = ["Block", "Code", "Heading", "Imported", "Item", "Paragraph", "Rule", "Table", "imported", "mended"]
