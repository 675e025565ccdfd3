"""What goes out: lines and pages by themselves, messages with a template filled in."""

from __future__ import annotations

import pytest

from pags_tui.comms import notices, template_values
from pags_tui.core import events as e
from pags_tui.core.decide import asks as a
from pags_tui.core.errors import Refused
from pags_tui.edge.templates import fill
from tests.core.stories import NIGHT, Story, at_fifty

LOUD = NIGHT.replace(
    "[services.flags]", '[services.webhooks]\nroom = "${ROOM}"\npager = "${PAGER}"\n[services.flags]'
) + (
    '[notify]\nevents = "room"\npage = { webhook = "pager", '
    'on = ["countdown", "rollback", "blind", "guard-replaced"] }\n'
)


def sent(fact: e.Fact, runbook: str = LOUD) -> list[tuple[str, str]]:
    """What that fact, happening now, sends where; without its heading."""
    story = Story(runbook).happened(e.FlagAsked(1, "canary", 10, 0, "forward"))
    story.happened(fact, by=e.Actor("ana", "Ana"))
    found = notices(story.events[-1], story.state)
    assert all(notice.text.startswith("[The night ▸ production] ") for notice in found)
    return [(notice.webhook, notice.text.removeprefix("[The night ▸ production] ")) for notice in found]


@pytest.mark.parametrize(
    ("fact", "line", "pages"),
    [
        (e.Signed("ten", "cutover-lead", "Ana", "ana"), "Ten: checkpoint signed by Ana (cutover-lead)", False),
        (e.FlagAnswered(1, "verified", 10), "canary → 10: verified", False),
        (e.HoldBegan("vendor"), "T is held by Ana: vendor", False),
        (e.Resumed(), "T runs again (Ana)", False),
        (e.Vetoed(("errors",), "known", Story().now), "vetoed by Ana: known", False),
        (e.RollbackFinished(1, 2, 3), "rolled back: 2 of 3 verified", False),
        (e.RollbackConfirmed(1, "Back", ()), "ROLLING BACK (Back), by Ana", True),
        (e.SourceLost("prometheus", "refused"), "prometheus does not answer: refused", True),
        (e.GuardStarted(7, "jump", 2), "the guard was replaced (now jump, process 7)", True),
    ],
    ids=lambda value: type(value).__name__,
)
def test_one_line_each_and_a_page_where_it_is_wanted(fact: e.Fact, line: str, pages: bool) -> None:
    """What the runbook asks to hear goes out; what should wake somebody goes to the pager too."""
    expected = [("room", line), ("pager", line)] if pages else [("room", line)]
    assert sent(fact) == expected


def test_a_trigger_and_its_countdown_are_told() -> None:
    """The line names the trigger by its title and the time of the rollback."""
    assert sent(e.TriggerFired("errors", "countdown", 0.02, "2% > 1%"))[0][1] == (
        "trigger fired: Errors above 1% for a minute (2% > 1%)"
    )
    ends = Story().now
    assert sent(e.CountdownBegan(("errors",), ends))[1] == ("pager", "rollback at 21:50:00 UTC unless vetoed")


@pytest.mark.parametrize("fact", [e.NoteAdded("x"), e.GuardStarted(7, "jump", 1)], ids=["a note", "the first guard"])
def test_what_nobody_asked_to_hear_is_not_sent(fact: e.Fact) -> None:
    """Notes stay in the room; the first guard replaces nobody. Without [notify] nothing goes out."""
    assert sent(fact) == []
    assert sent(e.Resumed(), NIGHT) == []


def test_a_templates_names_print_as_on_the_screen() -> None:
    """Percents, offsets, a metric in its unit, issues joined, hyphens as underscores."""
    story = at_fifty()
    values = template_values(story.state, story.last, story.now, {"problem-now": "none"})
    numbers = "{{ t }} {{ traffic }} {{ metrics.errors }} {{ flags.brain }}"
    assert fill(numbers, values) == "T+15m 50% 0.1% true"
    assert fill("{{ status }} {{ issues or 'None' }} {{ problem_now }}", values) == "On Track None none"
    story.ask(a.OpenIssue("minor", "slow"))
    story.ask(a.OpenIssue("major", "login"))
    values = template_values(story.state, None, story.now, {})
    assert (values["issues"], values["status"], values["gates"]) == ("slow; login", "Issue", "not judged")
    assert fill("{{ metrics.errors }} {{ next_checkpoint }}", values) == "no reading T+45m Fifty (22:45)"
    assert fill("{{ expected_completion }}", values) == "23:00 UTC"


def test_before_anything_is_known_a_message_can_still_be_written() -> None:
    """No T, no read, no clock: words instead of holes."""
    story = Story(t0=False)
    values = template_values(story.state, None, story.now, {})
    assert (values["t"], values["expected_completion"]) == ("T not set", "not known yet")
    assert values["next_checkpoint"] == "T+15m Ten"
    assert template_values(type(story.state)(runbook=story.state.runbook), None, story.now, {})["traffic"] == "not read"


def test_resolved_after_an_issue_or_a_rollback() -> None:
    """What was wrong and is over is Resolved."""
    story = at_fifty().roll_back()
    assert template_values(story.state, story.last, story.now, {})["status"] == "Resolved"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ eta }}", "The message is not complete: 'eta' is undefined."),
        ("{{ eta", "The template is wrong in its line 1:"),
        ("{{ ''.__class__.__mro__ }}", "The template cannot be filled: access to attribute"),
        ("{{ 1 / 0 }}", "The template cannot be filled (ZeroDivisionError)."),
        ("{{ 'a' + 1 }}", "The template cannot be filled (TypeError)."),
        ("{% include 'x' %}", "The template cannot be filled"),
    ],
)
def test_a_template_that_cannot_be_filled_says_why(template: str, said: str) -> None:
    """Strict and sandboxed: a missing name, a slip, or an attempt to reach out is a sentence."""
    with pytest.raises(Refused) as refused:
        fill(template, {})
    assert str(refused.value).startswith(said)
