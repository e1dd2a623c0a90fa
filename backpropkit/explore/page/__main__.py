"""Writes the bundle: python -m backpropkit.explore.page"""

from . import BUNDLE, bundled

BUNDLE.write_text(bundled(), encoding="utf-8")
