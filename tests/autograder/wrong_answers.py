"""Wrong solutions, each written the way a learner who has the idea writes it.

No rule of the catalog is used: every formula is worked out from the misconception's description.
WRONG holds (exercise, misconception to be named first, solution). OTHER holds wrong answers without
any of the ideas: they earn nothing and must not be given a name.
"""

import inspect
import math

import numpy as np
from numpy.linalg import det, inv
from right_answers import (
    RIGHT,
    MultiplyGate,
    SigmoidGate,
    Value,
    autoencoder,
    gp_first,
    gp_second,
    objective,
    reconstruction,
    s,
    topo,
)

WRONG = []


def wrong(exercise, misconception):
    def keep(solution):
        WRONG.append((exercise, misconception, solution))
        return solution

    return keep


# 1.1 nudges, worked by hand

wrong("ps1.nudges", "undivided")({"Ja": 0.003, "Jb": 0.006, "Jc": 0.009})
wrong("ps1.nudges", "elasticity")({"Ja": 33.099, "Jb": 33.198, "Jc": 33.297})
wrong("ps1.nudges", "elasticity")({"Ja": 33.015, "Jb": 33.018, "Jc": 33.018})
wrong("ps1.nudges", "mul-not-switched")({"Ja": 33.003, "Jb": 33.009, "Jc": 33.006})
wrong("ps1.nudges", "scale-node-skipped")({"Ja": 33.001, "Jb": 33.002, "Jc": 33.003})


# 1.2 a slope


@wrong("ps1.slope", "undivided")
def how_far_it_moved(f, x, h):
    return f(x + h) - f(x - h)


@wrong("ps1.slope", "undivided")
def how_far_it_moved_to_the_right(f, x, h):
    return f(x + h) - f(x)


@wrong("ps1.slope", "finite-difference")
def one_sided(f, x, h):
    return (f(x + h) - f(x)) / h


# 1.3 seven gradients, worked by hand

SEVEN = {"L": 1, "d": -2, "f": 4, "c": -2, "e": -2, "a": 6, "b": -4}
wrong("ps1.seven_gradients", "sign")(SEVEN | {"d": 2, "c": 2, "e": 2, "a": -6, "b": 4})
wrong("ps1.seven_gradients", "no-upstream")(SEVEN | {"c": 1, "e": 1, "a": -3, "b": 2})
wrong("ps1.seven_gradients", "mul-not-switched")(SEVEN | {"a": -4, "b": 6})
wrong("ps1.seven_gradients", "mul-not-switched")(
    {"L": 1, "d": 4, "f": -2, "c": 4, "e": 4, "a": 8, "b": -12}
)
wrong("ps1.seven_gradients", "chain-added")(SEVEN | {"c": -1, "e": -1, "a": -4, "b": 1})


# 1.4 and 1.5 the same as functions


@wrong("ps1.grad_L", "no-upstream")
def local_only(a, b, c, f):
    return b, a, 1.0, a * b + c


@wrong("ps1.grad_L", "mul-not-switched")
def own_factor(a, b, c, f):
    return f * a, f * b, f, a * b + c


@wrong("ps1.grad_L", "mul-not-switched")
def own_factor_twice(a, b, c, f):
    d = a * b + c
    return d * a, d * b, d, f


@wrong("ps1.grad_L", "sign")
def all_the_other_way(a, b, c, f):
    return -f * b, -f * a, -f, -(a * b + c)


@wrong("ps1.grad_J", "no-upstream")
def three_forgotten(a, b, c):
    return 1.0, c, b


@wrong("ps1.grad_J", "mul-not-switched")
def b_for_b(a, b, c):
    return 3.0, 3 * b, 3 * c


@wrong("ps1.grad_J", "elasticity")
def percent_for_percent(a, b, c):
    J = 3 * (a + b * c)
    return 3 * a / J, 3 * c * b / J, 3 * b * c / J


# 1.6 a chain


@wrong("ps1.chain", "recip-minus")
def without_minus(x):
    h2 = math.exp(x * x)
    g2 = 1 / h2**2
    g1 = g2 * h2
    return {"h2": g2, "h1": g1, "x": g1 * 2 * x}


@wrong("ps1.chain", "recip-square")
def without_square(x):
    h2 = math.exp(x * x)
    g2 = -1 / h2
    g1 = g2 * h2
    return {"h2": g2, "h1": g1, "x": g1 * 2 * x}


@wrong("ps1.chain", "value-for-derivative")
def the_note_wrote_x_squared(x):
    h2 = math.exp(x * x)
    g2 = -1 / h2**2
    g1 = g2 * h2
    return {"h2": g2, "h1": g1, "x": g1 * x**2}


@wrong("ps1.chain", "chain-added")
def added_along_the_chain(x):
    h2 = math.exp(x * x)
    g2 = -1 / h2**2
    return {"h2": g2, "h1": g2 + h2, "x": g2 + h2 + 2 * x}


@wrong("ps1.chain", "output-for-input")
def what_went_into_exp(x):
    h1 = x * x
    g2 = -1 / math.exp(h1) ** 2
    g1 = g2 * h1
    return {"h2": g2, "h1": g1, "x": g1 * 2 * x}


@wrong("ps1.chain", "output-for-input")
def one_over_the_output_squared(x):
    h2 = math.exp(x * x)
    y = 1 / h2
    g2 = -1 / y**2
    return {"h2": g2, "h1": g2 * h2, "x": g2 * h2 * 2 * x}


# 2.1 and 2.2 gates, worked by hand

wrong("ps2.gate_gradients", "add-splits")({"f": 1, "q": -4, "z": 3, "x": -2, "y": -2})
wrong("ps2.gate_gradients", "mul-not-switched")({"f": 1, "q": 3, "z": -4, "x": 3, "y": 3})
wrong("ps2.gate_gradients", "upstream-only")({"f": 1, "q": 1, "z": 1, "x": 1, "y": 1})


def sigmoid_circuit(den, neg, dot):
    """The table of the notes from three of its entries on, two decimals."""
    found = {"den": den, "ex": den, "neg": neg} | dict.fromkeys(("dot", "s", "m0", "m1", "w2"), dot)
    found |= {"w0": -dot, "x0": 2 * dot, "w1": -2 * dot, "x1": -3 * dot}
    return {name: round(value, 2) for name, value in found.items()}


F = 1 / (1 + math.exp(-1))
wrong("ps2.sigmoid_table", "exp-minus")(sigmoid_circuit(-F * F, -F * F / math.e, -F * F / math.e))
wrong("ps2.sigmoid_table", "recip-minus")(sigmoid_circuit(F * F, F * F / math.e, -F * F / math.e))
wrong("ps2.sigmoid_table", "output-for-input")(sigmoid_circuit(-F * F, F * F, -F * F))
wrong("ps2.sigmoid_table", "sigmoid-prime")(sigmoid_circuit(-F * F, -F * F / math.e, F))


# 2.3 one neuron


def neuron(slope):
    def solution(w, x):
        z = w[0] * x[0] + w[1] * x[1] + w[2]
        g = slope(z, s(z))
        return np.array([g * x[0], g * x[1], g]), np.array([g * w[0], g * w[1]])

    return solution


wrong("ps2.grad_neuron", "sigmoid-prime")(neuron(lambda z, f: f))
wrong("ps2.grad_neuron", "sigmoid-prime")(neuron(lambda z, f: 1 - f))
wrong("ps2.grad_neuron", "output-for-input")(neuron(lambda z, f: s(f) * (1 - s(f))))
wrong("ps2.grad_neuron", "output-for-input")(neuron(lambda z, f: z * (1 - z)))
wrong("ps2.grad_neuron", "no-upstream")(neuron(lambda z, f: 1.0))


@wrong("ps2.grad_neuron", "mul-not-switched")
def weights_for_inputs(w, x):
    f = s(w[0] * x[0] + w[1] * x[1] + w[2])
    g = f * (1 - f)
    return np.array([g * w[0], g * w[1], g]), np.array([g * x[0], g * x[1]])


# 2.4 a circuit with a max gate


@wrong("ps2.grad_circuit", "max-routes-both")
def max_to_both(x, y, z, w):
    return 2 * y, 2 * x, 2.0, 2.0


@wrong("ps2.grad_circuit", "max-routes-both")
def max_to_the_loser(x, y, z, w):
    return 2 * y, 2 * x, 2.0 * (z < w), 2.0 * (w < z)


@wrong("ps2.grad_circuit", "max-routes-both")
def max_times_the_value(x, y, z, w):
    return 2 * y, 2 * x, 2 * z * (z > w), 2 * w * (w > z)


@wrong("ps2.grad_circuit", "scale-node-skipped")
def half_to_each(x, y, z, w):
    return y, x, 1.0 * (z > w), 1.0 * (w > z)


@wrong("ps2.grad_circuit", "mul-not-switched")
def x_for_x(x, y, z, w):
    return 2 * x, 2 * y, 2.0 * (z > w), 2.0 * (w > z)


# 2.5 two branches


@wrong("ps2.branches", "one-path")
def the_way_through_y(s):
    return 6 * s**2, 3 * s**2, 3 * s**2


@wrong("ps2.branches", "overwrite")
def the_last_one_stays(s):
    return 6 * s**2, 3 * s**2, 6 * s**2


@wrong("ps2.branches", "paths-combined-wrong")
def branches_multiplied(s):
    return 6 * s**2, 3 * s**2, 18 * s**4


@wrong("ps2.branches", "paths-combined-wrong")
def branches_averaged(s):
    return 6 * s**2, 3 * s**2, 4.5 * s**2


# 2.6 stages


def staged(x, y, minus=-1, slope=lambda f: f * (1 - f), meet=sum):
    sx, sy = s(x), s(y)
    num, den = x + sy, sx + (x + y) ** 2
    dnum, dden = 1 / den, minus * num / den**2
    square = dden * 2 * (x + y)
    return meet([dnum, square, dden * slope(sx)]), meet([square, dnum * slope(sy)])


@wrong("ps2.grad_staged", "recip-minus")
def stages_without_minus(x, y):
    return staged(x, y, minus=1)


@wrong("ps2.grad_staged", "sigmoid-prime")
def stages_with_sigmoid_its_own_slope(x, y):
    return staged(x, y, slope=lambda f: f)


@wrong("ps2.grad_staged", "overwrite")
def stages_with_equals(x, y):
    return staged(x, y, meet=lambda parts: parts[-1])


@wrong("ps2.grad_staged", "one-path")
def stages_with_the_first_way_only(x, y):
    return staged(x, y, meet=lambda parts: parts[0])


# 3.1 to 3.3 gates as classes


@wrong("ps3.MultiplyGate", "no-upstream")
class MultiplyWithoutUpstream(MultiplyGate):
    def backward(self, dz):
        return [self.y, self.x]


@wrong("ps3.MultiplyGate", "mul-not-switched")
class MultiplyNotSwitched(MultiplyGate):
    def backward(self, dz):
        return [self.x * dz, self.y * dz]


@wrong("ps3.MultiplyGate", "shared-cache")
class MultiplyOnTheClass:
    def forward(self, x, y):
        MultiplyOnTheClass.x, MultiplyOnTheClass.y = x, y
        return x * y

    def backward(self, dz):
        return [self.y * dz, self.x * dz]


@wrong("ps3.AddGate", "add-splits")
class AddSplits:
    def forward(self, x, y):
        return x + y

    def backward(self, dz):
        return [dz / 2, dz / 2]


@wrong("ps3.AddGate", "no-upstream")
class AddOnes(AddSplits):
    def backward(self, dz):
        return [1.0, 1.0]


@wrong("ps3.MaxGate", "max-routes-both")
class MaxToBoth:
    def forward(self, x, y):
        self.x, self.y = x, y
        return max(x, y)

    def backward(self, dz):
        return [dz, dz]


@wrong("ps3.MaxGate", "max-routes-both")
class MaxToTheLoser(MaxToBoth):
    def backward(self, dz):
        return [dz, 0.0] if self.x < self.y else [0.0, dz]


@wrong("ps3.MaxGate", "no-upstream")
class MaxOnes(MaxToBoth):
    def backward(self, dz):
        return [1.0, 0.0] if self.x > self.y else [0.0, 1.0]


@wrong("ps3.MaxGate", "shared-cache")
class MaxOnTheClass:
    def forward(self, x, y):
        MaxOnTheClass.first = x > y
        return max(x, y)

    def backward(self, dz):
        return [dz, 0.0] if self.first else [0.0, dz]


# 3.4 a gate with a switch


@wrong("ps3.SigmoidGate", "output-for-input")
class SigmoidOfSigmoid(SigmoidGate):
    def backward(self, df):
        again = 1 / (1 + math.exp(-self.f))
        return again * (1 - again) * df


@wrong("ps3.SigmoidGate", "sigmoid-prime")
class SigmoidItsOwnSlope(SigmoidGate):
    def backward(self, df):
        return self.f * df


@wrong("ps3.SigmoidGate", "no-upstream")
class SigmoidAlone(SigmoidGate):
    def backward(self, df):
        return self.f * (1 - self.f)


@wrong("ps3.SigmoidGate", "sign")
class SigmoidTurned(SigmoidGate):
    def backward(self, df):
        return self.f * (self.f - 1) * df


@wrong("ps3.SigmoidGate", "shared-cache")
class SigmoidOnTheClass(SigmoidGate):
    def forward(self, x):
        super().forward(x)
        SigmoidOnTheClass.last = 1 / (1 + math.exp(-x))
        return self.last

    def backward(self, df):
        return self.last * (1 - self.last) * df


# 3.5 order


@wrong("ps3.topo", "not-topological")
def breadth_first_backwards(node):
    order, seen = [node], {node}
    for n in order:
        for a in n.args:
            if a not in seen:
                seen.add(a)
                order.append(a)
    return order[::-1]


@wrong("ps3.topo", "not-topological")
def users_first(node):
    return topo(node)[::-1]


@wrong("ps3.topo", "visited-twice")
def every_path_again(node):
    return [n for a in node.args for n in every_path_again(a)] + [node]


# 3.6 an engine


@wrong("ps3.Value", "overwrite")
class ValueWithEquals(Value):
    def backward(self):
        self.grad = 1.0
        for node in reversed(topo(self)):
            for a, part in zip(node.args, node.pull(node.grad), strict=True):
                a.grad = part


@wrong("ps3.Value", "not-topological")
class ValueBreadthFirst(Value):
    def backward(self):
        self.grad = 1.0
        for node in reversed(breadth_first_backwards(self)):
            for a, part in zip(node.args, node.pull(node.grad), strict=True):
                a.grad += part


@wrong("ps3.Value", "double-backward")
class ValueNeverZeroed(Value):
    def zero_grad(self):
        pass


@wrong("ps3.Value", "double-backward")
class ValueLeavesZeroed(Value):
    def zero_grad(self):
        for node in topo(self):
            if not node.args:
                node.grad = 0.0


@wrong("ps3.Value", "double-backward")
class ValueThatSendsOnTheOld(Value):
    """micrograd's sweep: what an earlier backward left in the middle is sent on once more."""

    def backward(self):
        self.grad = 1.0
        for node in reversed(topo(self)):
            for a, part in zip(node.args, node.pull(node.grad), strict=True):
                a.grad += part


@wrong("ps3.Value", "double-backward")
class ValueThatSendsOnTheOldAndZeroesLeaves(ValueThatSendsOnTheOld):
    zero_grad = ValueLeavesZeroed.zero_grad


@wrong("ps3.Value", "double-backward")
class ValueThatSendsOnTheOldAndZeroesNothing(ValueThatSendsOnTheOld):
    def zero_grad(self):
        pass


@wrong("ps3.Value", "recip-minus")
class ValueWithoutMinus(Value):
    def __truediv__(self, other):
        other = self.of(other)
        a, b = self.data, other.data
        return type(self)(a / b, (self, other), lambda g: (g / b, g * a / b**2))

    def __rtruediv__(self, other):
        return ValueWithoutMinus.__truediv__(self.of(other), self)

    def __pow__(self, n):
        a = self.data
        return type(self)(a**n, (self,), lambda g: (g * abs(n) * a ** (n - 1),))


@wrong("ps3.Value", "output-for-input")
class ValueExpOfInput(Value):
    def exp(self):
        a = self.data
        return type(self)(math.exp(a), (self,), lambda g: (g * a,))

    def log(self):
        y = math.log(self.data)
        return type(self)(y, (self,), lambda g: (g / y,))


# 4.1 to 4.4 steps


@wrong("ps4.step", "ascent")
def uphill(params, grads, leaves, lr):
    return {name: params[name] + lr * grads[name] for name in leaves}


@wrong("ps4.step", "sign-of-loss")
def by_the_sign_of_the_loss(params, grads, leaves, lr):
    way = -1 if params["L"] > 0 else 1
    return {name: params[name] + way * lr * grads[name] for name in leaves}


@wrong("ps4.step", "abs-grad")
def sign_handled_twice(params, grads, leaves, lr):
    new = {}
    for name in leaves:
        h = lr * grads[name]
        new[name] = params[name] + h if grads[name] > 0 else params[name] - h
    return new


@wrong("ps4.step", "updates-intermediates")
def everything_moves(params, grads, leaves, lr):
    return {name: params[name] - lr * grads[name] for name in params}


@wrong("ps4.goal_steps", "ascent")
def goals_the_wrong_way_round(p, g, lr):
    return p - lr * g, p + lr * g


@wrong("ps4.goal_steps", "abs-grad")
def goals_with_absolute_values(p, g, lr):
    return p + lr * abs(g), p - lr * abs(g)


@wrong("ps4.descend", "ascent")
def climb(grad, w0, lr, n):
    places = [w0]
    for _ in range(n):
        places.append(places[-1] + lr * grad(places[-1]))
    return np.array(places)


@wrong("ps4.descend", "old-slope")
def gradient_of_the_start(grad, w0, lr, n):
    g = grad(w0)
    return np.array([w0 - k * lr * g for k in range(n + 1)])


@wrong("ps4.which_minimum", "sign-of-loss")
def until_the_loss_is_nothing(w0):
    w = w0
    for _ in range(5000):
        L, g = w**4 - 3 * w**2 + w, 4 * w**3 - 6 * w + 1
        w = w - 0.001 * g if L > 0 else w + 0.001 * g
    return w


@wrong("ps4.max_lr", "no-overshoot")
def one_over_the_largest(A):
    return 1 / np.linalg.eigvalsh(A)[-1]


@wrong("ps4.max_lr", "scale")
def four_over_the_largest(A):
    return 4 / np.linalg.eigvalsh(A)[-1]


# 5.1 a penalty


def penalised(path, w, b, x, t, beta, slope=lambda y: y * (1 - y)):
    y = s(w * x + b)
    g = (y - t) * slope(y)
    return path(g * x, beta * w), g, g * w


@wrong("ps5.grad_reg", "reg-path")
def penalty_forgotten(*args):
    return penalised(lambda data, penalty: data, *args)


@wrong("ps5.grad_reg", "reg-path")
def penalty_only(*args):
    return penalised(lambda data, penalty: penalty, *args)


@wrong("ps5.grad_reg", "reg-path")
def penalty_doubled(*args):
    return penalised(lambda data, penalty: data + 2 * penalty, *args)


@wrong("ps5.grad_reg", "reg-path")
def penalty_on_the_bias(w, b, x, t, beta):
    dw, db, dx = penalised(lambda data, penalty: data, w, b, x, t, beta)
    return dw, db + beta * b, dx


@wrong("ps5.grad_reg", "sigmoid-prime")
def penalised_with_sigmoid_its_own_slope(*args):
    return penalised(lambda data, penalty: data + penalty, *args, slope=lambda y: y)


@wrong("ps5.grad_reg", "sign")
def target_minus_output(w, b, x, t, beta):
    dw, db, dx = penalised(lambda data, penalty: -data + penalty, w, b, x, t, beta)
    return dw, -db, -dx


@wrong("ps5.grad_reg", "scale")
def half_lost(w, b, x, t, beta):
    dw, db, dx = penalised(lambda data, penalty: data + penalty, w, b, x, t, beta)
    return 2 * dw, 2 * db, 2 * dx


# 5.2 two neurons


def two(w1, w2, x, of_log=lambda h: -1 / h, slope=lambda h: h * (1 - h)):
    h1 = s(w1 * x)
    h2 = s(w2 * h1)
    g = of_log(h2) * slope(h2)
    return g * w2 * slope(h1) * x, g * h1


@wrong("ps5.grad_two", "recip-minus")
def log_without_minus(*args):
    return two(*args, of_log=lambda h: 1 / h)


@wrong("ps5.grad_two", "sigmoid-prime")
def two_with_sigmoid_its_own_slope(*args):
    return two(*args, slope=lambda h: h)


@wrong("ps5.grad_two", "no-upstream")
def log_forgotten(*args):
    return two(*args, of_log=lambda h: 1.0)


@wrong("ps5.grad_two", "no-upstream")
def each_neuron_alone(w1, w2, x):
    h1 = s(w1 * x)
    h2 = s(w2 * h1)
    return h1 * (1 - h1) * x, h2 * (1 - h2) * h1


# 5.3 to 5.6 a small net


def layers(W1, W2, x, t, slope=lambda y: y * (1 - y)):
    h = s(W1 @ x)
    y = s(W2 @ h)
    return h, (y - t) * slope(y), slope(h)


@wrong("ps5.dw212", "index-order")
def from_to(W1, W2, x, t):
    h, d, _ = layers(W1, W2, x, t)
    return d[1] * h[0]


@wrong("ps5.dw212", "no-upstream")
def error_forgotten(W1, W2, x, t):
    h = s(W1 @ x)
    y = s(W2 @ h)
    return y[0] * (1 - y[0]) * h[1]


@wrong("ps5.dw212", "sigmoid-prime")
def w212_with_sigmoid_its_own_slope(W1, W2, x, t):
    h, d, _ = layers(W1, W2, x, t, lambda y: y)
    return d[0] * h[1]


def paths(combine, W1, W2, x, t, slope=lambda h: h * (1 - h)):
    h, d, _ = layers(W1, W2, x, t)
    via = d * W2[:, 2] * slope(h[2]) * x[0]
    return via[0], via[1], combine(via)


@wrong("ps5.paths_w131", "one-path")
def through_y2_only(*args):
    return paths(lambda via: via[1], *args)


@wrong("ps5.paths_w131", "overwrite")
def the_last_way_stays(*args):
    return paths(lambda via: via[0], *args)


@wrong("ps5.paths_w131", "paths-combined-wrong")
def ways_multiplied(*args):
    return paths(np.prod, *args)


@wrong("ps5.paths_w131", "paths-combined-wrong")
def ways_averaged(*args):
    return paths(np.mean, *args)


@wrong("ps5.paths_w131", "output-for-input")
def sigmoid_of_what_came_out(*args):
    return paths(np.sum, *args, slope=lambda h: s(h) * (1 - s(h)))


def through_softmax(pull, W1, W2, x, t):
    h = s(W1 @ x)
    e = np.exp(W2 @ h)
    g = pull(e / e.sum(), t)
    return g @ W2[:, 2] * h[2] * (1 - h[2]) * x[0]


@wrong("ps5.dw131_softmax", "softmax-diagonal")
def own_probability_only(*args):
    return through_softmax(lambda p, t: -t * (1 - p), *args)


@wrong("ps5.dw131_softmax", "one-path")
def first_score_only(*args):
    return through_softmax(lambda p, t: (p - t) * [1, 0], *args)


@wrong("ps5.dw131_softmax", "sign")
def target_minus_probability(*args):
    return through_softmax(lambda p, t: t - p, *args)


@wrong("ps5.grads_net", "operand-transpose")
def outer_the_other_way(W1, W2, x, t):
    h, d2, slope = layers(W1, W2, x, t)
    return np.outer(x, W2.T @ d2 * slope), np.outer(h, d2)


@wrong("ps5.grads_net", "sigmoid-prime")
def net_with_sigmoid_its_own_slope(W1, W2, x, t):
    h, d2, slope = layers(W1, W2, x, t, lambda y: y)
    return np.outer(W2.T @ d2 * slope, x), np.outer(d2, h)


@wrong("ps5.grads_net", "stale-weights")
def second_layer_moved_first(W1, W2, x, t):
    h, d2, slope = layers(W1, W2, x, t)
    dW2 = np.outer(d2, h)
    W2 = W2 - 0.1 * dW2
    return np.outer(W2.T @ d2 * slope, x), dW2


# 6.1 a product of two matrices


@wrong("ps6.matmul_backward", "transpose")
def mirrored(W, X, G):
    return (G @ X.T).T, (W.T @ G).T


@wrong("ps6.matmul_backward", "operand-transpose")
def no_transpose(W, X, G):
    return G @ X, W @ G


@wrong("ps6.matmul_backward", "operand-transpose")
def one_in_the_wrong_order(W, X, G):
    return X.T @ G, W.T @ G


@wrong("ps6.matmul_backward", "hadamard")
def entry_by_entry(W, X, G):
    return G * X, W * G


@wrong("ps6.matmul_backward", "no-upstream")
def nobody_asked_what_comes_in(W, X, G):
    incoming = np.ones_like(G)
    return incoming @ X.T, W.T @ incoming


@wrong("ps6.matmul_backward", "no-upstream")
def only_the_other_factor(W, X, G):
    return X.T, W.T


@wrong("ps6.matmul_backward", "mul-not-switched")
def each_its_own_value(W, X, G):
    return G @ W.T, X.T @ G


@wrong("ps6.matmul_backward", "parts-swapped")
def handed_back_the_wrong_way_round(W, X, G):
    return W.T @ G, G @ X.T


@wrong("ps6.matmul_backward", "mul-not-switched")
def each_times_itself(W, X, G):
    return G @ W.T, X.T @ G


# 6.2 the tensor


@wrong("ps6.dD_dW", "index-order")
def output_counted_last(W, h):
    m, n = W.shape
    T = np.zeros((m, n, m))
    for i in range(m):
        T[i, :, i] = h
    return T


@wrong("ps6.dD_dW", "hadamard")
def same_place_only(W, h):
    m, n = W.shape
    T = np.zeros((m, m, n))
    for i in range(min(m, n)):
        T[i, i, i] = h[i]
    return T


# 6.3 a batch


@wrong("ps6.linear_backward", "clipped")
def held_below_a_half(X, W, b, T):
    return tuple(np.clip(g, -0.5, 0.5) for g in RIGHT["ps6.linear_backward"][0](X, W, b, T))


@wrong("ps7.ae_grad", "clipped")
def nothing_below_zero(W, x):
    return tuple(np.maximum(g, 0) for g in autoencoder(W, x))


@wrong("ps6.matmul_backward", "sign")
def sizes_alone(W, X, G):
    return np.abs(G @ X.T), np.abs(W.T @ G)


@wrong("ps6.linear_backward", "broadcast-sum")
def bias_not_summed(X, W, b, T):
    R = 2 * (X @ W + b - T) / len(X)
    return R @ W.T, X.T @ R, R


@wrong("ps6.linear_backward", "broadcast-sum")
def bias_averaged(X, W, b, T):
    R = 2 * (X @ W + b - T) / len(X)
    return R @ W.T, X.T @ R, R.mean(axis=0)


@wrong("ps6.linear_backward", "broadcast-sum")
def bias_summed_along_the_row(X, W, b, T):
    R = 2 * (X @ W + b - T) / len(X)
    return R @ W.T, X.T @ R, R.sum(axis=1)


@wrong("ps6.linear_backward", "mean-vs-sum")
def not_divided_by_n(X, W, b, T):
    R = 2 * (X @ W + b - T)
    return R @ W.T, X.T @ R, R.sum(axis=0)


@wrong("ps6.linear_backward", "operand-transpose")
def weights_as_they_stand(X, W, b, T):
    R = 2 * (X @ W + b - T) / len(X)
    return R @ W, X.T @ R, R.sum(axis=0)


@wrong("ps6.linear_backward", "scale")
def two_forgotten(X, W, b, T):
    R = (X @ W + b - T) / len(X)
    return R @ W.T, X.T @ R, R.sum(axis=0)


# 6.4 the quadratic form


@wrong("ps6.quad_grad", "quad-2Ax")
def as_if_symmetric(A, x):
    return 2 * A @ x, np.outer(x, x)


@wrong("ps6.quad_grad", "one-path")
def only_the_right_x(A, x):
    return A.T @ x, np.outer(x, x)


@wrong("ps6.quad_grad", "one-path")
def only_the_left_x(A, x):
    return A @ x, np.outer(x, x)


@wrong("ps6.quad_grad", "hadamard")
def diagonal_only(A, x):
    return 2 * np.diag(A) * x, np.outer(x, x)


# 7.1 an autoencoder


def autoencode(W, x, meet=lambda a, b: a + b, two=2.0, m_sign=1.0):
    h = W @ x
    m = m_sign * (W.T @ h - x)
    first, second = two * np.outer(h, m), two * np.outer(W @ m, x)
    return first, second, meet(first, second), meet(-two * m, two * W.T @ (W @ m))


@wrong("ps7.ae_grad", "one-path")
def through_the_encoder_only(W, x):
    first, second, _, dx = autoencode(W, x)
    return first, second, second, dx


@wrong("ps7.ae_grad", "overwrite")
def last_use_of_W_stays(W, x):
    first, second, _, dx = autoencode(W, x)
    return first, second, first, dx


@wrong("ps7.ae_grad", "scale")
def two_of_the_square_lost(W, x):
    return autoencode(W, x, two=1.0)


@wrong("ps7.ae_grad", "sign")
def x_minus_g(W, x):
    return autoencode(W, x, m_sign=-1.0)


@wrong("ps7.ae_grad", "transpose")
def in_the_shape_of_WT(W, x):
    first, second, both, dx = autoencode(W, x)
    return first.T, second.T, both.T, dx


# 7.2 two layers


def exp2_net(W1, b1, W2, b2, x, slope=None, mask=None, moved=0.0, twice=2.0):
    z1 = W1 @ x + b1
    h = np.maximum(z1, 0)
    z2 = W2 @ h + b2
    y = 2**z2
    d2 = twice * y * (slope(z2) if slope else y * math.log(2))
    dW2 = np.outer(d2, h)
    g = (W2 - moved * dW2).T @ d2
    d1 = g * (mask(z1, g) if mask else z1 > 0)
    return {"dW1": np.outer(d1, x), "db1": d1, "dW2": dW2, "db2": d2, "dx": W1.T @ d1}


@wrong("ps7.two_layer", "ln2-lost")
def its_own_slope(*args):
    return exp2_net(*args, slope=lambda z: 2**z)


@wrong("ps7.two_layer", "power-rule-exp")
def power_rule(*args):
    return exp2_net(*args, slope=lambda z: z * 2 ** (z - 1))


@wrong("ps7.two_layer", "relu-mask")
def no_mask(*args):
    return exp2_net(*args, mask=lambda z, g: 1.0)


@wrong("ps7.two_layer", "relu-mask")
def mask_of_the_gradient(*args):
    return exp2_net(*args, mask=lambda z, g: g > 0)


@wrong("ps7.two_layer", "scale")
def two_lost(*args):
    return exp2_net(*args, twice=1.0)


@wrong("ps7.two_layer", "no-upstream")
def loss_forgotten(W1, b1, W2, b2, x):
    z1 = W1 @ x + b1
    h = np.maximum(z1, 0)
    d2 = 2 ** (W2 @ h + b2) * math.log(2)
    d1 = W2.T @ d2 * (z1 > 0)
    return {"dW1": np.outer(d1, x), "db1": d1, "dW2": np.outer(d2, h), "db2": d2, "dx": W1.T @ d1}


@wrong("ps7.two_layer", "stale-weights")
def moved_before_used(*args):
    return exp2_net(*args, moved=0.05)


# 7.3 log det


@wrong("ps7.logdet_grad", "inv-transpose")
def inverse(X):
    return inv(X)


@wrong("ps7.logdet_grad", "det-not-logdet")
def derivative_of_det(X):
    return det(X) * inv(X).T


@wrong("ps7.logdet_grad", "det-not-logdet")
def one_over_det(X):
    return 1 / det(X)


@wrong("ps7.logdet_grad", "hadamard")
def one_over_each_entry(X):
    return 1 / X


@wrong("ps7.logdet_grad", "sym-doubling")
def symmetric_convention(X):
    K = inv(X).T
    return 2 * K - np.diag(np.diag(K))


# 7.4 the trace of an inverse


@wrong("ps7.trinv_grad", "recip-minus")
def no_minus(X, C):
    return (inv(X) @ C @ inv(X)).T, inv(X).T


@wrong("ps7.trinv_grad", "inverse-commuted")
def both_on_the_left(X, C):
    return -(inv(X) @ inv(X) @ C).T, inv(X).T


@wrong("ps7.trinv_grad", "inverse-commuted")
def one_inverse_only(X, C):
    return -(inv(X) @ C).T, inv(X).T


@wrong("ps7.trinv_grad", "transpose")
def mirrored_inverse(X, C):
    return -(inv(X) @ C @ inv(X)), inv(X).T


# 7.5 and 7.6 a likelihood


def first_term(A, alpha, beta, gamma, paths=2, scale=True, half=0.5):
    K = inv(alpha * A @ A.T + np.eye(len(A)) / beta)
    dK = -half * gamma * K
    dA = paths * dK @ A * (alpha if scale else 1)
    return dA, np.sum(dK * (A @ A.T)), -np.trace(dK) / beta**2


@wrong("ps7.L1_grad", "one-path")
def A_without_its_transpose(*args):
    return first_term(*args, paths=1)


@wrong("ps7.L1_grad", "scale-node-skipped")
def alpha_skipped(*args):
    return first_term(*args, scale=False)


@wrong("ps7.L1_grad", "sign")
def minus_lost(*args):
    return tuple(-g for g in first_term(*args))


@wrong("ps7.L1_grad", "scale")
def one_half_lost(*args):
    return first_term(*args, half=1.0)


def second_term(A, B, alpha, beta, of_P, paths=2, scale=True, B_paths=2):
    P = inv(alpha * A @ A.T + np.eye(len(A)) / beta)
    dP = of_P(P, B @ B.T)
    dA = paths * dP @ A * (alpha if scale else 1)
    return dP, dA, -P @ B * B_paths / 2


def right_P(P, BB):
    return P @ BB @ P / 2


@wrong("ps7.L2_grad", "recip-minus")
def inverse_without_minus(*args):
    return second_term(*args, of_P=lambda P, BB: -P @ BB @ P / 2)


@wrong("ps7.L2_grad", "one-path")
def A_and_B_without_their_transposes(*args):
    return second_term(*args, of_P=right_P, paths=1, B_paths=1)


@wrong("ps7.L2_grad", "scale-node-skipped")
def alpha_skipped_again(*args):
    return second_term(*args, of_P=right_P, scale=False)


@wrong("ps7.L2_grad", "inverse-commuted")
def inverse_squared_on_the_left(A, B, alpha, beta):
    P = inv(alpha * A @ A.T + np.eye(len(A)) / beta)
    dP = P @ P @ B @ B.T / 2
    dA = alpha * (dP + dP.T) @ A
    return dP, dA, -P @ B


# 7.7 and 7.8 training


def fitted(B, q, alpha, beta, gamma, lr, n, way):
    A = B[:, :q].copy()
    history = [objective(A, B, alpha, beta, gamma)]
    for _ in range(n):
        g = gp_first(A, alpha, beta, gamma)[0] + gp_second(A, B, alpha, beta)[1]
        A = A + lr * way(g, history[-1])
        history.append(objective(A, B, alpha, beta, gamma))
    return A, history


@wrong("ps7.fit", "ascent")
def fit_downwards(*args):
    return fitted(*args, way=lambda g, L: -g)


@wrong("ps7.fit", "sign-of-loss")
def fit_by_the_sign(*args):
    return fitted(*args, way=lambda g, L: -g if L > 0 else g)


@wrong("ps7.fit", "one-path")
def fit_with_half_the_gradient(*args):
    return fitted(*args, way=lambda g, L: g / 2)


def trained(W, X, lr, n, step):
    history = [reconstruction(W, X)]
    for _ in range(n):
        W = step(W, X, lr)
        history.append(reconstruction(W, X))
    return W, history


def mean_gradient(W, X):
    return sum(autoencoder(W, x)[2] for x in X) / len(X)


@wrong("ps7.train_autoencoder", "ascent")
def train_upwards(W0, X, lr, n):
    with np.errstate(all="ignore"):
        return trained(W0, X, lr, n, lambda W, X, lr: W + lr * mean_gradient(W, X))


@wrong("ps7.train_autoencoder", "mean-vs-sum")
def train_on_the_sum(W0, X, lr, n):
    return trained(W0, X, lr, n, lambda W, X, lr: W - lr * len(X) * mean_gradient(W, X))


@wrong("ps7.train_autoencoder", "stale-weights")
def train_with_the_moved_weight(W0, X, lr, n):
    def step(W, X, lr):
        W = W - lr * sum(autoencoder(W, x)[0] for x in X) / len(X)
        return W - lr * sum(autoencoder(W, x)[1] for x in X) / len(X)

    return trained(W0, X, lr, n, step)


# wrong answers without an idea


# ideas that students have and that had no row, or whose row stayed silent or misled

wrong("ps1.seven_gradients", "sign")(SEVEN | {"c": 2})
wrong("ps1.seven_gradients", "mul-not-switched")(SEVEN | {"a": -4})
wrong("ps1.seven_gradients", "value-for-gradient")(
    {"L": -8, "d": 4, "f": -2, "c": 10, "e": -6, "a": 2, "b": -3}
)
wrong("ps1.grad_L", "same-for-every-input")(lambda a, b, c, f: (6.0, -4.0, -2.0, 4.0))
wrong("ps1.grad_J", "value-for-gradient")(lambda a, b, c: (a, b, c))
wrong("ps2.branches", "parts-swapped")(lambda s: (3 * s * s, 6 * s * s, 9 * s * s))
wrong("ps4.goal_steps", "lr-forgotten")(lambda p, g, lr: (p + g, p - g))
wrong("ps4.goal_steps", "sign-only")(lambda p, g, lr: (p + lr * np.sign(g), p - lr * np.sign(g)))
wrong("ps4.goal_steps", "update-for-value")(lambda p, g, lr: (lr * g, -lr * g))


@wrong("ps1.chain", "output-for-input")
def squared_in_its_slope(x):
    """Told to try 1/h, once, because x² is a power too."""
    h2 = math.exp(x * x)
    g1 = -1 / h2
    return {"h2": -1 / h2**2, "h1": g1, "x": g1 * 2 * x**2}


@wrong("ps3.Value", "overwrite")
class ValueThatOverwritesToo(Value):
    def backward(self):
        incoming = {self: 1.0}
        for node in reversed(topo(self)):
            node.grad = incoming.get(node, 0.0)
            incoming.update(zip(node.args, node.pull(node.grad), strict=True))


def value_where(old, new):
    """The engine with one place of its source changed, as its author would have it."""
    source = inspect.getsource(Value)
    assert source.count(old) == 1, old
    names = {"math": math, "topo": topo}
    exec(source.replace(old, new), names)
    return names["Value"]


wrong("ps3.Value", "mul-not-switched")(value_where("(g * b, g * a)", "(g * a, g * b)"))
wrong("ps3.Value", "no-upstream")(value_where("(g * b, g * a)", "(b, a)"))
wrong("ps3.Value", "add-splits")(value_where("(g, g)", "(g / 2, g / 2)"))
wrong("ps3.Value", "exponent-lost")(value_where("g * n * a ** (n - 1)", "g * a ** (n - 1)"))
wrong("ps3.Value", "value-for-derivative")(value_where("(g / a,)", "(g * math.log(a),)"))
wrong("ps3.Value", "relu-mask")(value_where("(g * on,)", "(g,)"))


@wrong("ps3.MaxGate", "no-upstream")
class MaxGateOfItsOwn:
    def forward(self, x, y):
        self.left = x > y
        return max(x, y)

    def backward(self, dz):
        return [1.0 * self.left, 1.0 * (not self.left)]


@wrong("ps4.step", "lr-forgotten")
def as_long_as_the_gradient(params, grads, leaves, lr):
    return {n: params[n] - grads[n] for n in leaves}


@wrong("ps4.step", "sign-only")
def step_of_one_length(params, grads, leaves, lr):
    return {name: params[name] - lr * np.sign(grads[name]) for name in leaves}


@wrong("ps4.step", "update-for-value")
def only_the_update(params, grads, leaves, lr):
    return {n: -lr * grads[n] for n in leaves}


def walked(grad, w0, lr, n):
    places = [w0]
    for _ in range(n):
        places.append(places[-1] - lr * grad(places[-1]))
    return places


wrong("ps4.descend", "history-length")(lambda grad, w0, lr, n: walked(grad, w0, lr, n)[1:])
wrong("ps4.descend", "history-length")(lambda grad, w0, lr, n: walked(grad, w0, lr, n)[:-1])
wrong("ps4.descend", "lr-forgotten")(lambda grad, w0, lr, n: walked(grad, w0, 1.0, n))
wrong("ps4.descend", "update-for-value")(lambda grad, w0, lr, n: np.diff(walked(grad, w0, lr, n)))


@wrong("ps5.dw212", "counting-from-1")
def the_second_of_the_first(W1, W2, x, t):
    h = s(W1 @ x)
    y = s(W2 @ h)
    return np.outer((y - t) * y * (1 - y), h)[1, 2]


@wrong("ps5.grads_net", "preactivation")
def before_the_sigmoid(W1, W2, x, t):
    z = W1 @ x
    h = s(z)
    y = s(W2 @ h)
    d2 = (y - t) * y * (1 - y)
    return np.outer(W2.T @ d2 * h * (1 - h), x), np.outer(d2, z)


@wrong("ps6.dD_dW", "delta-lost")
def in_every_row(W, h):
    return np.zeros((len(W), *W.shape)) + h


def batch(X, W, b, T, share):
    r = 2 * (X @ W + b - T) / share
    return r @ W.T, X.T @ r, r.sum(0)


@wrong("ps6.linear_backward", "one-row")
def bias_of_the_first_row(X, W, b, T):
    dX, dW, _ = batch(X, W, b, T, len(X))
    return dX, dW, 2 * (X @ W + b - T)[0] / len(X)


@wrong("ps6.linear_backward", "mean-over-entries")
def mean_of_all_entries(X, W, b, T):
    return batch(X, W, b, T, T.size)


@wrong("ps6.linear_backward", "one-off")
def one_row_fewer(X, W, b, T):
    return batch(X, W, b, T, len(X) - 1)


@wrong("ps6.linear_backward", "one-row")
def by_the_first_row(X, W, b, T):
    return batch(X, W, b, T, len(X))[0], *batch(X[:1], W, b, T[:1], len(X))[1:]


@wrong("ps6.linear_backward", "one-row")
def by_the_last_row_alone(X, W, b, T):
    return batch(X, W, b, T, len(X))[0], *batch(X[-1:], W, b, T[-1:], 1)[1:]


def cast(found, kind):
    return tuple(np.asarray(x, kind) for x in found)


@wrong("ps6.linear_backward", "short-float")
def in_half_precision(*args):
    return cast(RIGHT["ps6.linear_backward"][0](*args), np.float16)


@wrong("ps6.quad_grad", "short-float")
def half_precision_all_the_way(A, x):
    A, x = A.astype(np.float16), x.astype(np.float16)
    return (A + A.T) @ x, np.outer(x, x)


@wrong("ps7.L1_grad", "broadcast-sum")
def a_matrix_for_alpha(A, alpha, beta, gamma):
    g = -gamma / 2 * inv(alpha * A @ A.T + np.eye(len(A)) / beta)
    return 2 * alpha * g @ A, g * (A @ A.T), -np.trace(g) / beta**2


def without_last(of):
    return lambda *args: (of(*args)[0], of(*args)[1][:-1])


@wrong("ps7.train_autoencoder", "mean-vs-sum")
def train_summed_throughout(W, X, lr, n):
    W, history = np.array(W, float), []
    for step in range(n + 1):
        R = X @ W.T @ W - X
        history.append(float(np.sum(R**2)))
        if step < n:
            G = 2 * R
            W = W - lr * ((X @ W.T).T @ G + (G @ W.T).T @ X)
    return W, history


wrong("ps7.train_autoencoder", "history-length")(without_last(RIGHT["ps7.train_autoencoder"][0]))
wrong("ps7.fit", "history-length")(without_last(RIGHT["ps7.fit"][0]))


# what the statements alone brought up


def square_moves_by(slope):
    """The chain with another slope of x²."""

    def chain(x):
        right = RIGHT["ps1.chain"][0](x)
        return right | {"x": right["h1"] * slope(x)}

    return chain


wrong("ps1.chain", "exponent-lost")(square_moves_by(lambda x: 2))
wrong("ps1.chain", "output-for-input")(square_moves_by(lambda x: 2 * x * x))


@wrong("ps1.slope", "sign")
def turned_round(f, x, h):
    return (f(x - h) - f(x + h)) / (2 * h)


@wrong("ps1.slope", "scale")
def divided_by_one_h(f, x, h):
    return (f(x + h) - f(x - h)) / h


wrong("ps1.grad_J", "undivided")(lambda a, b, c: (0.003, 0.003 * c, 0.003 * b))


class HandsOn(MultiplyGate):
    def backward(self, dz):
        return [dz, dz]


wrong("ps3.MultiplyGate", "upstream-only")(HandsOn)
wrong("ps3.topo", "not-topological")(lambda node: topo(node)[::-1])
wrong("ps7.L1_grad", "input-forgotten")(
    lambda A, alpha, beta, gamma: RIGHT["ps7.L1_grad"][0](A, alpha, beta, 1.0)
)


@wrong("ps7.L1_grad", "recip-minus")
def minus_of_one_over_beta(A, alpha, beta, gamma):
    dA, dalpha, dbeta = RIGHT["ps7.L1_grad"][0](A, alpha, beta, gamma)
    return dA, dalpha, -dbeta


def climbed(direction, lr=None):
    """A run of fit along another direction, or with another learning rate."""

    def fit(B, q, alpha, beta, gamma, rate, n):
        A = B[:, :q].copy()
        history = [objective(A, B, alpha, beta, gamma)]
        for _ in range(n):
            A = A + (lr or rate) * direction(A, B, alpha, beta, gamma)
            history.append(objective(A, B, alpha, beta, gamma))
        return A, history

    return fit


@wrong("ps7.fit", "input-forgotten")
def fit_without_gamma(B, q, alpha, beta, gamma, lr, n):
    return RIGHT["ps7.fit"][0](B, q, alpha, beta, 1.0, lr, n)


@wrong("ps7.fit", "old-slope")
def fit_along_the_first_gradient(B, q, alpha, beta, gamma, lr, n):
    first = B[:, :q]
    gradient = gp_first(first, alpha, beta, gamma)[0] + gp_second(first, B, alpha, beta)[1]
    places = [first + k * lr * gradient for k in range(n + 1)]
    return places[-1], [objective(A, B, alpha, beta, gamma) for A in places]


@wrong("ps7.ae_grad", "paths-combined-wrong")
def both_ways_averaged(W, x):
    to, back, dW, dx = RIGHT["ps7.ae_grad"][0](W, x)
    return to, back, dW / 2, dx


def of_L1(A, B, alpha, beta, gamma):
    return gp_first(A, alpha, beta, gamma)[0]


def of_L2(A, B, alpha, beta, gamma):
    return gp_second(A, B, alpha, beta)[1]


wrong("ps7.fit", "one-path")(climbed(of_L1))
wrong("ps7.fit", "one-path")(climbed(of_L2))
wrong("ps7.fit", "lr-forgotten")(climbed(lambda *given: of_L1(*given) + of_L2(*given), 1.0))


def descended(way, lr=None, loss=reconstruction):
    """A run of train_autoencoder along one use of W, or with another learning rate or loss."""

    def train(W0, X, rate, n):
        W, history = W0, [loss(W0, X)]
        for _ in range(n):
            W = W - (lr or rate) * sum(autoencoder(W, x)[way] for x in X) / len(X)
            history.append(loss(W, X))
        return W, history

    return train


wrong("ps7.train_autoencoder", "one-path")(descended(0))
wrong("ps7.train_autoencoder", "one-path")(descended(1))
wrong("ps7.train_autoencoder", "lr-forgotten")(descended(2, 1.0))
wrong("ps7.train_autoencoder", "mean-vs-sum")(
    descended(2, loss=lambda W, X: len(X) * reconstruction(W, X))
)


def like(value, rng):
    """Random numbers of the same shapes."""
    if isinstance(value, tuple):
        return tuple(like(item, rng) for item in value)
    return float(rng.normal()) if np.ndim(value) == 0 else rng.normal(size=np.shape(value))


def mapped(change):
    """A right solution whose every returned array is changed beyond recognition."""

    def other(right):
        def solution(*args):
            found = right(*args)
            return tuple(map(change, found)) if isinstance(found, (tuple, list)) else change(found)

        return solution

    return other


def drawn(seed):
    def other(right):
        def solution(*args):
            return like(right(*args), np.random.default_rng(seed))

        return solution

    return other


def with_inputs(change):
    """The right gradient, of something else."""

    def other(right):
        return lambda *args: right(*map(change, args))

    return other


def first_input(right):
    return lambda *args: tuple(args[0] for _ in np.atleast_1d(right(*args)))


# found by a third set of fresh answers


wrong("ps1.nudges", "brackets-lost")({"Ja": 21.003, "Jb": 21.002, "Jc": 21.003})
wrong("ps1.nudges", "rounded")({"Ja": 33.0, "Jb": 33.01, "Jc": 33.01})
wrong("ps1.slope", "brackets-lost")(lambda f, x, h: (f(x + h) - f(x - h)) / 2 * h)
wrong("ps1.slope", "elasticity")(lambda f, x, h: (f(x * (1 + h)) - f(x * (1 - h))) / (2 * h))
wrong("ps5.dw212", "scale-node-skipped")(
    lambda W1, W2, x, t: 2 * RIGHT["ps5.dw212"][0](W1, W2, x, t)
)


@wrong("ps4.step", "step-length")
def divided_by_the_gradient(params, grads, leaves, lr):
    return {name: params[name] - lr / grads[name] for name in leaves}


@wrong("ps4.descend", "step-length")
def shrinking_steps(grad, w0, lr, n):
    w = [w0]
    for k in range(n):
        w.append(w[-1] - lr / (k + 1) * grad(w[-1]))
    return np.array(w)


wrong("ps4.max_lr", "fastest-step")(
    lambda A: 2 / (np.linalg.eigvalsh(A)[0] + np.linalg.eigvalsh(A)[-1])
)
wrong("ps4.max_lr", "other-eigenvalue")(lambda A: 2 / np.linalg.eigvalsh(A).mean())
wrong("ps4.max_lr", "entries-for-eigenvalues")(lambda A: 2 / np.abs(A).max())
wrong("ps4.max_lr", "bound-for-limit")(lambda A: 2 / np.linalg.norm(A, np.inf))
wrong("ps4.max_lr", "limit-scaling")(lambda A: 2 / np.linalg.eigvalsh(A.T @ A)[-1])


@wrong("ps5.paths_w131", "path-twice")
def the_first_way_twice(W1, W2, x, t):
    one, two, _ = RIGHT["ps5.paths_w131"][0](W1, W2, x, t)
    return one, two, one + one + two


@wrong("ps6.linear_backward", "parts-swapped")
def weights_first(X, W, b, T):
    dX, dW, db = RIGHT["ps6.linear_backward"][0](X, W, b, T)
    return dW, dX, db


def falling(z):
    return 1 / (1 + np.exp(z))


@wrong("ps5.grad_two", "exp-minus")
def exponent_without_its_minus(w1, w2, x):
    h1 = falling(w1 * x)
    g = -(1 - falling(w2 * h1))
    return g * w2 * h1 * (1 - h1) * x, g * h1


@wrong("ps5.grads_net", "exp-minus")
def exponent_without_its_minus_and_the_slope_that_belongs_to_it(W1, W2, x, t):
    h = falling(W1 @ x)
    y = falling(W2 @ h)
    d2 = -(y - t) * y * (1 - y)
    return np.outer(-(W2.T @ d2) * h * (1 - h), x), np.outer(d2, h)


@wrong("ps2.grad_circuit", "max-routes-both")
def only_what_is_positive_can_be_the_maximum(x, y, z, w):
    return 2 * y, 2 * x, 2.0 * (z > w and z > 0), 2.0 * (w > z and w > 0)


@wrong("ps3.MaxGate", "max-routes-both")
class LetsNothingBelowZeroThrough:
    def forward(self, x, y):
        self.x, self.y = x, y
        return max(x, y, 0.0)

    def backward(self, dz):
        x, y = self.x, self.y
        return [dz * (x > y and x > 0), dz * (y > x and y > 0)]


@wrong("ps5.paths_w131", "index-order")
def the_weight_of_the_first_path_left_standing(W1, W2, x, t):
    h = s(W1 @ x)
    y = s(W2 @ h)
    one, two = (y - t) * y * (1 - y) * W2[0, 2] * h[2] * (1 - h[2]) * x[0]
    return one, two, one + two


OTHER = {
    **{f"random {seed}": drawn(seed) for seed in range(8)},
    "zeros": mapped(lambda g: np.multiply(g, 0.0)),
    "ones": mapped(lambda g: np.ones(np.shape(g))),
    "sevens": mapped(lambda g: np.full(np.shape(g), 7.0)),
    "a ramp": mapped(lambda g: np.arange(np.size(g), dtype=float).reshape(np.shape(g)) - 3.3),
    "one more": mapped(lambda g: np.add(g, 1.0)),
    "a half less": mapped(lambda g: np.subtract(g, 0.5)),
    "squared": mapped(lambda g: np.multiply(g, g)),
    "cubed": mapped(lambda g: np.power(g, 3.0)),
    "exponential": mapped(lambda g: np.exp(np.clip(g, -9, 9))),
    "sine": mapped(lambda g: np.sin(np.multiply(g, 97.0)) + 0.1),
    "cosine": mapped(np.cos),
    "cube root": mapped(lambda g: np.cbrt(g) - 0.2),
    "floor": mapped(lambda g: np.floor(g) + 0.25),
    "hyperbolic": mapped(lambda g: np.tanh(g) + 0.4),
    "sorted": mapped(lambda g: np.sort(np.ravel(g), kind="stable").reshape(np.shape(g)) + 0.125),
    "of other inputs": with_inputs(lambda a: a + 0.7),
    "of the inputs tripled and moved": with_inputs(lambda a: 3.1 * a - 0.4),
    "of the inputs, rounded": with_inputs(lambda a: np.round(a) + 0.35),
    "of the sines": with_inputs(lambda a: np.sin(a / 4) + 1.2),
    "of inputs in the order of size": with_inputs(
        lambda a: (
            np.sort(np.ravel(a)).reshape(np.shape(a)) + 0.2 * np.arange(np.shape(a)[-1])
            if np.ndim(a)
            else a + 1.1
        )
    ),
    "of the squares": with_inputs(lambda a: a * np.abs(a) + 0.3),
}
