"""The command line: commands, their exit codes, errors as sentences. A command's imports wait until it is called.

Exit codes: 0 done · 1 found something · 2 usage or invalid runbook · 3 a service cannot be reached · 4 refused ·
5 rollback incomplete · 128+n ended by signal n.
"""

from __future__ import annotations

import contextlib
import importlib
import keyword
import os
import sys
import threading
from collections.abc import Sequence
from typing import Any

import click

from pags_tui import __version__
from pags_tui.core.errors import BadAnswer, JournalError, PagsError, Refused, RunbookError, Unreachable
from pags_tui.core.visible import visible_lines

LAST_WORDS = 1.0
"""Seconds that what is still buffered may take once a command is done."""

LINE_GIVEN_UP = threading.Event()
"""Set by a command that no longer waits for a line that hangs: the end of the process does not wait for it either."""

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("run", "The war room: attach to the open run of a runbook, or begin one."),
    "demo": ("demo", "The war room against an embedded simulator."),
    "watch": ("seats", "Follow a run, read-only."),
    "sign": ("seats", "Sign a checkpoint from a shell."),
    "hold": ("seats", "Stop the T-clock from a shell."),
    "note": ("seats", "Add a note from a shell."),
    "end": ("seats", "Close a run."),
    "follow-ups": ("afterwards", "What is left to do after the night; ticks it off."),
    "guard": ("guard", "The guard alone: the process that owns a run."),
    "rollback": ("rollback", "Roll back, with or without an open run, without a screen."),
    "init": ("init", "Write a commented starter, runbook.toml."),
    "import": ("importing", "Turn a Markdown runbook into TOML."),
    "check": ("check", "Check a runbook."),
    "amend": ("amend", "Read the corrected runbook into its open run."),
    "backtest": ("backtest", "Play history through the gates and triggers of a runbook."),
    "replay": ("replay", "Replay a recorded run offline."),
    "report": ("report", "The night as a report: Markdown, HTML or JSON."),
    "export": ("records", "Write one run as a recording of its own."),
    "import-run": ("records", "Take the runs of a recording into the journal."),
    "verify": ("records", "Check the hash chain of a recording, or of a run."),
    "runs": ("records", "List the runs of the journal."),
    "status": ("records", "How a run stands, for scripts."),
    "events": ("events", "The events of a run, one a line."),
    "keys": ("keys", "See which keys reach this terminal."),
    "sim": ("sim", "The simulator alone, with /metrics to scrape."),
    "completion": ("completion", "What a shell reads to complete all this."),
}
"""Every command: the file that holds it, and its line of help."""

REFUSED, UNREACHABLE, USAGE = 4, 3, 2


class Commands(click.Group):
    """Finds commands by name; imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None for an unknown one."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"pags_tui.cli.{COMMANDS[cmd_name][0]}")
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(module, f"{name}_" if keyword.iskeyword(name) else name)
        command.short_help = COMMANDS[cmd_name][1]  # whole, where a shell lists what may follow
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest name for a misspelt one."""
        from difflib import get_close_matches

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = get_close_matches(args[0], COMMANDS, 1)
            hint = f" Did you mean '{near[0]}'?" if near else f" Commands: {', '.join(COMMANDS)}."
            raise click.UsageError(f"There is no command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="pags-tui")
def pags_tui() -> None:
    """A full-screen war room for the night of a production cutover.

    Try it: pags-tui demo. Check a runbook: pags-tui check runbook.toml. Begin a night: pags-tui run runbook.toml.
    """


def main(args: Sequence[str] | None = None) -> None:
    """Runs a command and ends the process with its exit code. No traceback reaches an operator."""
    try:
        result: Any = pags_tui.main(args=args, prog_name="pags-tui", standalone_mode=False)
        code = result if isinstance(result, int) else 0
    except click.ClickException as error:
        error.show()
        code = USAGE
    except click.Abort as error:
        at_work = isinstance(error.__cause__, KeyboardInterrupt)  # otherwise a question was left unanswered
        click.echo("Left." if at_work else "Left; nothing was done.", err=True)
        code = 130
    except PagsError as error:
        click.echo(visible_lines(str(error)), err=True)
        code = exit_code(error)
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        code = 0
    except Exception as error:
        click.echo(_fault(error), err=True)
        code = USAGE
    finally:
        _write_out()
    if LINE_GIVEN_UP.is_set():
        os._exit(code)  # Python's own end would wait for the line; nothing else is left to do
    sys.exit(code)


def _write_out() -> None:
    """What is still buffered. Where nobody is left to read it, Python would end with 120 instead of the exit code.

    In a thread: a line that stalls may hold up neither the end nor whoever waits for it.
    """
    writing = threading.Thread(target=_flush, name="last words", daemon=True)
    writing.start()
    writing.join(LAST_WORDS)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _fault(error: Exception) -> str:
    """The sentence for a fault of this program. Where it happened, without any value, goes to a file of the user's."""
    from pags_tui.wiring.crashes import frames_of, keep_crash

    file = keep_crash(frames_of(error))
    where = f"Where it happened is in {file}." if file else "It could not be written down."
    return f"A fault of this program ({type(error).__name__}): nothing more was done. {where}"


def exit_code(error: PagsError) -> int:
    """The exit code that tells a script what kind of error it was."""
    match error:
        case RunbookError():
            return USAGE
        case Unreachable() | BadAnswer():
            return UNREACHABLE
        case Refused():
            return REFUSED
        case JournalError():
            return UNREACHABLE
        case _:
            return USAGE
