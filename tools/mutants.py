"""Changes the judging in one place at a time, and sees whether the tests notice: `make mutants` (docs/judging.md).

mutmut makes the changes, as `[tool.mutmut]` in pyproject.toml says. The tests are collected once; each change is tried
in a fork of its own, with the tests that reach the changed function, until one of them fails. What no test notices has
to stand in tests/mutants/accepted.toml with the reason why it may, and may be one in twenty at most; and nothing may
stand there that a test notices, or that is no longer made.

Ends with 0 when all that holds, with 1 when it does not. `--left` tries again only what nothing noticed the last time.
"""

from __future__ import annotations

import argparse
import fnmatch
import inspect
import os
import resource
import shutil
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".cache" / "mutants"
LINKS = ("pags_tui", "tests", "pyproject.toml")
ACCEPTED = ROOT / "tests" / "mutants" / "accepted.toml"
MOST = 0.05
"""The share of all changes that may go unnoticed."""
SURVIVED, KILLED, NO_TEST = 0, 1, 33
"""mutmut's own exit codes."""

os.environ["CI"] = "true"  # Hypothesis tries the same examples each time
WORK.mkdir(parents=True, exist_ok=True)
for link in LINKS:
    (WORK / link).unlink(missing_ok=True)
    (WORK / link).symlink_to(ROOT / link)
os.chdir(WORK)  # where mutmut reads its settings, and works

import pytest
from mutmut import __main__ as mutmut
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths, walk_mutatable_files
from mutmut.utils.format_utils import mangled_name_from_mutant_name

Change = tuple[str, str, str]
"""The function, what stood there, and what stands there now."""


class Trial:
    """A pytest plugin that runs the collected tests again and again, once for each change."""

    def __init__(self, only: Sequence[str], left: bool) -> None:
        self.only = only
        self.left = left
        self.reached: dict[str, list[pytest.Function]] = {}
        """The tests by the function that they reach, the quickest first."""
        self.seconds: dict[pytest.Function, float] = {}

    def pytest_collection(self) -> None:
        """Before the tests are read: an example that fails need not be made smaller."""
        from hypothesis import Phase, settings  # not before pytest, which rewrites the asserts of its plugins

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutants", settings.get_profile("ci"), phases=phases, max_examples=40)
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.look([item for item in session.items if isinstance(item, pytest.Function) and plain(item)])
        self.try_all([found for found in mutants() if self.wanted(*found)])
        return True

    def wanted(self, data: SourceFileMutationData, name: str) -> bool:
        """Whether it is to be tried in this run."""
        if self.only:
            return any(fnmatch.fnmatch(name, f"*{pattern}*") for pattern in self.only)
        return not self.left or data.exit_code_by_key[name] in (SURVIVED, NO_TEST, None)

    def look(self, items: Sequence[pytest.Function]) -> None:
        """Which test reaches what, and how long it takes."""
        set_mutant_under_test("stats")
        for item in items:
            state()._stats.clear()
            began = time.process_time()
            if fails(item):
                raise SystemExit(f"{item.nodeid} fails on the code as it is")
            self.seconds[item] = time.process_time() - began
            for function in state()._stats:
                self.reached.setdefault(function, []).append(item)
        set_mutant_under_test("")
        for found in self.reached.values():
            found.sort(key=self.seconds.__getitem__)

    def try_all(self, todo: Sequence[tuple[SourceFileMutationData, str]]) -> None:
        """A fork for each, as many at once as there are processors."""
        running: dict[int, tuple[SourceFileMutationData, str]] = {}
        for number, (data, name) in enumerate(todo):
            items = self.reached.get(mangled_name_from_mutant_name(name))
            if not items:
                data.exit_code_by_key[name] = NO_TEST
                continue
            while len(running) >= (os.cpu_count() or 1):
                wait(running)
            running[self.fork(name, items)] = data, name
            if number % 50 == 0:
                print(f"{number} of {len(todo)} changes", file=sys.stderr, flush=True)
        while running:
            wait(running)
        for data in {id(data): data for data, _ in todo}.values():
            data.save()

    def fork(self, name: str, items: Sequence[pytest.Function]) -> int:
        """The process that tries one change."""
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            return pid
        status = KILLED
        try:
            limit = int(20 + 10 * sum(self.seconds[item] for item in items))
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 2))
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, 1)
            os.dup2(nothing, 2)
            set_mutant_under_test(name)
            status = KILLED if any(map(fails, items)) else SURVIVED
        finally:
            os._exit(status)


def given(item: pytest.Function) -> dict[str, object]:
    """What the test is parametrised with."""
    return dict(item.callspec.params) if hasattr(item, "callspec") else {}


def plain(item: pytest.Function) -> bool:
    """Whether the test takes nothing but what it is parametrised with; Hypothesis fills in the rest by itself."""
    return set(inspect.signature(item.obj).parameters) <= set(given(item))


def fails(item: pytest.Function) -> bool:
    """Runs one test: the bare function."""
    try:
        item.obj(**given(item))
    except BaseException:
        return True
    return False


def wait(running: dict[int, tuple[SourceFileMutationData, str]]) -> None:
    """For one of the forks. One that took far too long is noticed as well."""
    pid, status = os.wait()
    data, name = running.pop(pid)
    data.exit_code_by_key[name] = SURVIVED if status == 0 else KILLED


def mutants() -> Iterator[tuple[SourceFileMutationData, str]]:
    """Every change with the file that it belongs to."""
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        yield from ((data, name) for name in data.exit_code_by_key)


def change_of(data: SourceFileMutationData, name: str) -> Change:
    """A change as accepted.toml writes it."""
    lines = [line for line in get_diff_for_mutant(name, path=data.path).splitlines() if line[:3] not in ("---", "+++")]
    was, now = (" ".join(line[1:].strip() for line in lines if line[:1] == sign) for sign in "-+")
    function = mangled_name_from_mutant_name(name).removeprefix("pags_tui.core.")
    return function.replace("xǁ", "").replace("ǁ", ".").replace(".x_", "."), was, now


def accepted() -> Counter[Change]:
    """The changes that need not be noticed: those whose row gives a reason."""
    rows = tomllib.loads(ACCEPTED.read_text(encoding="utf-8")).get("accepted", [])
    return Counter((row["function"], row["was"], row["now"]) for row in rows if row["reason"].strip())


def judged(total: int, unnoticed: Sequence[Change]) -> bool:
    """Prints what was found; whether all is well."""
    known = accepted()
    found = Counter(unnoticed)
    new, gone = found - known, known - found
    for function, was, now in sorted(new.elements()):
        print(f"\n[[accepted]]\nfunction = {function!r}\nwas = '''{was}'''\nnow = '''{now}'''\nreason = \"\"")
    for function, was, now in sorted(gone.elements()):
        print(f"accepted, but noticed or no longer there; strike it out: {function}: {was} -> {now}")
    share = len(unnoticed) / total
    print(
        f"{total} changes, {total - len(unnoticed)} noticed, {len(unnoticed)} not ({share:.1%}; at most {MOST:.0%}), "
        f"{new.total()} of them without a reason in {ACCEPTED.relative_to(ROOT)}, {gone.total()} reasons too many"
    )
    return not new and not gone and share <= MOST


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--left", action="store_true", help="only what nothing noticed the last time")
    parser.add_argument("only", nargs="*", help="only changes whose name holds this")
    asked = parser.parse_args()
    if not (asked.left or asked.only):
        shutil.rmtree("mutants", ignore_errors=True)
    set_mutant_under_test("mutant_generation")
    with mutmut.CatchOutput():
        copy_src_dir()
        copy_also_copy_files()
        setup_source_paths()
        mutmut.create_mutants(os.cpu_count() or 1)
    trial = Trial(asked.only, asked.left)
    print("changes made; looking which test reaches what", file=sys.stderr, flush=True)
    selection = [str(WORK / "mutants" / path) for path in config().pytest_add_cli_args_test_selection]
    code = pytest.main(
        [
            "-q",
            f"--rootdir={WORK / 'mutants'}",
            f"--confcutdir={WORK / 'mutants'}",
            "-c",
            str(WORK / "mutants" / "pyproject.toml"),
            *config().pytest_add_cli_args,
            *selection,
        ],
        plugins=[trial],
    )
    if code not in (0, 5):
        return 1
    results = [(data, name, data.exit_code_by_key[name]) for data, name in mutants()]
    tried = [(data, name) for data, name, status in results if status in (SURVIVED, NO_TEST, None)]
    return 0 if judged(len(results), [change_of(*each) for each in tried]) else 1


if __name__ == "__main__":
    sys.exit(main())
