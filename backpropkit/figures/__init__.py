"""Figures for people who would rather look than read: matplotlib, without pyplot's global state."""

from .canvas import Picture as Picture
from .plain import curves as curves
from .plain import maps as maps
from .plain import pairs as pairs
from .trajectories import descent as descent
