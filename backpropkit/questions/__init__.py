"""What the lessons ask before anything moves: questions as rows, and the kinds they are of."""

from .kinds import Number, Question, Slope
from .table import QUESTIONS

__all__ = ["QUESTIONS", "Number", "Question", "Slope"]
