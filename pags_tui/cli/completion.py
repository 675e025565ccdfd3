"""`completion`: what a shell reads to complete commands, options, files, scenarios and runs. Click makes it."""

from __future__ import annotations

from typing import Any

import click

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> int:
    """Print what makes SHELL complete commands, options, files, scenarios and runs.

    \b
    pags-tui completion bash > ~/.local/share/bash-completion/completions/pags-tui
    pags-tui completion zsh > ~/.zfunc/_pags-tui      a folder of $fpath
    pags-tui completion fish > ~/.config/fish/completions/pags-tui.fish
    """
    from click.shell_completion import get_completion_class

    from pags_tui.cli import pags_tui

    found = get_completion_class(shell)
    if found is None:  # cannot be: Click knows all three
        raise click.UsageError(f"There is no completion for {shell}.")
    made: Any = found(pags_tui, {}, "pags-tui", "_PAGS_TUI_COMPLETE")
    # Not `source()`: that asks this machine's bash for its version, which may not be the one that reads it.
    # Click's own fish script cuts what it says of each at its first comma.
    click.echo(made.source_template.replace('string split ","', 'string split --max 1 ","') % made.source_vars())
    return 0
