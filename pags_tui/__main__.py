"""`python -m pags_tui` and the command `pags-tui`."""

from __future__ import annotations


def main() -> None:
    """Runs the command line."""
    from pags_tui.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
