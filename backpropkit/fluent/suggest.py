"""Suggest: what to say of a name the engine does not know, and the nearest that it does."""

from __future__ import annotations

from collections.abc import Iterable

VALUE = "node.value is the bare number or array"
FLAT = f"it is flat, its slope is 0 nearly everywhere; {VALUE}"
ASKED = f"a question has no slope, and {VALUE}"
PLACES = f"a position has no slope, and {VALUE}"
ROWS = {  # what is said: {of which names from elsewhere}
    VALUE: "data numpy detach cpu tolist tobytes view",
    f"{VALUE}; node.reshape(()) makes a single number of one entry": "item",
    f"all values are float64, and {VALUE}": "astype float double",
    f"{PLACES}: np.argmax(node.value)": "argmax argmin argsort nonzero argwhere flatnonzero "
    "searchsorted count_nonzero",
    f"{FLAT}: np.round(node.value)": "round floor ceil trunc rint around fix",
    f"{ASKED}: np.all(node.value > 0)": "all any isnan isfinite isinf isclose allclose "
    "array_equal array_equiv iscomplex isreal unique",
    "in the order of now: node[np.argsort(node.value)]": "sort partition median percentile "
    "quantile",
    "write np.zeros(node.shape)": "zeros_like",
    "write np.ones(node.shape)": "ones_like full_like empty_like",
    "write node ** n": "pow",
    "write bp.norm2(node)": "norm vector_norm matrix_norm",
    "all values are real, write node.T": "H",
    f"all values are real, and {VALUE}": "real imag conj conjugate angle",
    "write bp.sum(node, axis=0)": "add.reduce",
    "write bp.prod(node, axis=0)": "multiply.reduce",
    "write bp.max(node, axis=0)": "maximum.reduce",
    "write bp.min(node, axis=0)": "minimum.reduce",
    "write bp.cumsum(node, axis=0)": "add.accumulate cumulative_sum",
    "write bp.exp(bp.cumsum(bp.log(node))) where node is positive": "cumprod multiply.accumulate",
    "write a[:, None] + b": "add.outer",
    "write a[:, None] - b": "subtract.outer",
    "write a[:, None] / b": "divide.outer",
    "write bp.outer(a, b)": "multiply.outer",
    "write a = a + b, or put entries together with bp.stack": "add.at put copyto place putmask",
    "write bp.inv(node)": "I",
    "write a @ b": "mm bmm matvec vecmat",
    "write a @ b @ c": "multi_dot matrix_power",
    "write bp.sum(a * b, axis=-1)": "vecdot",
    "write bp.einsum, as in bp.einsum('ij,jk->ik', a, b)": "tensordot kron",
    "write node.transpose(axes)": "permute",
    "write np.clip(node, low, high)": "clamp",
    "write bp.log(node) / np.log(2)": "log2",
    "write bp.log(node) / np.log(10)": "log10",
    "write bp.sqrt(a * a + b * b)": "hypot",
    "write node ** (1 / 3) where node is positive": "cbrt",
    "write bp.abs(node)": "fabs",
    "write bp.maximum(a, b)": "fmax logical_or bitwise_or",
    "write bp.minimum(a, b)": "fmin",
    "write a * b for masks a, b": "logical_and bitwise_and",
    "write 1 - a for a mask a": "logical_not invert",
    "write a % b": "fmod",
    "write 0.5 * bp.log((1 + node) / (1 - node))": "arctanh",
    "write bp.log(node + bp.sqrt(node * node + 1))": "arcsinh",
    "write bp.log(node + bp.sqrt(node * node - 1))": "arccosh",
    "write np.pi / 2 - bp.arctan(node / bp.sqrt(1 - node * node))": "arccos",
    "write bp.arctan(node / bp.sqrt(1 - node * node))": "arcsin",
    "write bp.arctan(a / b) where b is positive": "arctan2",
    "write node * (np.pi / 180)": "deg2rad radians",
    "write node * (180 / np.pi)": "rad2deg degrees",
    "write it out, (c2 * x + c1) * x + c0": "polyval",
    "write bp.where, one inside the other": "select piecewise choose heaviside interp",
    "write start + (stop - start) * np.linspace(0, 1, n)": "linspace",
    "write node[::-1]": "flip fliplr flipud",
    "write node[index], as in node[np.arange(n) - 1]": "roll repeat tile delete rot90 resize",
    "write bp.concatenate": "append insert pad block",
    "write node[a:b] for each part": "split array_split hsplit vsplit",
    "write bp.diag(node)": "diagonal",
    "write the products out, entry by entry": "cross convolve correlate",
    "write bp.sum(node[1:] + node[:-1]) / 2": "trapezoid trapz",
    "write bp.where(np.isnan(node.value), 0.0, node)": "nan_to_num nansum nanmean nanmax nanmin",
    "write x.T @ x / n of centred columns": "cov corrcoef",
    "a matrix's eigenvalues and singular values have no row here": "eig eigh eigvals eigvalsh svd "
    "cond matrix_rank",
    "write bp.solve(a.T @ a, a.T @ b)": "lstsq",
    "write bp.solve(a.T @ a, a.T) where a has full column rank": "pinv",
    "backward() starts fresh, nothing has to be zeroed (or write node.grad = None)": "zero_grad",
    "bp.var makes a leaf to train, bp.const one that is not": "requires_grad requires_grad_",
}
HINTS = {name: said for said, names in ROWS.items() for name in names.split()}


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
    hint = HINTS.get(name, "")
    near = [] if hint else difflib.get_close_matches(name.split(".")[0], names, 3, 0.6)
    parts = [f"the nearest that can: {', '.join(near)}" if near else hint or VALUE]
    parts += [VALUE] if "node.value" not in parts[0] else []
    return f"{of}.{name} cannot be recorded on a Node; {'. '.join(parts)}"
