"""The worked examples of the notes: every value and the gradient of every node, to 1e-12.

The numbers come from closed forms checked with two independent autodiff systems.
"""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import backpropkit as bp

CASES = json.loads((Path(__file__).parent / "data" / "worked_cases.json").read_text())

# the expressions are written for NumPy; here they run on the engine
AS_NUMPY = SimpleNamespace(
    exp=bp.exp, log=bp.log, maximum=bp.maximum, sum=bp.sum, trace=bp.trace, eye=np.eye,
    linalg=SimpleNamespace(inv=bp.inv, slogdet=lambda a: (None, bp.logdet(a))),
)  # fmt: skip


def close(found, expected):
    found, expected = np.asarray(found), np.asarray(expected, dtype=float)
    scale = np.max(np.abs(expected), initial=1e-3)
    return found.shape == expected.shape and np.max(np.abs(found - expected)) <= 1e-12 * scale


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_every_value_and_gradient(case):
    names = {name: bp.var(value, name=name) for name, value in case["inputs"].items()}
    exec(case["expression"], {"np": AS_NUMPY}, names)
    for name, value in case["outputs"].items():
        assert close(names[name].value, value), name
    bp.backward(names[case["final"]])
    for name, gradient in case["gradients"].items():
        assert close(names[name].grad, gradient), (name, names[name].grad, gradient)


def test_all_42_are_here():
    assert len(CASES) == 42
