"""What the audit of the locks says: a hole is a failure, and what was not asked is not a pass."""

from __future__ import annotations

import pytest

from tools.audit import verdict

SOUND = {"name": "click", "version": "8.1", "vulns": []}
HOLED = {"name": "httpx", "version": "0.1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["0.2"]}]}
UNKNOWN = {"name": "anyio", "skip_reason": "Dependency not found on PyPI and could not be audited"}

CASES = {
    "all sound": ([SOUND, SOUND], "", False, "all 2 packages audited, no known hole"),
    "a hole": ([SOUND, HOLED], "", True, "httpx 0.1: PYSEC-1, mended in 0.2"),
    "a mirror without advisories": ([UNKNOWN, UNKNOWN], "", False, "SKIPPED, nothing was audited"),
    "some unknown": ([SOUND, UNKNOWN], "", False, "1 COULD NOT BE AUDITED"),
    "no network": ([], "Failed to resolve", False, "SKIPPED, nothing was audited"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_was_not_asked_is_no_pass(case: str) -> None:
    """Each answer of pip-audit, and what is said of it."""
    packages, error, holed, said = CASES[case]
    found, lines = verdict("requirements.lock", {"dependencies": packages}, error)
    assert found is holed
    assert said in lines[0]
