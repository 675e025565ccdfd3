"""How much a torture does, and where its figures go.

The suite does a little of each (`make test-long`); `make torture` sets PAGS_TORTURE=full and does all of it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

FULL = os.environ.get("PAGS_TORTURE") == "full"
FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "torture"


def times(few: int, full: int) -> int:
    """How often: `few` in the suite, `full` in the torture."""
    return full if FULL else few


def keep(name: str, tried: str, survived: str, lost: str) -> None:
    """One row of `docs/reliability.md`, for the table that `make torture` prints; only a full torture keeps any."""
    print(f"{name}: {tried}; survived {survived}; lost {lost}")
    if FULL:
        FOLDER.mkdir(parents=True, exist_ok=True)
        row = {"name": name, "tried": tried, "survived": survived, "lost": lost}
        (FOLDER / f"{name.replace(' ', '-')}.json").write_text(json.dumps(row), encoding="utf-8")


def table() -> str:
    """All rows that were kept, as Markdown."""
    rows = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.json"))]
    lines = [f"| {one['name']} | {one['tried']} | {one['survived']} | {one['lost']} |" for one in rows]
    return "\n".join(["| what | tried | survived | lost |", "|---|---|---|---|", *lines])


if __name__ == "__main__":
    print(table())
