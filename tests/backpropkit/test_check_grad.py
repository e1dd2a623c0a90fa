"""check_grad catches rules that are wrong in the ways rules are wrong, and says how."""

import dataclasses

import numpy as np
import pytest

import backpropkit as bp
from backpropkit.engine.node import TABLE

A = np.array([[2.0, -1.0], [0.3, 1.5]])


def test_right_rules_pass():
    bp.check_grad(lambda a, b: bp.exp(a) @ b / (1.0 + b * b), A, A + 1.0)
    bp.check_grad(bp.logdet, A)
    bp.check_grad(lambda x: 3.0 * x, 2.0)


WRONG = [
    ("exp", lambda g, y, a: (y,), "incoming gradient was forgotten"),
    ("mul", lambda g, y, a, b: (b, a), "incoming gradient was forgotten"),
    ("exp", lambda g, y, a: (-g * y,), "sign is flipped"),
    ("exp", lambda g, y, a: (2.0 * g * y,), "constant factor 2"),
    ("inv", lambda g, y, a, spd: (-(y @ g @ y),), "no simple cause"),
    ("logdet", lambda g, y, a, spd: (g * bp.inv(a),), "transposed"),
    ("sin", lambda g, y, a: (g * y,), "no simple cause"),
]


@pytest.mark.parametrize(("op", "rule", "cause"), WRONG)
def test_wrong_rules_are_caught_with_their_likely_cause(op, rule, cause, monkeypatch):
    monkeypatch.setitem(TABLE, op, dataclasses.replace(TABLE[op], gradient=rule))
    f = {"mul": lambda x: x * A}.get(op, lambda x: getattr(bp, op)(x))
    with pytest.raises(bp.GradientMismatch, match=cause) as caught:
        bp.check_grad(f, A)
    assert "argument 0[" in str(caught.value)  # which entry


def test_a_rule_that_forgets_upstream_is_caught_on_single_numbers(monkeypatch):
    forgets = dataclasses.replace(TABLE["exp"], gradient=lambda g, y, a: (y,))
    monkeypatch.setitem(TABLE, "exp", forgets)
    with pytest.raises(bp.GradientMismatch, match="forgotten"):
        bp.check_grad(bp.exp, 0.3)


def test_a_kink_is_called_a_kink():
    with pytest.raises(bp.GradientMismatch, match=r"a kink: .* 0 left of it"):
        bp.check_grad(bp.relu, np.array([1.0, 0.0]))


@pytest.mark.parametrize("op", sorted(TABLE))
def test_no_rule_is_left_unchecked_by_name(op):
    """Every row has a function or an operator that the random programs or the tests here reach."""
    operators = {"add", "sub", "mul", "div", "neg", "power", "pow", "greater", "greater_equal"}
    operators |= {"equal", "not_equal"}
    assert hasattr(bp, op) or op in operators | {"getitem", "scatter", "sum_to", "broadcast_to"}
