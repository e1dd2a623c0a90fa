"""Wrong answers written from the statements alone, before the table of ideas was looked at.

Each says what its learner thinks, and which row of the table that turned out to be: None where
there is no such row, or where the judge does not see it yet.
"""

import math
from typing import ClassVar

import numpy as np
from numpy.linalg import inv
from right_answers import (
    Value,
    autoencoder,
    gp_first,
    gp_second,
    keeping,
    kernel,
    no_grad,
    objective,
    reconstruction,
    s,
    topo,
)
from wrong_answers import value_where

assert no_grad  # the check of a gate asks for it, where the gate's class stands

FRESH = []


def fresh(id, thought, idea, solution=None):
    """Enter one wrong answer; a decorator if the answer is a class or a longer function."""

    def enter(solution):
        FRESH.append((id, thought, idea, solution))
        return solution

    return enter if solution is None else enter(solution)


# problem set 1
fresh("ps1.nudges", "how far J moved", "undivided", {"Ja": 0.003, "Jb": 0.006, "Jc": 0.009})
fresh("ps1.nudges", "the gradients", "undivided", {"Ja": 3, "Jb": 6, "Jc": 9})
fresh(
    "ps1.nudges",
    "b and c taken for each other",
    "mul-not-switched",
    {"Ja": 33.003, "Jb": 33.009, "Jc": 33.006},
)
fresh("ps1.nudges", "the nudges stay", None, {"Ja": 33.003, "Jb": 33.009, "Jc": 33.018009})
fresh("ps1.nudges", "one digit slipped", None, {"Ja": 33.003, "Jb": 33.06, "Jc": 33.009})
fresh("ps1.slope", "one-sided", "finite-difference", lambda f, x, h: (f(x + h) - f(x)) / h)
fresh("ps1.slope", "backwards", "finite-difference", lambda f, x, h: (f(x) - f(x - h)) / h)
fresh("ps1.slope", "divided by h only", "scale", lambda f, x, h: (f(x + h) - f(x - h)) / h)
fresh("ps1.slope", "not divided", "undivided", lambda f, x, h: f(x + h) - f(x - h))
fresh("ps1.slope", "turned round", "sign", lambda f, x, h: (f(x - h) - f(x + h)) / (2 * h))
fresh("ps1.slope", "an h of its own", None, lambda f, x, h: (f(x + 0.01) - f(x - 0.01)) / 0.02)
fresh("ps1.slope", "half brackets", "brackets-lost", lambda f, x, h: f(x + h) - f(x - h) / (2 * h))
S7 = {"L": 1, "d": -2, "f": 4, "c": -2, "e": -2, "a": 6, "b": -4}
fresh(
    "ps1.seven_gradients",
    "the incoming gradient forgotten",
    "no-upstream",
    S7 | {"e": 1, "c": 1, "a": -3, "b": 2},
)
fresh("ps1.seven_gradients", "a and b not switched", "mul-not-switched", S7 | {"a": -4, "b": 6})
fresh(
    "ps1.seven_gradients",
    "values",
    "value-for-gradient",
    {"L": -8, "d": 4, "f": -2, "c": 10, "e": -6, "a": 2, "b": -3},
)
fresh(
    "ps1.seven_gradients",
    "d and f not switched",
    "mul-not-switched",
    S7 | {"d": 4, "f": -2, "c": 4, "e": 4, "a": -12, "b": 8},
)
fresh("ps1.seven_gradients", "a sum halves", "add-splits", S7 | {"c": -1, "e": -1, "a": 3, "b": -2})
fresh("ps1.seven_gradients", "dL/dL is L", "seed-not-1", S7 | {"L": -8})
fresh("ps1.seven_gradients", "a sign in a", "sign", S7 | {"a": -6})
fresh("ps1.grad_L", "f forgotten", "no-upstream", lambda a, b, c, f: (b, a, 1, a * b + c))
fresh(
    "ps1.grad_L",
    "a and b not switched",
    "mul-not-switched",
    lambda a, b, c, f: (a * f, b * f, f, a * b + c),
)
fresh("ps1.grad_L", "f is d/df of f", "upstream-only", lambda a, b, c, f: (b * f, a * f, f, 1.0))
fresh(
    "ps1.grad_L",
    "c forgotten in df",
    "input-forgotten",
    lambda a, b, c, f: (b * f, a * f, f, a * b),
)
fresh(
    "ps1.grad_L",
    "c instead of 1",
    "value-for-derivative",
    lambda a, b, c, f: (b * f, a * f, c * f, a * b + c),
)
fresh(
    "ps1.grad_L",
    "returned in order of the sweep",
    "parts-swapped",
    lambda a, b, c, f: (a * b + c, f, a * f, b * f),
)
fresh(
    "ps1.grad_L",
    "everything times L",
    "seed-not-1",
    lambda a, b, c, f: tuple((a * b + c) * f * g for g in (b * f, a * f, f, a * b + c)),
)
fresh("ps1.grad_J", "the 3 forgotten", "no-upstream", lambda a, b, c: (1, c, b))
fresh("ps1.grad_J", "the 3 only for a", "no-upstream", lambda a, b, c: (3, c, b))
fresh("ps1.grad_J", "not switched", "mul-not-switched", lambda a, b, c: (3, 3 * b, 3 * c))
fresh(
    "ps1.grad_J", "3 shared among both terms", "add-splits", lambda a, b, c: (1.5, 1.5 * c, 1.5 * b)
)
fresh("ps1.grad_J", "a is a", "value-for-derivative", lambda a, b, c: (3 * a, 3 * c, 3 * b))
fresh("ps1.grad_J", "how far it moves", "undivided", lambda a, b, c: (0.003, 0.003 * c, 0.003 * b))


def chain(g2, g1, gx):
    def answer(x):
        h1 = x * x
        h2 = math.exp(h1)
        d2 = g2(x, h1, h2)
        d1 = g1(x, h1, h2, d2)
        return {"h2": d2, "h1": d1, "x": gx(x, h1, h2, d1)}

    return answer


def R2(x, h1, h2):
    return -1 / h2**2


def R1(x, h1, h2, g):
    return g * h2


def RX(x, h1, h2, g):
    return g * 2 * x


fresh(
    "ps1.chain", "the minus of 1/h2 lost", "recip-minus", chain(lambda x, h1, h2: 1 / h2**2, R1, RX)
)
fresh("ps1.chain", "1/h2 for -1/h2^2", "recip-square", chain(lambda x, h1, h2: -1 / h2, R1, RX))
fresh(
    "ps1.chain", "derivative of 1/h is log h", None, chain(lambda x, h1, h2: math.log(h2), R1, RX)
)
fresh(
    "ps1.chain",
    "exp's input instead of its output",
    "output-for-input",
    chain(R2, lambda x, h1, h2, g: g * h1, RX),
)
fresh(
    "ps1.chain",
    "power rule on exp",
    "power-rule-exp",
    chain(R2, lambda x, h1, h2, g: g * h1 * math.exp(h1 - 1), RX),
)
fresh(
    "ps1.chain",
    "the 2 of x squared lost",
    "exponent-lost",
    chain(R2, R1, lambda x, h1, h2, g: g * x),
)
fresh("ps1.chain", "2 for 2x", "exponent-lost", chain(R2, R1, lambda x, h1, h2, g: g * 2))
fresh(
    "ps1.chain",
    "local derivatives only",
    "no-upstream",
    chain(R2, lambda x, h1, h2, g: h2, lambda x, h1, h2, g: 2 * x),
)
fresh(
    "ps1.chain",
    "the last product forgotten",
    "no-upstream",
    chain(R2, R1, lambda x, h1, h2, g: 2 * x),
)

# problem set 2
G2 = {"f": 1, "q": -4, "z": 3, "x": -4, "y": -4}
fresh(
    "ps2.gate_gradients",
    "q and z not switched",
    "mul-not-switched",
    G2 | {"q": 3, "z": -4, "x": 3, "y": 3},
)
fresh("ps2.gate_gradients", "sum stops the gradient", "no-upstream", G2 | {"x": 1, "y": 1})
fresh("ps2.gate_gradients", "sum halves", "add-splits", G2 | {"x": -2, "y": -2})
fresh("ps2.gate_gradients", "the sum is a product", "add-as-mul", G2 | {"x": -20, "y": 8})
fresh(
    "ps2.gate_gradients",
    "values",
    "value-for-gradient",
    {"f": -12, "q": 3, "z": -4, "x": -2, "y": 5},
)
T = {
    "den": -0.534447,
    "ex": -0.534447,
    "neg": -0.196612,
    "w2": 0.196612,
    "dot": 0.196612,
    "s": 0.196612,
}
T |= {
    "m0": 0.196612,
    "m1": 0.196612,
    "w0": -0.196612,
    "x0": 0.393224,
    "w1": -0.393224,
    "x1": -0.589836,
}
fresh("ps2.sigmoid_table", "minus lost at 1/den", "recip-minus", {k: -v for k, v in T.items()})
fresh(
    "ps2.sigmoid_table",
    "minus lost at the negation",
    "exp-minus",
    {k: (v if k in ("den", "ex", "neg") else -v) for k, v in T.items()},
)
fresh(
    "ps2.sigmoid_table",
    "weights and inputs not switched",
    "mul-not-switched",
    T | {"w0": 0.393224, "x0": -0.196612, "w1": -0.589836, "x1": -0.393224},
)
fresh(
    "ps2.sigmoid_table",
    "1/den for 1/den^2",
    "recip-square",
    {k: v * 1.367879 for k, v in T.items()},
)
fresh(
    "ps2.sigmoid_table",
    "exp's slope forgotten",
    "upstream-only",
    {k: (v if k in ("den", "ex") else v * math.e) for k, v in T.items()},
)


def neuron(slope, w_, x_):
    def answer(w, x):
        z = w[:2] @ x + w[2]
        g = slope(z)
        return np.array(w_(g, w, x)), np.array(x_(g, w, x))

    return answer


def NW(g, w, x):
    return [g * x[0], g * x[1], g]


def NX(g, w, x):
    return [g * w[0], g * w[1]]


def SP(z):
    return s(z) * (1 - s(z))


fresh("ps2.grad_neuron", "slope is f", "sigmoid-prime", neuron(s, NW, NX))
fresh("ps2.grad_neuron", "slope is 1 - f", "sigmoid-prime", neuron(lambda z: 1 - s(z), NW, NX))
fresh(
    "ps2.grad_neuron",
    "slope is f(1+f)",
    "sigmoid-prime",
    neuron(lambda z: s(z) * (1 + s(z)), NW, NX),
)
fresh(
    "ps2.grad_neuron",
    "slope in the input",
    "output-for-input",
    neuron(lambda z: z * (1 - z), NW, NX),
)
fresh("ps2.grad_neuron", "sigma of sigma", "output-for-input", neuron(lambda z: SP(s(z)), NW, NX))
fresh("ps2.grad_neuron", "no slope at all", "no-upstream", neuron(lambda z: 1.0, NW, NX))
fresh(
    "ps2.grad_neuron",
    "bias gets 1",
    "no-upstream",
    neuron(SP, lambda g, w, x: [g * x[0], g * x[1], 1.0], NX),
)
fresh(
    "ps2.grad_neuron",
    "bias gets its value",
    "value-for-derivative",
    neuron(SP, lambda g, w, x: [g * x[0], g * x[1], g * w[2]], NX),
)
fresh(
    "ps2.grad_neuron",
    "weights and inputs not switched",
    "mul-not-switched",
    neuron(SP, lambda g, w, x: [g * w[0], g * w[1], g], lambda g, w, x: [g * x[0], g * x[1]]),
)
fresh(
    "ps2.grad_circuit",
    "to both of max",
    "max-routes-both",
    lambda x, y, z, w: (2 * y, 2 * x, 2.0, 2.0),
)
fresh(
    "ps2.grad_circuit",
    "half to both of max",
    "max-routes-both",
    lambda x, y, z, w: (2 * y, 2 * x, 1.0, 1.0),
)
fresh(
    "ps2.grad_circuit",
    "to the smaller",
    "max-routes-both",
    lambda x, y, z, w: (2 * y, 2 * x, 2.0 * (z < w), 2.0 * (z > w)),
)
fresh(
    "ps2.grad_circuit",
    "2 forgotten",
    "scale-node-skipped",
    lambda x, y, z, w: (y, x, 1.0 * (z > w), 1.0 * (z < w)),
)
fresh(
    "ps2.grad_circuit",
    "2 forgotten for max",
    "scale-node-skipped",
    lambda x, y, z, w: (2 * y, 2 * x, 1.0 * (z > w), 1.0 * (z < w)),
)
fresh(
    "ps2.grad_circuit",
    "not switched",
    "mul-not-switched",
    lambda x, y, z, w: (2 * x, 2 * y, 2.0 * (z > w), 2.0 * (z < w)),
)
fresh(
    "ps2.grad_circuit",
    "values of z and w",
    "max-routes-both",
    lambda x, y, z, w: (2 * y, 2 * x, 2 * z * (z > w), 2 * w * (z < w)),
)
fresh("ps2.branches", "the last one counts", "one-path", lambda s: (6 * s**2, 3 * s**2, 3 * s**2))
fresh("ps2.branches", "the first one counts", "overwrite", lambda s: (6 * s**2, 3 * s**2, 6 * s**2))
fresh(
    "ps2.branches", "multiplied", "paths-combined-wrong", lambda s: (6 * s**2, 3 * s**2, 18 * s**4)
)
fresh("ps2.branches", "mean", "paths-combined-wrong", lambda s: (6 * s**2, 3 * s**2, 4.5 * s**2))
fresh("ps2.branches", "slopes only", "upstream-only", lambda s: (2 * s, 3, 2 * s + 3))
fresh(
    "ps2.branches",
    "not switched",
    "mul-not-switched",
    lambda s: (2 * s**3, 9 * s, 2 * s**3 + 9 * s),
)
fresh(
    "ps2.branches",
    "minus",
    "paths-combined-wrong",
    lambda s: (6 * s**2, 3 * s**2, 3 * s**2 - 6 * s**2),
)


def staged(
    num=lambda x, y: 1.0,
    sign=-1.0,
    square=2,
    other=1.0,
    slope=lambda v: s(v) * (1 - s(v)),
    two=2.0,
    path=1.0,
):
    def answer(x, y):
        a, d = x + s(y), s(x) + (x + y) ** 2
        g = sign * a / d**square
        return 1 / d + g * (path * slope(x) + two * (x + y)), slope(y) / d + g * two * (
            x + y
        ) * other

    return answer


fresh("ps2.grad_staged", "quotient plus", "recip-minus", staged(sign=1.0))
fresh("ps2.grad_staged", "den not squared", "recip-square", staged(square=1))
fresh("ps2.grad_staged", "2 of the square lost", "exponent-lost", staged(two=1.0))
fresh("ps2.grad_staged", "sigma for its slope", "sigmoid-prime", staged(slope=s))
fresh("ps2.grad_staged", "x by sigma forgotten", "one-path", staged(path=0.0))
fresh(
    "ps2.grad_staged",
    "numerator only",
    "one-path",
    lambda x, y: (1 / (s(x) + (x + y) ** 2), s(y) * (1 - s(y)) / (s(x) + (x + y) ** 2)),
)
fresh("ps2.grad_staged", "y not in the square", "overwrite", staged(other=0.0))


# problem set 3
def gate(back, forward=lambda x, y: x * y):
    class Gate:
        def forward(self, x, y):
            self.x, self.y = x, y
            return forward(x, y)

        def backward(self, dz):
            return back(self.x, self.y, dz)

    return Gate


fresh(
    "ps3.MultiplyGate", "not switched", "mul-not-switched", gate(lambda x, y, dz: [x * dz, y * dz])
)
fresh("ps3.MultiplyGate", "dz forgotten", "no-upstream", gate(lambda x, y, dz: [y, x]))
fresh("ps3.MultiplyGate", "passes on", "upstream-only", gate(lambda x, y, dz: [dz, dz]))
fresh("ps3.MultiplyGate", "one number", None, gate(lambda x, y, dz: (x + y) * dz))
fresh(
    "ps3.MultiplyGate",
    "whole product",
    "value-for-derivative",
    gate(lambda x, y, dz: [x * y * dz, x * y * dz]),
)


@fresh("ps3.MultiplyGate", "memory on the class", "shared-cache")
class OfAll:
    memory: ClassVar = {}

    def forward(self, x, y):
        self.memory.update(x=x, y=y)
        return x * y

    def backward(self, dz):
        return [self.memory["y"] * dz, self.memory["x"] * dz]


def add(x, y):
    return x + y


def big(x, y):
    return max(x, y)


fresh("ps3.AddGate", "halves", "add-splits", gate(lambda x, y, dz: [dz / 2, dz / 2], add))
fresh("ps3.AddGate", "ones", "no-upstream", gate(lambda x, y, dz: [1.0, 1.0], add))
fresh("ps3.AddGate", "switches", "add-as-mul", gate(lambda x, y, dz: [y * dz, x * dz], add))
fresh(
    "ps3.AddGate", "by value", "value-for-derivative", gate(lambda x, y, dz: [x * dz, y * dz], add)
)
fresh("ps3.MaxGate", "both", "max-routes-both", gate(lambda x, y, dz: [dz, dz], big))
fresh(
    "ps3.MaxGate",
    "loser",
    "max-routes-both",
    gate(lambda x, y, dz: [dz * (x < y), dz * (x > y)], big),
)
fresh(
    "ps3.MaxGate", "ones", "no-upstream", gate(lambda x, y, dz: [1.0 * (x > y), 1.0 * (y > x)], big)
)
fresh("ps3.MaxGate", "the first always", "max-routes-both", gate(lambda x, y, dz: [dz, 0.0], big))


def sigmoid_gate(back, keeps=lambda self: self.grad):
    class Gate:
        def __init__(self, grad=True):
            self.grad = grad

        def forward(self, x):
            f = 1 / (1 + math.exp(-x))
            if keeps(self) and keeping[0]:
                self.x, self.f = x, f
            return f

        def backward(self, df):
            return back(self.x, self.f, df)

    return Gate


fresh("ps3.SigmoidGate", "f only", "sigmoid-prime", sigmoid_gate(lambda x, f, df: f * df))
fresh("ps3.SigmoidGate", "df forgotten", "no-upstream", sigmoid_gate(lambda x, f, df: f * (1 - f)))
fresh(
    "ps3.SigmoidGate",
    "x for f",
    "output-for-input",
    sigmoid_gate(lambda x, f, df: x * (1 - x) * df),
)
fresh(
    "ps3.SigmoidGate",
    "grad ignored",
    "kept-anyway",
    sigmoid_gate(lambda x, f, df: f * (1 - f) * df, lambda self: True),
)
fresh(
    "ps3.SigmoidGate",
    "from the input",
    None,
    sigmoid_gate(lambda x, f, df: math.exp(-x) / (1 + math.exp(-x)) ** 2 * df),
)


def by_depth(node):
    order, todo = [], [node]
    while todo:
        n = todo.pop(0)
        order.append(n)
        todo += n.args
    return order[::-1]


def preorder(node):
    order, todo, seen = [], [node], set()
    while todo:
        n = todo.pop()
        if n not in seen:
            seen.add(n)
            order.append(n)
            todo += n.args
    return order[::-1]


def recursive(node, seen=None):
    seen = set() if seen is None else seen
    if node in seen:
        return []
    seen.add(node)
    return [n for a in node.args for n in recursive(a, seen)] + [node]


fresh("ps3.topo", "by depth, with repeats", "visited-twice", by_depth)
fresh("ps3.topo", "as met", "not-topological", preorder)
fresh("ps3.topo", "result first", "not-topological", lambda node: topo(node)[::-1])
fresh("ps3.topo", "recursion", None, recursive)
fresh("ps3.topo", "itself left out", None, lambda node: topo(node)[:-1])


@fresh("ps3.Value", "= for +=", "overwrite")
class Assigns(Value):
    def backward(self):
        order = topo(self)
        self.grad = 1.0
        for node in reversed(order):
            for a, part in zip(node.args, node.pull(node.grad), strict=True):
                a.grad = part


@fresh("ps3.Value", "micrograd", "double-backward")
class Sends(Value):
    def backward(self):
        order = topo(self)
        self.grad = 1.0
        for node in reversed(order):
            for a, part in zip(node.args, node.pull(node.grad), strict=True):
                a.grad += part


@fresh("ps3.Value", "depth first without order", "not-topological")
class Wanders(Value):
    def backward(self):
        self.grad += 1.0
        todo = [self]
        while todo:
            node = todo.pop()
            for a, part in zip(node.args, node.pull(node.grad), strict=True):
                a.grad += part
                todo.append(a)


fresh(
    "ps3.Value", "exp by its input", "output-for-input", value_where("(g * y,)", "(g * self.data,)")
)
fresh(
    "ps3.Value",
    "log passes log",
    "value-for-derivative",
    value_where("(g / a,)", "(g * math.log(a),)"),
)
fresh(
    "ps3.Value",
    "log by its output",
    "output-for-input",
    value_where("(g / a,)", "(g / math.log(a),)"),
)
fresh("ps3.Value", "relu passes all", "relu-mask", value_where("(g * on,)", "(g,)"))
fresh(
    "ps3.Value",
    "relu's slope is its value",
    "value-for-derivative",
    value_where("(g * on,)", "(g * self.data * on,)"),
)
fresh(
    "ps3.Value",
    "relu's slope is 1, without g",
    "no-upstream",
    value_where("(g * on,)", "(1.0 * on,)"),
)
fresh(
    "ps3.Value",
    "power without exponent",
    "exponent-lost",
    value_where("g * n * a ** (n - 1)", "g * a ** (n - 1)"),
)
fresh(
    "ps3.Value",
    "power keeps its exponent",
    "exponent-lost",
    value_where("g * n * a ** (n - 1)", "g * n * a**n"),
)
fresh(
    "ps3.Value",
    "product not switched",
    "mul-not-switched",
    value_where("(g * b, g * a)", "(g * a, g * b)"),
)
fresh("ps3.Value", "product without g", "no-upstream", value_where("(g * b, g * a)", "(b, a)"))


@fresh("ps3.Value", "no constants on the left", None)
class OneSided(Value):
    __radd__ = __rmul__ = __rsub__ = __rtruediv__ = None


# problem set 4
fresh(
    "ps4.step",
    "plus",
    "ascent",
    lambda params, grads, leaves, lr: {n: params[n] + lr * grads[n] for n in leaves},
)
fresh(
    "ps4.step",
    "everything",
    "updates-intermediates",
    lambda params, grads, leaves, lr: {n: params[n] - lr * grads[n] for n in params},
)
fresh(
    "ps4.step",
    "no lr",
    "lr-forgotten",
    lambda params, grads, leaves, lr: {n: params[n] - grads[n] for n in leaves},
)
fresh(
    "ps4.step",
    "by the sign",
    "abs-grad",
    lambda params, grads, leaves, lr: {n: params[n] - lr * abs(grads[n]) for n in leaves},
)
fresh(
    "ps4.step",
    "update only",
    "update-for-value",
    lambda params, grads, leaves, lr: {n: -lr * grads[n] for n in leaves},
)
fresh(
    "ps4.step",
    "sign of the gradient",
    "sign-only",
    lambda params, grads, leaves, lr: {n: params[n] - lr * np.sign(grads[n]) for n in leaves},
)
fresh("ps4.goal_steps", "swapped", "ascent", lambda p, g, lr: (p - lr * g, p + lr * g))
fresh("ps4.goal_steps", "no lr", "lr-forgotten", lambda p, g, lr: (p + g, p - g))
fresh("ps4.goal_steps", "the update only", "update-for-value", lambda p, g, lr: (lr * g, -lr * g))
fresh("ps4.goal_steps", "by size", "abs-grad", lambda p, g, lr: (p + lr * abs(g), p - lr * abs(g)))
fresh(
    "ps4.goal_steps",
    "by the sign of p",
    None,
    lambda p, g, lr: (p + lr * g * np.sign(p), p - lr * g * np.sign(p)),
)


def walk(rule, count=0):
    def answer(grad, w0, lr, n):
        places = [w0]
        for k in range(n + count):
            places.append(rule(places, grad, lr, k))
        return np.array(places)

    return answer


fresh("ps4.descend", "uphill", "ascent", walk(lambda p, grad, lr, k: p[-1] + lr * grad(p[-1])))
fresh(
    "ps4.descend",
    "slope at the start",
    "old-slope",
    walk(lambda p, grad, lr, k: p[-1] - lr * grad(p[0])),
)
fresh(
    "ps4.descend",
    "from the start each time",
    "old-slope",
    walk(lambda p, grad, lr, k: p[0] - lr * grad(p[-1])),
)
fresh(
    "ps4.descend",
    "one too many",
    "history-length",
    walk(lambda p, grad, lr, k: p[-1] - lr * grad(p[-1]), 1),
)
fresh(
    "ps4.descend",
    "one too few",
    "history-length",
    walk(lambda p, grad, lr, k: p[-1] - lr * grad(p[-1]), -1),
)
fresh(
    "ps4.descend",
    "only the last",
    "history-length",
    lambda *a: walk(lambda p, grad, lr, k: p[-1] - lr * grad(p[-1]))(*a)[-1],
)
fresh("ps4.descend", "no lr", "lr-forgotten", walk(lambda p, grad, lr, k: p[-1] - grad(p[-1])))
fresh(
    "ps4.descend",
    "lr decays",
    "step-length",
    walk(lambda p, grad, lr, k: p[-1] - lr / (k + 1) * grad(p[-1])),
)
fresh("ps4.which_minimum", "the lower", None, lambda w0: -1.300840)
fresh("ps4.which_minimum", "by sign", None, lambda w0: 1.130901 if w0 > 0 else -1.300840)
fresh("ps4.which_minimum", "the other", None, lambda w0: -1.300840 if w0 > 0.169938 else 1.130901)
fresh("ps4.which_minimum", "the ridge", None, lambda w0: 0.169938)
fresh("ps4.which_minimum", "uphill or far", None, lambda w0: w0 - 0.01 * (4 * w0**3 - 6 * w0 + 1))
fresh("ps4.max_lr", "1/max", "no-overshoot", lambda A: 1 / np.linalg.eigvalsh(A).max())
fresh("ps4.max_lr", "2/min", "other-eigenvalue", lambda A: 2 / np.linalg.eigvalsh(A).min())
fresh("ps4.max_lr", "2/trace", "bound-for-limit", lambda A: 2 / np.trace(A))
fresh("ps4.max_lr", "2/norm", "bound-for-limit", lambda A: 2 / np.linalg.norm(A))
fresh("ps4.max_lr", "the eigenvalue", "limit-scaling", lambda A: np.linalg.eigvalsh(A).max())
fresh("ps4.max_lr", "from the diagonal", "entries-for-eigenvalues", lambda A: 2 / np.diag(A).max())


# problem set 5
def reg(
    target=lambda y, t: y - t,
    slope=lambda y, z: y * (1 - y),
    w_=lambda g, x, w, beta: g * x + beta * w,
    b_=lambda g, w, beta: g,
    x_=lambda g, w: g * w,
):
    def answer(w, b, x, t, beta):
        z = w * x + b
        y = s(z)
        g = target(y, t) * slope(y, z)
        return w_(g, x, w, beta), b_(g, w, beta), x_(g, w)

    return answer


fresh("ps5.grad_reg", "penalty forgotten", "reg-path", reg(w_=lambda g, x, w, beta: g * x))
fresh("ps5.grad_reg", "2 beta w", "reg-path", reg(w_=lambda g, x, w, beta: g * x + 2 * beta * w))
fresh(
    "ps5.grad_reg",
    "beta w squared half",
    "value-for-derivative",
    reg(w_=lambda g, x, w, beta: g * x + beta * w * w / 2),
)
fresh("ps5.grad_reg", "t - y", "sign", reg(target=lambda y, t: t - y))
fresh("ps5.grad_reg", "2 (y - t)", "scale-node-skipped", reg(target=lambda y, t: 2 * (y - t)))
fresh("ps5.grad_reg", "sigmoid's slope forgotten", "upstream-only", reg(slope=lambda y, z: 1.0))
fresh("ps5.grad_reg", "z (1 - z)", "output-for-input", reg(slope=lambda y, z: z * (1 - z)))
fresh(
    "ps5.grad_reg",
    "w and x swapped",
    "mul-not-switched",
    reg(w_=lambda g, x, w, beta: g * w + beta * w, x_=lambda g, w: g * 1.0),
)
fresh("ps5.grad_reg", "penalty on b too", "reg-path", reg(b_=lambda g, w, beta: g + beta * w))


def two(
    out=lambda h2: -1 / h2,
    s2=lambda h: h * (1 - h),
    s1=lambda h: h * (1 - h),
    w2_=lambda w2: w2,
    x_=lambda x: x,
):
    def answer(w1, w2, x):
        h1 = s(w1 * x)
        h2 = s(w2 * h1)
        g = out(h2) * s2(h2)
        return g * w2_(w2) * s1(h1) * x_(x), g * h1

    return answer


fresh("ps5.grad_two", "minus lost", "recip-minus", two(out=lambda h2: 1 / h2))
fresh("ps5.grad_two", "w2 forgotten", "upstream-only", two(w2_=lambda w2: 1.0))
fresh("ps5.grad_two", "first slope forgotten", "upstream-only", two(s1=lambda h: 1.0))
fresh("ps5.grad_two", "second slope forgotten", "upstream-only", two(s2=lambda h: 1.0))
fresh("ps5.grad_two", "x forgotten", "scale-node-skipped", two(x_=lambda x: 1.0))
fresh(
    "ps5.grad_two", "log for its slope", "value-for-derivative", two(out=lambda h2: -math.log(h2))
)
fresh("ps5.grad_two", "slopes are h", "sigmoid-prime", two(s1=lambda h: h, s2=lambda h: h))


def netted(pick, out=lambda y, t: y - t, s2=lambda y: y * (1 - y), s1=lambda h: h * (1 - h)):
    def answer(W1, W2, x, t):
        h = s(W1 @ x)
        y = s(W2 @ h)
        d2 = out(y, t) * s2(y)
        return pick(W1, W2, x, h, d2, s1(h))

    return answer


def P212(W1, W2, x, h, d2, s1):
    return d2[0] * h[1]


fresh("ps5.dw212", "from 1 to 2", "index-order", netted(lambda W1, W2, x, h, d2, s1: d2[1] * h[0]))
fresh(
    "ps5.dw212",
    "counted from 0",
    "counting-from-1",
    netted(lambda W1, W2, x, h, d2, s1: d2[1] * h[2]),
)
fresh("ps5.dw212", "slope forgotten", "upstream-only", netted(P212, s2=lambda y: 1.0))
fresh(
    "ps5.dw212",
    "times w",
    "value-for-derivative",
    netted(lambda W1, W2, x, h, d2, s1: d2[0] * h[1] * W2[0, 1]),
)
fresh("ps5.dw212", "t - y", "sign", netted(P212, out=lambda y, t: t - y))
fresh("ps5.dw212", "input for h", None, netted(lambda W1, W2, x, h, d2, s1: d2[0] * x[1]))


def w131(weight=lambda W2: W2[:, 2], total=np.sum, tail=lambda x, s1: s1[2] * x[0], **changes):
    def pick(W1, W2, x, h, d2, s1):
        ways = d2 * weight(W2) * tail(x, s1)
        return ways[0], ways[1], total(ways)

    return netted(pick, **changes)


fresh("ps5.paths_w131", "only y1", "overwrite", w131(total=lambda ways: ways[0]))
fresh("ps5.paths_w131", "multiplied", "paths-combined-wrong", w131(total=np.prod))
fresh("ps5.paths_w131", "weight forgotten", "upstream-only", w131(weight=lambda W2: np.ones(2)))
fresh("ps5.paths_w131", "h's slope forgotten", "upstream-only", w131(s1=lambda h: np.ones(3)))
fresh("ps5.paths_w131", "row for column", "index-order", w131(weight=lambda W2: W2[1, :2]))
fresh("ps5.paths_w131", "x forgotten", "upstream-only", w131(tail=lambda x, s1: s1[2]))
fresh("ps5.paths_w131", "x2 for x1", "counting-from-1", w131(tail=lambda x, s1: s1[2] * x[1]))
fresh("ps5.paths_w131", "y's slope forgotten", "upstream-only", w131(s2=lambda y: 1.0))
fresh("ps5.paths_w131", "average", "paths-combined-wrong", w131(total=np.mean))


def soft(out, tail=lambda W2, h, x: W2[:, 2] * h[2] * (1 - h[2]) * x[0]):
    def answer(W1, W2, x, t):
        h = s(W1 @ x)
        p = np.exp(W2 @ h) / np.exp(W2 @ h).sum()
        return float(np.sum(out(p, t) * tail(W2, h, x)))

    return answer


fresh("ps5.dw131_softmax", "t - p", "sign", soft(lambda p, t: t - p))
fresh("ps5.dw131_softmax", "only the diagonal", "softmax-diagonal", soft(lambda p, t: -t * (1 - p)))
fresh(
    "ps5.dw131_softmax",
    "sigmoid in place",
    "softmax-diagonal",
    soft(lambda p, t: (p - t) * p * (1 - p)),
)
fresh("ps5.dw131_softmax", "-t/p only", "upstream-only", soft(lambda p, t: -t / p))
fresh("ps5.dw131_softmax", "p only", None, soft(lambda p, t: p))
fresh(
    "ps5.dw131_softmax",
    "h's slope forgotten",
    "upstream-only",
    soft(lambda p, t: p - t, lambda W2, h, x: W2[:, 2] * x[0]),
)
fresh("ps5.dw131_softmax", "one path", "one-path", soft(lambda p, t: (p - t) * np.array([1, 0])))


def all_of(
    d1_=lambda W2, d2, s1: W2.T @ d2 * s1,
    o2=lambda d2, h: np.outer(d2, h),
    o1=lambda d1, x: np.outer(d1, x),
    **changes,
):
    return netted(lambda W1, W2, x, h, d2, s1: (o1(d1_(W2, d2, s1), x), o2(d2, h)), **changes)


fresh(
    "ps5.grads_net",
    "outer the other way",
    "operand-transpose",
    all_of(o2=lambda d2, h: np.outer(h, d2), o1=lambda d1, x: np.outer(x, d1)),
)
fresh("ps5.grads_net", "hidden slope forgotten", "upstream-only", all_of(s1=lambda h: 1.0))
fresh("ps5.grads_net", "output slope forgotten", "upstream-only", all_of(s2=lambda y: 1.0))
fresh(
    "ps5.grads_net", "W2 forgotten", "upstream-only", all_of(d1_=lambda W2, d2, s1: d2.sum() * s1)
)
fresh("ps5.grads_net", "t - y", "sign", all_of(out=lambda y, t: t - y))
fresh(
    "ps5.grads_net", "2 from the square", "scale-node-skipped", all_of(out=lambda y, t: 2 * (y - t))
)
fresh("ps5.grads_net", "hidden slope is h", "sigmoid-prime", all_of(s1=lambda h: h))

# problem set 6
fresh("ps6.matmul_backward", "swapped sides", "transpose", lambda W, X, G: (X @ G.T, G.T @ W))
fresh("ps6.matmul_backward", "results swapped", "parts-swapped", lambda W, X, G: (W.T @ G, G @ X.T))
fresh(
    "ps6.matmul_backward",
    "G forgotten",
    "no-upstream",
    lambda W, X, G: (np.ones_like(G) @ X.T, W.T @ np.ones_like(G)),
)
fresh("ps6.matmul_backward", "no transpose", "operand-transpose", lambda W, X, G: (G @ X, W @ G))
fresh("ps6.matmul_backward", "entry by entry", None, lambda W, X, G: (W * np.sum(G), X * np.sum(G)))
fresh("ps6.dD_dW", "every row", "delta-lost", lambda W, h: np.tile(h, (len(W), len(W), 1)))
fresh(
    "ps6.dD_dW",
    "W for h",
    "mul-not-switched",
    lambda W, h: np.einsum("ik,kl->ikl", np.eye(len(W)), W),
)
fresh(
    "ps6.dD_dW",
    "ones",
    "upstream-only",
    lambda W, h: np.einsum("ik,l->ikl", np.eye(len(W)), np.ones_like(h)),
)
fresh(
    "ps6.dD_dW",
    "axes turned",
    "index-order",
    lambda W, h: np.einsum("ik,l->lik", np.eye(len(W)), h),
)
fresh("ps6.dD_dW", "summed over i", None, lambda W, h: np.tile(h, (len(W), 1)))


def lin(
    res=lambda X, W, b, T: X @ W + b - T,
    share=lambda X, T: 2 / len(X),
    dX=lambda R, W: R @ W.T,
    dW=lambda R, X: X.T @ R,
    db=lambda R: R.sum(0),
):
    def answer(X, W, b, T):
        R = res(X, W, b, T) * share(X, T)
        return dX(R, W), dW(R, X), db(R)

    return answer


fresh("ps6.linear_backward", "sum for mean", "mean-vs-sum", lin(share=lambda X, T: 2.0))
fresh("ps6.linear_backward", "2 lost", "scale", lin(share=lambda X, T: 1 / len(X)))
fresh(
    "ps6.linear_backward",
    "mean over entries",
    "mean-over-entries",
    lin(share=lambda X, T: 2 / T.size),
)
fresh("ps6.linear_backward", "bias not summed", "broadcast-sum", lin(db=lambda R: R))
fresh("ps6.linear_backward", "bias averaged", "broadcast-sum", lin(db=lambda R: R.mean(0)))
fresh(
    "ps6.linear_backward", "bias summed over outputs", "broadcast-sum", lin(db=lambda R: R.sum(1))
)
fresh(
    "ps6.linear_backward", "b forgotten", "input-forgotten", lin(res=lambda X, W, b, T: X @ W - T)
)
fresh("ps6.linear_backward", "T - Y", "sign", lin(res=lambda X, W, b, T: T - X @ W - b))
fresh(
    "ps6.linear_backward",
    "transposed",
    "transpose",
    lin(dX=lambda R, W: W @ R.T, dW=lambda R, X: R.T @ X),
)
fresh("ps6.linear_backward", "bias summed to one number", "broadcast-sum", lin(db=np.sum))
fresh("ps6.quad_grad", "2Ax", "quad-2Ax", lambda A, x: (2 * A @ x, np.outer(x, x)))
fresh("ps6.quad_grad", "Ax", "one-path", lambda A, x: (A @ x, np.outer(x, x)))
fresh("ps6.quad_grad", "A^T x", "one-path", lambda A, x: (A.T @ x, np.outer(x, x)))
fresh("ps6.quad_grad", "2A^T x", "quad-2Ax", lambda A, x: (2 * A.T @ x, np.outer(x, x)))
fresh("ps6.quad_grad", "dA a number", None, lambda A, x: ((A + A.T) @ x, x @ x))
fresh("ps6.quad_grad", "dA 2xx", "scale", lambda A, x: ((A + A.T) @ x, 2 * np.outer(x, x)))
fresh("ps6.quad_grad", "dA diagonal", "hadamard", lambda A, x: ((A + A.T) @ x, np.diag(x * x)))


# problem set 7
LN2 = math.log(2)


def auto(
    way1=lambda h, m, W, x: 2 * np.outer(h, m),
    way2=lambda h, m, W, x: 2 * np.outer(W @ m, x),
    total=lambda a, b: a + b,
    dx=lambda m, W: 2 * W.T @ W @ m - 2 * m,
):
    def answer(W, x):
        h = W @ x
        m = W.T @ h - x
        a, b = way1(h, m, W, x), way2(h, m, W, x)
        return a, b, total(a, b), dx(m, W)

    return answer


fresh("ps7.ae_grad", "only the first use", "overwrite", auto(total=lambda a, b: a))
fresh("ps7.ae_grad", "only the last use", "one-path", auto(total=lambda a, b: b))
fresh("ps7.ae_grad", "x through -x forgotten", "overwrite", auto(dx=lambda m, W: 2 * W.T @ W @ m))
fresh("ps7.ae_grad", "x only through -x", "one-path", auto(dx=lambda m, W: -2 * m))
fresh(
    "ps7.ae_grad",
    "2 lost everywhere",
    "scale",
    auto(
        lambda h, m, W, x: np.outer(h, m),
        lambda h, m, W, x: np.outer(W @ m, x),
        dx=lambda m, W: W.T @ W @ m - m,
    ),
)
fresh(
    "ps7.ae_grad",
    "the ways swapped",
    "parts-swapped",
    lambda W, x: (autoencoder(W, x)[1], autoencoder(W, x)[0], *autoencoder(W, x)[2:]),
)
fresh(
    "ps7.ae_grad",
    "transposed",
    "transpose",
    lambda W, x: (*[g.T for g in autoencoder(W, x)[:3]], autoencoder(W, x)[3]),
)


@fresh("ps7.ae_grad", "plus for minus in m", "exp-minus")
def plus_for_minus(W, x):
    h = W @ x
    m = W.T @ h + x
    first, second = 2 * np.outer(h, m), 2 * np.outer(W @ m, x)
    return first, second, first + second, 2 * W.T @ W @ m - 2 * m


def deep(
    two=2.0,
    log=LN2,
    mask=lambda z1, h: z1 > 0,
    pull=lambda W2, d2: W2.T @ d2,
    act=lambda z: 2**z,
    y2=lambda y: y * y,
    o=np.outer,
):
    def answer(W1, b1, W2, b2, x):
        z1 = W1 @ x + b1
        h = np.maximum(z1, 0)
        y = act(W2 @ h + b2)
        d2 = two * y2(y) * log
        d1 = pull(W2, d2) * mask(z1, h)
        return {"dW1": o(d1, x), "db1": d1, "dW2": o(d2, h), "db2": d2, "dx": W1.T @ d1}

    return answer


fresh("ps7.two_layer", "ln 2 forgotten", "ln2-lost", deep(log=1.0))
fresh("ps7.two_layer", "mask forgotten", "relu-mask", deep(mask=lambda z1, h: 1.0))
fresh("ps7.two_layer", "2 of the norm lost", "scale", deep(two=1.0))
fresh("ps7.two_layer", "h for the mask", "value-for-derivative", deep(mask=lambda z1, h: h))
fresh("ps7.two_layer", "e for 2", "ln2-lost", deep(log=1.0, act=np.exp))
fresh("ps7.two_layer", "norm's slope is y only", "exponent-lost", deep(y2=lambda y: y))
fresh(
    "ps7.two_layer", "outer the other way", "operand-transpose", deep(o=lambda d, v: np.outer(v, d))
)
fresh("ps7.two_layer", "mask the other way", "relu-mask", deep(mask=lambda z1, h: z1 < 0))
fresh("ps7.logdet_grad", "not transposed", "inv-transpose", lambda X: inv(X))
fresh("ps7.logdet_grad", "1/det", "det-not-logdet", lambda X: np.ones_like(X) / np.linalg.det(X))
fresh("ps7.logdet_grad", "det X^-T", "det-not-logdet", lambda X: np.linalg.det(X) * inv(X).T)
fresh("ps7.logdet_grad", "1/X", "hadamard", lambda X: 1 / X)
fresh("ps7.logdet_grad", "minus", "sign", lambda X: -inv(X).T)
fresh("ps7.logdet_grad", "diagonal", None, lambda X: np.diag(1 / np.diag(X)))
fresh("ps7.logdet_grad", "as if symmetric", "sym-doubling", lambda X: (inv(X) + inv(X).T) / 2)
fresh(
    "ps7.trinv_grad", "minus lost", "recip-minus", lambda X, C: ((inv(X) @ C @ inv(X)).T, inv(X).T)
)
fresh(
    "ps7.trinv_grad", "not transposed", "transpose", lambda X, C: (-(inv(X) @ C @ inv(X)), inv(X).T)
)
fresh(
    "ps7.trinv_grad",
    "dC not transposed",
    "transpose",
    lambda X, C: (-(inv(X) @ C @ inv(X)).T, inv(X)),
)
fresh(
    "ps7.trinv_grad",
    "order lost",
    "inverse-commuted",
    lambda X, C: (-(inv(X) @ inv(X) @ C).T, inv(X).T),
)
fresh("ps7.trinv_grad", "one inverse", "inverse-commuted", lambda X, C: (-(inv(X) @ C).T, inv(X).T))
fresh(
    "ps7.trinv_grad",
    "nothing transposed",
    "transpose",
    lambda X, C: (-(inv(X) @ C @ inv(X)), inv(X)),
)
fresh("ps7.trinv_grad", "entries", "hadamard", lambda X, C: (-C.T / X**2, 1 / X))


def first(k=1.0, ka=lambda K, A: K @ A, da=np.trace, db=lambda K, beta: np.trace(K) / beta**2):
    def answer(A, alpha, beta, gamma):
        K = inv(kernel(A, alpha, beta))
        return -k * gamma * alpha * ka(K, A), -gamma / 2 * da(K @ A @ A.T), gamma / 2 * db(K, beta)

    return answer


fresh("ps7.L1_grad", "half of A", "one-path", first(0.5))
fresh("ps7.L1_grad", "plus for A", "sign", first(-1.0))


@fresh("ps7.L1_grad", "K for its inverse", "not-inverted")
def not_inverted(A, alpha, beta, gamma):
    K = kernel(A, alpha, beta)
    dalpha = -gamma / 2 * np.trace(K @ A @ A.T)
    return -gamma * alpha * K @ A, dalpha, gamma / 2 * np.trace(K) / beta**2


fresh("ps7.L1_grad", "sum for trace", "entries-collected", first(da=np.sum))
fresh("ps7.L1_grad", "beta for 1/beta", "upstream-only", first(db=lambda K, beta: -np.trace(K)))
fresh(
    "ps7.L1_grad",
    "1/beta not squared",
    "recip-square",
    first(db=lambda K, beta: np.trace(K) / beta),
)
fresh(
    "ps7.L1_grad",
    "minus of 1/beta lost",
    "recip-minus",
    first(db=lambda K, beta: -np.trace(K) / beta**2),
)
fresh(
    "ps7.L1_grad",
    "gamma forgotten",
    "input-forgotten",
    lambda A, alpha, beta, gamma: gp_first(A, alpha, beta, 1.0),
)
fresh(
    "ps7.L1_grad",
    "all of K summed",
    "entries-collected",
    first(db=lambda K, beta: np.sum(K) / beta**2),
)


def second(
    sign=1.0,
    k=2.0,
    back=lambda dP, A, P, B: dP @ A,
    dB=lambda P, B: -P @ B,
    mid=lambda P, B: P @ B @ B.T @ P,
):
    def answer(A, B, alpha, beta):
        P = inv(kernel(A, alpha, beta))
        dP = sign * mid(P, B) / 2
        return dP, k * alpha * back(dP, A, P, B), dB(P, B)

    return answer


fresh("ps7.L2_grad", "minus in dP", "recip-minus", second(-1.0))
fresh("ps7.L2_grad", "2 lost in dA", "one-path", second(k=1.0))
fresh(
    "ps7.L2_grad",
    "alpha lost",
    "scale-node-skipped",
    lambda A, B, alpha, beta: (
        gp_second(A, B, alpha, beta)[0],
        gp_second(A, B, alpha, beta)[1] / alpha,
        gp_second(A, B, alpha, beta)[2],
    ),
)
fresh("ps7.L2_grad", "plus in dB", "sign", second(dB=lambda P, B: P @ B))
fresh("ps7.L2_grad", "half dB", "one-path", second(dB=lambda P, B: -P @ B / 2))
fresh("ps7.L2_grad", "one inverse in dP", "inverse-commuted", second(mid=lambda P, B: P @ B @ B.T))
fresh("ps7.L2_grad", "BB^T in dP only", None, second(mid=lambda P, B: B @ B.T))


def fitted(move, value=objective, start=lambda B, q: B[:, :q], more=0):
    def answer(B, q, alpha, beta, gamma, lr, n):
        A = start(B, q).copy()
        history = [value(A, B, alpha, beta, gamma)]
        for _ in range(n + more):
            A = A + move(A, B, alpha, beta, gamma, lr)
            history.append(value(A, B, alpha, beta, gamma))
        return A, history

    return answer


def UP(A, B, al, be, ga, lr):
    return lr * (gp_first(A, al, be, ga)[0] + gp_second(A, B, al, be)[1])


fresh("ps7.fit", "descends", "ascent", fitted(lambda *a: -UP(*a)))
fresh("ps7.fit", "lr forgotten", "lr-forgotten", fitted(lambda *a: UP(*a) / a[-1]))
fresh(
    "ps7.fit",
    "only L1",
    "one-path",
    fitted(lambda A, B, al, be, ga, lr: lr * gp_first(A, al, be, ga)[0]),
)
fresh(
    "ps7.fit",
    "only L2",
    "one-path",
    fitted(lambda A, B, al, be, ga, lr: lr * gp_second(A, B, al, be)[1]),
)
fresh("ps7.fit", "one too many", "history-length", fitted(UP, more=1))
fresh(
    "ps7.fit",
    "the start missing",
    "history-length",
    lambda *a: (fitted(UP)(*a)[0], fitted(UP)(*a)[1][1:]),
)
fresh("ps7.fit", "minus the objective", "sign", fitted(UP, lambda *a: -objective(*a)))


def trained(move, value=reconstruction):
    def answer(W0, X, lr, n):
        W, history = W0, [value(W0, X)]
        for _ in range(n):
            W = W - move(W, X, lr)
            history.append(value(W, X))
        return W, history

    return answer


def MEAN(W, X, lr):
    return lr * sum(autoencoder(W, x)[2] for x in X) / len(X)


fresh("ps7.train_autoencoder", "ascends", "ascent", trained(lambda *a: -MEAN(*a)))
fresh(
    "ps7.train_autoencoder",
    "sum for mean",
    "mean-vs-sum",
    trained(lambda W, X, lr: MEAN(W, X, lr) * len(X)),
)
fresh(
    "ps7.train_autoencoder",
    "only one use of W",
    "one-path",
    trained(lambda W, X, lr: lr * sum(autoencoder(W, x)[1] for x in X) / len(X)),
)
fresh(
    "ps7.train_autoencoder",
    "only W^T",
    "one-path",
    trained(lambda W, X, lr: lr * sum(autoencoder(W, x)[0] for x in X) / len(X)),
)
fresh(
    "ps7.train_autoencoder",
    "row after row",
    "overwrite",
    trained(lambda W, X, lr: lr * autoencoder(W, X[0])[2]),
)
fresh(
    "ps7.train_autoencoder",
    "the loss a sum",
    "mean-vs-sum",
    trained(MEAN, lambda W, X: reconstruction(W, X) * len(X)),
)
fresh(
    "ps7.train_autoencoder",
    "lr forgotten",
    "lr-forgotten",
    trained(lambda W, X, lr: MEAN(W, X, 1.0)),
)
fresh(
    "ps7.train_autoencoder",
    "end of history missing",
    "history-length",
    lambda *a: (trained(MEAN)(*a)[0], trained(MEAN)(*a)[1][:-1]),
)
