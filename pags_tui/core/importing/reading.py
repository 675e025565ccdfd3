"""Walks through a document's blocks and understands what it can. What it cannot is kept, with its line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import assert_never

from pags_tui.core.importing.blocks import Block, Code, Heading, Item, Paragraph, Rule, Table
from pags_tui.core.importing.book import Book, Group, Line, Part, Phase
from pags_tui.core.importing.commands import shell_of
from pags_tui.core.importing.gates import gate_of, trigger_of
from pags_tui.core.importing.words import label_of, length_of, offset_of, plain

SECTIONS: tuple[tuple[str, str], ...] = (
    ("considerations", r"consideration|(?:when|reasons) to roll ?back|(?:rollback|abort) criteria"),
    ("triggers", r"\btriggers\b"),
    ("rollback", r"\broll(?:ing)? ?back\b|\bback ?-?out\b|\bfall ?back\b"),
    ("comms", r"\bcommunications?\b|\bmessages\b|\bnotifications\b"),
    ("success", r"\b(?:success|acceptance|exit) criteria\b|definition of done"),
    ("follow-ups", r"follow-?ups?\b|post-[\w-]+ actions|action items|next steps"),
    ("people", r"^roles\b|^team$|^people\b|^participants\b|^contacts?\b|\bwho is who\b|roles and"),
    ("watched", r"metrics to (?:watch|observe)|key metrics"),
)
ROLE = re.compile(
    r"\b(?:lead|manager|owner|engineer|commander|coordinator|technician|reviewer|dba|administrator|scribe|approver|"
    r"officer|on-?call|executor|operator)\b",
    re.I,
)
MONITOR = re.compile(r"^(?:immediately\s+)?(?:monitor|watch|observe|verify|verification|validate|soak)\b", re.I)
BLANK = re.compile(r"^\[[^\]]*\]$|^<[^>]*>$|^_*$|^tbd$|^@?$", re.I)
QUOTED = re.compile(r"`([^`]+)`")
WHEN = re.compile(r"^(?:(?:automatic|rollback|abort)\s+)*triggers?$|^(?:roll ?back|abort) (?:if|when|criteria)$", re.I)
"""Labels between the lines of a way back under which it says when to take it."""
HOW = re.compile(r"^(?:rollback\s+)?(?:steps?|actions?|procedure|how(?: to)?|plan)$", re.I)
"""And under which it says how."""
CONTACT = re.compile(r"^(?:https?://|#\w|\+\d|\S+@\S+\.\w|\[(?:phone|url|link|channel|number)\])", re.I)


def section_of(text: str) -> str | None:
    """What kind of section a heading opens; None: one of phases."""
    return next((name for name, words in SECTIONS if re.search(words, text, re.I)), None)


class Reader:
    """Reads a document once, from top to bottom."""

    def __init__(self) -> None:
        self.book = Book()
        self.section = "phases"
        self.level = 1
        self.part = ""
        """The heading over the phases that follow."""
        self.heading: Heading | None = None
        """A heading that becomes a phase with its first step."""
        self.phase: Phase | None = None
        self.target: list[Line] = []
        self.last: Line | None = None
        """The step that a block of code belongs to."""
        self.group: Group | None = None
        self.label = ""
        self.templates: list[tuple[Group, str]] = []
        self.watched = ""
        self.aside: bool | None = None
        """Between the lines of a way back, where it says when to take it: whether that list is a numbered one."""

    def read(self, blocks: Sequence[Block]) -> Book:
        """The book of all blocks."""
        for block in blocks:
            match block:
                case Heading():
                    self._heading(block)
                case Paragraph():
                    self._paragraph(block)
                case Item():
                    self._item(block)
                case Code():
                    self._code(block)
                case Table():
                    self._table(block)
                case Rule():
                    self.section = "people" if self.section != "phases" or self.book.success else self.section
                case _:
                    assert_never(block)
        return self.book

    # ------------------------------------------------------------ headings

    def _heading(self, block: Heading) -> None:
        text = plain(block.text)
        if not self.book.title:
            self.book.title = text
            return
        self.last, self.label = None, ""
        self._back()
        if at := offset_of(text):
            self._begin(at[1] or text, at[0])
            return
        kind = section_of(text)
        deeper = self.section != "phases" and block.level > self.level
        if kind is None and deeper:
            self._inside(text)
        elif kind is None:
            self.section, self.phase, self.heading = "phases", None, block
            if block.level <= 2:
                self.part = text
        else:
            self._section(kind, text, block.level if not deeper else self.level)

    def _section(self, kind: str, text: str, level: int) -> None:
        self.section, self.level, self.group = kind, level, None
        if kind == "rollback":
            fresh = Group(text)
            if self.book.rollback is None or not self.book.rollback.lines:
                fresh.notes = self.book.rollback.notes if self.book.rollback else []
                self.book.rollback = fresh
            else:
                self.book.options.append(fresh)
            self.group = fresh
        if kind == "comms" and self.book.messages:
            self._inside(text)
        else:
            self.book.headings.setdefault(kind, []).append(text)

    def _inside(self, text: str) -> None:
        """A heading below that of a section: one of its groups."""
        if self.section in ("comms", "success", "follow-ups"):
            rows = {"comms": self.book.messages, "success": self.book.success, "follow-ups": self.book.follow_ups}
            self.group = Group(text)
            rows[self.section].append(self.group)
            if self.section == "follow-ups" and (within := length_of(text)):
                self.group.keys["within"] = within
            if self.section == "comms" and (every := re.search(r"\bevery\b(.*)", text, re.I)) and length_of(every[1]):
                self.group.keys["every"] = length_of(every[1])
        elif self.group is not None:
            self.group.notes.append(text)
        else:
            self.book.notes.append(text)

    def _begin(self, title: str, at: str | None) -> Phase:
        self.section = "phases"
        self.phase = self.book.phase(title, at, self.part)
        self.target, self.heading, self.last = self.phase.lines, None, None
        return self.phase

    def _current(self) -> Phase:
        """The present phase; a heading that waits for its first step becomes one."""
        if self.phase is None:
            title = plain(self.heading.text) if self.heading else self.book.title or "Steps"
            self._begin(title, None)
        assert self.phase is not None  # noqa: S101 - just begun
        return self.phase

    # ------------------------------------------------------------ paragraphs

    def _paragraph(self, block: Paragraph) -> None:
        named = label_of(block.text)
        if named is None or not self._labelled(*named):
            self._keep(block.text, block.line)

    def _labelled(self, name: str, rest: str) -> bool:
        """A line that begins with a label; False: it means nothing here."""
        if self._turns(name, rest):
            return True
        if self.section == "comms":
            return self._message(name, plain(rest))
        role = ROLE.search(name) and len(name.split()) <= 4 and self.section != "triggers"
        if self.section == "people" or role or (self.phase is None and CONTACT.match(rest)):
            self._person(name, plain(rest))
            return True
        if self.section == "rollback" and name.lower() == "action" and self.group:
            self.last = Line(plain(rest), "action")
            self.group.lines.append(self.last)
            return True
        if self.section == "follow-ups" and not rest:
            self._inside(name)
            return True
        return self.section == "phases" and self._in_phase(name, rest)

    def _turns(self, name: str, rest: str) -> bool:
        """`Triggers:` and `Steps:` between the lines of a way back: when it is taken, and how; False: another label."""
        if self.section == "rollback" and WHEN.match(name):
            self.section, self.aside = "triggers", None
            if rest:
                self._trigger(rest)
                self._back()
            return True
        if self._is_aside() and HOW.match(name) and not rest:
            self._back()
            return True
        return False

    def _is_aside(self) -> bool:
        return self.section == "triggers" and self.group is not None and self.group is self._way()

    def _way(self) -> Group | None:
        """The way back that is being read."""
        return self.book.options[-1] if self.book.options else self.book.rollback

    def _back(self) -> None:
        """What follows is how to go back again."""
        if self._is_aside():
            self.section = "rollback"

    def _in_phase(self, name: str, rest: str) -> bool:
        words = name.lower()
        if words in ("action", "actions", "do") and rest:
            self._current()
            self._step(Line(plain(rest), "action"))
        elif words.startswith("checkpoint") or words in ("sign-off", "go/no-go"):
            at = offset_of(name)
            part = self._current().checkpoint = Part(name, {"at": at[0]} if at else {})
            self.target, self.last = part.lines, None
        elif MONITOR.match(words):
            length = length_of(name)
            part = self._current().monitor = Part(name, {"for": length} if length and "monitor" in words else {})
            self.target, self.last = part.lines, None
        elif not rest and self.phase is not None:
            self.phase.notes.append(f"{name}:")
            self.target, self.last = self.phase.lines, None
        else:
            return False
        if rest and words not in ("action", "actions", "do") and self.phase is not None:
            self.phase.notes.append(plain(rest))
        return True

    def _message(self, name: str, rest: str) -> bool:
        if self.group is None:
            self._inside(name if not rest else "Message")
        group, words = self.group, name.lower()
        assert group is not None  # noqa: S101 - just made
        if words == "channel":
            group.keys["channel"] = rest
        elif words in ("recipients", "to", "audience"):
            group.keys["to"] = [one.strip() for one in re.split(r",|;| and ", rest) if one.strip()]
        elif words in ("trigger", "when", "send"):
            on = [one for one, said in (("rollback", "rollback"), ("major-issue", "issue")) if said in rest.lower()]
            if on:
                group.keys["on"] = on
            group.notes.append(f"{name}: {rest}")
        elif words != "template":
            group.notes.append(f"{name}: {rest}")
        return True

    def _person(self, name: str, rest: str) -> None:
        rest = rest.replace("`", "")
        found = re.match(r"^(?P<value>.*?)\s*(?:\((?P<note>[^()]*)\))?$", rest)
        value, note = (found["value"], found["note"] or "") if found else (rest, "")
        value = "" if BLANK.match(value) else value
        if ROLE.search(name):
            self.book.roles.append((name, value))
        else:
            self.book.contacts.append((name, value, note))

    def _keep(self, text: str, line: int) -> None:
        """What found no place: a comment where it stands, and a line in the list."""
        home = self.group.notes if self.group and self.section != "phases" else None
        home = self.phase.notes if home is None and self.phase is not None else home
        (self.book.notes if home is None else home).append(text)
        self.book.unplaced.append((line, text))

    # ------------------------------------------------------------ items

    def _item(self, block: Item) -> None:
        text, named = plain(block.text), label_of(block.text)
        if named and self._turns(*named):
            return
        if self._is_aside():
            self.aside = block.ordered if self.aside is None else self.aside
            if block.ordered and not self.aside:  # numbered lines behind a list of bullets: how it is done
                self._back()
        match self.section:
            case "considerations":
                self.book.considerations.append(text)
            case "triggers":
                self._trigger(block.text)
            case "rollback" if self.group is not None:
                self.last = self._shown(Line(text, "action"), block.text)
                self.group.lines.append(self.last)
            case "success":
                self._grouped(self.book.success, Line(text, keys=_gated(gate_of(text, self.book))))
            case "follow-ups":
                self._follow_up(block, text)
            case "people" | "comms" if named := label_of(block.text):
                self._labelled(*named)
            case "watched" if named := label_of(block.text):
                self._watch(named[0], plain(named[1]), block)
            case "phases" if self.phase is None and not block.task and (named := label_of(block.text)):
                if not self._labelled(*named):
                    self._keep(f"- {block.text}", block.line)
            case "phases" if block.task or block.ordered or (self.phase is not None and block.depth == 0):
                self._current()
                line = Line(text, "check" if block.task or not block.ordered else "action")
                line.keys |= _gated(gate_of(text, self.book) if line.kind == "check" else [])
                self._step(self._shown(line, block.text))
            case "phases" if self.last is not None:
                self.last.notes.append(text)
            case _:
                named = label_of(block.text)
                if not (named and self._labelled(*named)):
                    self._keep(f"- {block.text}", block.line)

    def _step(self, line: Line) -> None:
        self.target.append(line)
        self.last = line

    def _shown(self, line: Line, raw: str) -> Line:
        """A line that quotes one whole command shows it to be copied."""
        commands = [quoted for quoted in QUOTED.findall(raw) if " " in quoted.strip()]
        if len(commands) == 1 and not line.keys.get("gate"):
            line.kind, line.keys["command"] = "action", commands[0]
        return line

    def _trigger(self, raw: str) -> None:
        name, rest = label_of(raw) or ("", "")
        text = plain(raw)
        if not rest:
            name, rest = re.split(r"[<>≤≥]| above | over | below | exceeds ", text, maxsplit=1)[0].strip(), text
        condition, note = trigger_of(plain(name), plain(rest), self.book)
        self.book.triggers.append((text, condition, note))

    def _grouped(self, groups: list[Group], line: Line) -> None:
        if self.group is None:
            self.group = Group(self.section.replace("-", " ").capitalize())
            groups.append(self.group)
        self.group.lines.append(line)

    def _follow_up(self, block: Item, text: str) -> None:
        if block.depth == 0 and text.endswith(":"):
            self._inside(text.rstrip(": "))
        else:
            self._grouped(self.book.follow_ups, Line(text))

    def _watch(self, name: str, rest: str, block: Item) -> None:
        """`Metric: …`, `Location: …`, `What changes … rollback: …`, as change requests write them."""
        if name.lower() == "metric":
            self.watched = rest
        elif "rollback" in name.lower() and self.watched:
            self._trigger(f"**{self.watched}**: {rest}")
            return
        self.book.notes.append(plain(block.text))

    # ------------------------------------------------------------ code and tables

    def _code(self, block: Code) -> None:
        if self.section == "comms" and self.group is not None:
            self.templates.append((self.group, block.text))
            return
        self._back()
        shell = shell_of(block.text)
        self.book.service = self.book.service or shell.service
        self.book.token = self.book.token or shell.token
        if self.section == "phases":
            self._current()
            lines = self.target
        elif self.section == "rollback" and self.group is not None:
            lines = self.group.lines
        else:
            for n, text in enumerate(block.text.splitlines()):
                self._keep(text, block.line + n)
            return
        for comment, change in shell.sets:
            line = self._home(lines, "set", comment or f"Set {', '.join(change)}")
            line.keys["set"] = dict(change)
            line.notes += [comment] if comment not in ("", line.text) else []
        if shell.rest:
            first = next((text for text in shell.rest.splitlines() if not text.lstrip().startswith("#")), shell.rest)
            self._home(lines, "command", f"Run {first.strip()[:60]}").keys["command"] = shell.rest

    def _home(self, lines: list[Line], key: str, title: str) -> Line:
        """The step that a write or a command belongs to: the last one, if it has none yet; else one of its own."""
        line = self.last
        if line is None or "set" in line.keys or "command" in line.keys or line not in lines:
            line = Line(title)
            lines.append(line)
            self.last = line
        line.kind = "action"
        line.keys.pop("gate", None)
        return line

    def _table(self, block: Table) -> None:
        (_, header), *rows = block.numbered
        people = self.section == "people" or header[0].strip().lower() in ("role", "contact", "who")
        for line, row in rows if people else block.numbered:
            if people and len(row) >= 2:
                self._person(plain(row[0]), plain(row[1]))
                for what, cell in zip(header[2:], row[2:], strict=False):
                    if plain(cell):
                        self._keep(f"{plain(row[0])}, {plain(what)}: {plain(cell)}", line)
            else:
                self._keep(" | ".join(row), line)


def _gated(conditions: list[str]) -> dict[str, object]:
    return {"gate": conditions[0] if len(conditions) == 1 else conditions} if conditions else {}
