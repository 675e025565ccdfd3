"""Timeline, checklist and the views of the dialogs: facts first, and what to type for each."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pags_tui.core import events as e
from pags_tui.core.errors import PagsError
from pags_tui.core.events import Actor, Fact, Move
from pags_tui.core.state import RunState
from pags_tui.ui import present
from pags_tui.ui.rows import ChecklistRow, Kind, Level, Mark, Status, TimelineRow
from pags_tui.ui.scene import Scene
from tests.ui.stories import ANA, FLAGS, NIGHT, Story, at, canary_10, passed, story, wrote

STABLE, NO_ISSUES = "canary-10/metrics-stable", "canary-10/no-user-reported-issues"
SPLIT, TEN = "canary-50/increase-traffic-split", "canary-10/enable-10-traffic"
BO = Actor("bo")


def canary_50() -> Story:
    """T+16:00: the first checkpoint is signed by both, the second phase begins, its flags not moved yet."""
    told = canary_10().wait(850).steady(920, error_rate=0.001, queue_depth={"mail": 1}, flags=FLAGS)
    signed = told.then(
        *passed(STABLE, NO_ISSUES),
        e.Signed("canary-10", "cutover-lead", "ana", "ana"),
        e.Signed("canary-10", "monitoring-lead", "mo", "mo"),
        e.PhaseEntered("canary-50"),
    )
    return signed.steady(960, error_rate=0.001, queue_depth={"mail": 1}, flags=FLAGS)


def moved() -> Story:
    """The second phase's flags are verified; 4:12 of its monitor period have passed."""
    writes = (*wrote(2, "canary-percentage", 10, 50, SPLIT), *wrote(3, "use-capacity-brain", False, True, SPLIT))
    return canary_50().then(*writes, *passed(SPLIT)).wait(960 + 252)


def rows(told: Story, phase: str | None = None) -> dict[str, ChecklistRow]:
    return {row.id: row for row in present.checklist(told.scene(), phase)}


def phases(told: Story) -> dict[str, TimelineRow]:
    return {row.id: row for row in present.timeline(told.scene())}


# ---------------------------------------------------------------- timeline and checklist


def test_the_timeline_shows_where_the_night_stands() -> None:
    """Done, present and coming phases have their marks; a signed checkpoint is signed, drift is that of the header."""
    found = phases(canary_50())
    words = [found[name].status.word for name in ("final-checks", "canary-10", "canary-50")]
    assert words == ["passed", "passed", "now"]
    assert found["canary-10#checkpoint"].status.word == "signed"
    assert found["canary-50#checkpoint"].status.word == "checkpoint"
    assert found["canary-50"].current
    assert [row.at for row in found.values()][:5] == ["T-5", "T+0", "T+15", "T+15", "T+45"]
    assert list(found)[-3:] == ["success", "follow-ups", "rollback"]


def test_an_overdue_phase_is_said() -> None:
    """A checkpoint past its time is overdue, and the present phase shows how late the run is."""
    found = phases(canary_10().wait(900 + 190))
    assert found["canary-10#checkpoint"].overdue
    assert (found["canary-10"].drift, found["canary-10"].drift_level) == ("+3:10", Level.WARN)


def test_headings() -> None:
    """ACTION, MONITOR with its time, CHECKPOINT with who signs."""
    told = moved()
    heads = [row for row in present.checklist(told.scene()) if row.kind is Kind.SECTION]
    assert [(row.text, row.note, row.role) for row in heads] == [
        ("ACTION", "", ""),
        ("MONITOR", "04:12 of 30:00", ""),
        ("CHECKPOINT T+45", "", "lead"),
    ]
    assert heads[1].progress == 252 / 1800
    assert present.checklist_title(told.scene()) == "T+15 50% canary"


def test_a_monitor_that_was_not_begun() -> None:
    """Before its change is verified a monitor period has not begun."""
    assert rows(canary_50())["canary-50#monitor"].note == "not begun, 30:00"


def test_who_signed_stands_on_the_checkpoint() -> None:
    """A signed checkpoint names who signed and when; a half-signed one says who is missing."""
    half = canary_10().then(*passed(STABLE, NO_ISSUES), e.Signed("canary-10", "cutover-lead", "ana", "ana"))
    head = rows(half)["canary-10#checkpoint"]
    assert (head.note, head.role) == ("signed by ana 22:01:00", "monitoring-lead")
    whole = rows(half.then(e.Signed("canary-10", "monitoring-lead", "ana", "ana", (), True)), "canary-10")
    assert whole["canary-10#checkpoint"].note == "signed by ana 22:01:00, ana 22:01:00 (same account)"
    assert whole["canary-10#checkpoint"].role == ""


def test_changes_in_the_checklist() -> None:
    """An action shows now and next, then what was read back; in part verified says n/m."""
    assert rows(canary_10())[TEN].change.text == "0→10 verified"
    fresh = story(NIGHT, e.FlagSeen("canary-percentage", 0), e.PhaseEntered("final-checks"))
    assert rows(fresh, "canary-10")[TEN].change.text == "0→10"
    part = canary_50().then(*wrote(2, "canary-percentage", 10, 50, SPLIT))
    assert rows(part)[SPLIT].change.text == "1/2 verified"
    lost = part.then(*wrote(3, "use-capacity-brain", False, True, SPLIT, "unknown"))
    assert (rows(lost)[SPLIT].change.text, rows(lost)[SPLIT].change.level) == ("1/2 verified, unknown", Level.UNKNOWN)


def test_outcomes_in_the_checklist() -> None:
    """Each outcome has its mark, word and reason."""
    told = canary_10().then(e.StepResolved(NO_ISSUES, "waived", "two tickets, both known"))
    row = rows(told)[NO_ISSUES]
    assert (row.status.word, row.status.mark, row.note, row.who) == (
        "waived", Mark.WAIVED, "two tickets, both known", "ana",
    )  # fmt: skip


def test_an_unknown_gate_says_why() -> None:
    """A gate that was never judged is unknown in the checklist."""
    row = rows(canary_10())[STABLE]
    assert row.verdict is not None
    assert (row.verdict.word, row.verdict_note) == ("unknown", "not judged yet")


def test_the_groups_after_the_phases() -> None:
    """Success criteria, follow-ups and the rollback's steps have checklists of their own."""
    told = canary_10()
    criteria = present.checklist(told.scene(), "success")
    assert [row.text for row in criteria] == ["Technical", "No data corruption or loss"]
    follow = present.checklist(told.scene(), "follow-ups")
    assert (follow[0].text, follow[0].note) == ("Within 24 hours", "counts from: end")
    back = present.checklist(told.scene(), "rollback")
    assert [row.text for row in back] == ["ACTION", "Disable all new features", "Tell support"]


def test_a_step_in_another_kind_of_run_is_off() -> None:
    """A step for rehearsals only is off in a live run, and shows no outcome."""
    text = NIGHT.replace('"No user-reported issues"', '{ check = "No user-reported issues", when = "rehearsal" }')
    row = rows(story(text).wait(60), "canary-10")[NO_ISSUES]
    assert (row.disabled, row.note) == (True, "rehearsal only")


# ---------------------------------------------------------------- changes


def test_flag_view_of_several_flags() -> None:
    """Several flags: the target's name is typed; each flag shows now, next, when read and by whom it was set."""
    view = present.flag_view(canary_50().wait(962).scene(), SPLIT)
    assert view.title == "Change 2 flags in PRODUCTION"
    assert (view.typed, view.prompt) == ("production", "Type  production  to confirm:")
    first, second = view.lines
    assert (first.name, first.now, first.next) == ("canary-percentage (VITE_CANARY_PERCENTAGE)", "10", "50")
    assert (first.read, first.origin) == ("read 2 s ago", "set by us at T+00:00")
    assert (second.now, second.next, second.origin) == ("false", "true", "not set by us")
    assert view.signed == "checkpoint T+15 signed by ana 22:15:20, mo 22:15:20"
    assert [fact.text for fact in view.gates] == ["1 pass"]
    assert view.seen == (("canary-percentage", 10), ("use-capacity-brain", False))
    assert view.blockers == ()


def test_flag_view_of_one_flag() -> None:
    """One flag: its new value is typed, and what it means stands there."""
    view = present.flag_view(story(NIGHT, e.FlagSeen("canary-percentage", 0)).scene(), TEN)
    assert (view.title, view.typed, view.means) == ("Change a flag in PRODUCTION", "10", "a tenth of all traffic")
    assert [row.key for row in view.blockers] == ["tick"]


def test_a_rehearsal_and_a_demo_say_that_nothing_is_sent() -> None:
    """Above the facts, and in the title; the night itself has no such line."""
    live = story(NIGHT, e.FlagSeen("canary-percentage", 0)).scene()
    assert live.state.run is not None
    assert present.flag_view(live, TEN).unreal == ""
    for kind, told in (("rehearsal", "stays in memory, nothing is sent"), ("demo", "only the simulator's flag")):
        run = replace(live.state.run, kind=kind)  # type: ignore[arg-type]
        view = present.flag_view(replace(live, state=replace(live.state, run=run)), TEN)
        assert view.title == f"{kind.upper()}: Change a flag in PRODUCTION"
        assert told in view.unreal


def test_flag_view_for_others_and_in_part() -> None:
    """Who is not the lead reads why; what is verified in part can be restored."""
    part = canary_50().then(*wrote(2, "canary-percentage", 10, 50, SPLIT, "refused"))
    view = present.flag_view(replace(part, me=BO).scene(), SPLIT)
    assert view.blockers[0].key == "lead"
    assert (view.progress, view.restore, view.lines[0].result) == ("0/2 verified", "restore", "refused")


def test_rollback_view() -> None:
    """The plan shows each flag now and after, already so or not, what is by hand and what it leaves alone."""
    told = moved().then(e.FlagAsked(4, "readonly-mode", True, False, "restore"), e.FlagAnswered(4, "verified", True))
    view = present.rollback_view(told.scene())
    assert (view.title, view.typed, view.prompt) == ("ROLL BACK production", "rollback", "Type  rollback  to run it:")
    first = view.ways[0]
    assert first.summary == "2 flags · about 2 s · 1 step by hand"
    assert [(line.flag, line.now, line.after, line.already) for line in first.lines] == [
        ("use-capacity-brain", "true", "false", False),
        ("canary-percentage", "50", "0", False),
    ]
    assert [line.move for line in first.left] == [Move("readonly-mode", False, "")]
    assert first.manual == ("Tell support: call 4711",)
    assert [way.title for way in view.ways[1:]] == ["As before the night", "As at the signed checkpoint of 10% canary"]
    assert view.considerations == ("Data corruption detected",)


def test_rollback_view_of_what_is_so_already_or_not_read() -> None:
    """A flag that has its value is already so; one that was not read is never said to be."""
    read = canary_10().tick(flags={"use-capacity-brain": False, "canary-percentage": 10})
    lines = present.rollback_view(read.scene()).ways[0].lines
    assert [(line.flag, line.status.word) for line in lines] == [
        ("use-capacity-brain", "already so"), ("canary-percentage", "to write"),
    ]  # fmt: skip
    later = present.rollback_view(read.wait(read.now + 100).scene()).ways[0].lines
    assert {line.status.word for line in later} == {"not read"}, "read too long ago to be believed"
    alone = present.rollback_view(replace(read, gone="no guard").scene()).ways[0].lines
    assert {line.status.word for line in alone} == {"not read"}, "nobody reads any more"
    assert {line.status.word for line in present.rollback_view(story().scene()).ways[0].lines} == {"not read"}


def test_owed_view() -> None:
    """An owed change shows ours against theirs, and what each decision means."""
    told = canary_50().then(
        e.FlagAsked(2, "canary-percentage", 50, 10, "forward", SPLIT),
        e.FlagAnswered(2, "mismatch", 25, "read back", "curl it"),
    )
    view = present.owed_view(told.scene())
    assert view is not None
    facts = dict(view.facts)
    assert (view.change, view.title) == (2, "canary-percentage: the write is mismatch")
    assert (facts["ours"], facts["theirs"]) == ("50 (it was 10 before)", "25")
    assert (view.can_accept, view.curl) == (False, "curl it")
    assert present.owed_view(canary_10().scene()) is None


def test_drift_and_one_flag_view() -> None:
    """Drift shows both values; one flag can go back to any value that it had."""
    told = moved().then(e.DriftFound("canary-percentage", 50, 75))
    view = present.drift_view(told.scene())
    assert view is not None
    assert (view.value, dict(view.facts)["we left it at"]) == (75, "50")
    choices = present.one_flag_view(told.scene(), "canary-percentage").choices
    assert [(one.text, one.note) for one in choices] == [("10", "set by us at T+00:00"), ("0", "before the night")]


# ---------------------------------------------------------------- steps, signatures, T


def test_sign_view() -> None:
    """A checkpoint shows its evidence, who signed, what is in the way, and what to type."""
    told = canary_10().steady(130, error_rate=0.001, queue_depth={"mail": 1}).then(*passed(STABLE))
    view = present.sign_view(told.scene())
    assert view is not None
    assert (view.title, view.typed, view.role) == ("Sign T+15 10% canary", "canary-10", "cutover-lead")
    assert [row.text for row in view.blockers] == ["'No user-reported issues' is open"]
    assert [line.status.word for line in view.evidence] == ["passed", "pass", ""]
    half = told.then(*passed(NO_ISSUES), e.Signed("canary-10", "cutover-lead", "ana", "ana")).scene()
    second = present.sign_view(half)
    assert second is not None
    assert second.roles == (("Cutover Lead", "signed by ana 22:02:10"), ("Monitoring Lead", "not yet"))
    assert "same account" in second.note


def test_signing_early_says_what_it_means() -> None:
    """How long before its time, that the rest is not waited for, and what may begin then; nothing once it is due."""
    told = canary_10().steady(130, error_rate=0.001, queue_depth={"mail": 1})
    view = present.sign_view(told.scene())
    assert view is not None
    assert view.early == (
        "12:50 before its time, T+15: once signed, the rest is not waited for",
        "what comes next may begin at once: T+15 50% canary",
    )
    due = present.sign_view(told.wait(900).scene())
    assert due is not None
    assert due.early == ()
    last = present.sign_view(told.scene(), told.scene().state.runbook.phases[-1].id)
    assert last is None or last.early[-1] == "no phase comes after it"


def test_override_view() -> None:
    """An override shows what the gate says, what it would cover, and why there can be none."""
    told = canary_10().wait(65).tick(error_rate=0.006)
    view = present.override_view(told.scene(), STABLE)
    assert (view.state, view.value, view.refused) == ("fail", 0.006, "")
    assert view.covers.startswith("covers fail and better for 15 minutes while the value gets no worse")
    assert "lead" in present.override_view(replace(told, me=BO).scene(), STABLE).refused
    bad = canary_10().wait(65).tick(error_rate=0.02)
    assert "the trigger error-rate" in present.override_view(bad.scene(), STABLE).refused


def test_outcome_view() -> None:
    """Every outcome is offered, with why one cannot be given now."""
    view = present.outcome_view(canary_10().scene(), STABLE)
    assert [choice.outcome for choice in view.choices] == ["passed", "failed", "skipped", "n/a", "waived", "deferred"]
    assert view.choices[0].why_not == "its gate is unknown"
    assert all(choice.needs_reason for choice in view.choices[1:])


def test_resume_view() -> None:
    """Resuming shows since when and why T stands, and asks for a reason while gates do not pass."""
    told = canary_10().then(e.HoldBegan("queue grows")).wait(190)
    view = present.resume_view(told.scene())
    assert dict(view.facts)["held since"] == "22:01:00 by ana, 02:10"
    assert (view.needs_reason, view.refused) == (True, "")
    assert present.resume_view(canary_10().scene()).refused == "T is not held"


def test_recycle_view() -> None:
    """Recycling shows each flag then and now, and what opens again."""
    view = present.recycle_view(moved().scene(), 900.0)
    assert [(line.flag, line.then, line.now, line.same) for line in view.lines] == [
        ("canary-percentage", "10", "50", False),
        ("use-capacity-brain", "false", "true", False),
        ("readonly-mode", "false", "false", True),
    ]
    assert view.title == "Recycle to T+15"
    assert view.reopened == "3 outcomes and 2 signatures open again; flags stay as they are"
    assert view.choices[0] == (900.0, "T+15 50% canary")
    assert "not before the present T" in present.recycle_view(moved().scene(), 9000.0).refused


# ---------------------------------------------------------------- people


def test_message_view() -> None:
    """A message is drafted by what is given; a template that cannot be filled in says why."""
    view = present.message_view(canary_10().scene(), "internal", lambda comms, fields: f"{comms}\nT+1 \x1b[2J")
    assert view.text == "internal\nT+1 ␛[2J"
    assert dict(view.facts)["due"] == "in 29:00"

    def broken(comms: str, fields: object) -> str:
        raise PagsError("'eta' is not filled in")

    assert present.message_view(canary_10().scene(), "internal", broken).problem == "'eta' is not filled in"


def test_poll_view() -> None:
    """Every role stands in a poll, with a voiced answer marked as such."""
    told = story().then(e.PollOpened(1, "Go?"), e.PollAnswered(1, "monitoring-lead", "no-go", "", True))
    view = present.poll_view(told.scene())
    assert [(row.title, row.answer) for row in view.rows] == [("Cutover Lead", ""), ("Monitoring Lead", "no-go")]
    assert view.rows[1].note == "said aloud, recorded by ana 21:00:00"
    assert [fact.text for fact in view.counts] == ["0 go", "1 NO-GO", "1 open"]
    assert present.poll_view(story().scene()).poll == 0


def test_lead_view() -> None:
    """The lead may give the seat, others may take it; a word is typed either way."""
    assert present.lead_view(story().scene()).title == "Give the lead"
    view = present.lead_view(replace(story(), me=BO).scene())
    assert (view.title, view.mine, view.typed) == ("Take the lead", False, "lead")


# ---------------------------------------------------------------- anything, anywhere


def everything(scene: Scene) -> list[object]:
    """All that can be asked of a scene."""
    book = scene.state.runbook
    found: list[object] = [
        present.header(scene), present.timeline(scene), present.metrics(scene), present.board(scene),
        present.strip(scene), present.log(scene), present.bands(scene), present.band(scene), present.why(scene),
        present.checklist(scene), present.checklist_title(scene), present.rollback_view(scene),
        present.owed_view(scene), present.drift_view(scene), present.sign_view(scene), present.resume_view(scene),
        present.recycle_view(scene), present.lead_view(scene), present.poll_view(scene),
        present.help_view(scene, "gates", ()),
    ]  # fmt: skip
    for name in (*(phase.id for phase in book.phases), "success", "follow-ups", "rollback"):
        found += [present.checklist(scene, name), present.sign_view(scene, name)]
    for step in book.steps:
        found += [present.step_detail(scene, step.id), present.gate_detail(scene, step.id)]
        found += [present.override_view(scene, step.id), present.outcome_view(scene, step.id)]
        found += [present.flag_view(scene, step.id)] if step.set else []
    found += [present.metric_detail(scene, name) for name in book.metrics]
    found += [present.graph(scene, name) for name in book.metrics]
    found += [present.trigger_detail(scene, name) for name in book.triggers]
    found += [present.one_flag_view(scene, name) for name in book.flags]
    found += [present.message_view(scene, name, lambda comms, fields: comms) for name in book.comms]
    return [*found, *(present.event_detail(scene, event.seq) for event in scene.events)]


def test_a_screen_without_any_event_can_be_drawn() -> None:
    """Before the first event there is something to show for every part."""
    assert everything(Scene(RunState(), at(0), ANA))


def test_the_whole_runbook_of_the_first_night(repo_root: Path) -> None:
    """Every part of the repository's own runbook can be shown, before and after its first flag moved."""
    text = (repo_root / "runbook.toml").read_text(encoding="utf-8")
    told = story(text).wait(-3000).tick(error_rate=0.001)
    assert everything(told.scene())
    entered = told.wait(5).then(e.PhaseEntered("canary-10"))
    assert everything(entered.tick(error_rate="refused").scene())


FACTS: list[Fact] = [
    e.HoldBegan("why"), e.Resumed(), e.Recycled(0.0, "again"), e.PhaseEntered("canary-10"), e.PhaseEntered("canary-50"),
    *passed(TEN, STABLE, NO_ISSUES, SPLIT), e.StepResolved(STABLE, "failed", "no"), e.StepReopened(STABLE),
    e.Signed("canary-10", "cutover-lead", "ana", "ana"), e.SignatureVoided("canary-10", "cutover-lead", "fail"),
    e.OverrideGiven(STABLE, "fail", 0.01, "known", at(5000)), e.PollOpened(1, "Go?"), e.PollClosed(1),
    e.FlagSeen("canary-percentage", 5), e.FlagSeen("canary-percentage", None, "401"),
    e.DriftFound("canary-percentage", 1, 2), *wrote(1, "canary-percentage", 0, 10, TEN),
    *wrote(2, "use-capacity-brain", False, True, SPLIT, "unknown"),
    e.RollbackConfirmed(1, "Back", (Move("canary-percentage", 0, "rollback/disable-all-new-features"),)),
    e.RollbackFinished(1, 0, 1), e.BandRaised(("queue-depth",)), e.CountdownBegan(("queue-depth",), at(100)),
    e.CountdownJoined("error-rate"), e.CountdownEnded("ask", "stale"), e.Vetoed(("queue-depth",), "x", at(700)),
    e.TriggerFired("queue-depth", "countdown", 612, ""), e.TriggerMuted("error-rate", at(900), "spike"),
    e.SourceLost("prometheus", "refused"), e.MessageDrafted(1, "internal", "x"), e.RunEnded("abandoned"),
]  # fmt: skip


@given(st.lists(st.sampled_from(FACTS), max_size=12), st.sampled_from([0.001, 0.02, float("nan"), None, "refused"]))
def test_whatever_happened_can_be_shown(facts: list[Fact], value: object) -> None:
    """No order of facts leaves a screen that cannot be drawn."""
    known = {fact.change for fact in facts if isinstance(fact, e.FlagAsked)}
    seen: set[int] = set()
    told = story().wait(70)
    for fact in facts:
        if isinstance(fact, e.FlagAsked):
            seen.add(fact.change)
        if isinstance(fact, e.FlagAnswered) and fact.change not in seen & known:
            continue
        told = told.then(fact)
    assert everything(told.wait(75).tick(error_rate=value).wait(80).scene())


def test_no_view_is_green_for_a_flag_that_was_not_read() -> None:
    """A flag that nobody read is never drawn as good, in any view."""
    scene = story().scene()
    lines = [line.status for way in present.rollback_view(scene).ways for line in way.lines]
    lines += [line.status for line in present.flag_view(scene, TEN).lines]
    assert all(isinstance(status, Status) and status.level is not Level.OK for status in lines)


UNWANTED = {"textual", "rich", "jinja2", "time", "os", "random", "asyncio", "threading", "logging", "sqlite3", "httpx"}


def test_present_imports_no_screen_and_no_clock(repo_root: Path) -> None:
    """The functions from scenes to rows import neither a screen nor a clock nor a machine."""
    found = []
    for file in (repo_root / "pags_tui/ui/present").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [f"{file.name}: {name}" for name in names if name.split(".")[0] in UNWANTED]
    assert not found, "\n".join(found)


def test_what_is_neither_open_nor_passed_stands_in_the_title() -> None:
    """Each outcome counted for itself: nothing that was put off hides in what is done."""
    steps = [step.id for step in canary_10().scene().state.runbook.phase("canary-10").all_steps]
    assert present.checklist_odd(canary_10().scene(), "canary-10") == ""
    told = canary_10().then(
        e.StepResolved(steps[-1], "deferred", "tomorrow"), e.StepResolved(steps[-2], "waived", "known")
    )
    assert present.checklist_odd(told.scene(), "canary-10") == "1 waived, 1 deferred"
    assert present.checklist_odd(told.scene(), "success") == ""
