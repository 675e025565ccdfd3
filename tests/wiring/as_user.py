"""Runs a command of the program as another Unix user: `python as_user.py USER WORDS…`, started by root.

Everything is imported before root's rights are given up: the interpreter may lie where only root can read.
"""

from __future__ import annotations

import asyncio  # noqa: F401 - for the commands
import importlib
import os
import pkgutil
import pwd
import sys

import pags_tui

for found in pkgutil.walk_packages(pags_tui.__path__, "pags_tui."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)

from pags_tui.cli import main  # noqa: E402 - the commands load what they need themselves, and find it loaded

user = pwd.getpwnam(sys.argv[1])
os.setgroups(os.getgrouplist(user.pw_name, user.pw_gid))
os.setgid(user.pw_gid)
os.setuid(user.pw_uid)
os.environ["PAGS_TUI_CONFIG"] = ""  # root's settings are not this user's
os.environ["USER"] = os.environ["LOGNAME"] = user.pw_name
main(sys.argv[2:])
