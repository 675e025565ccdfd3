"""Stands in for the units and conditions modules until they exist."""

from __future__ import annotations

import re
from typing import Any

Condition = Any


def duration(text: str) -> float:
    """Seconds of `90s`, `15m`, `2h`, `3d`."""
    if not re.fullmatch(r"(\d+(?:\.\d+)?(?:ms|s|m|h|d))+", text):
        raise ValueError(f"'{text}' is no duration")
    scale = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
    return sum(float(n) * scale[u] for n, u in re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", text))


def offset(text: str) -> float:
    """Seconds from T+0."""
    match = re.fullmatch(r"T([+-])(0|.+)", text)
    if not match:
        raise ValueError(f"'{text}' is no offset")
    return (0.0 if match[2] == "0" else duration(match[2])) * (-1 if match[1] == "-" else 1)
