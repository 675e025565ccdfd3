"""Where each key and value of a TOML text stands, by line and column. It reads no values; `tomllib` does that.

The syntax tree comes from tree-sitter, loaded only when something has to be pointed at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pags_tui.core.runbook.base import Path

if TYPE_CHECKING:
    from tree_sitter import Node

Place = tuple[int, int]
"""Line and column, both counted from 1, columns in characters."""

START: Place = (1, 1)


@dataclass(slots=True)
class Positions:
    """The places of one text. Paths are as `tomllib` nests them: keys and list indexes."""

    keys: dict[Path, Place] = field(default_factory=dict)
    """Where a key is first written (of a list item: where the item begins)."""
    values: dict[Path, Place] = field(default_factory=dict)
    """Where a value begins; of a table, its heading."""
    strings: dict[Path, str] = field(default_factory=dict)
    """How a text is written, quotes and all."""

    def key(self, path: Path) -> Place:
        """Where the key stands; of a key that is not there, its nearest table."""
        return self._nearest(self.keys, path)

    def value(self, path: Path, offset: int | None = None) -> Place:
        """Where the value stands, or its character number `offset` (from 0) when it is a text."""
        if offset is not None and path in self.strings:
            return _inside(self.values[path], self.strings[path], offset)
        return self._nearest(self.values, path)

    def _nearest(self, places: dict[Path, Place], path: Path) -> Place:
        for length in range(len(path), 0, -1):
            found = places.get(path[:length]) or self.keys.get(path[:length])
            if found:
                return found
        return START


def _inside(start: Place, written: str, offset: int) -> Place:
    """The place of the character number `offset` of a text whose source `written` begins at `start`."""
    quotes = 3 if written[:3] in ('"""', "'''") else 1
    index = quotes
    if quotes == 3:
        index += 2 if written[3:5] == "\r\n" else written[3:4] == "\n"
    escapes = written[0] == '"'
    for _ in range(offset):
        if escapes and written[index : index + 1] == "\\":
            index += {"u": 6, "U": 10, "x": 4}.get(written[index + 1 : index + 2], 2)
        else:
            index += 1
    before = written[: min(index, len(written))]
    line, column = start
    lines = before.split("\n")
    return (line, column + len(before)) if len(lines) == 1 else (line + len(lines) - 1, len(lines[-1]) + 1)


def locate(text: str) -> Positions:
    """The places of everything in `text`, which may be broken: what cannot be read is left out."""
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    source = text.encode("utf-8", "replace")
    tree = Parser(Language(tree_sitter_toml.language())).parse(source)
    walker = _Walker(source.split(b"\n"))
    walker.document(tree.root_node)
    return walker.found


class _Walker:
    """Walks the syntax tree once and notes places."""

    def __init__(self, lines: list[bytes]) -> None:
        self.lines = lines
        self.found = Positions()
        self.lists: dict[Path, int] = {}

    def document(self, root: Node) -> None:
        for node in root.children:
            if node.type == "pair":
                self.pair((), node)
            elif node.type in ("table", "table_array_element"):
                self.table(node)

    def table(self, node: Node) -> None:
        heading = [part for child in node.children for part in _parts(child)]
        path = self.heading(heading, node.type == "table_array_element")
        for child in node.children:
            if child.type == "pair":
                self.pair(path, child)

    def heading(self, parts: list[Node], item: bool) -> Path:
        """The path of a `[table]` or `[[list]]` heading; a list on the way means its last item."""
        path: Path = ()
        for number, part in enumerate(parts):
            path = (*path, _name(part))
            self.note(path, part)
            if item and number == len(parts) - 1:
                self.lists[path] = self.lists.get(path, -1) + 1
            if path in self.lists:
                path = (*path, self.lists[path])
                self.note(path, part)
        return path

    def pair(self, base: Path, node: Node) -> None:
        key = node.children[0]
        path = base
        for part in _parts(key):
            path = (*path, _name(part))
            self.note(path, part)
        for value in node.children[1:]:
            if value.is_named and value.type != "comment":
                self.value(path, value)

    def value(self, path: Path, node: Node) -> None:
        self.found.values[path] = self.place(node)
        if node.type == "string":
            self.found.strings[path] = (node.text or b"").decode("utf-8", "replace")
        elif node.type == "array":
            items = (child for child in node.children if child.is_named and child.type != "comment")
            for index, item in enumerate(items):
                self.found.keys[(*path, index)] = self.place(item)
                self.value((*path, index), item)
        elif node.type == "inline_table":
            for child in node.children:
                if child.type == "pair":
                    self.pair(path, child)

    def note(self, path: Path, node: Node) -> None:
        self.found.keys.setdefault(path, self.place(node))
        self.found.values.setdefault(path, self.place(node))

    def place(self, node: Node) -> Place:
        row, column = node.start_point
        return row + 1, len(self.lines[row][:column].decode("utf-8", "replace")) + 1


KEYS = ("bare_key", "quoted_key", "dotted_key")


def _parts(key: Node) -> Iterator[Node]:
    """The single keys of a dotted one, left to right."""
    if key.type == "dotted_key":
        for child in key.children:
            yield from _parts(child)
    elif key.type in KEYS:
        yield key


def _name(key: Node) -> str:
    """A key as `tomllib` names it."""
    import tomllib

    written = (key.text or b"").decode("utf-8", "replace")
    if key.type == "bare_key":
        return written
    try:
        return next(iter(tomllib.loads(f"{written} = 0")))
    except tomllib.TOMLDecodeError:
        return written
