"""Asks for known holes in what the locks name, with pip-audit; every file of a lock is named by its hash.

What could not be asked (no network, a mirror that knows no advisories) is said, and is never counted as passed.
Usage: python -m tools.audit [LOCK …]. Exit 1: a hole is known.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
LONGEST = 300
"""Seconds that one lock may take."""


def asked(lock: str) -> tuple[Mapping[str, Any], str]:
    """What pip-audit answered for a lock, and its last words where it did not."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
    try:
        done = subprocess.run(
            [*command, "-f", "json", "-r", str(ROOT / lock)],
            capture_output=True, text=True, timeout=LONGEST, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {}, f"no answer within {LONGEST} s"
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return {}, (done.stderr.strip().splitlines() or ["no answer"])[-1]
    return found, ""


def verdict(lock: str, found: Mapping[str, Any], error: str) -> tuple[bool, list[str]]:
    """Whether a hole is known, and what is to be said."""
    packages = found.get("dependencies", [])
    audited = [one for one in packages if "vulns" in one]
    holes = [
        f"{lock}: {one['name']} {one['version']}: {hole['id']}, "
        f"mended in {', '.join(hole['fix_versions']) or 'nothing yet'}"
        for one in audited
        for hole in one["vulns"]
    ]
    if holes:
        return True, holes
    if not audited:
        reason = error or "it knows none of the packages"
        return False, [f"{lock}: SKIPPED, nothing was audited: the advisory service is not reachable ({reason[:200]})"]
    if missed := len(packages) - len(audited):
        return False, [f"{lock}: {len(audited)} packages audited, no known hole; {missed} COULD NOT BE AUDITED"]
    return False, [f"{lock}: all {len(audited)} packages audited, no known hole"]


def main(locks: Sequence[str]) -> int:
    """Says it for each lock; 1 when a hole is known."""
    bad = False
    for lock in locks:
        hole, lines = verdict(lock, *asked(lock))
        bad = bad or hole
        print("\n".join(lines))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or LOCKS))
