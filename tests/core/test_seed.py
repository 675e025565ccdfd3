"""Holds runbook.toml against the cutover document it was made from: nothing dropped, invented or reworded."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from pags_tui.core.conditions import MetricCondition
from pags_tui.core.runbook import Phase, Runbook, Step, load
from pags_tui.core.units import parse_duration

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "tests" / "cases" / "seed" / "production-cutover.md"
NOT_GIVEN = {"rollback.checkpoint/error-rate-of-the-old-stack-normal"}
"""Lines that the document lacks and the runbook marks as such."""


@cache
def document() -> str:
    """The document as it should have been saved: its emoji were read as Windows-1252 and written as UTF-8."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return re.sub("ðŸ..", lambda found: found[0].encode("cp1252").decode("utf-8"), text)


@cache
def runbook() -> Runbook:
    return load((ROOT / "runbook.toml").read_text(encoding="utf-8"), "runbook.toml")


def part(heading: str) -> str:
    """The text below a heading, up to the next one of the same or a higher level (`# ` is a shell's comment)."""
    level = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"^{re.escape(heading)}.*?\n(.*?)(?=^#{{2,{level}}} |\Z)", document(), re.M | re.S)
    assert found, heading
    return found[1]


def phase_headings() -> list[tuple[str, str]]:
    """The phases as (offset, title), in order: `T-60min`, `Final Preparation`."""
    return re.findall(r"^### (T[+-]\d+(?:min)?): (.*)$", document(), re.M)


def phases() -> list[tuple[str, Phase]]:
    """Each phase's text in the document with the runbook's phase of the same number."""
    headings = phase_headings()
    assert len(headings) == len(runbook().phases)
    return [(part(f"### {at}: {title}"), phase) for (at, title), phase in zip(headings, runbook().phases, strict=True)]


def boxes(text: str) -> list[str]:
    return re.findall(r"^- \[ \] (.*?)\s*$", text, re.M)


def texts(steps: tuple[Step, ...]) -> list[str]:
    return [step.text for step in steps]


def minutes(text: str) -> float:
    return float(re.sub(r"T|min", "", text)) * 60


def in_toml(value: str) -> bool | int | str:
    return {"true": True, "false": False}.get(value, int(value) if value.isdigit() else value)


def exports(text: str) -> dict[str, bool | int | str]:
    return {name: in_toml(value) for name, value in re.findall(r"^export (\w+)=(\S+)$", text, re.M)}


def by_env(values: dict[str, bool | int | float | str]) -> dict[str, object]:
    return {runbook().flags[key].env or key: value for key, value in values.items()}


def test_eleven_phases_in_order_with_offset_and_title() -> None:
    """Every `### T…` heading is a phase with that offset and title."""
    assert len(phase_headings()) == 11
    assert [(minutes(at), title) for at, title in phase_headings()] == [(one.at, one.title) for one in runbook().phases]


def test_every_line_lives_in_its_phase_and_no_other_line_does() -> None:
    """Each phase holds exactly the document's lines and actions, in order, word for word."""
    for text, phase in phases():
        expected = re.findall(r"^(?:\*\*Action\*\*: |- \[ \] )(.*?)\s*$", text, re.M)
        assert texts(phase.all_steps) == expected, phase.id


def test_sixty_six_lines_and_five_actions() -> None:
    """66 lines to tick before the criteria, 81 with them, and five actions of their own."""
    assert sum(len(boxes(text)) for text, _ in phases()) == 66
    assert len(boxes(document())) == 81
    assert len(runbook().phase_steps) == 66 + document().count("**Action**:")
    assert len(runbook().success_steps) == 15


def test_actions_are_actions() -> None:
    """Each `**Action**` line is an action step and not something to confirm."""
    for text, phase in phases():
        wanted = re.findall(r"^\*\*Action\*\*: (.*)$", text, re.M)
        assert [step.text for step in phase.steps if step.kind == "action" and not step.stage] == wanted


def test_lines_stand_under_their_heading() -> None:
    """Lines under a monitor heading are the monitor's, those under a checkpoint's the checkpoint's."""
    for text, phase in phases():
        steps, *rest = re.split(r"^(?=\*\*(?:Immediately |)(?:Monitor|Verify|Checkpoint)[^\n]*\*\*:)", text, flags=re.M)
        assert boxes(steps) == [step.text for step in phase.steps if step.kind == "check" or step.stage]
        titled = {re.match(r"\*\*(.*?)\*\*", some)[1]: boxes(some) for some in rest}  # type: ignore[index]
        held = [one for one in (phase.monitor, phase.checkpoint) if one and one.steps]
        assert titled == {one.title: texts(one.steps) for one in held}


def test_checkpoints_are_due_when_their_heading_says() -> None:
    """`Checkpoint T+15min` is due at T+15."""
    for text, phase in phases():
        found = re.search(r"\*\*Checkpoint (T\S+?)\*\*", text)
        assert (phase.checkpoint.at if phase.checkpoint else None) == (minutes(found[1]) if found else None)


def test_monitor_periods() -> None:
    """None after the first canary, 30 and 60 minutes after the next two, 72 hours of hypercare."""
    periods = {phase.id: phase.monitor.period for phase in runbook().phases if phase.monitor}
    assert periods == {
        "canary-10": None,
        "canary-50": 30 * 60,
        "full-cutover": 60 * 60,
        "publishing-gates": None,
        "hypercare": 72 * 3600,
    }


def test_canary_steps_write_the_values_of_the_curl_commands() -> None:
    """Three curl commands, three steps: 10, 50, 100, to the flag of the URL."""
    curls = re.findall(r'/flags/([\w-]+)".*?\{"value": (\d+)\}', document(), re.S)
    written = [step.set for step in runbook().phase_steps if "canary-percentage" in step.set]
    assert written == [{key: int(value)} for key, value in curls]
    assert [value for _, value in curls] == ["10", "50", "100"]


def test_the_service_is_the_one_of_the_curl_commands() -> None:
    """Address and token are the document's variables, unexpanded."""
    flags = runbook().services.flags
    assert flags is not None
    assert f'"{flags.url}/flags/canary-percentage"' in document()
    assert f"Authorization: Bearer {flags.token}" in document()


def test_exports_of_the_phases_are_set_or_staged() -> None:
    """Each exported variable is written in its phase, except the canary at T-15: staged, no traffic moves."""
    for text, phase in phases():
        written = {name: value for step in phase.steps for name, value in by_env(step.set | step.stage).items()}
        assert "curl" in text or written == exports(text), phase.id
    staged = runbook().step("environment-setup/feature-flags-set-to-shadow-mode-canary-ready")
    assert staged.stage == {"canary-percentage": 10}
    assert "canary-percentage" not in staged.set


def test_rollback_writes_the_exports_in_written_order() -> None:
    """First the features, read-only and the canary, then the way to the legacy workspace."""
    text = part("### Rollback Execution (if needed)")
    steps = runbook().option("").steps
    assert [list(by_env(step.set).items()) for step in steps] == [
        list(exports(block).items()) for block in text.split("# Redirect")
    ]
    assert texts(steps) == re.findall(r"# (Immediate rollback.*|Redirect.*)", text)


def test_every_variable_is_a_flag() -> None:
    """All nine environment names, and no other."""
    assert {flag.env for flag in runbook().flags.values()} == set(re.findall(r"VITE_\w+", document()))


def test_triggers() -> None:
    """Five triggers; title, bound and time are the document's."""
    lines = re.findall(r"^- \*\*(.*?)\*\*: (.*?)\s*$", part("### Automatic Rollback Triggers"), re.M)
    assert [trigger.title for trigger in runbook().triggers.values()] == [f"{name}: {rest}" for name, rest in lines]
    written = [str(one) for trigger in runbook().triggers.values() for one in trigger.when]
    assert written == [
        "error-rate > 1% for 10m",
        "p95-latency > 200% of slo for 15m",
        "availability < 99% for 10m",
        "db-pool >= 100% for 30s",
        "deadlocks > 1 for 30s",
        "queue-depth > 500 for 15m",
    ]


def test_considerations() -> None:
    """The five reasons to go back by hand."""
    back = runbook().rollback
    assert back is not None
    assert list(back.considerations) == listed(part("### Manual Rollback Considerations"))


def listed(text: str) -> list[str]:
    return re.findall(r"^\s*- (.*?)\s*$", text, re.M)


@pytest.mark.parametrize(
    ("heading", "message"),
    [
        ("### Internal Updates", "internal"),
        ("### External Communication", "external"),
        ("### Escalation Communication", "escalation"),
    ],
)
def test_message_templates(heading: str, message: str) -> None:
    """Each template is the document's, with a name where it leaves a blank."""
    found = re.search(r"```\n(.*?)```", part(heading), re.S)
    assert found
    wanted = [line.rstrip() for line in found[1].strip().splitlines()]
    assert [filled(line) for line in runbook().comms[message].template.strip().splitlines()] == wanted


def filled(line: str) -> str:
    """A line of a template with the blanks of the document in the places of its names."""
    for name, blank in BLANKS.items():
        line = line.replace("{{ " + name + " }}", blank)
    return line


BLANKS = {
    "t": "T+XXmin",
    "status": "[On Track/Issue/Resolved]",
    "traffic": "[10%/50%/100%]",
    "metrics.error_rate": "X.X%",
    "metrics.p95_latency": "XXXms",
    'issues or "None"': "[None/Description]",
    "next_checkpoint": "[Time]",
    "expected_completion": "[Time]",
    "problem": "[Description]",
    "impact": "[User impact]",
    "mitigation": "[Rollback/Mitigation in progress]",
    "eta": "[Resolution time]",
    "contacts.war_room": "#pags-cutover",
}


def test_no_mojibake_is_left() -> None:
    """The two emoji are whole: the green circle and the siren."""
    assert "ð" not in runbook().text
    assert runbook().comms["internal"].template.startswith("🟢")
    assert runbook().comms["escalation"].template.startswith("🚨")


def test_message_headings_channels_and_recipients() -> None:
    """Titles, channels, recipients, rhythm and what sets a message off."""
    comms = runbook().comms
    titles = re.findall(r"^### (.*)$", part("## Communication Plan"), re.M)
    assert [message.title for message in comms.values()] == titles
    channels = re.findall(r"^\*\*Channel\*\*: (.*?)\s*$", document(), re.M)
    assert [comms["internal"].channel, comms["external"].channel] == channels
    assert f"**Recipients**: {', '.join(comms['escalation'].to)}" in document()
    assert comms["escalation"].on == ("rollback", "major-issue")
    assert comms["internal"].every == parse_duration("30m")
    assert comms["internal"].during == ("canary-10", "canary-50", "full-cutover")


def test_success_criteria() -> None:
    """Three groups of five, word for word."""
    text = part("## Success Criteria")
    groups = [(title.strip(), boxes(part(f"### {title.strip()}"))) for title in re.findall(r"^### (.*)$", text, re.M)]
    assert [(group.title, texts(group.criteria)) for group in runbook().success] == groups


def test_follow_ups() -> None:
    """Three groups of four, due within two hours, a day, a week."""
    blocks = re.split(r"^\d\. \*\*(.*?)\*\*:$", part("## Post-Cutover Actions").split("\n---")[0], flags=re.M)[1:]
    wanted = list(zip(blocks[::2], map(listed, blocks[1::2]), strict=True))
    assert [(group.title, texts(group.items)) for group in runbook().follow_ups] == wanted
    assert [group.within for group in runbook().follow_ups] == [7200, 86400, 7 * 86400]


def test_roles_and_contacts() -> None:
    """Four roles without a name, three contacts: one known, two asked for."""
    footer = document().rpartition("\n---\n")[2]
    assert [role.title for role in runbook().roles.values()] == re.findall(r"\*\*(.*? Lead)\*\*: \[Name\]", footer)
    assert {role.name for role in runbook().roles.values()} == {""}
    lines = re.findall(r"\*\*(Emergency Contact|War Room|Status Page)\*\*: (\S+)(?: \((.*?)\))?", footer)
    wanted = [(title, "" if value.startswith("[") else value, note or None) for title, value, note in lines]
    assert [(one.title, one.value, one.note) for one in runbook().contacts.values()] == wanted


def test_headings_are_parts_or_comments() -> None:
    """The title, the three parts of the night and every other heading still stand in the file."""
    assert f"# {runbook().title}\n" in document()
    headings = [heading.strip() for heading in re.findall(r"^## (.*)$", document(), re.M)]
    assert [group.title for group in runbook().parts] == headings[:3]
    for heading in headings:
        assert heading in runbook().text
    assert [phase for group in runbook().parts for phase in group.phases] == [phase.id for phase in runbook().phases]


def test_nothing_is_invented_but_what_is_marked() -> None:
    """Every step of the runbook is a line of the document, except those named here."""
    lines = document()
    invented = {step.id for step in runbook().steps if step.text not in lines}
    assert invented == NOT_GIVEN


@pytest.mark.parametrize(
    ("step", "gate"),
    [
        ("canary-10/error-rate-0-5", "error-rate < 0.5%"),
        ("canary-10/p95-latency-within-slo", "p95-latency within slo"),
        ("canary-10/task-creation-success-rate-99", "task-creation > 99%"),
        ("canary-10/brain-activation-latency-150ms-p95", "brain-activation < 150ms"),
        ("canary-10/metrics-stable-for-15-minutes", "all slos for 15m"),
        ("canary-50/guardrails-functioning-20-30-throttling-rate", "throttle-rate in 20%..30%"),
        ("canary-50/task-deduplication-working-60-hit-rate", "dedup-hit-rate > 60%"),
        ("system-verification/materialized-views-refreshed-recently-5min-ago", "view-age < 5m"),
        ("success.technical-success/all-slos-met-for-2-hours-after-full-cutover", "all slos for 2h since full-cutover"),
    ],
)
def test_bounds_of_the_document_are_gates(step: str, gate: str) -> None:
    """A line with a number is judged by the app, against that number."""
    assert [str(one) for one in runbook().step(step).gate] == [gate]
    assert runbook().step(step).sensed


def test_every_metric_is_used() -> None:
    """No metric is asked for that no gate, trigger or message needs."""
    conditions = [one for step in runbook().steps for one in step.gate]
    conditions += [one for trigger in runbook().triggers.values() for one in trigger.when]
    used = {one.metric for one in conditions if isinstance(one, MetricCondition)}
    assert {name for name, metric in runbook().metrics.items() if not metric.slo} <= used
