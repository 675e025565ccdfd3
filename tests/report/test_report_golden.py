"""The recorded nights of tests/runs against their golden reports, and what holds for every report of them."""

from __future__ import annotations

import difflib
import json
from datetime import datetime
from pathlib import Path

import pytest

from pags_tui.core.tape import decode_rows
from pags_tui.edge.journal import open_readonly
from pags_tui.report import Report, as_json, build, schema
from tests.report.schema_check import faults
from tests.runs.make import FORMS, HERE, NIGHTS, golden, tape, told


@pytest.fixture(scope="module", params=NIGHTS)
def night(request: pytest.FixtureRequest) -> tuple[str, Report]:
    """One recorded night and its report."""
    return request.param, golden(request.param)


@pytest.mark.parametrize("form", FORMS)
def test_a_recorded_night_gives_its_golden_report(night: tuple[str, Report], form: str) -> None:
    """The report of a recording is the committed one; `python -m tests.runs.make golden` writes a changed one."""
    name, report = night
    wanted = (HERE / f"{name}.{form}").read_text(encoding="utf-8").splitlines()
    found = FORMS[form](report).splitlines()
    assert found == wanted, "\n".join(list(difflib.unified_diff(wanted, found, "golden", "now", lineterm="", n=1))[:60])


def test_the_json_keeps_to_the_published_schema(night: tuple[str, Report]) -> None:
    """Every report is valid by the schema that the package ships."""
    published = json.loads((Path(__file__).parents[2] / "pags_tui/report/schema.json").read_text())
    assert faults(json.loads(as_json(night[1])), published) == []


def test_the_published_schema_is_that_of_the_program() -> None:
    """schema.json says what the program writes."""
    published = json.loads((Path(__file__).parents[2] / "pags_tui/report/schema.json").read_text())
    assert published == json.loads(json.dumps(schema()))


def test_the_schema_check_finds_faults(night: tuple[str, Report]) -> None:
    """The check is no rubber stamp: a missing key, a strange one and a wrong type are each found."""
    content = json.loads(as_json(night[1]))
    del content["summary"]["run"]
    content["shape"] = "one"
    content["summary"]["ending"] = "perhaps"
    found = "\n".join(faults(content, schema()))
    assert "summary" in found
    assert "shape" in found
    assert "ending" in found


def test_a_recording_verifies_and_replays(night: tuple[str, Report]) -> None:
    """The committed recordings are whole: their chains hold, and every tick can be read."""
    with open_readonly(HERE / f"{night[0]}.db") as reader:
        (run,) = reader.runs()
        assert reader.verify(run.id) is None
        rows = reader.ticks(run.id)
        assert [judged.number for judged in decode_rows(rows)] == [row.tick for row in rows]


def test_a_report_of_every_beginning_can_be_made() -> None:
    """A run is reported at any moment: after each of its events there is a report that keeps to the schema."""
    whole = tape("rough")
    for count in range(1, len(whole.events) + 1, 7):
        report = build(whole.events[:count])
        assert faults(json.loads(as_json(report)), schema()) == []
        assert report.summary.ending in ("going-on", "rolled-back", "abandoned")


def test_what_happened_is_in_the_report() -> None:
    """Decisions, their reasons and their ends are told: hold, override, veto, mute, recycle, drift, rollback."""
    report = told(tape("rough"))
    kinds = {decision.kind for decision in report.decisions}
    assert kinds >= {"hold", "resume", "recycle", "override", "veto", "mute", "drift", "settled", "signed", "amended",
                     "rollback", "lead", "outcome", "flag", "ended"}  # fmt: skip
    hold = next(decision for decision in report.decisions if decision.kind == "hold")
    assert (hold.reason, hold.lasted, hold.ended_by) == ("wait for the worker", 420.0, "resumed")
    override = next(decision for decision in report.decisions if decision.kind == "override")
    assert override.ended is not None
    assert override.ended.at < datetime.fromisoformat("2026-11-24T22:28:00Z")
    assert [change.result for change in report.changes].count("verified") == 5
    assert report.rollbacks[0].flags[1].curl.startswith("curl")
    assert report.polls[0].answers[1].voiced


def test_nothing_waived_or_deferred_is_called_complete() -> None:
    """Only a run whose every step passed, was skipped or does not apply is complete; counts stay apart."""
    steady, rough = told(tape("steady")), told(tape("rough"))
    assert steady.summary.complete
    assert "complete" in steady.summary.verdict
    assert not rough.summary.complete
    assert "complete" not in rough.summary.verdict
    assert (rough.summary.counts.waived, rough.summary.counts.open) == (1, 4)


def test_the_proposal_is_a_runbook() -> None:
    """The proposed difference applies to the runbook as it began, and names what was waived and when work began."""
    report = told(tape("rough"))
    assert '+at = "T-19m"' in report.proposal.diff
    assert "+  # 2026-11-24: waived by ana: full dump taken by hand" in report.proposal.diff
    assert '+when = "queue-depth > 500 for 10m"' in report.proposal.diff


def test_a_gap_in_the_watch_is_a_gap_in_the_line() -> None:
    """Where no tick was taken the course breaks off: no line is drawn through what nobody saw."""
    report = told(tape("rough"))
    course = next(metric for metric in report.metrics if metric.id == "error-rate").courses[0]
    assert [point for point in course.points if point[1] is None]
