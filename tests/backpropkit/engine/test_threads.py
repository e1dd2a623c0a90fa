"""Several threads, or generators, at once: each gets what it would get alone."""

import pickle
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import backpropkit as bp
from backpropkit import Graph, var
from backpropkit.engine.recording import truths


@pytest.fixture
def impatient():
    """Threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def doubling(n):
    """A chain whose gradient is 1, 2, 4, …: what is added twice, or not at all, shows."""
    x = y = var(1.0, "x")
    for _ in range(n):
        y = y + y
    return x, y


ASKED = {
    "gradients": lambda x, y: Graph(y).grads[x],
    "gradients of one graph": lambda x, y, graphs={}: graphs.setdefault(y, Graph(y)).grads[x],
    "steps": lambda x, y: Graph(y).steps()[-1].total,
    "a nudge": lambda x, y: Graph(y).nudge(x, 1.0).predicted,
    "backward": lambda x, y: y.backward() or x.grad,
    "a gradient by closure": lambda x, y: bp.grad(lambda z: z * y)(1.0) * 0.0 + Graph(y).grads[x],
    "code": lambda x, y: Graph(y).compile()(1.0)[1]["x"],
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("ask", ASKED)
def test_threads_that_ask_one_graph_all_get_its_gradient(ask):
    for _ in range(20):
        x, y = doubling(40)
        with ThreadPoolExecutor(4) as pool:
            found = [float(getattr(g, "value", g)) for g in pool.map(ASKED[ask], [x] * 8, [y] * 8)]
        assert found == [2.0**40] * 8


@pytest.mark.usefixtures("impatient")
def test_a_gradient_is_not_read_in_the_middle_of_another_threads_sweep():
    x, y = doubling(300)
    y.backward()
    others = [threading.Thread(target=lambda: [Graph(y).grads for _ in range(20)]) for _ in "ab"]
    for other in others:
        other.start()
    seen = set()
    while any(other.is_alive() for other in others):
        seen.add(x.grad)
    assert seen <= {2.0**300}


def test_a_gradient_that_is_nan_is_refused_however_often_it_is_asked():
    graph = Graph(bp.sum(bp.sqrt(var([0.0, 1.0], "x")) * 0.0))
    for _ in range(2):
        with pytest.raises(bp.EngineError, match=r"'x'.*is nan"):
            _ = graph.grads


def meanwhile(here, there):
    """Run `there` in another thread, up to where it waits, then `here`; then the rest of both."""
    inside, outside = threading.Event(), threading.Event()

    def run():
        there(lambda: (inside.set(), outside.wait(10)))

    other = threading.Thread(target=run)
    other.start()
    inside.wait(10)
    here(lambda: (outside.set(), other.join()))
    other.join()


def test_one_no_grad_may_be_entered_in_two_threads():
    block, x, kept = bp.no_grad(), var(2.0), {}

    def enter(who):
        def work(wait):
            with block:
                wait()
                kept[who] = (x * 3.0).args
            kept[f"{who} after"] = (x * 3.0).args

        return work

    meanwhile(enter("here"), enter("there"))  # who came first leaves first
    assert kept["here"] == kept["there"] == ()
    assert kept["here after"] and kept["there after"]


def test_one_no_grad_may_be_entered_by_two_generators_and_inside_itself():
    block, x = bp.no_grad(), var(2.0)

    def paused():
        with block:
            yield
            with block:
                yield (x * 3.0).args
            yield (x * 3.0).args
        yield (x * 3.0).args

    first, second = paused(), paused()
    next(first), next(second)
    assert next(first) == next(first) == () and next(first)
    assert next(second) == next(second) == () and next(second)


def test_the_questions_of_an_if_are_those_of_its_thread():
    found = {}

    def ask(who, n):
        def work(wait):
            with truths() as asked:
                wait()
                found[who] = [bool(var(float(i)) > 0.0) for i in range(n)]
                found[f"{who} asked"] = len(asked)

        return work

    meanwhile(ask("here", 3), ask("there", 5))
    assert found["here asked"] == 3 and found["there asked"] == 5
    with truths() as asked:
        pass
    assert not asked and bool(var(1.0) > 0.0) and not asked


@pytest.mark.usefixtures("impatient")
def test_threads_may_pickle_one_graph():
    _, y = doubling(1000)
    with ThreadPoolExecutor(4) as pool:
        for text in pool.map(pickle.dumps, [y] * 8):
            assert len(Graph(pickle.loads(text)).nodes) == 1001
