"""The backward scene at every step, read back from its SVG, held against the worked cases."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from backpropkit import Graph, var
from backpropkit.engine.sweep import MEET
from backpropkit.picture.walk import WrongSweep, ending, sentence, walk
from backpropkit.scenes import backward

Make = Callable[[str], Graph]
SPLIT = WrongSweep("splits", "Nudge one.", {"rules": {"add": lambda g, y, a, b: (g / 2, g / 2)}})
OVERWRITE = WrongSweep("overwrites", "What meets?", {"meet": MEET["overwrite"]})


def still(graph: Graph, k: int, idea: WrongSweep | None = None) -> str:
    """The scene after k steps, with an idea beside the chain rule if one is given."""
    state = {"step": float(k), "idea": idea.name if idea else backward.NONE}
    return backward.scene(graph, [idea] if idea else [], state).html


def circuit(graph: Graph, k: int, down: bool = False, idea: WrongSweep | None = None) -> str:
    """One of its two pictures."""
    across, along = re.findall(r"<svg.*?</svg>", still(graph, k, idea), re.S)
    return along if down else across


def texts(svg: str, css: str) -> list[str]:
    root = ET.fromstring(svg)
    return ["".join(e.itertext()) for e in root.iter() if css in e.get("class", "").split()]


def attribute(svg: str, name: str) -> str:
    [found] = re.findall(f' data-{name}="([^"]*)"', svg)
    return found


@pytest.mark.parametrize("down", [False, True])
def test_the_sigmoid_circuit_ends_with_the_numbers_everybody_knows(make: Make, down: bool) -> None:
    graph = make("sigmoid_circuit")
    svg = circuit(graph, len(walk(graph).turns), down)
    grads = set(texts(svg, "bp-back"))
    for known in ("← −0.5344", "← 0.1966", "← −0.1966", "← 0.3932", "← −0.3932", "← −0.5898"):
        assert known in grads, known
    values = " ".join(texts(svg, "bp-value"))
    for known in ("0.3679", "1.368", "0.7311"):
        assert known in values, known


def test_nothing_is_known_before_the_first_step_but_the_one_at_the_end(graph: Graph) -> None:
    svg = circuit(graph, 0)
    shown = [words for words in texts(svg, "bp-back") if words.startswith("← ")]
    assert [words for words in shown if "gradient" not in words] == ["← 1"]
    assert not any(texts(svg, "bp-wrong"))


def test_each_step_says_its_product_and_the_picture_has_it(graph: Graph) -> None:
    walked = walk(graph)
    right = [step for step in graph.steps() if step.parent.op != "const"]
    assert len(walked.turns) == len(right)
    for k, (turn, step) in enumerate(zip(walked.turns, right, strict=True), 1):
        said = sentence(walked, k)
        assert f"Step {k} of {len(right)}" in said and turn.right.contribution in said
        svg = circuit(graph, k)
        assert attribute(svg, "step") == str(k)
        assert attribute(svg, "contribution") == turn.right.contribution
        if isinstance(step.contribution, float):
            shown = float(turn.right.contribution.replace("−", "-"))
            assert shown == pytest.approx(step.contribution, rel=1e-3)


def test_a_fork_fills_up(make: Make) -> None:
    graph = make("square")  # L = d × d
    half, full = circuit(graph, 1), circuit(graph, 2)
    assert texts(half, "bp-back").count("← −2 + …") == 1
    assert len(re.findall('class="bp-empty bp-full"', half)) == 1
    assert len(re.findall('class="bp-empty"', half)) == 1
    assert len(re.findall('class="bp-empty bp-full"', full)) == 2
    assert "∂L/∂d = −2 − 2 = −4, all are in" in sentence(walk(graph), 2)


def test_where_adding_splits_both_numbers_are_shown(make: Make) -> None:
    graph = make("sum_times")
    walked = walk(graph, SPLIT)  # (x + y)·z at −2, 5, −4: ∂f/∂x = −4
    assert walked.parting == 3  # q and z are right; x and y are not
    before, at = (circuit(graph, k, idea=SPLIT) for k in (2, 3))
    assert not {words for words in texts(before, "bp-wrong") if "≠" in words} - {"≠ the wrong idea"}
    assert "≠ −2" in texts(at, "bp-wrong") and "← −4" in texts(at, "bp-back")
    assert attribute(at, "idea") == "−2" and attribute(at, "contribution") == "−4"
    assert "“splits” hands back −2 ≠ −4" in sentence(walked, 3)
    assert "It ends with ∂f/∂x = −2, ∂f/∂y = −2: wrong. Nudge one." in ending(walked, 4)


def test_overwriting_parts_only_where_a_fork_is_filled(make: Make) -> None:
    walked = walk(make("staged"), OVERWRITE)
    assert walked.turns[walked.parting - 1].met == 2
    assert not any(turn.parts for turn in walked.turns)
    assert walk(make("product"), OVERWRITE).parting is None
    assert "does no harm" in ending(walk(make("product"), OVERWRITE), 6)


def test_the_table_has_a_row_for_every_step_so_far(graph: Graph) -> None:
    for k in (0, 1, len(walk(graph).turns)):
        [text] = re.findall(r"<table.*?</table>", still(graph, k, SPLIT), re.S)
        body = text.partition("<tbody>")[2]
        assert len(re.findall("<tr(?! hidden)", body)) == k
        assert len(re.findall("<th scope=.col", text)) in (7, 9)  # 9 where the idea says something


def test_the_line_of_the_source_is_marked_with_a_sign_and_for_who_listens(make: Make) -> None:
    graph = make("linear")
    walked = walk(graph)
    [to_b] = [
        k for k, turn in enumerate(walked.turns, 1) if walked.facts.nodes[turn.parent].name == "b"
    ]
    current = r'<span class="bp-here-now" aria-current="step"[^>]*>(.*?)</span>'
    [marked] = re.findall(current, still(graph, to_b))
    assert "▶" in marked and "db = 3.0 * c" in marked
    assert not re.findall(current, still(graph, 0))


def test_every_step_of_every_graph_has_a_line(graph: Graph) -> None:
    walked = walk(graph)
    for line, _ in walked.marks:
        assert 1 <= line < len(walked.source.splitlines())


def test_nothing_leaves_the_frame(graph: Graph) -> None:
    for down in (False, True):
        root = ET.fromstring(circuit(graph, len(walk(graph).turns), down, SPLIT))
        x, y, width, height = map(float, root.get("viewBox", "").split())
        token = {e for g in root.iter() if g.get("class") == "bp-token" for e in g.iter()}
        for element in set(root.iter()) - token:  # that one is placed where it travels
            if (at := element.get("y")) is not None:
                assert y <= float(at) <= y + height
                assert x <= float(element.get("x", "nan")) <= x + width


def test_a_node_used_by_many_is_told_in_numbers() -> None:
    x = var(1.0, "x")
    graph = Graph((x + x + x + x + x + x + x + x).named("L"))
    assert "2 of 8" in texts(circuit(graph, 4), "bp-tick")


def test_a_gradient_that_is_a_value_already_is_pointed_out_where_it_is_returned(make: Make) -> None:
    walked = walk(make("product"))  # L = d × f: ∂L/∂f is d
    [k] = [k for k, t in enumerate(walked.turns) if walked.facts.nodes[t.parent].name == "f"]
    line, words = walked.marks[k]
    assert walked.source.splitlines()[line].strip().startswith("return ")
    assert words == "∂L/∂f is d: no line of its own is needed"


@pytest.mark.parametrize("name", ["sigmoid_circuit", "square", "product"])
def test_down_the_page_the_circuit_fits_a_phone(make: Make, name: str) -> None:
    [width] = re.findall(r'<svg [^>]*? width="([^"]+)"', circuit(make(name), 1, down=True))
    assert float(width) <= 490  # a page shrinks it to three quarters at most
