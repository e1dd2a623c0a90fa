"""The wrong ideas a learner can watch run: rows of the judge's table, one source for both."""

from collections.abc import Iterator

from autograder.judge.misconceptions import MISCONCEPTIONS

from ..engine.graph import Graph
from ..engine.node import TABLE, settle
from ..engine.sweep import read_seed
from ..picture.walk import Idea

# In the order of the menu. What cannot be told from the sweep alone (batches, steps, classes) and
# mere transforms of the right answer are not in it.
OFFERED = [
    "add-splits",
    "overwrite",
    "one-path",
    "no-upstream",
    "upstream-only",
    "mul-not-switched",
    "max-routes-both",
    "chain-added",
    "paths-combined-wrong",
    "value-for-derivative",
    "recip-minus",
    "recip-square",
    "exp-minus",
    "sigmoid-prime",
    "output-for-input",
    "ln2-lost",
    "power-rule-exp",
    "relu-mask",
    "operand-transpose",
    "hadamard",
    "quad-2Ax",
    "inv-transpose",
    "det-not-logdet",
    "inverse-commuted",
    "softmax-diagonal",
]


def ideas(graph: Graph) -> Iterator[Idea]:
    """The ideas somebody could have about this graph: it has such gates, or such forks.

    >>> from backpropkit import var
    >>> [idea.name for idea in ideas(Graph(var(2.0, "a") + var(3.0, "b")))][:2]
    ['Add gate splits the gradient', 'Forgot the incoming gradient']
    """
    present = {node.op for node in graph.nodes if node.args}
    forks = len({a for n in graph.nodes for a in n.args}) < sum(len(n.args) for n in graph.nodes)
    for name in OFFERED:
        row = MISCONCEPTIONS[name]
        change = row.changes[0]
        rules = {}
        for op in present:
            if rule := change.rule(op, TABLE[op].gradient):
                rules[op] = rule
        if rules or (forks and not (change.rows or change.every)):
            seed = settle(change.seed(read_seed(graph.result, None)))
            yield Idea(row.name, row.message, {"rules": rules, "meet": change.meet, "seed": seed})
