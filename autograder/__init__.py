"""Judges exercises on gradients: `check` in a notebook, `evaluate` for scripts, `catalog`.

Nothing is loaded before it is touched: the sandbox imports `autograder.asking` where neither the
judge nor the catalog exists.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.catalog import catalog as catalog
    from autograder.check import check as check
    from autograder.check import evaluate as evaluate

__all__ = ["catalog", "check", "evaluate"]

_HOMES = {"catalog": "catalog", "check": "check", "evaluate": "check"}  # name -> module


class _Public(property):
    """A public name that is looked up in its module each time it is touched.

    `check` and `catalog` are modules too, and importing a module writes it over the name it has
    in its package; a property that ignores being set keeps the function and the catalog there.
    """

    def __init__(self, name: str) -> None:
        home = f"autograder.{_HOMES[name]}"
        super().__init__(lambda _: getattr(import_module(home), name), lambda _, module: None)


class _Package(ModuleType):
    pass


for _name in _HOMES:
    setattr(_Package, _name, _Public(_name))
sys.modules[__name__].__class__ = _Package
