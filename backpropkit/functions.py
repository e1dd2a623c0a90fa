"""The names a learner calls, on floats, arrays and Nodes alike."""

# ruff: noqa: I001
from .fluent.composed import clip, concatenate, einsum, prod, square, stack, std
from .engine.rules import (
    abs, arctan, cholesky, cos, cosh, cross_entropy, cumsum, det, diag, exp, exp2,
    expm1, inv, log, log1p, log_softmax, logdet, logsumexp, matmul, max, maximum, mean, min,
    minimum, norm2, outer, quadratic_form, relu, remainder, reshape, sigmoid, sign, sin, sinh,
    softmax, softplus, solve, sqrt, sum, swish, tan, tanh, trace, transpose, where,
)  # fmt: skip

__all__ = [
    "abs", "arctan", "cholesky", "clip", "concatenate", "cos", "cosh", "cross_entropy",
    "cumsum", "det", "diag", "einsum", "exp", "exp2", "expm1", "inv", "log", "log1p",
    "log_softmax", "logdet", "logsumexp", "matmul", "max", "maximum", "mean", "min", "minimum",
    "norm2", "outer", "prod", "quadratic_form", "relu", "remainder", "reshape", "sigmoid",
    "sign", "sin", "sinh", "softmax", "softplus", "solve", "sqrt", "square", "stack", "std",
    "sum", "swish", "tan", "tanh", "trace", "transpose", "where",
]  # fmt: skip
