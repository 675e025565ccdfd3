"""What can only be said once the whole document is read: names of flags, what is only staged, SLOs, ids."""

from __future__ import annotations

import re
from itertools import chain

from pags_tui.core.importing.book import Book, Line
from pags_tui.core.importing.commands import FlagValue
from pags_tui.core.importing.gates import promise
from pags_tui.core.importing.messages import template_of
from pags_tui.core.importing.reading import Reader
from pags_tui.core.importing.words import ident
from pags_tui.core.units import parse_offset

PROMISED = re.compile("error|fail|5xx|latenc|duration|success|availab")
"""Names of metrics whose bound is likely to be a promise, and not a rule of thumb."""
STAGED = "the document sets {names} here and again later: only made ready here, so that no traffic moves before T+0"


def finished(reader: Reader) -> Book:
    """The book with everything resolved that a single line could not say."""
    book = reader.book
    _flags(book)
    _staged(book)
    _slos(book)
    for group, text in reader.templates:
        group.keys["template"], fields = template_of(text, book.metrics)
        if fields:
            group.keys["fields"] = fields
    for phase in book.phases:
        book.unique(phase.all_lines)
    for group in (*book.success, *book.follow_ups, *([book.rollback] if book.rollback else []), *book.options):
        book.unique(group.lines)
    return book


def _lines(book: Book) -> list[Line]:
    ways = [*([book.rollback] if book.rollback else []), *book.options]
    return [*chain.from_iterable(phase.all_lines for phase in book.phases), *(x for way in ways for x in way.lines)]


def _writes(book: Book) -> list[tuple[Line, dict[str, FlagValue]]]:
    return [(line, made) for line in _lines(book) if isinstance(made := line.keys.get("set"), dict)]


def _flags(book: Book) -> None:
    """Exported names become keys of flags: what all of them begin with is left out."""
    names = {name for _, made in _writes(book) for name in made if name.isupper()}
    heads = {name.split("_")[0] for name in names}
    prefix = f"{heads.pop()}_" if len(heads) == 1 and len(names) > 1 else ""
    for line, made in _writes(book):
        spelled = {ident(name.removeprefix(prefix), name) if name.isupper() else name: name for name in made}
        line.keys["set"] = {key: made[name] for key, name in spelled.items()}
        for key, name in spelled.items():
            env, first = book.flags.get(key, (None, made[name]))
            book.flags[key] = (name if name.isupper() else env, first)


def _staged(book: Book) -> None:
    """A flag that is set before T+0 and to the same value again from T+0 on is only named as next."""
    at = {id(line): parse_offset(phase.at) for phase in book.phases if phase.at for line in phase.all_lines}
    later = {(key, value) for line, made in _writes(book) if at.get(id(line), -1) >= 0 for key, value in made.items()}
    for line, made in _writes(book):
        again = {key: value for key, value in made.items() if (key, value) in later}
        if again and at.get(id(line), 0) < 0:
            line.keys["stage"] = again
            line.keys["set"] = {key: value for key, value in made.items() if key not in again}
            line.notes.append(STAGED.format(names=", ".join(again)))
            if not line.keys["set"]:
                del line.keys["set"]


def _slos(book: Book) -> None:
    """`all slos` needs promises: the bounds of the first gates, where the document names no others."""
    every = [*_lines(book), *(line for group in book.success for line in group.lines)]
    gates = [(line, gate) for line in every if isinstance(gate := line.keys.get("gate"), str)]
    if any(gate.startswith("all slos") for _, gate in gates):
        for _, gate in gates:
            name, _, test = gate.partition(" ")
            known = book.metrics.get(name)
            if known and not known.slo and test[:1] in "<>" and PROMISED.search(name):
                known.slo = test
        if not any(one.slo for one in book.metrics.values()):
            for line, gate in gates:
                if gate.startswith("all slos"):
                    line.notes.append(f'TODO no metric has an slo yet: give one to a metric, then gate = "{gate}"')
                    del line.keys["gate"]
    for _, condition, _ in book.triggers:
        if "of slo" in condition:
            promise(book, condition.split()[0])
