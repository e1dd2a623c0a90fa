"""Pictures: a Graph becomes a layout and then SVG text; pure functions, no system program."""

from .colours import THEME as THEME
from .draw import LARGEST as LARGEST
from .draw import STYLE as STYLE
from .draw import GraphTooLarge as GraphTooLarge
from .draw import check_size as check_size
from .draw import draw as draw
from .draw import svg as svg
from .facts import STEPS as STEPS
from .facts import Facts as Facts
from .facts import description as description
from .facts import error_curve as error_curve
from .facts import names as names
from .facts import read as read
from .facts import sentence as sentence
from .facts import table as table
