"""Properties of random graphs over all ops: the engine against autograd and central differences,
compiled against eager, replay against a fresh forward pass, paths against the gradient.

`GRAPHS=100` draws a tenth of them.
"""

import os
from types import SimpleNamespace

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from autograd.scipy.special import logsumexp
from hypothesis import given, settings
from hypothesis import strategies as st

import backpropkit as bp

pytestmark = pytest.mark.slow

GRAPHS = int(os.environ.get("GRAPHS", "1000"))
SHAPES = [(), (1,), (4,), (3, 1), (1, 4), (3, 4)]  # all of them broadcast together

# the same functions by the same names, on an independent system
AUTOGRAD = SimpleNamespace(
    exp=anp.exp, exp2=lambda x: 2.0**x, log=anp.log, sqrt=anp.sqrt, sin=anp.sin, cos=anp.cos,
    tanh=anp.tanh, abs=anp.abs, tan=anp.tan, arctan=anp.arctan, sinh=anp.sinh, cosh=anp.cosh,
    log1p=anp.log1p, expm1=anp.expm1, min=anp.min, cumsum=anp.cumsum, prod=anp.prod, std=anp.std,
    clip=anp.clip, det=anp.linalg.det, cholesky=anp.linalg.cholesky, einsum=anp.einsum,
    remainder=anp.remainder, square=anp.square, maximum=anp.maximum, minimum=anp.minimum,
    where=lambda c, x, y: c * x + (1 - c) * y,  # its own does not broadcast
    sigmoid=lambda x: 1.0 / (1.0 + anp.exp(-x)), relu=lambda x: anp.maximum(x, 0.0),
    swish=lambda x: x / (1.0 + anp.exp(-x)), softplus=lambda x: anp.log(1.0 + anp.exp(x)),
    sum=anp.sum, mean=anp.mean, max=anp.max, reshape=anp.reshape, transpose=anp.transpose,
    stack=anp.stack, concatenate=anp.concatenate, trace=anp.trace, diag=anp.diag,
    inv=anp.linalg.inv, solve=anp.linalg.solve, logdet=lambda a: anp.linalg.slogdet(a)[1],
    matmul=anp.matmul, outer=anp.outer, quadratic_form=lambda x, a: x @ a @ x,
    norm2=lambda x: anp.sqrt(anp.sum(x * x)), logsumexp=logsumexp,
    softmax=lambda x: anp.exp(x - logsumexp(x, axis=-1, keepdims=True)),
    log_softmax=lambda x: x - logsumexp(x, axis=-1, keepdims=True),
    cross_entropy=lambda s, t: -anp.sum(t * (s - logsumexp(s, -1, keepdims=True))) / len(s),
)  # fmt: skip

# what a random step may do to the pool of values: on two of them, on one, or on one matrix
BINARY = [
    lambda m, x, y: x + y,
    lambda m, x, y: x - y,
    lambda m, x, y: x * y,
    lambda m, x, y: x / (1.5 + y * y),
    lambda m, x, y: (1.5 + x * x) ** (0.3 * y),
    lambda m, x, y: m.maximum(x, 0.7 * y + 0.1),
    lambda m, x, y: m.minimum(0.6 * x + 0.2, y),
    lambda m, x, y: m.where(np.array([True, False, True, False]), x, y),
]
UNARY = [
    lambda m, x: -x,
    lambda m, x: x**2,
    lambda m, x: x**3,
    lambda m, x: (1.0 + x * x) ** -1.5,
    lambda m, x: m.exp(0.3 * x),
    lambda m, x: m.exp2(0.3 * x),
    lambda m, x: m.log(1.5 + x * x),
    lambda m, x: m.sqrt(1.5 + x * x),
    lambda m, x: m.sin(x),
    lambda m, x: m.cos(x),
    lambda m, x: m.tanh(x),
    lambda m, x: m.tan(0.3 * m.tanh(x)),
    lambda m, x: m.arctan(x),
    lambda m, x: m.sinh(0.3 * x),
    lambda m, x: m.cosh(0.3 * x),
    lambda m, x: m.log1p(m.square(x)),
    lambda m, x: m.expm1(0.3 * x),
    lambda m, x: m.clip(x, -0.41, 0.83),
    lambda m, x: m.remainder(x, 1.7),
    lambda m, x: x * (x != 0.25),
    lambda m, x: m.abs(x + 0.05),
    lambda m, x: m.sigmoid(x),
    lambda m, x: m.relu(x + 0.03),
    lambda m, x: m.swish(x),
    lambda m, x: m.softplus(x),
    lambda m, x: m.sum(x),
    lambda m, x: m.mean(x),
    lambda m, x: m.norm2(x + 0.3),
    lambda m, x: m.logsumexp(x),
]
MATRIX = [  # on a (3, 4) matrix, back to something that broadcasts
    lambda m, x: m.sum(x, axis=0),
    lambda m, x: m.sum(x, axis=1, keepdims=True),
    lambda m, x: m.mean(x, axis=1, keepdims=True),
    lambda m, x: m.max(x, axis=0),
    lambda m, x: m.min(x, axis=1, keepdims=True),
    lambda m, x: m.cumsum(x, axis=1),
    lambda m, x: m.cumsum(x, axis=0),
    lambda m, x: m.prod(0.5 * x + 1.0, axis=0),
    lambda m, x: m.std(x + np.arange(12.0).reshape(3, 4), axis=0),
    lambda m, x: m.einsum("ij,kj->ik", x, x) @ x,
    lambda m, x: m.det(x @ x.T + 2.0 * np.eye(3)) * 0.01,
    lambda m, x: m.cholesky(x @ x.T + 2.0 * np.eye(3)) @ x,
    lambda m, x: m.logsumexp(x, axis=1, keepdims=True),
    lambda m, x: m.softmax(x),
    lambda m, x: m.log_softmax(x),
    lambda m, x: m.cross_entropy(x, np.full((3, 4), 0.25)),
    lambda m, x: m.transpose(m.reshape(x, (4, 3))),
    lambda m, x: x[1],
    lambda m, x: x[:, 2:3],
    lambda m, x: x[np.array([0, 0, 2])],
    lambda m, x: m.stack([x[0], x[1], x[1]]),
    lambda m, x: m.concatenate([x[:1], x[1:]]),
    lambda m, x: m.matmul(m.matmul(x, m.transpose(x)), x) * 0.1,
    lambda m, x: m.matmul(m.inv(m.matmul(x, m.transpose(x)) + 2.0 * np.eye(3)), x),
    lambda m, x: m.solve(m.matmul(x, m.transpose(x)) + np.diag([2.0, 3.0, 4.0]), x),
    lambda m, x: m.logdet(m.matmul(x, m.transpose(x)) + SKEW),
    lambda m, x: m.trace(m.matmul(x, m.transpose(x))),
    lambda m, x: m.matmul(m.diag(x[:, 0]), x),
    lambda m, x: m.quadratic_form(x[0], m.matmul(m.transpose(x), x) + SKEW4),
    lambda m, x: m.outer(x[:, 1], x[0]),
    lambda m, x: m.matmul(x, x[0])[0] + m.matmul(x[:, 0], x) + m.matmul(x[0], x[1]),
]
SKEW = np.array([[3.0, 1.0, 0.0], [-1.0, 3.0, 0.5], [0.0, -0.5, 3.0]])
SKEW4 = np.arange(16.0).reshape(4, 4) / 10


@st.composite
def programs(draw):
    """(seed of the inputs, their shapes, steps): a program over a growing pool of values."""
    shapes = draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=3))
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["binary", "unary", "matrix"]),
                st.integers(0, 99),
                st.integers(0, 99),
                st.integers(0, 99),
            ),
            min_size=1,
            max_size=7,
        )
    )
    return draw(st.integers(0, 10**6)), shapes, steps


class Pool(list):
    """Values that stay of size one, however the steps multiply them."""

    def append(self, value):
        super().append(value / (1.0 + 0.1 * value * value))


def run(m, program, *inputs):
    _, _, steps = program
    pool = Pool(inputs)
    for kind, which, i, j in steps:
        x, y = pool[i % len(pool)], pool[j % len(pool)]
        if kind == "binary":
            pool.append(BINARY[which % len(BINARY)](m, x, y))
        elif kind == "unary":
            pool.append(UNARY[which % len(UNARY)](m, x))
        else:
            pool.append(
                MATRIX[which % len(MATRIX)](m, 0.2 * x + np.linspace(-1, 1, 12).reshape(3, 4))
            )
    total = 0.0
    for k, value in enumerate(pool):  # everything reaches the result, with different weights
        total = total + m.sum(value * (0.3 + 0.1 * k))
    return total


def inputs_of(program):
    seed, shapes, _ = program
    rng = np.random.default_rng(seed)
    return [
        rng.uniform(-1.0, 1.0, shape) if shape else float(rng.uniform(-1, 1)) for shape in shapes
    ]


def recorded(program):
    leaves = [bp.var(v, name=f"x{i}") for i, v in enumerate(inputs_of(program))]
    return leaves, run(bp, program, *leaves)


def near(found, expected, rtol):
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    assert found.shape == expected.shape
    scale = max(1.0, np.max(np.abs(expected), initial=0.0))
    assert np.max(np.abs(found - expected), initial=0.0) <= rtol * scale


@settings(max_examples=GRAPHS)
@given(programs())
def test_gradients_equal_those_of_autograd(program):
    inputs = inputs_of(program)
    leaves, result = recorded(program)
    bp.backward(result)
    expected = autograd.grad(lambda xs: run(AUTOGRAD, program, *xs))(tuple(inputs))
    near(result.value, run(AUTOGRAD, program, *inputs), 1e-10)
    for leaf, gradient in zip(leaves, expected, strict=True):
        near(leaf.grad, gradient, 1e-9)


@settings(max_examples=GRAPHS)
@given(programs())
def test_compiled_equals_eager(program):
    inputs = inputs_of(program)
    leaves, result = recorded(program)
    bp.backward(result)
    value, gradients = bp.Graph(result).compile()(*inputs)
    near(value, result.value, 1e-12)
    for leaf in leaves:
        near(gradients[leaf.name], leaf.grad, 1e-11)


@settings(max_examples=3 * GRAPHS // 10)
@given(programs())
def test_every_node_agrees_with_a_nudge(program):
    _, result = recorded(program)
    graph = bp.Graph(result)
    h = 1e-6
    for node in graph.nodes:
        direction = np.random.default_rng(0).uniform(0.5, 1.0, node.shape)
        try:
            up, down = graph.nudge(node, h * direction), graph.nudge(node, -h * direction)
        except bp.EngineError as error:  # on the way to a Cholesky factor, which needs symmetry
            assert "not symmetric" in str(error)
            continue
        right, left = up.actual / h, -down.actual / h
        if abs(right - left) > 1e-3:  # a corner of max or |x| lies within h: no slope to compare
            continue
        slope = (right + left) / 2
        near(np.sum(graph.grads[node] * direction), slope, 1e-6)


@settings(max_examples=3 * GRAPHS // 10)
@given(programs(), st.integers(0, 10**6))
def test_replay_equals_a_fresh_forward_pass(program, seed):
    leaves, result = recorded(program)
    moved = inputs_of((seed, *program[1:]))
    values = bp.Graph(result).replay(dict(zip(leaves, moved, strict=True)))
    near(values[result], run(bp, program, *moved), 0.0)


@settings(max_examples=3 * GRAPHS // 10)
@given(programs())
def test_path_products_sum_to_the_gradient(program):
    leaves, result = recorded(program)
    graph = bp.Graph(result)
    for leaf in leaves:
        if leaf in graph.nodes and graph.count_paths(leaf) <= 200:
            paths = list(graph.paths(leaf))
            assert len(paths) == graph.count_paths(leaf)
            near(
                sum(path.product for path in paths) + np.zeros(leaf.shape), graph.grads[leaf], 1e-10
            )


@settings(max_examples=3 * GRAPHS // 10)
@given(programs())
def test_steps_add_up_to_the_gradient_of_every_node(program):
    graph = bp.Graph(recorded(program)[1])
    last = {step.parent: step.total for step in graph.steps()}
    for node, total in last.items():
        near(total, graph.grads[node], 1e-12)


@settings(max_examples=3 * GRAPHS // 20)
@given(programs(), st.integers(0, 10**6))
def test_second_derivatives_equal_differences_of_gradients(program, seed):
    rng = np.random.default_rng(seed)
    inputs = inputs_of(program)
    f = lambda x: run(bp, program, x, *inputs[1:])  # noqa: E731
    v = rng.normal(size=np.shape(inputs[0])) if np.shape(inputs[0]) else 1.0
    h = 1e-5
    below, here, above = (bp.grad(f)(inputs[0] + k * h * v) for k in (-1, 0, 1))
    right, left = (above - here) / h, (here - below) / h
    if np.max(np.abs(right - left)) < 1e-2:  # else the gradient jumps within h, at a corner
        near(bp.hvp(f)(inputs[0], v), (right + left) / 2, 1e-4)


@pytest.mark.parametrize("op", ["binary", "unary", "matrix"])
def test_the_programs_reach_every_op(op):
    """Each step function runs on its own: none hides behind the draw."""
    for which in range(len({"binary": BINARY, "unary": UNARY, "matrix": MATRIX}[op])):
        program = (which, [(3, 4), (4,)], [(op, which, 0, 1)])
        leaves, result = recorded(program)
        bp.backward(result)
        expected = autograd.grad(lambda xs, p=program: run(AUTOGRAD, p, *xs))(
            tuple(inputs_of(program))
        )
        for leaf, gradient in zip(leaves, expected, strict=True):
            near(leaf.grad, gradient, 1e-10)
