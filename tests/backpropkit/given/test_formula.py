"""A formula as text: what it computes, and all that it refuses to read."""

import pytest

from backpropkit import EngineError, explore
from backpropkit.given.formula import formula


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(a*b + c)**2", 4.0),
        ("(a*b + c)^2", 4.0),
        ("a − b", 5.0),
        ("a – b", 5.0),
        ("a ÷ c × b", -1.5),
        ("a\u00a0*\n b", -6.0),
        ("-a ** 2", -4.0),
        ("exp(a - 2) + 1", 2.0),
        ("maximum(a, b) / c", 0.5),
    ],
)
def test_a_formula_is_computed_as_it_is_written(text: str, value: float) -> None:
    names = formula(text).names  # type: ignore[attr-defined]
    given = {"a": 2.0, "b": -3.0, "c": 4.0}
    assert formula(text)(**{name: given[name] for name in names}) == value


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("2a", r"write 2\*a for 2a"),
        ("sin a", r"sin\(a\) for sin a"),
        ("a² + 1", r"a\*\*2 for a²"),
        ("L = a*b", "only what is to be computed"),
        ("a(b + c)", r"write a\*\(…\) for a product"),
        ("ln(a)", "write log"),
        ("pow(a, 2)", r"write a\*\*b"),
    ],
)
def test_what_people_write_otherwise_is_said_how_to_write(text: str, remedy: str) -> None:
    with pytest.raises(EngineError, match=remedy):
        formula(text)


def test_it_is_explored_like_a_function() -> None:
    explorer = explore.nudge("(a*b + c)**2", a=2, b=-3, c=4)
    explorer.h.value = 1.0
    assert (explorer.nudge.actual, explorer.nudge.predicted) == (21.0, 12.0)
    assert list(explorer.leaves) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "a.__class__",
        "(lambda: a)()",
        "[a for b in c]",
        "a if b else c",
        "a; b",
        "open('x')",
        "a[0]",
        "'a' * 3",
        "True + a",
        "1j * a",
        "exp(a, *b)",
        "sum(a, axis=0)",
        "a <",
        "",
        "(" * 300 + "a",
        "a+" * 400 + "a",
        "f'{a}'",
        "a := 2",
        "a + 1e400",
        "a * 1" + "0" * 400,
        "\x00",
    ],
)
def test_anything_else_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(EngineError, match="formula"):
        formula(text)


@pytest.mark.parametrize("number", ["log(0)", "sqrt(-1)", "(-8)**(1/3)", "exp(1000)", "1/0"])
def test_a_number_alone_that_is_not_finite_is_refused(number: str) -> None:
    for text in (f"{number} + a", f"maximum(a, {number})", f"0*({number}) + a"):
        with pytest.raises(EngineError, match=r"no finite number|cannot be computed"):
            explore.nudge(text, a=1.0)


def test_missing_and_unknown_names_are_named() -> None:
    with pytest.raises(TypeError, match="needs a number for b"):
        explore.nudge("a*b", a=2)
    with pytest.raises(TypeError, match="has no argument 'c'"):
        explore.nudge("a*b", a=2, b=3, c=4)


def test_a_tower_of_powers_ends_at_once() -> None:
    with pytest.raises(EngineError):
        explore.nudge("a + 9**9**9**9", a=1.0)
