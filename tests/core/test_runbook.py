"""What a loaded runbook says: names, times, ranges, repeats, evidence, and what the app does itself."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from pags_tui.core.errors import RunbookError
from pags_tui.core.runbook import (
    MissingVariable,
    Runbook,
    evidence_start,
    expand,
    lint,
    load,
    slug,
    template_names,
    variables,
)

ROOT = Path(__file__).parents[2]
EVERYTHING = (ROOT / "tests" / "cases" / "runbooks" / "everything.toml").read_text(encoding="utf-8")
SMALLEST = '[runbook]\nid = "small"\n[[phases]]\nid = "only"\n'


@pytest.fixture(scope="module")
def book() -> Runbook:
    return load(EVERYTHING, "everything.toml")


def names(steps: tuple[object, ...]) -> list[str]:
    return [step.id for step in steps]  # type: ignore[attr-defined]


def test_only_a_name_and_a_phase_are_required() -> None:
    """Nothing but [runbook] and [[phases]] has to be there."""
    small = load(SMALLEST)
    assert (small.id, small.title, small.target) == ("small", "small", "small")
    assert (small.phases[0].at, small.phases[0].follows, small.phases[0].title) == (0.0, True, "only")
    assert small.rollback is None


def test_it_keeps_its_text_and_hash(book: Runbook) -> None:
    """The journal pins what was loaded, to the byte."""
    assert book.text == EVERYTHING
    assert book.sha256 == hashlib.sha256(EVERYTHING.encode()).hexdigest()
    assert book.file == "everything.toml"


def test_a_bare_text_is_a_check_for_a_person() -> None:
    """`"User-facing pages load"` is something to confirm, judged by nobody else."""
    step = load(SMALLEST + 'steps = ["Pages load"]').step("only/pages-load")
    assert (step.kind, step.text, step.manual, step.sensed, step.section) == (
        "check",
        "Pages load",
        True,
        False,
        "steps",
    )


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Error rate < 0.5%", "error-rate-0-5"),
        ("  MV refresh (< 5min ago) ", "mv-refresh-5min-ago"),
        ("P95_latency/SLO", "p95-latency-slo"),
        ("Größe prüfen", "größe-prüfen"),
        ("…", ""),
    ],
)
def test_ids_are_made_from_texts(text: str, made: str) -> None:
    """Lower case, everything else one `-`, none at the ends; letters of any script stay."""
    assert slug(text) == made


def test_ids_stay_when_lines_move() -> None:
    """An id comes from the text and not from its position."""
    there = load(SMALLEST + 'steps = ["a", "b"]')
    moved = load(SMALLEST + 'steps = ["b", "new", "a"]')
    assert set(names(there.steps)) < set(names(moved.steps))


def test_steps_as_tables_equal_steps_as_a_list() -> None:
    """`[[phases.steps]]` is another way to write `steps = [...]`."""
    listed = load(SMALLEST + 'steps = [{ action = "Go", duration = "5s" }, "Look"]')
    tables = load(SMALLEST + '[[phases.steps]]\naction = "Go"\nduration = "5s"\n[[phases.steps]]\ncheck = "Look"')
    assert listed.phases == tables.phases


def test_foreach_repeats_the_steps_value_by_value(book: Runbook) -> None:
    """All steps for the first value, then all for the second; of a monitor only the lines that name it."""
    phase = book.phase("prepare")
    assert names(phase.all_steps) == [
        "prepare/set-s1-read-only",
        "prepare/everyone-awake-s1",
        "prepare/set-s2-read-only",
        "prepare/everyone-awake-s2",
        "prepare/watch-s1",
        "prepare/watch-s2",
        "prepare/watch-the-rest",
    ]
    assert [step.command for step in phase.steps[::2]] == ["dbctl s1 ro", "dbctl s2 ro"]


def test_foreach_over_two_names_takes_every_combination() -> None:
    """Two lists of two make four rounds, the last name turning fastest."""
    text = SMALLEST + 'foreach = { a = ["1", "2"], b = ["x", "y"] }\nsteps = ["Do {{a}}{{ b }}"]'
    assert [step.text for step in load(text).steps] == ["Do 1x", "Do 1y", "Do 2x", "Do 2y"]


def test_foreach_puts_text_in_as_it_is() -> None:
    """A backslash in a value means nothing to the one who fills it in."""
    text = SMALLEST + "foreach = { path = ['C:\\new\\1'] }\nsteps = [{ action = 'Copy', command = 'copy {{ path }}' }]"
    assert load(text).steps[0].command == "copy C:\\new\\1"


def test_a_phase_without_a_time_follows_the_one_before(book: Runbook) -> None:
    """Its planned time is the planned end of the phase before: here the checkpoint at T+40m."""
    outage = book.phase("outage")
    assert (outage.at, outage.follows) == (2400.0, True)
    assert book.phase("prepare").at == -5400.0
    assert book.phase("prepare").ends == -5400 + 60


def test_ranges_of_phases_become_phases(book: Runbook) -> None:
    """`a..b` holds both ends and all between, one id itself."""
    assert [(part.title, part.phases) for part in book.parts] == [
        ("Before", ("prepare",)),
        ("The night", ("switch", "outage")),
    ]
    assert book.rollback is not None
    assert [(one.phases, one.mode) for one in book.rollback.armed] == [
        (("switch", "outage"), "countdown"),
        (("prepare",), "observe"),
    ]
    assert book.comms["internal"].during == ("switch", "outage")
    assert book.option("restore-backup").valid == ("switch", "outage")


def test_without_armed_the_range_begins_where_flags_are_first_set() -> None:
    """From the first phase with a `set` to the last one; without any, from the first; the mode is `auto`, or ask."""
    flag = '[flags.dark]\ntype = "boolean"\n'
    phases = "\n".join(f'[[phases]]\nid = "{name}"' for name in "abc")
    plain = load(f'[runbook]\nid = "x"\n{phases}\n[rollback]')
    setting = load(
        f'[runbook]\nid = "x"\n{flag}{phases}\n'.replace(
            '"b"', '"b"\nsteps = [{ action = "Go", set = { dark = true } }]'
        )
        + '[rollback]\nauto = "observe"'
    )
    assert [book.rollback.armed[0].phases for book in (plain, setting) if book.rollback] == [
        ("a", "b", "c"),
        ("b", "c"),
    ]
    assert [book.rollback.armed[0].mode for book in (plain, setting) if book.rollback] == ["ask", "observe"]


def test_set_runs_in_written_order(book: Runbook) -> None:
    """Neither the order of the flags' sections nor of the alphabet counts."""
    assert list(book.step("switch/move").set) == ["colour", "canary-percentage", "shadow-mode"]


def test_rollback_knows_what_it_leaves(book: Runbook) -> None:
    """Default first, then the named ones; each with the last value of every flag it writes."""
    assert book.rollback is not None
    assert [option.id for option in book.rollback.every_option] == ["", "restore-backup"]
    assert book.option("").flags == {"canary-percentage": 0, "shadow-mode": False}
    assert names(book.rollback_steps) == [
        "rollback/all-back",
        "rollback/scale-to-replica-count",
        "rollback.checkpoint/normal-again",
        "rollback.restore-backup/restore",
    ]
    assert book.option("restore-backup").loses == "everything written since the upgrade"


def test_named_options_may_stand_alone() -> None:
    """Without `steps` under [rollback] there is no default way back, only the named ones."""
    text = SMALLEST + '[rollback.restore]\nsteps = [{ action = "Restore" }]'
    back = load(text).rollback
    assert back is not None
    assert back.default is None
    assert [option.title for option in back.options] == ["restore"]


def test_names_of_success_and_follow_ups(book: Runbook) -> None:
    """Their steps are named after their group."""
    assert names(book.success_steps) == ["success.technical/all-slos-met", "success.technical/no-data-loss"]
    assert names(book.follow_up_steps) == ["follow-ups.within-24-hours/analysis"]


def test_every_step_is_found_by_its_name(book: Runbook) -> None:
    """Whole names are unique in the runbook, and each leads to its step and phase."""
    assert len(set(names(book.steps))) == len(book.steps)
    for step in book.steps:
        assert book.step(step.id) is step
        assert f"{step.place}/{step.name}" == step.id
    phase = book.phase_of("switch/stable")
    assert phase is not None
    assert (phase.id, book.phase_index("switch")) == ("switch", 1)
    assert book.phase_of("rollback/all-back") is None


def test_since_is_resolved_to_a_whole_name(book: Runbook) -> None:
    """A step of the same phase may be named shortly; conditions hold the whole name, also for each SLO."""
    assert [str(one) for one in book.step("switch/calm-since-the-check").gate] == [
        "every error-rate in 0%..0.5% for 1m since switch/not-dark"
    ]
    (criterion,) = book.step("success.technical/all-slos-met").gate
    assert {slo.since for slo in criterion.slos} == {"switch"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("step", "start"),
    [
        ("prepare/set-s1-read-only", "prepare"),
        ("switch/replica-count-noted", "switch"),
        ("switch/move", "switch/canary-ready"),
        ("switch/disk-use-of-the-target", "switch/move"),
        ("switch/stable", "switch/move"),
        ("outage/nothing-to-do", "switch/move"),
        ("success.technical/all-slos-met", "switch/move"),
        ("rollback/all-back", None),
        ("rollback.checkpoint/normal-again", "rollback/all-back"),
        ("rollback.restore-backup/restore", None),
    ],
)
def test_evidence_begins_after_the_last_change_before_it(book: Runbook, step: str, start: str | None) -> None:
    """The last step with a `set` that stands before it, else its phase; a rollback counts its own."""
    assert evidence_start(book, step) == start


def test_changes_before_are_in_file_order(book: Runbook) -> None:
    """When the last change was not verified, the one before it is looked at."""
    assert book.changes_before("switch/stable") == ("switch/canary-ready", "switch/move")
    assert book.changes_before("switch/canary-ready") == ()


def test_what_no_service_answers_is_done_by_hand() -> None:
    """Without [services.prometheus] gates on metrics are a person's; without a flag service changes are."""
    text = (
        '[metrics.load]\nquery = "load"\n[flags.dark]\ntype = "boolean"\n'
        '[runbook]\nid = "x"\n[[phases]]\nid = "only"\nsteps = [\n'
        '{ check = "a", gate = "load < 5" }, { action = "b", set = { dark = true } },\n'
        '{ check = "c", gate = "flag dark == true" }, { check = "d", gate = ["load < 5", "flags readable"] } ]\n'
    )
    flags = '[services.flags]\nurl = "${U}"\n'
    prometheus = '[services.prometheus]\nurl = "${P}"\n'
    assert [step.manual for step in load(text).steps] == [True, True, True, True]
    assert [step.manual for step in load(text + flags).steps] == [True, False, False, True]
    assert [step.manual for step in load(text + prometheus).steps] == [False, True, True, True]
    assert [step.manual for step in load(text + flags + prometheus).steps] == [False, False, False, False]


def test_flags_know_their_service(book: Runbook) -> None:
    """Flags may live in several services; the default one is [services.flags]."""
    held = {key: book.flag_service(key) for key in book.flags}
    assert {key: service.kind for key, service in held.items() if service} == {
        "canary-percentage": "http",
        "shadow-mode": "http",
        "colour": "env-file",
    }
    assert book.target == "production"


@pytest.mark.parametrize(
    ("value", "refused"),
    [(10, False), (0, False), (100, False), (101, True), (True, True), ("10", True), (10.0, True)],
)
def test_a_flag_refuses_what_it_cannot_hold(book: Runbook, value: int | float | str, refused: bool) -> None:
    """JSON types are kept apart: true is not 1, "10" is not 10."""
    assert (book.flags["canary-percentage"].refuses(value) is not None) == refused


def test_variables_stay_unexpanded(book: Runbook) -> None:
    """The model may be journaled and shown: it never holds what a variable holds."""
    assert book.services.prometheus is not None
    assert book.services.prometheus.url == "${PROMETHEUS_URL}"
    assert variables("${A}/x/${B:-y}") == ("A", "B")


@pytest.mark.parametrize(
    ("text", "env", "expanded"),
    [
        ("${A}/x", {"A": "a"}, "a/x"),
        ("${A:-b}", {}, "b"),
        ("${A:-b}", {"A": ""}, "b"),
        ("${A:-}", {}, ""),
        ("${A}", {"A": ""}, ""),
        ("${A}", {"A": "${B}", "B": "no"}, "${B}"),
        ("$A {A}", {"A": "a"}, "$A {A}"),
    ],
)
def test_expand(text: str, env: dict[str, str], expanded: str) -> None:
    """As in a shell: the default stands in for what is unset or empty; what is filled in is not read again."""
    assert expand(text, env) == expanded


def test_expand_names_what_is_missing() -> None:
    """A plain sentence, never the address it was meant for."""
    with pytest.raises(MissingVariable, match="The variable API_KEY is not set") as error:
        expand("https://secret.example/${API_KEY}", {})
    assert "secret" not in str(error.value)


def test_templates_know_these_names(book: Runbook) -> None:
    """The common ones, what steps capture, and what a person types for that message."""
    everywhere = template_names(book)
    assert {"t", "wall", "metrics", "next_checkpoint", "replica_count"} <= everywhere
    assert template_names(book, book.comms["escalation"]) - everywhere == {"problem", "eta"}


def test_metrics_know_how_old_their_data_is(book: Runbook) -> None:
    """As written; made for a plain selector; unknown for anything else."""
    assert book.metrics["error-rate"].fresh_query == 'time() - timestamp(http_requests_total{stack="new"})'
    assert book.metrics["deadlocks"].fresh_query == "time() - timestamp(deadlocks:rate1m)"
    assert book.metrics["p95"].fresh_query is None
    assert book.metrics["p95"].ceiling == 10.0


def test_a_runbook_is_not_changed_by_accident(book: Runbook) -> None:
    """Models are frozen and refuse names they do not know."""
    with pytest.raises(ValidationError):
        book.title = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        type(book.phases[0])(id="a", title="A", at=0.0, colour="red")  # type: ignore[call-arg]


def test_a_copy_knows_its_own_steps(book: Runbook) -> None:
    """A copy with other phases does not remember the steps of the first."""
    assert len(book.phase_steps) > 1
    copy = book.model_copy(update={"phases": book.phases[-1:]})
    assert names(copy.phase_steps) == ["outage/nothing-to-do"]


def test_every_field_has_a_sentence() -> None:
    """What a field means stands under it, for the docs and for whoever fills it in."""
    import pags_tui.core.runbook as package
    from pags_tui.core.runbook.schema import sentences

    models = [one for one in vars(package).values() if isinstance(one, type) and hasattr(one, "model_fields")]
    assert len(models) > 20
    bare = [
        f"{model.__name__}.{name}" for model in models for name in model.model_fields if not sentences(model).get(name)
    ]
    assert bare == []


def test_places_are_only_looked_up_for_faults() -> None:
    """A right runbook loads without the syntax tree, so that a start is fast."""
    code = "import sys; from pags_tui.core.runbook import load; load(sys.stdin.read()); print(*sys.modules)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, input=EVERYTHING, text=True, capture_output=True, cwd=ROOT, check=True)
    assert "pags_tui.core.runbook.loading" in done.stdout.split()
    assert "tree_sitter" not in done.stdout.split()


def test_the_cutover_runbook_raises_no_warning() -> None:
    """The runbook that ships is the example: nothing in it is probably not meant."""
    assert lint(load((ROOT / "runbook.toml").read_text(encoding="utf-8"))) == ()


def test_refusal_carries_every_fault() -> None:
    """An author sees all that is wrong at once."""
    with pytest.raises(RunbookError) as error:
        load('[runbook]\nid = "x"\n[[phases]]\nid = "a"\nat = "x"\nstep = []\n', "night.toml")
    assert [(fault.line, fault.column, fault.code) for fault in error.value.faults] == [
        (5, 6, "invalid"),
        (6, 1, "unknown-key"),
    ]
    assert str(error.value).startswith("night.toml:5:6: ")
