"""The slider panels of the notebooks, one file each."""

from lstm_helpers.explorers.cell import CellExplorer, cell_map
from lstm_helpers.explorers.chain import cell_chain
from lstm_helpers.explorers.forgetting import ForgettingExplorer
from lstm_helpers.explorers.gate import GateExplorer
from lstm_helpers.explorers.gradient import GradientExplorer
from lstm_helpers.explorers.learning import LearningExplorer
from lstm_helpers.explorers.memory import MemoryUnitExplorer
from lstm_helpers.explorers.opened import OpenedModelExplorer, open_lstm
from lstm_helpers.explorers.pointwise import PointwiseExplorer
from lstm_helpers.explorers.schedule import ScheduleExplorer, schedules
from lstm_helpers.explorers.text import TextExplorer
from lstm_helpers.explorers.unrolled import UnrolledExplorer
from lstm_helpers.explorers.variant import VariantExplorer, variants

__all__ = [
    "CellExplorer",
    "ForgettingExplorer",
    "GateExplorer",
    "GradientExplorer",
    "LearningExplorer",
    "MemoryUnitExplorer",
    "OpenedModelExplorer",
    "PointwiseExplorer",
    "ScheduleExplorer",
    "TextExplorer",
    "UnrolledExplorer",
    "VariantExplorer",
    "cell_chain",
    "cell_map",
    "open_lstm",
    "schedules",
    "variants",
]
