"""What `--db` names: a journal's file, or the database that several machines share. Opening it is in `journals`."""

from __future__ import annotations

from pathlib import Path

from pags_tui.edge.postgres.address import Database, is_database

Store = Path | Database
"""A journal's file, or its database."""


def store_of(given: str) -> Store:
    """What `--db` or PAGS_TUI_DB names."""
    return Database(given) if is_database(given) else Path(given).expanduser()


def fixed(store: Store) -> Store:
    """The same from any folder."""
    return store.resolve() if isinstance(store, Path) else store
