"""`keys`: which keys reach this terminal, and what they do in the war room. Changes nothing."""

from __future__ import annotations

import click

from pags_tui.cli.common import has_terminal, json_option, print_json
from pags_tui.core.errors import PagsError


@click.command()
@click.option("--list", "listing", is_flag=True, help="Only list what the keys do.")
@json_option
def keys(listing: bool, as_json: bool) -> int:
    """See which keys reach this terminal: press them, and read what arrived. Ctrl+C ends it.

    \b
    pags-tui keys
    pags-tui keys --list
    """
    from pags_tui.ui.keys import KEYS

    if as_json:
        print_json([{"id": key.id, "keys": list(key.keys), "label": key.label, "text": key.text} for key in KEYS])
        return 0
    if listing:
        for key in KEYS:
            click.echo(f"{', '.join(key.keys):<28} {key.text}")
        return 0
    if not has_terminal():
        raise PagsError("A key tester needs a terminal. 'pags-tui keys --list' lists the keys.")
    from pags_tui.ui.screens.key_tester import KeyTester
    from pags_tui.wiring.screens import look, settings

    terminal = look(settings().ascii)
    if terminal.refusal:
        raise PagsError(terminal.refusal)
    KeyTester(terminal).run()
    return 0
