"""The engine: a table of rules, nodes, one sweep, graphs to take apart; NumPy only."""

from .. import fluent as fluent  # fills the table, and what is made of it
