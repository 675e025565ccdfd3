"""What stands in a document and not in the runbook made from it: the net under everything else. Understands nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pags_tui.core.importing.blocks import Block, Heading, Item, Paragraph, Table
from pags_tui.core.importing.words import label_of, offset_of, plain


def lost(blocks: Sequence[Block], toml: str) -> list[tuple[int, str]]:
    """Line and text of every heading, item, paragraph and cell whose words are not in the file, in this order."""
    kept = _words(toml)
    return [(line, text) for line, text in _texts(blocks) if any(part not in kept for part in _parts(text))]


def _texts(blocks: Sequence[Block]) -> Iterator[tuple[int, str]]:
    for block in blocks:
        match block:
            case Heading():
                at = offset_of(plain(block.text))
                yield block.line, at[1] if at else plain(block.text)
            case Item() | Paragraph():
                named = label_of(block.text)
                yield block.line, plain(named[1] if named and named[1] else block.text if not named else "")
            case Table():
                yield from ((line, cell) for line, row in list(block.numbered)[1:] for cell in row)


def _parts(text: str) -> Iterator[str]:
    """Pieces that must stand together: what is in brackets may have been put elsewhere, and a blank is to be filled."""
    for part in re.split(r"[()]", re.sub(r"\[[^\]]*\]", " ", text)):
        if words := _words(part).strip():
            yield f" {words} "


def _words(text: str) -> str:
    text = re.sub(r"\\[nt]", " ", text)
    return " " + " ".join(re.findall(r"[^\W_]+", text.lower())) + " "
