"""Drills: families of small problems, and the search for one on which a wrong idea shows."""
