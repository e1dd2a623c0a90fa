"""Descent: surfaces to walk on, rules to take a step by, and the trajectories that come of it."""

from .rules import RULES as RULES
from .surfaces import SURFACES as SURFACES
from .surfaces import Surface as Surface
from .surfaces import banana as banana
from .surfaces import bowl as bowl
from .surfaces import contour_levels as contour_levels
from .surfaces import double_well as double_well
from .surfaces import four_valleys as four_valleys
from .surfaces import parabola as parabola
from .surfaces import saddle as saddle
from .surfaces import stability_edge as stability_edge
from .surfaces import sunken_parabola as sunken_parabola
from .surfaces import three_walls as three_walls
from .trajectory import Trajectory as Trajectory
from .trajectory import descend as descend
