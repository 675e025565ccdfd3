"""The pages, taken apart: their blocks of code, their links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
GUIDES = tuple(page for page in PAGES if page.parent.name != "reference")
"""Those that a person writes."""


@dataclass(frozen=True)
class Block:
    """One block of code."""

    page: Path
    line: int
    language: str
    title: str
    text: str

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*languages: str) -> Iterator[Block]:
    """Every block in one of those languages; without any named, all of them."""
    for page in GUIDES:
        for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
            if token.type != "fence" or token.map is None:
                continue
            language, _, rest = token.info.strip().partition(" ")
            title = re.search(r'title="([^"]*)"', rest)
            if not languages or language in languages:
                yield Block(page, token.map[0] + 1, language, title[1] if title else "", token.content)
