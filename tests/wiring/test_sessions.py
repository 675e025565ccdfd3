"""Whether logind would end a guard with its user's session, by the files that logind itself reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from pags_tui.wiring.sessions import bare_line, ended_at_logout

CASES = {
    "nothing said": ({}, False),
    "yes": ({"etc/systemd/logind.conf": "[Login]\nKillUserProcesses=yes\n"}, True),
    "a comment": ({"etc/systemd/logind.conf": "[Login]\n#KillUserProcesses=yes\n"}, False),
    "no, by a later file": (
        {
            "etc/systemd/logind.conf": "KillUserProcesses=yes\n",
            "usr/lib/systemd/logind.conf.d/50-x.conf": "KillUserProcesses = no\n",
        },
        False,
    ),
    "yes, by the last of two": (
        {
            "usr/lib/systemd/logind.conf.d/90-z.conf": "KillUserProcesses=true\n",
            "etc/systemd/logind.conf.d/10-a.conf": "KillUserProcesses=no\n",
        },
        True,
    ),
    "etc hides usr/lib": (
        {
            "usr/lib/systemd/logind.conf": "KillUserProcesses=yes\n",
            "etc/systemd/logind.conf": "[Login]\n",
        },
        False,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_logind_is_told(tmp_path: Path, case: str) -> None:
    """The last word of its files counts, in logind's own order."""
    files, ended = CASES[case]
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert ended_at_logout("ana", tmp_path) is ended


def test_without_systemd_or_with_lingering_nothing_is_ended(tmp_path: Path) -> None:
    """No systemd here, or a user who may linger: the setting has no effect."""
    (tmp_path / "etc/systemd").mkdir(parents=True)
    (tmp_path / "etc/systemd/logind.conf").write_text("KillUserProcesses=yes\n")
    assert not ended_at_logout("ana", tmp_path)
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    assert ended_at_logout("ana", tmp_path)
    (tmp_path / "var/lib/systemd/linger").mkdir(parents=True)
    (tmp_path / "var/lib/systemd/linger/ana").touch()
    assert not ended_at_logout("ana", tmp_path)


@pytest.mark.parametrize(
    ("env", "bare"),
    [({}, False), ({"SSH_CONNECTION": "a"}, True), ({"SSH_CONNECTION": "a", "TMUX": "b"}, False)],
    ids=["here", "over ssh", "ssh and tmux"],
)
def test_a_screen_that_hangs_on_a_line_alone(env: dict[str, str], bare: bool) -> None:
    """Over ssh and outside tmux and screen, a dropped line takes the screen along: that is worth a word."""
    assert bare_line(env) is bare
