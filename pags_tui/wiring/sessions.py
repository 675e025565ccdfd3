"""Whether the machine ends a user's processes when the user logs out: a guard must outlive its terminal. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

ROOT = Path("/")
FOLDERS = ("usr/lib", "run", "etc")
"""Where systemd looks for settings, the strongest last (logind.conf(5))."""


def bare_line(env: Mapping[str, str]) -> bool:
    """A screen here hangs on an ssh line alone: no tmux and no screen keeps it when the line drops."""
    return bool(env.get("SSH_CONNECTION")) and not (env.get("TMUX") or env.get("STY"))


def ended_at_logout(user: str, root: Path = ROOT) -> bool:
    """logind runs here, is told to kill what a user leaves behind, and does not let this one linger."""
    if not (root / "run/systemd/system").is_dir() or (root / "var/lib/systemd/linger" / user).exists():
        return False
    files = [root / folder / "systemd/logind.conf" for folder in reversed(FOLDERS)]
    main = next((file for file in files if file.is_file()), None)
    parts = {path.name: path for folder in FOLDERS for path in (root / folder / "systemd/logind.conf.d").glob("*.conf")}
    found = [_told(file) for file in ([main] if main else []) + [parts[name] for name in sorted(parts)]]
    return next((answer for answer in reversed(found) if answer is not None), False)


def _told(file: Path) -> bool | None:
    """What a file says of KillUserProcesses; None when it says nothing, or cannot be read."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    pairs = [line.partition("=") for line in lines if not line.lstrip().startswith(("#", ";"))]
    values = [value.strip().lower() for key, _, value in pairs if key.strip() == "KillUserProcesses"]
    return values[-1] in ("yes", "true", "on", "1", "y", "t") if values else None
