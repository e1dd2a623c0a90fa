"""The engine, to be read in an hour: nodes, the table of rules, the sweep. NumPy only."""
