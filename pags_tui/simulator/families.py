"""Chooses labels for the raw series of one name, so that every query's selection can be told apart. Pure text work."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product

from pags_tui.core.series import Labels
from pags_tui.simulator.promql import Matcher
from pags_tui.simulator.shapes import NotRecognised, Raw

MOST = 2_000
"""Combinations of label values looked at; a runbook that needs more is not served."""

ORDINARY = {"code": "200", "status": "200", "status_code": "200", "result": "ok", "method": "GET", "job": "app"}
"""The value of a label that no query asks for; otherwise `other`."""


def combinations(selections: Iterable[Raw], grouped: Iterable[str]) -> list[dict[str, str]]:
    """One set of labels for each way in which the selections overlap.

    A label in `grouped` takes only values that some query names: another would add a series to its answer.
    Raises NotRecognised where a regular expression cannot be given an example, or for too many combinations.
    """
    selections = list(selections)
    grouped = set(grouped)
    values: dict[str, dict[str, None]] = {}
    for raw in selections:
        for matcher in raw.matchers:
            values.setdefault(matcher.label, {}).update(dict.fromkeys(_examples(matcher)))
    for label, found in values.items():
        if label not in grouped or not found:
            usual = ORDINARY.get(label, "other")
            found.setdefault("other" if usual in found else usual)
    size = 1
    for found in values.values():
        size *= len(found)
    if size > MOST:
        raise NotRecognised("too many combinations of labels")
    kept: dict[tuple[bool, ...], dict[str, str]] = {}
    for row in product(*values.values()):
        labels = dict(zip(values, row, strict=True))
        signature = tuple(raw.takes(labels) for raw in selections)
        if any(signature):
            kept.setdefault(signature, labels)
    return list(kept.values())


def frozen(labels: dict[str, str]) -> Labels:
    """Labels as they are printed: sorted, those that are not there left out."""
    return tuple(sorted((label, value) for label, value in labels.items() if value))


def _examples(matcher: Matcher) -> list[str]:
    """Values that matter to a matcher: one that it takes, or the one that it does not take."""
    if matcher.op in ("=", "!="):
        return [matcher.value]
    found = [one for one in map(_example, _alternatives(matcher.value)) if re.fullmatch(matcher.value, one)]
    if not found:
        raise NotRecognised(f"no example for the regular expression {matcher.value}")
    return found


def _alternatives(pattern: str) -> list[str]:
    inner = re.fullmatch(r"\((?:\?:)?([^()]*)\)", pattern)
    return (inner[1] if inner else pattern).split("|")


def _example(pattern: str) -> str:
    """A text for simple patterns: dots, stars, classes, escapes."""
    pattern = re.sub(r"\(\?:|[()^$]", "", pattern)
    pattern = re.sub(r"\[(\w).*?\]", r"\1", pattern)
    pattern = re.sub(r"(?<!\\)\.[*+]\??", "x", pattern)
    pattern = re.sub(r"\\d[+*]?|(?<!\\)\.", "0", pattern)
    pattern = re.sub(r"\\w[+*]?", "x", pattern)
    return re.sub(r"\\(.)", r"\1", re.sub(r"[+*?]|\{\d+(?:,\d*)?\}", "", pattern))
