"""A Markdown file as blocks, by markdown-it. Understands no runbook, reads no file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from pags_tui.core.importing import Block, Code, Heading, Item, Paragraph, Rule, Table

BOX = re.compile(r"^\[[ xX~-]\]\s+")
COMMENT = re.compile(r"^<!--|-->$")


def blocks_of(text: str) -> list[Block]:
    """Every block of the text, in order. Front matter and HTML are kept as paragraphs."""
    return list(_blocks(MarkdownIt("commonmark").enable("table").parse(text)))


def _blocks(tokens: list[Token]) -> Iterator[Block]:
    lists: list[bool] = []
    fresh = False
    cells: list[list[str]] = []
    table = 0
    for before, token in zip([None, *tokens], tokens, strict=False):
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                lists.append(token.type.startswith("ordered"))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                fresh = True
            case "table_open":
                cells, table = [], _line(token, tokens)
            case "tr_open":
                cells.append([])
            case "table_close":
                yield Table(tuple(map(tuple, cells)), table)
            case "fence" | "code_block":
                yield Code(token.content, _line(token, tokens))
            case "hr":
                yield Rule(_line(token, tokens))
            case "html_block":
                yield from _paragraph(token.content, _line(token, tokens))
            case "inline" if before is not None and before.type in ("th_open", "td_open"):
                cells[-1].append(token.content)
            case "inline" if before is not None and before.type == "heading_open":
                yield Heading(int(before.tag[1:]), token.content, _line(token, tokens))
            case "inline" if fresh:
                fresh = False
                yield from _item(token, lists)
            case "inline":
                yield from _paragraph(token.content, _line(token, tokens))


def _item(token: Token, lists: list[bool]) -> Iterator[Block]:
    """An item with its wrapped lines joined; lines of a label each stay by themselves."""
    line = token.map[0] + 1 if token.map else 0
    whole = " ".join(part.strip() for part in token.content.splitlines())
    yield Item(BOX.sub("", whole), len(lists) - 1, bool(BOX.match(whole)), lists[-1], line)


def _paragraph(text: str, line: int) -> Iterator[Paragraph]:
    for n, one in enumerate(text.splitlines()):
        if bare := COMMENT.sub("", one.strip()).strip():
            yield Paragraph(bare, line + n)


def _line(token: Token, tokens: list[Token]) -> int:
    """The line it begins at, from 1; of a closing token that of its opening."""
    if token.map:
        return token.map[0] + 1
    opened = next((one for one in reversed(tokens[: tokens.index(token)]) if one.map), None)
    return opened.map[0] + 1 if opened and opened.map else 0
