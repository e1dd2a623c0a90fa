"""NumPy and Python as people write them, on nodes: answered, or refused in words that help."""

from . import composed as composed
from . import copies as copies
from . import names as names
