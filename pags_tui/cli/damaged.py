"""Reading a journal or a recording that may be damaged: up to the damage, with a sentence. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from pags_tui.cli.common import tell
from pags_tui.core.errors import JournalError

if TYPE_CHECKING:
    from pags_tui.core.ports import Archive
    from pags_tui.wiring.journals import Store

DAMAGED = 1
"""Exit code: something is damaged, and what could be read was told."""
WAY_ON = " `pags-tui run` keeps a damaged journal aside and goes on from what can be read of it."

T = TypeVar("T")


def read(store: Store, work: Callable[[Archive], tuple[str | None, T]], *, journal: bool = False) -> tuple[T, str]:
    """What `work` makes of the store, and what was said of damage on stderr; empty for a whole one.

    `work` gives the run that it is about (None: all of them) and its result. Of a damaged file it is called again, with
    a reader that ends where the damage begins. `journal`: the sentence also names the way on of a run that is open.
    Raises JournalError where nothing can be read.
    """
    from pags_tui.wiring.journals import open_readonly, wreck

    try:
        with open_readonly(store) as reader:
            return work(reader)[1], ""
    except JournalError as error:
        failure = error
    with wreck(store, failure) as left:
        about, found = work(left)
        told = f"{store} is damaged ({left.why}): {left.upto(about)}. The file was left as it is."
        if journal and any(row.ended is None for row in left.runs() if about in (None, row.id)):
            told += WAY_ON
    tell(told, err=True)
    return found, told
