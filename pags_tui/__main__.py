"""`python -m pags_tui` and the command `pags-tui`."""

from __future__ import annotations

import gc

NEW_OBJECTS = 50_000
"""Objects made before the collector looks for circles; with the 700 of Python that takes a tenth of a start."""


def main() -> None:
    """Runs the command line."""
    gc.set_threshold(NEW_OBJECTS)
    from pags_tui.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
