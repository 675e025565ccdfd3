"""A Markdown document as flat blocks, in order: what an import reads. Knows no Markdown library and no TOML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Heading:
    """`## Text`."""

    level: int
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of a paragraph."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list, its box taken off."""

    text: str
    depth: int
    """0 for a list of its own."""
    task: bool
    """It had a box to tick."""
    ordered: bool
    line: int


@dataclass(frozen=True, slots=True)
class Code:
    """A fenced or indented block."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the header first."""

    rows: tuple[tuple[str, ...], ...]
    line: int
    """Of the header; the rule below it has one of its own."""

    @property
    def numbered(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Each row with its line."""
        return ((self.line + n + (n > 0), row) for n, row in enumerate(self.rows))


@dataclass(frozen=True, slots=True)
class Rule:
    """`---`: what follows belongs to no heading."""

    line: int


Block = Heading | Paragraph | Item | Code | Table | Rule
