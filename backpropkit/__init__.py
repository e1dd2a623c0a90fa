"""backpropkit: understand backpropagation by nudging it.

Importing this loads NumPy and nothing heavier; `explore`, `descent`, `figures`, `picture` and
`nets` load when first touched.
"""

from __future__ import annotations

import importlib
from typing import Any

from . import fluent as fluent  # gives the nodes what NumPy and Python call on them
from . import functions
from .derivatives import GradientMismatch, check_grad, grad, hessian, hvp, value_and_grad
from .engine.node import EngineError, Node, const, var
from .engine.recording import no_grad
from .engine.sweep import backward
from .fluent.names import instead
from .functions import *  # noqa: F403
from .graphs.graph import Graph, Nudge, Path, Step, cached_bytes

__version__ = "0.2.0"

_LAZY = {"explore", "descent", "figures", "picture", "nets"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"backpropkit has no {name!r}{instead(name)}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})


__all__ = ["EngineError", "GradientMismatch", "Graph", "Node", "Nudge", "Path", "Step"]
__all__ += ["backward", "cached_bytes", "check_grad", "const", "grad", "hessian", "hvp", "no_grad"]
__all__ += ["value_and_grad", "var", *functions.__all__]
