"""Functions of torch tensors: torch's own values and gradients are the truth."""

import numpy as np
import pytest

from backpropkit import EngineError, Graph, explore

torch = pytest.importorskip("torch", reason="torch is not installed; the kit does not need it")
F = torch.nn.functional


def t(value):
    return torch.tensor(value, dtype=torch.float64)


A, x = [[2.0, 0.5], [0.5, 1.0]], [1.0, 0.2]
AGREE = {
    "a formula": (lambda a, b, c: (a * b + c) ** 2, (2.0, -3.0, 4.0)),
    "signs": (lambda a, b: (1 - a) / b + 2**a - (-b) ** 3 + a**b + abs(a) + 3 / b, (2.0, 1.5)),
    "a layer": (lambda w, x: F.mse_loss(torch.tanh(w @ x), t([1.0, 0.0])), (A, x)),
    "linear": (lambda w, x, b: F.linear(x, w, b).clamp(min=0.1).sum(), (A, x, x)),
    "matrices": (
        lambda A, x: torch.logdet(A) + torch.linalg.det(A) + torch.linalg.inv(A).sum()
        + torch.linalg.solve(A, x)[0] + x @ A @ x + (A @ A).trace() + A.T.mean(0).sum(), (A, x),
    ),
    "scores": (
        lambda x: F.softmax(x, 0)[0] - torch.logsumexp(x, 0) + F.log_softmax(x, -1)[1], (x,),
    ),
    "shapes": (
        lambda A: torch.cat([A, 2 * A]).amax() + torch.stack([A[0], A[1]]).sum(1)[0]
        + A.reshape(-1)[3] + A[:, 0].sum() + A.unsqueeze(0).expand(2, 2, 2).sum() + A[1:].norm()
        + A.cumsum(1).mean() + torch.where(A > 0.7, A, -A).sum() + A.max(dim=1).values.sum(), (A,),
    ),
    "curves": (
        lambda x: (x.exp() + x.log() + x.sqrt() + x.sin() * x.cos() + x.tanh() + x.sigmoid()
        + F.silu(x) + F.softplus(x) + F.relu(x) + torch.maximum(x, 1 / x) + x.rsqrt()).sum(), (x,),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", AGREE)
def test_values_and_gradients_are_torch_s(what):
    f, given = AGREE[what]
    tensors = [t(value).requires_grad_() for value in given]
    L = f(*tensors)
    L.backward()
    graph = Graph(f, *(t(value) for value in given))
    assert graph.result.value == pytest.approx(L.item(), rel=1e-12)
    for leaf, tensor in zip(graph.leaves, tensors, strict=True):
        np.testing.assert_allclose(graph.grads[leaf], tensor.grad.numpy(), rtol=1e-9, atol=1e-12)
    assert graph.parting is None and len(graph.theirs) == len(given)


def test_an_explorer_runs_it_again_and_takes_the_other_branch():
    explorer = explore.nudge(lambda x: x * x if x > 1 else -3 * x, torch.tensor(2.0))
    assert explorer.nudge.before == 4.0
    explorer.leaves["x"].value = 0.5
    assert explorer.nudge.before == -1.5
    assert "Torch and this one agree" in explore.nudge(lambda x: x * x, torch.tensor(2.0)).still()


REFUSED = {
    "erf": (lambda x: torch.erf(x), r"torch's 'erf' on leaf 'x'.*no op of this engine"),
    "detach": (lambda x: x * x.detach(), "'detach'"),
    "in place": (lambda x: x.clone().mul_(2), r"'mul_'.*write x = x \+ 1"),
    "item": (lambda x: x * x.item(), r"takes the number out of leaf 'x'"),
    "random": (lambda x: x * torch.rand(()), "another number each time"),
    "no tensor": (lambda x: 3.0, "returned 3.0"),
    "numpy": (lambda x: x.numpy() * 2, "'detach'|no tensor"),
    "two numbers": (lambda x: torch.stack([x, x]), "single number"),
    "the largest of a row": (lambda x: torch.stack([x, 2 * x]).argmax() * x, "'argmax'"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_has_no_row_is_named(what):
    f, says = REFUSED[what]
    with pytest.raises(EngineError, match=says):
        explore.nudge(f, torch.tensor(2.0))


def test_whole_numbers_have_no_gradient():
    with pytest.raises(EngineError, match=r"tensor of torch\.int64.*write 2\.0"):
        Graph(lambda x: x * 2.0, torch.tensor(2))
