"""Recorded trainings: the recipe of each, and its weights at about forty moments.

Notebooks open these runs instead of training. `make runs` trains them again from their recipes. A training that is a
notebook's own code is recorded by `recall`.
"""

from lstm_helpers.runs.calls import calls_state
from lstm_helpers.runs.exam import Exam
from lstm_helpers.runs.recalled import recall
from lstm_helpers.runs.recipes import NAMES, RECIPES, Recipe
from lstm_helpers.runs.run import Run, open_run, record

__all__ = ["NAMES", "RECIPES", "Exam", "Recipe", "Run", "calls_state", "open_run", "recall", "record"]
