"""The wrong ideas a learner can watch run on a graph: rows of the kit's table."""

import operator
from collections.abc import Iterator

from ..engine.node import settle
from ..graphs.graph import Graph
from ..ideas import IDEAS, Sweeps
from ..picture.walk import WrongSweep


def ideas(graph: Graph) -> Iterator[WrongSweep]:
    """The ideas somebody could have about this graph: it has such gates, or such forks.

    >>> from backpropkit import var
    >>> [idea.name for idea in ideas(Graph(var(2.0, "a") + var(3.0, "b")))][:2]
    ['Value written for derivative', 'Add gate splits the gradient']
    """
    sweeps = Sweeps(graph.result)
    forks = len({a for n in graph.nodes for a in n.args}) < sum(len(n.args) for n in graph.nodes)
    for idea in IDEAS.values():
        for change in idea.watched:
            rules = sweeps.rules(change)
            if rules or (forks and change.meet is not operator.add):
                seed = settle(change.seed(sweeps.seed))
                options = {"rules": rules, "meet": change.meet, "seed": seed}
                yield WrongSweep(idea.name, idea.message, options)
                break
