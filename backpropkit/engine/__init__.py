"""The engine: a table of rules, nodes, one sweep, graphs to take apart; NumPy only."""

from . import rules as rules  # fills the table
