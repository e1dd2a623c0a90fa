"""THE TABLE of predictions: what each lesson asks, what computes the answer, what slips lead to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import descent, nets
from ..derivatives import grad
from ..engine.node import Node, const, var
from ..engine.sweep import backward
from ..functions import (
    exp,
    exp2,
    inv,
    log,
    logdet,
    maximum,
    quadratic_form,
    relu,
    sigmoid,
    trace,
)
from ..functions import sum as total
from ..graphs.graph import Graph, cached_bytes
from ..ideas import IDEAS
from .kinds import Number, Question, Slope


def rise(curve: Callable[[float], float], at: float, h: float = 0.001) -> Callable[[], float]:
    """How many times h a curve rises."""
    return lambda: (curve(at + h) - curve(at)) / h


def once(surface: descent.Surface, rate: float, start: float, **more: Any) -> Callable[[], Any]:
    """Where one step of a walk leads."""
    return lambda: descent.descend(surface, rate, steps=1, start=start, **more).points[1]


def node(result: Node, name: str) -> Node:
    (found,) = [node for node in Graph(result).nodes if node.name == name]
    return found


# --- the graphs of the lessons, with their numbers -----------------------------------------------


def triple() -> Any:
    a, b, c = var(4.0, "a"), var(2.0, "b"), var(5.0, "c")
    return (3.0 * (a + (b * c).named("u")).named("v")).named("J")


def two_minuses() -> Any:
    a, b, c, last = var(3.0, "a"), var(-4.0, "b"), var(14.0, "c"), var(-3.0, "f")
    return (((a * b).named("e") + c).named("d") * last).named("L")


def forces() -> Any:
    x, y, z = var(-3.0, "x"), var(5.0, "y"), var(-7.0, "z")
    return ((x + y).named("q") * z).named("f")


def squared() -> Any:
    a, b, c = var(2.0, "a"), var(-3.0, "b"), var(4.0, "c")
    return (((a * b).named("e") + c).named("d") ** 2).named("L")


def circuit(w: float = -1.0) -> Any:
    x, y, z = var(3.0, "x"), var(-4.0, "y"), var(2.0, "z")
    m, r = (x * y).named("m"), maximum(z, var(w, "w")).named("r")
    return (2.0 * (m + r).named("s")).named("f")


def neuron() -> Any:
    w0, w1, w2 = var(-1.0, "w0"), var(2.0, "w1"), var(1.0, "w2")
    dot = (w0 * var(2.0, "x0") + w1 * var(1.5, "x1") + w2).named("dot")
    neg = (-dot).named("neg")
    return (1.0 / (1.0 + exp(neg).named("ex")).named("den")).named("f")


def two_ways() -> Any:
    s = var(2.0, "s")
    return ((s**2).named("x") * (3.0 * s).named("y")).named("z")


def twice() -> Any:
    s = var(5.0, "s")
    return s * s


def doubled() -> Any:
    t = var(1.0, "t")
    for _ in range(10):
        t = t + t
    return t


def chain() -> Any:
    return (1.0 / exp((var(0.8, "x") ** 2).named("h1")).named("h2")).named("y")


def divided() -> Any:
    return (2.0 * (var(3.0, "x") / var(4.0, "y"))).named("L")


def layers(depth: int) -> Any:
    h: Any = const(np.ones(1000))
    for _ in range(depth):
        h = sigmoid(var(0.5) * h)
    return h.sum()


def reused() -> Any:
    a, b, c = var(2.0, "a"), var(-3.0, "b"), var(10.0, "c")
    e = (a * b).named("e")
    return (e * (e + c).named("d")).named("L")


def too_early() -> float:
    """What a gets where e hands on before d has paid in: the path past d is lost."""
    result = reused()
    paths = Graph(result).paths(node(result, "a"))
    return sum(float(p.product) for p in paths if all(n.name != "d" for n in p.nodes))


def two_backwards(leaf: str) -> Callable[[], Any]:
    """What a leaf of J = 3(a + bc) holds after a second backward with nothing emptied."""

    def run() -> Any:
        a, b, c = var(5.0, "a"), var(3.0, "b"), var(2.0, "c")
        J = 3.0 * (a + b * c)
        backward(J)
        backward(J, zero=False)
        return node(J, leaf).grad

    return run


def visits(found: Node) -> int:
    return 1 + sum(visits(arg) for arg in found.args)


def wide() -> nets.Net:
    return nets.network([[[0.1] * 10] * 10] * 4, x=[1.0] * 10, t=[0.0] * 10)


def layered() -> Any:
    W1, W2 = var(nets.W1, "W1"), var(nets.W2, "W2")
    y = sigmoid(W2 @ sigmoid(W1 @ const(nets.X)))
    return 0.5 * total((y - const([0.0, 1.0])) ** 2)


W, x = np.array([[1.0, 2.0, -1.0], [0.0, 0.5, 3.0]]), np.array([1.0, 0.5, 2.0])


def box() -> Any:
    """The local derivatives of u = Wx, entry by entry."""
    return np.stack([grad(lambda W, i=i: (W @ x)[i])(W) for i in range(2)])


def product() -> Any:
    X, G = var([[1.0, -2.0], [0.5, 0.0], [2.0, 1.0]], "X"), const([[1.0, -1.0], [0.5, 2.0]])
    return total(G * (var(W, "W") @ X))


def batch() -> Any:
    X, T = (
        const([[1.0, 2.0], [-1.0, 0.5], [0.3, -0.7]]),
        const([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]),
    )
    Z = X @ var([[0.4, -0.2], [0.1, 0.9]], "W") + var([0.2, -0.1], "b")
    return total((Z - T) ** 2) / 3


def quadratic() -> Any:
    A = var([[2.0, -1.0, 0.0], [3.0, 1.0, 0.5], [-0.5, 2.0, 4.0]], "A")
    return quadratic_form(var([1.0, -2.0, 0.5], "x"), A)


def autoencoder() -> Any:
    W, x = var([[0.5, -0.2, 0.3], [0.1, 0.8, -0.6]], "W"), var([1.0, -2.0, 0.5], "x")
    return total((W.T @ (W @ x) - x) ** 2)


def powers() -> Any:
    W1 = var([[0.5, -0.3, 0.2], [-0.4, 0.6, 0.1], [0.3, 0.2, -0.7], [0.1, -0.5, 0.4]], "W1")
    W2 = var([[0.6, -0.1, 0.4, 0.3], [-0.2, 0.5, 0.7, -0.6]], "W2")
    z1 = (W1 @ var([1.0, 0.5, -1.5], "x") + var([0.1, -0.2, 0.3, 0.05], "b1")).named("z1")
    z2 = (W2 @ relu(z1).named("h1") + var([-0.1, 0.2], "b2")).named("z2")
    return total(exp2(z2) ** 2)


def determinant() -> Any:
    a, b, c, d = var(3.0, "a"), var(1.0, "b"), var(2.0, "c"), var(4.0, "d")
    return log(a * d - b * c)


B = np.array([[0.5, -1.0, 0.2, 0.7], [1.1, 0.4, -0.3, 0.0], [-0.2, 0.6, 0.9, -0.8]])
MAP = np.array([[1.0, -0.5], [0.3, 0.8], [-0.6, 0.4]])


def likelihood(second: bool = True, A: Any = MAP, alpha: float = 0.8, B: Any = B) -> Any:
    """L₁, or L₁ + L₂, of lesson 11."""
    A, B = var(A, "A"), const(B)
    K = alpha * (A @ A.T) + const(np.eye(len(A.value))) / 2.0
    L1 = -B.shape[1] / 2 * logdet(K)
    return L1 - 0.5 * trace(inv(K) @ (B @ B.T)) if second else L1


def turned() -> float:
    """What a right turn of the whole map changes."""
    quarter = np.array([[0.0, 1.0], [-1.0, 0.0]])
    return round(float(likelihood(A=MAP @ quarter).value - likelihood().value), 9)


def best_alpha() -> float:
    """Which α is best for a map that was fitted while α was 1."""
    fit, A = likelihood, MAP
    for _ in range(2000):
        L = fit(A=A, alpha=1.0, B=3 * B)
        A = A + 0.02 * Graph(L).grads[node(L, "A")]
    alphas = np.geomspace(0.1, 10.0, 41)
    return float(alphas[np.argmax([fit(A=A, alpha=k, B=3 * B).value for k in alphas])])


def width() -> float:
    """Which k makes −½ log k − ½ b²/k largest for b = 3."""
    k = np.linspace(0.1, 30.0, 300)
    return float(k[np.argmax(-0.5 * np.log(k) - 4.5 / k)])


# --- the questions -------------------------------------------------------------------------------

QUESTIONS: dict[str, Question] = {
    # 1 · Nudging
    "l1.hair": Number(
        "f = a² at a = 5. You raise a by 0.001. By how many times 0.001 does f rise?",
        rise(lambda a: a**2, 5.0),
        [
            (25.0, "25 is where f stands, not how far it moves."),
            (5.0, "Multiply out 5.001 · 5.001. How far is that from 25?"),
            (1.0, "Multiply out 5.001 · 5.001. How far is that from 25?"),
        ],
    ),
    "l1.two": Number(
        "f = a² again, but a = 2, and you raise it by 0.001. By how many times 0.001 does f rise?",
        rise(lambda a: a**2, 2.0),
        [
            (10.0, "That was at a = 5. Is the curve as steep at 2?"),
            (2.0, "That is a. Put a = 2 into 2a + h."),
        ],
    ),
    "l1.line": Number(
        "f = 3a. At a = 2 a nudge of 0.001 raises f by 0.003. What is the slope at a = 5?",
        rise(lambda a: 3.0 * a, 5.0),
        [
            (7.5, "You let the slope grow with a. Does a straight line get steeper?"),
            (15.0, "15 is where f stands, not how far it moves."),
        ],
    ),
    "l1.cube": Number(
        "f = a³ at a = 2. You raise a by 0.001. By how many times 0.001 does f rise?",
        rise(lambda a: a**3, 2.0),
        [
            (8.0, "8 is where f stands, not how far it moves."),
            (6.0, "Multiplied out, h stands beside a product of two a's. Is it their sum?"),
            (4.0, "How often does a·a·h occur when you multiply out?"),
        ],
    ),
    "l1.log": Number(
        "f = ln a at a = 5. What is its slope there?",
        rise(np.log, 5.0, 1e-6),
        [
            (float(np.log(5)), "That is ln 5, the height. How steep is it there?"),
            (-0.2, "Further out the curve is flatter. Does it fall?"),
            (-0.04, "That is the slope of 1/a. Which curve is asked about?"),
        ],
    ),
    "l1.recipe": Number(
        "a = −2, the slope is −4, so h = 0.01 · (−4), and the recipe says a − h. What is f then?",
        lambda: (-2 - 0.01 * -4) ** 2,
        [(4.1616, "That is f at a + h. Which of the two does the recipe take here?")],
    ),
    "l1.both": Number(
        "f = a³ at a = 2, nudged to both sides with h = 0.1. By how much does the ratio miss 12?",
        lambda: (2.1**3 - 1.9**3) / 0.2 - 12,
        [
            (0.61, "That is what one side alone misses. What becomes of 3ah² on both sides?"),
            (0.1, "The term that is left has h twice."),
        ],
    ),
    "l1.calls": Number(
        "1000 numbers are nudged one by one, to one side. How often must f be computed in all?",
        lambda: 1 + len(np.eye(1000)),
        [(1000.0, "Each nudged result is compared with something. Has that been computed?")],
    ),
    # 2 · Graphs
    "l2.b": Slope("b goes from 2 to 2.001. By how many times 0.001 does J rise?", triple, "b"),
    "l2.percent": Number(
        "a grows by 1 percent, from 4 to 4.04. By how many percent does J grow from 42?",
        lambda: 100 * Graph(J := triple()).nudge(node(J, "a"), 0.04).actual / J.value,
        [
            (3.0, IDEAS["elasticity"].message + " How far is 1 percent of 4, and of 42?"),
            (0.12, "So far J moves. How many percent of 42 is that?"),
            (1.0, "By how much does J move when a moves by 0.04?"),
        ],
    ),
    "l2.a": Slope(
        "a goes from 3 to 3.1; e = ab, d = e + c and L = df follow. By how much does L change?",
        two_minuses,
        "a",
        times=0.1,
    ),
    "l2.write": Number(
        "You write −11.5 into e, then run the forward pass. By how much has L changed?",
        lambda: Graph(L := two_minuses()).at({node(L, "e"): -11.5}).result.value - L.value,
        [
            (-1.5, "So it would be if e stayed at −11.5. What does the forward pass do first?"),
            (1.5, "What does the forward pass compute first?"),
        ],
    ),
    "l2.z": Slope("What is ∂f/∂z?", forces, "z"),
    "l2.x": Slope("And ∂f/∂x?", forces, "x"),
    "l2.square": Number(
        "a goes from 2 to 3. The gradient predicts a rise of L by 12. What is it really?",
        lambda: Graph(L := squared()).nudge(node(L, "a"), 1.0).actual,
        [
            (12.0, "L is no straight line in a. Compute d and L anew at a = 3."),
            (25.0, "25 is where L stands then. How far has it come?"),
            (9.0, "So much the prediction misses. How far does L rise in all?"),
        ],
    ),
    # 3 · Gates
    "l3.add": Slope(
        "m is raised by 0.1, and r stays. By how much does f = 2(m + r) change?",
        circuit,
        "m",
        times=0.1,
    ),
    "l3.multiply": Slope("What is ∂f/∂x?", circuit, "x"),
    "l3.max": Slope("Let w be 2.5, with z still 2. What is ∂f/∂w?", lambda: circuit(2.5), "w"),
    "l3.exp": Slope(
        "The incoming gradient at ex = exp(neg) is −0.7758, and ex = 0.1353. What is ∂f/∂neg?",
        neuron,
        "neg",
    ),
    "l3.steepest": Number(
        "f(1 − f) for f between 0 and 1: what is the largest slope a sigmoid can have?",
        lambda: np.max((f := np.linspace(0, 1, 101)) * (1 - f)),
        [
            (1.0, "f and 1 − f cannot both be 1. Where is their product largest?"),
            (0.5, "That is f where it is steepest. What is f(1 − f) there?"),
        ],
    ),
    # 4 · Forks
    "l4.hairs": Slope(
        "x = s² rises by 4 hairs, y = 3s by 3. By how many hairs does z = xy rise?",
        two_ways,
        "s",
        slips=[(7.0, "4 and 3 are how far x and y move. How far does each of them move z?")],
    ),
    "l4.held": Number(
        "s goes from 2 to 2.001, and y is held at 6. By how many times 0.001 does z rise?",
        lambda: (
            (Graph(z := two_ways()).replay({node(z, "s"): 2.001, node(z, "y"): 6.0})[z] - z.value)
            / 0.001
        ),
        [
            (36.0, "So far z rises when nothing is held. Which way is blocked now?"),
            (12.0, "That came the way that is blocked. What comes the other?"),
            (4.0, "So far x rises. How many times as far does z?"),
        ],
    ),
    "l4.twice": Slope("f = s·s with s = 5, as one multiply gate. What is ∂f/∂s?", twice, "s"),
    "l4.penalty": Number(
        "w = 0.7. What does w get along the second path, through the penalty 0.1 · ½w²?",
        lambda: grad(lambda w: 0.1 * 0.5 * w**2)(0.7),
        [
            (0.14, "The slope of w² has a 2 in it. What does the ½ do to it?"),
            (0.7, "There is a multiply-by-0.1 gate on the way."),
            (0.035, "The slope of w² has a 2 in it. What does the ½ do to it?"),
            (-0.07, "The penalty grows with w. Then which sign has its slope?"),
            (-0.023587, "That would be both paths together. Only the second is asked for."),
        ],
    ),
    "l4.paths": Number(
        "Ten forks in a row, two ways at each. How many paths?",
        lambda: Graph(t := doubled()).count_paths(node(t, "t")),
        [
            (20.0, "That is the number of arrows. At each fork every path so far splits in two."),
            (100.0, "Begin small: one fork has 2 paths. And two forks in a row?"),
        ],
    ),
    "l4.forward": Number(
        "A loss of 1000 weights. How many sweeps from left to right until all slopes are known?",
        lambda: Graph(total(var(np.ones(1000)) ** 2)).leaves[0].value.size,
        [
            (1.0, "One sweep begins at one leaf and says what that leaf does. And the others?"),
            (1001.0, "The sweep carries slopes, not nudged values: nothing is compared."),
        ],
    ),
    # 5 · Cache
    "l5.square": Slope(
        "Square was given 0.8. The incoming gradient is 10. What does backward(10) return?",
        lambda: 10.0 * (var(0.8, "x") ** 2),
        "x",
    ),
    "l5.chain": Slope("What is the slope of y = 1/exp(x²) at x = 0.8?", chain, "x"),
    "l5.divide": Slope(
        "x = 3, y = 4, and the incoming gradient of z = x/y is 2. What does y get?", divided, "y"
    ),
    "l5.multiply": Number(
        "a and b are lists of 1000 numbers. How many must the gate a·b keep?",
        lambda: cached_bytes(total(var(np.full(1000, 2.0)) * var(np.full(1000, 3.0)))) / 8,
        [
            (1000.0, "The gradient of a needs b. What does the gradient of b need?"),
            (3000.0, "Does any of the two gradients need the product?"),
            (2.0, "It has two inputs. How many numbers is each of them?"),
        ],
    ),
    "l5.depth": Number(
        "How many numbers does a network of 20 layers keep?",
        lambda: cached_bytes(layers(20)) / 8,
        [
            (40020.0, "What one layer puts out is what the next takes in: it is stored once."),
            (20020.0, "Does the first layer have its input already?"),
            (20000.0, "What about the weights, and the input of the first layer?"),
        ],
    ),
    # 6 · Engine
    "l6.e": Slope("What is ∂L/∂e, when all is done?", reused, "e"),
    "l6.visits": Number(
        "How often is along_paths called for these eleven nodes?",
        lambda: visits(doubled()),
        [
            (11.0, "It goes along every path anew, also through nodes where it has been."),
            (1024.0, "So often it reaches t. What about the nodes on the way?"),
            (2048.0, "Add 1 + 2 + 4 + … + 1024."),
        ],
    ),
    "l6.order": Number(
        "Swept in the order L, e, d, c, a, b: what does a get, in place of 6?",
        too_early,
        [
            (6.0, "That is right, and this order is not. What is in e's bucket when it is called?"),
            (4.0, "So much is in e's bucket. Times which local derivative does a get it?"),
            (18.0, "When e has its turn, d has not spoken. What is in e's bucket?"),
        ],
    ),
    "l6.twice": Number(
        "∂J/∂a is 3. What is in the bucket of a after the second time?",
        two_backwards("a"),
        [
            (6.0, "So it would be if only a still held something. What does v hold?"),
            (3.0, "Nothing was emptied. What is added to the 3?"),
        ],
    ),
    "l6.deeper": Number(
        "b is one gate deeper than a, and ∂J/∂b is 6. What is in its bucket after the second time?",
        two_backwards("b"),
        [
            (12.0, "That is twice as much. But u, before it, already held too much."),
            (18.0, "a had three times its gradient. b is one gate deeper."),
        ],
    ),
    # 7 · Descent
    "l7.step": Number(
        "w = 0, slope −6, η = 0.1. What is w after one step?",
        once(descent.parabola, 0.1, 0.0),
        [
            (-0.6, "That is uphill. What does the minus in the rule do to a negative slope?"),
            (6.0, "So large is the slope. How much of it is taken?"),
        ],
    ),
    "l7.sign": Number(
        "J = −1, so the rule goes with the slope 4. What is w then?",
        once(descent.sunken_parabola, 0.05, 2.0, rule="sign of J"),
        [(1.8, "That is the step of descent. Which way does this rule go where J is negative?")],
    ),
    "l7.bounce": Number(
        "w = 0, η = 1. What is w after one step?",
        once(descent.parabola, 1.0, 0.0),
        [
            (3.0, "That would be the bottom. By how much is 0 − 3 multiplied?"),
            (-6.0, "That is uphill. What does the minus in the rule do to a negative slope?"),
            (-3.0, "The new distance is −1 times the old. Where is w then?"),
        ],
    ),
    "l7.edge": Number(
        "From which η on does a walk in this bowl no longer come closer?",
        lambda: descent.stability_edge(descent.bowl, (0.0, 0.0)),
        [
            (2.0, "That is the edge for w₁. Which of the two directions is stricter?"),
            (0.1, "There 1 − 10η is 0: it arrives in one step. When is it −1?"),
        ],
    ),
    "l7.momentum": Number(
        "w = 0, η = 0.1, β = 0.5. The first step is 0.6, as before. How long is the second?",
        lambda: np.diff(descent.descend(descent.parabola, 0.1, 2, 0.0, momentum=0.5).points)[1],
        [
            (0.48, "That is −η times the slope at 0.6. And half of the step before?"),
            (0.3, "That is half of the step before. And −η times the slope at 0.6?"),
            (0.9, "The slope is that of w = 0.6 now, not of 0."),
            (1.38, "That is where w is then. How long was the step?"),
        ],
    ),
    # 8 · Neurons
    "l8.neuron": Slope(
        "∂L/∂w = −0.0236. By how much does w change in the first step?",
        lambda: nets.neuron().loss,
        "w",
        times=-0.5,
        slips=[(-0.0118, "Downhill is against the slope.")],
    ),
    "l8.chain": Slope("What is ∂L/∂h₁?", lambda: nets.two_neurons().loss, "h1"),
    "l8.last": Slope(
        "What is ∂L/∂w₂₁₂?",
        lambda: nets.network().loss,
        "w212",
        slips=[(-0.0473, "Say the subscripts aloud: layer, arriving at, coming from.")],
    ),
    "l8.ways": Slope(
        "What is ∂L/∂w₁₃₂?",
        lambda: nets.network().loss,
        "w132",
        slips=[
            (-0.0035, "That is w₁₃₁. What is another number on both of its paths?"),
            (0.0084, "x₂ is −0.7, and 0.0143 has x₁ = 1.2 in it. What is the sum of both paths?"),
        ],
    ),
    "l8.count": Number(
        "How many paths lead from w₁₃₁ to L now?",
        lambda: Graph((soft := nets.network(output="softmax")).loss).count_paths(soft["w131"]),
        [
            (2.0, IDEAS["softmax-diagonal"].message),
            (3.0, "Two scores, and each of them reaches how many probabilities?"),
        ],
    ),
    "l8.many": Number(
        "Four layers of ten neurons. How many paths lead from a weight of layer 1 to L?",
        lambda: Graph((many := wide()).loss).count_paths(many["w111"]),
        [
            (10000.0, "Which neuron the weight leads to is settled. How many layers follow?"),
            (40.0, "Each of ten neurons leads to ten others: do the ways add or multiply?"),
            (100.0, "How many layers stand behind the neuron the weight leads to?"),
        ],
    ),
    # 9 · Shapes
    "l9.entry": Slope(
        "What stands in row 2, column 1 of ∂L/∂W₂?",
        layered,
        "W2",
        (1, 0),
        slips=[(0.0421, "That is the row 1, column 2. Which index is the row: to, or from?")],
    ),
    "l9.box": Number(
        "How many of the 12 numbers in T are not zero?",
        lambda: np.count_nonzero(box()),
        [
            (12.0, "Does u₁ move when an entry of the second row of W is nudged?"),
            (3.0, "That is one entry of u. How many has it?"),
            (4.0, "One number for each (i, k) is a whole row. How many rows belong to their uᵢ?"),
        ],
    ),
    "l9.forward": Number(
        "The last entry of x goes from 2 to 2.1. By how much does u₂ move?",
        lambda: (W @ np.array([0.0, 0.0, 0.1]))[1],
        [
            (-0.1, "That is how far u₁ moves. Which row of W makes u₂?"),
            (3.0, "The nudge is 0.1."),
        ],
    ),
    "l9.product": Slope("What is ∂L/∂W₁₁?", product, "W", (0, 0)),
    "l9.bias": Slope("What is ∂L/∂b₁?", batch, "b", (0,)),
    "l9.quadratic": Slope("What is ∂f/∂x₁?", quadratic, "x", (0,)),
    # 10 · Two matrix networks
    "l10.w": Slope(
        "What is the entry of ∂L/∂W in its first row and column?", autoencoder, "W", (0, 0)
    ),
    "l10.x": Slope(
        "What is the first entry of ∂L/∂x?",
        autoencoder,
        "x",
        (0,),
        slips=[(-1.5035, "x also feeds the difference m = g − x. Which sign has it there?")],
    ),
    "l10.power": Slope(
        "What is the first entry of ∂L/∂z₂?",
        powers,
        "z2",
        (0,),
        slips=[(4.3448, IDEAS["chain-added"].message)],
    ),
    "l10.relu": Slope(
        "∂L/∂h₁ has 4.4332 as its second entry. What is the second entry of ∂L/∂z₁?",
        powers,
        "z1",
        (1,),
    ),
    "l10.off": Number(
        "∂L/∂W₁ has 4 × 3 entries. How many of them are zero?",
        lambda: np.count_nonzero(Graph(L := powers()).grads[node(L, "W1")] == 0),
        [
            (2.0, "Two units are off. How many weights lead into each?"),
            (4.0, "Each unit that is off has a whole row. How long is a row of W₁?"),
            (8.0, "Each unit that is off has a row of W₁, not a column."),
        ],
    ),
    # 11 · Log-determinants
    "l11.b": Slope(
        "What is ∂f/∂b?",
        determinant,
        "b",
        slips=[(-0.1, "That is b itself times 0.1. Which factor stands beside b?")],
    ),
    "l11.one": Slope(
        "x = 2 and c = 6, f = c/x. What is ∂f/∂x?", lambda: 6.0 / var(2.0, "x"), "x"
    ),
    "l11.width": Number(
        "b = 3 was measured. Which k makes −½ log k − ½ b²/k the largest?",
        width,
        [
            (3.0, "Set the slope in k to zero: −½ · 1/k + ½ · b²/k². Which k does that?"),
            (1.0, "A bell of width 1 puts hardly anything at 3. Does a wider one do better?"),
            (0.0, "As k goes to 0 the second term falls without end."),
        ],
    ),
    "l11.path": Slope(
        "What is the first entry of ∂L₁/∂A?", lambda: likelihood(False), "A", (0, 0),
        slips=[(-0.8835, IDEAS["one-path"].message)],
    ),
    "l11.sum": Slope(
        "What is the first entry of ∂L/∂A, with L = L₁ + L₂?", likelihood, "A", (0, 0),
        slips=[
            (-1.7671, "That is the share of L₁. What else does K feed?"),
            (0.3584, "That is the share of L₂. What else does K feed?"),
            (-2.1255, "Which sign has the share of L₂?"),
        ],
    ),
    "l11.turn": Number(
        "Turn the whole map by a right angle. By how much does L change?",
        turned,
    ),
    "l11.alpha": Number(
        "The map was fitted with α = 1. With this map held, which α makes L the largest?",
        best_alpha,
        [(2.0, "Twice α does to K what a larger map does. Has the size of the map been chosen?")],
    ),
}  # fmt: skip
