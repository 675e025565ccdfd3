"""What `check` says of a runbook that is not written to its end: marks of an import, PromQL that does not close."""

from __future__ import annotations

import pytest

from pags_tui.core.runbook import lint, load
from pags_tui.core.runbook.lints.promql import unclosed

IMPORTED = """# Imported from x.md. Read it line by line before the night; what is left to be done says TODO.
[runbook]
id = "x"
title = "X"
timezone = "UTC"  # TODO
[services.prometheus]
url = "${PROMETHEUS_URL}"
[metrics.error-rate]
unit = "ratio"
query = "todo_error_rate"     # TODO the PromQL of it
slo = "< 1%"                  # TODO the document gives no number
[comms.all]
title = "All"
template = '''
TODO
'''
[[phases]]
id = "go"
at = "T+0"
steps = [{ check = "Calm", gate = "error-rate within slo" }]
"""


def test_every_mark_of_an_import_is_named_by_its_line() -> None:
    """Regression: the pages said that `check` says what is left, and it said nothing of it."""
    found = [(one.line, one.message) for one in lint(load(IMPORTED, "x.toml")) if one.code == "todo"]
    assert found == [
        (5, "still to be done (TODO)"),
        (10, "todo_error_rate is a placeholder of the import and answers nothing: write the PromQL"),
        (11, "still to be done: the document gives no number (TODO)"),
        (15, "still to be done (TODO)"),
    ]


def test_a_query_that_does_not_close_is_named_by_its_place() -> None:
    """Offline, before any Prometheus is asked."""
    text = IMPORTED.replace('"todo_error_rate"', "'sum(rate(x_total[1m])'")
    (found,) = (one for one in lint(load(text, "x.toml")) if one.code == "promql")
    assert (found.line, found.column, found.severity) == (10, 13, "warning")
    assert found.message == "PromQL: this ( is never closed"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sum(x))", (6, "this ) closes nothing")),
        ("sum(x[5m)]", (8, "this ) closes nothing")),
        ('up{job="a}', (7, 'the quote " is never closed')),
        ("up{job='a\\'b)'} # it's (fine", None),
        ("x{a=~`(`}", None),
        ('x{a="\\"(", b=\'"\'}[5m]', None),
    ],
)
def test_brackets_and_quotes(query: str, said: tuple[int, str] | None) -> None:
    """A bracket in a string or a comment is none; the first thing that does not close is named."""
    assert unclosed(query) == said
