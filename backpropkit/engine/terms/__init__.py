"""Terms: NumPy with care, expressions simplified, expressions as text; no node is known here."""
