"""What `backpropkit` is inside the sandbox: it can be imported, but not used.

The exercise is to derive the gradient. A cell that uses the engine fails with a sentence that says
so; the cells after it go on. This file stands at ``backpropkit/__init__.py`` in the sandbox.
"""

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class EngineClosed(RuntimeError):
    """The engine was used while grading."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} is closed while grading: the exercise is to derive the gradient yourself. "
            "Only this cell stops here, the others are still run."
        )


class Closed:
    """Something of backpropkit: it can be named, and raises `EngineClosed` when used."""

    _name: str

    def __init__(self, name: str) -> None:
        self.__dict__["_name"] = name

    def __getattr__(self, attribute: str) -> object:
        raise EngineClosed(self._name)

    def __setattr__(self, attribute: str, value: object) -> None:
        raise EngineClosed(self._name)

    def __call__(self, *args: object, **options: object) -> object:
        raise EngineClosed(self._name)


class ClosedModule(ModuleType):
    """A module whose every name is `Closed`."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return Closed(f"{self.__name__}.{name}")


class ClosedModules(MetaPathFinder, Loader):
    """Finds every submodule of this package, and makes it a `ClosedModule`."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith(__name__ + "."):
            return None
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return ClosedModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing in it."""


if __name__ == "backpropkit":
    sys.modules[__name__].__class__ = ClosedModule
    sys.meta_path.insert(0, ClosedModules())
