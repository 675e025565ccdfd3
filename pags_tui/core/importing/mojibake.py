"""Mends UTF-8 that was read as Windows-1252 and saved again: `ðŸŸ¢` is a green circle. Leaves everything else alone."""

from __future__ import annotations

import re

BYTES = {bytes([n]).decode("cp1252", "replace"): n for n in range(0x80, 0x100)}
BYTES |= {chr(n): n for n in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
"""The character that each byte shows as; five of them have none in Windows-1252 and pass as they are."""
BYTES.pop("�", None)

_LEAD = "".join(one for one, n in BYTES.items() if 0xC2 <= n <= 0xF4)
_REST = "".join(one for one, n in BYTES.items() if 0x80 <= n <= 0xBF)
_RUN = re.compile(f"[{re.escape(_LEAD)}][{re.escape(_REST)}]{{1,3}}")


def mended(text: str) -> str:
    """The text with every run that is UTF-8 in disguise put right; a run that is not stays."""
    return _RUN.sub(_mend, text)


def _mend(found: re.Match[str]) -> str:
    raw = bytes(BYTES[one] for one in found[0])
    for length in range(len(raw), 1, -1):
        try:
            return raw[:length].decode("utf-8") + found[0][length:]
        except UnicodeDecodeError:
            continue
    return found[0]
