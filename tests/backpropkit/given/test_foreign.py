"""Other engines' graphs, read into ours: theirs are the values and gradients to be met."""

import pytest
from small_engines import Listed, Value

import backpropkit as bp
from backpropkit import EngineError, Graph, explore


def grown(make, rng, size=12):
    """A random expression of an engine; every node of it is used, some more than once."""
    nodes = [make(float(x), label=name) for x, name in zip(rng.normal(size=3), "abc", strict=True)]
    for _ in range(size):
        one, two = (nodes[k] for k in rng.integers(0, len(nodes), 2))
        match rng.integers(0, 8):
            case 0 | 1:
                nodes.append(one + two)
            case 2 | 3:
                nodes.append(one * two)
            case 4:
                nodes.append(one - two)
            case 5:
                nodes.append(one / (two * two + 1.0))
            case 6:
                nodes.append(one.tanh() ** 3)
            case _:
                nodes.append((one.tanh().exp() + two).relu())
    total = nodes[0]
    for node in nodes[1:]:
        total = total + node.tanh()
    return total


@pytest.mark.parametrize("make", [Value, Listed])
def test_random_graphs_of_another_engine_have_its_values_and_its_gradients(make, rng):
    for _ in range(30):
        L = grown(make, rng)
        L.backward()
        graph = Graph(L)
        assert graph.result.value == pytest.approx(L.data, rel=1e-9)
        assert len(graph.theirs) == len(graph.nodes)
        for node in graph.nodes:
            assert graph.grads[node] == pytest.approx(graph.theirs[node], rel=1e-6, abs=1e-9)
        assert graph.parting is None


def forked():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    e = a * b
    e.label = "e"
    d = e + 10.0
    d.label = "d"
    return a, b, e, d, e * d


def test_it_is_nudged_stepped_and_printed_like_one_of_ours():
    a, _b, e, d, L = forked()
    L.backward()
    graph = Graph(L)
    by_name = {node.name: node for node in graph.nodes}
    assert (by_name["e"].op, by_name["e"].args) == ("mul", (by_name["a"], by_name["b"]))
    assert graph.nudge(by_name["a"], 1.0).actual == (-9.0 * 1.0) - (-6.0 * 4.0)
    explorer = explore.nudge(L)
    explorer.h.value = 1.0
    assert explorer.nudge.actual == 15.0
    explorer.leaves["a"].value = 3.0  # at 3: −9 · 1, and one more is −12 · −2
    assert explorer.nudge.actual == 24.0 + 9.0
    assert (a.data, a.grad, L._prev) == (2.0, 6.0, {e, d})


def test_where_two_engines_part_is_said_beside_the_picture():
    _a, b, e, d, L = forked()
    L.grad = 1.0
    for node in (L, e, d):  # e hands on before d has paid in
        node._backward()
    graph = Graph(L)
    assert [node.name for node in graph.nodes if graph.parts_at(node)] == ["a", "b"]
    assert graph.parting.name in "ab"
    for make in (explore.nudge, explore.backward):
        shown = make(L).still()
        assert (
            "Your engine and this one part at" in shown and "What uses it, e, still agrees" in shown
        )
        assert shown.count("<td>differs</td>") == 2
    b.grad = float("nan")
    assert Graph(L).parting.name == "b"


def test_a_sweep_of_before_that_is_still_in_the_gradients_is_seen_at_the_result():
    *_, L = forked()
    L.backward()
    L.grad = 2.0
    assert Graph(L).parting is Graph(L).result or Graph(L).parting.op == "mul"
    assert "is a sweep of before still in it?" in explore.nudge(L).still()


def test_without_a_backward_nothing_is_compared():
    *_, L = forked()
    assert Graph(L).theirs == {}
    assert "Your engine" not in explore.nudge(L).still()


def test_an_agreeing_engine_is_told_so():
    *_, L = forked()
    L.backward()
    assert (
        "Your engine and this one agree: the same gradient at all 6 nodes."
        in explore.backward(L).still()
    )


def node(data, children=(), op="", **more):
    made = Listed(data, children, op)
    vars(made).update(more)
    return made


def cycle():
    a = node(1.0, op="+")
    a._prev = (a, node(0.0))
    return a


two = node(2.0, label="two")
WRONG = {
    "no label": (lambda: node(4.0, (two, two)), r"value 4\).*does not say how.*op='\*'"),
    "no row": (lambda: node(4.0, (two, two), "lerp"), r"no op of 2 nodes is called 'lerp'"),
    "a number is missing": (lambda: node(5.0, (two,), "+"), r"the other one is missing.*number"),
    "an exponent is missing": (lambda: node(4.0, (two,), "**"), r"its exponent, op=f'\*\*\{n\}'"),
    "another label": (lambda: node(5.0, (two, two), "*"), r"made by '\*' .*2 and 2.*not its value"),
    "an old value": (lambda: node(9.0, (two,), "**2"), r"run the forward pass again"),
    "a cycle": (cycle, "is computed from itself"),
    "no number": (lambda: node("2"), r"'2' \(a str\)"),
    "three in a set": (
        lambda: node(6.0, op="+", _prev={node(1.0), node(2.0), node(3.0)}),
        "forgets their order",
    ),
    "an order that is lost": (
        lambda: node(0.0, op="-", _prev={node(3.0), node(3.0)}), "forgets which came first",
    ),
    "one name twice": (
        lambda: node(4.0, (node(2.0, label="x"), node(2.0, label="x")), "*"),
        "two nodes are called 'x'",
    ),
    "not defined": (lambda: node(0.0, (node(-1.0),), "log"), "log"),
    "nan": (lambda: node(float("nan")) + 1.0, "nan"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_read_is_named_with_a_remedy(what):
    make, says = WRONG[what]
    with pytest.raises(EngineError, match=says):
        Graph(make())
    with pytest.raises(EngineError, match=says):
        explore.nudge(make())


def test_a_set_s_order_is_found_where_the_values_tell_it():
    a, b = node(3.0, label="a"), node(5.0, label="b")
    minus = node(-2.0, op="-", _prev={a, b})
    grads = {n.name: g for n, g in Graph(minus).grads.items()}
    assert (grads["a"], grads["b"]) == (1.0, -1.0)
    twice = Value(3.0) * 1.0
    squared = twice * twice
    squared.backward()
    assert Graph(squared).parting is None


def test_five_thousand_deep_and_plain_numbers_among_the_children():
    x = node(1.0, label="x")
    total = x
    for _ in range(5000):
        total = node(total.data + 1.0, (total, x), "+")
    graph = Graph(total)
    assert graph.grads[graph.leaves[0]] == 5001.0
    assert Graph(node(6.0, (two, 3.0), "*")).nodes[-1].args[1].op == "const"


def test_other_words_for_the_same():
    class Other:
        def __init__(self, value, args=(), op=None):
            self.value, self.args, self.operation = value, args, op

    def mul(a, b):
        return Other(a.value * b.value, (a, b), mul)

    graph = Graph(mul(Other(2.0), mul(Other(3.0), Other(4.0))))
    assert graph.result.value == 24.0 and [n.op for n in graph.nodes].count("mul") == 2


# --- functions and their numbers ---


def test_a_function_is_given_its_numbers_in_order_or_by_name():
    def f(a, b, /, c, *, d=1.0):
        return (a * b + c) * d

    for graph in (Graph(f, 2, -3, 4), Graph(f, 2, -3, c=4), Graph(f, 2, -3, c=4, d=1)):
        assert {n.name: g for n, g in graph.grads.items() if n.op == "var"} == {
            "a": -3.0, "b": 2.0, "c": 1.0, "d": -2.0,
        }  # fmt: skip
    assert explore.nudge(
        lambda a, b, c: (a * b + c) ** 2, 2, -3, 4
    ).nudge.predicted == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("given", "numbers", "values", "says"),
    [
        (lambda a: a, (1, 2), {}, "was given 2 numbers and takes a"),
        (lambda: bp.var(1.0), (1,), {}, "was given 1 number and takes none"),
        (lambda a: a, (1,), {"a": 2}, "given a twice"),
        (lambda *a: a[0], (1,), {}, "names none of its arguments"),
        ("a*b", (1, 2), {}, r"given by name: a=…, b=…"),
        (Value, (1,), {}, "takes the Node"),
        (min, (1, 2), {}, "write lambda x: min|takes none"),
    ],
)  # fmt: skip
def test_numbers_that_do_not_fit_are_named(given, numbers, values, says):
    with pytest.raises(TypeError, match=says):
        Graph(given, *numbers, **values)
    with pytest.raises(TypeError, match=says):
        explore.nudge(given, *numbers, **values)


def test_a_function_of_another_engine_is_sent_to_its_node():
    with pytest.raises(EngineError, match="hand over the node it returns"):
        bp.Graph(lambda a: Value(3.0), 2.0)
