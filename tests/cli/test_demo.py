"""Nights without a screen: every scenario on the bundled runbook, every example, each to its end over real HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pags_tui.core.runbook import lint, load
from pags_tui.simulator.scenarios import SCENARIOS

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))
LONGEST = 150
"""Real seconds after which a night hangs, however busy the machine is."""
DONE = ("steady", "flag-timeouts", "prometheus-outage")
"""Scenarios in which the night comes to its end; in all others it must be rolled back."""


def in_the_long_suite(name: str) -> object:
    """A scenario that the plain suite leaves out: a night takes seconds."""
    return pytest.param(name, marks=pytest.mark.long)


def played(folder: Path, *words: str) -> tuple[int, list[str]]:
    """A night played by the program itself: its exit code, what it printed."""
    journal = folder / "private" / "demo.db"
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "pags_tui", "demo", *words, "--headless", "--db", str(journal)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        env={"PYTHONPATH": str(ROOT), "HOME": str(folder)},
    )
    assert journal.exists(), done.stderr
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize("scenario", [in_the_long_suite(name) if name != "steady" else name for name in DONE])
def test_a_night_that_ends_well(tmp_path: Path, scenario: str) -> None:
    """Nothing wrong, lost answers and a blind quarter of an hour: the night is done, exit 0."""
    code, lines = played(tmp_path, scenario)
    assert (code, lines[-1]) == (0, "DONE")


@pytest.mark.parametrize("scenario", [in_the_long_suite(name) for name in SCENARIOS if name not in DONE])
def test_an_incident_is_rolled_back(tmp_path: Path, scenario: str) -> None:
    """Each incident ends in a rollback of which every flag was read back, exit 0."""
    code, lines = played(tmp_path, scenario)
    assert code == 0
    assert lines[-1].startswith("ROLLED BACK: 6 of 6 flags verified, because of ")
    assert not any("ticks lost" in line for line in lines)


def test_a_night_that_cannot_be_worked_to_its_end_is_no_success(tmp_path: Path) -> None:
    """A gate that never passes holds the plan up: exit 1, and the phase in which it stood."""
    file = tmp_path / "stuck.toml"
    file.write_text(
        """[runbook]
id = "stuck"
title = "Stuck"
[services.flags]
url = "${F}"
[flags.on]
type = "boolean"
before = false
[[phases]]
id = "a"
at = "T+0"
title = "The first"
steps = [{ check = "It is on", gate = "flag on == true" }]
[phases.checkpoint]
[[phases]]
id = "b"
at = "T+10m"
title = "The second"
steps = [{ action = "Switch it on", set = { on = true } }]
"""
    )
    code, lines = played(tmp_path, "steady", "--runbook", str(file))
    assert (code, lines[-1]) == (1, "COUNTING")
    code, lines = played(tmp_path / "again", "steady", "--runbook", str(file), "--json")
    assert (code, [json.loads(line)["seq"] for line in lines]) == (1, list(range(1, len(lines) + 1)))


@pytest.mark.long
@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_runs_from_start_to_end(tmp_path: Path, file: Path) -> None:
    """Every example ends as DONE: seconds with a read-only window, weeks without metrics, six roles."""
    code, lines = played(tmp_path, "steady", "--runbook", str(file))
    assert (code, lines[-1]) == (0, "DONE")


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_has_nothing_to_warn_of(file: Path) -> None:
    """The examples are what `check` wants."""
    assert lint(load(file.read_text(encoding="utf-8"), file.name)) == ()


def test_the_examples_differ_from_one_another() -> None:
    """One in seconds with a section repeated, one over weeks without services, one with many roles and ways back."""
    books = {file.stem: load(file.read_text(encoding="utf-8"), file.name) for file in EXAMPLES}
    window, move, upgrade = (books[name] for name in ("datacenter-switchover", "office-migration", "database-upgrade"))
    assert any(0 < phase.at < 60 for phase in window.phases)
    assert len(window.phase("read-only").steps) == 4
    assert any(phase.hold for phase in window.phases)
    assert window.captures
    assert not window.flags
    assert any(step.point_of_no_return for step in window.phase_steps)
    assert (move.services.prometheus, move.metrics, move.flags) == (None, {}, {})
    assert move.phases[-1].at - move.phases[0].at > 14 * 86400
    assert len(upgrade.roles) >= 6
    assert upgrade.rollback is not None
    assert len(upgrade.rollback.every_option) == 3
    assert all(option.valid for option in upgrade.rollback.every_option)
    assert any(step.point_of_no_return for step in upgrade.phase_steps)


def test_the_scenarios_are_listed(tmp_path: Path) -> None:
    """`demo --list --json` names every scenario with its line."""
    listed = subprocess.run(
        [sys.executable, "-m", "pags_tui", "demo", "--list", "--json"], cwd=ROOT, capture_output=True, text=True
    )
    assert [one["name"] for one in json.loads(listed.stdout)] == list(SCENARIOS)
