"""Suggest: what to say of a name the engine does not know, and the nearest that it does."""

from __future__ import annotations

from collections.abc import Iterable

VALUE = "node.value is the bare number or array"
ROWS = {  # what is said, {name} standing for the name: of which names from elsewhere
    VALUE: "data numpy detach cpu cuda to device is_cuda tolist tobytes block_until_ready "
    "save savez savetxt array2string array_str array_repr",
    f"{VALUE}; node.reshape(()) makes a single number of one entry": "item",
    f"all values are float64, and {VALUE}": "astype float double half long int bool type dtype",
    f"it has no slope, and {VALUE}: np.{{name}}(node.value)": "argmax argmin argsort nonzero "
    "argwhere flatnonzero count_nonzero all any isnan isfinite isinf iscomplex isreal unique",
    f"it has no slope, and {VALUE}: np.{{name}}(node.value, …)": "searchsorted isclose allclose "
    "array_equal array_equiv logical_xor digitize",
    f"it is flat, its slope is 0 nearly everywhere; {VALUE}: np.{{name}}(node.value)": "round "
    "floor ceil trunc rint around fix",
    "it is flat, write np.floor(node.value / b)": "floor_divide",
    "write node % b for the remainder": "divmod",
    "in the order of now: node[np.argsort(node.value)], in every row of a matrix of n rows "
    "node[np.arange(n)[:, None], np.argsort(node.value)]": "sort partition median percentile "
    "quantile",
    "write np.zeros(node.shape)": "zeros_like empty_like",
    "write np.ones(node.shape)": "ones_like",
    "write np.full(node.shape, number)": "full_like",
    "write np.broadcast_to(node, shape)": "expand expand_as broadcast_to broadcast_arrays",
    "write node.reshape(shape)": "view",
    "write node[None] or node[:, None]": "unsqueeze",
    "write node[mask]": "compress extract masked_select",
    "write bp.where(mask, new, node)": "at masked_fill index_put",
    "write list(node)": "unbind unstack",
    "write node.T": "t",
    "write node.ndim": "dim",
    "write node.size": "numel nelement",
    "write node.named('its name')": "label",
    "write node + b": "add",
    "write node - b": "sub",
    "write node * b": "mul",
    "write node / b": "div",
    "write -node": "neg",
    "write it with its operator, as in node > b": "greater greater_equal equal not_equal eq ne gt "
    "ge lt le",
    "write node ** n": "pow power",
    "a node never changes, use it as it is": "clone contiguous",
    "it is changed as a whole, node = node + b; a leaf is given a value by node.value = …": "add_ "
    "sub_ mul_ div_ copy_ fill_ fill normal_ uniform_ clamp_ scatter_ assign assign_add assign_sub",
    "node.op and node.args say how it was made, and a leaf has no args": "grad_fn is_leaf "
    "children parents prev _prev _children _op _backward",
    "every node has its .grad after backward()": "retain_grad register_hook",
    "between neighbours it is (node[2:] - node[:-2]) / 2; of a result, every node has its .grad "
    "after backward()": "gradient",
    "write bp.max(node) - bp.min(node)": "ptp",
    "write bp.sigmoid(node)": "expit",
    "write bp.log(node / (1 - node))": "logit",
    "write a * bp.log(b)": "xlogy",
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
    "write bp.inv(node)": "I inverse",
    "write a @ b": "mm mv bmm matmul matvec vecmat",
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
    "write a % b where both are positive": "fmod",
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
    "write node[::-1], and along the second axis node[:, ::-1]": "flip fliplr flipud",
    "write node[index], as in node[np.arange(n) - 1]": "roll delete rot90 resize index_select",
    "write node[..., np.arange(2 * n) % n], n being node.shape[-1]": "tile",
    "write along axis 0 node[np.arange(2 * n) // 2], n being len(node)": "repeat",
    "write node[np.arange(n)[:, None], index], n being len(node)": "take_along_axis gather",
    "write a[None, :] and b[:, None], which broadcast": "meshgrid",
    "write it for all rows at once, they broadcast": "apply_along_axis apply_over_axes",
    "write np.eye(k)[index].T @ node": "bincount",
    "bp.max(node, axis=0) is the largest alone, np.argmax(node.value, axis=0) its place": "topk "
    "values indices",
    "write 1 / bp.sqrt(node)": "rsqrt",
    "write a + (b - a) * t": "lerp",
    "write bp.norm2(a - b)": "dist",
    "write bp.abs(a) * np.sign(b.value)": "copysign",
    "write bp.concatenate": "append insert pad block cat",
    "write node[a:b] for each part": "split array_split hsplit vsplit chunk",
    "write bp.diag(node)": "diagonal",
    "write the products out, entry by entry": "cross convolve correlate",
    "write bp.sum(node[1:] + node[:-1]) / 2": "trapezoid trapz",
    "write bp.where(np.isnan(node.value), 0.0, node)": "nan_to_num",
    "take the numbers alone, node[~np.isnan(node.value)]": "nansum nanmean nanmax nanmin nanprod",
    "write c @ c.T / (n - 1), c = a - bp.mean(a, axis=1, keepdims=True)": "cov",
    "write c @ c.T of centred rows, divided by bp.norm2(c, axis=1, keepdims=True)": "corrcoef",
    "a matrix's eigenvalues and singular values have no row here": "eig eigh eigvals eigvalsh svd "
    "svdvals cond matrix_rank",
    "write q = a @ bp.inv(r), r = bp.cholesky(a.T @ a).T": "qr",
    "write bp.solve(a.T @ a, a.T @ b)": "lstsq",
    "write bp.solve(a.T @ a, a.T) where a has full column rank": "pinv",
    "backward() starts fresh, nothing has to be zeroed (or write node.grad = None)": "zero_grad "
    "zero_",
    "bp.var makes a leaf to train, bp.const one that is not": "requires_grad requires_grad_",
}
DOOR = {  # the same of what the kit itself has not, and others have
    "bp.var makes a leaf to train, bp.const one that is not": "Value Variable Tensor tensor "
    "Parameter param leaf",
    "write bp.const(node.value)": "stop_gradient",
    "write bp.grad(lambda x: f(x)[i])(x) for its row i": "jacobian jacfwd jacrev",
    "write bp.grad(lambda x: bp.sum(f(x)))(x)": "elementwise_grad",
    "write bp.check_grad(f, x)": "gradcheck numerical_gradient numerical_grad",
    "write bp.Graph(node).compile()": "jit compile",
    "write it for all rows at once, they broadcast": "vmap",
    "write bp.maximum(node, 0.01 * node)": "leaky_relu",
    "write bp.swish(node)": "silu",
    "write -bp.softplus(-node)": "logsigmoid log_sigmoid",
    "write bp.mean((a - b) ** 2)": "mse_loss",
    "write bp.cross_entropy(scores, np.eye(k)[labels])": "nll_loss one_hot",
    "write node * (np.random.rand(*node.shape) < keep) / keep": "dropout",
    "write x @ W + b": "nn Linear",
    "write W.value -= 0.1 * W.grad": "optim SGD",
    "write node.reshape(-1)": "flatten",
}
HINTS = {name: said for said, names in ROWS.items() for name in names.split()}
AT_THE_DOOR = HINTS | {name: said for said, names in DOOR.items() for name in names.split()}


def missing(name: str, of: str, known: Iterable[str]) -> str:
    """The sentence for `name`, which neither the table nor NumPy's names in it know.

    >>> missing("exp", "a Node", ["exp", "log"])
    'a Node has no exp: write bp.exp(node)'
    >>> missing("logg", "np", ["exp", "log"])
    'np.logg cannot be recorded on a Node; the nearest that can: log. node.value is the bare number or array'
    """  # noqa: E501
    import difflib  # takes longer than all of this folder

    names, hint = list(known), HINTS.get(name, "").replace("{name}", name)
    if of == "a Node":
        return f"a Node has no {name}: " + (
            hint or (f"write bp.{name}(node)" if name in names else VALUE)
        )
    near = [] if hint else difflib.get_close_matches(name.split(".")[0], names, 3, 0.6)
    parts = [f"the nearest that can: {', '.join(near)}" if near else hint or VALUE]
    parts += [VALUE] if "node.value" not in parts[0] else []
    return f"{of}.{name} cannot be recorded on a Node; {'. '.join(parts)}"
