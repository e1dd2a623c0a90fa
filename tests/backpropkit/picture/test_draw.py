"""The picture is read back from its SVG and compared with the engine."""

import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html.parser import HTMLParser

import numpy as np
import pytest

import backpropkit as bp
from backpropkit import Graph, const, picture, var

SVG = "{http://www.w3.org/2000/svg}"
Make = Callable[[str], Graph]


def parse(text: str) -> ET.Element:
    return ET.fromstring(text)


def with_class(root: ET.Element, css: str) -> list[ET.Element]:
    return [e for e in root.iter() if css in e.get("class", "").split()]


def words(element: ET.Element) -> str:
    return "".join(element.itertext())


def to_float(text: str) -> float:
    return float(text.replace("−", "-").replace(" ", ""))


def drawn(root: ET.Element) -> dict[str, dict[str, str]]:
    """{node name: what its box says} of every node but constants."""
    found = {}
    for group in root.iter(f"{SVG}g"):
        lines = [words(t) for t in group.iter(f"{SVG}text")]
        if len(lines) == 4:
            found[lines[0]] = {"corner": lines[1], "value": lines[2], "grad": lines[3]}
    return found


def node(graph: Graph, name: str) -> bp.Node:
    return next(n for n in graph.nodes if n.name == name)


def test_every_number_on_the_picture_is_the_engines(make: Make) -> None:
    for name in ("product", "linear", "square", "sum_times"):
        graph = make(name)
        bp.backward(graph.result)
        seen = drawn(parse(picture.svg(graph)))
        named = [n for n in graph.nodes if n.op != "const"]
        assert len(seen) == len(named)
        for n in named:
            assert to_float(seen[n.name]["value"]) == pytest.approx(n.value, rel=1e-3)
            left, right = seen[n.name]["grad"].split(" = ")
            assert left == f"∂{graph.result.name}/∂{n.name}"
            assert to_float(right) == pytest.approx(n.grad, rel=1e-3)


def test_local_derivatives_stand_on_the_wires(make: Make) -> None:
    # e = a·b, d = e + c, L = d·f at a=2, b=−3, c=10, f=−2, by hand
    root = parse(picture.svg(make("product")))
    assert sorted(words(t) for t in with_class(root, "bp-local")) == sorted(
        ["×−3", "×2", "×1", "×1", "×−2", "×4"]
    )


@pytest.mark.parametrize("h", [1.0, 0.1, 1e-4, 1e-8, -0.5])
def test_a_nudged_node_shows_its_value_and_what_was_added(make: Make, h: float) -> None:
    graph = make("linear")
    nudge = graph.nudge(node(graph, "b"), h)
    seen = drawn(parse(picture.svg(graph, nudge)))
    # J = 3(a + bc) with c = 2: u moves by 2h, v by 2h, J by 6h
    for name, before, delta in (("b", 3, h), ("u", 6, 2 * h), ("v", 11, 2 * h), ("J", 33, 6 * h)):
        value, sign, added = seen[name]["value"].split(" ")
        assert to_float(value) == before
        assert to_float(sign + added) == pytest.approx(delta, rel=1e-2)
    assert "→" not in picture.svg(graph, nudge)


def test_the_page_carries_actual_and_predicted_to_the_last_bit(make: Make) -> None:
    graph = make("square")
    nudge = graph.nudge(node(graph, "a"), 1e-3)
    root = parse(picture.svg(graph, nudge))
    assert float(root.get("data-actual", "")) == nudge.actual
    assert float(root.get("data-predicted", "")) == nudge.predicted
    assert float(root.get("data-h", "")) == 1e-3


def test_bars_are_as_long_as_what_they_stand_for(make: Make) -> None:
    graph = make("square")
    root = parse(picture.svg(graph, graph.nudge(node(graph, "a"), 1.0)))
    solid, dashed = with_class(root, "bp-bar")
    assert {"bp-actual"} < set(solid.get("class", "").split())
    assert float(solid.get("width", "")) / float(dashed.get("width", "")) == pytest.approx(
        21 / 12, rel=1e-2
    )
    assert solid.get("x") == dashed.get("x")
    rows = [words(t) for t in with_class(root, "bp-number")]
    assert [to_float(row) for row in rows] == [21, 12]


def test_a_bar_to_the_left_ends_where_the_axis_stands(make: Make) -> None:
    graph = make("product")
    root = parse(picture.svg(graph, graph.nudge(node(graph, "e"), 0.5)))
    solid = with_class(root, "bp-bar")[0]
    zero = next(t for t in with_class(root, "bp-tick") if words(t) == "0")
    end = float(solid.get("x", "")) + float(solid.get("width", ""))
    assert end == pytest.approx(float(zero.get("x", "")), abs=0.1)


@pytest.mark.parametrize(
    ("name", "h", "says"),
    [
        ("square", 1.0, "Error 9, 43 % of the change"),  # 9 of 21
        ("square", 1e-3, "Error 9e−6, 0.075 % of the change"),  # 9e-6 of 0.012009
        ("square", 1e-5, "% of the change"),
        ("product", 0.1, "rounding, nothing else"),
    ],
)
def test_the_error_is_judged_in_words(make: Make, name: str, h: float, says: str) -> None:
    graph = make(name)
    assert says in picture.sentence(picture.read(graph, graph.nudge(node(graph, "a"), h)))


def test_the_nudged_path_stands_out_and_nothing_else(make: Make) -> None:
    graph = make("product")
    root = parse(picture.svg(graph, graph.nudge(node(graph, "a"), 0.1)))
    moved = {words(next(g.iter(f"{SVG}text"))) for g in with_class(root, "bp-moved")}
    assert moved == {"a", "e", "d", "L"}
    assert len([p for p in with_class(root, "bp-wire") if "bp-on" in p.get("class", "")]) == 3
    assert not with_class(root, "bp-cut")


def test_holding_a_node_cuts_the_wires_into_it(make: Make) -> None:
    graph = make("product")
    root = parse(picture.svg(graph, graph.nudge(node(graph, "e"), 0.5)))
    assert len([p for p in with_class(root, "bp-wire") if "bp-cut" in p.get("class", "")]) == 2
    assert float(root.get("data-actual", "")) == -1.0  # ΔL = f·0.5


def test_a_lost_write_moves_nothing_and_says_so(make: Make) -> None:
    graph = make("product")
    nudge = graph.nudge(node(graph, "e"), 0.5)
    root = parse(picture.svg(graph, nudge, written=True))
    assert float(root.get("data-actual", "")) == 0.0
    assert float(root.get("data-predicted", "")) == -1.0
    assert not with_class(root, "bp-moved") and not with_class(root, "bp-cut")
    assert "your write was lost, ΔL = 0" in root.get("aria-label", "")
    [struck] = with_class(root, "bp-struck")
    assert words(struck) == "+ 0.5"


def test_the_picture_names_itself_and_tells_all_it_shows(graph: Graph) -> None:
    nudge = graph.nudge(graph.leaves[0], 0.1 * np.ones(graph.leaves[0].shape))
    root = parse(picture.svg(graph, nudge))
    assert root.get("role") == "img"
    told = root.get("aria-label", "")
    for name, says in drawn(root).items():
        assert name in told
        for line in ("value", "grad"):
            assert says[line].split(" = ")[-1] in told
    assert picture.sentence(picture.read(graph, nudge)) in told


class Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.scopes: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        self._inside = tag in ("td", "th")
        if tag == "th":
            self.scopes.append(dict(attrs)["scope"] or "")
        if self._inside:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.rows[-1][-1] += data


def test_the_table_has_the_same_facts(graph: Graph) -> None:
    nudge = graph.nudge(graph.leaves[0], 0.1 * np.ones(graph.leaves[0].shape))
    facts = picture.read(graph, nudge)
    cells = Cells()
    cells.feed(picture.table(facts))
    head, *rows = cells.rows
    assert len(rows) == len(graph.nodes) and {len(row) for row in rows} == {len(head)}
    assert cells.scopes == ["col"] * len(head) + ["row"] * len(rows)
    seen = drawn(parse(picture.svg(graph, nudge)))
    for row in rows:
        line = dict(zip(head, row, strict=True))
        if line["node"] in seen:
            shown = seen[line["node"]]
            assert shown["value"].startswith(line["value"])
            assert line["change"] == "none" or shown["value"].endswith(line["change"])
            assert shown["grad"].endswith(f"= {line['∂' + facts.result + '/∂node']}")


def test_the_table_says_that_a_write_was_lost_and_leaves_out_empty_columns(make: Make) -> None:
    graph = make("product")
    facts = picture.read(graph, graph.nudge(node(graph, "e"), 0.5), written=True)
    cells = Cells()
    cells.feed(picture.table(facts))
    head, *rows = cells.rows
    assert "shape" not in head
    changes = {row[0]: row[head.index("change")] for row in rows}
    assert changes == {**dict.fromkeys("abcfdL", "none"), "e": "(+ 0.5 was lost)"}


def test_the_ring_stands_on_the_curve(make: Make) -> None:
    graph = make("square")
    nudge = graph.nudge(node(graph, "a"), 1e-3)
    errors = picture.error_curve(graph, nudge, picture.STEPS)
    root = parse(picture.svg(graph, nudge, errors=errors))
    [ring] = with_class(root, "bp-ring")
    dots = {d.get("cx"): d.get("cy") for d in with_class(root, "bp-dot")}
    assert dots[ring.get("cx")] == ring.get("cy")
    # L = (ab + c)²: the error is b²h² = 9h²
    assert dict(errors)[0.1] == pytest.approx(9e-2, rel=1e-9)
    assert dict(errors)[1e-3] == pytest.approx(9e-6, rel=1e-6)
    assert "falls like h²" in [words(t) for t in root.iter(f"{SVG}text")]


def test_an_error_of_zero_is_hollow_and_not_joined_to_the_curve(make: Make) -> None:
    graph = make("product")
    nudge = graph.nudge(node(graph, "f"), 0.5)  # ΔL = 4·0.5 exactly
    errors = [(1e-2, 1e-16), (1e-1, 0.0), (1.0, 1e-16)]
    root = parse(picture.svg(graph, nudge, errors=errors))
    assert len(with_class(root, "bp-none")) == 1
    [curve] = with_class(root, "bp-curve")
    assert re.findall("[ML]", curve.get("d", "")) == ["M", "M"]


def test_nothing_that_is_no_number_reaches_the_geometry() -> None:
    x = var(0.5, "x")
    graph = Graph(bp.log(x).named("L"))
    steep = Graph(bp.exp(bp.exp(x * 10.0)).named("L"))
    for g, h in ((graph, -1.0), (graph, -0.5), (steep, 1.0), (graph, 0.0)):
        nudge = g.nudge(g.leaves[0], h)
        errors = picture.error_curve(g, nudge, picture.STEPS)
        root = parse(picture.svg(g, nudge, errors=errors))
        for element in root.iter():
            for name in ("x", "y", "width", "height", "cx", "cy", "d", "points"):
                assert not re.search("nan|inf", element.get(name, "")), (h, element.attrib)
    assert "not defined there" in picture.svg(graph, graph.nudge(x, -1.0))


def test_arrays_show_their_shape_and_length(make: Make) -> None:
    graph = make("autoencoder")
    W = graph.leaves[0]
    h = np.zeros((2, 3))
    h[0, 1] = 0.1
    facts = picture.read(graph, graph.nudge(W, h))
    seen = drawn(parse(picture.svg(graph, graph.nudge(W, h))))
    assert seen["W"]["corner"] == "leaf 2×3"
    norm = math.sqrt(sum(v * v for v in (0.5, 0.2, 0.3, 0.1, 0.8, 0.6)))
    assert seen["W"]["value"] == f"‖·‖ {norm:.2f} ‖Δ‖ 0.1"
    assert picture.sentence(facts).startswith("W[0, 1] + 0.1.")
    slope = graph.grads[W][0, 1]
    assert f"predicts {slope:.4g} × 0.1".replace("-", "−") in picture.sentence(facts)


def test_names_are_text_whatever_is_in_them() -> None:
    a = var(2.0, "<a&b>")
    root = parse(picture.svg(Graph((a * a).named('"L"'))))
    assert "<a&b>" in drawn(root) and '"L"' in drawn(root)


def test_nodes_without_names_get_names_that_are_free() -> None:
    v1, b = var(2.0, "v1"), var(3.0)
    names = picture.names(Graph((v1 * b + 1.0) * b).nodes)
    assert names[0] == "v1" and names[-1] == "L" and "1" in names
    assert len(set(names)) == len(names)


def test_a_constant_is_small_and_has_no_gradient() -> None:
    root = parse(picture.svg(Graph((const(3.0) * var(2.0, "x")).named("L"))))
    [constant] = with_class(root, "bp-constant")
    assert words(constant) == "3" and "∂L/∂3" not in words(root)


def test_sixty_nodes_are_drawn_and_sixty_one_are_not() -> None:
    x = var(1.0, "x")
    for _ in range(59):
        x = bp.tanh(x)
    assert len(drawn(parse(picture.svg(Graph(x))))) == 60
    with pytest.raises(picture.GraphTooLarge, match=r"61 nodes.*more than 60"):
        picture.svg(Graph(bp.tanh(x)))


def test_drawing_changes_nothing_and_says_the_same_twice(graph: Graph) -> None:
    before = [(n.value, n.grad) for n in graph.nodes]
    assert picture.svg(graph) == picture.svg(graph)
    assert all(
        np.array_equal(n.value, value) and n.grad is grad
        for n, (value, grad) in zip(graph.nodes, before, strict=True)
    )


def test_the_style_comes_along_unless_the_page_has_it(make: Make) -> None:
    graph = make("product")
    assert "<style>" in picture.svg(graph) and "<style>" not in picture.svg(graph, style=False)
