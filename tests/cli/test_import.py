"""`import`: documents of several houses become runbooks that load, pass `check` and play to their end."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from pags_tui.cli import main
from pags_tui.core.importing import mended
from pags_tui.core.importing.lost import lost
from pags_tui.core.runbook import Phase, Runbook, Step, load
from pags_tui.edge.markdown import blocks_of

ROOT = Path(__file__).parents[2]
SEED = ROOT / "tests" / "cases" / "seed" / "production-cutover.md"
CASES = sorted((ROOT / "tests" / "cases" / "import").glob("*.md"))
Import = Callable[[Path], tuple[str, str]]


@pytest.fixture
def made(capsys: pytest.CaptureFixture[str]) -> Import:
    """Imports a document: the TOML on stdout, and what was said on stderr."""

    def run(path: Path) -> tuple[str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["import", str(path)])
        out, err = capsys.readouterr()
        assert ended.value.code == 0, err
        return out, err

    return run


def by_hand() -> Runbook:
    return load((ROOT / "runbook.toml").read_text(encoding="utf-8"), "runbook.toml")


def texts(steps: tuple[Step, ...]) -> list[str]:
    return [step.text for step in steps]


def parts(phase: Phase) -> list[list[str]]:
    """The lines of a phase: steps, monitor, checkpoint."""
    held = (phase.monitor, phase.checkpoint)
    return [texts(phase.steps), *(texts(part.steps) if part else [] for part in held)]


def by_env(book: Runbook, values: dict[str, object]) -> dict[str | None, object]:
    return {book.flags[key].env: value for key, value in values.items()}


# ---------------------------------------------------------------- the seed's document


def test_the_seed_has_every_line_of_the_one_made_by_hand(made: Import) -> None:
    """Phases with their times, titles and lines in the same places; criteria and follow-ups word for word."""
    book, known = load(made(SEED)[0], "made.toml"), by_hand()
    assert [(one.at, one.title) for one in book.phases] == [(one.at, one.title) for one in known.phases]
    assert [parts(one) for one in book.phases] == [parts(one) for one in known.phases]
    assert [(one.title, texts(one.criteria)) for one in book.success] == [
        (one.title, texts(one.criteria)) for one in known.success
    ]
    assert [(one.title, one.within, texts(one.items)) for one in book.follow_ups] == [
        (one.title, one.within, texts(one.items)) for one in known.follow_ups
    ]
    assert [one.title for one in book.parts] == [one.title for one in known.parts]


def test_the_seeds_flags_are_those_of_the_one_made_by_hand(made: Import) -> None:
    """The same writes under the same variables, the canary before T+0 only staged, the same way back."""
    book, known = load(made(SEED)[0], "made.toml"), by_hand()
    assert {one.env for one in book.flags.values()} == {one.env for one in known.flags.values()}
    for step, other in zip(book.phase_steps, known.phase_steps, strict=True):
        assert by_env(book, {**step.set}) == by_env(known, {**other.set}), step.id
        assert by_env(book, {**step.stage}) == by_env(known, {**other.stage}), step.id
        assert step.kind == other.kind, step.id
    ways = [[by_env(one, {**step.set}) for step in one.option("").steps] for one in (book, known)]
    assert ways[0] == ways[1]
    assert texts(book.option("").steps) == texts(known.option("").steps)
    ours, theirs = book.services.flags, known.services.flags
    assert ours is not None
    assert theirs is not None
    assert (ours.url, ours.token) == (theirs.url, theirs.token)


def test_the_seeds_words_people_and_triggers(made: Import) -> None:
    """Triggers with bound and time, considerations, messages, roles and contacts; the emoji are whole."""
    book, known = load(made(SEED)[0], "made.toml"), by_hand()
    assert [one.title for one in book.triggers.values()] == [one.title for one in known.triggers.values()]
    written = [str(one) for trigger in book.triggers.values() for one in trigger.when]
    assert "error-rate > 1% for 10m" in written
    assert "p95-latency > 200% of slo for 15m" in written
    assert "queue-depth > 500 for 15m" in written
    assert book.rollback is not None
    assert known.rollback is not None
    assert book.rollback.considerations == known.rollback.considerations
    ours, theirs = list(book.comms.values()), list(known.comms.values())
    assert [(one.title, one.channel, one.every, one.to, one.on) for one in ours] == [
        (one.title, one.channel, one.every, one.to, one.on) for one in theirs
    ]
    assert ours[0].template == theirs[0].template
    assert ours[1].template == theirs[1].template
    assert ours[2].template.startswith("🚨 PAGS Cutover Issue\nProblem: {{ problem }}\n")
    assert [(one.title, one.name) for one in book.roles.values()] == [
        (one.title, one.name) for one in known.roles.values()
    ]
    assert [(one.title, one.value, one.note) for one in book.contacts.values()] == [
        (one.title, one.value, one.note) for one in known.contacts.values()
    ]


def test_the_seeds_bounds_are_gates_with_a_query_to_be_written(made: Import) -> None:
    """A line with a number is judged by the app; its query says TODO."""
    toml, _ = made(SEED)
    gates = {step.text: [str(one) for one in step.gate] for step in load(toml, "made.toml").steps if step.gate}
    assert gates["Error rate < 0.5%"] == ["error-rate < 0.5%"]
    assert gates["P95 latency within SLO"] == ["p95-latency within slo"]
    assert gates["Metrics stable for 15 minutes"] == ["all slos for 15m"]
    assert gates["No rollback triggers activated"] == ["no triggers"]
    assert gates["All SLOs met for 2+ hours after full cutover"] == ["all slos for 2h since full-cutover"]
    assert gates["Guardrails functioning (20-30% throttling rate)"][0].endswith(" in 20%..30%")
    assert "System stable under 50% load" not in gates
    assert toml.count("# TODO the PromQL of it") == len(tomllib.loads(toml)["metrics"])


def test_nothing_of_the_seed_is_without_a_place(made: Import) -> None:
    """The document is understood whole: nothing is told of."""
    assert "kept as a comment" not in made(SEED)[1]


# ---------------------------------------------------------------- other houses


@pytest.mark.parametrize("path", [SEED, *CASES], ids=lambda path: path.stem)
def test_nothing_is_dropped(made: Import, path: Path) -> None:
    """Every heading, item, paragraph and cell of the document stands in the file, if only as a comment."""
    toml, _ = made(path)
    assert lost(blocks_of(mended(path.read_text(encoding="utf-8"))), toml) == []


@pytest.mark.long
@pytest.mark.parametrize("path", [SEED, *CASES], ids=lambda path: path.stem)
def test_an_import_is_accepted_and_played_to_its_end(tmp_path: Path, path: Path) -> None:
    """Import, check, and a night without a screen, each by the program itself."""
    file = tmp_path / "runbook.toml"

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pags_tui", *words],
            capture_output=True,
            text=True,
            timeout=150,
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        )

    assert run("import", str(path), "-o", str(file)).returncode == 0
    assert run("check", str(file)).returncode in (0, 1)
    night = run("demo", "--runbook", str(file), "--headless", "--db", str(tmp_path / "private" / "demo.db"))
    assert (night.returncode, night.stdout.splitlines()[-1]) == (0, "DONE"), night.stdout[-2000:]


def test_a_change_request(made: Import) -> None:
    """Phases by heading, commands to be copied, people, metrics that prompt a rollback, the way back by hand."""
    book = load(made(CASES[0])[0], "made.toml")
    assert book.phases[0].title == "Set Maintenance Mode"
    assert all(phase.follows for phase in book.phases)
    commands = [step.command for step in book.phase_steps if step.command]
    assert commands[1].startswith("knife node run_list add session-01 'role[session-store-2k]'\nssh ")
    assert [role.name for role in book.roles.values()] == ["@rowan", "@imani"]
    assert [str(one.when[0]) for one in book.triggers.values()] == [
        "session-store-connection-errors > 1% for 5m",
        "login-success-rate < 97% for 10m",
    ]
    assert len(book.option("").steps) == 2


def test_a_failover(made: Import) -> None:
    """Flag writes around commands, `for` in a gate, a rollback that mixes both."""
    book = load(made(next(path for path in CASES if path.stem == "database-failover"))[0], "made.toml")
    assert [dict(step.set) for step in book.phase("switch-over").changes] == [
        {"ledger-readonly": True},
        {"ledger-readonly": False},
    ]
    assert [str(one) for one in book.step("switch-over/error-rate-stays-below-0-2-for-15-minutes").gate] == [
        "error-rate < 0.2% for 15m"
    ]
    assert [bool(step.set) for step in book.option("").steps] == [True, False, True]
    assert [str(step.gate) for step in book.phase("preparation").steps if "engineers" in step.text] == ["()"]


def test_what_has_no_place_is_told_with_its_line(made: Import) -> None:
    """Prose is kept as a comment, and named on stderr."""
    path = next(path for path in CASES if path.stem == "domain-migration")
    toml, err = made(path)
    assert f"{path}:4: kept as a comment: The zone has 214 records." in err
    assert "# The zone has 214 records." in toml


def test_a_third_column_about_people_is_kept(tmp_path: Path, made: Import) -> None:
    """A telephone number that happens to stand elsewhere in the file too; its line is that of its row."""
    path = tmp_path / "night.md"
    path.write_text(
        "# Night\n\n## Contacts\n\n| Role | Name | Phone |\n|---|---|---|\n| Lead | Mara | 100 |\n\n"
        "## T-0: Go\n- [ ] Enable 100% traffic\n",
        encoding="utf-8",
    )
    toml, err = made(path)
    assert "# Lead, Phone: 100" in toml
    assert f"{path}:7: kept as a comment: Lead, Phone: 100" in err


def test_weeks_and_days(made: Import) -> None:
    """`T-14 days`, `T+2 days` and `Checkpoint T+4 hours` are times of the plan."""
    book = load(made(next(path for path in CASES if path.stem == "domain-migration"))[0], "made.toml")
    assert [phase.at / 86400 for phase in book.phases] == [-14, -7, -2, 0, 2, 7]
    checkpoint = book.phase("change-the-delegation").checkpoint
    assert checkpoint is not None
    assert checkpoint.at == 4 * 3600
    assert book.contacts["cafe-rule"].value.endswith("– twice.")


def test_an_existing_file_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`-o` refuses to overwrite: exit 4, and the file is as it was."""
    file = tmp_path / "runbook.toml"
    file.write_text("mine")
    with pytest.raises(SystemExit) as ended:
        main(["import", str(SEED), "-o", str(file)])
    assert ended.value.code == 4
    assert "is there already" in capsys.readouterr().err
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("ðŸŸ¢", "🟢"),
        ("ðŸš¨ now", "🚨 now"),
        ("CafÃ© â€“ Â½", "Café – ½"),
        ("Café » – ½ ñ", "Café » – ½ ñ"),
        ("Ã", "Ã"),
    ],
    ids=["circle", "siren", "letters", "already right", "no pair"],
)
def test_mojibake(text: str, right: str) -> None:
    """UTF-8 read as Windows-1252 is put right; what is right stays."""
    assert mended(text) == right


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# Only a title\n",
        "- [ ] {{ braces }} in a line\n",
        "- [ ] same\n- [ ] same\n",
        '## T+0: Go\n```\na\\b "c"\n```\n',
        "# Команда\n## Шаг\n- [ ] раз < 5%\n- [ ] два < 5%\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n",
    ],
    ids=["empty", "title", "braces", "twice", "escapes", "other letters", "table"],
)
def test_odd_documents_load(made: Import, tmp_path: Path, text: str) -> None:
    """Whatever stands in a document, what is made of it is a runbook."""
    path = tmp_path / "odd.md"
    path.write_text(text, encoding="utf-8")
    assert load(made(path)[0], "made.toml").phases
