"""The screen of a run. It shows one immutable state and gives back asks; it holds cursor and focus, nothing else."""

from __future__ import annotations

import importlib
from collections.abc import Callable


def later(module: str) -> Callable[[str], object]:
    """A package's `__getattr__` that finds its names in a module, which is loaded when the first of them is wanted."""

    def find(name: str) -> object:
        if name.startswith("__") or module.endswith(f".{name}"):
            raise AttributeError(name)
        return getattr(importlib.import_module(module), name)

    return find
