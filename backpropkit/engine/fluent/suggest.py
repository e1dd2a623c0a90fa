"""Suggest: what to say of a name the engine does not know, and the nearest that it does."""

from __future__ import annotations

from collections.abc import Iterable

VALUE = "node.value is the bare number or array"
HINTS = {  # names from elsewhere, and what they are here
    "data": VALUE,
    "item": f"{VALUE}; node.reshape(()) makes a single number of one entry",
    "numpy": VALUE,
    "detach": VALUE,
    "tolist": f"{VALUE}: node.value.tolist()",
    "astype": f"all values are float64, and {VALUE}",
    "argmax": f"a position has no slope, and {VALUE}: np.argmax(node.value)",
    "argmin": f"a position has no slope, and {VALUE}: np.argmin(node.value)",
    "argsort": f"an order has no slope, and {VALUE}: np.argsort(node.value)",
    "round": f"it is flat, its slope is 0 nearly everywhere; {VALUE}: np.round(node.value)",
    "floor": f"it is flat, its slope is 0 nearly everywhere; {VALUE}: np.floor(node.value)",
    "ceil": f"it is flat, its slope is 0 nearly everywhere; {VALUE}: np.ceil(node.value)",
    "pow": "write node ** n",
    "norm": "write bp.norm2(node)",
    "H": "all values are real, write node.T",
    "I": "write bp.inv(node)",
    "mm": "write a @ b",
    "permute": "write node.transpose(axes)",
    "cpu": VALUE,
    "clamp": "write np.clip(node, low, high)",
    "zero_grad": "backward() starts fresh, nothing has to be zeroed (or write node.grad = None)",
    "requires_grad_": "bp.var makes a leaf to train, bp.const one that is not",
}


def missing(name: str, of: str, known: Iterable[str]) -> str:
    """The sentence for `name`, which neither the table nor NumPy's names in it know.

    >>> missing("exp", "a Node", ["exp", "log"])
    'a Node has no exp: write bp.exp(node)'
    >>> missing("logg", "np", ["exp", "log"])
    'np.logg cannot be recorded on a Node; the nearest that can: log. node.value is the bare number or array'
    """  # noqa: E501
    import difflib  # takes longer than all of this folder

    names = list(known)
    if of == "a Node":
        said = f"a Node has no {name}"
        hint = HINTS.get(name) or (f"write bp.{name}(node)" if name in names else VALUE)
        return f"{said}: {hint}"
    near = difflib.get_close_matches(name.split(".")[0], names, 3, 0.6)
    nearest = f"the nearest that can: {', '.join(near)}. " if near else ""
    return f"{of}.{name} cannot be recorded on a Node; {nearest}{HINTS.get(name, VALUE)}"
