"""Explorers: a stage for the scenes, questions to answer; no other floor imports widgets."""

from .backward import BackwardExplorer as BackwardExplorer
from .backward import backward as backward
from .descent import DescentExplorer as DescentExplorer
from .descent import descent as descent
from .entries import EntriesExplorer as EntriesExplorer
from .entries import entries as entries
from .gate import GateExplorer as GateExplorer
from .gate import gate as gate
from .memory import MemoryExplorer as MemoryExplorer
from .memory import memory as memory
from .nudge import NudgeExplorer as NudgeExplorer
from .nudge import nudge as nudge
from .paths import PathsExplorer as PathsExplorer
from .paths import paths as paths
from .predict import Prediction as Prediction
from .predict import predict as predict
from .stage import STILL_FIRST as STILL_FIRST
from .stage import Stage as Stage
