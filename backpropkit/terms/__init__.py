"""Floor 0: NumPy with care, expressions and their text; what every floor raises. No node here."""


class EngineError(ValueError):
    """Something the engine cannot do, in a sentence that names the op, the node and the shapes."""

    __module__ = "backpropkit.engine.node"  # where it is imported from, and what a traceback shows
