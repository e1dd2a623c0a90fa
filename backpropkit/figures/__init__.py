"""Figures for people who would rather look than read: matplotlib, without pyplot's global state."""

from .canvas import Picture as Picture
from .trajectories import descent as descent
