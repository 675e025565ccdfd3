"""What an import left to be done and nobody did yet: its TODO marks, and the queries that stand for none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pags_tui.core.errors import Fault
from pags_tui.core.runbook.model import Runbook

MARK = re.compile(r"\bTODO\b[ \t:]*(.*)")
PLACEHOLDER = re.compile(r"""^\s*query\s*=\s*["'](todo_\w+)""")
"""The query that an import writes where the document names a metric and no PromQL."""
INTRO = "# Imported from "
"""The line that explains the mark."""


def unfinished(runbook: Runbook) -> Iterator[Fault]:
    """One warning a line, by the looks of the text: comments and templates count as well."""
    for number, line in enumerate(runbook.text.removeprefix("\ufeff").splitlines(), 1):
        if found := PLACEHOLDER.search(line):
            said = f"{found[1]} is a placeholder of the import and answers nothing: write the PromQL"
            yield Fault(runbook.file, number, found.start(1) + 1, said, "warning", "todo")
        elif (found := MARK.search(line)) and not line.startswith(INTRO):
            said = f"still to be done: {found[1].strip()}" if found[1].strip() else "still to be done"
            yield Fault(runbook.file, number, found.start() + 1, f"{said} (TODO)", "warning", "todo")
