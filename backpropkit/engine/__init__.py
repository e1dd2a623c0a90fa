"""The engine: a table of rules, nodes, one sweep, graphs to take apart; NumPy only."""

from . import composed as composed  # fills the table, and what is made of it
