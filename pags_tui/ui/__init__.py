"""The screen of a run. It shows one immutable state and gives back asks; it holds cursor and focus, nothing else."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable


def later(*modules: str) -> Callable[[str], object]:
    """A package's `__getattr__` that finds its names in modules, each loaded when a name was in none before it."""
    package = modules[0].rpartition(".")[0]

    def find(name: str) -> object:
        if name.startswith("__") or importlib.util.find_spec(f"{package}.{name}"):
            raise AttributeError(name)
        for module in modules:
            found = importlib.import_module(module)
            if hasattr(found, name):
                setattr(sys.modules[package], name, getattr(found, name))  # so that it is looked for once
                return getattr(found, name)
        raise AttributeError(name)

    return find
