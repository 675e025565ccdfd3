"""Documents with the odd habits of their houses: what is understood of them, what is kept, what is told."""

from __future__ import annotations

import pytest

from pags_tui.core.importing import Imported, imported, mended
from pags_tui.core.runbook import Runbook, load
from pags_tui.edge.markdown import blocks_of

BEGIN = "# Move\n\n## T+0 Go\n\n- [ ] Look\n\n"


def from_document(text: str) -> Imported:
    """What the document comes to."""
    return imported(blocks_of(text), "move.md")


def book_of(text: str) -> Runbook:
    """The runbook that it comes to."""
    return load(from_document(text).toml, "move.toml")


def notes(text: str) -> list[str]:
    """The comments of the file but for the first, which names the document, and the rules over sections."""
    lines = from_document(text).toml.splitlines()[1:]
    return [line.strip().removeprefix("# ") for line in lines if line.strip().startswith("# ") and "====" not in line]


def test_several_ways_back() -> None:
    """The first is the default, a further one with steps an option, one without steps a comment."""
    text = BEGIN + "## Rollback\n\n- Back\n\n## Rollback of the database\n\n- Restore it\n\n## Fallback to paper\n\n"
    found = book_of(text + "Ask first.\n").rollback
    assert found is not None
    assert [[step.text for step in option.steps] for option in found.every_option] == [["Back"], ["Restore it"]]
    assert notes(text)[-1] == "Fallback to paper"


WHEN = "- Error rate > 1%\n- Somebody is unsure\n\n"
HOW = "- Back\n- Tell all\n"
WAYS = {
    "a list of bullets, then numbers": f"Triggers:\n\n{WHEN}1. Back\n2. Tell all\n",
    "labels": f"**Triggers**:\n\n{WHEN}**Steps**:\n\n{HOW}",
    "labels of lists": "- Triggers:\n  - Error rate > 1%\n  - Somebody is unsure\n- Steps:\n  - Back\n  - Tell all\n",
    "one line each": f"Trigger: Error rate > 1%\n\nTrigger: Somebody is unsure\n\n{HOW}",
    "numbers, then a label": f"Rollback if:\n\n1. Error rate > 1%\n2. Somebody is unsure\n\nHow to:\n\n{HOW}",
    "a deeper heading": f"Triggers:\n\n{WHEN}### In this order\n\n{HOW}",
}


@pytest.mark.parametrize("way", WAYS)
def test_when_to_go_back_is_no_step_of_going_back(way: str) -> None:
    """Regression: lines below "Triggers:" under "## Rollback" were its steps. They are triggers, each with a TODO; what
    follows is how to go back."""
    text = BEGIN + "## Rollback\n\n" + WAYS[way] + "\n## T+1h After\n\n- [ ] Look again\n"
    made = from_document(text)
    found = book_of(text)
    assert found.rollback is not None
    assert found.rollback.default is not None
    assert [step.text for step in found.rollback.default.steps] == ["Back", "Tell all"]
    assert [trigger.title for trigger in found.triggers.values()] == ["Error rate > 1%", "Somebody is unsure"]
    assert made.toml.count("TODO") >= 2
    assert [phase.title for phase in found.phases] == ["Go", "After"]


def test_headings_within_a_section() -> None:
    """Below the way back they stand over its steps, below the triggers at the top: none opens a phase."""
    text = BEGIN + "## Rollback\n\n- Back\n\n### In a hurry\n\n- Faster\n\n"
    text += "## Rollback triggers\n\n### Loud\n\n- Error > 5%\n"
    book = book_of(text)
    assert [phase.id for phase in book.phases] == ["go"]
    assert [step.text for step in book.option("").steps] == ["Back", "Faster"]
    assert {"In a hurry", "Loud"} <= set(notes(text))


def test_a_trigger_without_a_label_is_named_after_what_it_measures() -> None:
    """`errors > 5%` watches `errors`; that nothing says for how long is noted."""
    text = BEGIN + "## Rollback triggers\n\n- errors > 5%\n"
    assert [str(one) for trigger in book_of(text).triggers.values() for one in trigger.when] == ["errors > 5% for 5m"]
    assert "# TODO the document does not say for how long" in from_document(text).toml


def test_labels_in_sections() -> None:
    """An action of the way back, a group of follow-ups, a message without a heading of its own and its other words."""
    text = BEGIN + "## Rollback\n\n**Action**: Put it back\n\n## Follow-ups\n\n**Within 2 hours:**\n\n- Say thanks\n\n"
    text += "## Communications\n\n**Channel**: #room\n\n**When**: daily\n\n**Tone**: calm\n"
    book = book_of(text)
    assert [step.text for step in book.option("").steps] == ["Put it back"]
    assert [(one.title, one.within) for one in book.follow_ups] == [("Within 2 hours", 7200.0)]
    (message,) = book.comms.values()
    assert (message.title, message.channel, message.on) == ("Message", "#room", ())
    assert {"When: daily", "Tone: calm"} <= set(notes(text))


def test_labels_in_a_phase() -> None:
    """A label that says where, and words behind a monitor, are notes; an item below another is its note."""
    text = "# Move\n\n## T=0 Go\n\n**On the primary:**\n\n- [ ] Look\n  - twice\n\n"
    text += "**Monitor**: logs of both\n\n- [ ] Quiet\n"
    (phase,) = book_of(text).phases
    assert (phase.at, phase.title, [step.text for step in phase.steps]) == (0.0, "Go", ["Look"])
    assert phase.monitor is not None
    assert [step.text for step in phase.monitor.steps] == ["Quiet"]
    assert notes(text) == ["On the primary:", "logs of both", "twice"]


def test_a_list_whose_items_are_headings() -> None:
    """A label below such a heading is understood as anywhere else in a phase."""
    (phase,) = book_of("# Move\n\n- ## T+5m Begin\n  - **Action**: Go\n").phases
    assert (phase.at, [(step.kind, step.text) for step in phase.steps]) == (300.0, [("action", "Go")])


def test_what_a_list_of_metrics_cannot_take_is_told() -> None:
    """An item without a label, and a block of code, are kept with their lines."""
    found = from_document(BEGIN + "## Metrics to watch\n\n- no label here\n\n```\nls -l\n```\n")
    assert {(9, "- no label here"), (11, "ls -l")} <= set(found.unplaced)


def test_phases_and_parts_without_a_step() -> None:
    """A phase of prose, a checkpoint that is only named, a way back that is only weighed."""
    text = BEGIN + "**Checkpoint**:\n\n## T+1h Rest\n\nJust wait.\n\n## Rollback considerations\n\n- Is it worth it?\n"
    book = book_of(text)
    assert [(len(phase.steps), phase.checkpoint is not None) for phase in book.phases] == [(1, True), (0, False)]
    assert book.rollback is not None
    assert (book.rollback.considerations, book.rollback.every_option) == (("Is it worth it?",), ())


def test_set_before_t0_and_again_later_is_only_staged() -> None:
    """Where a line did nothing else it only makes the value ready."""
    write = "```\nexport X_GO=true\n```\n\n"
    before, later = book_of(f"# Move\n\n## T-1h Before\n\n{write}## T+0 Go\n\n{write}").phase_steps
    assert (dict(before.stage), dict(before.set), dict(later.set)) == ({"x-go": True}, {}, {"x-go": True})


def test_all_slos_where_there_is_none() -> None:
    """The line stays for a person to confirm, with the gate that it could be; other gates stay."""
    text = BEGIN + "- [ ] All SLOs met\n- [ ] No rollback triggers\n"
    assert [[str(one) for one in step.gate] for step in book_of(text).phase_steps] == [[], [], ["no triggers"]]
    assert notes(text) == ['TODO no metric has an slo yet: give one to a metric, then gate = "all slos"']


def test_two_measures_of_one_name() -> None:
    """A share and a time are two metrics, however alike they are called."""
    book = book_of(BEGIN + "- [ ] Latency < 2%\n- [ ] Latency < 200ms\n")
    assert [(name, str(one.unit)) for name, one in book.metrics.items()] == [
        ("latency", "ratio"), ("latency-seconds", "seconds"),
    ]  # fmt: skip


def test_a_write_that_is_none() -> None:
    """A body without a value is a command to be copied; one without a token is a write all the same."""
    curl = "curl -X PUT $FLAGS/flags/go -d"
    book = book_of(BEGIN + f"```\n{curl} '{{\"x\": 1}}'\n```\n\n```\n{curl} '{{\"value\": true}}'\n```\n")
    assert [(step.command, dict(step.set)) for step in book.phase_steps] == [
        (f"{curl} '{{\"x\": 1}}'", {}), (None, {"go": True}),
    ]  # fmt: skip


def test_a_blank_that_stands_twice_is_typed_once() -> None:
    """One field for both places."""
    book = book_of(BEGIN + "## Communications\n\n### Start\n\n```\nHi [name of it], bye [name of it]\n```\n")
    (message,) = book.comms.values()
    assert (message.fields, message.template.strip()) == (("name_of_it",), "Hi {{ name_of_it }}, bye {{ name_of_it }}")


def test_what_only_looks_like_broken_letters_stays() -> None:
    """A run that is no UTF-8 is left alone; one with more behind it is mended as far as it goes."""
    assert (mended("â€ ("), mended("Ã©€"), mended("Ã©")) == ("â€ (", "é€", "é")


def test_further_columns_about_people() -> None:
    """What stands in them is kept; an empty cell is nothing."""
    table = "| Role | Name | Phone |\n|---|---|---|\n| Lead | Mara | 100 |\n| DBA | Jo |  |\n"
    assert notes(f"# Move\n\n## Contacts\n\n{table}\n## T+0 Go\n\n- [ ] Look at 100\n")[0] == "Lead, Phone: 100"
    assert from_document(f"# Move\n\n{table}").unplaced == ((5, "Lead, Phone: 100"),)
