"""Figures for people who would rather look than read: matplotlib, without pyplot's global state."""

from .canvas import Picture as Picture
from .entries import entries as entries
from .plain import curves as curves
from .plain import maps as maps
from .plain import pairs as pairs
from .shares import paths as paths
from .slopes import errors as errors
from .slopes import secant as secant
from .sweeps import rates as rates
from .trajectories import descent as descent
