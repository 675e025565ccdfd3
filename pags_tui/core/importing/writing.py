"""Writes a book as a commented runbook.toml: what is still to be done says TODO. Understands nothing by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from pags_tui.core.importing.book import Book, Group, Line, Part, Phase
from pags_tui.core.importing.words import ident

RULE = "# " + "=" * 100
NAME = re.compile(r"\{\{(?=-?\s*[A-Za-z_])")


def toml_of(book: Book, source: str) -> str:
    """The whole file; `source` names the document."""
    sections = (
        _head(book, source),
        _people(book),
        _services(book),
        _metrics(book),
        _flags(book),
        _phases(book),
        _ways_back(book),
        _messages(book),
        _groups(book, book.success, "success", "criteria"),
        _groups(book, book.follow_ups, "follow_ups", "items"),
    )
    return "\n".join(line.rstrip() for section in sections for line in section).rstrip() + "\n"


# ------------------------------------------------------------ values


def text(value: str, template: bool = False) -> str:
    """A text as TOML; braces that would name something are pulled apart, except in a template."""
    value = value if template else NAME.sub("{ {", value)
    escaped = value.replace("\\", "\\\\")
    escaped = "".join(c if (c >= " " and c != "\x7f") or c in "\n\t" else f"\\u{ord(c):04x}" for c in escaped)
    if "\n" in value:
        return '"""\n' + escaped.replace('"""', '""\\"') + '"""'
    return '"' + escaped.replace('"', '\\"').replace("\t", "\\t") + '"'


def value(given: object) -> str:
    """Any value of a key."""
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, str):
        return text(given)
    if isinstance(given, dict):
        return "{ " + ", ".join(f"{_key(key)} = {value(one)}" for key, one in given.items()) + " }"
    if isinstance(given, list | tuple):
        return "[" + ", ".join(value(one) for one in given) + "]"
    return str(given)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else text(name)


def _comment(lines: Iterable[str], indent: str = "") -> list[str]:
    return [f"{indent}# {one}".rstrip() for each in lines for one in (each.splitlines() or [""])]


def _said(words: str) -> str:
    """Texts of titles and contacts: no variable is filled in there."""
    return text(words.replace("${", "$ {"))


# ------------------------------------------------------------ sections


def _head(book: Book, source: str) -> Iterator[str]:
    yield f"# Imported from {source}. Read it line by line before the night; what is left to be done says TODO."
    yield from _comment(book.notes)
    yield ""
    yield "[runbook]"
    yield f"id = {text(ident(book.title, 'imported'))}"
    yield f"title = {_said(book.title or 'Imported runbook')}"
    yield 'timezone = "UTC"                      # TODO'
    if traffic := next((key for key in book.flags if re.search("canary|traffic|rollout|percent|weight", key)), None):
        yield f"traffic = {text(traffic)}"
    leads = [name for name, _ in book.roles if re.search(r"\b(lead|manager|commander|coordinator)\b", name, re.I)]
    if leads:
        yield f"lead = {text(ident(leads[0], 'name'))}"
    parts = [(title, list(some)) for title, some in groupby(book.phases, key=lambda phase: phase.heading) if title]
    if len({title for title, _ in parts}) == len(parts) and any(len(some) > 1 for _, some in parts):
        yield from ("", "[runbook.parts]")
        for title, some in parts:
            yield f"{text(title)} = {text(f'{some[0].id}..{some[-1].id}' if len(some) > 1 else some[0].id)}"


def _people(book: Book) -> Iterator[str]:
    if book.contacts or book.roles:
        yield from ("", *_over(book, "people"))
    if book.contacts:
        yield "[contacts]"
    for name, (title, given, note) in zip(_names(one[0] for one in book.contacts), book.contacts, strict=True):
        more = f", note = {_said(note)}" if note else ""
        yield f"{name} = {{ title = {_said(title)}, value = {_said(given)}{more} }}"
    for name, (title, given) in zip(_names(one[0] for one in book.roles), book.roles, strict=True):
        yield from ("", f"[roles.{name}]", f"title = {_said(title)}", f"name = {_said(given)}")


def _names(titles: Iterable[str]) -> Iterator[str]:
    """An id for each title, each of its own."""
    taken: set[str] = set()
    for title in titles:
        base = ident(title, "name")
        name = next(one for n in range(1, 1000) if (one := base if n == 1 else f"{base}-{n}") not in taken)
        taken.add(name)
        yield name


def _services(book: Book) -> Iterator[str]:
    if book.metrics:
        yield from ("", "[services.prometheus]", 'url = "${PROMETHEUS_URL}"')
    if book.flags:
        url, token = _variable(book.service) or "${FEATURE_FLAG_API}", _variable(book.token) or "${API_KEY}"
        yield from ("", "[services.flags]", 'kind = "http"', f"url = {text(url)}", f"token = {text(token)}")
        yield 'target = "production"                 # TODO what a confirmation makes one type'


def _variable(given: str) -> str:
    """`$NAME` as `${NAME}`; anything else as it is."""
    return re.sub(r"^\$(\w+)$", r"${\1}", given)


def _metrics(book: Book) -> Iterator[str]:
    if book.metrics:
        yield from ("", RULE, "# Metrics. TODO write the queries: each name stands for one and answers nothing yet.")
    for name, metric in book.metrics.items():
        yield from ("", f"[metrics.{name}]", f"title = {_said(metric.title)}", f"unit = {text(metric.unit)}")
        yield f"query = {text('todo_' + re.sub(r'[^a-z0-9]+', '_', name))}     # TODO the PromQL of it"
        if metric.slo:
            yield f"slo = {text(metric.slo)}" + ("     # TODO the document gives no number" if metric.guessed else "")


def _flags(book: Book) -> Iterator[str]:
    if book.flags:
        yield from ("", RULE, "# Flags. TODO `before` is a guess: the value that each has before the night.")
    for key, (env, first) in book.flags.items():
        kind = {bool: "boolean", int: "integer"}.get(type(first), "string")
        yield from ("", f"[flags.{_key(key)}]", *([f"env = {text(env)}"] if env else []), f"type = {text(kind)}")
        if kind == "integer" and re.search("percent|canary|traffic|rollout|weight", key):
            yield "range = [0, 100]"
        yield f"before = {value(not first if isinstance(first, bool) else 0 if kind == 'integer' else '')}     # TODO"


# ------------------------------------------------------------ phases


def _phases(book: Book) -> Iterator[str]:
    if not book.phases:
        yield from ("", "# TODO no phase was found", "[[phases]]", 'id = "first"', 'steps = ["TODO"]')
    for heading, some in groupby(book.phases, key=lambda phase: phase.heading):
        yield from ("", RULE, *_comment([heading])) if heading else ()
        for phase in some:
            yield from _phase(phase)


def _phase(phase: Phase) -> Iterator[str]:
    yield from ("", "[[phases]]", f"id = {text(phase.id)}", *([f"at = {text(phase.at)}"] if phase.at else []))
    yield f"title = {_said(phase.title)}"
    yield from _comment(phase.notes)
    if phase.lines:
        yield from _steps("steps", phase.lines)
    for name, part in (("monitor", phase.monitor), ("checkpoint", phase.checkpoint)):
        if part is not None:
            yield from _part(name, part)


def _part(name: str, part: Part) -> Iterator[str]:
    yield from (f"[phases.{name}]", f"title = {_said(part.title)}")
    yield from (f"{key} = {text(given)}" for key, given in part.keys.items())
    if part.lines:
        yield from _steps("steps", part.lines)


def _steps(key: str, lines: Sequence[Line]) -> Iterator[str]:
    yield f"{key} = ["
    for line in lines:
        yield from _comment(line.notes, "  ")
        yield from f"  {_step(line)},".split("\n")
    yield "]"


def _step(line: Line) -> str:
    if line.kind == "check" and not line.keys:
        return text(line.text)
    pairs = {line.kind: line.text, **line.keys}
    return "{ " + ", ".join(f"{key} = {_one_line(given)}" for key, given in pairs.items()) + " }"


def _one_line(given: object) -> str:
    """A value that may stand in an inline table of one line: a command of several lines keeps its breaks escaped."""
    if isinstance(given, str) and "\n" in given:
        return text(given.replace("\n", "\0")).replace("\\u0000", "\\n")
    return value(given)


# ------------------------------------------------------------ what stands behind the phases


def _ways_back(book: Book) -> Iterator[str]:
    if book.triggers:
        yield from ("", RULE, *_over(book, "watched", "triggers"))
    names = _names(one[0].split(":")[0] for one in book.triggers)
    for name, (title, condition, note) in zip(names, book.triggers, strict=True):
        yield from ("", f"[triggers.{name}]", f"title = {_said(title)}")
        yield f"when = {text(condition)}" + (f"     # TODO {note}" if note else "")
    back = book.rollback or (Group("Rollback") if book.considerations or book.triggers else None)
    if back is None:
        return
    yield from ("", RULE, *_over(book, "rollback", "considerations"))
    yield from ("[rollback]", f"title = {_said(back.title)}", 'auto = "ask"                          # TODO')
    yield from _comment(back.notes)
    if back.lines:
        yield from _steps("steps", back.lines)
    if book.considerations:
        yield from ("considerations = [", *(f"  {text(one)}," for one in book.considerations), "]")
    for name, option in zip(_names(one.title for one in book.options), book.options, strict=True):
        if option.lines:
            yield from ("", f"[rollback.{name}]", f"title = {_said(option.title)}", *_comment(option.notes))
            yield from _steps("steps", option.lines)
        else:
            yield from _comment([option.title, *option.notes])


def _over(book: Book, *kinds: str) -> list[str]:
    """The document's own headings over a section, as comments."""
    return _comment(text for kind in kinds for text in book.headings.get(kind, []))


def _messages(book: Book) -> Iterator[str]:
    if book.messages:
        yield from ("", RULE, *_over(book, "comms"))
    for name, group in zip(_names(one.title.partition("(")[0] for one in book.messages), book.messages, strict=True):
        yield from ("", f"[comms.{name}]", f"title = {text(group.title)}", *_comment(group.notes))
        given = {"template": "TODO\n", **group.keys}
        yield from (f"{key} = {value(one)}" for key, one in given.items() if key != "template")
        yield f"template = {text(str(given['template']), template=True)}"


def _groups(book: Book, groups: Sequence[Group], section: str, key: str) -> Iterator[str]:
    if groups:
        yield from ("", RULE, *_over(book, section.replace("_", "-")))
    for group in groups:
        yield from ("", f"[[{section}]]", f"title = {text(group.title)}", *_comment(group.notes))
        yield from (f"{name} = {value(one)}" for name, one in group.keys.items())
        yield from _steps(key, group.lines)
