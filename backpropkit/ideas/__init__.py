"""Wrong ideas, each a changed row or step of the sweep: what they make of any graph's gradients.

>>> from backpropkit import var
>>> from backpropkit.ideas import IDEAS, Sweeps
>>> s = var(3.0, "s")
>>> sweeps = Sweeps(s * s)  # one who forgets the second path answers 3, not 6
>>> sweeps.right[s], [found[s] for found in IDEAS["one-path"].wrong(sweeps)][0]
(6.0, 3.0)
"""

from .change import RIGHT, Change, Places, Sweeps
from .table import IDEAS, Idea, Right

__all__ = ["IDEAS", "RIGHT", "Change", "Idea", "Places", "Right", "Sweeps"]
