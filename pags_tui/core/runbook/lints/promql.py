"""Whether the brackets and quotes of a PromQL text close. Nothing else of the language is known here."""

from __future__ import annotations

import re

CLOSES = {"(": ")", "[": "]", "{": "}"}
TOKEN = re.compile(r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`|#[^\n]*|[][(){}"'`]""")
"""A whole string, a comment, a bracket, or a quote that begins no whole string."""


def unclosed(query: str) -> tuple[int, str] | None:
    """Where the first thing lies that does not close, from 0, and the sentence for it. None: all is well."""
    open_: list[tuple[int, str]] = []
    for found in TOKEN.finditer(query):
        one, at = found[0], found.start()
        if one in "\"'`":
            return at, f"the quote {one} is never closed"
        if one in CLOSES:
            open_.append((at, one))
        elif one in CLOSES.values() and (not open_ or CLOSES[open_.pop()[1]] != one):
            return at, f"this {one} closes nothing"
    return (open_[-1][0], f"this {open_[-1][1]} is never closed") if open_ else None
