"""A runbook with some keys changed: what may be named, what a value may be, and which change cannot be."""

from __future__ import annotations

import pytest

from pags_tui.core.errors import RunbookError
from pags_tui.core.runbook import load
from pags_tui.core.runbook.whatif import ChangeError, load_changed, rewritten

TEXT = """
[runbook]
id = "x"
[runbook.parts]
"First. Part" = "one..one"
[metrics.error-rate]
unit = "ratio"
query = "e"
[[phases]]
id = "one"
at = "T+0"
steps = [{ check = "Calm", gate = "error-rate < 1%" }, "Look"]
[phases.checkpoint]
steps = [{ id = "late", check = "Still calm", gate = "error-rate < 1%" }]
[triggers.error-rate]
when = "error-rate > 1% for 10m"
[triggers.two]
when = ["error-rate > 1%", "error-rate > 2% for 5m"]
"""


def changed(*changes: str) -> str:
    """Gates and triggers of the changed runbook, as sentences."""
    book = load_changed(TEXT, "x.toml", changes)
    return "; ".join(
        [str(one) for step in book.steps for one in step.gate]
        + [str(one) for trigger in book.triggers.values() for one in trigger.when]
    )


@pytest.mark.parametrize(
    ("change", "meant"),
    [
        ("triggers.error-rate.when=error-rate > 2% for 5m", "error-rate > 2% for 5m; error-rate > 1%"),
        (" triggers.error-rate.when = error-rate >= 2% for 5m ", "error-rate >= 2% for 5m"),
        ("triggers.'error-rate'.when=error-rate > 3%", "error-rate > 3%; error-rate > 1%"),
        ('triggers."error-rate".when="error-rate > 4%"', "error-rate > 4%; error-rate > 1%"),
        ('triggers.error-rate.when=["error-rate > 5%"]', "error-rate > 5%; error-rate > 1%"),
        ("triggers.two.when.1=error-rate > 6%", "error-rate > 1%; error-rate > 6%"),
        ("triggers.two.when=error-rate > 7%", "error-rate > 1% for 10m; error-rate > 7%"),
        ("phases.one.steps.0.gate=error-rate < 8%", "error-rate < 8%; error-rate < 1%"),
        ("phases.0.checkpoint.steps.late.gate=error-rate < 9%", "error-rate < 1%; error-rate < 9%"),
        ("one/calm.gate=error-rate < 3%", "error-rate < 3%; error-rate < 1%"),
        ("one/late.gate=error-rate < 4%", "error-rate < 1%; error-rate < 4%"),
    ],
)
def test_a_key_and_its_value(change: str, meant: str) -> None:
    """A path into the file, or a step by its name; a text without quotes, or TOML."""
    assert meant in changed(change)


def test_keys_of_other_kinds() -> None:
    """A key that is not there yet is added; a number stays a number, a name with a dot is quoted."""
    book = load_changed(
        TEXT,
        "x.toml",
        [
            "metrics.error-rate.ceiling=2.5",
            "metrics.error-rate.enough=e > 1",
            'runbook.parts."First. Part"=one',
        ],
    )
    metric = book.metrics["error-rate"]
    assert (metric.ceiling, metric.enough) == (2.5, "e > 1")


def test_the_file_stays_as_it_is() -> None:
    """Without a change it is the runbook itself; with one, the text is not touched."""
    assert load_changed(TEXT, "x.toml", ()) == load(TEXT, "x.toml")
    assert load_changed(TEXT, "x.toml", ["runbook.id=y"]).text == TEXT


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("triggers.error-rate.when", "is no KEY=VALUE"),
        ("=5", "is no KEY=VALUE"),
        ("triggers..when=5", "is no key of the runbook"),
        (
            "triggers.eror-rate.when=error-rate > 2%",
            "there is no 'eror-rate' in the runbook; did you mean 'error-rate'?",
        ),
        ("triggers.two.when.2=error-rate > 2%", "there is no '2' in the runbook; there is 0, 1"),
        ("phases.two.at=T+5m", "there is no 'two' in the runbook; there is one"),
        ("runbook.id.x=5", "'x' cannot stand there"),
        ("runbook.id.x.y=5", "there is no 'x' in the runbook"),
        ("triggers.error-rate.when=eror-rate > 2%", "did you mean `error-rate`? (at its character 1)"),
        ("triggers.error-rate.whn=5", "there is no key 'whn' here; did you mean 'when'?"),
        ('triggers.error-rate.when=["error-rate > 2%"', "is no TOML value"),
    ],
)
def test_a_change_that_cannot_be(change: str, words: str) -> None:
    """Each is one sentence that says what would be right."""
    with pytest.raises(ChangeError) as error:
        changed(change)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_faulty_by_itself() -> None:
    """Its own faults come first, with their places."""
    with pytest.raises(RunbookError, match=r"^x.toml:1:8"):
        load_changed("[phases", "x.toml", ["runbook.id=y"])


@pytest.mark.parametrize(
    ("present", "typed", "meant"),
    [
        ("e > 1% for 10m", " > 2% ", "e > 2% for 10m"),
        ("e > 1% for 10m", "> 2% for 5m", "e > 2% for 5m"),
        ("e > 1% for 10m since one", "for 5m", "e > 1% for 5m since one"),
        ("e > 1% for 10m since one", "for 5m since two", "e > 1% for 5m since two"),
        ("e > 1% for 10m since one", "> 2%", "e > 2% for 10m since one"),
        ("e > 1% for 10m since one", "> 2% since two", "e > 2% for 10m since two"),
        ("any e < 1%", "within slo", "any e within slo"),
        ("e > 1% for 10m", "p95 > 2s", "p95 > 2s"),
        ("no triggers", "for 5m", "no triggers for 5m"),
        ("triggers", "for 5m", "for 5m"),
    ],
)
def test_a_part_of_a_condition_typed_anew(present: str, typed: str, meant: str) -> None:
    """Another bound keeps duration and place, another duration keeps bound and place; anything else is all of it."""
    assert rewritten(present, typed) == meant
