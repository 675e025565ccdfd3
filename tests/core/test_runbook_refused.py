"""Runbooks that must be refused, each with its exact messages; and input of every kind, which must never do worse."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pags_tui.core.errors import RunbookError
from pags_tui.core.runbook import lint, load

ROOT = Path(__file__).parents[2]
REFUSED = sorted((ROOT / "tests" / "cases" / "runbooks" / "refused").glob("*.toml"))
RUNBOOK = (ROOT / "runbook.toml").read_text(encoding="utf-8")
LINES = tuple(RUNBOOK.splitlines())
WORDS = tuple(dict.fromkeys(RUNBOOK.split()))


def faults(text: str, file: str = "runbook.toml") -> list[str]:
    """What is wrong with a text; empty when nothing is."""
    try:
        load(text, file)
    except RunbookError as error:
        return [str(fault) for fault in error.faults]
    return []


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_refused_with_exactly_these_messages(path: Path) -> None:
    """A faulty runbook is refused as a whole with every fault, its place, and what would be right."""
    expected = path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert expected
    assert faults(path.read_text(encoding="utf-8"), path.name) == expected


def test_every_message_has_its_runbook() -> None:
    """No list of messages is left over from a case that went."""
    assert {path.stem for path in REFUSED} == {path.stem for path in REFUSED[0].parent.glob("*.txt")}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = " + "[" * 5000, "1:1: this is nested too deeply; a runbook needs no more than six levels"),
        ("a = " + "9" * 5000, "1:1: this is no TOML: a number is too long to be read; shorten it"),
        ("\x00", "1:1: this is no TOML: invalid statement"),
        ("\ud800 = 1", "1:1: this is no TOML: invalid statement"),
        ("<html><body>502 Bad Gateway</body></html>", "1:1: this is no TOML: invalid statement"),
    ],
    ids=["nested", "long-number", "nul", "surrogate", "html"],
)
def test_what_is_no_runbook_at_all(text: str, message: str) -> None:
    """Nesting without end, numbers without end and bytes of another kind get a sentence as well."""
    assert faults(text, "f") == [f"f:{message}"]


def test_a_mark_at_the_beginning_moves_no_column() -> None:
    """A byte order mark is no character of the first line."""
    assert any(fault.startswith("f:1:2: there is no key 'runbok'") for fault in faults("\ufeff[runbok]\n", "f"))


def test_windows_line_ends_move_no_place() -> None:
    """CRLF files are told the same places."""
    path = next(path for path in REFUSED if path.stem == "column-in-escaped-text")
    text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
    assert faults(text, path.name) == path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()


def holds_its_word(text: str) -> None:
    """Either a runbook, which can be linted, or faults whose places lie within the text."""
    try:
        found, refused = lint(load(text, "f")), False
    except RunbookError as error:
        found, refused = error.faults, True
    assert found or not refused
    lines = text.split("\n")
    for fault in found:
        assert fault.severity == ("error" if refused else "warning")
        assert fault.message
        assert 1 <= fault.line <= len(lines)
        assert 1 <= fault.column <= len(lines[fault.line - 1]) + 2


@given(
    st.lists(
        st.tuples(st.integers(0, len(LINES) - 1), st.sampled_from(("drop", "twice", "cut"))), min_size=1, max_size=4
    )
)
def test_a_runbook_with_lines_lost_or_doubled(changes: list[tuple[int, str]]) -> None:
    """No missing, doubled or cut line makes anything but faults or a runbook."""
    lines = list(LINES)
    for index, change in changes:
        lines[index] = {"drop": "", "twice": f"{lines[index]}\n{lines[index]}", "cut": lines[index][:-3]}[change]
    holds_its_word("\n".join(lines))


@given(
    st.sampled_from(WORDS), st.sampled_from((*WORDS, "", "-1", "nan", "1e999", "[]", "{}", "''", "true", "2024-01-01"))
)
def test_a_runbook_with_a_word_in_the_place_of_another(old: str, new: str) -> None:
    """Any word anywhere else: values of a wrong kind, names that nobody knows, brackets that do not close."""
    holds_its_word(RUNBOOK.replace(old, new, 1))


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """Text of any kind is refused, never crashed on."""
    holds_its_word(text)
    holds_its_word(f"[runbook]\nid = 'a'\n[[phases]]\nid = 'b'\n{text}")


KEYS = (
    *(
        "id",
        "title",
        "at",
        "steps",
        "monitor",
        "checkpoint",
        "check",
        "action",
        "set",
        "stage",
        "gate",
        "for",
        "foreach",
    ),
    *("armed", "valid", "triggers", "when", "mutes", "expect", "query", "unit", "before", "type", "range", "capture"),
)
VALUES = st.recursive(
    st.sampled_from(
        ('"a"', "1", "-1", "true", "1.5", "inf", "nan", '""', '"T+0"', '"1m"', '"a..b"', "2024-01-01", "'x < 1'")
    ),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3).map(
            lambda table: "{ " + ", ".join(f"{key} = {value}" for key, value in table.items()) + " }"
        )
    ),
    max_leaves=6,
)
SECTIONS = (
    *("runbook", "contacts", "services", "roles", "metrics", "flags", "phases", "triggers", "rollback", "comms"),
    *("notify", "success", "follow_ups", "services.prometheus", "services.flags", "services.webhooks", "metrics.m"),
    *("flags.f", "triggers.t", "rollback.o", "rollback.checkpoint", "comms.c", "roles.r"),
)


@given(st.sampled_from(SECTIONS), st.sampled_from((*KEYS, "extra")), VALUES, st.booleans())
def test_any_value_under_any_key(section: str, key: str, value: str, many: bool) -> None:
    """Every key of every section stands every kind of value."""
    head = f"[[{section}]]" if many else f"[{section}]"
    rest = "[runbook]\nid = 'a'\n[[phases]]\nid = 'b'\nsteps = ['x']\n"
    holds_its_word(f"{rest}{head}\n{key} = {value}\n")
    holds_its_word(f"{head}\n{key} = {value}\n{rest}")
    holds_its_word(f"{section} = {value}\n{rest}")
