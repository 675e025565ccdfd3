"""Runs a command of the program as another Unix user: `python as_user.py USER WORDS…`, started by root.

Everything is imported before root's rights are given up: the interpreter may lie where only root can read.
"""

from __future__ import annotations

import asyncio  # noqa: F401 - as are the others: for the commands
import os
import pwd
import sys

import pags_tui.cli.seats
import pags_tui.core.decide.asks
import pags_tui.desk.client
import pags_tui.edge.journal
import pags_tui.edge.templates
import pags_tui.ui.app
import pags_tui.wiring.clocks
import pags_tui.wiring.crashes
import pags_tui.wiring.neighbours
import pags_tui.wiring.screens  # noqa: F401
from pags_tui.cli import main

user = pwd.getpwnam(sys.argv[1])
os.setgroups(os.getgrouplist(user.pw_name, user.pw_gid))
os.setgid(user.pw_gid)
os.setuid(user.pw_uid)
os.environ["USER"] = os.environ["LOGNAME"] = user.pw_name
main(sys.argv[2:])
