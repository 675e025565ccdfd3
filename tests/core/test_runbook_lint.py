"""What `check` warns of: each lint once where it is meant, and not where it is not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pags_tui.core.runbook import lint, load

ROOT = Path(__file__).parents[2]

HEAD = '[runbook]\nid = "x"\n'
PHASE = '[[phases]]\nid = "only"\nat = "T+0"\nsteps = ["Look"]\n'
LOAD = '[metrics.load]\nquery = "load"\n'
DARK = '[flags.dark]\ntype = "boolean"\nbefore = false\n'
BACK = '[rollback]\nsteps = [{ action = "Back", set = { dark = false } }]\n[rollback.checkpoint]\nsteps = ["Better"]\n'
BEFORE = '[[phases]]\nid = "only"\nat = "T+0"\n'
SETS = '[[phases]]\nid = "only"\nat = "T+0"\nsteps = [{ action = "Go", set = { dark = true } }]\n'
PROMETHEUS = '[services.prometheus]\nurl = "${P}"\n'


def gated(gate: str) -> str:
    """A phase with one sensed check."""
    return f'[[phases]]\nid = "only"\nat = "T+0"\nsteps = [{{ check = "a", gate = "{gate}" }}]\n'


def metric(query: str, unit: str = "ratio", more: str = "") -> str:
    """A metric called m, used by a gate."""
    fresh = "fresh = 'time() - timestamp(x)'\n"
    return f"{HEAD}[metrics.m]\nunit = '{unit}'\n{fresh}{more}query = '{query}'\n{gated('m < 0.5')}"


SHARE = "sum(rate(ok[1m])) / sum(rate(all[1m]))"
ENOUGH = "enough = 'sum(increase(all[1m])) >= 20'\n"
QUANTILE = "histogram_quantile(0.95, sum by (le) (rate(x_bucket[1m])))"
TRIGGER = "[triggers.t]\nwhen = 'm > {bound} for 10m'\n"

CASES = {
    "ratio-above-one": metric("x").replace("m < 0.5", "m < 5"),
    "any-in-gate": metric("x").replace("m < 0.5", "any m < 0.5"),
    "no-flags": HEAD + gated("flags readable"),
    "no-triggers": HEAD + PROMETHEUS + gated("no triggers"),
    "short-trigger": HEAD + PROMETHEUS + LOAD + PHASE + "[triggers.t]\nwhen = 'load > 5 for 9s'\n",
    "short-for": HEAD + PROMETHEUS + LOAD + gated("load < 5 for 9s"),
    "several-series": metric("sum by (queue) (depth)", "count"),
    "blind-triggers": HEAD + LOAD + PHASE + "[triggers.t]\nwhen = 'load > 5 for 10m'\n",
    "late-gate": HEAD + DARK + LOAD + SETS + "[phases.checkpoint]\nat = 'T+10m'\n"
    "steps = [{ check = 'a', gate = 'load < 5 for 15m' }]\n" + BACK,
    "histogram-ceiling": metric(QUANTILE, "seconds") + PROMETHEUS + TRIGGER.format(bound="600ms"),
    "out-of-reach": metric(QUANTILE, "seconds", "ceiling = '1s'\n") + PROMETHEUS + TRIGGER.format(bound="2s"),
    "exact-rate": metric("sum(rate(x[1m]))").replace("m < 0.5", "m == 0"),
    "unused-metric": HEAD + LOAD + PHASE,
    "age-unknown": HEAD + "[metrics.m]\nquery = 'sum(x)'\n" + gated("m < 5"),
    "stale-early": HEAD + PROMETHEUS + LOAD + "stale_after = '2s'\n" + gated("load < 5"),
    "or-vector": metric("sum(x) or vector(0)"),
    "empty-without-errors": metric('sum(rate(r{code=~"5.."}[1m])) / sum(rate(r[1m]))', more=ENOUGH),
    "no-enough": metric(SHARE),
    "delta-of-counter": metric("delta(jobs_total[5m])", "count"),
    "raw-counter": metric("jobs_total", "count"),
    "time-order": HEAD + PHASE + '[[phases]]\nid = "second"\nat = "T-5m"\nsteps = ["Look"]\n',
    "outside-window": HEAD + "window = 'T-60m..T-30m'\n" + PHASE,
    "empty-phase": HEAD + '[[phases]]\nid = "only"\nat = "T+0"\n',
    "captured-again": HEAD
    + BEFORE
    + 'foreach = { n = ["1", "2"] }\nsteps = [{ check = "Note {{ n }}", capture = "size" }]\n',
    "no-before": HEAD + DARK.replace("before = false\n", "") + SETS + BACK,
    "unused-flag": HEAD + DARK + PHASE,
    "env-twice": HEAD + DARK + "env = 'X'\n" + DARK.replace("dark", "pale") + "env = 'X'\n"
    "" + SETS.replace("dark = true", "dark = true, pale = true") + BACK,
    "no-way-back": HEAD + DARK + SETS,
    "countdown-asks": HEAD + PHASE + "[rollback]\nauto = 'countdown'\nsteps = ['By hand']\n",
    "rollback-unchecked": HEAD + DARK + SETS + BACK.partition("[rollback.checkpoint]")[0],
    "traffic-stays": HEAD
    + "traffic = 'dark'\n"
    + DARK
    + DARK.replace("dark", "pale")
    + SETS
    + BACK.replace("dark", "pale"),
    "relative-path": HEAD + "[services.flags]\nkind = 'env-file'\nfile = 'flags.env'\n" + DARK + SETS + BACK,
    "plain-http": HEAD + "[services.flags]\nurl = 'http://flags.example'\ntoken = '${T}'\n" + DARK + SETS + BACK,
    "webhook-in-file": HEAD + "[services.webhooks]\nroom = 'https://hooks.example/secret'\n" + PHASE,
    "unused-service": HEAD + "[services.flags]\nurl = '${F}'\n" + PHASE,
    "nobody-paged": HEAD + PROMETHEUS + LOAD + DARK + SETS + "[triggers.t]\nwhen = 'load > 5 for 10m'\n"
    "" + BACK.replace("[rollback]\n", "[rollback]\nauto = 'countdown'\n"),
}


def codes(text: str) -> list[str]:
    return [fault.code for fault in lint(load(text, "night.toml"))]


@pytest.mark.parametrize("code", CASES, ids=str)
def test_warns_of_this_and_nothing_else(code: str) -> None:
    """Each doubtful runbook gets exactly its own warning."""
    assert codes(CASES[code]) == [code]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + PHASE,
        HEAD + DARK + SETS + BACK,
        HEAD + LOAD + gated("load < 5"),
        metric("(sum(rate(errors_total[1m])) or 0 * sum(rate(all[1m]))) / sum(rate(all[1m]))", more=ENOUGH),
        metric("sum(x) or vector(0)", more=ENOUGH),
        metric(QUANTILE, "seconds", "ceiling = '10s'\n") + PROMETHEUS + TRIGGER.format(bound="2s"),
        HEAD + "[services.flags]\nurl = 'http://localhost:4242'\ntoken = '${T}'\n" + DARK + SETS + BACK,
    ],
    ids=["bare", "way-back", "plain-selector", "zero-errors", "guarded-vector", "within-ceiling", "loopback"],
)
def test_leaves_the_rest_alone(text: str) -> None:
    """What is as it should be gets no warning."""
    assert codes(text) == []


@pytest.mark.parametrize(
    ("phase", "message"),
    [
        ('steps = [{ check = "Look", at = "T-5m" }]', "the step is due before its phase begins"),
        ('steps = ["Look"]\n[phases.checkpoint]\nat = "T-5m"', "the checkpoint is due before its phase begins"),
    ],
)
def test_what_is_due_before_its_phase_begins(phase: str, message: str) -> None:
    """A step's and a checkpoint's own time are held against the phase's."""
    (warning,) = lint(load(f"{HEAD}{BEFORE}{phase}", "night.toml"))
    assert (warning.code, warning.message) == ("time-order", message)


def test_a_checkpoint_without_a_time_is_never_too_early_for_its_gate() -> None:
    """Nobody waits for it at a time that could come first."""
    assert "late-gate" in codes(CASES["late-gate"])
    assert "late-gate" not in codes(CASES["late-gate"].replace("at = 'T+10m'\n", ""))


def test_a_secret_in_the_words_of_a_command() -> None:
    """It would stand in the process list; a whole path and a variable that is none are left alone."""
    flags = "[services.flags]\nkind = 'env-file'\nfile = '/srv/flags.env'\ntoken_command = ['get', '{}']\n"
    secret, plain = (HEAD + flags.format(name) + DARK + SETS + BACK for name in ("${API_TOKEN}", "${REGION}"))
    assert (codes(secret), codes(plain)) == (["secret-in-command"], [])


def test_warnings_have_their_place() -> None:
    """A warning points into the file and says so."""
    (warning,) = lint(load(CASES["raw-counter"], "night.toml"))
    assert (warning.severity, warning.file) == ("warning", "night.toml")
    line = CASES["raw-counter"].split("\n")[warning.line - 1]
    assert line[warning.column - 1 :].startswith("'jobs_total'")


@pytest.mark.prometheus
def test_prometheus_reads_every_query_of_the_cutover_runbook(promtool: str, tmp_path: Path) -> None:
    """promtool accepts each query, each `enough` and each `fresh`."""
    book = load((ROOT / "runbook.toml").read_text(encoding="utf-8"))
    queries = [q for one in book.metrics.values() for q in (one.query, one.enough, one.fresh) if q]
    rules = tmp_path / "rules.yml"
    lines = ["groups:", "- name: runbook", "  rules:"]
    for number, query in enumerate(queries):
        lines += [f"  - record: q{number}", "    expr: |", *(f"      {line}" for line in query.strip().splitlines())]
    rules.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = subprocess.run([promtool, "check", "rules", str(rules)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(queries)} rules found" in done.stdout


@pytest.mark.parametrize(
    "query",
    [
        "max(sum by (queue) (depth))",
        "sum(a) / sum(b)",
        "histogram_quantile(0.9, sum by (le) (rate(x_bucket[1m])))",
    ],
)
def test_what_answers_one_series_is_left_alone(query: str) -> None:
    """Several series are only suspected where the outermost grouping keeps labels."""
    assert "several-series" not in {fault.code for fault in lint(load(metric(query, "count")))}


def test_every_is_a_word_on_several_series() -> None:
    """A gate that says `every` means all of them."""
    text = metric("sum by (queue) (depth)", "count").replace("m < 0.5", "every m < 0.5")
    assert "several-series" not in {fault.code for fault in lint(load(text))}
