"""Small print of a runbook: what is filled in where little is written, and faults of which little can be told."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from pags_tui.core.runbook import load
from pags_tui.core.runbook.draft import Draft, Finding, placed
from pags_tui.core.runbook.positions import locate

ONE = '[[phases]]\nid = "one"\nat = "T+0"\n'


def test_a_title_is_enough_for_an_id() -> None:
    """The id is made from it, and is `runbook` where nothing can be made."""
    made = [load(f'[runbook]\ntitle = "{title}"\n{ONE}steps = ["Look"]', "x").id for title in ("My night", "---")]
    assert made == ["my-night", "runbook"]


def test_since_takes_a_short_name_of_another_phase() -> None:
    """One that is there once needs no phase before it."""
    text = f'[runbook]\nid = "x"\n[metrics.m]\nquery = "m"\n{ONE}steps = ["Look"]\n'
    text += '[[phases]]\nid = "two"\nat = "T+1m"\n'
    book = load(text + 'steps = [{ check = "Calm", gate = "m < 1 since look" }]', "x")
    assert [str(gate) for gate in book.step("two/calm").gate] == ["m < 1 since one/look"]


def test_foreach_fills_lists_and_leaves_what_is_no_text() -> None:
    """Each condition of a gate is filled in; a truth stays one."""
    text = f'[runbook]\nid = "x"\n[metrics.m]\nquery = "m"\n{ONE}foreach = {{ n = ["1", "2"] }}\n'
    book = load(text + 'steps = [{ check = "Below {{ n }}", gate = ["m < {{ n }}", "m >= 0"], optional = true }]', "x")
    assert [([str(gate) for gate in step.gate], step.optional) for step in book.steps] == [
        (["m < 1", "m >= 0"], True), (["m < 2", "m >= 0"], True),
    ]  # fmt: skip


def test_a_line_that_foreach_repeats_may_capture() -> None:
    """Each round notes the value anew; with the round in its name each has its own."""
    text = (
        f'[runbook]\nid = "x"\n{ONE}foreach = {{ s = ["1", "2"] }}\nsteps = [{{ check = "Count", capture = "NAME" }}]'
    )
    assert load(text.replace("NAME", "replicas"), "x").captures == ("replicas", "replicas")
    assert load(text.replace("NAME", "replicas_{{ s }}"), "x").captures == ("replicas_1", "replicas_2")


def test_a_single_text_where_a_service_takes_several() -> None:
    """A command is split at spaces, one certificate file is the whole of it; a token or a secret header is a secret."""
    flags = '[services.flags]\nurl = "${F}"\n'
    written = ['token_command = "pass show flags"\nclient_cert = "/a.pem"', 'headers = { Authorization = "${A}" }', ""]
    found = [load(f'[runbook]\nid = "x"\n{flags}{more}\n{ONE}steps = ["Look"]', "x").services.flags for more in written]
    assert [(one.token_command, one.client_cert, one.sends_secret) for one in found if one] == [
        (("pass", "show", "flags"), ("/a.pem",), True), (None, None, True), (None, None, False),
    ]  # fmt: skip


def test_a_share_of_unleash_is_a_percentage() -> None:
    """From 0 to 100 it is taken; other ranges are refused (see the case `unleash-flags`)."""
    unleash = '[services.unleash]\nkind = "unleash"\nurl = "${U}"\nenvironment = "e"\n'
    flag = '[flags.share]\ntype = "integer"\nrange = [0, 100]\nservice = "unleash"\n'
    assert load(f'[runbook]\nid = "x"\n{unleash}{flag}{ONE}steps = ["Look"]', "x").flags["share"].range == (0, 100)


def test_a_fault_in_a_text_nested_without_end_is_told_without_its_place() -> None:
    """A key of thousands of pieces has no place that could be found; what is wrong is said all the same."""
    (fault,) = placed("x", ".".join(["a"] * 5000) + " = 1", [Finding(("a",), "no such key", "unknown-key")])
    assert str(fault) == "x:1:1: no such key"


def test_a_key_that_toml_does_not_take_stands_as_it_is_written() -> None:
    """Half a character in a key: its place is found under the text of the file."""
    assert locate('"\\ud800" = 1').keys == {('"\\ud800"',): (1, 1)}


def test_what_has_no_words_of_its_own_gets_the_librarys() -> None:
    """A kind of error that nobody foresaw is told in small letters, and not lost."""

    class Due(BaseModel):
        at: date

    draft = Draft("x", "at = 5")
    assert draft.build(Due, {"at": 5}, ()) is None
    assert [str(fault) for fault in draft.faults()] == ["x:1:6: input should be a valid date"]


def test_an_address_to_look_at_is_taken_as_it_is() -> None:
    """A whole web address without a password; others are refused (see the case `a-fault-is-told-once`)."""
    metric = '[metrics.m]\nquery = "m"\ndashboard = "https://g.example/d/1?x=2"\n'
    text = f'[runbook]\nid = "x"\n{metric}{ONE}steps = ["Look"]'
    assert load(text, "x").metrics["m"].dashboard == "https://g.example/d/1?x=2"
