"""Source: a graph and its gradient as straight-line Python, to read, and to run at its speed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .node import TABLE, EngineError, Node, describe
from .sweep import gradients, reachable, read_seed
from .terms import numerics as num
from .terms.algebra import Term, Terms, needed
from .terms.writer import ATOM, Writer

if TYPE_CHECKING:
    from .graph import Graph


def forward(op: str) -> Callable[..., Any]:
    """What computes an op: its row's forward, or one of the factors sources share."""
    return TABLE[op].forward if op in TABLE else getattr(num, op)


def terms_of(nodes: Iterable[Node], inputs: set[Node]) -> dict[Node, Term]:
    """A term for every node, given in birth order; those in `inputs` stay symbols."""
    terms, of = Terms(forward), dict[Node, Term]()
    for node in nodes:
        if node in inputs:
            of[node] = Term("input", (), {}, node.shape)
        elif not node.args:
            of[node] = terms.constant(node._value)
        else:
            args = tuple([of[a] for a in node.args])
            of[node] = terms.make(node.op, args, node.params, node.shape)
    return of


def wishes(
    graph: Graph, term_of: Mapping[Node, Term], grad_of: Mapping[Node, Node]
) -> dict[Term, str]:
    """The names terms would like: the learner's own for nodes, d and that name for gradients."""
    wanted: dict[Term, str] = {}
    for node in graph.nodes:
        if node.name and node.args:
            wanted.setdefault(term_of[node], node.name)
    for node in sorted(graph.nodes, key=lambda n: not n.args):  # a gate's gradient before a leaf's
        if node.name:
            wanted.setdefault(term_of[grad_of[node]], f"d{node.name}")
    return wanted


@dataclass
class Listing:
    """The text of forward_backward, the values its free names stand for, and where to find what.

    Lines are counted from 0, the `def`. A gradient that was folded into others has no line; one
    that needs no line, being another term already, stands where that term does.
    """

    text: str
    bound: dict[str, Any]
    values: dict[Node, int]  # node -> the line that computes its value
    gradients: dict[Node, int]  # node -> the line that computes the gradient with respect to it
    written: dict[Node, str]  # node -> what that gradient is called, or how it is written


def write(graph: Graph, wrt: Sequence[Node]) -> Listing:
    """The text of forward_backward, and what a reader or a compiler needs beside it."""
    if strangers := [node for node in wrt if node not in graph.nodes]:
        raise EngineError(
            f"{describe(strangers[0])} is not in the graph of {describe(graph.result)}"
        )
    # what the code takes: the leaves to train, then the constants that have a name
    named = [n for n in graph.nodes if n.op == "const" and n.name and n is not graph.result]
    inputs = [*graph.leaves, *named]
    grad_of = gradients(graph.result, Node(read_seed(graph.result, None), "const"), nodes=True)
    asked = set(wrt)
    wanted_grads = [grad_of[n] for n in graph.nodes if n.name or n in asked]
    everything = reachable(Node(0.0, "all", (graph.result, *wanted_grads)))[:-1]
    term_of = terms_of(everything, set(inputs))
    outputs = [term_of[graph.result], *(term_of[grad_of[node]] for node in wrt)]
    wanted = wishes(graph, term_of, grad_of)

    writer = Writer(TABLE, forward)
    names = {node: writer.fresh(node.name or "x") for node in inputs}
    writer.text = {term_of[node]: (name, ATOM) for node, name in names.items()}
    live = needed(outputs)
    uses = Counter(outputs) + Counter(arg for term in live for arg in term.args)
    for term in live:
        if term not in writer.text:
            writer.write(term, uses[term], wanted.get(term, ""))

    data = {name: node._value for node, name in names.items() if node.op == "const"}
    header = ", ".join(f"{name}={name}" if name in data else name for name in names.values())
    value, *grads = (writer.text[term][0] for term in outputs)
    labels = [names.get(node, node.name) for node in wrt]
    pairs = ", ".join(f"{label!r}: {g}" for label, g in zip(labels, grads, strict=True))
    lines = [f"def forward_backward({header}):", *writer.lines, f"return {value}, {{{pairs}}}"]
    where = dict.fromkeys(outputs, len(writer.lines)) | writer.line
    for term in reversed(live):  # what has no line of its own stands in that of its only user
        for arg in term.args if term in where else ():
            where.setdefault(arg, where[term])
    # inputs and constants are named where the function begins
    where.update({term: -1 for term in live if not term.args})
    of_value = {n: term_of[n] for n in graph.nodes if n in term_of}
    of_grad = {n: term_of[g] for n, g in grad_of.items() if g in term_of}
    return Listing(
        text="\n    ".join(lines) + "\n",
        bound={**writer.bound, **data},
        values={n: 1 + where[term] for n, term in of_value.items() if term in where},
        gradients={n: 1 + where[term] for n, term in of_grad.items() if term in where},
        written={n: writer.text[t][0] for n, t in of_grad.items() if t in writer.text},
    )


def compiled(graph: Graph, wrt: Sequence[Node]) -> Callable[..., Any]:
    """That text as a function."""
    listing = write(graph, wrt)
    namespace: dict[str, Any] = {"np": np, **listing.bound}
    exec(compile(listing.text, "<forward_backward>", "exec"), namespace)
    made: Callable[..., Any] = namespace["forward_backward"]
    return made
