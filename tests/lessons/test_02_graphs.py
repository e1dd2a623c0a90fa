"""Lesson 2: its numbers from the worked cases, its predictions, what its cells show."""
# ruff: noqa: E501  (a sentence of a lesson stands on one line)

from __future__ import annotations

# Numbers in the prose that nothing computes: inputs, steps of the text, lengths of time.
GIVEN = "20 30 10 12 0.001 0.5 1000 231"

PREDICTIONS = [  # cell, the answer, a wrong idea
    ("predict-b", "15", "6"),  # not switched
    ("predict-percent", "2/7", "3"),
    ("predict-a", "1.2", "-1.2"),
    ("predict-write", "0", "−1.5"),
    ("predict-z", "2", "-7"),
    ("predict-x", "-7", "-3.5"),  # as if the sum gate split
    ("predict-square", "21", "12"),
]


def minus(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def stated(worked):
    """What lesson 2 says, sentence by sentence, with its numbers computed."""
    a, b, c = 4, 2, 5  # J = 3(a + bc), at other numbers than the exercises have
    u = b * c
    v = a + u
    J = 3 * v
    grad = {"a": 3, "b": 3 * c, "c": 3 * b}
    moved = {leaf: J + 0.001 * slope for leaf, slope in grad.items()}
    yield f"$a = {a}$, $b = {b}$, $c = {c}$ the formula $J = 3(a + bc)$ gives {J}."
    yield (
        f"from {J} to {moved['b']:.3f}. For $c$ you get {moved['c']:.3f}, "
        f"for $a$ only {moved['a']:.3f}: fifteen, six and three times the nudge"
    )
    yield rf"u &= bc = {b}\cdot {c} = {u} \\ v &= a + u = {a} + {u} = {v} \\ J &= 3v = 3\cdot {v} = {J}"
    yield rf"$J$ move by $3\cdot 1\cdot {c}h = {grad['b']}h$"
    yield rf"\underbrace{{\frac{{\partial u}}{{\partial b}}}}_{{{c}}} \;=\; {grad['b']}"
    for node, factor, incoming in (("v", 3, 1), ("a", 1, 3), ("u", 1, 3), ("b", c, 3), ("c", b, 3)):
        stars = "**" if node in "abc" else ""
        yield f"| ${node}$ | {factor} × {incoming} | {stars}{factor * incoming}{stars} |"
    percents = a / J * grad["a"]
    yield f"Not 3 percent but about {percents:.2f}"
    yield f"{0.04 * grad['a']:.2f} of $J$ for 0.04 of $a$"
    yield rf"\frac{{{a}}}{{{J}}}\cdot 3 = \frac{{12}}{{{J}}} \approx {percents:.4f}"

    a, b, c, f = 3, -4, 14, -3  # L = (ab + c)f
    e = a * b
    d = e + c
    yield f"$a = {a}$, $b = {b}$, $c = {c}$, $f = {f}$"
    yield rf"e &= ab = {e} \\ d &= e + c = {d} \\ L &= d f = {d * f}"
    yield rf"$({b})\cdot 1\cdot({f}) = +{b * f}$, and ${b * f} \cdot 0.1 = {0.1 * b * f:.1f}$"
    yield f"| $d$ | $f \\times 1$ | {minus(f)} |\n| $f$ | $d \\times 1$ | {d} |"
    for node, (other, slope) in {
        "e": ("1", f),
        "c": ("1", f),
        "a": ("b", b * f),
        "b": ("a", a * f),
    }.items():
        yield f"| ${node}$ | ${other} \\times ({f})$ | {minus(slope)} |"
    yield f"put {minus(e + 0.5)} where {minus(e)} stood"
    held = (e + 0.5 + c) * f - d * f
    yield rf"exactly the ${f} \cdot 0.5 = {held:g}$ that the gradient predicted"

    x, y, z = -3, 5, -7
    yield f"at $x = {x}$, $y = {y}$, $z = {z}$"
    yield f"$f$ answers with ${x + y}h$. Nudge $x$ by $h$, and it answers with ${z}h$"

    a, b, c = 2, -3, 4  # L = (ab + c)²
    d = a * b + c
    actual, predicted = ((a + 1) * b + c) ** 2 - d**2, 2 * d * b
    assert actual - predicted == b**2
    yield rf"e &= ab = {a * b} \\ d &= e + c = {d} \\ L &= d^2 = {d**2}"
    yield rf"$2d = {2 * d}$, so $\partial L/\partial a = b \cdot 1 \cdot 2d = (-3)\cdot 1\cdot(-4) = {predicted}$"
    yield f"we get $d = {3 * b + c}$ and $L = {(3 * b + c) ** 2}$: it rises by {actual}"
    yield rf"\underbrace{{2db\,h}}_{{{predicted}\,h}} \;+\; \underbrace{{b^2h^2}}_{{{b**2}\,h^2}}"
    yield r"At $h = 10^{-3}$ the error is $9\cdot 10^{-6}$, at $10^{-6}$ it is $9\cdot 10^{-12}$"


def test_it_prints_its_numbers(lesson):
    graphs = lesson("02_graphs")
    slopes = {"J": 1.0, "v": 3.0, "u": 3.0, "a": 3.0, "b": 15.0, "c": 6.0}
    assert graphs.results["backward-j"] == slopes
    assert "by 0.12, that is 0.2857 percent" in graphs.printed["see-percent"]
    assert graphs.printed["hold-and-write"].split() == ["hold:", "-1.5", "write:", "0.0"]
    errors = [line.rpartition(" ")[2] for line in graphs.printed["shrink-h"].splitlines()]
    assert errors == ["9e+00", "9e-02", "9e-06", "9e-12"]


def test_it_shows_an_explorer_of_every_graph(lesson):
    shown = lesson("02_graphs").results
    results = [shown[cell].graph.result.value for cell in ("move-j", "move-l", "move-f")]
    assert results == [42.0, -6.0, -14.0]
    square = shown["move-square"]
    square.h.value = 1.0
    assert (square.nudge.actual, square.nudge.predicted) == (21.0, 12.0)


def test_errors_fall_and_rise_again_as_the_prose_says(lesson):
    lines = lesson("02_graphs").results["errors"].axes[0].get_lines()
    one, both = ([f"{error:.0e}" for error in line.get_ydata()] for line in lines)
    assert one[:4] == ["6e-01", "6e-02", "6e-03", "6e-04"]
    assert both[:4] == ["1e-02", "1e-04", "1e-06", "1e-08"]
    one, both = (list(map(float, errors)) for errors in (one, both))
    assert 1 + one.index(min(one)) == 8 and 1 + both.index(min(both)) == 5  # h = 10⁻⁸ and 10⁻⁵
    assert one[-1] > 100 * min(one) and both[-1] > 1e6 * min(both)
    assert min(both) < 12e-10  # about ten digits of 12


def test_what_is_to_be_predicted_begins_hidden(lesson):
    shown = lesson("02_graphs").results
    assert all(shown[cell].state["hide"] for cell in ("move-j", "move-l"))
