"""Turns a document's blocks into a commented runbook. Pure: it reads no file and knows no Markdown library.

What it understands becomes a phase, step, gate, flag, trigger, message or name; what it does not is kept as a comment
and told of. Nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pags_tui.core.importing.blocks import Block, Code, Heading, Item, Paragraph, Rule, Table
from pags_tui.core.importing.finishing import finished
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
    return Imported(toml_of(book, source), tuple(book.unplaced))


__all__ = ["Block", "Code", "Heading", "Imported", "Item", "Paragraph", "Rule", "Table", "imported", "mended"]
