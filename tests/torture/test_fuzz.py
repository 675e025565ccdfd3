"""What nobody would write on purpose: runbooks, answers of services and recordings, made by Hypothesis. No traceback.

The suite makes a few; `make torture` fifty thousand. Every one of them ends in a value or in an error of this program.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pags_tui import report
from pags_tui.core.errors import PagsError, RunbookError
from pags_tui.core.runbook import lint, load
from pags_tui.core.runbook.services import FlagService
from pags_tui.core.state import fold
from pags_tui.edge import Reply
from pags_tui.edge.flags import HttpFlags
from pags_tui.edge.flags.answers import document, retry_after, succeeded, write_answer
from pags_tui.edge.journal import open_readonly
from pags_tui.edge.prometheus.answers import answer_of, error_text, payload_of, ranges_of
from pags_tui.replay import Recording
from tests.edge.misbehaving import Asked, Misbehaving
from tests.torture.figures import FULL, keep, times

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
RUNBOOKS, BODIES, WIRES, RECORDINGS = times(60, 18_000), times(300, 24_000), times(60, 3_000), times(40, 5_000)

HOSTILE = (
    "\x00", "\x1b[2J", "\x1b]52;c;aGk=\x07", "\u202e", "\ufeff", "\ud800", "[red]", "[@click=app.quit]x[/]", "{{ t }}",
    "{% for x in y %}", "${API_KEY}", "'''", '"""', "[[", "]]", "=", "#", "\r", "é" * 3000, "9" * 5000, "1e999", "-0",
    "nan", "0x", "99999999d", "T+99999999999h", "T-", "..", "foreach", "{", "}", "true", "2026-11-24T22:00Z",
    "all slos", "for 0s", "< 5% for", "no triggers", "²", "\U000e0041", "\x85", "%",
)  # fmt: skip
"""Pieces that have broken parsers, terminals or this program."""


def many(examples: int) -> settings:
    """So many examples; in the torture other ones each time."""
    quiet = list(HealthCheck)
    return settings(
        max_examples=examples, deadline=None, suppress_health_check=quiet, derandomize=not FULL, database=None
    )


# ---------------------------------------------------------------- runbooks

TEXTS = [
    *(path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests/cases/runbooks").rglob("*.toml"))),
    (ROOT / "examples/office-migration.toml").read_text(encoding="utf-8"),
    '[runbook]\nid = "a"\ntitle = "A"\n[[phases]]\nid = "p"\nat = "T+0"\ntitle = "P"\nsteps = ["one"]\n',
]
WORDS = sorted({word for text in TEXTS for word in text.replace('"', " ").split() if len(word) < 40})
PIECE = st.one_of(st.sampled_from(HOSTILE), st.sampled_from(WORDS), st.text(max_size=20))
EDIT = st.tuples(st.sampled_from(("cut", "put", "copy", "swap", "line")), st.floats(0, 1), st.floats(0, 1), PIECE)


@st.composite
def runbooks(draw: st.DrawFn) -> str:
    """A runbook with a few things done to it."""
    text = draw(st.sampled_from(TEXTS))
    for kind, first, second, piece in draw(st.lists(EDIT, min_size=1, max_size=5)):
        text = edited(text, kind, first, second, piece)
    return text


def edited(text: str, kind: str, first: float, second: float, piece: str) -> str:
    """The text with one change somewhere."""
    if kind in ("copy", "swap", "line"):
        lines = text.split("\n")
        one, two = round(first * (len(lines) - 1)), round(second * (len(lines) - 1))
        if kind == "copy":
            lines.insert(two, lines[one])
        elif kind == "swap":
            lines[one], lines[two] = lines[two], lines[one]
        else:
            head, equals, _ = lines[one].partition("=")
            lines[one] = f'{head}{equals} "{piece}"' if equals else piece
        return "\n".join(lines)
    at = round(first * len(text))
    return text[:at] + piece + text[at:] if kind == "put" else text[:at] + text[at + round(second * 40) :]


@many(RUNBOOKS)
@given(text=runbooks())
def test_any_runbook_is_read_or_refused(text: str) -> None:
    """A runbook, or its faults with file, line and column; what loads is linted as well."""
    try:
        faults = lint(load(text, "runbook.toml"))
    except RunbookError as error:
        faults = error.faults
        assert faults
    assert all(fault.line >= 1 and fault.column >= 1 and fault.message for fault in faults)


# ---------------------------------------------------------------- answers of services

SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(HOSTILE),
)
NAME = st.one_of(
    st.sampled_from(("status", "data", "result", "resultType", "metric", "value", "values", "error")),
    st.text(max_size=5),
)
ANYTHING = st.recursive(
    SCALAR,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAME, inner, max_size=4)),
    max_leaves=20,
)
PAIR = st.one_of(st.lists(SCALAR, max_size=3), st.tuples(st.floats(0, 2e9), st.text(max_size=8)), ANYTHING)
SERIES = st.fixed_dictionaries(
    {"metric": st.one_of(st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3), ANYTHING)},
    optional={"value": PAIR, "values": st.one_of(st.lists(PAIR, max_size=4), ANYTHING), "histogram": ANYTHING},
)
KIND = st.sampled_from(("vector", "scalar", "matrix", "string", "", None, 1, []))
DATA = st.fixed_dictionaries({"resultType": KIND, "result": st.one_of(st.lists(SERIES, max_size=4), PAIR, ANYTHING)})
ANSWER = st.fixed_dictionaries(
    {"status": st.sampled_from(("success", "success", "error", None))},
    optional={"data": st.one_of(DATA, DATA, ANYTHING), "error": ANYTHING, "warnings": ANYTHING, "infos": ANYTHING},
)
NOISE = st.one_of(
    st.binary(max_size=60),
    st.sampled_from((b"<html>", b"", b"[" * 60_000, b'{"a":' * 30_000, b"\xff\xfe{}", b"9" * 5000, b"NaN", b"\x00")),
)
BODY = st.one_of(st.one_of(ANSWER, ANYTHING).map(lambda one: json.dumps(one).encode()), NOISE)
HEADERS = st.dictionaries(
    st.sampled_from(("retry-after", "date", "content-type")),
    st.one_of(st.text(max_size=40), st.sampled_from(("²", "Wed, 21 Oct 2015 07:28:00 GMT", "-1", "9" * 400, "inf"))),
)
SERVICE = HttpFlags(FlagService.model_validate({"url": "${A}", "token": "${B}"}), "http://127.0.0.1:1", "t")


@many(BODIES)
@given(body=BODY, status=st.integers(100, 599), headers=HEADERS, key=st.text(max_size=10))
def test_any_answer_is_a_value_or_a_sentence(body: bytes, status: int, headers: dict[str, str], key: str) -> None:
    """What Prometheus or a flag service may say: points, ranges, a value, or an error of this program, in one line."""
    for read in (lambda: answer_of(payload_of(body, "it"), "it"), lambda: ranges_of(payload_of(body, "it"), "it")):
        with contextlib.suppress(PagsError):
            read()
    assert "\n" not in error_text(body)
    reply = Reply(status, headers, body)
    assert "\n" not in write_answer("it", key, reply).detail
    retry_after(reply)
    with contextlib.suppress(PagsError):
        document(succeeded(reply, "it", key), "it")


@pytest.fixture(scope="module")
def server():
    """A service that says what the test wants, byte by byte."""
    with Misbehaving(lambda asked, line: None) as found:
        yield found


HEAD = st.one_of(
    st.just(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"),
    st.binary(max_size=60),
    st.builds(lambda code: b"HTTP/1.1 %d X\r\n" % code, st.integers(0, 9999)),
    st.sampled_from(
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n", b"HTTP/9 1\r\n", b"HTTP/1.1 200 OK\r\nRetry-After: \xb2\r\n")
    ),
    st.just(b"HTTP/1.1 429 X\r\nRetry-After: \xb2\r\n"),
    st.just(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"),
)


@many(WIRES)
@given(head=HEAD, body=BODY)
def test_any_bytes_on_the_wire_are_an_answer_or_a_sentence(server: Misbehaving, head: bytes, body: bytes) -> None:
    """The same over a real connection: whatever bytes come back, a read is a value or an error, a write an answer."""

    def say(_: Asked, line: object) -> None:
        line.sendall(head + b"\r\n" + body)

    server.manner = say
    service = HttpFlags(FlagService.model_validate({"url": "${A}", "token": "${B}"}), server.url, "t")
    with contextlib.suppress(PagsError):
        service.read("canary", 0.2)
    answer = service.write("canary", 1, "run-1", 2.0)
    assert answer.detail
    assert "\n" not in answer.detail
    service.close()


# ---------------------------------------------------------------- recordings

TAPES = {path.name: path.read_bytes() for path in sorted((ROOT / "tests/runs").glob("*.db"))}
BYTES = st.lists(
    st.tuples(st.floats(0, 1), st.one_of(st.binary(min_size=1, max_size=8), st.just(b"\0" * 4096))),
    min_size=1,
    max_size=4,
)
PAYLOAD = st.one_of(ANYTHING.map(json.dumps), st.text(max_size=10), st.none(), st.integers(), st.binary(max_size=30))
COLUMN = st.sampled_from(
    [("events", name) for name in ("at", "kind", "payload", "payload", "payload", "by_user", "hash", "seq", "tick")]
    + [("samples", name) for name in ("payload", "payload", "at", "tick", "digest")]
    + [("runs", name) for name in ("started", "t0", "kind", "sha256")]
)
ROWS = st.lists(st.tuples(COLUMN, st.floats(0, 1), PAYLOAD), min_size=1, max_size=3)


@many(RECORDINGS)
@given(name=st.sampled_from(sorted(TAPES)), cut=st.floats(0.01, 3), raw=BYTES, rows=ROWS, by_byte=st.booleans())
def test_any_recording_is_shown_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, cut: float, raw: list, rows: list, by_byte: bool
) -> None:
    """A recording with bytes, pages or values changed, or cut off: it is read as far as it goes, or refused."""
    file = tmp_path_factory.getbasetemp() / "fuzzed.db"
    tape = TAPES[name]
    file.write_bytes(damaged(tape, raw)[: round(cut * len(tape))] if by_byte else spoiled(tape, rows))
    with contextlib.suppress(PagsError):
        look_through(file)


def damaged(tape: bytes, edits: list[tuple[float, bytes]]) -> bytes:
    """The file with bytes changed, and as long as before."""
    changed = bytearray(tape)
    for where, piece in edits:
        at = round(where * (len(tape) - 1))
        changed[at : at + len(piece)] = piece[: len(tape) - at]
    return bytes(changed)


def spoiled(tape: bytes, edits: list[tuple[tuple[str, str], float, object]]) -> bytes:
    """The file with rows changed by somebody who knows SQL."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.deserialize(tape)
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f"DROP TRIGGER {name}")
        for (table, column), where, value in edits:
            rows = [row for (row,) in db.execute(f"SELECT rowid FROM {table} ORDER BY rowid")]
            with contextlib.suppress(sqlite3.IntegrityError, OverflowError, IndexError, UnicodeEncodeError):
                row = rows[round(where * (len(rows) - 1))]
                db.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE rowid = ?", (value, row))
        return db.serialize()


def look_through(file: Path) -> None:
    """All that the commands do with a recording, whatever of it can be done."""
    with open_readonly(file) as journal:
        for run in journal.runs():
            with contextlib.suppress(PagsError):
                journal.verify(run.id)
            journal.lease(run.id)
            tape = Recording(journal.events(run.id), journal.ticks(run.id))
            fold(tape.events)
            list(tape.story(tape.end).ticks)
            ticks = []
            for index in range(len(tape.rows)):
                with contextlib.suppress(PagsError):
                    ticks.append(tape.judged(index))
            made = report.build(tape.events, ticks, until=tape.end)
            for write in (report.markdown, report.html, report.as_json):
                write(made)


def test_what_was_fuzzed_is_counted() -> None:
    """The figures of this file, for the table: only once everything above has passed."""
    total = RUNBOOKS + BODIES + WIRES + RECORDINGS
    keep(
        "fuzzing",
        f"{RUNBOOKS} runbooks, {BODIES} answers, {WIRES} raw HTTP replies, {RECORDINGS} recordings",
        f"{total} of {total}",
        "no traceback",
    )
