"""What several commands share: options, reading the runbook, printing JSON, opening a screen."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pags_tui.core.errors import Fault, PagsError, Refused, RunbookError
from pags_tui.core.visible import escaped_json, visible_lines

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from pags_tui.core.runbook import Runbook
    from pags_tui.desk.port import Desk, Player
    from pags_tui.ui.app import WarRoom
    from pags_tui.ui.rows.picture import Picture

F = TypeVar("F", bound=Callable[..., Any])

INCOMPLETE = 5
"""Exit code: a rollback is not whole."""


def known_runs(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """For a shell: the runs of the journal. A journal that cannot be read has none."""
    from click.shell_completion import CompletionItem

    from pags_tui.wiring.journals import open_readonly
    from pags_tui.wiring.places import journal_at

    try:
        with open_readonly(journal_at(context.params.get("db"))) as reader:
            rows = reader.runs()
    except PagsError:
        return []
    return [CompletionItem(row.id, help=row.kind) for row in rows if row.id.startswith(begun)]


def known_scenarios(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """For a shell: the scenarios of the simulator."""
    from click.shell_completion import CompletionItem

    from pags_tui.simulator.scenarios import SCENARIOS

    return [CompletionItem(one.name, help=one.line) for one in SCENARIOS.values() if one.name.startswith(begun)]


FILE = click.Path()
"""A path that shells complete; what is wrong with it is said by whoever reads it."""

db_option = click.option(
    "--db", metavar="FILE|URL", type=FILE,
    help="The journal: a file, or postgresql://…; default PAGS_TUI_DB, else a file in the state folder."
)  # fmt: skip
WHICH = "The run; default the newest open one, live before rehearsal."
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
of_option = click.option("--of", default="", metavar="USER", help="At the guard of that user, who lets your group in.")
as_option = click.option("--as", "name", default="", metavar="NAME", help="Your name, on a shared account.")


def read_text(path: str) -> str:
    """The text of a runbook file. Raises RunbookError, with file and place, for what cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        message = "there is no such file. Give the path of a runbook, such as runbook.toml"
    except IsADirectoryError:
        message = "this is a folder. Give the path of a runbook, such as runbook.toml"
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is not UTF-8. Save the file as UTF-8"
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
    raise RunbookError((Fault(path, 1, 1, message, code="unreadable"),))


def read_runbook(path: str) -> Runbook:
    """The runbook in a file. Raises RunbookError with every fault."""
    from pags_tui.core.runbook import load

    return load(read_text(path), path)


def bundled_runbook() -> str:
    """The runbook that comes with the program: the seed of the demo."""
    here = Path(__file__).resolve().parent.parent
    inside = here / "runbook.toml"
    return str(inside if inside.exists() else here.parent / "runbook.toml")


def bundled_examples() -> dict[str, str]:
    """The other runbooks that come with the program: name to path."""
    here = Path(__file__).resolve().parent.parent
    inside = here / "examples"
    folder = inside if inside.exists() else here.parent / "examples"
    return {file.stem: str(file) for file in sorted(folder.glob("*.toml"))}


def print_json(content: Any) -> None:
    """JSON on stdout; times as RFC 3339 in UTC."""
    click.echo(json_text(content, indent=2))


def json_text(content: Any, indent: int | None = None) -> str:
    """The same as a text, in which no character acts on the terminal that it is printed on."""
    return escaped_json(json.dumps(content, default=_plain, ensure_ascii=False, indent=indent))


def tell(text: str, err: bool = False) -> None:
    """Prints a text that may hold other people's words: nothing in them acts on the terminal."""
    click.echo(visible_lines(text), err=err)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return stamp(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def stamp(moment: datetime | None) -> str | None:
    """A time as RFC 3339 in UTC."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


class Progress:
    """One line on stderr that tells how far long work is. On a terminal only, and gone when the work is done."""

    AFTER = 0.5
    """Seconds without a word: short work says nothing."""
    BETWEEN = 0.1
    """Seconds between two words."""

    def __init__(self) -> None:
        self._clock: Callable[[], float] | None = None
        self._due = 0.0
        self._shown = 0
        if sys.stderr.isatty():
            from pags_tui.wiring.clocks import boot_seconds

            self._clock = boot_seconds
            self._due = boot_seconds() + self.AFTER

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Takes the line away, before something else is printed."""
        if self._shown:
            sys.stderr.write(f"\r{' ' * self._shown}\r")
            sys.stderr.flush()
            self._shown = 0

    def tell(self, text: str) -> None:
        """Shows the text in place of the last one."""
        if self._clock is None or (now := self._clock()) < self._due:
            return
        self._due = now + self.BETWEEN
        sys.stderr.write(f"\r{text:<{self._shown}}")
        sys.stderr.flush()
        self._shown = len(text)


def typed(word: str, what: str, given: str | None, otherwise: str = "nothing was done") -> None:
    """What confirms: the word itself, typed or piped in, or `given` as --confirm. Raises Refused for another."""
    if given is None:
        try:
            given = click.prompt(f"Type {word} to {what}", err=True, default="", show_default=False)
        except (click.Abort, OSError, RuntimeError):  # the last two: a stdin that is closed, or not for reading
            if sys.stdin is not None and sys.stdin.isatty():
                raise
            raise Refused(f"Without a terminal the word is given: --confirm {word}.") from None
    if given != word:
        raise Refused(f"'{given}' is not {word}: {otherwise}.")


def has_terminal() -> bool:
    """A person sits there: keys can come in, and the screen (which Textual writes to stderr) can be seen."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def show(
    desk: Desk,
    player: Player | None = None,
    amended: Callable[[], str] | None = None,
    warn: Callable[[Runbook], Mapping[str, str]] | None = None,
    ask_people: bool = False,
    back: str = "",
    browser: bool = False,
    first: Callable[[], Picture | None] | None = None,
) -> int:
    """Opens the war room on a desk; its exit code. `warn`: what it says of a runbook as long as nothing is more urgent.

    `ask_people`: it begins by asking for names and contacts that nobody knows yet. `back`: where the record is and how
    to come back, said when the screen breaks. `browser`: there is no terminal, but a page of textual-serve.
    `first` waits for a picture that the guard makes.
    Raises PagsError when this terminal cannot show it.
    """
    from pags_tui.ui.app import WarRoom
    from pags_tui.ui.terminal import Terminal, exit_status
    from pags_tui.wiring.screens import keep_copy, look, renderer, settings

    mine = settings()
    terminal = Terminal(browser=True) if browser else look(mine.ascii)
    if terminal.refusal:
        raise PagsError(terminal.refusal)
    app = WarRoom(
        desk, player, render=renderer(), amended=amended, terminal=terminal, settings=mine, warn=warn,
        ask_people=ask_people, keep=keep_copy, beat=mine.refresh, first=first,
    )  # fmt: skip
    app.on_crash = lambda error: _last_words(app, error, back)
    app.run(mouse=mine.mouse)
    return exit_status(app)


def _last_words(app: WarRoom, error: BaseException, back: str) -> None:
    """Keeps what broke a screen, and has it say where, and how to go on."""
    from pags_tui.wiring.crashes import frames_of, keep_crash

    file = keep_crash(frames_of(error))
    kept = f"Where it broke is in {file}." if file else "Where it broke could not be written down."
    app.after_crash = f"{back or app.after_crash}\n{kept}"


def need_screen() -> None:
    """Raises PagsError when a person sits at a terminal that cannot show a screen: said before anything is begun."""
    from pags_tui.wiring.screens import look

    if has_terminal() and (refusal := look().refusal):
        raise PagsError(refusal)
