"""The names a learner calls, on floats, arrays and Nodes alike. Each is a row of rules.py."""

# ruff: noqa: I001
from .rules import (
    abs, concatenate, cos, cross_entropy, diag, exp, exp2, inv, log, log_softmax, logdet, logsumexp,
    matmul, max, maximum, mean, minimum, norm2, outer, quadratic_form, relu, reshape, sigmoid, sign,
    sin, softmax, softplus, solve, sqrt, stack, sum, swish, tanh, trace, transpose, where,
)  # fmt: skip

__all__ = [
    "abs", "concatenate", "cos", "cross_entropy", "diag", "exp", "exp2", "inv", "log",
    "log_softmax", "logdet", "logsumexp", "matmul", "max", "maximum", "mean", "minimum",
    "norm2", "outer", "quadratic_form", "relu", "reshape", "sigmoid", "sign", "sin", "softmax",
    "softplus", "solve", "sqrt", "stack", "sum", "swish", "tanh", "trace", "transpose", "where",
]  # fmt: skip
