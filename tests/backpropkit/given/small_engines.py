"""Small engines as people write them, to be read by ours: micrograd's way, and in lists."""

import math


class Value:
    """A number of an engine written as micrograd is: children in a set, exponents in the label."""

    keep = set  # how it keeps its children

    def __init__(self, data, _children=(), _op="", label=""):
        self.data, self.grad, self.label = data, 0.0, label
        self._backward = lambda: None
        self._prev, self._op = type(self).keep(_children), _op

    def _gate(self, data, children, op, *slopes):
        out = type(self)(data, children, op)

        def backward():
            for child, slope in zip(children, slopes, strict=True):
                child.grad += slope * out.grad

        out._backward = backward
        return out

    def _node(self, x):
        return x if isinstance(x, Value) else type(self)(x)

    def __add__(self, other):
        other = self._node(other)
        return self._gate(self.data + other.data, (self, other), "+", 1.0, 1.0)

    def __mul__(self, other):
        other = self._node(other)
        return self._gate(self.data * other.data, (self, other), "*", other.data, self.data)

    def __pow__(self, n):
        return self._gate(self.data**n, (self,), f"**{n}", n * self.data ** (n - 1))

    def relu(self):
        return self._gate(max(0.0, self.data), (self,), "ReLU", float(self.data > 0))

    def tanh(self):
        shrunk = math.exp(-2 * abs(self.data))  # e to the 2x would overflow
        t = math.copysign((1 - shrunk) / (1 + shrunk), self.data)
        return self._gate(t, (self,), "tanh", 1 - t * t)

    def exp(self):
        y = math.exp(self.data)
        return self._gate(y, (self,), "exp", y)

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-self._node(other))

    def __truediv__(self, other):
        return self * self._node(other) ** -1

    __radd__, __rmul__ = __add__, __mul__

    def backward(self):
        order, seen = [], set()

        def visit(node):
            if node not in seen:
                seen.add(node)
                for child in node._prev:
                    visit(child)
                order.append(node)

        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            node._backward()


class Listed(Value):
    """The same, with children in a tuple and gates of its own for − and ÷."""

    keep = tuple

    def __sub__(self, other):
        other = self._node(other)
        return self._gate(self.data - other.data, (self, other), "-", 1.0, -1.0)

    def __neg__(self):
        return self._gate(-self.data, (self,), "-", -1.0)

    def __truediv__(self, other):
        other = self._node(other)
        a, b = self.data, other.data
        return self._gate(a / b, (self, other), "/", 1 / b, -a / b**2)
