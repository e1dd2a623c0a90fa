"""A graph taken apart: replayed, nudged, walked, and written down as Python or as a program."""
