"""Every benchmark, as tables: `python -m benchmarks [NAME…] [--quick] [--markdown] [--json]`. It asserts nothing.

`--markdown` writes what it measured into docs/performance.md, between the marks of each benchmark. What a
file here without `rows` prints as a program of its own is shown as it is.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from benchmarks._table import Row, markdown, printed

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "performance.md"
ORDER = ("start", "bytes", "keys", "line", "list", "stall", "journal", "judging")
"""What comes first, in the order of the budgets; the rest follows by name."""


def names() -> list[str]:
    """All benchmarks."""
    found = {file.stem for file in HERE.glob("[!_]*.py")}
    return [name for name in ORDER if name in found] + sorted(found - set(ORDER))


def main() -> int:
    """Measures what was asked for; everything unless named."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names()))
    parser.add_argument("--quick", action="store_true", help="few rounds: to see whether it runs")
    parser.add_argument("--markdown", action="store_true", help="write the tables into docs/performance.md")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(names()):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    found: dict[str, list[dict[str, object]]] = {}
    for name in asked.names or names():
        began = time.perf_counter()
        title, text, rows = measured(name, asked.quick)
        found[name] = [row.plain() for row in rows]
        if asked.markdown:
            write(name, f"### {title}\n\n{markdown(rows) if rows else text}\n\n{machine()}")
        if not asked.json:
            print(f"\n{title}  ({name}, {time.perf_counter() - began:.0f} s)\n{text}", flush=True)
    if asked.json:
        print(json.dumps(found))
    else:
        print(f"\n{machine()}\n{verdict(found.values())}")
    return 0


def measured(name: str, quick: bool) -> tuple[str, str, list[Row]]:
    """Title, what to print, and the rows of a benchmark."""
    module = importlib.import_module(f"benchmarks.{name}")
    if hasattr(module, "rows"):
        rows = list(module.rows(quick))
        return module.TITLE, printed(rows), rows
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)
    title = (module.__doc__ or name).partition("\n")[0].rstrip(".:")
    return title, f"```text\n{(done.stdout or done.stderr).rstrip()}\n```", []


def machine() -> str:
    """On what it was measured."""
    load = os.getloadavg()[0]
    parts = (f"{os.cpu_count()} cores", platform.platform(terse=True), f"Python {platform.python_version()}")
    return f"{', '.join(parts)}, Textual {version('textual')}; load {load:.1f} at the end."


def verdict(found: Iterable[list[dict[str, object]]]) -> str:
    """How many budgets are kept, and which are not."""
    rows = [row for rows in found for row in rows if row["kept"] is not None]
    missed = [str(row["what"]) for row in rows if not row["kept"]]
    said = f"{len(rows) - len(missed)} of {len(rows)} budgets kept."
    return f"{said} Not kept: {'; '.join(missed)}." if missed else said


def write(name: str, text: str) -> None:
    """Puts a table between its marks in the page; at its end when the page has no marks for it yet."""
    start, end = f"<!-- bench {name} -->", f"<!-- /bench {name} -->"
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Performance\n"
    block = f"{start}\n{text}\n{end}"
    marked = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
    page = marked.sub(lambda _: block, page) if marked.search(page) else f"{page.rstrip()}\n\n{block}\n"
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
