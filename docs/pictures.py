"""Draws docs/explorer.svg, the README's picture: python docs/pictures.py"""

from pathlib import Path

from backpropkit import Graph, picture, var

HERE = Path(__file__).parent


def explorer() -> str:
    """L = (ab + c)² with a nudged by 1: L rises by 21, the gradient predicts 12."""
    a, b, c = var(2.0, "a"), var(-3.0, "b"), var(4.0, "c")
    d = ((a * b).named("e") + c).named("d")
    graph = Graph((d**2).named("L"))
    nudge = graph.nudge(a, 1.0)
    errors = picture.error_curve(graph, nudge, picture.STEPS)
    return picture.svg(graph, nudge, errors=errors)


if __name__ == "__main__":
    (HERE / "explorer.svg").write_text(explorer() + "\n", encoding="utf-8")
