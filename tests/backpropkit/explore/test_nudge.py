"""The nudge explorer without a browser: what its state says is what the engine says."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import Graph, Node, explore, var
from backpropkit.explore import NudgeExplorer
from backpropkit.picture.numbers import number
from backpropkit.scenes.nudge import scene


def product() -> Node:
    a, b, c, f = (var(v, n) for n, v in {"a": 2.0, "b": -3.0, "c": 10.0, "f": -2.0}.items())
    return (((a * b).named("e") + c).named("d") * f).named("L")


@pytest.fixture
def explorer() -> NudgeExplorer:
    return explore.nudge(product())


def on_page(explorer: NudgeExplorer, name: str) -> float:
    """A number the still carries; the wide and the narrow picture have to agree."""
    found = re.findall(f'data-{name}="([^"]+)"', explorer.still())
    assert len(found) == 2 and found[0] == found[1]
    return float(found[0])


def test_a_leaf_that_moved_gives_what_a_fresh_graph_gives(explorer: NudgeExplorer) -> None:
    for a in np.linspace(-3, 7, 7):
        explorer.leaves["a"].value = float(a)
        # L = (ab + c)f at b=−3, c=10, f=−2: ΔL = b·f·h
        before, after = ((x * -3.0 + 10.0) * -2.0 for x in (float(a), float(a) + 0.1))
        assert on_page(explorer, "actual") == explorer.nudge.actual == after - before
        assert on_page(explorer, "predicted") == pytest.approx(0.6, rel=1e-12)


def test_h_and_the_node_are_chosen(explorer: NudgeExplorer) -> None:
    explorer.h.value = 1e-8
    explorer.node.value = "c"
    assert on_page(explorer, "h") == 1e-8
    assert on_page(explorer, "predicted") == pytest.approx(-2e-8)
    assert explorer.nudge.node.name == "c"
    assert explorer.state["node"] == "c"


def test_python_hears_what_the_state_becomes(explorer: NudgeExplorer) -> None:
    heard = []
    explorer.observe(lambda change: heard.append(change.new["h"]), "state")
    explorer.h.value = 0.5  # as the page does it: the whole state anew
    assert heard == [0.5]


def test_the_learners_own_graph_is_never_changed() -> None:
    L = product()
    L.backward()
    before = [(n.value, n.grad) for n in Graph(L).nodes]
    explorer = explore.nudge(L)
    explorer.leaves["a"].value = 5.0
    explorer.node.value = "e"
    explorer.way.value = "write"
    explorer.still()
    assert [(n.value, n.grad) for n in Graph(L).nodes] == before


def test_holding_moves_L_and_a_write_is_lost(explorer: NudgeExplorer) -> None:
    explorer.node.value = "e"
    explorer.h.value = 0.5
    assert on_page(explorer, "actual") == -1.0
    assert "the arrows into e are cut" in explorer.now.sentence
    explorer.way.value = "write"
    assert on_page(explorer, "actual") == 0.0
    assert on_page(explorer, "predicted") == -1.0
    assert "your write was lost, ΔL = 0" in explorer.now.sentence


def test_a_leaf_can_neither_be_held_nor_lost(explorer: NudgeExplorer) -> None:
    explorer.way.value = "write"
    assert on_page(explorer, "actual") == pytest.approx(0.6)


def test_a_matrix_is_moved_and_nudged_entry_by_entry() -> None:
    A = var([[2.0, -1.0], [3.0, 1.0]], "A")
    x = var([1.0, -2.0], "x")
    explorer = explore.nudge(bp.quadratic_form(x, A).named("f"))
    explorer.state = {**explorer.state, "entry": [0, 1]}  # A[0, 1]
    assert on_page(explorer, "predicted") == pytest.approx(1.0 * -2.0 * 0.1)  # x₀x₁h
    assert on_page(explorer, "actual") == pytest.approx(explorer.nudge.actual)
    explorer.leaves["A"].value = [[2.0, -1.0], [4.0, 1.0]]
    assert explorer.nudge.before == pytest.approx(2 + 2 - 8 + 4)
    assert A.value[1, 0] == 3.0


def test_unnamed_nodes_can_be_chosen_and_constants_cannot() -> None:
    x = var(1.0, "x")
    explorer = explore.nudge(bp.exp(2.0 * x))
    [choose] = [c for row in explorer.scene["controls"] for c in row if c.get("name") == "node"]
    assert choose["values"] == ["x", "v1", "L"]


@pytest.mark.parametrize("name", ["h", "node", "way", "scale", "past", "entry"])
def test_a_leaf_may_be_called_what_a_control_is_called(name: str) -> None:
    explorer = explore.nudge((var(3.0, name) ** 2).named("L"))
    assert explorer.nudge.predicted == pytest.approx(0.6)
    assert on_page(explorer, "actual") == explorer.nudge.actual


def test_an_if_that_turns_is_recorded_anew_and_one_the_nudge_turns_is_said() -> None:
    explorer = explore.nudge(lambda a: a * a if a > 1.0 else 3.0 * a, a=2.0)
    [[_, held, reads]] = explorer.scene["guards"]
    assert held and reads == "“a > 1”" and "Mind" not in explorer.now.sentence
    explorer.leaves["a"].value = 0.95  # as a page would say that a kernel listens to
    [[_, held, _]] = explorer.scene["guards"]
    assert not held and on_page(explorer, "predicted") == pytest.approx(0.3)
    assert "Mind that the nudge turns “a > 1” over" in explorer.now.sentence


def test_questions_of_nodes_beside_the_result_are_guarded_as_well() -> None:
    explorer = explore.nudge(lambda a, b: a * 2.0 if (a + b) * b > 4.0 else a, a=2.0, b=3.0)
    [[_, held, reads]] = explorer.scene["guards"]
    assert held and reads == "“(a + b) × b > 4”"


def test_a_linear_graph_shows_no_error_curve_and_a_curved_one_does() -> None:
    linear, curved = explore.nudge(product()).still(), explore.nudge(product() ** 2).still()
    assert re.search(r'data-unless="" hidden', linear)
    assert 'data-unless=""' in curved and not re.search(r'data-unless="" hidden', curved)
    assert "No error beyond rounding" in linear


class Seen(HTMLParser):
    """What can be seen of a page or is read out: text and labels, without what is hidden."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words, self._open = list[str](), list[bool]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self._open.append("hidden" in known or tag == "style")
        if not any(self._open):
            self.words += [known.get("aria-label") or "", known.get("title") or ""]
        if tag in ("br", "input", "meta", "link"):
            self._open.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._open):
            self.words.append(data)

    @property
    def numbers(self) -> set[str]:
        return set(re.findall(r"\d+(?:[.,]\d+)?(?:e[−\d]+)?", " ".join(self.words)))


def gates() -> Node:
    x, y, z, w = (var(v, n) for v, n in ((31.0, "x"), (-47.0, "y"), (29.0, "z"), (-11.0, "w")))
    return (2.0 * ((x * y).named("m") + bp.maximum(z, w).named("r")).named("s")).named("f")


def matrices() -> Node:
    W, x = var([[31.0, -47.0], [53.0, 29.0]], "W"), var([11.0, -13.0], "x")
    return bp.sum((W @ x).named("h") ** 2).named("L")


@pytest.mark.parametrize("build", [gates, matrices])
def test_what_is_hidden_shows_in_no_number(build: Callable[[], Node]) -> None:
    graph = Graph(build())
    known = [v for n in graph.nodes for v in (*np.ravel(n.value), np.linalg.norm(n.value))]
    known += [0.1, len(graph.nodes), 0, 1, 2]  # h, how many nodes, places, shapes
    for node in [n for n in graph.nodes if n.name]:
        moved = float(np.ravel(node.value)[0]) + 0.1
        allowed = Seen(" ".join(number(v, d) for v in [*known, moved] for d in (3, 4, 5))).numbers
        page = Seen(scene(graph, {"node": node.name, "hide": 1.0}).html)
        assert "= ?" in " ".join(page.words) and page.numbers <= allowed, node.name
        plain = Seen(scene(graph, {"node": node.name}).html)
        assert not plain.numbers <= allowed, node.name


def test_a_hidden_picture_marks_where_a_nudge_may_come_and_not_that_it_stops() -> None:
    def marked(**state: object) -> set[str]:
        html = scene(Graph(gates()), {"node": "w", **state}).html
        found = re.findall(r'class="[^"]*bp-moved[^"]*"[^>]*><rect[^>]*choose="node=(\w+)"', html)
        return set(found)

    assert marked(hide=1.0) == {"w", "r", "s", "f"}
    assert marked() == marked(hide=1.0, seen=[0, 0, 0, 1, 0, 0, 0, 0, 0]) == {"w"}


@pytest.mark.parametrize(
    ("formula", "values", "h", "said"),
    [
        ("a * a", {"a": 0.0}, 0.1, "Error 0.01, 100 % of the change."),
        ("a * a", {"a": 0.1}, 900.0, "Error 810000, 100 % of the change."),
        ("tanh(a)", {"a": 0.0}, 1000.0, "Error 999, 999 times the change."),
        ("tanh(a)", {"a": 0.0}, 1e200, "Error 1e200: all of the prediction."),
        ("a * a", {"a": 3.0}, 1e-20, "a + h is a again to all digits: nothing was compared."),
        (
            "a + b",
            {"a": 1.0, "b": 1e20},
            0.1,
            "L has too few digits to tell: nothing was compared.",
        ),
        ("a * b", {"a": 1.0, "b": 0.0}, 0.1, "predicts 0 × 0.1 = 0. No error beyond rounding."),
        ("a * b", {"a": 1.0, "b": 3.0}, 0.1, "predicts 3 × 0.1 = 0.3. No error beyond rounding."),
    ],
)
def test_the_verdict_is_of_what_was_compared(
    formula: str, values: dict[str, float], h: float, said: str
) -> None:
    explorer = explore.nudge(formula, **values)
    explorer.h.value = h
    assert explorer.now.sentence.endswith(said)
