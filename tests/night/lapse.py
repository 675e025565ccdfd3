"""The seed's night in a minute: every duration of the runbook divided, nothing else changed. Time itself stays real."""

from __future__ import annotations

import re
from pathlib import Path

from pags_tui.core.runbook import Runbook, load
from pags_tui.core.units import parse_duration, parse_offset

ROOT = Path(__file__).resolve().parents[2]
FACTOR = 360
"""An hour is ten seconds."""
WINDOW = 3
"""Seconds of every PromQL window: twelve scrapes of a quarter of a second."""


def lapsed(factor: int = FACTOR) -> Runbook:
    """The repository's own runbook, a night of four hours in `4 * 3600 / factor` seconds."""
    text = (ROOT / "runbook.toml").read_text()

    def shorter(match: re.Match[str]) -> str:
        return f"{match[1]}{max(1, round(parse_duration(match[2]) / factor))}s{match[3]}"

    def nearer(match: re.Match[str]) -> str:
        seconds = round(parse_offset(match[1]) / factor)
        return f'"T{"-" if seconds < 0 else "+"}{abs(seconds)}s"'

    text = re.sub(r'"(T[+-]\d+[smhd]?)"', nearer, text)
    text = re.sub(r"(\bfor )(\d+[smhd])(\b)", shorter, text)
    text = re.sub(r'(\bfor = ")(?!72h)(\d+[smhd])(")', shorter, text)
    text = re.sub(r'(\bcountdown = ")(\d+[smhd])(")', shorter, text)
    text = re.sub(r"\[\d+[mh]\]", f"[{WINDOW}s]", text)
    text = re.sub(r">= 100'", ">= 7'", text)
    text = re.sub(r'window = "[^"]*"\n', "", text)
    return load(text, "runbook.toml")
